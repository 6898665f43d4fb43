# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests ../compare.py with stand-ins for bench_step on a GPU and for PyTorch (./stand_in.py), of known times."""
import contextlib
import io
import json
import os
import signal
import stat
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import compare  # noqa: E402

BENCH_STEP = """#!{python}
import json, re, sys
times = {times}
pattern = re.compile(next(a.split("=", 1)[1] for a in sys.argv if a.startswith("--benchmark_filter=")))
print("CUDA device 0")
print(json.dumps({{"benchmarks": [{{"name": name + "/real_time", "median_ms": ms}} for name, ms in times.items() if pattern.search(name)]}}))
"""
STEPS = {"full": 300.0, "tf32": 250.0, "bf16": 260.0}
GPU = {**{f"{what}/{case}/{name}": ms * (0.8 if what == "graph_step" else 1) * (4 if case == "L" else 1)
          for what in ("step", "graph_step") for case in ("S", "L") for name, ms in STEPS.items()},
       "project/S": 0.25, "project/L": 2.5}


class Compare(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(signal.signal, signal.SIGTERM, signal.getsignal(signal.SIGTERM))
        self.folder = folder.name

    def compare(self, *arguments, exceptions=None, times=GPU):
        """Runs a comparison on a GPU; returns the Markdown, the JSON and the messages."""
        bench_step, result = os.path.join(self.folder, "bench_step"), os.path.join(self.folder, "result.json")
        with open(bench_step, "w", encoding="utf-8") as file:
            file.write(BENCH_STEP.format(python=sys.executable, times=times))
        os.chmod(bench_step, stat.S_IRWXU)
        os.environ["IGN_STAND_IN"] = json.dumps(exceptions or {})
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            compare.main([bench_step, "--pytorch", f"{sys.executable} {HERE}/stand_in.py", "--device", "cuda", "--cases", "S", "L", "--seconds",
                          "0.01", "--rounds", "1", "--json", result, *arguments])
        with open(result, encoding="utf-8") as file:
            return out.getvalue(), json.load(file), err.getvalue()

    def row(self, record, case, against):
        return next(row for row in record["rows"] if (row["case"], row["against"]) == (case, against))

    def test_the_best_variant_of_each_case(self):
        text, record, _ = self.compare(exceptions={"step S published channels_last --dtype tf32 --compile": 700,
                                                   "step S published channels_last --dtype bf16 --compile": 400,
                                                   "project S - channels_last": 0.5, "project L - channels_last": 1})
        self.assertEqual(self.row(record, "S", "published step")["ratio"], 1000 / 240)
        tf32 = self.row(record, "S", "published step, tf32")
        self.assertEqual((tf32["ours"], tf32["ours_ms"], tf32["pytorch"], tf32["pytorch_ms"]),
                         ("ours graph_step tf32", 200, "published channels_last tf32 --compile", 700))
        best = self.row(record, "S", "published step, best of all precisions")  # our tf32 against PyTorch's bf16
        self.assertEqual((best["ours"], best["pytorch"], best["ratio"]),
                         ("ours graph_step tf32", "published channels_last bf16 --compile", 2))
        self.assertEqual(self.row(record, "L", "three passes, best of all precisions")["pytorch"], "three_passes channels_last bf16")
        self.assertIn("| S | 200.0 (200.0–200.0), tf32, as a graph | published step, best of all precisions | channels_last bf16 --compile "
                      "| 400.0 (400.0–400.0) | 2.00 (2.00–2.00) |", text)
        self.assertIn("| S | 0.250 (0.250–0.250) | one image, projected | channels_last | 0.500 (0.500–0.500) | 2.00", text)
        self.assertEqual(record["torch"], ["stand-in"])
        self.assertFalse(any("contiguous" in entry["side"] for entry in record["medians_ms"]))  # on a GPU channels-last only
        self.assertEqual(record["left_out"], [])

    def test_variants_that_fail_are_listed_with_their_reason(self):
        text, record, messages = self.compare(exceptions={"step L published channels_last --dtype fp32": "CUDA out of memory"})
        reasons = {(failure["case"], failure["side"]): failure["reason"] for failure in record["failures"]}
        self.assertEqual(reasons["L", "published channels_last fp32"], "CUDA out of memory")
        self.assertEqual(reasons["S", "published channels_last bf16 --compile"], "no compiler here")
        self.assertIn("- L, published channels_last fp32: CUDA out of memory\n", text)
        self.assertIn("skipped: L, published channels_last fp32: CUDA out of memory\n", messages)
        self.assertEqual(self.row(record, "S", "published step")["pytorch_ms"], 1000)  # the other case still has that variant
        self.assertFalse(any(row["case"] == "L" and row["against"] == "published step" for row in record["rows"]))
        self.assertEqual(self.row(record, "L", "published step, best of all precisions")["pytorch"], "published channels_last bf16")

    def test_pytorch_is_started_again(self):
        exceptions = {"step S published channels_last --dtype tf32": "exit", "step L published channels_last --dtype fp32": "hang"}
        _, record, _ = self.compare("--no-compile", "--variant-limit", "2", exceptions=exceptions)
        self.assertEqual([(failure["case"], failure["side"], failure["reason"]) for failure in record["failures"]],
                         [("S", "published channels_last tf32", "the PyTorch process has exited without an answer, status 3"),
                          ("L", "published channels_last fp32", "no answer within 2 s")])
        self.assertEqual(len([e for e in record["medians_ms"] if e["side"].startswith(("published", "three"))]), 2 * 6 - 2)

    def test_the_limit_leaves_the_rest_out(self):
        text, record, _ = self.compare("--limit", "1e-9", "--rounds", "2")
        self.assertEqual(record["rows"], [])
        self.assertEqual(record["left_out"][0], {"case": "S", "side": "all variants of a round"})
        self.assertIn("- L, published channels_last bf16 --compile: the limit of the run was reached", text)
        self.assertEqual(record["rounds"], 1)

    def test_bench_step_without_a_precision_or_broken(self):
        _, record, _ = self.compare("--no-compile", times={name: ms for name, ms in GPU.items() if "tf32" not in name})
        self.assertEqual(self.row(record, "S", "published step, best of all precisions")["ours"], "ours graph_step bf16")
        self.assertIn({"case": "S", "side": "ours step tf32", "reason": "bench_step has no result for step/S/tf32"}, record["failures"])
        _, record, _ = self.compare("--no-compile", times={})
        self.assertEqual(record["rows"], [])
        self.assertIn("has no benchmark that matches", record["failures"][0]["reason"])

    def test_rounds_are_compared_with_each_other(self):
        comparison = compare.Comparison()
        for mine, other in ((10, 20), (20, 30), (10, 40)):
            comparison.note(("step", "S"), "ours step fp32", lambda: {"median_ms": mine})
            comparison.note(("step", "S"), "published channels_last fp32", lambda: {"median_ms": other})
        key, name, own, other = next(comparison.rows())
        self.assertEqual(comparison.compared(key, own, other), [2, 1.5, 4])
        self.assertIn("| S | 10.0 (10.0–20.0) | published step | channels_last fp32 | 30.0 (20.0–40.0) | 2.00 (1.50–4.00) |",
                      comparison.table())

        def fail():
            raise RuntimeError("late")
        with contextlib.redirect_stderr(io.StringIO()):
            comparison.note(("step", "S"), "published channels_last fp32", fail)  # a side that fails later does not count
        self.assertEqual(list(comparison.rows()), [])

    def test_options(self):
        o = compare.options(["b"])
        self.assertEqual((o.layouts, o.compile, o.rounds), (["contiguous", "channels_last"], False, 3))
        o = compare.options(["b", "--device", "cuda"])
        self.assertEqual((o.layouts, o.compile), (["channels_last"], True))
        o = compare.options(["b", "--device", "cuda", "--no-compile", "--layouts", "contiguous"])
        self.assertEqual((o.layouts, o.compile), (["contiguous"], False))
        for wrong in (["--rounds", "0"], ["--limit", "-1"], ["--device", "hip"], ["--layouts", "rows"]):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                compare.options(["b", *wrong])

    def test_a_python_without_pytorch_is_refused(self):
        with self.assertRaises(SystemExit) as caught:
            compare.main(["bench_step", "--pytorch", f"{sys.executable} -m no_such_module"])
        self.assertIn("cannot import torch", str(caught.exception))


unittest.main()
