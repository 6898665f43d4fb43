#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inference compared with libtorch and ONNX Runtime: the same weights and inputs through four ways to call a net from another program.

    python3 benchmarks/inference.py build/release [--onnxruntime FOLDER] [--nets mnist-small dcgan-64] [--rounds 5]

Needs a Python with PyTorch, which exports the nets. A way that this machine does not have is left out and named:
  header        io/runtime_projector.hpp, compiled with the flags of the examples
  libign        the C interface
  libtorch      C++, from Debian's libtorch-dev (or --libtorch PREFIX of an unpacked archive)
  onnxruntime   Node.js, from the npm package onnxruntime-node in FOLDER/node_modules (install it with --onnxruntime-node-install-cuda=skip)

Prints a Markdown table of each net. The programs alternate; figures are medians of the rounds. Their results must agree to 1e-4.
  on disk   the stripped program and the libraries it loads, without those of the compiler and of the C library
  build     processor seconds to compile the program
  start     from the start of the process to its end, with one application to one image
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
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OTHERS = os.path.join(HERE, "other_libraries", "inference")
SYSTEM = ("linux-vdso", "ld-linux", "libc.so", "libm.so", "libgcc_s", "libstdc++", "libgomp", "libpthread", "libdl", "librt")


def fail(text):
    sys.exit(f"inference: {text}")


def processor_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def size_on_disk(program, folder):
    """Bytes of a stripped copy of the program and of the libraries that it loads."""
    copy = os.path.join(folder, "stripped")
    subprocess.run(["strip", "-o", copy, program], check=True)
    size = os.path.getsize(copy)
    for line in subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout.splitlines():
        words = line.split()
        if not words[0].split("/")[-1].startswith(SYSTEM) and "=>" in words and words[2].startswith("/"):
            size += os.path.getsize(words[2])
    return size


class Way:
    """One way to apply a net: a command, the ending of its model files, its size and build time."""

    def __init__(self, name, command, model, size, build):
        self.name, self.command, self.model, self.size, self.build = name, command, model, size, build

    def run(self, model, n, image, repeats, environment):
        start = time.perf_counter()
        done = subprocess.run([*self.command, model + self.model, str(n), *map(str, image), str(repeats)], env=environment, capture_output=True,
                              text=True)
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            fail(f"{self.name} failed: {done.stderr.strip()}")
        return json.loads(done.stdout.splitlines()[-1]), seconds


def own_ways(build, folder):
    with open(os.path.join(build, "compile_commands.json")) as file:
        commands = {os.path.basename(entry["file"]): entry for entry in json.load(file)}
    for name, target, source in (("header", "inference_header", "header.cpp"), ("libign", "inference_libign", "libign.c")):
        program = os.path.join(build, "benchmarks", target)
        if not os.path.exists(program):
            print(f"{name}: {program} is not built", file=sys.stderr)
            continue
        words = shlex.split(commands[source]["command"])
        words[words.index("-o") + 1] = os.path.join(folder, "object.o")
        os.chdir(commands[source]["directory"])
        yield Way(name, [program], ".safetensors", size_on_disk(program, folder), processor_seconds(words))


def libtorch_way(prefix, folder):
    program, source = os.path.join(folder, "libtorch"), os.path.join(OTHERS, "libtorch.cpp")
    command = ["c++", "-std=c++17", "-O2", source, "-o", program, f"-I{prefix}/include", f"-I{prefix}/include/torch/csrc/api/include",
               f"-L{prefix}/lib", f"-Wl,-rpath,{prefix}/lib", "-ltorch", "-ltorch_cpu", "-lc10"]
    if not os.path.exists(os.path.join(prefix, "include", "torch", "script.h")):
        print(f"libtorch: no torch/script.h in {prefix}/include", file=sys.stderr)
        return
    seconds = processor_seconds(command)
    yield Way("libtorch", [program], ".pt", size_on_disk(program, folder), seconds)


