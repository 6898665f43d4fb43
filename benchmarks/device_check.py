# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs bundles of device_bundle.py on the machine with the GPU and writes one report. Called by device_check.sh.

The parts, in this order, as far as the bundles and the machine have them: the tests of all execution spaces; bench_step; PyTorch for comparison
(compare.py); the other tests; NVIDIA's compute-sanitizer (memcheck, racecheck, initcheck) on a whole step and on the tests of the layers; the
portability benchmark. Each has a time limit, and a part that fails does not stop the others. Parts that would start after the limit of the
whole run are not run. The report is written after each part.
"""
import argparse
import datetime
import json
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

FORMAT = "ign device report 1"
BUNDLE = "ign device bundle 1"
HERE = os.path.dirname(os.path.abspath(__file__))
GPU_BACKENDS = ("cuda", "hip")
TOOLS = ("memcheck", "racecheck", "initcheck")
LIMITS = {"test": 60, "bench_step": 60, "pytorch": 150, "sanitizer": 45, "portability": 60}  # seconds for one part of the kind
VENDOR_FOLDERS = ("/usr/local/cuda/lib64", "/usr/local/cuda/lib", "/usr/local/cuda/targets/x86_64-linux/lib", "/opt/rocm/lib")
GOOD = ("passed", "skipped")


class Bad(Exception):
    """Invalid arguments or bundles."""


def output_of(command):
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def device(backend):
    """Name and driver of the device that programs of the backend use."""
    if backend == "cuda":
        facts = output_of(["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]).splitlines()
        if not facts:
            return "no NVIDIA GPU (nvidia-smi names none)", ""
        name, driver, memory = [field.strip() for field in facts[0].split(",")]
        return f"{name}, {memory}", driver
    if backend == "hip":
        name = output_of(["rocm-smi", "--showproductname", "--csv"]).splitlines()
        return name[1] if len(name) > 1 else "no AMD GPU (rocm-smi names none)", output_of(["rocm-smi", "--showdriverversion", "--csv"]).split("\n")[-1]
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor()
    return f"{name}, {os.cpu_count()} threads", ""


class Bundle:
    """A folder of programs."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        path = os.path.join(self.folder, "bundle.json")
        try:
            with open(path, encoding="utf-8") as file:
                self.record = json.load(file)
        except (OSError, ValueError) as error:
            raise Bad(f"{path}: {error}; expected a folder made by the target device_bundle") from None
        if not isinstance(self.record, dict) or self.record.get("format") != BUNDLE:
            raise Bad(f"{path}: expected the format {BUNDLE!r}")
        self.backend, self.lib = self.record["backend"], os.path.join(self.folder, "lib")
        self.more_libraries = []

    def names(self, kind):
        return [program["name"] for program in self.record["programs"] if program["kind"] == kind]

    def command(self, name):
        """Command of a program: through the bundle's own loader, if it has one."""
        program, loader = os.path.join(self.folder, name), self.record["loader"]
        return [os.path.join(self.lib, loader), "--library-path", self.lib, program] if loader else [program]

    def environment(self, kind):
        environment = {**os.environ, "OMP_PROC_BIND": os.environ.get("OMP_PROC_BIND", "false"), "IGN_GOLDEN_DIR": os.path.join(self.folder, "golden")}
        environment.pop("LD_LIBRARY_PATH", None)
        given = os.environ.get("LD_LIBRARY_PATH", "")
        if not self.record["loader"]:
            environment["LD_LIBRARY_PATH"] = ":".join([self.lib, *self.more_libraries, *([given] if given else [])])
        if kind == "test":
            environment.setdefault("OMP_NUM_THREADS", "2")
            environment["OMP_WAIT_POLICY"] = "passive"
            if self.record["unified_memory"]:
                environment["CUDA_LAUNCH_BLOCKING"] = "1"  # tests read memory that kernels have written, without a fence
        return environment

    def missing_libraries(self, name):
        environment = {**self.environment(""), "LD_TRACE_LOADED_OBJECTS": "1"}
        loader = self.record["loader"]
        command = [*self.command(name)[:3], "--list", os.path.join(self.folder, name)] if loader else self.command(name)
        try:
            result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            return []  # the run itself will tell
        return re.findall(r"^\s*(\S+) => not found", result.stdout, re.MULTILINE)

    def find_libraries(self, name, given):
        """Adds the folders that hold libraries which the loader does not find by itself. Returns those that are still missing."""
        if self.record["loader"] or not self.missing_libraries(name):
            return []
        wheels = "import glob, nvidia; print('\\n'.join(glob.glob(list(nvidia.__path__)[0] + '/*/lib')))"
        folders = [*given, *VENDOR_FOLDERS, *output_of([sys.executable, "-c", wheels]).splitlines()]
        self.more_libraries = [folder for folder in folders if os.path.isdir(folder)]
        return self.missing_libraries(name)


