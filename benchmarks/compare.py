# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares bench_step with PyTorch. Both run alternately, each case in its own process, and ratios are computed within a round.

    python3 benchmarks/compare.py build/release/benchmarks/bench_step --pytorch python3 --rounds 3 --threads 2 --cases S M L
    python3 benchmarks/compare.py build/cuda/benchmarks/bench_step --device cuda --rounds 3 --seconds 0.5

`--pytorch` is the command of a Python with PyTorch (pip install torch, or Debian's python3-torch). A PyTorch variant that does not run on
this machine (torch.compile needs a compiler) is reported once and skipped. On a GPU a single PyTorch process runs all cases. Prints
Markdown.
"""
import argparse
import json
import os
import platform
import shlex
import signal
import statistics
import subprocess
import sys

PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers", "pytorch_step.py")
LAYOUTS = ("contiguous", "channels_last")
DTYPES = ("fp32", "tf32", "bf16")


def run(command, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OMP_PROC_BIND="false")
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise RuntimeError((result.stderr.strip().splitlines() or ["no message"])[-1])
    return json.loads(result.stdout[result.stdout.index("{"):])


def ours(o, what, case, precision=""):
    command = [o.bench_step, f"--benchmark_filter=^{what}/{case}{'/' if precision else ''}{precision}(/real_time)?$", "--benchmark_format=json", f"--benchmark_min_time={o.seconds}"]
    return run(command, o.threads)["benchmarks"][0]


class Peer:
    """PyTorch: one process per measurement, so that peak memory covers only that; on a GPU, which has a memory counter, one for all."""

    def __init__(self, o):
        self.common = ["--threads", str(o.threads), "--seconds", str(o.seconds), "--device", o.device]
        self.command, self.threads = [*shlex.split(o.pytorch), PEER], o.threads
        self.process = None
        if o.device == "cuda":
            self.process = subprocess.Popen([*self.command, "--requests"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, arguments):
        if self.process is None:
            return run([*self.command, *arguments, *self.common], self.threads)
        self.process.stdin.write(shlex.join([*arguments, *self.common]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the PyTorch process has exited without an answer"}
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def gpu():
    command = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip().replace(", ", ", driver ")
    except (OSError, subprocess.CalledProcessError):
        return "unknown GPU"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench_step")
    parser.add_argument("--pytorch", default="python3")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="duration of each measurement")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--cases", nargs="+", default=["S", "M", "L", "kth-mnist", "voxel"])
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="device of PyTorch; must be that of the bench_step build")
    parser.add_argument("--compile", action="store_true", help="also measure torch.compile")
    o = parser.parse_args()
    if subprocess.run([*shlex.split(o.pytorch), "-c", "import torch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        sys.exit(f"compare: '{o.pytorch}' cannot import torch, expected a Python with PyTorch: install it (pip install torch, or Debian's "
                 "python3-torch) and run make bench PYTORCH=/path/to/python3")

    theirs = Peer(o)
    on_gpu = o.device == "cuda"
    dropped = set()
    results = {}  # (what, case) -> side -> list of results per round

    def note(key, side, measure):
        if side in dropped:
            return
        try:
            results.setdefault(key, {}).setdefault(side, []).append(measure())
        except RuntimeError as error:
            dropped.add(side)
            print(f"skipped: {side}: {error}", file=sys.stderr)

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # after a time limit, still print the completed measurements
    try:
        for round_number in range(o.rounds):
            for case in o.cases:
                print(f"round {round_number + 1}, {case}", file=sys.stderr)
                for dtype in DTYPES if on_gpu else DTYPES[::2]:
                    for what in ("step", "graph_step") if on_gpu else ("step",):
                        note(("step", case), f"ours {what} {dtype}", lambda: ours(o, what, case, {"fp32": "full"}.get(dtype, dtype)))
                for layout in LAYOUTS:
                    for step in ("published", "three_passes"):
                        for dtype in DTYPES if on_gpu else DTYPES[::2]:
                            for mode in ([], ["--compile"]) if o.compile else ([],):
                                side = " ".join([step, layout, dtype, *mode])
                                note(("step", case), side, lambda: theirs(["step", case, step, layout, "--dtype", dtype, *mode]))
                note(("project", case), "ours", lambda: ours(o, "project", case))
                for layout in LAYOUTS:
                    for mode in ([], ["--compile"]):
                        side = " ".join(["project", layout, *(["scripted"] if mode else [])])
                        note(("project", case), side, lambda: theirs(["project", case, "-", layout, *mode]))
    except KeyboardInterrupt:
        print("interrupted: the table contains the completed measurements only", file=sys.stderr)

    def best(sides, of):
        named = {side: runs for side, runs in sides.items() if runs and side not in dropped and of(side)}
        return min(named, key=lambda side: statistics.median(run["median_ms"] for run in named[side])) if named else None

    print(f"{processor()}, {o.threads} threads{', ' + gpu() if on_gpu else ''}, {platform.platform()}; median of {o.rounds} rounds "
          "(min–max), ratios within a round\n")
    print("| case | ours, ms | PyTorch step | its fastest variant | PyTorch, ms | PyTorch / ours | ours, MB | memory, ours / PyTorch |")
    print("|---|---|---|---|---|---|---|---|")
    for (what, case), sides in results.items():
        groups = [("one image, projected", "", "project")] if what == "project" else [
            (f"{name}{'' if dtype == 'fp32' else ', ' + dtype}", dtype, step)
            for dtype in DTYPES for step, name in (("published", "published step"), ("three_passes", "three passes"))]
        for name, dtype, step in groups:
            own = best(sides, lambda side: side.startswith("ours") and dtype in side)
            side = best(sides, lambda side: side.startswith(step) and dtype in side)
            if own is None or side is None:
                continue
            mine, other = sides[own], sides[side]
            ratios = [b["median_ms"] / a["median_ms"] for a, b in zip(mine, other)]
            memory = [a["peak_MB"] / b["peak_MB"] for a, b in zip(mine, other)] if "peak_MB" in mine[0] else None
            digits = 2 if mine[0]["median_ms"] < 10 else 1
            as_graph = ", as a graph" if "graph" in own else ""
            print(f"| {case} | {spread([r['median_ms'] for r in mine], digits)}{as_graph} | {name} | {' '.join(side.split()[1:])} "
                  f"| {spread([r['median_ms'] for r in other], digits)} | {spread(ratios, 2)} "
                  f"| {format(mine[0]['peak_MB'], '.0f') if memory else ''} | {spread(memory, 2) if memory else ''} |")


main()
