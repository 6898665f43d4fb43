# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes a folder with programs for another machine, where the device_check.sh in that folder runs them. The target device_bundle calls it:

    cmake --build build/cuda --target device_bundle          # makes build/cuda/device_bundle

The programs are copied without their symbols, and next to them the libraries they load. Not copied are the C and C++ runtime, unless the programs
are linked with one of their own, and the libraries of a GPU's maker, which the other machine must have. bundle.json lists all of them.
"""
import argparse
import datetime
import json
import os
import re
import shutil
import subprocess
import sys

FORMAT = "ign device bundle 1"
HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = ("device_check.sh", "device_check.py", "compare.py", "other_libraries/pytorch_step.py")
RUNTIME = re.compile(r"(linux-vdso|ld-linux[^/]*|libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+)\.so")
VENDOR = re.compile(r"lib(cu[a-zA-Z]*|nv[a-zA-Z-]*|nccl|amdhip64|hsa[a-z0-9-]*|hip[a-z]*|roc[a-z0-9]*|amd_comgr)\.so")


class Bad(Exception):
    """The bundle cannot be made."""


def loaded(program, environment=None):
    """Returns {name: path or None} of the libraries that the dynamic loader finds for a program, and the path of the loader."""
    result = subprocess.run([program], env={**(environment or os.environ), "LD_TRACE_LOADED_OBJECTS": "1"}, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    libraries, loader = {}, None
    for line in result.stdout.splitlines():
        found = re.match(r"\s*(\S+) => (not found|\S+)", line)
        if found:
            libraries[found[1]] = None if found[2] == "not found" else found[2]
        elif "ld-linux" in line or re.search(r"/ld[.-]", line):
            loader = line.split()[0]
    if loader is None:
        raise Bad(f"{program}: the dynamic loader lists nothing, expected a dynamically linked program of this machine")
    return libraries, loader


def is_private(path):
    """Whether a loader lies outside the folders that every system has."""
    return not re.match(r"/(usr/)?lib(32|64)?/", path)


def copy_program(path, folder, strip):
    target = os.path.join(folder, os.path.basename(path))
    shutil.copy(path, target)
    if strip and subprocess.run([strip, target], stderr=subprocess.DEVNULL).returncode != 0:
        raise Bad(f"{strip} failed for {path}")
    return target


def commit():
    """The commit of the sources, with + if there are changes; empty outside a repository."""
    git = lambda *arguments: subprocess.run(["git", "-C", HERE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        head, changes = git("rev-parse", "--short=12", "HEAD"), git("status", "--porcelain", "--untracked-files=no")
    except OSError:
        return ""
    return head.stdout.strip() + ("+" if changes.stdout.strip() else "") if head.returncode == 0 else ""


def make(o):
    """Makes the bundle next to its place, and replaces an earlier one only when it is complete."""
    if os.path.isdir(o.out) and os.listdir(o.out) and not os.path.exists(os.path.join(o.out, "bundle.json")):
        raise Bad(f"{o.out} is not empty and no earlier bundle, expected a new folder")
    place, o.out = o.out, o.out.rstrip("/") + ".part"
    shutil.rmtree(o.out, ignore_errors=True)
    try:
        result = fill(o)
        shutil.rmtree(place, ignore_errors=True)
        os.rename(o.out, place)
        return result
    finally:
        shutil.rmtree(o.out, ignore_errors=True)
        o.out = place


def fill(o):
    libraries, vendor, programs, loader_name = {}, set(), [], ""
    os.makedirs(os.path.join(o.out, "lib"))
    for kind, paths in (("test", o.tests), ("benchmark", o.benchmarks)):
        for path in paths:
            if not os.path.exists(path):
                raise Bad(f"{path} does not exist, expected a program that has been built")
            found, loader = loaded(path)
            own_runtime = is_private(loader)
            for name, source in found.items():
                if VENDOR.match(name):
                    vendor.add(name)
                elif source is None:
                    raise Bad(f"{path} needs {name}, which this machine does not have")
                elif not RUNTIME.match(name) or own_runtime and os.path.isabs(source):
                    libraries[name] = source
            if own_runtime:
                loader_name = os.path.basename(loader)
                libraries[loader_name] = loader
            target = copy_program(path, o.out, o.strip)
            programs.append({"name": os.path.basename(path), "kind": kind, "bytes": os.path.getsize(target)})
    for name, source in libraries.items():
        shutil.copy(source, os.path.join(o.out, "lib", name))
    for script in SCRIPTS:
        os.makedirs(os.path.dirname(os.path.join(o.out, script)), exist_ok=True)
        shutil.copy(os.path.join(HERE, script), os.path.join(o.out, script))
    if o.golden:
        os.makedirs(os.path.join(o.out, "golden"))
        for name in sorted(os.listdir(o.golden)):
            if name.endswith(".safetensors"):
                shutil.copy(os.path.join(o.golden, name), os.path.join(o.out, "golden", name))
    record = {"format": FORMAT, "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"), "commit": commit(),
              "backend": o.backend, "unified_memory": o.unified_memory, "kokkos": o.kokkos, "compiler": o.compiler, "loader": loader_name,
              "programs": programs, "libraries": sorted(libraries), "needed_there": sorted(vendor)}
    with open(os.path.join(o.out, "bundle.json"), "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
    size = sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(o.out) for name in names) / 2**20
    if size > o.limit:
        raise Bad(f"the bundle has {size:.1f} MiB, expected at most {o.limit:g}: bundle fewer programs (IGN_DEVICE_PROGRAMS), or raise --limit")
    return record, size


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Makes a folder of programs that runs on another machine.")
    parser.add_argument("out", help="folder to make; an earlier bundle is replaced")
    parser.add_argument("--backend", required=True, help="cuda, hip, openmp, …")
    parser.add_argument("--unified-memory", action="store_true", help="the host can read the GPU's memory in this build")
    parser.add_argument("--kokkos", default="", help="version of Kokkos, for the report")
    parser.add_argument("--compiler", default="", help="for the report")
    parser.add_argument("--strip", default="", help="command that removes symbols")
    parser.add_argument("--golden", default="", help="folder of reference files that tests read")
    parser.add_argument("--limit", type=float, default=64, help="largest size in MiB")
    parser.add_argument("--tests", nargs="*", default=[])
    parser.add_argument("--benchmarks", nargs="*", default=[])
    o = parser.parse_args(arguments)
    try:
        record, size = make(o)
    except (Bad, OSError) as error:
        sys.exit(f"device_bundle: {error}")
    there = f"; needed there: {', '.join(record['needed_there'])}" if record["needed_there"] else ""
    print(f"device_bundle: {o.out}: {', '.join(p['name'] for p in record['programs'])}; {size:.1f} MiB{there}")


if __name__ == "__main__":
    main()