class Part:
    """One program run, with a name and a limit."""

    def __init__(self, kind, name, bundle, command, program):
        self.kind, self.name, self.bundle, self.command, self.program = kind, name, bundle, command, program
        self.status, self.seconds, self.detail, self.tail, self.figures = "not run", 0.0, "the limit of the whole run was reached", "", None

    def record(self):
        return {"part": self.name, "kind": self.kind, "status": self.status, "seconds": round(self.seconds, 1), "detail": self.detail,
                "figures": self.figures, "output": self.tail if self.status not in GOOD else ""}


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def execute(command, environment, seconds, log):
    """Runs a command. Returns (exit status, or None after the limit; output)."""
    with open(log, "w+", encoding="utf-8", errors="replace") as out:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        status = None
        try:
            status = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            pass
        for number, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):  # compare.py prints what it has after the first
            if process.poll() is None or number == signal.SIGKILL:
                try:
                    os.killpg(process.pid, number)
                    process.wait(timeout=patience)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    pass
        out.seek(0)
        return status, out.read()


def judge_test(text):
    """What Boost.Test reports: number of cases, names of the failed ones."""
    count = re.search(r"Running (\d+) test case", text)
    failed = list(dict.fromkeys(re.findall(r'error: in "([^"]+)"', text)))
    detail = f"{count[1]} cases" if count else ""
    if failed:
        detail += f", {len(failed)} failed: {', '.join(failed[:12])}{', …' if len(failed) > 12 else ''}"
    return detail


