# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes the safetensors files beside it with PyTorch, in double:  python3 make_golden.py

Needs torch only. Images are stored as (n, h, w, c), fields as (n, d·h, w, c), parameters in PyTorch's own layouts.
"""
import copy
import sys
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "python"))
import ign_torch  # noqa: E402
from nets import residual_dcgan  # noqa: E402
from safetensors_file import write  # noqa: E402


def last(x):  # (n, c, h, w) to (n, h, w, c), (n, c, d, h, w) to (n, d·h, w, c)
    if x.dim() == 5:
        return x.permute(0, 2, 3, 4, 1).flatten(1, 2).contiguous()
    return x.permute(0, 2, 3, 1).contiguous() if x.dim() == 4 else x.reshape(x.shape[0], 1, 1, -1)


def add(out, name, layer, shape):
    x = torch.randn(shape, requires_grad=True)
    y = layer(x)
    dy = torch.randn_like(y)
    y.backward(dy)
    out |= {f"{name}.x": last(x), f"{name}.y": last(y), f"{name}.dy": last(dy), f"{name}.dx": last(x.grad)}
    for key, parameter in layer.named_parameters():
        out[f"{name}.{key}"] = parameter
        out[f"{name}.d{key}"] = parameter.grad


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
        add(out, name, layer, shape)
        if "batch_norm" in name:
            out[name + ".running_mean_after"] = layer.running_mean
            out[name + ".running_var_after"] = layer.running_var
    write("layers.safetensors", out, {"torch": torch.__version__})


def padding():
    """Convolutions that continue their input; the transposed ones as python/ign_torch.py has them."""
    torch.manual_seed(8)
    out = {}
    cases = {
        "conv_circular": (nn.Conv2d(3, 5, 4, 2, 1, padding_mode="circular"), (2, 3, 8, 6)),
        "conv_reflect": (nn.Conv2d(2, 3, 3, 1, 1, padding_mode="reflect"), (2, 2, 5, 4)),
        "conv_circular_wide": (nn.Conv2d(2, 3, 5, 1, 2, bias=False, padding_mode="circular"), (1, 2, 2, 7)),
        "conv_reflect_odd": (nn.Conv2d(4, 2, 3, 2, 1, padding_mode="reflect"), (1, 4, 7, 5)),
        "conv_transpose_circular": (ign_torch.PaddedConvTranspose2d(4, 3, 4, 2, 1, padding_mode="circular"), (2, 4, 3, 5)),
        "conv_transpose_reflect": (ign_torch.PaddedConvTranspose2d(2, 3, 3, 2, 1, 1, padding_mode="reflect"), (1, 2, 4, 3)),
    }
    for name, (layer, shape) in cases.items():
        for parameter in layer.parameters():
            parameter.data = torch.randn_like(parameter)
        add(out, name, layer, shape)
    write("padding.safetensors", out, {"torch": torch.__version__})


def padding_of_volumes():
    """As `padding`, in three dimensions."""
    torch.manual_seed(10)
    out = {}
    cases = {
        "conv_circular": (nn.Conv3d(3, 5, 4, 2, 1, padding_mode="circular"), (2, 3, 6, 4, 4)),
        "conv_reflect": (nn.Conv3d(2, 3, 3, 1, 1, padding_mode="reflect"), (2, 2, 3, 5, 4)),
        "conv_circular_wide": (nn.Conv3d(2, 3, 5, 1, 2, bias=False, padding_mode="circular"), (1, 2, 2, 3, 7)),
        "conv_reflect_odd": (nn.Conv3d(4, 2, 3, 2, 1, padding_mode="reflect"), (1, 4, 5, 7, 5)),
        "conv_transpose_circular": (ign_torch.PaddedConvTranspose3d(4, 3, 4, 2, 1, padding_mode="circular"), (2, 4, 2, 3, 3)),
        "conv_transpose_reflect": (ign_torch.PaddedConvTranspose3d(2, 3, 3, 2, 1, 1, padding_mode="reflect"), (1, 2, 4, 3, 2)),
    }
    for name, (layer, shape) in cases.items():
        for parameter in layer.parameters():
            parameter.data = torch.randn_like(parameter)
        add(out, name, layer, shape)
    write("padding_volumes.safetensors", out, {"torch": torch.__version__})


def volumes():
    """Convolutions of fields of three dimensions."""
    torch.manual_seed(9)
    out = {}
    cases = {
        "conv": (nn.Conv3d(3, 5, 4, 2, 1), (2, 3, 6, 6, 6)),
        "conv_wide": (nn.Conv3d(8, 9, 4, 2, 1), (2, 8, 6, 4, 4)),
        "conv_one_channel": (nn.Conv3d(1, 8, 4, 2, 1), (2, 1, 8, 4, 6)),
        "conv_no_bias": (nn.Conv3d(2, 3, 3, 1, 1, bias=False), (1, 2, 3, 5, 4)),
        "conv_dense": (nn.Conv3d(4, 6, 2), (3, 4, 2, 2, 2)),
        "conv_transpose": (nn.ConvTranspose3d(9, 8, 4, 2, 1), (2, 9, 3, 2, 2)),
        "conv_transpose_one_channel": (nn.ConvTranspose3d(6, 1, 4, 2, 1), (2, 6, 4, 2, 3)),
        "conv_transpose_padded": (nn.ConvTranspose3d(2, 3, 3, 2, 1, output_padding=1), (1, 2, 3, 3, 3)),
    }
    for name, (layer, shape) in cases.items():
        for parameter in layer.parameters():
            parameter.data = torch.randn_like(parameter)
        add(out, name, layer, shape)
    write("volumes.safetensors", out, {"torch": torch.__version__})


def volume_net():
    return nn.Sequential(
        nn.Conv3d(1, 4, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv3d(4, 8, 4, 2, 1), nn.BatchNorm3d(8), nn.LeakyReLU(0.2),
        nn.Conv3d(8, 4, 2, 1, 0),
        nn.ConvTranspose3d(4, 8, 2, 1, 0), nn.BatchNorm3d(8), nn.ReLU(),
        nn.ConvTranspose3d(8, 4, 4, 2, 1), nn.BatchNorm3d(4), nn.ReLU(),
        nn.ConvTranspose3d(4, 1, 4, 2, 1), nn.Tanh())


def net():
    return nn.Sequential(
        nn.Conv2d(1, 4, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(4, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.LeakyReLU(0.2),
        nn.Conv2d(8, 8, 2, 1, 0),
        nn.ConvTranspose2d(8, 8, 2, 1, 0), nn.BatchNorm2d(8), nn.ReLU(),
        nn.ConvTranspose2d(8, 4, 4, 2, 1), nn.BatchNorm2d(4), nn.ReLU(),
        nn.ConvTranspose2d(4, 1, 4, 2, 1), nn.Tanh())


def training(path, distance, weights, a, net=net, image=(1, 8, 8), batch=8):
    """The published step: f(x), f(z), f'(f(z)) with a constant copy f', f(stop f(z)); smoothing by D(f(z), z)."""
    out = {}
    f = net()
    for parameter in f.parameters():
        parameter.data = parameter.data + 0.1 * torch.randn_like(parameter)
    for name, parameter in f.named_parameters():
        out["initial." + name] = parameter.clone()
    adam = torch.optim.Adam(f.parameters(), lr=2e-3, betas=(0.5, 0.999))
    rows = []
    for step in range(10):
        x = (torch.rand(batch, *image) * 2 - 1).float().double()
        z = torch.randn(batch, *image).float().double()
        out[f"x{step}"], out[f"z{step}"] = last(x), last(z)
        constant = copy.deepcopy(f)
        for parameter in constant.parameters():
            parameter.requires_grad_(False)
        d = lambda p, q: distance(p, q).flatten(1).mean(1)
        fx, fz = f(x), f(z)
        rec, idem = d(fx, x), d(constant(fz), fz)
        y = fz.detach()
        t = d(f(y), y)
        if a:
            bound = a * d(y, z).clamp_min(1e-6)
            term = -bound * torch.tanh(t / bound)
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


def binary_cross_entropy():
    torch.manual_seed(2)
    logits = torch.cat([torch.randn(20) * 3, torch.tensor([0.0, 80.0, -80.0, 700.0, -700.0, 1e-9])])
    targets = torch.cat([torch.rand(20), torch.tensor([1.0, 0.0, 1.0, 1.0, 0.0, 0.5])])
    logits.requires_grad_(True)
    loss = nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    loss.sum().backward()
    write("binary_cross_entropy.safetensors", {"logits": logits, "targets": targets, "loss": loss, "dlogits": logits.grad}, {})


class MinibatchStddev(nn.Module):
    """Groups of `group` samples and more, cut as evenly as can be; one channel at the end."""

    def __init__(self, group):
        super().__init__()
        self.group = group

    def forward(self, x):
        count = max(1, x.shape[0] // self.group)
        cuts = [x.shape[0] * g // count for g in range(count + 1)]
        spread = [(x[a:b].var(0, unbiased=False) + 1e-8).sqrt().mean() for a, b in zip(cuts, cuts[1:])]
        channel = torch.cat([s.expand(b - a, 1, *x.shape[2:]) for s, a, b in zip(spread, cuts, cuts[1:])])
        return torch.cat([x, channel], 1)


def minibatch_stddev():
    torch.manual_seed(3)
    x = torch.randn(7, 3, 4, 5, requires_grad=True)
    y = MinibatchStddev(3)(x)
    dy = torch.randn_like(y)
    y.backward(dy)
    write("minibatch_stddev.safetensors", {"layer.x": last(x), "layer.y": last(y), "layer.dy": last(dy), "layer.dx": last(x.grad)}, {})


def attention():
    """SelfAttention as python/ign_torch.py has it, upsampling and average pooling."""
    torch.manual_seed(11)
    out = {}
    cases = {
        "default": (ign_torch.SelfAttention(16), (2, 16, 4, 5)),
        "scaled": (ign_torch.SelfAttention(6, 3, 5, 3**-0.5), (1, 6, 7, 9)),
        "pixel": (ign_torch.SelfAttention(1, 2, 1), (2, 1, 1, 1)),
        "volume": (ign_torch.SelfAttention(4, 2, 3), (2, 4, 2, 3, 3)),
        "upsample": (nn.Upsample(scale_factor=2), (2, 3, 4, 5)),
        "upsample_three": (nn.Upsample(scale_factor=3, mode="nearest"), (1, 2, 3, 2)),
        "avg_pool": (nn.AvgPool2d(2), (2, 3, 7, 6)),
        "avg_pool_overlapping": (nn.AvgPool2d(3, 2), (2, 3, 8, 7)),
        "avg_pool_gaps": (nn.AvgPool2d(2, 3), (1, 2, 8, 7)),
    }
    for name, (layer, shape) in cases.items():
        for parameter in layer.parameters():
            parameter.data = torch.randn_like(parameter) * 0.5
        add(out, name, layer, shape)
    write("attention.safetensors", out, {"torch": torch.__version__})


def shifted(f):
    for parameter in f.parameters():
        parameter.data = parameter.data + 0.1 * torch.randn_like(parameter)
    return f


def gan():
    """Ten steps of a DCGAN: the discriminator on x and on G(z), then the generator with the same z."""
    torch.manual_seed(4)
    out, batch = {}, 8
    d = shifted(nn.Sequential(
        nn.Conv2d(1, 4, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(4, 8, 4, 2, 1, bias=False), nn.BatchNorm2d(8), nn.LeakyReLU(0.2),
        MinibatchStddev(4), nn.Conv2d(9, 8, 2, 1, 0, bias=False), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 1, bias=False)))
    g = shifted(nn.Sequential(
        nn.ConvTranspose2d(8, 8, 2, 1, 0, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        nn.ConvTranspose2d(8, 4, 4, 2, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
        nn.ConvTranspose2d(4, 1, 4, 2, 1), nn.Tanh()))
    nets = {"discriminator.": d, "generator.": g}
    for prefix, net in nets.items():
        out |= {"initial." + prefix + name: parameter.clone() for name, parameter in net.named_parameters()}
    adam_d, adam_g = (torch.optim.Adam(f.parameters(), lr=2e-3, betas=(0.5, 0.999)) for f in (d, g))
    bce = nn.BCEWithLogitsLoss()
    ones, zeros = torch.ones(batch, 1, 1, 1), torch.zeros(batch, 1, 1, 1)
    rows = []
    for step in range(10):
        x = (torch.rand(batch, 1, 8, 8) * 2 - 1).float().double()
        z = torch.randn(batch, 8, 1, 1).float().double()
        out[f"x{step}"], out[f"z{step}"] = last(x), last(z)
        image = g(z)
        loss_d = bce(d(x), ones) + bce(d(image.detach()), zeros)
        adam_d.zero_grad()
        loss_d.backward()
        adam_d.step()
        loss_g = bce(d(image), ones)
        adam_g.zero_grad()
        loss_g.backward()
        adam_g.step()
        rows.append([loss_d.item(), loss_g.item()])
    out["losses"] = torch.tensor(rows)
    for prefix, net in nets.items():
        out |= {"final." + prefix + name: parameter for name, parameter in net.named_parameters()}
    write("gan.safetensors", out, {"torch": torch.__version__})


def imle():
    """Ten steps with MSE, weights 1.3 and 0.7, a pool of 3 latents for each sample, and no norm."""
    torch.manual_seed(5)
    out, batch = {}, 8
    f = shifted(nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 16), nn.LeakyReLU(0.2), nn.Linear(16, 2)))
    out |= {"initial." + name: parameter.clone() for name, parameter in f.named_parameters()}
    adam = torch.optim.Adam(f.parameters(), lr=2e-3, betas=(0.5, 0.999))
    rows = []
    for step in range(10):
        x = torch.randn(batch, 2).float().double()
        z = torch.randn(3 * batch, 2).float().double()
        out[f"x{step}"], out[f"z{step}"] = last(x), last(z)
        with torch.no_grad():
            chosen = z[torch.cdist(x, f(z)).argmin(1)]
        reconstruction = ((f(x) - x) ** 2).mean()
        generation = ((f(chosen) - x) ** 2).mean()
        adam.zero_grad()
        (1.3 * reconstruction + 0.7 * generation).backward()
        adam.step()
        rows.append([reconstruction.item(), generation.item()])
    out["losses"] = torch.tensor(rows)
    out |= {"final." + name: parameter for name, parameter in f.named_parameters()}
    write("imle.safetensors", out, {"torch": torch.__version__})


binary_cross_entropy()
minibatch_stddev()
attention()
gan()
imle()
padding()
padding_of_volumes()
volumes()
torch.manual_seed(10)
training("paper_a_volume.safetensors", lambda p, q: (p - q) ** 2, (1, 1, 0.1), None, volume_net, (1, 8, 8, 8), 3)
torch.manual_seed(12)
training("paper_a_residual.safetensors", lambda p, q: (p - q) ** 2, (1, 1, 0.1), None, lambda: residual_dcgan(1, (4, 8), 8))
