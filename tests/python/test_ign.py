# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""python/ign.py: test_ign.py <libign.so> <model with images of 8 x 8 x 2>, next to other files of tests/golden. With NumPy and PyTorch,
where they are installed."""
import ctypes
import gc
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import torch  # first: it brings libraries of its own
except ImportError:
    torch = None
try:
    import numpy
except ImportError:
    numpy = None

# The command that has started this interpreter, which may begin with a dynamic linker.
COMMAND = pathlib.Path("/proc/self/cmdline").read_text().split("\0")
COMMAND = COMMAND[: COMMAND.index(sys.argv[0])]
LIBRARY, MODEL = sys.argv.pop(1), sys.argv.pop(1)
PYTHON = str(pathlib.Path(__file__).resolve().parents[2] / "python")
os.environ.update(IGN_LIBRARY=LIBRARY, PYTHONPATH=PYTHON, PYTHONDONTWRITEBYTECODE="1")
sys.dont_write_bytecode = True
sys.path.insert(0, PYTHON)
import ign


def golden(name):
    return str(pathlib.Path(MODEL).with_name(f"exchange_{name}.safetensors"))


def parts(path):
    """Header and data of a safetensors file."""
    data = pathlib.Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Tests(unittest.TestCase):
    def assertFails(self, fault, text, call, *arguments, **named):
        with self.assertRaises(ign.Error) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.fault, fault)
        self.assertTrue(str(caught.exception).startswith(text), str(caught.exception))

    def setUp(self):
        self.net = ign.Net(MODEL)


class Arrays(Tests):
    """Without any other package."""

    def test_a_net_has_extents_and_errors(self):
        self.assertEqual(ign.Net(MODEL).shape, (8, 8, 2))
        self.assertRegex(ign.version(), r"^\d+\.\d+\.\d+$")
        self.assertFails("file", "[ign.file.1]", ign.Net, "no such file")
        self.assertFails("shape", "[ign.shape.523] x has the shape (3, 8, 2)", self.net.apply, ign.zeros((3, 8, 2)))
        self.assertFails("shape", "[ign.shape.523] out", self.net.apply, ign.zeros((3, 8, 8, 2)), out=ign.zeros((2, 8, 8, 2)))
        self.assertFails("shape", "[ign.shape.523] mask", self.net.project, ign.zeros((3, 8, 8, 2)), mask=ign.zeros((2, 8, 8)))
        self.assertFails("option", "[ign.option.90]", self.net.project, ign.zeros((3, 8, 8, 2)), times=-1)
        self.assertFails("option", "[ign.option.526]", ign.zeros, (3, -1))
        with self.assertRaises(TypeError):
            self.net.apply([1.0, 2.0])

    def test_capsules_are_freed_used_or_not(self):
        array = ign.zeros((1000, 1000))
        before = resident()
        for _ in range(100):
            del array
            array = ign.zeros((1000, 1000))  # 4 MB
            array.__dlpack__()  # used by nobody
            array.__dlpack__(max_version=(1, 0))
            again = ign.asarray(ForeignOf(array))
            self.assertEqual(again._data.value, array._data.value)
            del again
        gc.collect()
        self.assertLess(resident() - before, 40e6)

    def test_a_capsule_is_used_once(self):
        capsule = ign.zeros((2, 2)).__dlpack__()

        class Twice:
            def __dlpack__(self):
                return capsule

        first = ign.asarray(Twice())
        with self.assertRaises(TypeError):
            ign.asarray(Twice())
        self.assertEqual(first.shape, (2, 2))

    def test_other_devices_and_copies_are_refused(self):
        array = ign.zeros((2, 2))
        self.assertRaises(BufferError, array.__dlpack__, dl_device=(array.__dlpack_device__()[0] + 1, 0))
        self.assertRaises(BufferError, array.__dlpack__, copy=True)
        self.assertIsNotNone(array.__dlpack__(dl_device=array.__dlpack_device__(), copy=False))


class ForeignOf:
    """An array of another program, as far as `asarray` can see."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **named):
        return self.array.__dlpack__(**named)


