# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Weights to and from PyTorch: checkpoints of the library as nn.Sequential, and back. Needs torch only.

    import ign_torch
    f = ign_torch.load("checkpoint.safetensors")                       # the nn.Sequential that the file describes, in evaluation mode
    y = f(x)                                                           # x, y: (n, c, h, w); x are data, or corrupted data
    f_z = ign_torch.load("checkpoint.safetensors", role="source")      # for noise: f_z(torch.randn(n, c, h, w)) are samples
    f_y = ign_torch.load("checkpoint.safetensors", role="generated")   # for f(f(z)): f_y(f_z(z))
    ign_torch.save("changed.safetensors", f, (1, 32, 32), {"source": f_z, "generated": f_y})   # ign::io::load_projector reads it

Names and layouts in the files are PyTorch's own ("0.weight", and so on). Where a net has BatchNorm, the library keeps running statistics
for each of the three distributions that an IGN sees ("3.data.running_mean"), and an nn.Sequential has one set: `load` takes those of one
role. With the statistics of another role f(z) is grey.

As a program it shows what is in a file:  python3 ign_torch.py checkpoint.safetensors
"""
import ctypes
import json
import os
import struct
import sys
import zlib

import torch
from torch import nn

ROLES = ("data", "source", "image")  # x, noise, f(noise), as files name them; "generated" is accepted for "image"
_NAMES_IN_TORCH = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
}
DTYPES = {name: getattr(torch, of) for name, of in _NAMES_IN_TORCH.items() if hasattr(torch, of)}  # older versions lack some
DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}


class Unread:
    """A tensor of a type that this PyTorch does not have: the type's name and the shape."""

    def __init__(self, kind, shape):
        self.kind, self.shape = kind, torch.Size(shape)


class FormatError(ValueError):
    """A file that is not what it should be; the text names the file, the field, and what was expected."""


# ---- files ----------------------------------------------------------------------------------------------------------------------------


def read(path):
    """The tensors of a safetensors file by name, and its metadata. Checksums that the library has written are compared.

    A tensor of a type that this PyTorch does not have is an Unread.
    """
    with open(path, "rb") as file:
        blob = file.read()

    def need(condition, text):
        if not condition:
            raise FormatError(f"{path}: {text}")

    need(len(blob) >= 8, f"has {len(blob)} bytes, expected at least 8: this is not a safetensors file")
    (length,) = struct.unpack("<Q", blob[:8])
    need(length <= len(blob) - 8, f"the header's length is {length}, expected at most {len(blob) - 8}")
    try:
        header = json.loads(blob[8 : 8 + length])
    except ValueError as error:
        raise FormatError(f"{path}: the header is not JSON: {error}") from error
    need(isinstance(header, dict), "the header is not a JSON object")
    data = memoryview(blob)[8 + length :]
    metadata = header.pop("__metadata__", {})
    sums = json.loads(metadata.pop("crc32", "null"))
    need(sums is None or sums.get("__metadata__") == _sum_of_metadata(metadata), "metadata: the checksum is wrong: the file is damaged")
    tensors = {}
    for name, entry in header.items():
        try:
            (begin, end), shape, kind = entry["data_offsets"], list(entry["shape"]), entry["dtype"]
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"{path}: tensor '{name}': {entry} lacks dtype, shape or data_offsets") from error
        need(0 <= begin <= end <= len(data), f"tensor '{name}': data_offsets are [{begin}, {end}], expected within {len(data)} bytes")
        intact = sums is None or sums.get(name, -1) == _sum_of_tensor(data[begin:end], kind, shape)
        need(intact, f"tensor '{name}': the checksum is wrong: the file is damaged")
        if kind not in DTYPES:  # how many bytes a number of it takes is not known
            tensors[name] = Unread(kind, shape)
            continue
        dtype = DTYPES[kind]
        size = torch.Size(shape).numel() * torch.empty((), dtype=dtype).element_size()
        need(size == end - begin, f"tensor '{name}': shape {shape} does not make its {end - begin} bytes")
        flat = torch.frombuffer(bytearray(data[begin:end]), dtype=dtype) if size else torch.empty(0, dtype=dtype)
        tensors[name] = flat.reshape(shape)
    return tensors, metadata


