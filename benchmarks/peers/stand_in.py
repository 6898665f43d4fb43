# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fake Python with PyTorch for the test of compare.py. It answers with fixed times: 1 s for channels_last, 1.1 s for contiguous, and half
of that for bfloat16. torch.compile fails."""
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