def with_package(xp, from_dlpack, random, name):
    """The tests that NumPy and PyTorch share."""

    class WithPackage(Tests):
        def test_both_sides_see_the_same_memory(self):
            mine = ign.zeros((2, 3))
            theirs = from_dlpack(mine)
            numbers = (ctypes.c_float * 6).from_address(mine._data.value)
            numbers[5] = 5  # the library writes …
            self.assertEqual(float(theirs[1, 2]), 5)
            if name == "PyTorch" or theirs.flags.writeable:  # arrays that NumPy 1 has imported are read-only
                theirs[0, 1] = 6  # … and reads
                self.assertEqual(numbers[1], 6)
            x = random(3, 8, 8, 2)
            array = ign.asarray(x)
            self.assertEqual(array.shape, (3, 8, 8, 2))
            y = from_dlpack(self.net.apply(x))
            x[0, 0, 0, 0] = 0.75
            self.assertFalse(bool((from_dlpack(self.net.apply(array)) == y).all()))  # the array has the new number
            self.assertEqual(float(from_dlpack(array)[0, 0, 0, 0]), 0.75)

        def test_projects_in_place(self):
            x = random(3, 8, 8, 2)
            before = xp.zeros_like(x)
            before[:] = x
            y = from_dlpack(self.net.project(x, times=2))
            self.assertTrue(bool((x == before).all()))
            self.net.project(x, times=2, out=x)
            self.assertTrue(bool((x == y).all()))
            one = xp.zeros_like(x)
            self.net.project(before[1], times=2, out=one[1])  # a part of an array
            self.assertTrue(bool((one[1] == y[1]).all()) and bool((one[0] == 0).all()))

        def test_known_pixels_stay(self):
            x, mask = random(3, 8, 8, 2), xp.ones_like(random(3, 8, 8))
            mask[:, 2:4, 5] = 0
            y = from_dlpack(self.net.project(x, mask=mask))
            known = mask != 0
            self.assertTrue(bool((y[known] == x[known]).all()))
            self.assertFalse(bool((y[~known] == x[~known]).any()))

        def test_drift_and_generate(self):
            x = random(3, 8, 8, 2)
            y = from_dlpack(self.net.apply(x))
            scores = from_dlpack(self.net.drift(x))
            self.assertEqual(tuple(scores.shape), (3,))
            for i in range(3):
                self.assertAlmostEqual(float(scores[i]), float(((y[i] - x[i]) ** 2).mean()), 5)
            z = from_dlpack(self.net.generate(4, seed=3))
            self.assertEqual(tuple(z.shape), (4, 8, 8, 2))
            self.assertTrue(bool((from_dlpack(self.net.generate(2, seed=3)) == z[:2]).all()))

        def test_memory_lives_as_long_as_either_side(self):
            theirs = from_dlpack(self.net.apply(random(3, 8, 8, 2)))
            expected = theirs + 0
            gc.collect()
            fill = [ign.zeros((3, 8, 8, 2)) for _ in range(50)]
            self.assertTrue(bool((theirs == expected).all()))
            del fill, theirs
            x = random(3, 8, 8, 2)
            y = from_dlpack(self.net.apply(x))
            array = ign.asarray(x)
            del x
            gc.collect()
            fill = [random(3, 8, 8, 2) for _ in range(50)]
            self.assertTrue(bool((from_dlpack(self.net.apply(array)) == y).all()))
            del fill

        def test_nothing_leaks(self):
            before = resident()
            for _ in range(100):
                ours, theirs = ign.zeros((1000, 1000)), random(1000, 1000)  # 4 MB each
                from_dlpack(ours), ign.asarray(theirs)
            del ours, theirs
            gc.collect()
            self.assertLess(resident() - before, 40e6)

        def test_volumes(self):
            """By the values of PyTorch in the file."""
            header, data = parts(golden("volume"))

            def values(key):
                begin, end = header[key]["data_offsets"]
                numbers = xp.zeros_like(random(5, 4, 4, 4, 2))
                numbers.reshape(-1)[:] = xp.asarray(memoryview(data[begin:end]).cast("f").tolist())
                return numbers

            net, x, expected = ign.Net(golden("volume")), values("x"), values("y.data")
            self.assertEqual(net.shape, (4, 4, 4, 2))
            y = from_dlpack(net.apply(x))
            self.assertEqual(tuple(y.shape), (5, 4, 4, 4, 2))
            self.assertLess(float(abs(y - expected).max()), 1e-5)
            rows = from_dlpack(net.apply(x.reshape(5, 16, 4, 2)))  # all slices of a field, one below the other
            self.assertTrue(bool((rows.reshape(*y.shape) == y).all()))
            self.assertTrue(bool((from_dlpack(net.apply(x[2])) == y[2]).all()))  # (d, h, w, c)
            mask = xp.ones_like(random(5, 4, 4, 4))
            mask[:, 1, 2:] = 0
            for some in (mask, mask.reshape(5, 16, 4), mask.reshape(5, 4, 4, 4, 1)):
                z = from_dlpack(net.project(x, mask=some))
                self.assertTrue(bool((z[mask != 0] == x[mask != 0]).all()) and bool((z[mask == 0] == y[mask == 0]).all()))
            scores = from_dlpack(net.drift(x))
            for i in range(5):
                self.assertAlmostEqual(float(scores[i]), float(((y[i] - x[i]) ** 2).mean()), 5)
            self.assertEqual(net.generate(2).shape, (2, 4, 4, 4, 2))
            self.assertFails("shape", "[ign.shape.523] x has the shape (4, 4, 4, 3)", net.apply, ign.zeros((4, 4, 4, 3)))
            flat = random(3, 8, 8, 2)
            y = from_dlpack(self.net.apply(flat.reshape(3, 1, 8, 8, 2)))  # images as fields of depth 1
            self.assertTrue(bool((y.reshape(3, 8, 8, 2) == from_dlpack(self.net.apply(flat))).all()))
            self.assertFails("shape", "[ign.shape.523] mask", net.project, x, mask=ign.zeros((5, 4, 4)))

        def test_other_extents(self):
            """As a net that a file describes for these extents."""
            for name, extents in (("padding", (12, 10)), ("volume_padding", (8, 8, 8))):
                header, data = parts(golden(name))
                text = header["__metadata__"]
                described = json.loads(text["net"])
                described["input"] = [extents[0] * extents[1], extents[2], 2] if len(extents) == 3 else [*extents, 2]
                header["__metadata__"] = {"net": json.dumps(described)}
                head = json.dumps(header).encode()
                with tempfile.TemporaryDirectory() as folder:
                    path = pathlib.Path(folder) / "resized.safetensors"
                    path.write_bytes(len(head).to_bytes(8, "little") + head + data)
                    expected = ign.Net(path)
                small = ign.Net(golden(name))
                net = small.resized(extents)
                self.assertEqual(net.shape, (*extents, 2))
                self.assertEqual(expected.shape, net.shape)
                x = random(3, *net.shape)
                y = from_dlpack(net.apply(x))
                del small
                self.assertTrue(bool((from_dlpack(expected.apply(x)) == y).all()))
                self.assertFalse(bool((from_dlpack(net.resized(extents, padding="periodic").apply(x)) == y).all()))
            linear = ign.Net(golden("mlp"))
            x = random(2, 3, 2, 2)
            y = from_dlpack(linear.apply(x))
            self.assertFails("shape", "[ign.shape.480]", linear.resized, (6, 2))
            self.assertTrue(bool((from_dlpack(linear.apply(x)) == y).all()))
            self.assertFails("option", "[ign.option.526]", linear.resized, (6,))
            self.assertFails("option", "[ign.option.526]", linear.resized, (0, 2))
            self.assertFails("option", "[ign.option.530]", linear.resized, (3, 2), padding="round")

        def test_the_role_of_x(self):
            header, data = parts(MODEL)
            begin, end = header["x"]["data_offsets"]
            x = xp.zeros_like(random(*header["x"]["shape"]))
            x.reshape(-1)[:] = xp.asarray(memoryview(data[begin:end]).cast("f").tolist())
            for role in ("source", "data"):
                begin, end = header["y." + role]["data_offsets"]
                expected = xp.asarray(memoryview(data[begin:end]).cast("f").tolist())
                self.net.set_role(role)
                y = from_dlpack(self.net.apply(x))
                self.assertLess(float(abs(y.reshape(-1) - expected).max()), 1e-5)
            self.assertFails("option", "[ign.option.530]", self.net.set_role, "image")

        def test_other_arrays_are_refused(self):
            x = random(3, 8, 8, 2)
            self.assertFails("option", "[ign.option.520] from_dlpack: elements of kind 2 with 64 bits", self.net.apply, double(x))
            self.assertFails("shape", "[ign.shape.520] from_dlpack: dimension 0 has a stride of", self.net.apply, random(6, 8, 8, 2)[::2])
            self.assertFails("shape", "[ign.shape.520] ign_array: 6 dimensions", ign.asarray, random(1, 1, 1, 1, 1, 1))
            x[0, 1, 2, 1] = float("nan")
            self.assertFails("numeric", "[ign.numeric.521] ign_project: number 21 of in (image 0)", self.net.apply, x)

    def double(x):
        return x.double() if name == "PyTorch" else x.astype(numpy.float64)

    WithPackage.__name__ = WithPackage.__qualname__ = name
    return WithPackage


