# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Spack package (Spack 1.0 and later) for the checkout that contains this file:

    spack repo add packaging/spack/spack_repo/ign
    spack install ign+io+metrics ^kokkos+openmp
"""
import pathlib

from spack_repo.builtin.build_systems.cmake import CMakePackage

from spack.package import *


class Ign(CMakePackage):
    """Header-only C++20 library that trains and applies Idempotent Generative Networks on Kokkos."""

    homepage = "https://arxiv.org/abs/2311.01462"
    git = pathlib.Path(__file__).resolve().parents[6].as_uri()

    license("Apache-2.0 WITH LLVM-exception")

    version("main", branch="main")

    variant("io", default=True, description="Readers and writers of files")
    variant("jpeg", default=False, when="+io", description="JPEG pictures")
    variant("metrics", default=False, description="Metrics of generated samples")

    depends_on("cxx", type="build")
    depends_on("cmake@3.25:", type="build")

    # Users compile against all of these, so dependents look for them as well.
    depends_on("kokkos@4.5:5")
    depends_on("random123@1.09:")
    with when("+io"):
        depends_on("zlib-api")
        depends_on("libpng@1.6:")
        depends_on("nlohmann-json@3.10:")
    depends_on("libjpeg-turbo@2.1:", when="+jpeg")
    depends_on("eigen@3.4:", when="+metrics")

    def cmake_args(self):
        return [
            self.define_from_variant("IGN_ENABLE_IO", "io"),
            self.define_from_variant("IGN_ENABLE_JPEG", "jpeg"),
            self.define_from_variant("IGN_ENABLE_METRICS", "metrics"),
            self.define("IGN_ENABLE_TESTS", False),
            self.define("IGN_ENABLE_EXAMPLES", False),
            self.define("IGN_ENABLE_BENCHMARKS", False),
            self.define("IGN_DEPS_DEBIAN", False),
            self.define("IGN_DEPS_FETCH", False),
        ]