class Check:
    def __init__(self, o):
        self.o, self.bundles = o, [Bundle(folder) for folder in o.bundles]
        self.start = time.monotonic()
        self.python = shlex.split(o.pytorch)
        self.backend = self.bundles[0].backend
        if any(bundle.backend != self.backend for bundle in self.bundles):
            raise Bad(f"the bundles are for {', '.join(sorted({b.backend for b in self.bundles}))}, expected one backend")
        self.device, self.driver = device(self.backend)
        self.date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        self.markdown = []  # tables of the parts
        self.parts = [part for part in self.plan() if not o.only or part.kind in o.only]

    def where(self, name):
        return next((bundle for bundle in self.bundles if any(name == p["name"] for p in bundle.record["programs"])), None)

    def test(self, bundle, name):
        return Part("test", name, bundle, [*bundle.command(name), "--log_level=error", "--color_output=no"], name)

    def skipped(self, kind, name, why):
        part = Part(kind, name, self.bundles[0], [], "")
        part.status, part.detail = "skipped", why
        return part

    def plan(self):
        tests = [(bundle, name) for bundle in self.bundles for name in bundle.names("test")]
        first = [self.test(bundle, name) for bundle, name in tests if name == "ign_test_spaces"]
        others = [self.test(bundle, name) for bundle, name in tests if name != "ign_test_spaces"]
        bench, portability, cases = self.where("bench_step"), self.where("portability"), "|".join(self.o.cases)
        figures, sanitizers, last = [], [], []
        if bench:
            pattern = f"^(step|graph_step|project)/({cases})(/|$)"
            figures.append(Part("bench_step", "bench_step", bench, [*bench.command("bench_step"), f"--benchmark_filter={pattern}",
                                f"--benchmark_min_time={self.o.seconds}", f"--benchmark_out={self.file('bench_step.json')}",
                                "--benchmark_out_format=json"], "bench_step"))
            figures.append(self.plan_pytorch(bench))
        for name, program, arguments in (("a step", "bench_step", ["--benchmark_filter=^(step|graph_step)/small/", "--benchmark_min_time=0.001"]),
                                         ("layers", "ign_test_layers", ["--log_level=error", "--color_output=no"])):
            bundle = self.where(program)
            if bundle:
                sanitizers += self.plan_sanitizers(bundle, name, program, arguments)
        if portability:
            last.append(Part("portability", "portability", portability, [*portability.command("portability"), "--label", self.device, "--seconds", "0.02",
                             "--out", self.file("portability.json"), *(["--driver", self.driver] if self.driver else []),
                             *(["--small"] if self.o.cases == ["small"] else [])], "portability"))
        return first + figures + others + sanitizers + last

    def plan_pytorch(self, bundle):
        if subprocess.run([*self.python, "-c", "import torch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            return self.skipped("pytorch", "PyTorch", f"{self.o.pytorch} cannot import torch")
        if self.backend == "cuda":
            device_options = ["--device", "cuda"]
        else:
            device_options = ["--threads", os.environ.get("OMP_NUM_THREADS", str(os.cpu_count()))]
        return Part("pytorch", "PyTorch", bundle, [sys.executable, os.path.join(HERE, "compare.py"), self.file("bench_step.sh"), "--pytorch", self.o.pytorch,
                    *device_options, "--rounds", "1", "--seconds", str(self.o.seconds), "--cases", *self.o.cases,
                    "--json", self.file("pytorch.json")], "bench_step")

    def plan_sanitizers(self, bundle, name, program, arguments):
        if self.backend != "cuda":
            return [self.skipped("sanitizer", f"sanitizer, {name}", f"compute-sanitizer checks CUDA only, the backend is {self.backend}")]
        tool = shutil.which(self.o.sanitizer) or shutil.which("/usr/local/cuda/bin/compute-sanitizer")
        if tool is None:
            return [self.skipped("sanitizer", f"sanitizer, {name}", f"{self.o.sanitizer} not found")]
        return [Part("sanitizer", f"{kind}, {name}", bundle, [tool, "--tool", kind, "--error-exitcode", "99", "--print-limit", "20",
                     *bundle.command(program), *arguments], program) for kind in TOOLS]

    def file(self, name):
        return os.path.join(self.o.out, name)

    def run(self):
        os.makedirs(self.o.out, exist_ok=True)
        with open(self.file("log.txt"), "w", encoding="utf-8"):
            pass
        for part in self.parts:
            if part.status == "skipped":
                continue
            left = self.o.total - (time.monotonic() - self.start) - 3  # for the end of a part that exceeds its limit
            if left < 1:
                continue
            print(f"device_check: {part.name}", file=sys.stderr, flush=True)
            self.run_part(part, min(self.o.limits[part.kind], left))
            with open(self.file("log.txt"), "a", encoding="utf-8") as log:
                log.write(f"== {part.name}: {part.status}, {part.seconds:.1f} s\n{shlex.join(part.command)}\n{part.tail}\n\n")
            self.write()
        self.write()
        return 0 if all(part.status in GOOD for part in self.parts) else 1

    def run_part(self, part, limit):
        part.detail, program = "", os.path.join(part.bundle.folder, part.program)
        if not os.path.exists(program):
            part.status, part.detail = "missing", f"{program} does not exist, expected since bundle.json lists it"
            return
        missing = part.bundle.find_libraries(part.program, self.o.library_path)
        if missing:
            part.status = "failed"
            part.detail = f"{', '.join(missing)} not found on this machine, expected in a folder of LD_LIBRARY_PATH or --library-path"
            return
        begin, command = time.monotonic(), part.command
        environment = part.bundle.environment(part.kind)
        if part.kind == "pytorch":
            command = [*command, "--limit", str(max(1.0, limit - 25)), "--variant-limit", str(limit)]  # the last variant ends later
            self.write_wrapper(part.bundle, environment.pop("LD_LIBRARY_PATH", ""))
        try:
            status, text = execute(command, environment, limit, self.file("part.log"))
        except OSError as error:
            status, text = 127, f"cannot run {command[0]}: {error}"
        part.seconds = time.monotonic() - begin
        for name in ("part.log", "bench_step.sh"):
            if os.path.exists(self.file(name)):
                os.remove(self.file(name))
        part.tail = text[-20000:]
        last_line = (text.strip().splitlines() or ["no output"])[-1]
        facts = judge_test(text) if part.kind == "test" or part.name.endswith("layers") else ""
        if status == 0:
            part.status, part.detail = "passed", facts
        elif status is None:
            part.status, part.detail = "time limit", f"not finished within {limit:.0f} s; last output: {last_line[:200]}"
        else:
            end = f"ended by {signal_name(-status)}" if status < 0 else f"exit status {status}"
            part.status, part.detail = "failed", f"{end}; {facts or last_line[:300]}"
        if part.kind == "sanitizer":
            summary = re.findall(r"^=+ ((?:ERROR|RACECHECK) SUMMARY.*)$", text, re.MULTILINE)
            part.detail = "; ".join(filter(None, [part.detail, *summary[-1:]]))
        self.read_figures(part, text)

    def write_wrapper(self, bundle, libraries):
        """A file that compare.py calls as bench_step: the libraries of the bundle are not for PyTorch, which has its own."""
        path = f"export LD_LIBRARY_PATH={shlex.quote(libraries)}\n" if libraries else ""
        with open(self.file("bench_step.sh"), "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\n{path}exec {shlex.join(bundle.command("bench_step"))} "$@"\n')
        os.chmod(self.file("bench_step.sh"), 0o755)

    def read_figures(self, part, text):
        """Figures that a part has written, also if it failed later."""
        name = {"bench_step": "bench_step.json", "pytorch": "pytorch.json", "portability": "portability.json"}.get(part.kind)
        if part.kind == "pytorch" and "\n| case |" in text:
            self.markdown.append("## PyTorch\n\n" + text[text.rindex("\n", 0, text.index("\n| case |") - 1) + 1:].strip() + "\n")
        if name is None or not os.path.exists(self.file(name)):
            return
        try:
            with open(self.file(name), encoding="utf-8") as file:
                part.figures = json.load(file)
        except ValueError:  # ended while writing
            return
        if part.kind == "bench_step":
            medians = {entry["name"].removesuffix("/real_time"): entry["median_ms"] for entry in part.figures["benchmarks"] if "median_ms" in entry}
            part.figures = {"median_ms": medians}
            self.markdown.append("## bench_step\n\n| benchmark | median, ms |\n|---|---|\n" +
                                 "".join(f"| {name} | {value:.4g} |\n" for name, value in medians.items()))
        if part.kind == "pytorch":
            left = len(part.figures["failures"]) + len(part.figures["left_out"])
            part.detail = "; ".join(filter(None, [part.detail, f"{len(part.figures['rows'])} rows, {left} variants not measured"]))
            if not part.figures["rows"]:
                part.status = "failed"
        if part.kind != "portability":
            os.remove(self.file(name))

    def write(self):
        report = {"format": FORMAT, "device": self.device, "driver": self.driver, "date": self.date, "system": platform.platform(),
                  "seconds": round(time.monotonic() - self.start, 1),
                  "bundles": [{key: value for key, value in bundle.record.items() if key != "format"} for bundle in self.bundles],
                  "parts": [part.record() for part in self.parts], "passed": all(part.status in GOOD for part in self.parts)}
        bad = [part for part in self.parts if part.status not in GOOD]
        counts = ", ".join(f"{sum(p.status == status for p in self.parts)} {status}" for status in dict.fromkeys(p.status for p in self.parts))
        lines = ["# Device report", "", f"{self.device}{', driver ' + self.driver if self.driver else ''}; {report['system']}; {self.date}; "
                 f"{report['seconds']:.0f} s", ""]
        for bundle in self.bundles:
            r = bundle.record
            lines.append(f"- {os.path.basename(bundle.folder)}: {r['backend']}{', unified memory' if r['unified_memory'] else ''}, Kokkos {r['kokkos']}, "
                         f"{r['compiler']}, built {r['date']}{' from ' + r['commit'] if r['commit'] else ''}")
        cell = lambda text: text.replace("|", "\\|").replace("\n", " ")
        lines += ["", f"**{'All parts passed' if not bad else 'Not all parts passed'}**: {counts}.", "", "| part | result | s | |", "|---|---|---|---|"]
        lines += [f"| {cell(p.name)} | {p.status if p.status in GOOD else f'**{p.status}**'} | {p.seconds:.1f} | {cell(p.detail)} |" for p in self.parts]
        for part in bad:
            if part.tail:
                lines += ["", f"## Last output of {part.name}", "", "```", *part.tail.strip().splitlines()[-25:], "```"]
        for name, text in (("report.md", "\n".join([*lines, "", *self.markdown]) + "\n"), ("report.json", json.dumps(report, indent=1))):
            with open(self.file(name) + ".tmp", "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(self.file(name) + ".tmp", self.file(name))


def options(arguments):
    parser = argparse.ArgumentParser(prog="device_check.sh", description="Runs bundles of programs on the machine with the GPU; writes one report.")
    own = [HERE] if os.path.exists(os.path.join(HERE, "bundle.json")) else []
    parser.add_argument("bundles", nargs="+" if not own else "*", help="folders made by the target device_bundle", default=own)
    parser.add_argument("--out", default="device_report", help="folder of the report")
    parser.add_argument("--total", type=float, default=300, help="seconds for the whole run")
    parser.add_argument("--limit", action="append", default=[], metavar="KIND=SECONDS", help="limit of each part of a kind: " + ", ".join(
        f"{kind}={seconds}" for kind, seconds in LIMITS.items()))
    parser.add_argument("--only", nargs="+", choices=LIMITS, help="kinds of parts to run")
    parser.add_argument("--cases", nargs="+", default=["S", "M", "L", "kth-mnist"], help="cases of bench_step and PyTorch")
    parser.add_argument("--seconds", type=float, default=0.3, help="duration of each measurement")
    parser.add_argument("--pytorch", default="python3", help="command of a Python with PyTorch")
    parser.add_argument("--sanitizer", default="compute-sanitizer", help="command of NVIDIA's compute-sanitizer")
    parser.add_argument("--library-path", action="append", default=[], help="folder of libraries of the GPU's maker, if the loader does not find them")
    o = parser.parse_args(arguments)
    o.bundles = o.bundles or own
    o.limits, o.out = dict(LIMITS), os.path.abspath(o.out)
    for text in o.limit:
        kind, _, value = text.partition("=")
        if kind not in LIMITS or not re.fullmatch(r"[0-9.]+", value):
            parser.error(f"--limit {text}: expected one of {', '.join(LIMITS)}, '=' and seconds")
        o.limits[kind] = float(value)
    return o


def main(arguments=None):
    o = options(arguments)
    try:
        os.makedirs(o.out, exist_ok=True)
        check = Check(o)
        status = check.run()
    except (Bad, OSError) as error:
        print(f"device_check: {error}", file=sys.stderr)
        return 2
    with open(os.path.join(o.out, "report.md"), encoding="utf-8") as file:
        print(file.read(), end="")
    return status


if __name__ == "__main__":
    sys.exit(main())
