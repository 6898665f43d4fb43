# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests device_bundle.py and device_check.sh with small shell scripts in place of programs.

    test_device_check.py                                       the scripts alone
    test_device_check.py --programs HIDDEN TEST BENCHMARK      a bundle of two real programs, run where the folder HIDDEN is not there
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import device_bundle  # noqa: E402

PROGRAMS = []  # of the command line

BOOST_OK = "echo 'Running 3 test cases...'; echo '*** No errors detected'"
BOOST_BAD = """echo 'Running 3 test cases...'
echo 'a.cpp(7): error: in "layers/conv2d": check x == y has failed'
echo 'a.cpp(9): error: in "layers/conv2d": check x == z has failed'
echo 'b.cpp(9): fatal error: in "layers/pool<float>": memory access violation'
exit 201"""
BENCH_STEP = """
for a; do case $a in --benchmark_out=*) out=${a#*=};; esac; done
json='{"benchmarks": [{"name": "step/small/full/real_time", "median_ms": 500.0}, {"name": "project/small/real_time", "median_ms": 2.0}]}'
if [ -n "$out" ]; then echo "$json" >"$out"; else echo "$json"; fi"""
SANITIZER = """
echo "========= COMPUTE-SANITIZER $*"
case $* in *racecheck*) echo "========= RACECHECK SUMMARY: 2 hazards displayed"; exit 99;; esac
echo "========= ERROR SUMMARY: 0 errors" """


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def script(self, name, text):
        os.makedirs(os.path.dirname(self.path("build", name)), exist_ok=True)
        with open(self.path("build", name), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + text + "\n")
        os.chmod(self.path("build", name), 0o755)
        return self.path("build", name)

    def bundle(self, tests=None, benchmarks=None, backend="openmp", name="bundle", more=()):
        """Makes a bundle of scripts, then removes the folder in which they were built."""
        paths = [[self.script(program, text) for program, text in (programs or {}).items()] for programs in (tests, benchmarks)]
        device_bundle.main([self.path(name), "--backend", backend, *more, "--tests", *paths[0], "--benchmarks", *paths[1]])
        shutil.rmtree(self.path("build"), ignore_errors=True)
        return self.path(name)

    def check(self, *arguments, expect, own_script=True, path=None):
        """Runs device_check.sh; returns the report as JSON and Markdown, the parts by name, and messages."""
        script = os.path.join(self.path("bundle") if own_script else HERE, "device_check.sh")
        environment = {**os.environ, **({"PATH": path + ":" + os.environ["PATH"]} if path else {}), "PYTHON": sys.executable}
        result = subprocess.run([script, "--out", self.path("report"), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=environment, timeout=100)
        self.assertEqual(result.returncode, expect, result.stdout + result.stderr)
        if expect == 2:
            return result.stderr
        with open(self.path("report", "report.json"), encoding="utf-8") as file:
            report = json.load(file)
        with open(self.path("report", "report.md"), encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(result.stdout, text)
        self.assertEqual(report["passed"], expect == 0)
        return report, text, {part["part"]: part for part in report["parts"]}


NO_PYTORCH = ("--pytorch", f"{sys.executable} -m no_such_module")
PYTORCH = ("--pytorch", f"{sys.executable} {HERE}/other_libraries/stand_in.py")


class DeviceCheck(Folder):
    def test_all_parts_pass(self):
        self.bundle({"ign_test_core": BOOST_OK, "ign_test_spaces": BOOST_OK}, {"bench_step": BENCH_STEP})
        report, text, parts = self.check(*PYTORCH, "--cases", "small", expect=0)
        self.assertEqual(list(parts), ["ign_test_spaces", "bench_step", "PyTorch", "ign_test_core", "sanitizer, a step"])
        self.assertEqual(parts["ign_test_core"]["detail"], "3 cases")
        self.assertEqual(parts["bench_step"]["figures"]["median_ms"], {"step/small/full": 500, "project/small": 2})
        self.assertEqual(parts["PyTorch"]["figures"]["rows"][0]["ratio"], 2)
        self.assertIn("| small | 500.0 (500.0–500.0) | published step | channels_last fp32 | 1000.0", text)
        self.assertEqual(parts["sanitizer, a step"]["status"], "skipped")
        self.assertIn("**All parts passed**: 4 passed, 1 skipped.", text)
        self.assertIn("| step/small/full | 500 |", text)
        self.assertEqual(sorted(os.listdir(self.path("report"))), ["log.txt", "report.json", "report.md"])

    def test_failing_hanging_and_missing_programs(self):
        self.bundle({"ign_test_a_fails": BOOST_BAD, "ign_test_b_hangs": "echo begin; sleep 60 & sleep 60", "ign_test_c_missing": BOOST_OK,
                     "ign_test_d_crashes": "kill -SEGV $$", "ign_test_e_ok": BOOST_OK})
        os.remove(self.path("bundle", "ign_test_c_missing"))
        report, text, parts = self.check("--limit", "test=1.5", expect=1)
        self.assertEqual([part["status"] for part in report["parts"]], ["failed", "time limit", "missing", "failed", "passed"])
        self.assertEqual(parts["ign_test_a_fails"]["detail"], "exit status 201; 3 cases, 2 failed: layers/conv2d, layers/pool<float>")
        self.assertIn("not finished within 2 s; last output: begin", parts["ign_test_b_hangs"]["detail"])
        self.assertLess(parts["ign_test_b_hangs"]["seconds"], 10)
        self.assertIn("ign_test_c_missing does not exist, expected since bundle.json lists it", parts["ign_test_c_missing"]["detail"])
        self.assertIn("ended by SIGSEGV", parts["ign_test_d_crashes"]["detail"])
        self.assertIn("## Last output of ign_test_a_fails", text)
        self.assertIn("check x == z has failed", text)
        self.assertIn("**Not all parts passed**: 2 failed, 1 time limit, 1 missing, 1 passed.", text)

    def test_the_limit_of_the_whole_run(self):
        self.bundle({"ign_test_a": "sleep 30", "ign_test_b": BOOST_OK})
        report, text, parts = self.check("--total", "5", expect=1)
        self.assertEqual([part["status"] for part in report["parts"]], ["time limit", "not run"])
        self.assertIn("the limit of the whole run was reached", parts["ign_test_b"]["detail"])
        self.assertLess(report["seconds"], 10)

    def test_sanitizers(self):
        self.script("tools/compute-sanitizer", SANITIZER)
        shutil.move(self.path("build", "tools"), self.path("tools"))
        self.bundle({"ign_test_layers": BOOST_OK}, {"bench_step": BENCH_STEP}, backend="cuda", more=["--unified-memory"])
        report, text, parts = self.check(*NO_PYTORCH, "--only", "sanitizer", path=self.path("tools"), expect=1)
        self.assertEqual({name: part["status"] for name, part in parts.items()},
                         {f"{tool}, {what}": "failed" if tool == "racecheck" else "passed" for what in ("a step", "layers")
                          for tool in ("memcheck", "racecheck", "initcheck")})
        self.assertIn("RACECHECK SUMMARY: 2 hazards displayed", parts["racecheck, layers"]["detail"])
        with open(self.path("report", "log.txt"), encoding="utf-8") as file:
            self.assertRegex(file.read(), "COMPUTE-SANITIZER --tool memcheck .*bench_step .*small")

    def test_a_tool_or_pytorch_that_is_not_there_is_skipped(self):
        self.bundle({}, {"bench_step": BENCH_STEP}, backend="cuda")
        report, text, parts = self.check(*NO_PYTORCH, "--sanitizer", "no-such-sanitizer", expect=0)
        self.assertIn("cannot import torch", parts["PyTorch"]["detail"])
        if not os.path.exists("/usr/local/cuda/bin/compute-sanitizer"):
            self.assertEqual(parts["sanitizer, a step"]["detail"], "no-such-sanitizer not found")

    def test_pytorch_without_a_result_fails(self):
        self.bundle({}, {"bench_step": "echo no benchmark >&2; exit 1"})
        report, text, parts = self.check(*PYTORCH, "--cases", "small", "--only", "pytorch", expect=1)
        self.assertIn("0 rows", parts["PyTorch"]["detail"])

    def test_several_bundles_and_the_environment_of_tests(self):
        seen = 'echo "blocking=$CUDA_LAUNCH_BLOCKING golden=$IGN_GOLDEN_DIR libraries=$LD_LIBRARY_PATH"; exit 1'
        self.bundle({"ign_test_spaces": seen}, backend="cuda")
        self.bundle({"ign_test_layers": seen}, backend="cuda", name="shared", more=["--unified-memory"])
        report, text, parts = self.check(self.path("bundle"), self.path("shared"), "--only", "test", own_script=False, expect=1)
        self.assertIn("blocking= golden=", parts["ign_test_spaces"]["output"])
        self.assertIn("blocking=1 golden=" + self.path("shared", "golden"), parts["ign_test_layers"]["output"])
        self.assertIn("libraries=" + self.path("shared", "lib"), parts["ign_test_layers"]["output"])
        self.assertIn("shared: cuda, unified memory", text)
        self.bundle({"ign_test_core": BOOST_OK}, name="shared")
        self.assertIn("the bundles are for cuda, openmp, expected one backend",
                      self.check(self.path("bundle"), self.path("shared"), own_script=False, expect=2))

    def test_invalid_arguments(self):
        self.bundle({"ign_test_core": BOOST_OK})
        self.assertIn("expected a folder made by the target device_bundle", self.check(self.folder, expect=2))
        self.assertIn("--limit test=x: expected one of test, bench_step", self.check("--limit", "test=x", expect=2))
        self.assertIn("the following arguments are required: bundles", self.check(own_script=False, expect=2))
        with open(self.path("bundle", "bundle.json"), "w", encoding="utf-8") as file:
            file.write('{"format": "another"}')
        self.assertIn("expected the format 'ign device bundle 1'", self.check(expect=2))


class DeviceBundle(Folder):
    def refused(self, arguments, reason):
        with self.assertRaises(SystemExit) as caught:
            device_bundle.main([self.path("bundle"), "--backend", "openmp", *arguments])
        self.assertRegex(str(caught.exception), reason)

    def test_what_is_refused(self):
        program = self.script("p", BOOST_OK)
        self.refused(["--tests", self.path("build", "absent")], "absent does not exist")
        self.refused(["--tests", program, "--limit", "0.001"], "MiB, expected at most 0.001")
        self.refused(["--tests", program, "--strip", "false"], "false failed for")
        os.makedirs(self.path("bundle2", "other"))
        with self.assertRaises(SystemExit) as caught:
            device_bundle.main([self.path("bundle2"), "--backend", "openmp"])
        self.assertIn("is not empty and no earlier bundle", str(caught.exception))
        self.assertTrue(os.path.isdir(self.path("bundle2", "other")))

    def test_libraries(self):
        for name in ("libcuda.so.1", "libcublasLt.so.13", "libcudart.so.13", "libnvJitLink.so.13", "libamdhip64.so.7", "librocblas.so.5"):
            self.assertTrue(device_bundle.VENDOR.match(name), name)
        for name in ("libbenchmark.so.1debian", "libgomp.so.1", "libpng16.so.16"):
            self.assertFalse(device_bundle.VENDOR.match(name) or device_bundle.RUNTIME.match(name), name)
        for name in ("libc.so.6", "libstdc++.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "linux-vdso.so.1"):
            self.assertTrue(device_bundle.RUNTIME.match(name), name)

    def test_a_library_travels_with_its_program(self):
        if shutil.which("c++") is None:
            self.skipTest("no compiler")
        os.makedirs(self.path("build"))
        with open(self.path("build", "extra.cpp"), "w", encoding="utf-8") as file:
            file.write("int answer() { return 0; }\n")
        with open(self.path("build", "main.cpp"), "w", encoding="utf-8") as file:
            file.write("int answer(); int main() { return answer(); }\n")
        library, program = self.path("build", "libextra.so"), self.path("build", "ign_test_extra")
        subprocess.run(["c++", "-shared", "-fPIC", self.path("build", "extra.cpp"), "-Wl,-soname,libextra.so", "-o", library], check=True)
        subprocess.run(["c++", self.path("build", "main.cpp"), library, f"-Wl,-rpath,{self.path('build')}", "-o", program], check=True)
        device_bundle.main([self.path("bundle"), "--backend", "openmp", "--strip", shutil.which("strip") or "", "--tests", program])
        os.remove(library)
        self.refused(["--tests", program], "needs .*libextra.so, which this machine does not have")
        shutil.rmtree(self.path("build"))
        self.assertEqual(os.listdir(self.path("bundle", "lib")), ["libextra.so"])
        self.check(expect=0)
        os.rename(self.path("bundle", "lib", "libextra.so"), self.path("libextra.so"))
        _, _, parts = self.check(expect=1)
        self.assertEqual(parts["ign_test_extra"]["detail"],
                         "libextra.so not found on this machine, expected in a folder of LD_LIBRARY_PATH or --library-path")
        self.check("--library-path", self.folder, expect=0)

    def test_an_earlier_bundle_is_replaced(self):
        self.bundle({"ign_test_old": BOOST_OK})
        self.refused(["--tests", self.path("build", "absent")], "absent does not exist")
        self.assertTrue(os.path.exists(self.path("bundle", "ign_test_old")))  # a failure changes nothing
        self.assertEqual(os.listdir(self.folder), ["bundle"])
        self.bundle({"ign_test_new": BOOST_OK})
        self.assertFalse(os.path.exists(self.path("bundle", "ign_test_old")))


class RealPrograms(Folder):
    def test_a_bundle_runs_where_its_build_is_not(self):
        if not PROGRAMS:
            self.skipTest("no programs named")
        hidden, test, benchmark = PROGRAMS
        strip = shutil.which("strip") or ""
        device_bundle.main([self.path("bundle"), "--backend", "openmp", "--strip", strip, "--tests", test, "--benchmarks", benchmark])
        report, out = self.path("report"), self.path("bundle", "device_check.sh")
        check = [out, "--out", report, "--cases", "small", "--seconds", "0.01", *PYTORCH[:1], f"{sys.executable} {self.path('stand_in.py')}"]
        shutil.copy(os.path.join(HERE, "other_libraries", "stand_in.py"), self.path("stand_in.py"))
        enter = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
        can_hide = subprocess.run([*enter, "mount", "-t", "tmpfs", "none", hidden], stderr=subprocess.DEVNULL).returncode == 0
        if can_hide:  # an empty folder in place of the sources and the build
            check = [*enter, "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', hidden, *check]
        result = subprocess.run(check, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder, timeout=250,
                                env={**os.environ, "PYTHON": sys.executable})
        self.assertEqual(result.returncode, 0, result.stdout)
        with open(os.path.join(report, "report.json"), encoding="utf-8") as file:
            parts = {part["part"]: part for part in json.load(file)["parts"]}
        self.assertEqual(parts[os.path.basename(test)]["status"], "passed")
        self.assertRegex(parts[os.path.basename(test)]["detail"], "^[1-9][0-9]* cases$")
        self.assertGreater(parts["bench_step"]["figures"]["median_ms"]["step/small/full"], 0)
        self.assertGreater(parts["PyTorch"]["figures"]["rows"][0]["ratio"], 0)
        print("the build was " + ("hidden" if can_hide else "not hidden, which needs root or user namespaces"))


if sys.argv[1:2] == ["--programs"]:
    PROGRAMS = [os.path.abspath(path) for path in sys.argv[2:5]]
    unittest.main(argv=[sys.argv[0], "RealPrograms"])
unittest.main()
