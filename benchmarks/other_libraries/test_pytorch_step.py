# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests ./pytorch_step.py with the PyTorch of the given command: requests on a CPU, and what it answers to invalid ones. Without PyTorch it prints
SKIPPED. On a machine with an NVIDIA GPU it also runs steps there."""
import json
import os
import shlex
import subprocess
import sys

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch_step.py")
COMMAND = shlex.split(sys.argv[1])


def has(expression):
    return subprocess.run([*COMMAND, "-c", f"import torch; assert {expression}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def main():
    if not has("True"):
        print(f"SKIPPED: {sys.argv[1]} cannot import torch")
        return
    gpu = has("torch.cuda.is_available()")
    requests = [
        ("step S published channels_last --seconds 0.01 --threads 1", "median_ms"),
        ("step S three_passes contiguous --seconds 0.01 --threads 1", "median_ms"),
        ("project S - contiguous --seconds 0.01 --threads 1", "median_ms"),
        ("step unknown published contiguous", "invalid request: step unknown published contiguous"),
        ("step S - contiguous", "invalid request"),
        ("project S published contiguous", "invalid request"),
    ]
    for arguments in ("step S published channels_last --dtype tf32", "step S three_passes channels_last --dtype bf16", "project S - channels_last"):
        requests.append((f"{arguments} --device cuda --seconds 0.01", "median_ms" if gpu else "PyTorch finds no GPU"))
    requests.append(requests[0])  # still answers after a failure
    lines = "".join(request + "\n" for request, _ in requests)
    result = subprocess.run([*COMMAND, SCRIPT, "--requests"], input=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True)
    answers = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    assert len(answers) == len(requests), result.stdout + result.stderr
    for (request, expected), answer in zip(requests, answers):
        print(request, answer)
        if expected == "median_ms":
            assert 0 < answer["min_ms"] <= answer["median_ms"] and answer["peak_MB"] > 0 and answer["torch"], (request, answer)
            assert answer.get("graph", False) == ("cuda" in request) and ("median_cpu_ms" in answer) != ("cuda" in request), (request, answer)
        else:
            assert answer.get("error", "").startswith(expected), (request, answer)


main()