if numpy is not None:
    NumPy = with_package(numpy, numpy.from_dlpack, lambda *shape: numpy.random.default_rng(1).random(shape, numpy.float32) * 2 - 1, "NumPy")

    class ReadOnly(Tests):
        def test_arrays_that_must_not_be_written(self):
            x = numpy.zeros((3, 8, 8, 2), numpy.float32)
            x.flags.writeable = False
            try:
                array = ign.asarray(x)  # NumPy 2.1 and later
            except (TypeError, BufferError):
                self.skipTest("this NumPy exports no read-only arrays")
            self.assertTrue(array.read_only)
            self.net.apply(x)
            self.assertFails("option", "[ign.option.521]", self.net.apply, ign.zeros(x.shape), out=x)


if torch is not None:
    PyTorch = with_package(torch, torch.from_dlpack, lambda *shape: torch.rand(shape) * 2 - 1, "PyTorch")

    class Files(unittest.TestCase):
        """python/ign_torch.py."""

        def file(self, shape):
            """A file of the library with a type that it does not know, and the checksum of tests/io/test_tensor_types.cpp for [4]."""
            entry = f'{{"dtype":"F8_E8M0","shape":{shape},"data_offsets":[0,4]}}'
            header = f'{{"__metadata__":{{"crc32":"{{\\"__metadata__\\":0,\\"a\\":462593699}}"}},"a":{entry}}}'.encode()
            path = pathlib.Path(self.folder.name) / "unknown.safetensors"
            path.write_bytes(len(header).to_bytes(8, "little") + header + b"abcd")
            return path

        def setUp(self):
            self.folder = tempfile.TemporaryDirectory()
            self.addCleanup(self.folder.cleanup)

        def test_a_type_that_the_library_does_not_know(self):
            import ign_torch

            tensors, metadata = ign_torch.read(self.file("[4]"))
            self.assertIsInstance(tensors["a"], ign_torch.Unread)
            self.assertEqual((tensors["a"].kind, list(tensors["a"].shape), metadata), ("F8_E8M0", [4], {}))
            for damaged in ("[5]", "[2,2]", "[-4]"):
                with self.assertRaisesRegex(ign_torch.FormatError, "tensor 'a': the checksum is wrong"):
                    ign_torch.read(self.file(damaged))


