# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Spack package (Spack 1.0 and later) for the checkout that contains this file:

    spack repo add packaging/spack/spack_repo/ign
    spack install ign+io+metrics ^kokkos+openmp
    spack install ign+mpi+c+fortran ^kokkos+openmp
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
    variant("mpi", default=False, description="Training on many ranks")
    variant("c", default=False, description="libign: trained nets from C and Python, a compiled library")
    variant("fortran", default=False, when="+c", description="Fortran module on libign")
    variant("shared", default=True, when="+c", description="libign is a shared library")

    depends_on("cxx", type="build")
    depends_on("fortran", type="build", when="+fortran")
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
    depends_on("mpi@3:", when="+mpi")
    with when("+c"):
        depends_on("zlib-api")
        depends_on("nlohmann-json@3.10:", type="build")

    def cmake_args(self):
        args = [
            self.define_from_variant("IGN_ENABLE_IO", "io"),
            self.define_from_variant("IGN_ENABLE_JPEG", "jpeg"),
            self.define_from_variant("IGN_ENABLE_METRICS", "metrics"),
            self.define_from_variant("IGN_ENABLE_MPI", "mpi"),
            self.define_from_variant("IGN_ENABLE_C", "c"),
            self.define_from_variant("IGN_ENABLE_FORTRAN", "fortran"),
            # No variant: the sources of ign::kernels are installed in any case, and dependents compile them.
            self.define("IGN_ENABLE_KERNELS", False),
            self.define("IGN_ENABLE_VENDOR_BLAS", "AUTO"),  # the installed package repeats this choice
            self.define("IGN_ENABLE_INSTALL", True),
            self.define("IGN_ENABLE_TESTS", False),
            self.define("IGN_ENABLE_EXAMPLES", False),
            self.define("IGN_ENABLE_BENCHMARKS", False),
            self.define("IGN_ENABLE_FUZZ", False),
            self.define("IGN_ENABLE_WERROR", False),
            self.define("IGN_DEPS_DEBIAN", False),
            self.define("IGN_DEPS_FETCH", False),
        ]
        if self.spec.satisfies("+c"):
            args.append(self.define_from_variant("BUILD_SHARED_LIBS", "shared"))
        return args

    @run_after("install", when="+c")
    def install_libign(self):
        # Left out of the plain installation, which needs nothing compiled.
        with working_dir(self.build_directory):
            cmake("--install", ".", "--component", "c")
