// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Single-threaded matrix products of the shapes that occur in convolutions, compared with Eigen.

#include <Eigen/Core>

#include "machine.hpp"

namespace {

// Rows (tiles or pixels), columns (channels), inner dimension.
struct Extents {
  std::size_t m, n, k;
};

void ours(benchmark::State& state, Extents const& e) {
  std::size_t const packs = ign::math::simd::round_up_to_packs<float>(e.n) / ign::math::simd::lanes_v<float>;
  std::size_t const row = e.k + 16, column = packs * ign::math::simd::lanes_v<float>;
  std::vector<float> const a(e.m * row, 1), b(e.k * column, 1);
  std::vector<float> c(e.m * column);
  for (auto _ : state) {
    ign::math::product<false>(e.m, packs, e.k, ign::math::LeftFactor<float>{a.data(), row, 1},
                              ign::math::Panels<float>{b.data(), e.k * ign::math::simd::lanes_v<float>}, c.data(), column);
    benchmark::ClobberMemory();
  }
  benchmarks::report(state, 2.0 * static_cast<double>(e.m * e.n * e.k), 1, 0);
}

void eigen(benchmark::State& state, Extents const& e) {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  auto const index = [](std::size_t i) { return static_cast<Eigen::Index>(i); };
  Matrix const a = Matrix::Ones(index(e.m), index(e.k)), b = Matrix::Ones(index(e.k), index(e.n));
  Matrix c(index(e.m), index(e.n));
  Eigen::setNbThreads(1);
  for (auto _ : state) {
    c.noalias() = a * b;
    benchmark::ClobberMemory();
  }
  benchmarks::report(state, 2.0 * static_cast<double>(e.m * e.n * e.k), 1, 0);
}

}  // namespace

int main(int argc, char* argv[]) {
  for (Extents const e : {Extents{8, 16, 8}, {96, 16, 32}, {96, 32, 64}, {96, 64, 128}, {48, 128, 256}, {48, 256, 512}, {48, 512, 1024}}) {
    std::string const name = std::to_string(e.m) + 'x' + std::to_string(e.n) + 'x' + std::to_string(e.k) + (e.m == 8 ? "/small" : "");
    benchmark::RegisterBenchmark(("ours/" + name).c_str(), ours, e);
    benchmark::RegisterBenchmark(("eigen/" + name).c_str(), eigen, e);
  }
  return benchmarks::run(argc, argv);
}
