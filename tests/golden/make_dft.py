# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes dft.safetensors with NumPy, in double:  python3 make_dft.py

Images are (n, h, w, c); spectra are (n, 2, h, w/2 + 1, c): real parts, then imaginary parts.
"""

import numpy

import safetensors_file

random = numpy.random.default_rng(1)
tensors = {}
for name, shape in {"even": (2, 6, 8, 3), "odd": (1, 5, 7, 2), "tall": (2, 4, 1, 1), "flat": (1, 1, 2, 2)}.items():
    x = random.standard_normal(shape)
    spectrum = numpy.fft.rfft2(x, axes=(1, 2))
    tensors[name + ".x"] = x
    tensors[name + ".spectrum"] = numpy.stack([spectrum.real, spectrum.imag], axis=1)

safetensors_file.write("dft.safetensors", tensors, {"numpy": numpy.__version__})
