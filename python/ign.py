# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trained nets on arrays of NumPy, PyTorch and others, without a copy. Needs the C library libign; no other package.

    import ign, numpy
    ign.initialize()                               # Kokkos, unless it is running
    net = ign.Net("model.safetensors")
    y = numpy.from_dlpack(net.project(x))          # x: an array (n, height, width, channels) of float32 with __dlpack__
    net.project(x, out=x)                          # in place

Arrays are exchanged through DLPack. Those of fields of three dimensions are (n, depth, height, width, channels). An extent of one may be
left out at either end: (n, height, width) for one channel, (height, width, channels) for one image. An array must be contiguous, of
float32, and where Kokkos computes: on the host, or on its GPU.

The library is the one whose path is in the environment variable IGN_LIBRARY. Without it, the library folders of the installation that this
file belongs to are searched, then those of the system.
"""
import atexit
import ctypes
import ctypes.util
import os
import pathlib
import weakref

__all__ = ["Array", "Error", "Net", "asarray", "finalize", "initialize", "is_initialized", "version", "zeros"]

_STATUS = ("ok", "shape", "option", "file", "format", "numeric", "state", "memory", "internal")
_MAX_RANK = 5
_PADDING = (None, "zeros", "periodic", "reflecting")  # ign_padding
_ROLES = ("data", "source")  # ign_role
_DEVICE = 1  # IGN_DEVICE
_HOSTS = (1, 3, 11)  # device types of DLPack: host, and memory of the host that a GPU reads


class Error(RuntimeError):
    """An error of the library. `fault` is its kind, such as "shape"; the text begins with an id that docs/errors.md explains."""

    def __init__(self, status, text):
        super().__init__(text)
        self.fault = _STATUS[status] if 0 <= status < len(_STATUS) else str(status)


# ---- the C library --------------------------------------------------------------------------------------------------------------------


def _load_library():
    names = [os.environ["IGN_LIBRARY"]] if os.environ.get("IGN_LIBRARY") else []
    if not names:
        here = pathlib.Path(__file__).resolve().parent
        if here.parts[-3:] == ("share", "ign", "python"):  # below the prefix of an installation
            names += [str(path) for lib in ("lib", "lib64", "lib/*") for path in here.parents[2].glob(lib + "/libign.so")]
        names += [name for name in (ctypes.util.find_library("ign"), "libign.so") if name]
    failures = []
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            failures.append(str(error))
    raise ImportError("the C library libign cannot be loaded (set IGN_LIBRARY to its path): " + "; ".join(failures))


_lib = _load_library()
_pointer, _int, _ints = ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_int)
_extents = ctypes.POINTER(ctypes.c_int64)
for _name, _arguments in {
    "ign_initialize": [],
    "ign_finalize": [],
    "ign_load": [ctypes.c_char_p, ctypes.POINTER(_pointer)],
    "ign_free": [_pointer],
    "ign_extents": [_pointer, _ints, _ints, _ints],
    "ign_volume_extents": [_pointer, _ints, _ints, _ints, _ints],
    "ign_resize": [_pointer, _int, _int, _int, _int, ctypes.POINTER(_pointer)],
    "ign_set_memory": [_pointer, _int],
    "ign_set_role": [_pointer, _int],
    "ign_project": [_pointer, _int, _int, _pointer, _pointer, _pointer],
    "ign_drift": [_pointer, _int, _pointer, _pointer, _pointer],
    "ign_generate": [_pointer, ctypes.c_uint64, _int, _pointer],
    "ign_array_new": [_int, _extents, ctypes.POINTER(_pointer)],
    "ign_array_from_dlpack": [_pointer, _int, ctypes.POINTER(_pointer)],
    "ign_array_to_dlpack": [_pointer, _int, ctypes.POINTER(_pointer)],
    "ign_array_describe": [_pointer, _ints, _extents, ctypes.POINTER(_pointer), _ints, ctypes.POINTER(ctypes.c_int32)],
    "ign_array_free": [_pointer],
}.items():
    getattr(_lib, _name).argtypes = _arguments
    getattr(_lib, _name).restype = _int
_lib.ign_version.restype = ctypes.c_char_p
_lib.ign_last_error.restype = ctypes.c_char_p


_RANGES = {_int: (-(2**31), 2**31 - 1), ctypes.c_uint64: (0, 2**64 - 1)}


def _call(name, *arguments):
    function = getattr(_lib, name)
    for kind, value in zip(function.argtypes, arguments):  # ctypes keeps the lower bits of larger numbers
        if kind in _RANGES and not _RANGES[kind][0] <= value <= _RANGES[kind][1]:
            raise OverflowError(f"{name}: {value} is outside [{_RANGES[kind][0]}, {_RANGES[kind][1]}]")
    status = function(*arguments)
    if status != 0:
        raise Error(status, _lib.ign_last_error().decode(errors="replace"))


def version():
    """Version of the library, such as "0.1.0"."""
    return _lib.ign_version().decode()


def is_initialized():
    """True if Kokkos is running, whoever initialised it."""
    return bool(_lib.ign_is_initialized())


def initialize():
    """Initialises Kokkos, unless it is running. The end of the program finalises it, if no net or array is in use then."""
    _call("ign_initialize")
    atexit.register(_lib.ign_finalize)  # is refused where there is nothing to do


def finalize():
    """Undoes a call of `initialize`. Error [ign.state.524] while nets or arrays are in use: `del` them before."""
    _call("ign_finalize")


# ---- capsules of DLPack ---------------------------------------------------------------------------------------------------------------

# Names must outlive their capsules.
_PLAIN, _VERSIONED = ctypes.create_string_buffer(b"dltensor"), ctypes.create_string_buffer(b"dltensor_versioned")
_USED = {False: ctypes.create_string_buffer(b"used_dltensor"), True: ctypes.create_string_buffer(b"used_dltensor_versioned")}
_DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_DELETER_AT = {False: 56, True: 16}  # bytes, in DLManagedTensor and DLManagedTensorVersioned
_new_capsule = ctypes.PYFUNCTYPE(ctypes.py_object, _pointer, _pointer, _pointer)(("PyCapsule_New", ctypes.pythonapi))
_set_name = ctypes.PYFUNCTYPE(_int, ctypes.py_object, _pointer)(("PyCapsule_SetName", ctypes.pythonapi))
# Of an address instead of an object: while a capsule is destroyed, nobody may refer to it.
_is_valid = ctypes.PYFUNCTYPE(_int, _pointer, _pointer)(("PyCapsule_IsValid", ctypes.pythonapi))
_get_pointer = ctypes.PYFUNCTYPE(_pointer, _pointer, _pointer)(("PyCapsule_GetPointer", ctypes.pythonapi))


@_DELETER
def _destroy(capsule, names=((False, ctypes.addressof(_PLAIN)), (True, ctypes.addressof(_VERSIONED)))):
    """Destructor of a capsule: frees the tensor in it, unless the capsule has been used."""
    for versioned, name in names:
        if _is_valid(capsule, name):
            tensor = _get_pointer(capsule, name)
            _DELETER(ctypes.c_void_p.from_address(tensor + _DELETER_AT[versioned]).value)(tensor)


def _tensor_of(capsule):
    """Address of the tensor in a capsule, and whether it is versioned."""
    for versioned, name in ((True, _VERSIONED), (False, _PLAIN)):
        if _is_valid(id(capsule), ctypes.addressof(name)):
            return _get_pointer(id(capsule), ctypes.addressof(name)), versioned
    raise TypeError("__dlpack__ has returned no capsule with a tensor, or one that is used")


# ---- arrays ---------------------------------------------------------------------------------------------------------------------------


class Array:
    """A contiguous array of float32 that shares its memory: `numpy.from_dlpack(array)`, `torch.from_dlpack(array)`.

    Made by `zeros` and by the functions of a Net, with memory of its own, or by `asarray`, on memory of another array. The memory lives as
    long as this Array or any array that shares it.
    """

    def __init__(self, handle, source=None):
        self._handle, self._source = handle, source
        self._free = weakref.finalize(self, _lib.ign_array_free, handle)
        self._free.atexit = False  # Kokkos may be gone then, and the memory with it
        rank, read_only, data = _int(), _int(), _pointer()
        extents, device = (ctypes.c_int64 * _MAX_RANK)(), (ctypes.c_int32 * 2)()
        _call("ign_array_describe", handle, rank, extents, data, read_only, device)
        self.shape = tuple(extents[: rank.value])
        self.read_only = bool(read_only.value)
        self._data, self._device = data, tuple(device)

    def __dlpack_device__(self):
        return self._device

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        if copy:
            raise BufferError("ign.Array does not copy: copy the result of from_dlpack")
        if dl_device is not None and tuple(map(int, dl_device)) != self._device:
            raise BufferError(f"ign.Array is on device {self._device}, not on {tuple(dl_device)}")
        if self._source is not None:  # whose memory it is
            return _dlpack(self._source, max_version)
        versioned = max_version is not None and max_version[0] >= 1
        tensor = _pointer()
        _call("ign_array_to_dlpack", self._handle, versioned, tensor)
        return _new_capsule(tensor, ctypes.addressof(_VERSIONED if versioned else _PLAIN), ctypes.cast(_destroy, _pointer))

    def __repr__(self):
        return f"ign.Array(shape={self.shape}{', read-only' if self.read_only else ''})"


def _dlpack(source, max_version):
    if max_version is None:
        return source.__dlpack__()
    try:
        return source.__dlpack__(max_version=max_version)
    except TypeError:  # older packages do not know the argument
        return source.__dlpack__()


def zeros(shape):
    """A new Array of zeros, of rank 1 to 5, where Kokkos computes."""
    handle = _pointer()
    _call("ign_array_new", len(shape), (ctypes.c_int64 * len(shape))(*shape), handle)
    return Array(handle.value)


def asarray(source):
    """The same memory as an Array: `source` is an Array, or any object with __dlpack__ that is contiguous and of float32."""
    if isinstance(source, Array):
        return source
    if not hasattr(source, "__dlpack__"):
        raise TypeError(f"{type(source).__name__} has no __dlpack__, expected an array of NumPy 1.23 or later, PyTorch or the like")
    capsule = _dlpack(source, (1, 1))
    tensor, versioned = _tensor_of(capsule)
    handle = _pointer()
    _call("ign_array_from_dlpack", tensor, versioned, handle)
    _set_name(capsule, ctypes.addressof(_USED[versioned]))
    return Array(handle.value, source)


# ---- nets -----------------------------------------------------------------------------------------------------------------------------


class Net:
    """A trained net of a file of the library, a model or a checkpoint. Values are expected in [-1, 1], like the data of its training;
    a net whose file has a normalisation by channel takes and gives fields in their own units.

    Functions return an Array, on the memory of `out` where it is given. `out` of apply and project is an array of the shape of x, and may
    be x; `out` of drift is an array (n,).

    `shape` is that of an image, (height, width, channels), or of a field of three dimensions, (depth, height, width, channels).
    """

    def __init__(self, path):
        name = os.fsencode(path)
        if b"\0" in name:
            raise ValueError(f"ign.Net: the path {path!r} has a null character")
        handle = _pointer()
        _call("ign_load", name, handle)
        self._take(handle.value)

    def _take(self, handle):
        self._handle = handle
        self._free = weakref.finalize(self, _lib.ign_free, handle)
        self._free.atexit = False
        extents = [_int() for _ in range(4)]
        _call("ign_volume_extents", handle, *extents)
        shape = tuple(extent.value for extent in extents)
        self.shape = shape if shape[0] > 1 else shape[1:]

    def resized(self, extents, padding=None):
        """A net with the same weights, in memory once for both, for images (height, width) or fields (depth, height, width). No layer may
        have parameters that depend on the extents, as linear layers do.

        padding: how the convolutions continue an image outside: "zeros", "periodic" or "reflecting"; None: as this net. A net that was
        trained on patches of a periodic field is applied to the whole with "periodic"."""
        extents = tuple(extents)
        if len(extents) not in (2, 3):
            raise Error(2, f"[ign.option.526] resized: extents {extents}, expected (height, width) or (depth, height, width)")
        if padding not in _PADDING:
            raise Error(2, f"[ign.option.530] resized: padding {padding!r}, expected one of {_PADDING}")
        handle = _pointer()
        depth, height, width = (1,) * (3 - len(extents)) + extents
        _call("ign_resize", self._handle, depth, height, width, _PADDING.index(padding), handle)
        net = object.__new__(Net)
        net._take(handle.value)
        return net

    def set_role(self, role):
        """The distribution of further x of apply, project and drift: "data", the default, or "source", noise or, for a net that was trained
        with damaged data as its noise, damaged data."""
        if role not in _ROLES:
            raise Error(2, f"[ign.option.530] set_role: role {role!r}, expected one of {_ROLES}")
        _call("ign_set_role", self._handle, _ROLES.index(role))

    def _images(self, array, shape, name):
        """Number of images of `shape` in an array. The rows of all slices of a field may be one extent, and images fields of depth 1."""
        of_one = [shape, (shape[0] * shape[1],) + shape[2:] if len(shape) == 4 else (1,) + shape]
        if shape[-1] == 1:
            of_one += [one[:-1] for one in of_one]
        for one in of_one:
            if array.shape == one:
                return 1
            if array.shape[1:] == one:
                return array.shape[0]
        raise Error(1, f"[ign.shape.523] {name} has the shape {array.shape}, expected (n, {', '.join(map(str, shape))})")

    def _arguments(self, x, out, mask, new_shape=None):
        """x, out and mask as arrays, and the number of images."""
        x = asarray(x)
        n = self._images(x, self.shape, "x")
        if out is None:
            out = zeros(new_shape(n) if new_shape else x.shape)
        else:
            out = asarray(out)
            found = self._images(out, self.shape, "out") if new_shape is None else (out.shape == new_shape(n)) * n
            if found != n:
                raise Error(1, f"[ign.shape.523] out has the shape {out.shape}, expected as many images as x, {n}")
            if out.read_only:
                raise Error(2, "[ign.option.521] out is read-only, expected an array that may be written")
        if mask is not None:
            mask = asarray(mask)
            if self._images(mask, self.shape[:-1] + (1,), "mask") != n:
                raise Error(1, f"[ign.shape.523] mask has the shape {mask.shape}, expected as many images as x, {n}")
        if x._device[0] not in _HOSTS:
            _call("ign_set_memory", self._handle, _DEVICE)
        return x, out, mask, n

    def apply(self, x, out=None):
        """f(x)."""
        return self.project(x, out=out)

    def project(self, x, times=1, mask=None, out=None):
        """f applied `times` times to x, which should lie near the data. Pixels whose mask, x without channels, is not 0 stay identical."""
        x, out, mask, n = self._arguments(x, out, mask)
        _call("ign_project", self._handle, n, times, None if mask is None else mask._data, x._data, out._data)
        return out

    def drift(self, x, mask=None, out=None):
        """Mean of (f(x) - x)² of each image, (n,): small for images like the data. With a mask, over the pixels where it is not 0."""
        x, out, mask, n = self._arguments(x, out, mask, lambda n: (n,))
        _call("ign_drift", self._handle, n, None if mask is None else mask._data, x._data, out._data)
        return out

    def generate(self, n, seed=1):
        """n images f(z), an array (n,) + net.shape. The same seed gives the same images."""
        out = zeros((n,) + self.shape)
        if out._device[0] not in _HOSTS:
            _call("ign_set_memory", self._handle, _DEVICE)
        _call("ign_generate", self._handle, seed, n, out._data)
        return out
