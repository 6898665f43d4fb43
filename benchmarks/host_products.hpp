// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Multiply-adds of packs in registers: the limit of the host kernels for products.
#ifndef IGN_BENCHMARKS_HOST_PRODUCTS_HPP
#define IGN_BENCHMARKS_HOST_PRODUCTS_HPP

#include <Kokkos_Core.hpp>
#include <cstddef>
#include <ign/math/gemm/host.hpp>
#include <vector>

namespace benchmarks {

/// Products of blocks in the caches, the same number on each thread of a host execution space. Factors of type bf16 are stored in pairs.
template <class Factor, class Exec>
class HostProducts {
 public:
  explicit HostProducts(Exec const& exec)
      : m_exec(exec),
        m_workers(static_cast<std::size_t>(exec.concurrency())),
        m_left(rows * inner),
        m_right(inner * packs * lanes),
        m_sums(m_workers * rows * packs * lanes) {}

  /// Operations of a run.
  double operations() const { return 2.0 * static_cast<double>(m_workers * repeats * rows * packs * lanes * inner); }

  /// Computes the products. Asynchronous on the execution space.
  void run() {
    Kokkos::parallel_for("ign::bench products", Kokkos::RangePolicy<Exec>(m_exec, 0, static_cast<int>(m_workers)), [this](int worker) {
      float* const sums = m_sums.data() + static_cast<std::size_t>(worker) * rows * packs * lanes;
      for (std::size_t i = 0; i < repeats; ++i)
        ign::math::product<false>(rows, packs, inner, ign::math::LeftFactor<Factor>{m_left.data(), inner, 1},
                                  ign::math::Panels<Factor>{m_right.data(), inner * lanes}, sums, packs * lanes);
    });
  }

 private:
  static constexpr std::size_t inner = 256, rows = 48, packs = 4, repeats = 50, lanes = ign::math::simd::lanes_v<float>;

  Exec m_exec;
  std::size_t m_workers;
  std::vector<Factor> m_left, m_right;
  std::vector<float> m_sums;
};

}  // namespace benchmarks

#endif
