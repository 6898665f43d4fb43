# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compile time of the umbrella header, of the headers for inference, and of programs that train and that apply a trained net, relative to
Kokkos_Core.hpp alone; and the size of the example programs `train` and `inference`, if they are built.

    python3 benchmarks/compile_time.py build/release --rounds 5 [--without=-march=native]

Uses the compiler and the flags of this build and alternates between the sources. Prints Markdown: CPU seconds (median, min to max), which
depend little on the load of the machine, and the ratio to Kokkos.
"""
import argparse
import json
import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

STEP = """#include <ign/ign.hpp>
int main(int argc, char* argv[]) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;
  ign::Idempotent policy(exec, ign::mnist_small_net(), ign::Shape{32, 32, 1});
  std::vector<std::uint8_t> const pixels(1024 * 128);
  ign::Batches<Kokkos::DefaultExecutionSpace> const batches(exec, pixels, 128, {32, 32, 1}, {128});
  ign::Trainer trainer(exec, policy, ign::Adam{}, batches, {});
  trainer.step();
}
"""
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "examples", "inference.cpp")) as example:
    INFERENCE = example.read()
KERNELS = "-DIGN_COMPILED_KERNELS"
SOURCES = {
    "Kokkos_Core.hpp": ("-O0", "#include <Kokkos_Core.hpp>\n"),
    "ign/ign.hpp": ("-O0", "#include <ign/ign.hpp>\n"),
    "ign/nets/frozen.hpp, ign/nets/dcgan.hpp": ("-O0", "#include <ign/nets/frozen.hpp>\n#include <ign/nets/dcgan.hpp>\n"),
    "ign/io/inference.hpp": ("-O0", "#include <ign/io/inference.hpp>\n"),
    "a program that trains, as it is built": ("", STEP),
    "a program that trains, with ign::kernels": (KERNELS, STEP),
    "a program that applies a checkpoint, as it is built": ("", INFERENCE),
}


def flags(build, without):
    """Returns the compiler and the flags of bench_step.cpp, without input and output files."""
    with open(os.path.join(build, "compile_commands.json")) as file:
        entry = next(e for e in json.load(file) if e["file"].endswith("bench_step.cpp"))
    words = shlex.split(entry["command"])
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ("-o", "-c"):
            skip = True
        elif not word.endswith("bench_step.cpp") and word not in (KERNELS, *without):
            kept.append(word)
    return kept


def processor_seconds():
    """Returns the CPU time of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def print_sizes(build):
    """Prints the sizes of the example programs that are built, with and without symbols. Shared libraries are not included."""
    print("\n| program | KB | stripped |\n|---|---|---|")
    for name in ("train", "inference"):
        path = os.path.join(build, "examples", name)
        if not os.path.exists(path) or shutil.which("strip") is None:
            print(f"| {name} | not built | |")
            continue
        with tempfile.TemporaryDirectory() as folder:
            stripped = os.path.join(folder, name)
            subprocess.run(["strip", "-o", stripped, path], check=True)
            print(f"| {name} | {os.path.getsize(path) / 1000:.0f} | {os.path.getsize(stripped) / 1000:.0f} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without", action="append", default=[], help="flag of the build to omit")
    parser.add_argument("--syntax-only", action="store_true", help="make no machine code: a quick run, as a test of this script")
    o = parser.parse_args()
    try:
        command = flags(o.build, o.without)
    except (OSError, StopIteration):
        sys.exit(f"compile_time: {o.build} has no compile_commands.json with bench_step.cpp, expected a build with benchmarks: configure "
                 "with benchmarks on")
    if o.syntax_only:
        command.append("-fsyntax-only")
    times = {name: [] for name in SOURCES}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(o.rounds):
            for name, (level, text) in SOURCES.items():
                source = os.path.join(folder, "source.cpp")
                with open(source, "w") as file:
                    file.write(text)
                begin = processor_seconds()
                subprocess.run([*command, *([level] if level else []), "-c", source, "-o", os.path.join(folder, "source.o")], check=True)
                times[name].append(processor_seconds() - begin)
    version = subprocess.run([command[0], "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[0]
    front_end = ", front end only" if o.syntax_only else ""
    print(f"{version}; {o.rounds} alternating rounds{front_end}, ratios within a round\n\n| source | seconds | / Kokkos_Core.hpp |\n|---|---|---|")
    for name, seconds in times.items():
        ratios = [a / b for a, b in zip(seconds, times["Kokkos_Core.hpp"])]
        print(f"| {name} | {statistics.median(seconds):.2f} ({min(seconds):.2f}–{max(seconds):.2f}) | {statistics.median(ratios):.2f} |")
    print_sizes(o.build)


main()
