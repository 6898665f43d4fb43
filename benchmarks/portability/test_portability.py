# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests ../portability.py on two synthetic machines against values computed by hand."""
import json
import os
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import portability  # noqa: E402


def machine(label, flops, cases):
    return {"format": portability.FORMAT, "label": label, "device": label + " <1>", "driver": "1.2", "machine": {"compiler": "C", "date": "today"},
            "limits": {"launch_seconds": 2e-6, "stream_bytes_per_second": 5e10, "product_flops": flops},
            "cases": [{"name": name, "seconds": 1.0, "least_seconds": share, "share": share} for name, share in cases.items()]}


FAST = machine("fast", {"full": 3e13, "bf16": 4e14}, {"S1/conv_forward/full": 0.5, "step S/full": 0.8, "step S/bf16": 0.1})
SLOW = machine("slow", {"full": 4e11}, {"S1/conv_forward/full": 0.25, "adam/full": 0.9})


class Portability(unittest.TestCase):
    def test_harmonic_mean(self):
        self.assertAlmostEqual(portability.portability([0.5, 0.25]), 1 / 3)
        self.assertAlmostEqual(portability.portability([0.4]), 0.4)
        self.assertEqual(portability.portability([0.5, None]), 0)
        self.assertEqual(portability.portability([]), 0)

    def test_join(self):
        rows = {name: (values, figure) for name, values, figure in portability.join([FAST, SLOW])}
        self.assertEqual(list(rows), ["S1/conv_forward/full", "step S/full", "step S/bf16", "adam/full"])
        self.assertEqual(rows["S1/conv_forward/full"][0], [0.5, 0.25])
        self.assertAlmostEqual(rows["S1/conv_forward/full"][1], 1 / 3)
        self.assertEqual(rows["step S/full"], ([0.8, None], 0))  # does not run on every machine
        self.assertEqual(rows["step S/bf16"][0], [0.1, "-"])  # a machine without such products does not count
        self.assertAlmostEqual(rows["step S/bf16"][1], 0.1)

    def test_table_and_picture(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for one in (FAST, SLOW):
                paths.append(os.path.join(folder, one["label"] + ".json"))
                with open(paths[-1], "w", encoding="utf-8") as file:
                    json.dump(one, file)
            table, picture = os.path.join(folder, "t.md"), os.path.join(folder, "p.svg")
            portability.main([*paths, "--table", table, "--picture", picture])
            with open(table, encoding="utf-8") as file:
                text = file.read()
            self.assertIn("| S1/conv_forward/full | 50.0 | 25.0 | 33.3 |", text)
            self.assertIn("| step S/full | 80.0 | **no** | 0.0 |", text)
            self.assertIn("| slow | slow <1> | 1.2 | C | today | full 400 | 50 | 2.00 |", text)
            root = xml.etree.ElementTree.parse(picture).getroot()
            dots = [e for e in root.iter("{http://www.w3.org/2000/svg}circle") if e.get("r") == "4"]
            self.assertEqual(len(dots), 5)
            self.assertEqual(sorted(os.listdir(folder)), ["fast.json", "p.svg", "slow.json", "t.md"])

    def test_bad_files_are_named(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "bad.json")
            for text, expected in (("{", "bad.json"), ("[]", "format"), (json.dumps({**FAST, "format": "x"}), "'x'"),
                                   (json.dumps({k: v for k, v in FAST.items() if k != "limits"}), "limits"),
                                   (json.dumps(machine("m", {}, {"c": 0.0})), "'c' is 0.0")):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                with self.assertRaises(SystemExit) as caught:
                    portability.main([path])
                self.assertIn(expected, str(caught.exception))


unittest.main()
