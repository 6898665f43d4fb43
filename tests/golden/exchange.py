# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Nets that PyTorch and the library must agree on:

    python3 exchange.py make            writes the exchange_*.safetensors beside it, with what PyTorch makes of x
    python3 exchange.py check FOLDER    reads what test_exchange.cpp has written there, compares, and writes changed weights back

Needs torch only. Images are stored as (n, h, w, c), fields as (n, d·h, w, c).
"""
import copy
import json
import sys
from pathlib import Path

import torch
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "python"))
import ign_torch  # noqa: E402
from nets import residual_dcgan  # noqa: E402


def last(x):
    if x.dim() == 5:
        return x.permute(0, 2, 3, 4, 1).flatten(1, 2).contiguous()
    return x.permute(0, 2, 3, 1).contiguous()


def first(x, image):
    if len(image) == 4:
        return x.unflatten(1, image[1:3]).permute(0, 4, 1, 2, 3).contiguous()
    return x.permute(0, 3, 1, 2).contiguous()


def dcgan(norm, bias):
    return nn.Sequential(
        nn.Conv2d(2, 4, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(4, 6, 4, 2, 1, bias=bias), norm(6), nn.LeakyReLU(0.2),
        nn.Conv2d(6, 5, 2, 1, 0),
        nn.ConvTranspose2d(5, 6, 2, 1, 0, bias=bias), norm(6), nn.ReLU(),
        nn.ConvTranspose2d(6, 4, 4, 2, 1, bias=bias), norm(4), nn.ReLU(),
        nn.ConvTranspose2d(4, 2, 4, 2, 1), nn.Tanh(),
    )


NETS = {  # net, image (c, h, w) or field (c, d, h, w)
    "batch_norm": (dcgan(nn.BatchNorm2d, True), (2, 8, 8)),
    "group_norm": (dcgan(lambda channels: nn.GroupNorm(2, channels), False), (2, 8, 8)),
    "mlp": (
        nn.Sequential(
            nn.Flatten(), nn.Linear(12, 7), nn.LeakyReLU(0.2), nn.Linear(7, 5), nn.LeakyReLU(0.2), nn.Linear(5, 12), nn.Unflatten(1, (2, 3, 2))
        ),
        (2, 3, 2),
    ),
    "residual": (
        nn.Sequential(
            nn.Conv2d(2, 4, 3, 1, 1),
            ign_torch.Residual(
                nn.Conv2d(4, 6, 3, 1, 1, bias=False), nn.BatchNorm2d(6), nn.LeakyReLU(0.2), nn.Conv2d(6, 4, 3, 1, 1, bias=False), nn.BatchNorm2d(4)
            ),
            nn.ReLU(),
            ign_torch.Residual(
                nn.BatchNorm2d(4), nn.ReLU(), ign_torch.Residual(nn.Conv2d(4, 4, 1), nn.Tanh()), nn.Flatten(), nn.Linear(80, 3),
                nn.Linear(3, 80), nn.Unflatten(1, (4, 5, 4))
            ),
            nn.Conv2d(4, 2, 3, 1, 1), nn.Tanh(),
        ),
        (2, 5, 4),
    ),
    "padding": (
        nn.Sequential(
            nn.Conv2d(2, 5, 3, 1, 1, padding_mode="circular"), nn.LeakyReLU(0.2),
            nn.Conv2d(5, 6, 4, 2, 1, bias=False, padding_mode="circular"), nn.BatchNorm2d(6), nn.LeakyReLU(0.2),
            ign_torch.Residual(nn.Conv2d(6, 6, 3, 1, 1, padding_mode="reflect"), nn.Tanh()),
            ign_torch.PaddedConvTranspose2d(6, 4, 4, 2, 1, bias=False, padding_mode="circular"), nn.BatchNorm2d(4), nn.ReLU(),
            ign_torch.PaddedConvTranspose2d(4, 3, 3, 1, 1, padding_mode="reflect"),
            nn.Conv2d(3, 2, 5, 1, 2, padding_mode="reflect"),
        ),
        (2, 8, 6),
    ),
    "volume": (
        nn.Sequential(
            nn.Conv3d(2, 4, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv3d(4, 6, 2, 1, 0, bias=False), nn.BatchNorm3d(6), nn.ReLU(),
            nn.ConvTranspose3d(6, 4, 2, 1, 0, bias=False), nn.BatchNorm3d(4), nn.ReLU(), nn.ConvTranspose3d(4, 2, 4, 2, 1), nn.Tanh(),
        ),
        (2, 4, 4, 4),
    ),
    "volume_padding": (
        nn.Sequential(
            nn.Conv3d(2, 4, 4, 2, 1, padding_mode="circular"), nn.BatchNorm3d(4), nn.LeakyReLU(0.2),
            ign_torch.Residual(nn.Conv3d(4, 4, 3, 1, 1, padding_mode="reflect"), nn.Tanh()),
            ign_torch.PaddedConvTranspose3d(4, 3, 4, 2, 1, bias=False, padding_mode="circular"), nn.BatchNorm3d(3), nn.ReLU(),
            ign_torch.PaddedConvTranspose3d(3, 2, 3, 1, 1, padding_mode="reflect"),
        ),
        (2, 6, 4, 4),
    ),
    "attention": (
        nn.Sequential(
            nn.Conv2d(2, 8, 3, 1, 1), nn.BatchNorm2d(8), nn.ReLU(), ign_torch.SelfAttention(8), nn.AvgPool2d(2),
            ign_torch.Residual(ign_torch.SelfAttention(8, 3, 5, 0.5), nn.Tanh()), nn.Upsample(scale_factor=2), nn.Conv2d(8, 2, 3, 1, 1),
        ),
        (2, 6, 4),
    ),
    "residual_dcgan": (residual_dcgan(2, (4, 6), 5), (2, 8, 8)),
}


def scatter(net):
    """Random weights, and running statistics that are those of no data."""
    for name, tensor in net.state_dict().items():
        if name.endswith("running_var"):
            tensor.copy_(torch.rand_like(tensor) + 0.5)
        elif tensor.is_floating_point():
            tensor.copy_(torch.randn_like(tensor) * 0.4)


def roles_of(net):
    """The net with the running statistics of each role."""
    roles = {"data": net}
    for role in ign_torch.ROLES[1:]:
        roles[role] = copy.deepcopy(net)
        for name, tensor in roles[role].state_dict().items():
            if "running_" in name:
                tensor.copy_(torch.rand_like(tensor) + 0.5)
    return roles


@torch.no_grad()
def write(path, net, image):
    """A file with the net, x, and f(x): by role in evaluation mode, and with the statistics of the batch."""
    roles = roles_of(net.eval())
    x = torch.randn(5, *image)
    others = {"source": roles["source"], "generated": roles["image"]}  # "generated" is the role "image" of files
    tensors = ign_torch.arrays(net, others) | {"x": last(x)}
    for role, f in roles.items():
        tensors[f"y.{role}"] = last(f(x))
    tensors["y.batch"] = last(copy.deepcopy(net).train()(x))
    ign_torch.write(path, tensors, {"net": json.dumps(ign_torch.describe(net, image)), "torch": torch.__version__})


@torch.no_grad()
def make():
    torch.manual_seed(1)
    for name, (net, image) in NETS.items():
        scatter(net)
        write(HERE / f"exchange_{name}.safetensors", net, image)


@torch.no_grad()
def check(folder):
    torch.manual_seed(2)
    worst = 0.0
    for name, (expected, image) in NETS.items():
        path = Path(folder) / f"{name}.safetensors"
        tensors, metadata = ign_torch.read(path)
        x = first(tensors["x"], image)
        if ign_torch.describe(ign_torch.load(path), image) != ign_torch.describe(expected, image):
            sys.exit(f"{path}: makes another net than is expected: {ign_torch.load(path)}")
        found = {f"y.{role}": ign_torch.load(path, role)(x) for role in ign_torch.ROLES}
        if not torch.equal(found["y.image"], ign_torch.load(path, "generated")(x)):
            sys.exit(f"{path}: the roles image and generated differ")
        found["y.batch"] = ign_torch.load(path).train()(x)
        for key, y in found.items():
            error = (last(y) - tensors[key]).abs().max().item() / max(1, last(y).abs().max().item())
            worst = max(worst, error)
            if not error <= 1e-5:
                sys.exit(f"{path}: {key}: the library's values differ from PyTorch's by {error} of the largest (or of 1)")
        net = ign_torch.load(path)
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        write(Path(folder) / f"{name}_back.safetensors", net, image)
    print(f"torch {torch.__version__}: {len(NETS)} nets agree, largest difference {worst:.1e}")


if sys.argv[1:2] == ["make"]:
    make()
elif sys.argv[1:2] == ["check"] and len(sys.argv) == 3:
    check(sys.argv[2])
else:
    sys.exit(__doc__)
