# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes layers, paper_a, paper_b and classification.safetensors with PyTorch, in double:  python3 make_golden.py

Needs torch only. Images are stored as (n, h, w, c), parameters in PyTorch's own layouts.
"""
import copy
import json
import struct
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
HERE = Path(__file__).parent


def write(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F64", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def last(x):  # (n, c, h, w) to (n, h, w, c)
    return x.permute(0, 2, 3, 1).contiguous() if x.dim() == 4 else x.reshape(x.shape[0], 1, 1, -1)


def layers():
    out = {}
    cases = {
        "conv": (nn.Conv2d(3, 5, 4, 2, 1), (2, 3, 7, 6)),
        "conv_no_bias": (nn.Conv2d(2, 3, 3, 1, 2, bias=False), (1, 2, 5, 4)),
        "conv_transpose": (nn.ConvTranspose2d(4, 3, 4, 2, 1), (2, 4, 3, 5)),
        "conv_transpose_padded": (nn.ConvTranspose2d(2, 3, 3, 2, 1, output_padding=1), (1, 2, 4, 3)),
        "linear": (nn.Linear(7, 4), (3, 7)),
        "batch_norm": (nn.BatchNorm2d(3), (4, 3, 3, 5)),
        "batch_norm_eval": (nn.BatchNorm2d(3).eval(), (2, 3, 3, 5)),
        "group_norm": (nn.GroupNorm(2, 6), (2, 6, 3, 2)),
        "leaky_relu": (nn.LeakyReLU(0.2), (2, 3, 3, 2)),
        "relu": (nn.ReLU(), (2, 3, 3, 2)),
        "tanh": (nn.Tanh(), (2, 3, 3, 2)),
        "sigmoid": (nn.Sigmoid(), (2, 3, 3, 2)),
        "flatten": (nn.Flatten(), (2, 3, 3, 2)),
    }
    for name, (layer, shape) in cases.items():
        for parameter in layer.parameters():
            parameter.data = torch.randn_like(parameter)
        if "batch_norm" in name:
            layer.running_mean = torch.randn(3)
            layer.running_var = torch.rand(3) + 0.5
            out[name + ".running_mean"] = layer.running_mean.clone()
            out[name + ".running_var"] = layer.running_var.clone()
        x = torch.randn(shape, requires_grad=True)
        y = layer(x)
        dy = torch.randn_like(y)
        y.backward(dy)
        out |= {f"{name}.x": last(x), f"{name}.y": last(y), f"{name}.dy": last(dy), f"{name}.dx": last(x.grad)}
        for key, parameter in layer.named_parameters():
            out[f"{name}.{key}"] = parameter
            out[f"{name}.d{key}"] = parameter.grad
        if "batch_norm" in name:
            out[name + ".running_mean_after"] = layer.running_mean
            out[name + ".running_var_after"] = layer.running_var
    write("layers.safetensors", out, {"torch": torch.__version__})


def net():
    return nn.Sequential(
        nn.Conv2d(1, 4, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(4, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.LeakyReLU(0.2),
        nn.Conv2d(8, 8, 2, 1, 0),
        nn.ConvTranspose2d(8, 8, 2, 1, 0), nn.BatchNorm2d(8), nn.ReLU(),
        nn.ConvTranspose2d(8, 4, 4, 2, 1), nn.BatchNorm2d(4), nn.ReLU(),
        nn.ConvTranspose2d(4, 1, 4, 2, 1), nn.Tanh())


def training(path, distance, weights, a):
    """The published step: f(x), f(z), f'(f(z)) with a frozen copy f', f(stop f(z)); smoothing by D(f(z), z)."""
    out, batch = {}, 8
    f = net()
    for parameter in f.parameters():
        parameter.data = parameter.data + 0.1 * torch.randn_like(parameter)
    for name, parameter in f.named_parameters():
        out["initial." + name] = parameter.clone()
    adam = torch.optim.Adam(f.parameters(), lr=2e-3, betas=(0.5, 0.999))
    rows = []
    for step in range(10):
        x = (torch.rand(batch, 1, 8, 8) * 2 - 1).float().double()
        z = torch.randn(batch, 1, 8, 8).float().double()
        out[f"x{step}"], out[f"z{step}"] = last(x), last(z)
        frozen = copy.deepcopy(f)
        for parameter in frozen.parameters():
            parameter.requires_grad_(False)
        d = lambda p, q: distance(p, q).flatten(1).mean(1)
        fx, fz = f(x), f(z)
        rec, idem = d(fx, x), d(frozen(fz), fz)
        y = fz.detach()
        t = d(f(y), y)
        if a:
            reach = a * d(y, z).clamp_min(1e-6)
            term = -reach * torch.tanh(t / reach)
        else:
            term = -t
        total = weights[0] * rec.mean() + weights[1] * idem.mean() + weights[2] * term.mean()
        rows.append([rec.mean(), idem.mean(), term.mean(), total])
        adam.zero_grad()
        total.backward()
        adam.step()
    out["losses"] = torch.tensor([[v.item() for v in row] for row in rows])
    for name, parameter in f.named_parameters():
        out["final." + name] = parameter
    write(path, out, {"torch": torch.__version__})


def classification():
    """Max pooling with ties, cross-entropy, and ten steps of a small classifier by Adam."""
    out = {}
    for name, pool, shape in [("max_pool", nn.MaxPool2d(2, 2), (2, 3, 7, 6)), ("max_pool_overlapping", nn.MaxPool2d(3, 2), (2, 3, 8, 7)),
                              ("max_pool_gaps", nn.MaxPool2d(2, 3), (1, 2, 8, 7))]:
        x = torch.randn(shape).round().requires_grad_()
        y = pool(x)
        dy = torch.randn_like(y)
        y.backward(dy)
        out |= {f"{name}.x": last(x), f"{name}.y": last(y), f"{name}.dy": last(dy), f"{name}.dx": last(x.grad)}
    logits = (10 * torch.randn(6, 7)).requires_grad_()
    labels = torch.randint(7, (6,))
    nn.functional.cross_entropy(logits, labels).backward()
    losses = nn.functional.cross_entropy(logits, labels, reduction="none")
    out |= {"logits": logits, "labels": labels.double(), "losses": losses, "dlogits": logits.grad}
    f = nn.Sequential(nn.Conv2d(2, 4, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
                      nn.Flatten(), nn.Linear(24, 8), nn.ReLU(), nn.Linear(8, 3))
    for name, parameter in f.named_parameters():
        out["initial." + name] = parameter.clone()
    adam = torch.optim.Adam(f.parameters(), lr=2e-3, betas=(0.9, 0.999))
    rows = []
    for step in range(10):
        x, t = torch.randn(6, 2, 8, 8), torch.randint(3, (6,))
        out[f"x{step}"], out[f"t{step}"] = last(x), t.double()
        y = f(x)
        loss = nn.functional.cross_entropy(y, t)
        rows.append([loss.item(), (y.argmax(1) == t).double().mean().item()])
        adam.zero_grad()
        loss.backward()
        adam.step()
    out["steps"] = torch.tensor(rows)
    for name, parameter in f.named_parameters():
        out["final." + name] = parameter
    write("classification.safetensors", out, {"torch": torch.__version__})


layers()
training("paper_a.safetensors", lambda p, q: (p - q) ** 2, (1, 1, 0.1), None)
training("paper_b.safetensors", lambda p, q: (p - q).abs(), (20, 20, 2.5), 1.5)
classification()
