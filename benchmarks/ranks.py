#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Weak scaling from one rank to two, measured, and up to 1,024 ranks, by a model.

  ranks.py <program ranks> [--rounds 5] [--cases S L] [--mpiexec mpirun]   measures and prints both tables
  ranks.py --model                                                        prints the model with the step times below only

Rounds alternate between one and two ranks, one thread each; a figure is the median of the rounds, each of which is a median of steps.

Model of a step on P ranks, with latency a and bandwidth b of one link; each reduction also waits for the device, 15 µs on a GPU:
  gradients   2 log2(P) a + 2 (P - 1) / P bytes / b     recursive halving and doubling (Rabenseifner)
  a small sum of n bytes   log2(P) (a + n / b)          recursive doubling
Small sums per step: the two batch means that control the tightness, the losses, the running statistics, the request to stop; with
moments over ranks also two sums per channel and segment in double, of each BatchNorm, in each of two forward and two backward passes.
"""
import argparse
import json
import math
import os
import statistics
import subprocess

# Machine and step in ms, as README.md and docs/backends.md have them. A step of this machine, once measured, is added.
HOST, GPU = ("100-Gb/s network",), ("100-Gb/s network", "NVLink")
STEPS = {
    "S": [("2 threads of a Zen 5", 16.6, HOST), ("NVIDIA H200", 3.04, GPU)],
    "L": [("2 threads of a Zen 5", 494, HOST), ("NVIDIA H200, tf32", 8.56, GPU)],
}
CASES = ("S", "M", "L", "kth-mnist", "voxel", "field", "residual", "small")  # as in cases.hpp
WAIT = 15e-6  # of a GPU, at each reduction: fence, and the start of the next kernel
# Bytes of gradients and statistics; BatchNorm layers, and channels of all of them, as the program prints them.
SIZES = {
    "S": {"gradients": 856_004, "statistics": 4992, "norms": 5, "channels": 208},
    "L": {"gradients": 55_600_000, "statistics": 24 * 1856, "norms": 7, "channels": 1856},
}
LINKS = {"100-Gb/s network": (2e-6, 12.5e9), "NVLink": (2e-6, 450e9)}
RANKS = (2, 8, 64, 1024)


def communication(size, over_ranks, ranks, link, wait):
    """Seconds of all reductions of a step."""
    latency, bandwidth = link
    rounds = math.ceil(math.log2(ranks))

    def small(count):
        return wait + rounds * (latency + count / bandwidth)

    seconds = wait + 2 * rounds * latency + 2 * (ranks - 1) / ranks * size["gradients"] / bandwidth
    seconds += small(16) + small(32) + small(size["statistics"]) + small(8)
    if over_ranks:
        # Per layer: two segments in the joint passes, one in the passes of f(y); forward and backward of each.
        per_layer = 16 * size["channels"] / size["norms"]
        seconds += size["norms"] * 2 * (small(2 * per_layer) + small(per_layer))
    return seconds


def table(steps, sizes):
    print("| net, step | moments of BatchNorm | link | " + " | ".join(f"{r:,}" for r in RANKS) + " |")
    print("|---" * (3 + len(RANKS)) + "|")
    for name, machines in steps.items():
        for machine, milliseconds, links in machines:
            for over_ranks in (False, True):
                for link in links:
                    step, wait = milliseconds / 1e3, 0 if links == HOST else WAIT
                    row = [step / (step + communication(sizes[name], over_ranks, r, LINKS[link], wait)) for r in RANKS]
                    print(f"| {name}, {machine}, {milliseconds:.3g} ms | {'over ranks' if over_ranks else 'per rank'} | {link} | "
                          + " | ".join(f"{e:.3f}" for e in row) + " |")


def measure(program, mpiexec, cases, rounds):
    times = {}
    environment = dict(os.environ, OMP_NUM_THREADS="1", OMP_PROC_BIND="false", OMPI_ALLOW_RUN_AS_ROOT="1",
                       OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    for _ in range(rounds):
        for ranks in (1, 2):
            out = subprocess.run([mpiexec, "-n", str(ranks), program, *cases], env=environment, check=True, capture_output=True, text=True)
            for line in out.stdout.splitlines():
                if line.startswith("{"):
                    one = json.loads(line)
                    times.setdefault((one["case"], one["over_ranks"], ranks), []).append(one)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?")
    parser.add_argument("--model", action="store_true")
    parser.add_argument("--mpiexec", default="mpirun")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cases", nargs="+", default=["S", "L"], choices=CASES)
    arguments = parser.parse_args()
    steps = {name: list(machines) for name, machines in STEPS.items()}
    if not arguments.model:
        if arguments.program is None:
            parser.error("the program `ranks` is missing, expected its path or --model")
        times = measure(arguments.program, arguments.mpiexec, arguments.cases, arguments.rounds)
        print("| net | moments of BatchNorm | 1 rank, ms | 2 ranks, ms | efficiency | allreduce of the gradients, ms |\n|---|---|---|---|---|---|")
        for name in arguments.cases:
            for over_ranks in (False, True):
                one, two = ([run["step_ms"] for run in times[name, over_ranks, ranks]] for ranks in (1, 2))
                pairs = [a / b for a, b in zip(one, two)]
                alone = statistics.median(run["gradients_ms"] for run in times[name, over_ranks, 2])
                print(f"| {name} | {'over ranks' if over_ranks else 'per rank'} | {statistics.median(one):.1f} | {statistics.median(two):.1f} | "
                      f"{statistics.median(pairs):.3f} ({min(pairs):.2f} to {max(pairs):.2f}) | {alone:.2f} |")
            first = times[name, False, 1][0]
            SIZES[name] = {"gradients": first["gradient_bytes"], "statistics": first["statistic_bytes"], "norms": first["norms"],
                           "channels": first["channels"]}
            step = statistics.median(run["step_ms"] for run in times[name, False, 1])
            steps.setdefault(name, []).insert(0, ("this machine, 1 thread", step, HOST))
        print()
    table(steps, SIZES)


if __name__ == "__main__":
    main()
