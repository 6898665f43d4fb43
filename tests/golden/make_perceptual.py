# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes perceptual.safetensors with PyTorch, in double:  python3 make_perceptual.py

The perceptual distance of three pairs of images, and its gradients with respect to both, weighted by sample: by autograd through a
classifier in evaluation mode. The elementwise part is the mean squared, and the mean absolute difference.
"""

import torch
from torch import nn

import safetensors_file

WEIGHTS = {1: 0.8, 4: 1.3, 8: 0.4}  # of the layers
PIXEL_WEIGHT = 0.6


def last(x):  # (n, c, h, w) to (n, h, w, c)
    return x.permute(0, 2, 3, 1).contiguous()


torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
f = nn.Sequential(nn.Conv2d(2, 3, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 4, 3, 1, 1), nn.LeakyReLU(0.2), nn.BatchNorm2d(4),
                  nn.Flatten(), nn.Linear(24, 5), nn.Tanh(), nn.Linear(5, 3)).eval()
f[5].running_mean = torch.randn(4)
f[5].running_var = torch.rand(4) + 0.5
a, b = (torch.randn(3, 2, 6, 5, requires_grad=True) for _ in range(2))
scale = torch.randn(3)
out = {"a": last(a), "b": last(b), "scale": scale}
out |= {"f." + name: value for name, value in f.state_dict().items() if value.dtype == torch.float64}


def features(x):
    outputs = {}
    for i, layer in enumerate(f):
        x = layer(x)
        outputs[i] = x
    return outputs


def mean(x):
    return x.flatten(1).mean(1)


for name, pixel in {"mse": lambda p, q: (p - q) ** 2, "l1": lambda p, q: (p - q).abs()}.items():
    of_a, of_b = features(a), features(b)
    distance = PIXEL_WEIGHT * mean(pixel(a, b)) + sum(w * mean((of_a[i] - of_b[i]) ** 2) for i, w in WEIGHTS.items())
    da, db = torch.autograd.grad((scale * distance).sum(), (a, b))
    out |= {name: distance, f"{name}.da": last(da), f"{name}.db": last(db)}

safetensors_file.write("perceptual.safetensors", out, {"torch": torch.__version__})
