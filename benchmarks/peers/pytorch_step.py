# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Time of an IGN training step in PyTorch, for the nets of bench_step:  python3 pytorch_step.py [S M L] [--threads 2] [--seconds 10]

Variants: the published step (four passes, frozen copy) and ours written in PyTorch (three passes), each with NCHW and channels-last
memory. Prints minimum and median in milliseconds.
"""
import argparse
import copy
import statistics
import time

import torch
from torch import nn


def dcgan(image_channels, stages, latent, bias):
    layers, c = [], image_channels
    for i, s in enumerate(stages):
        layers += [nn.Conv2d(c, s, 4, 2, 1, bias=bias or i == 0)] + ([nn.BatchNorm2d(s)] if i else []) + [nn.LeakyReLU(0.2)]
        c = s
    layers += [nn.Conv2d(c, latent, 4, 1, 0), nn.ConvTranspose2d(latent, c, 4, 1, 0, bias=bias), nn.BatchNorm2d(c), nn.ReLU()]
    for s in reversed(stages[:-1]):
        layers += [nn.ConvTranspose2d(c, s, 4, 2, 1, bias=bias), nn.BatchNorm2d(s), nn.ReLU()]
        c = s
    net = nn.Sequential(*layers, nn.ConvTranspose2d(c, image_channels, 4, 2, 1), nn.Tanh())
    for p in net.parameters():
        if p.dim() == 4:
            nn.init.normal_(p, 0, 0.02)
    return net


mse, l1 = (lambda a, b: ((a - b) ** 2).mean()), (lambda a, b: (a - b).abs().mean())
CASES = {
    "S": (lambda: dcgan(1, [16, 32, 64], 64, False), (128, 1, 32, 32), mse, (1, 1, 0.25)),
    "M": (lambda: dcgan(1, [32, 64, 128], 128, True), (128, 1, 32, 32), l1, (20, 20, 2.5)),
    "L": (lambda: dcgan(3, [64, 128, 256, 512], 512, True), (64, 3, 64, 64), l1, (20, 20, 2.5)),
}


def published(f, frozen, x, z, d, w):
    with torch.no_grad():
        for p, q in zip(frozen.parameters(), f.parameters()):
            p.copy_(q)
    fx, fz = f(x), f(z)
    y = fz.detach()
    (w[0] * d(fx, x) + w[1] * d(frozen(fz), fz) - w[2] * d(f(y), y)).backward()


def three_passes(f, frozen, x, z, d, w):
    parameters = list(f.parameters())
    fx, fz = f(x), f(z)
    y = fz.detach().requires_grad_()
    dy, *tightness = torch.autograd.grad(d(f(y), y), [y, *parameters])  # dy has both of D's arguments
    torch.autograd.backward([w[0] * d(fx, x), fz], [None, w[1] * dy])
    for p, g in zip(parameters, tightness):
        p.grad.add_(g, alpha=-w[2])


def measure(case, step, layout, seconds):
    make, shape, d, w = CASES[case]
    f = make().to(memory_format=layout)
    frozen = copy.deepcopy(f).requires_grad_(False)
    adam = torch.optim.Adam(f.parameters(), lr=1e-4, betas=(0.5, 0.999))
    x = (torch.rand(shape) * 2 - 1).to(memory_format=layout)
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 8:
        begin = time.perf_counter()
        z = torch.randn(shape).to(memory_format=layout)
        adam.zero_grad()
        step(f, frozen, x, z, d, w)
        adam.step()
        times.append(1000 * (time.perf_counter() - begin))
    return min(times[3:]), statistics.median(times[3:])


parser = argparse.ArgumentParser()
parser.add_argument("cases", nargs="*", default=["S", "M"])
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seconds", type=float, default=10)
options = parser.parse_args()
torch.set_num_threads(options.threads)
print(f"PyTorch {torch.__version__}, {options.threads} threads; milliseconds: minimum, median")
for case in options.cases:
    for step in (published, three_passes):
        for layout in (torch.contiguous_format, torch.channels_last):
            low, middle = measure(case, step, layout, options.seconds)
            print(f"{case} {step.__name__:13} {str(layout):25} {low:8.1f} {middle:8.1f}", flush=True)
