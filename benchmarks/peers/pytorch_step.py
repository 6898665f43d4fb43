# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Time of an IGN training step, or of the projection of one image, in PyTorch, for the nets of bench_step:

    python3 pytorch_step.py step L published channels_last --dtype bf16 --compile
    python3 pytorch_step.py project S - contiguous
    python3 pytorch_step.py step L published channels_last --dtype tf32 --device cuda
    python3 pytorch_step.py --requests      # reads arguments line by line from standard input, so that PyTorch is loaded once

Steps: `published` (four passes, frozen copy) and `three_passes` (the algorithm of this library in PyTorch). The time includes drawing the
noise, the optimizer and updating the frozen copy. Prints one JSON object: median and minimum in milliseconds, the median of the processor
time of all threads, peak memory in MB (on a GPU, memory allocated by PyTorch). On a GPU, fp32 does not use tf32, which is a separate dtype.
"""
import argparse
import copy
import json
import resource
import shlex
import statistics
import sys
import time

import torch
from torch import nn


def dcgan(image_channels, stages, latent, bias, kernels=None, paddings=None, conv=nn.Conv2d, conv_transpose=nn.ConvTranspose2d, norm=nn.BatchNorm2d):
    kernels = kernels or [4] * len(stages)
    layers, c = [], image_channels
    for i, (s, k) in enumerate(zip(stages, kernels)):
        layers += [conv(c, s, k, 2, 1, bias=bias or i == 0)] + ([norm(s)] if i else []) + [nn.LeakyReLU(0.2)]
        c = s
    layers += [conv(c, latent, 4, 1, 0), conv_transpose(latent, c, 4, 1, 0, bias=bias), norm(c), nn.ReLU()]
    for s, k in zip(reversed(stages[:-1]), reversed(kernels[1:])):
        layers += [conv_transpose(c, s, k, 2, 1, bias=bias), norm(s), nn.ReLU()]
        c = s
    net = nn.Sequential(*layers, conv_transpose(c, image_channels, 4, 2, 1), nn.Tanh())
    for p in net.parameters():
        if p.dim() >= 4:
            nn.init.normal_(p, 0, 0.02)
    return net


def dcgan3d(image_channels, stages, latent):
    return dcgan(image_channels, stages, latent, False, conv=nn.Conv3d, conv_transpose=nn.ConvTranspose3d, norm=nn.BatchNorm3d)


mse, l1 = (lambda a, b: ((a - b) ** 2).mean()), (lambda a, b: (a - b).abs().mean())
CASES = {  # net, batch shape, distance, λ of reconstruction, idempotence and tightness
    "S": (lambda: dcgan(1, [16, 32, 64], 64, False), (128, 1, 32, 32), mse, (1, 1, 0.25)),
    "M": (lambda: dcgan(1, [32, 64, 128], 128, True), (128, 1, 32, 32), l1, (20, 20, 2.5)),
    "L": (lambda: dcgan(3, [64, 128, 256, 512], 512, True), (64, 3, 64, 64), l1, (20, 20, 2.5)),
    "voxel": (lambda: dcgan3d(1, [16, 32, 64], 64), (16, 1, 32, 32, 32), mse, (1, 1, 0.1)),
    "kth-mnist": (lambda: dcgan(1, [64, 128, 256], 256, False, [4, 4, 3]), (256, 1, 28, 28), mse, (1, 1, 0.1)),
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
    dy, *tightness = torch.autograd.grad(d(f(y), y), [y, *parameters])  # dy includes both arguments of D
    torch.autograd.backward([w[0] * d(fx, x), fz], [None, w[1] * dy])
    for p, g in zip(parameters, tightness):
        p.grad.add_(g, alpha=-w[2])


def answer(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["step", "project"])
    parser.add_argument("case", choices=CASES)
    parser.add_argument("step", choices=["published", "three_passes", "-"])
    parser.add_argument("layout", choices=["contiguous", "channels_last"])
    parser.add_argument("--dtype", choices=["fp32", "tf32", "bf16"], default="fp32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3)
    o = parser.parse_args(arguments)
    torch.set_num_threads(o.threads)
    on_gpu = o.device == "cuda"
    if on_gpu:
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = o.dtype != "fp32"
        torch.cuda.reset_peak_memory_stats()
    make, shape, d, w = CASES[o.case]
    last = torch.channels_last_3d if len(shape) == 5 else torch.channels_last
    layout = last if o.layout == "channels_last" else torch.contiguous_format
    f = make().to(o.device, memory_format=layout)
    times, cpu_times = [], []  # elapsed, and of all threads of the process

    def measure(run):
        begin, cpu_begin = time.perf_counter(), time.process_time()
        with torch.autocast(o.device, torch.bfloat16, enabled=o.dtype == "bf16"):
            run()
        if on_gpu:
            torch.cuda.synchronize()
        times.append(1000 * (time.perf_counter() - begin))
        cpu_times.append(1000 * (time.process_time() - cpu_begin))

    if o.what == "project":
        x = torch.randn(1, *shape[1:], device=o.device).to(memory_format=layout)
        net = f.eval()
        if o.compile:
            net = torch.jit.freeze(torch.jit.script(net))
        run = lambda: net(x)
        guard = torch.inference_mode()
    else:
        frozen = copy.deepcopy(f).requires_grad_(False)
        adam = torch.optim.Adam(f.parameters(), lr=1e-4, betas=(0.5, 0.999), fused=on_gpu)
        x = (torch.rand(shape, device=o.device) * 2 - 1).to(memory_format=layout)
        net, copied = (torch.compile(f), torch.compile(frozen)) if o.compile else (f, frozen)
        step = {"published": published, "three_passes": three_passes}[o.step]

        def run():
            z = torch.randn(shape, device=o.device).to(memory_format=layout)
            adam.zero_grad()
            step(net, copied, x, z, d, w)
            adam.step()

        guard = torch.enable_grad()
    with guard:
        for _ in range(10 if on_gpu else 3):
            measure(run)
        times.clear()
        cpu_times.clear()
        start = time.perf_counter()
        while time.perf_counter() - start < o.seconds or len(times) < 5:
            measure(run)
    peak = torch.cuda.max_memory_allocated() / 1e6 if on_gpu else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"median_ms": statistics.median(times), "median_cpu_ms": statistics.median(cpu_times), "min_ms": min(times), "torch": torch.__version__, "peak_MB": peak}), flush=True)


def main():
    if sys.argv[1:] != ["--requests"]:
        return answer(sys.argv[1:])
    for line in sys.stdin:
        try:
            answer(shlex.split(line))
        except Exception as error:
            print(json.dumps({"error": str(error).strip().splitlines()[-1]}), flush=True)


main()
