# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes sliced_wasserstein.safetensors with NumPy, in double:  python3 make_sliced_wasserstein.py

Patches are copied, normalised and projected as whole matrices; filters are matrices along an axis. The random numbers are the library's
(random/counter.hpp): Philox 4x32-10, written down for Python's integers.
"""

import numpy as np

import safetensors_file

USER, SEED = 1024, 1


def philox(block, step, substream):
    mask = 0xFFFFFFFF
    c = [block, step & mask, USER << 16 ^ step >> 32, substream]
    k = [SEED & mask, SEED >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k[0], b & mask, a >> 32 ^ c[3] ^ k[1], a & mask]
        k = [(k[0] + 0x9E3779B9) & mask, (k[1] + 0xBB67AE85) & mask]
    return c


def gaussians(count, step):
    words = np.array([philox(block, step, 0) for block in range((count + 3) // 4)])
    u = ((words >> 9) + 0.5) * 2.0**-23
    radius, turn = np.sqrt(-2 * np.log(u[:, 0::2])), 2 * np.pi * u[:, 1::2]
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], -1).reshape(-1)[:count]


def filter_matrix(size):  # rows of (1, 4, 6, 4, 1) / 16 with mirrored borders
    places = np.pad(np.arange(size), 2, mode="reflect")
    matrix = np.zeros((size, size))
    for i in range(size):
        np.add.at(matrix[i], places[i : i + 5], np.array([1, 4, 6, 4, 1]) / 16)
    return matrix


def filtered(images):
    return np.einsum("yv,nvwc,xw->nyxc", filter_matrix(images.shape[1]), images, filter_matrix(images.shape[2]))


def pyramid(images, lowest):
    levels = [images]
    while min((s + 1) // 2 for s in levels[-1].shape[1:3]) >= lowest:
        fine = levels[-1]
        levels.append(filtered(fine)[:, ::2, ::2])
        zeros = np.zeros_like(fine)
        zeros[:, ::2, ::2] = levels[-1]
        levels[-2] = fine - 4 * filtered(zeros)
    return levels


def descriptors(level, step, patch, patches):
    found = []
    for n, image in enumerate(level):
        for k in range(patches):
            words = philox(k, step, n)
            y, x = (words[i] * (image.shape[i] - patch + 1) >> 32 for i in range(2))
            found.append(image[y : y + patch, x : x + patch])
    found = np.array(found)
    found = (found - found.mean((0, 1, 2))) / found.std((0, 1, 2))
    return found.reshape(len(found), -1)


def distances(a, b, lowest=16, patch=7, patches=128, directions=512):
    for l, levels in enumerate(zip(pyramid(a, lowest), pyramid(b, lowest))):
        x, y = (descriptors(level, 2 * l, patch, patches) for level in levels)
        along = gaussians(directions * x.shape[1], 2 * l + 1).reshape(directions, -1)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        yield 1000 * np.abs(np.sort(x @ along.T, 0) - np.sort(y @ along.T, 0)).mean()


rng = np.random.default_rng(1)
out = {}
y, x = np.mgrid[0:34, 0:33]
waves = lambda: sum(rng.normal() * np.cos(rng.normal() * y / 4 + rng.normal() * x / 4 + rng.normal()) for _ in range(5))
for name, noise in (("a", 0.1), ("b", 0.3)):
    images = np.stack([np.stack([waves(), waves()], -1) for _ in range(3)])
    out[name] = (images + noise * rng.normal(size=images.shape)).astype("<f4")
a, b = (out[name].astype(np.float64) for name in "ab")
out["paper"] = np.array(list(distances(a, b)), "<f8")
out["small"] = np.array(list(distances(a, b, lowest=8, patch=4, patches=30, directions=50)), "<f8")
print(out["paper"], out["small"])

safetensors_file.write("sliced_wasserstein.safetensors", out, {"numpy": np.__version__})
