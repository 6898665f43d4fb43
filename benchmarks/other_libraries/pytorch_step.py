# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Time of an IGN training step, or of the projection of one image, in PyTorch, for the nets of bench_step:

    python3 pytorch_step.py step L published channels_last --dtype bf16 --compile
    python3 pytorch_step.py project S - contiguous
    python3 pytorch_step.py step L published channels_last --dtype tf32 --device cuda
    python3 pytorch_step.py --requests      # reads arguments line by line from standard input, so that PyTorch is loaded once

Steps: `published` (four passes, constant copy) and `three_passes` (the algorithm of this library in PyTorch). The time includes drawing
the noise, the optimizer and updating the constant copy. On a GPU the whole step, or the projection, is one CUDA graph, as in a training
loop that is tuned for speed; its time is that between two CUDA events around the launch of the graph. fp32 does not use tf32, which is a
separate dtype. Prints one JSON object: median and minimum in milliseconds and peak memory in MB (on a GPU, memory allocated by PyTorch);
on a CPU also the median of the processor time of all threads.
"""
import argparse
import copy
import gc
import json
import resource
import shlex
import statistics
import sys
import time

import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.net(x)


def residual_block(channels, activation):
    def conv():
        return nn.Conv2d(channels, channels, 3, 1, 1, bias=False)

    return [Residual(conv(), nn.BatchNorm2d(channels), activation(), conv(), nn.BatchNorm2d(channels)), activation()]


def leaky_relu():
    return nn.LeakyReLU(0.2)


def dcgan(image_channels, stages, latent, bias, kernels=None, blocks=0, conv=nn.Conv2d, conv_transpose=nn.ConvTranspose2d, norm=nn.BatchNorm2d):
    kernels = kernels or [4] * len(stages)

    def refine(scale, activation):  # scale 0, the finest, has no blocks
        return [layer for _ in range(blocks if scale else 0) for layer in residual_block(stages[scale], activation)]

    layers, c = [], image_channels
    for i, (s, k) in enumerate(zip(stages, kernels)):
        layers += [conv(c, s, k, 2, 1, bias=bias or i == 0)] + ([norm(s)] if i else []) + [leaky_relu(), *refine(i, leaky_relu)]
        c = s
    layers += [conv(c, latent, 4, 1, 0), conv_transpose(latent, c, 4, 1, 0, bias=bias), norm(c), nn.ReLU(), *refine(len(stages) - 1, nn.ReLU)]
    for i in reversed(range(len(stages) - 1)):
        layers += [conv_transpose(c, stages[i], kernels[i + 1], 2, 1, bias=bias), norm(stages[i]), nn.ReLU(), *refine(i, nn.ReLU)]
        c = stages[i]
    net = nn.Sequential(*layers, conv_transpose(c, image_channels, 4, 2, 1), nn.Tanh())
    for p in net.parameters():
        if p.dim() >= 4:
            nn.init.normal_(p, 0, 0.02)
    return net


def dcgan3d(image_channels, stages, latent):
    return dcgan(image_channels, stages, latent, False, conv=nn.Conv3d, conv_transpose=nn.ConvTranspose3d, norm=nn.BatchNorm3d)


def field_net(channels, width, blocks=2):
    net = nn.Sequential(nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False),
                        nn.BatchNorm2d(2 * width), nn.LeakyReLU(0.2),
                        *[layer for _ in range(blocks) for layer in residual_block(2 * width, leaky_relu)],
                        nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False), nn.BatchNorm2d(width), nn.LeakyReLU(0.2),
                        nn.ConvTranspose2d(width, channels, 4, 2, 1))
    for p in net.parameters():
        if p.dim() >= 4:
            nn.init.normal_(p, 0, 0.05)
    return net


mse, l1 = (lambda a, b: ((a - b) ** 2).mean()), (lambda a, b: (a - b).abs().mean())
CASES = {  # net, batch shape, distance, λ of reconstruction, idempotence and tightness
    "S": (lambda: dcgan(1, [16, 32, 64], 64, False), (128, 1, 32, 32), mse, (1, 1, 0.1)),
    "M": (lambda: dcgan(1, [32, 64, 128], 128, True), (128, 1, 32, 32), l1, (20, 20, 2.5)),
    "L": (lambda: dcgan(3, [64, 128, 256, 512], 512, True), (64, 3, 64, 64), l1, (20, 20, 2.5)),
    "voxel": (lambda: dcgan3d(1, [16, 32, 64], 64), (16, 1, 32, 32, 32), mse, (1, 1, 0.1)),
    "field": (lambda: field_net(1, 32), (32, 1, 64, 64), mse, (1, 1, 0.1)),
    "residual": (lambda: dcgan(1, [16, 32, 64], 64, False, blocks=1), (128, 1, 32, 32), mse, (1, 1, 0.1)),
    "kth-mnist": (lambda: dcgan(1, [64, 128, 256], 256, False, [4, 4, 3]), (256, 1, 28, 28), mse, (1, 1, 0.1)),
}


def published(f, constant, x, z, d, w):
    with torch.no_grad():
        if x.is_cuda:
            torch._foreach_copy_(list(constant.parameters()), list(f.parameters()))
        else:
            for p, q in zip(constant.parameters(), f.parameters()):
                p.copy_(q)
    fx, fz = f(x), f(z)
    y = fz.detach()
    (w[0] * d(fx, x) + w[1] * d(constant(fz), fz) - w[2] * d(f(y), y)).backward()


def three_passes(f, constant, x, z, d, w):
    parameters = list(f.parameters())
    fx, fz = f(x), f(z)
    y = fz.detach().requires_grad_()
    dy, *tightness = torch.autograd.grad(d(f(y), y), [y, *parameters])  # dy includes both arguments of D
    torch.autograd.backward([w[0] * d(fx, x), fz], [None, w[1] * dy])
    if x.is_cuda:
        torch._foreach_add_([p.grad for p in parameters], tightness, alpha=-w[2])
    else:
        for p, g in zip(parameters, tightness):
            p.grad.add_(g, alpha=-w[2])


STEPS = {"published": published, "three_passes": three_passes}


def time_calls(run, seconds):
    """Times of calls of run on the processor: elapsed, and of all threads of the process, in ms."""
    for _ in range(3):
        run()
    times, cpu_times = [], []
    start = time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 5:
        begin, cpu_begin = time.perf_counter(), time.process_time()
        run()
        times.append(1000 * (time.perf_counter() - begin))
        cpu_times.append(1000 * (time.process_time() - cpu_begin))
    return times, cpu_times


def time_graph(run, seconds):
    """Times of launches of a CUDA graph of run, in ms. The calls before the capture choose algorithms, compile, and fill the optimizer's state;
    PyTorch requires another stream than the default one for them."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(5):
            run()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    for _ in range(5):
        graph.replay()
    torch.cuda.synchronize()
    times = []
    start = time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 20:
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        graph.replay()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end))
    return times