def write(path, tensors, metadata):
    """Writes a safetensors file with the library's checksums: to a temporary name that then takes the place of `path`."""
    metadata = {name: str(text) for name, text in metadata.items()}
    order = sorted(tensors, key=lambda name: -tensors[name].element_size())  # so that each is aligned for its type
    header, sums, blocks, end = {"__metadata__": dict(metadata)}, {"__metadata__": _sum_of_metadata(metadata)}, [], 0
    for name in order:
        block = _bytes(tensors[name])
        header[name] = {
            "dtype": DTYPE_NAMES[tensors[name].dtype],
            "shape": list(tensors[name].shape),
            "data_offsets": [end, end + len(block)],
        }
        sums[name] = zlib.crc32(block)
        blocks.append(block)
        end += len(block)
    header["__metadata__"]["crc32"] = json.dumps(sums)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "xb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for block in blocks:
                file.write(block)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def _bytes(tensor):
    tensor = tensor.detach().cpu().contiguous()
    return ctypes.string_at(tensor.data_ptr(), tensor.numel() * tensor.element_size()) if tensor.numel() else b""


def _sum_of_metadata(metadata):
    total = 0
    for name in sorted(metadata, key=str.encode):  # the library's order is that of bytes
        for part in (name, metadata[name]):
            total = zlib.crc32(part.encode() + b"\0", total)
    return total


def _sum_of_tensor(data, kind, shape):
    total = zlib.crc32(data)
    if kind in _NAMES_IN_TORCH:
        return total
    # A type that the library does not know: the sum covers name and shape, too.
    try:
        return zlib.crc32(struct.pack(f"<{len(shape)}Q", *shape), zlib.crc32(kind.encode() + b"\0", total))
    except struct.error:  # no extents
        return None


# ---- nets -----------------------------------------------------------------------------------------------------------------------------


class LinearOfImage(nn.Linear):
    """nn.Linear of an image of one pixel: the library needs no Flatten there."""

    def forward(self, x):
        return super().forward(x.flatten(1))


