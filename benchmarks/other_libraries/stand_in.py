# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fake Python with PyTorch for the tests of compare.py. It answers with fixed times: 1 s for channels_last, 1.1 s for contiguous, and half
of that for bfloat16. torch.compile fails. The variable IGN_STAND_IN holds exceptions, a JSON object: beginning of a request -> time in ms,
"hang", "exit" (without an answer), or the text of an error."""
import json
import os
import sys
import time

EXCEPTIONS = json.loads(os.environ.get("IGN_STAND_IN", "{}"))


def answer(arguments):
    request = " ".join(arguments)
    matches = [text for text in EXCEPTIONS if request.startswith(text)]
    what = EXCEPTIONS[max(matches, key=len)] if matches else None
    if what == "hang":
        time.sleep(60)
    elif what == "exit":
        os._exit(3)
    elif isinstance(what, str):
        return {"error": what}
    elif what is None and "--compile" in arguments and arguments[0] == "step":
        return {"error": "no compiler here"}
    milliseconds = what or (1000.0 if "channels_last" in arguments else 1100.0) / (2 if "bf16" in arguments else 1)
    return {"median_ms": milliseconds, "min_ms": milliseconds, "torch": "stand-in", "peak_MB": 1000.0}


if sys.argv[2:] == ["--requests"]:
    for line in sys.stdin:
        print("a line that is no answer\n" + json.dumps(answer(line.split())), flush=True)
elif sys.argv[1] != "-c":
    result = answer(sys.argv[2:])
    if "error" in result:
        sys.exit(result["error"])
    print(json.dumps(result))
