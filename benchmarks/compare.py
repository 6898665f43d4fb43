# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares bench_step with PyTorch. Both run alternately, and ratios are computed within a round.

    python3 benchmarks/compare.py build/release/benchmarks/bench_step --pytorch python3 --rounds 3 --threads 2 --cases S M L
    python3 benchmarks/compare.py build/cuda/benchmarks/bench_step --device cuda --rounds 3 --seconds 0.5 --limit 120 --json result.json

`--pytorch` is the command of a Python with PyTorch (pip install torch, or Debian's python3-torch). On a CPU each measurement has a process of
its own. On a GPU one PyTorch process runs all variants, each as one CUDA graph, eager and with torch.compile, channels-last; it is started
again if it ends or does not answer. A variant that fails, for example for lack of memory or of a compiler, is listed with its reason and left
out of the table. `--limit` bounds the whole run: compiled variants come last, those most likely to win first, and those left out are listed.
Prints Markdown.
"""
import argparse
import json
import os
import platform
import queue
import shlex
import signal
import statistics
import subprocess
import sys
import threading
import time

PYTORCH_STEP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "other_libraries", "pytorch_step.py")
DTYPES = ("fp32", "tf32", "bf16")
PRECISIONS = {"fp32": "full"}  # as bench_step names them; the others have one name
STEPS = {"published": "published step", "three_passes": "three passes"}


def run(command, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OMP_PROC_BIND="false")
    try:
        result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except OSError as error:
        raise RuntimeError(f"cannot run {command[0]}: {error.strerror}") from None
    if result.returncode != 0:
        raise RuntimeError((result.stderr.strip().splitlines() or [f"exit status {result.returncode}, no message"])[-1])
    try:
        return json.loads(result.stdout[result.stdout.index("{"):])
    except ValueError:
        raise RuntimeError((result.stderr.strip().splitlines() or [f"{command[0]} has printed no JSON"])[-1]) from None


def ours(o, pattern):
    """Results of the benchmarks whose name matches: name without options -> counters."""
    answer = run([o.bench_step, f"--benchmark_filter={pattern}", "--benchmark_format=json", f"--benchmark_min_time={o.seconds}"], o.threads)
    results = {entry["name"].removesuffix("/real_time"): entry for entry in answer["benchmarks"]}
    if not results:
        raise RuntimeError(f"{o.bench_step} has no benchmark that matches {pattern}")
    return results


def one_of_ours(o, name, results=None):
    """Counters of one benchmark, which is run unless its results are given."""
    results = ours(o, f"^{name}(/real_time)?$") if results is None else results
    if "median_ms" not in results.get(name, {}):
        raise RuntimeError(results.get(name, {}).get("error_message", f"bench_step has no result for {name}"))
    return results[name]


class PyTorch:
    """PyTorch: one process per measurement, so that peak memory covers only that; on a GPU, which has a memory counter, one for all."""

    def __init__(self, o):
        self.common = ["--threads", str(o.threads), "--seconds", str(o.seconds), "--device", o.device]
        self.command, self.threads, self.patience = [*shlex.split(o.pytorch), PYTORCH_STEP], o.threads, o.variant_limit
        self.one_process, self.process = o.device == "cuda", None

    def __call__(self, arguments):
        if not self.one_process:
            return run([*self.command, *arguments, *self.common], self.threads)
        if self.process is None:
            self.start()
        try:
            self.process.stdin.write(shlex.join([*arguments, *self.common]) + "\n")
            self.process.stdin.flush()
            line = self.lines.get(timeout=self.patience)
        except OSError:
            line = None
        except queue.Empty:
            self.stop()
            raise RuntimeError(f"no answer within {self.patience:.0f} s") from None
        if line is None:
            status = self.process.wait()
            self.stop()
            raise RuntimeError(f"the PyTorch process has exited without an answer, status {status}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def start(self):
        self.process = subprocess.Popen([*self.command, "--requests"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, args=(self.process.stdout, self.lines), daemon=True).start()

    @staticmethod
    def read(stream, lines):
        for line in stream:
            if line.startswith("{"):
                lines.put(line)
        lines.put(None)

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


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


class Comparison:
    """Results of all rounds: (what, case) -> side -> list of results, one per round. Nothing is measured after `end`."""

    def __init__(self, end=float("inf")):
        self.results, self.failures, self.left_out, self.end = {}, {}, [], end

    def is_over(self):
        return time.monotonic() >= self.end

    def note(self, key, side, measure):
        """Measures once. A side that fails is left out of this case from then on."""
        if (key, side) in self.failures:
            return
        if self.is_over():
            self.left_out.append((key, side))
            return
        try:
            answer = measure()
        except RuntimeError as error:
            self.failures[key, side] = str(error)
            print(f"skipped: {key[1]}, {side}: {error}", file=sys.stderr)
        else:
            self.results.setdefault(key, {}).setdefault(side, []).append(answer)

    def median(self, key, side):
        return statistics.median(run["median_ms"] for run in self.results[key][side])

    def best(self, key, of):
        """The side with the least median among those for which `of` is true; None without one. A side that failed in a later round does not
        count."""
        sides = [side for side in self.results.get(key, {}) if (key, side) not in self.failures and of(side)]
        return min(sides, key=lambda side: self.median(key, side)) if sides else None

    def rows(self):
        """Yields (key, name of the group, our best side, PyTorch's best side). The groups: for each dtype the published step and the one of
        three passes, then each with any dtype, if there are several."""
        for key, sides in self.results.items():
            if key[0] == "project":
                groups = [("one image, projected", "", "project")]
            else:
                dtypes = [dtype for dtype in DTYPES if any(dtype in side.split() for side in sides)]
                groups = [(name + ("" if dtype == "fp32" else f", {dtype}"), dtype, step) for dtype in dtypes for step, name in STEPS.items()]
                if "tf32" in dtypes:  # on a GPU
                    groups += [(f"{name}, best of all precisions", "", step) for step, name in STEPS.items()]
            for name, dtype, step in groups:
                suits = lambda side: not dtype or dtype in side.split()
                own = self.best(key, lambda side: side.startswith("ours") and suits(side))
                other = self.best(key, lambda side: side.startswith(step) and suits(side))
                if own is not None and other is not None:
                    yield key, name, own, other

    def compared(self, key, own, other, value="median_ms", inverse=False):
        """Ratios within a round of the rounds that both sides have."""
        pairs = zip(self.results[key][own], self.results[key][other])
        return [mine[value] / theirs[value] if inverse else theirs[value] / mine[value] for mine, theirs in pairs]

    def table(self):
        lines = ["| case | ours, ms | PyTorch step | its fastest variant | PyTorch, ms | PyTorch / ours | ours, MB | memory, ours / PyTorch |",
                 "|---|---|---|---|---|---|---|---|"]
        for key, name, own, other in self.rows():
            mine, theirs = self.results[key][own], self.results[key][other]
            digits = 3 if mine[0]["median_ms"] < 1 else 2 if mine[0]["median_ms"] < 10 else 1
            kind = f", {own.split()[-1]}" if name.endswith("all precisions") else ""
            kind += ", as a graph" if "graph" in own else ""
            memory = self.compared(key, own, other, "peak_MB", inverse=True) if "peak_MB" in mine[0] else None
            lines.append(f"| {key[1]} | {spread([r['median_ms'] for r in mine], digits)}{kind} | {name} | {' '.join(other.split()[1:])} "
                         f"| {spread([r['median_ms'] for r in theirs], digits)} | {spread(self.compared(key, own, other), 2)} "
                         f"| {format(mine[0]['peak_MB'], '.0f') if memory else ''} | {spread(memory, 2) if memory else ''} |")
        if self.failures or self.left_out:
            lines += ["", "Not measured:", ""]
            lines += [f"- {case}, {side}: {reason}" for ((_, case), side), reason in self.failures.items()]
            lines += [f"- {case}, {side}: the limit of the run was reached" for (_, case), side in dict.fromkeys(self.left_out)]
        return "\n".join(lines)

    def record(self):
        """The same as JSON: the medians of all sides, the rows of the table, and everything that was not measured."""
        return {
            "medians_ms": [{"what": what, "case": case, "side": side, "median_ms": self.median((what, case), side), "rounds": len(runs)}
                           for (what, case), sides in self.results.items() for side, runs in sides.items()],
            "rows": [{"what": key[0], "case": key[1], "against": name, "ours": own, "ours_ms": self.median(key, own), "pytorch": other,
                      "pytorch_ms": self.median(key, other), "ratio": statistics.median(self.compared(key, own, other))}
                     for key, name, own, other in self.rows()],
            "failures": [{"case": case, "side": side, "reason": reason} for ((_, case), side), reason in self.failures.items()],
            "left_out": [{"case": case, "side": side} for (_, case), side in dict.fromkeys(self.left_out)],
        }


def measure_on_cpu(o, theirs, comparison, case):
    dtypes = DTYPES[::2]
    for dtype in dtypes:
        comparison.note(("step", case), f"ours step {dtype}", lambda: one_of_ours(o, f"step/{case}/{PRECISIONS.get(dtype, dtype)}"))
    for layout in o.layouts:
        for step in STEPS:
            for dtype in dtypes:
                for mode in ([], ["--compile"]) if o.compile else ([],):
                    comparison.note(("step", case), " ".join([step, layout, dtype, *mode]),
                                    lambda: theirs(["step", case, step, layout, "--dtype", dtype, *mode]))
    comparison.note(("project", case), "ours", lambda: one_of_ours(o, f"project/{case}"))
    for layout in o.layouts:
        for mode in ([], ["--compile"]):
            comparison.note(("project", case), " ".join(["project", layout, *(["scripted"] if mode else [])]),
                            lambda: theirs(["project", case, "-", layout, *mode]))


def measure_ours_on_gpu(o, comparison, case):
    """One process runs all benchmarks of the case, since memory is not compared."""
    try:
        found, failure = ours(o, f"^(step|graph_step|project)/{case}(/.*)?$"), None
    except RuntimeError as error:
        found, failure = {}, error

    def result(name):
        if failure:
            raise failure
        return one_of_ours(o, name, found)

    for dtype in DTYPES:
        for what in ("step", "graph_step"):
            comparison.note(("step", case), f"ours {what} {dtype}", lambda: result(f"{what}/{case}/{PRECISIONS.get(dtype, dtype)}"))
    comparison.note(("project", case), "ours", lambda: result(f"project/{case}"))


def measure_on_gpu(o, theirs, comparison):
    """One round. Compiled variants come last, in the order in which they are likely to win: bf16 first, and the last cases first, which the
    command line gives in ascending size."""
    def note(key, side, arguments):
        comparison.note(key, side, lambda: theirs(arguments))

    for case in o.cases:
        if comparison.is_over():
            comparison.left_out.append((("step", case), "all variants of a round"))
            continue
        print(f"  {case}", file=sys.stderr)
        measure_ours_on_gpu(o, comparison, case)
        for layout in o.layouts:
            for step in STEPS:
                for dtype in DTYPES:
                    note(("step", case), f"{step} {layout} {dtype}", ["step", case, step, layout, "--dtype", dtype])
            for mode in ([], ["--compile"]):
                note(("project", case), " ".join(["project", layout, *(["scripted"] if mode else [])]), ["project", case, "-", layout, *mode])
    if o.compile:
        for dtype in reversed(DTYPES):
            for case in reversed(o.cases):
                print(f"  {case}, {dtype}, compiled", file=sys.stderr)
                for layout in o.layouts:
                    for step in STEPS:
                        note(("step", case), f"{step} {layout} {dtype} --compile", ["step", case, step, layout, "--dtype", dtype, "--compile"])


def options(arguments=None):
    parser = argparse.ArgumentParser(description="Compares bench_step with PyTorch.")
    parser.add_argument("bench_step")
    parser.add_argument("--pytorch", default="python3", help="command of a Python with PyTorch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="duration of each measurement")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--cases", nargs="+", default=["S", "M", "L", "kth-mnist", "voxel", "field", "residual"])
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="device of PyTorch; must be that of the bench_step build")
    parser.add_argument("--layouts", nargs="+", choices=["contiguous", "channels_last"], help="default: both; on a GPU channels_last")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=None, help="also measure torch.compile (default: on a GPU)")
    parser.add_argument("--limit", type=float, default=float("inf"), help="seconds after which no further variant is started")
    parser.add_argument("--variant-limit", type=float, default=180, help="seconds to wait for one variant on a GPU")
    parser.add_argument("--json", help="file for all results")
    o = parser.parse_args(arguments)
    on_gpu = o.device == "cuda"
    o.layouts = o.layouts or (["channels_last"] if on_gpu else ["contiguous", "channels_last"])
    o.compile = on_gpu if o.compile is None else o.compile
    if o.rounds < 1 or o.limit <= 0 or o.variant_limit <= 0 or o.seconds <= 0:
        parser.error("rounds, limits and seconds must be positive")
    return o


def main(arguments=None):
    o = options(arguments)
    if subprocess.run([*shlex.split(o.pytorch), "-c", "import torch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        sys.exit(f"compare: '{o.pytorch}' cannot import torch, expected a Python with PyTorch: install it (pip install torch, or Debian's "
                 "python3-torch) and run make bench PYTORCH=/path/to/python3")
    theirs, comparison = PyTorch(o), Comparison(time.monotonic() + o.limit)
    on_gpu = o.device == "cuda"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # after a time limit, still print the completed measurements
    rounds = 0
    try:
        for rounds in range(1, o.rounds + 1):
            print(f"round {rounds}", file=sys.stderr)
            if on_gpu:
                measure_on_gpu(o, theirs, comparison)
            else:
                for case in o.cases:
                    if comparison.is_over():
                        comparison.left_out.append((("step", case), "all variants of a round"))
                        continue
                    print(f"  {case}", file=sys.stderr)
                    measure_on_cpu(o, theirs, comparison, case)
            if comparison.is_over():
                break
    except KeyboardInterrupt:
        print("interrupted: the table contains the completed measurements only", file=sys.stderr)
    finally:
        theirs.stop()
    machine = f"{processor()}, {o.threads} threads{', ' + gpu() if on_gpu else ''}, {platform.platform()}"
    print(f"{machine}; median of {rounds} rounds (min–max), ratios within a round\n")
    print(comparison.table())
    if o.json:
        versions = {run["torch"] for sides in comparison.results.values() for runs in sides.values() for run in runs if "torch" in run}
        with open(o.json, "w", encoding="utf-8") as file:
            json.dump({"machine": machine, "torch": sorted(versions), "rounds": rounds, **comparison.record()}, file, indent=1)


if __name__ == "__main__":
    main()
