# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Stands in for a Python with PyTorch in the test of compare.py: answers with fixed times, a second, and less where pytorch_step.py is told
bfloat16. The layout channels_last is the faster one; torch.compile fails."""
import json
import sys

if sys.argv[1] != "-c":
    arguments = sys.argv[2:]
    if "--compile" in arguments and arguments[0] == "step":
        sys.exit("no compiler here")
    milliseconds = 1000.0 if "channels_last" in arguments else 1100.0
    if "bf16" in arguments:
        milliseconds /= 2
    print(json.dumps({"median_ms": milliseconds, "min_ms": milliseconds, "torch": "stand-in", "peak_MB": 1000.0}))
