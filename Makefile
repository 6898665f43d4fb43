# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Shortcuts for CMake commands. All results lie under build/.

DEMO_SECONDS ?= 300
FUZZ_SECONDS ?= 60
FUZZ_RUNS ?= -1
FUZZ ?= idx gzip png jpeg picture safetensors header checkpoint net features log options
SET ?= mnist
PYTORCH ?= python3
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell nproc)
MAKEFLAGS += --no-print-directory

SOURCES = $(shell find include src bindings tests examples benchmarks -name '*.[ch]pp' -o -name '*.[ch]')

.PHONY: help demo data test nightly asan fuzz tidy tidy-all docs bench check-cuda check-hip check-devices check-kokkos check-mpich check-compilers packages format format-check clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 : /p' $(MAKEFILE_LIST) | column -t -s : -o ' ' 2>/dev/null || grep '## ' $(MAKEFILE_LIST)

demo: configure-release ## Download MNIST (else Fashion-MNIST), train for DEMO_SECONDS (300), write report and checkpoint to build/demo
	cmake -DDIR=build/data -P cmake/get_data.cmake
	cmake --build --preset release --target train
	data=build/data/mnist; test -d $$data || data=build/data/fashion-mnist; \
	OMP_PROC_BIND=$${OMP_PROC_BIND:-false} build/release/examples/train --recipe mnist-widened --wide-net mnist-large --data $$data --out build/demo --overwrite --seconds $(DEMO_SECONDS)

data: ## Download a data set into build/data (SET=mnist or SET=fashion-mnist)
	cmake -DDIR=build/data -DSET=$(SET) -P cmake/get_data.cmake

test: configure-release ## Build everything, run all tests
	cmake --build --preset release
	ctest --preset release

nightly: configure-nightly ## Run all tests, all optimised, with 200 kills of a training run, then fuzz each reader for a minute (needs clang)
	cmake --build --preset nightly
	ctest --preset nightly
	$(MAKE) fuzz FUZZ_SECONDS=60

asan: configure-asan ## Build and run the tests under the address and undefined-behaviour sanitizers
	cmake --build --preset asan
	ctest --preset asan

fuzz: configure-fuzz ## Fuzz each reader for FUZZ_SECONDS (60) or FUZZ_RUNS inputs (needs clang; FUZZ="png jpeg" selects readers)
	cmake --build --preset fuzz --target ign_fuzz
	@for name in $(FUZZ); do \
	  dir=build/fuzz/corpus/$$name; mkdir -p $$dir && echo "fuzz: $$name" && \
	  IGN_FUZZ=$$name IGN_FUZZ_SEEDS=$$dir OMP_NUM_THREADS=1 build/fuzz/tests/ign_fuzz -max_total_time=$(FUZZ_SECONDS) -runs=$(FUZZ_RUNS) -max_len=4096 \
	    -timeout=10 -malloc_limit_mb=256 -rss_limit_mb=2048 -print_final_stats=1 -print_funcs=0 -verbosity=0 -artifact_prefix=$$dir- $$dir || exit 1; \
	done

TIDY = build/release/tests/umbrella.cpp examples/extend.cpp examples/guide.cpp

tidy: configure-release ## Run clang-tidy over all headers and the programs of the guides
	printf '%s\n' $(TIDY) | xargs -P $(CMAKE_BUILD_PARALLEL_LEVEL) -n 1 clang-tidy -p build/release --quiet --warnings-as-errors='*' \
	  --extra-arg=-Wno-unknown-warning-option

tidy-all: configure-tidy ## Build everything with clang-tidy
	cmake --build --preset tidy

docs: ## Build the documentation site in build/docs/html (needs doxygen)
	@command -v doxygen >/dev/null || { echo "make docs needs doxygen (on Debian: apt-get install doxygen)" >&2; exit 1; }
	mkdir -p build/docs
	doxygen docs/doxygen/Doxyfile

bench: ## Build and run the benchmarks, alternating with PyTorch (PYTORCH=<a Python with PyTorch>)
	cmake --preset release -DIGN_PYTORCH="$(PYTORCH)"
	cmake --build --preset release --target bench

check-cuda: configure-release ## Compile training steps for an NVIDIA GPU (sm_90) if nvcc is installed; no GPU needed
	cmake --build --preset release --target check-cuda

check-hip: configure-release ## Compile training steps for AMD GPUs (gfx90a, gfx942) with Debian's hipcc; no GPU needed
	cmake --build --preset release --target check-hip

check-devices: configure-release ## check-cuda and check-hip, side by side
	cmake --build --preset release --target check-cuda check-hip

check-mpich: ## Run the tests of ign::mpi with MPICH, on 1, 2 and 3 ranks (needs Debian's mpich and libmpich-dev)
	cmake --preset mpich
	cmake --build --preset mpich
	ctest --preset mpich

check-kokkos: ## Run the tests of the core with Debian's Kokkos 4, on Serial
	bash cmake/debian_packages.sh build/deps-kokkos4 kokkos4
	cmake --preset serial
	cmake --build --preset serial
	ctest --preset serial

check-compilers: ## Build and run a user's project with newer compilers and CMake from Debian (COMPILERS="g++-16;clang++-22" selects)
	cmake -DROOT=$(CURDIR)/build/hip-root -DSOURCE=$(CURDIR) -DDIR=$(CURDIR)/build/compilers "-DCOMPILERS=$(COMPILERS)" -P cmake/check_compilers.cmake

packages: configure-release ## Build a Debian package and an archive of the headers in build/packages
	cpack --config build/release/CPackConfig.cmake -B build/packages

configure-%:
	cmake --preset $*

format: ## Format all sources with clang-format
	@clang-format -i $(SOURCES)

format-check: ## Fail if clang-format would change a source
	@clang-format --dry-run --Werror $(SOURCES)

clean: ## Remove build results; keep Debian packages and data
	rm -rf build/release build/nightly build/dev build/asan build/fuzz build/tidy build/cuda build/cuda-tests build/serial build/mpich build/c build/demo build/compilers build/packages build/docs