def parse(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["step", "project"])
    parser.add_argument("case", choices=CASES)
    parser.add_argument("step", choices=[*STEPS, "-"])
    parser.add_argument("layout", choices=["contiguous", "channels_last"])
    parser.add_argument("--dtype", choices=["fp32", "tf32", "bf16"], default="fp32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3)
    o = parser.parse_args(arguments)
    if (o.what == "project") != (o.step == "-"):
        parser.error(f"step is {o.step!r}, expected '-' with project and one of {', '.join(STEPS)} with step")
    return o


def answer(arguments):
    o = parse(arguments)
    torch.set_num_threads(o.threads)
    on_gpu = o.device == "cuda"
    if on_gpu:
        if not torch.cuda.is_available():
            raise RuntimeError("PyTorch finds no GPU, expected one with --device cuda")
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = o.dtype != "fp32"
        torch.cuda.reset_peak_memory_stats()
    make, shape, d, w = CASES[o.case]
    last = torch.channels_last_3d if len(shape) == 5 else torch.channels_last
    layout = last if o.layout == "channels_last" else torch.contiguous_format
    f = make().to(o.device, memory_format=layout)
    precision = lambda: torch.autocast(o.device, torch.bfloat16, enabled=o.dtype == "bf16")

    if o.what == "project":
        x = torch.randn(1, *shape[1:], device=o.device).to(memory_format=layout)
        net = f.eval()
        if o.compile:
            net = torch.jit.freeze(torch.jit.script(net))

        def run():
            with precision():
                net(x)

        guard = torch.inference_mode()
    else:
        constant = copy.deepcopy(f).requires_grad_(False)
        adam = torch.optim.Adam(f.parameters(), lr=1e-4, betas=(0.5, 0.999), **({"fused": True, "capturable": True} if on_gpu else {}))
        x = (torch.rand(shape, device=o.device) * 2 - 1).to(memory_format=layout)
        net, copied = (torch.compile(f), torch.compile(constant)) if o.compile else (f, constant)

        def run():
            with precision():
                z = torch.randn(shape, device=o.device).to(memory_format=layout)
                adam.zero_grad()
                STEPS[o.step](net, copied, x, z, d, w)
            adam.step()

        guard = torch.enable_grad()
    result = {"torch": torch.__version__}
    with guard:
        if on_gpu:
            times = time_graph(run, o.seconds)
            result |= {"device": torch.cuda.get_device_name(), "graph": True, "peak_MB": torch.cuda.max_memory_allocated() / 1e6}
        else:
            times, cpu_times = time_calls(run, o.seconds)
            result |= {"median_cpu_ms": statistics.median(cpu_times), "peak_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    print(json.dumps({"median_ms": statistics.median(times), "min_ms": min(times), **result}), flush=True)


def tidy():
    """Frees the memory of a request, also of one that failed, and the compiled code."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if "torch._dynamo" in sys.modules:
        torch._dynamo.reset()


def main():
    if sys.argv[1:] != ["--requests"]:
        return answer(sys.argv[1:])
    for line in sys.stdin:
        reason = ""
        try:
            answer(shlex.split(line))
        except SystemExit:
            reason = f"invalid request: {line.strip()}"
        except Exception as error:
            reason = " ".join((str(error).strip() or type(error).__name__).splitlines()[:2])[:300]  # torch.compile has the cause in the second line
        if reason:
            print(json.dumps({"error": reason}), flush=True)
        tidy()


if __name__ == "__main__":
    main()
