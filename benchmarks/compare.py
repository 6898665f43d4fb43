# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares bench_step with PyTorch: both sides run by turns, each case in a process of its own, and ratios are taken within a round.

    python3 benchmarks/compare.py build/release/benchmarks/bench_step --pytorch python3 --rounds 3 --threads 2 --cases S M L

`--pytorch` is the command of a Python that has PyTorch (pip install torch, or Debian's python3-torch). A variant of PyTorch that does not
run here (torch.compile needs a compiler) is named once and left out. Prints Markdown.
"""
import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys

PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers", "pytorch_step.py")
LAYOUTS = ("contiguous", "channels_last")


def run(command, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OMP_PROC_BIND="false")
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise RuntimeError((result.stderr.strip().splitlines() or ["no message"])[-1])
    return json.loads(result.stdout[result.stdout.index("{"):])


def ours(o, what, case, precision=""):
    command = [o.bench_step, f"--benchmark_filter=^{what}/{case}/{precision}", "--benchmark_format=json", f"--benchmark_min_time={o.seconds}"]
    return run(command, o.threads)["benchmarks"][0]


def theirs(o, arguments):
    return run([*shlex.split(o.pytorch), PEER, *arguments, "--threads", str(o.threads), "--seconds", str(o.seconds)], o.threads)


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench_step")
    parser.add_argument("--pytorch", default="python3")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--cases", nargs="+", default=["S", "M", "L", "kth-mnist"])
    parser.add_argument("--compile", action="store_true", help="torch.compile as well")
    o = parser.parse_args()
    if subprocess.run([*shlex.split(o.pytorch), "-c", "import torch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        sys.exit(f"compare: '{o.pytorch}' has no PyTorch. Get it (pip install torch, or Debian's python3-torch), and name the Python that "
                 "has it: make bench PYTORCH=/path/to/python3")

    dropped = set()
    results = {}  # (what, case) -> side -> list of results by round

    def note(key, side, measure):
        if side in dropped:
            return
        try:
            results.setdefault(key, {}).setdefault(side, []).append(measure())
        except RuntimeError as error:
            dropped.add(side)
            print(f"left out: {side}: {error}", file=sys.stderr)

    for round_number in range(o.rounds):
        for case in o.cases:
            print(f"round {round_number + 1}, {case}", file=sys.stderr)
            note(("step", case), "ours", lambda: ours(o, "step", case, "full"))
            note(("step", case), "ours bf16", lambda: ours(o, "step", case, "bf16"))
            for layout in LAYOUTS:
                for step in ("published", "three_passes"):
                    for dtype in ("fp32", "bf16"):
                        for mode in ([], ["--compile"]) if o.compile else ([],):
                            side = " ".join([step, layout, dtype, *mode])
                            note(("step", case), side, lambda: theirs(o, ["step", case, step, layout, "--dtype", dtype, *mode]))
            note(("project", case), "ours", lambda: ours(o, "project", case))
            for layout in LAYOUTS:
                for mode in ([], ["--compile"]):
                    side = " ".join(["project", layout, *(["scripted"] if mode else [])])
                    note(("project", case), side, lambda: theirs(o, ["project", case, "-", layout, *mode]))

    def best(sides, condition):
        named = {side: runs for side, runs in sides.items() if not side.startswith("ours") and side not in dropped and condition(side)}
        return min(named, key=lambda side: statistics.median(run["median_ms"] for run in named[side])) if named else None

    print(f"{processor()}, {o.threads} threads, {platform.platform()}; median of {o.rounds} rounds (least–most), ratios within a round\n")
    print("| case | ours, ms | against | PyTorch, ms | PyTorch / ours | ours, MB | memory, ours / PyTorch |")
    print("|---|---|---|---|---|---|---|")
    for (what, case), sides in results.items():
        if not all(runs for side, runs in sides.items() if side.startswith("ours")) or "ours" not in sides:
            continue
        groups = {"published step": lambda s: s.startswith("published") and "fp32" in s,
                  "three passes": lambda s: s.startswith("three_passes") and "fp32" in s,
                  "published step, bf16": lambda s: s.startswith("published") and "bf16" in s,
                  "three passes, bf16": lambda s: s.startswith("three_passes") and "bf16" in s}
        if what == "project":
            groups = {"one image, projected": lambda s: True}
        for name, condition in groups.items():
            side = best(sides, condition)
            if side is None:
                continue
            other = sides[side]
            mine = sides["ours bf16" if "bf16" in name else "ours"]
            ratios = [b["median_ms"] / a["median_ms"] for a, b in zip(mine, other)]
            memory = [a["peak_MB"] / b["peak_MB"] for a, b in zip(mine, other)] if "peak_MB" in mine[0] else None
            digits = 2 if mine[0]["median_ms"] < 10 else 1
            print(f"| {case} | {spread([r['median_ms'] for r in mine], digits)} | {name}: {side} "
                  f"| {spread([r['median_ms'] for r in other], digits)} | {spread(ratios, 2)} "
                  f"| {mine[0]['peak_MB']:.0f} | {spread(memory, 2)} |" if memory else
                  f"| {case} | {spread([r['median_ms'] for r in mine], digits)} | {name}: {side} "
                  f"| {spread([r['median_ms'] for r in other], digits)} | {spread(ratios, 2)} | | |")


main()
