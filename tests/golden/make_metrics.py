# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes metrics.safetensors with NumPy and PyTorch, in double:  python3 make_metrics.py

Every measure is written down another way than the library computes it: whole matrices of pairs, eigenvalues of a product that is not
symmetric, convolutions for SSIM. Inputs are numbers of float, so that float and double can both be compared.
"""
import math

import numpy as np
import torch

import safetensors_file

rng = np.random.default_rng(1)
out = {}


def given(name, array):
    out[name] = array.astype(np.float32).astype(np.float64)
    return out[name]


def expected(name, *values):
    out[name] = np.array(values, dtype=np.float64)


def pairs(a, b):  # distances
    return np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(-1))


def radii(a, k):  # to the k-th neighbour; the sample itself is number 0
    return np.sort(pairs(a, a), axis=1)[:, k]


mix = rng.normal(size=(7, 7))
real = given("real", rng.normal(size=(60, 7)) @ mix + 3)
fake = given("fake", 0.8 * rng.normal(size=(45, 7)) @ mix + 3 + rng.normal(size=7))
few = given("few", rng.normal(size=(5, 7)))  # a singular covariance

for name, a, b in (("frechet", real, fake), ("frechet_singular", real, few)):
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    roots = np.sqrt(np.linalg.eigvals(ca @ cb).astype(complex)).real.sum()
    expected(name, ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * roots)

kernel = lambda a, b: (a @ b.T / a.shape[1] + 1) ** 3
off = lambda k: (k.sum() - np.trace(k)) / (len(k) * (len(k) - 1))
expected("kernel_distance", off(kernel(real, real)) + off(kernel(fake, fake)) - 2 * kernel(real, fake).mean())

distances = pairs(real, fake)
expected("precision", (distances <= radii(real, 3)[:, None]).any(0).mean())
expected("recall", (distances <= radii(fake, 3)[None, :]).any(1).mean())
expected("density", (distances <= radii(real, 5)[:, None]).sum(0).mean() / 5)
expected("coverage", (distances.min(1) <= radii(real, 5)).mean())

near_fake, near_few = distances.min(0), pairs(few, real).min(1)
expected("memorisation", near_fake.mean(), np.median(near_fake), near_few.mean(), np.median(near_few))

# W1 as the area between quantile functions: exact on a grid that both samples divide.
u, v = given("u", rng.normal(size=12)), given("v", rng.normal(size=20) + 0.5)
expected("wasserstein1", np.abs(np.repeat(np.sort(u), 5) - np.repeat(np.sort(v), 3)).mean())
expected("auroc", ((v[:, None] > u[None, :]) + 0.5 * (v[:, None] == u[None, :])).mean())

images = rng.uniform(-1, 1, size=(3, 14, 17, 2))
a = given("image_a", images)
b = given("image_b", np.clip(images + rng.normal(size=images.shape) * np.array([0.02, 0.2, 1.0])[:, None, None, None], -1, 1))
expected("l1", *np.abs(a - b).mean((1, 2, 3)))
expected("psnr", *(20 * np.log10(2) - 10 * np.log10(((a - b) ** 2).mean((1, 2, 3)))))
ta, tb = (torch.from_numpy(t).permute(0, 3, 1, 2).reshape(-1, 1, 14, 17) for t in (a, b))
g = torch.tensor([math.exp(-((i - 5) ** 2) / (2 * 1.5**2)) for i in range(11)], dtype=torch.float64)
window = torch.outer(g, g)[None, None] / g.sum() ** 2
blur = lambda t: torch.nn.functional.conv2d(t, window)
ma, mb = blur(ta), blur(tb)
va, vb, vab = blur(ta * ta) - ma**2, blur(tb * tb) - mb**2, blur(ta * tb) - ma * mb
c1, c2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2
ssim = (2 * ma * mb + c1) * (2 * vab + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))
expected("ssim", *ssim.reshape(3, -1).mean(1).numpy())

safetensors_file.write("metrics.safetensors", out, {"numpy": np.__version__, "torch": torch.__version__})