class Processes(unittest.TestCase):
    def run_python(self, text):
        """Output of a new process."""
        result = subprocess.run([*COMMAND, "-c", text, MODEL], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_nothing_runs_before_initialize(self):
        self.assertEqual(
            self.run_python("import ign, sys\nprint(ign.is_initialized())\ntry: ign.Net(sys.argv[1])\nexcept ign.Error as e: print(str(e)[:15])"),
            "False\n[ign.state.520]\n",
        )

    def test_numbers_beyond_those_of_c_are_errors(self):
        net = ign.Net(MODEL)
        x = ign.zeros((1, *net.shape))
        for call in (
            lambda: net.project(x, times=2**32),
            lambda: net.generate(1, seed=2**64),
            lambda: net.generate(1, seed=-1),
            lambda: net.resized((2**32 + net.shape[0], net.shape[1])),
        ):
            self.assertRaises(OverflowError, call)
        self.assertRaises(ValueError, ign.Net, MODEL + "\0x")

    def test_arrays_may_outlive_the_program(self):
        # Nets, arrays and capsules that live when the interpreter ends; and after finalize is refused, and then is not.
        out = self.run_python(
            "import ign, sys\nign.initialize()\nnet = ign.Net(sys.argv[1])\na = ign.zeros((2, 8, 8, 2))\nc = a.__dlpack__()\ny = net.apply(a)\n"
            "try: ign.finalize()\nexcept ign.Error as e: print(str(e)[:15])\nprint('end')"
        )
        self.assertEqual(out, "[ign.state.524]\nend\n")
        out = self.run_python("import ign, sys\nign.initialize()\nnet = ign.Net(sys.argv[1])\ndel net\nign.finalize()\nprint(ign.is_initialized())")
        self.assertEqual(out, "False\n")

    def test_an_array_is_in_use_until_it_is_freed(self):
        # The deleter of an imported tensor runs while its array is freed: Kokkos cannot be finalised by another thread then, or from here.
        out = self.run_python(
            "import ctypes, ign\nign.initialize()\na = ign.zeros((2,))\nt, b, said = ctypes.c_void_p(), ctypes.c_void_p(), []\n"
            "ign._call('ign_array_to_dlpack', a._handle, 0, t)\ndel a\n"
            "place = ctypes.c_void_p.from_address(t.value + 56)\nrelease = ign._DELETER(place.value)\n"
            "@ign._DELETER\ndef deleter(tensor):\n    release(tensor)\n    said.append(ign._lib.ign_finalize())\n"
            "place.value = ctypes.cast(deleter, ctypes.c_void_p).value\n"
            "ign._call('ign_array_from_dlpack', t, 0, b)\nign._call('ign_array_free', b)\nprint(said, ign.is_initialized())\n"
            "ign.finalize()\nprint(ign.is_initialized())"
        )
        self.assertEqual(out, "[6] True\nFalse\n")  # 6: IGN_ERROR_STATE


if __name__ == "__main__":
    print(f"NumPy {numpy.__version__ if numpy else 'is not installed'}, PyTorch {torch.__version__ if torch else 'is not installed'}")
    ign.initialize()
    unittest.main(verbosity=1)