def _padded_conv_transpose(layer, x, convolve):
    beyond = [k - 1 - p + more for k, p, more in zip(layer.kernel_size, layer.padding, layer.output_padding)]
    margin = [max(0, cells // s) for cells, s in zip(beyond, layer.stride)]
    x = nn.functional.pad(x, [m for m in reversed(margin) for _ in range(2)], mode=layer.padding_mode)
    cut = [p + m * s for p, m, s in zip(layer.padding, margin, layer.stride)]
    return convolve(x, layer.weight, layer.bias, layer.stride, cut, layer.output_padding)


class PaddedConvTranspose2d(nn.ConvTranspose2d):
    """nn.ConvTranspose2d whose `padding_mode` is "circular" or "reflect", which PyTorch's own refuses."""

    def __init__(self, *arguments, padding_mode, **options):
        super().__init__(*arguments, **options)
        self.padding_mode = padding_mode  # the constructor of the base accepts zeros only

    def forward(self, x):
        return _padded_conv_transpose(self, x, nn.functional.conv_transpose2d)


class PaddedConvTranspose3d(nn.ConvTranspose3d):
    """nn.ConvTranspose3d whose `padding_mode` is "circular" or "reflect", which PyTorch's own refuses."""

    def __init__(self, *arguments, padding_mode, **options):
        super().__init__(*arguments, **options)
        self.padding_mode = padding_mode  # the constructor of the base accepts zeros only

    def forward(self, x):
        return _padded_conv_transpose(self, x, nn.functional.conv_transpose3d)


class GaussianNoise(nn.Module):
    """x + stddev · n with n ~ N(0, 1) in training, x in evaluation."""

    def __init__(self, stddev):
        super().__init__()
        self.stddev = stddev

    def forward(self, x):
        return x + self.stddev * torch.randn_like(x) if self.training else x


class Residual(nn.Sequential):
    """x + net(x), with a net that keeps the shape of x."""

    def forward(self, x):
        return x + super().forward(x)


class SelfAttention(nn.Module):
    """x + gamma · out(attention · values) over the pixels of x, (n, c, h, w) or (n, c, d, h, w): the layer of SAGAN (arXiv 1805.08318).

    attention = softmax over the pixels q of scale · query(p) · key(q); gamma is 0 at first.
    """

    def __init__(self, in_channels, key_channels=None, value_channels=None, scale=1.0):
        super().__init__()
        self.in_channels = in_channels
        self.key_channels = in_channels // 8 if key_channels is None else key_channels
        self.value_channels = in_channels // 2 if value_channels is None else value_channels
        self.scale = scale
        self.query = nn.Conv2d(in_channels, self.key_channels, 1, bias=False)
        self.key = nn.Conv2d(in_channels, self.key_channels, 1, bias=False)
        self.value = nn.Conv2d(in_channels, self.value_channels, 1, bias=False)
        self.out = nn.Conv2d(self.value_channels, in_channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        pixels = x.flatten(2).unsqueeze(3)  # pixels are a list
        query, key, value = (layer(pixels).squeeze(3) for layer in (self.query, self.key, self.value))
        attention = torch.softmax(self.scale * query.transpose(1, 2) @ key, dim=2)
        mixed = value @ attention.transpose(1, 2)
        return x + self.gamma * self.out(mixed.unsqueeze(3)).reshape(x.shape)


def build(description):
    """The nn.Sequential of a net's description, the metadata field "net" of a checkpoint: {"input": [h, w, c], "layers": [{"name": …}, …]}.

    A net with Conv3d is for fields (n, c, d, h, w), which the library has as images of d·h rows.
    """
    return nn.Sequential(*_build_layers(description["layers"], False, "", _has_volumes(description["layers"])))


def _has_volumes(entries):
    return any(entry is not None and (entry["name"] in ("Conv3d", "ConvTranspose3d") or _has_volumes(entry.get("layers", []))) for entry in entries)


def _build_layers(entries, flat, parent, volumes):
    layers = []
    for i, entry in enumerate(entries):
        if entry is None or entry["name"] not in _BUILDERS:
            what = "it does not describe itself" if entry is None else entry["name"]
            raise FormatError(f"layer {parent}{i}: {what}: PyTorch has no such layer")
        options = {name: value for name, value in entry.items() if name != "name"}
        if "layers" in options:
            options["layers"] = _build_layers(options["layers"], flat, f"{parent}{i}.", volumes)
        if volumes and not flat and entry["name"] in _NOT_OF_VOLUMES:
            raise FormatError(f"layer {parent}{i}: {entry['name']} takes a field for an image: PyTorch has no such layer")
        name = "BatchNorm3d" if volumes and not flat and entry["name"] == "BatchNorm2d" else entry["name"]
        layers.append(_BUILDERS[name](flat, **options))
        flat = entry["name"] in ("Flatten", "Linear") or (flat and entry["name"] != "Unflatten")
    return layers


def _conv_transpose(plain, padded, padding_mode="zeros", **options):
    return plain(**options) if padding_mode == "zeros" else padded(**options, padding_mode=padding_mode)


_BUILDERS = {
    "Residual": lambda flat, layers: Residual(*layers),
    "Conv2d": lambda flat, **o: nn.Conv2d(**o),
    "ConvTranspose2d": lambda flat, **o: _conv_transpose(nn.ConvTranspose2d, PaddedConvTranspose2d, **o),
    "Conv3d": lambda flat, depth=0, **o: nn.Conv3d(**o),
    "ConvTranspose3d": lambda flat, depth=0, **o: _conv_transpose(nn.ConvTranspose3d, PaddedConvTranspose3d, **o),
    "Linear": lambda flat, **o: (nn.Linear if flat else LinearOfImage)(**o),
    "BatchNorm3d": lambda flat, **o: nn.BatchNorm3d(**o),
    "BatchNorm2d": lambda flat, **o: (nn.BatchNorm1d if flat else nn.BatchNorm2d)(**o),
    "GroupNorm": lambda flat, **o: nn.GroupNorm(**o),
    "MaxPool2d": lambda flat, **o: nn.MaxPool2d(**o),
    "AvgPool2d": lambda flat, **o: nn.AvgPool2d(**o),
    "Upsample": lambda flat, **o: nn.Upsample(**o),
    "SelfAttention": lambda flat, **o: SelfAttention(**o),
    "Dropout": lambda flat, **o: nn.Dropout(**o),
    "GaussianNoise": lambda flat, **o: GaussianNoise(**o),
    "LeakyReLU": lambda flat, **o: nn.LeakyReLU(**o),
    "ReLU": lambda flat: nn.ReLU(),
    "Tanh": lambda flat: nn.Tanh(),
    "Sigmoid": lambda flat: nn.Sigmoid(),
    "Flatten": lambda flat: nn.Flatten(),
    "Unflatten": lambda flat, channels, height, width: nn.Unflatten(1, (channels, height, width)),
}


_NOT_OF_VOLUMES = ("Conv2d", "ConvTranspose2d", "Linear", "MaxPool2d", "AvgPool2d", "Upsample", "Flatten", "Unflatten")


def describe(net, image):
    """The description of an nn.Sequential for images (c, h, w), or fields (c, d, h, w) of square slices; the inverse of `build`."""
    channels, *depth, height, width = image
    if depth and height != width:
        raise FormatError(f"fields have slices of {height} × {width} cells, expected square ones")
    return {"input": [([*depth, 1][0]) * height, width, channels], "layers": _describe_layers(net, "")}


def _describe_layers(net, parent):
    layers = []
    for i, layer in enumerate(net):
        number = f"{parent}{i}"
        if type(layer) not in _DESCRIBERS:
            raise FormatError(f"layer {number}: {layer}: the library has no such layer")
        name, names, fixed = _DESCRIBERS[type(layer)]
        for option, value in fixed.items():
            found = getattr(layer, option)
            if found not in (value, (value,) * 2, (value,) * 3):
                raise FormatError(f"layer {number}: {layer}: {option} is {found}, the library has {value} only")
        layers.append({"name": name} | {option: _one_number(number, layer, option) for option in names})
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Conv3d, nn.ConvTranspose3d)):
            mode = layer.padding_mode
            if mode not in ("zeros", "circular", "reflect"):
                raise FormatError(f"layer {number}: {layer}: padding_mode is {mode}, the library has zeros, circular and reflect only")
            if mode != "zeros":
                layers[-1]["padding_mode"] = mode
        if name == "Unflatten":
            layers[-1] |= dict(zip(("channels", "height", "width"), layer.unflattened_size))
        if name == "Residual":
            layers[-1]["layers"] = _describe_layers(layer, f"{number}.")
    return layers


_CONV = ["in_channels", "out_channels", "kernel_size", "stride", "padding"]
_PLAIN = {"dilation": 1, "groups": 1}
_NORM = ("BatchNorm2d", ["num_features", "eps", "momentum"], {"affine": True, "track_running_stats": True})
_LINEAR = ("Linear", ["in_features", "out_features", "bias"], {})
_DESCRIBERS = {
    Residual: ("Residual", [], {}),
    nn.Conv2d: ("Conv2d", _CONV + ["bias"], _PLAIN),
    nn.ConvTranspose2d: ("ConvTranspose2d", _CONV + ["output_padding", "bias"], _PLAIN),
    PaddedConvTranspose2d: ("ConvTranspose2d", _CONV + ["output_padding", "bias"], _PLAIN),
    nn.Conv3d: ("Conv3d", _CONV + ["bias"], _PLAIN),
    nn.ConvTranspose3d: ("ConvTranspose3d", _CONV + ["output_padding", "bias"], _PLAIN),
    PaddedConvTranspose3d: ("ConvTranspose3d", _CONV + ["output_padding", "bias"], _PLAIN),
    nn.Linear: _LINEAR,
    LinearOfImage: _LINEAR,
    nn.BatchNorm1d: _NORM,
    nn.BatchNorm2d: _NORM,
    nn.BatchNorm3d: _NORM,
    nn.GroupNorm: ("GroupNorm", ["num_groups", "num_channels", "eps"], {"affine": True}),
    nn.MaxPool2d: ("MaxPool2d", ["kernel_size", "stride"], {"padding": 0, "dilation": 1, "ceil_mode": False}),
    nn.AvgPool2d: ("AvgPool2d", ["kernel_size", "stride"], {"padding": 0, "ceil_mode": False, "divisor_override": None}),
    nn.Upsample: ("Upsample", ["scale_factor", "mode"], {"size": None, "mode": "nearest"}),
    SelfAttention: ("SelfAttention", ["in_channels", "key_channels", "value_channels", "scale"], {}),
    nn.Dropout: ("Dropout", ["p"], {}),
    GaussianNoise: ("GaussianNoise", ["stddev"], {}),
    nn.LeakyReLU: ("LeakyReLU", ["negative_slope"], {}),
    nn.ReLU: ("ReLU", [], {}),
    nn.Tanh: ("Tanh", [], {}),
    nn.Sigmoid: ("Sigmoid", [], {}),
    nn.Flatten: ("Flatten", [], {"start_dim": 1, "end_dim": -1}),
    nn.Unflatten: ("Unflatten", [], {"dim": 1}),
}


def _one_number(i, layer, option):
    value = getattr(layer, option)
    if option == "bias":
        return value is not None
    if option == "scale_factor":  # PyTorch keeps it as a float
        if isinstance(value, tuple) or value != int(value):
            raise FormatError(f"layer {i}: {layer}: scale_factor is {value}, the library has one whole number only")
        return int(value)
    if isinstance(value, tuple):
        if len(set(value)) != 1:
            raise FormatError(f"layer {i}: {layer}: {option} is {value}, the library has the same along all axes only")
        return value[0]
    return value


# ---- weights --------------------------------------------------------------------------------------------------------------------------


def load(path, role="data", net=None, model="", average=False):
    """The net of a checkpoint with its weights, in evaluation mode.

    role     distribution of the net's input, whose running statistics BatchNorm gets: "data" for x, "source" for f(z), "generated" (in
             files "image") for f(f(z))
    net      a module to fill instead of the one that the file describes
    model    prefix of the model in the file, where there are several: "generator."
    average  the averaged weights, where the optimizer was an Ema
    """
    if _role(role) not in ROLES:
        raise ValueError(f"role is {role!r}, expected data, source or generated")
    role = _role(role)
    tensors, metadata = read(path)
    if net is None:
        if model + "net" not in metadata:
            raise FormatError(f"{path}: metadata '{model}net' is missing: the file does not say which net it is for; pass one as net=")
        net = build(json.loads(metadata[model + "net"]))
    wanted, state = net.state_dict(), {}
    for name, place in wanted.items():
        layer, _, array = name.rpartition(".")
        if array == "num_batches_tracked":
            state[name] = place
            continue
        if "running_" in array:
            choices = [f"{model}{layer}.{role}.{array}", model + name]
        else:
            choices = [("optimizer.ema." if average else "") + model + name]
        found = next((tensors[choice] for choice in choices if choice in tensors), None)
        if found is None:
            raise FormatError(f"{path}: tensor '{choices[0]}' is missing; {_held(tensors, list(wanted))}")
        if isinstance(found, Unread):
            raise FormatError(f"{path}: tensor '{choices[0]}': dtype is {found.kind}, expected one of {', '.join(DTYPES)}")
        if found.shape != place.shape:
            raise FormatError(f"{path}: tensor '{choices[0]}': its shape is {list(found.shape)}, the net's is {list(place.shape)}")
        state[name] = found
    dtype = next((tensor.dtype for tensor in state.values() if tensor.is_floating_point()), torch.float32)
    net.to(dtype).load_state_dict(state)
    return net.eval()


def _role(name):
    """The name of a role in files."""
    return "image" if name == "generated" else name


def _held(tensors, wanted):
    """What a file holds, and the prefix behind which all wanted names are there, if any."""
    text = f"the file holds {len(tensors)} tensors: " + ", ".join(f"'{name}' {_type(tensor)}" for name, tensor in list(tensors.items())[:8])
    text += f" and {len(tensors) - 8} more" if len(tensors) > 8 else ""
    wanted = [name for name in wanted if not name.endswith("num_batches_tracked")]
    prefixes = [name[: -len(wanted[0])] for name in tensors if name.endswith(wanted[0])]
    for prefix in sorted(prefixes, key=len):
        if all(prefix + name in tensors for name in wanted):
            return text + f"; all names of this net are there behind the prefix '{prefix}': give it as model="
    return text


def _type(tensor):
    return f"{tensor.kind if isinstance(tensor, Unread) else DTYPE_NAMES[tensor.dtype]} {list(tensor.shape)}"


def arrays(net, others=None):
    """The weights of an nn.Sequential by the library's names.

    others  the same net with the running statistics of other roles: {"source": net_z, "generated": net_y}; left out, a role gets `net`'s
    """
    tensors, others = {}, others or {}
    if not {_role(name) for name in others} <= set(ROLES):
        raise ValueError(f"roles of others are {', '.join(map(str, others))}, expected some of data, source, generated")
    others = {_role(name): other for name, other in others.items()}
    for name, tensor in net.state_dict().items():
        layer, _, array = name.rpartition(".")
        if array == "num_batches_tracked":
            continue
        if "running_" in array:
            for role in ROLES:
                tensors[f"{layer}.{role}.{array}"] = others.get(role, net).state_dict()[name]
        else:
            tensors[name] = tensor
    return tensors


def save(path, net, image, others=None):
    """Writes an nn.Sequential for images (c, h, w) so that the library reads it; `others` as for `arrays`."""
    write(path, arrays(net, others), {"net": json.dumps(describe(net, image))})


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        found, metadata = read(argument)
        print(argument)
        for key, text in metadata.items():
            print(f"  {key}: {text}")
        for key, tensor in found.items():
            print(f"  {key}: {_type(tensor)}")