def onnxruntime_way(folder):
    node = shutil.which("node")
    package = os.path.join(folder or "", "node_modules", "onnxruntime-node")
    if not folder or not node or not os.path.exists(package):
        print("onnxruntime: no Node.js, or no package onnxruntime-node in --onnxruntime FOLDER", file=sys.stderr)
        return
    os.environ["ORT_FROM"] = os.path.join(os.path.abspath(folder), "package.json")
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    size = 0
    for place, _, names in os.walk(package):
        if place.endswith(os.path.join("linux", machine)):
            size += sum(os.path.getsize(os.path.join(place, name)) for name in names if not os.path.islink(os.path.join(place, name)))
    yield Way("onnxruntime", [node, os.path.join(OTHERS, "onnxruntime.mjs")], ".onnx", size, None)


def export(program, net, folder):
    """Writes net.safetensors, net.pt and net.onnx: a net of `train` after two steps. Returns the extents (h, w, c)."""
    sys.path.insert(0, os.path.join(HERE, "..", "python"))
    import torch
    import ign_torch
    out = os.path.join(folder, net)
    subprocess.run([program, "--net", net, "--data", "rectangles", "--steps", "2", "--batch", "8", "--distillation", "0", "--out", out + "-run"],
                   check=True, stdout=subprocess.DEVNULL)
    shutil.copy(os.path.join(out + "-run", "model.safetensors"), out + ".safetensors")
    f = ign_torch.load(out + ".safetensors").eval()
    _, metadata = ign_torch.read(out + ".safetensors")
    height, width, channels = json.loads(metadata["net"])["input"]
    x = torch.zeros(1, channels, height, width)
    torch.jit.trace(f, x).save(out + ".pt")
    with torch.no_grad():
        torch.onnx.export(f, x, out + ".onnx", input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
    return height, width, channels


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--libtorch", default="/usr")
    parser.add_argument("--onnxruntime", help="folder with node_modules/onnxruntime-node")
    parser.add_argument("--nets", nargs="+", default=["mnist-small", "dcgan-64"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=30, help="applications in a round")
    parser.add_argument("--batch", type=int, default=64, help="images at once, for the throughput")
    o = parser.parse_args()
    o.build, o.libtorch = os.path.abspath(o.build), os.path.abspath(o.libtorch)
    o.onnxruntime = o.onnxruntime and os.path.abspath(o.onnxruntime)
    environment = {"OMP_NUM_THREADS": str(o.threads), "OMP_PROC_BIND": "false"}
    os.environ.update(environment)
    with tempfile.TemporaryDirectory() as folder:
        ways = [*own_ways(o.build, folder), *libtorch_way(o.libtorch, folder), *onnxruntime_way(o.onnxruntime)]
        if not ways:
            fail("nothing to measure: build the benchmarks first")
        for net in o.nets:
            image = export(os.path.join(o.build, "examples", "train"), net, folder)
            model = os.path.join(folder, net)
            figures = {way.name: {"start": [], "one": [], "many": []} for way in ways}
            magnitudes = {}
            for _ in range(o.rounds):
                for way in ways:
                    figure = figures[way.name]
                    figure["start"].append(1e3 * way.run(model, 1, image, 1, os.environ)[1])
                    figure["one"].append(way.run(model, 1, image, 10 * o.repeats, os.environ)[0]["ms"])
                    results = way.run(model, o.batch, image, o.repeats, os.environ)[0]
                    figure["many"].append(o.batch / results["ms"] * 1e3)
                    magnitudes[way.name] = results["magnitude"]
            largest, least = max(magnitudes.values()), min(magnitudes.values())
            if not largest - least <= 1e-4 * largest:
                fail(f"{net}: the results differ: {magnitudes}")
            print(f"\n{net}, images of {image}, {o.threads} threads, {o.rounds} rounds\n")
            print(f"| way | on disk, MB | build, s | start, ms | one image, ms | images/s, {o.batch} at once |\n|---|---|---|---|---|---|")
            for way in ways:
                start, one, many = (statistics.median(figures[way.name][kind]) for kind in ("start", "one", "many"))
                build = "–" if way.build is None else f"{way.build:.1f}"
                print(f"| {way.name} | {way.size / 1e6:.1f} | {build} | {start:.0f} | {one:.3g} | {many:,.0f} |")


if __name__ == "__main__":
    main()
