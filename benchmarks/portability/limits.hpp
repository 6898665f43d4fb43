// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Limits of a machine, measured with its backend: launch time, memory bandwidth, and product rate with the product kernels of the library.
#ifndef IGN_BENCHMARKS_PORTABILITY_LIMITS_HPP
#define IGN_BENCHMARKS_PORTABILITY_LIMITS_HPP

#include <algorithm>
#include <ign/math/conv/convolution.hpp>
#include <ign/random/fill.hpp>
#include <optional>
#include <vector>

#include "../host_products.hpp"

namespace portability {

using Exec = Kokkos::DefaultExecutionSpace;

/// Returns the median time of `body` on the device in seconds. Repeats it for about `seconds`, at least five times, after one warm-up call.
template <class Body>
double median_seconds(Exec const& exec, double seconds, Body const& body) {
  body();
  exec.fence("ign::portability: warm");
  std::vector<double> times;
  for (Kokkos::Timer total; times.size() < 5 || total.seconds() < seconds;) {
    Kokkos::Timer const timer;
    body();
    exec.fence("ign::portability: measured");
    times.push_back(timer.seconds());
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

struct Limits {
  double launch = 0;                            ///< seconds per launch, in a sequence of launches
  double stream = 0;                            ///< bytes per second
  std::optional<double> product, tf32, bf16{};  ///< operations per second with factors in fp32, tf32, bfloat16; absent: fp32 is used
};

struct Nothing {
  KOKKOS_FUNCTION void operator()(int) const {}
};

struct Triad {
  ign::Vector<float, Exec> x, y, z;
  KOKKOS_FUNCTION void operator()(std::size_t i) const { z(i) = x(i) + 2 * y(i); }
};

inline double launch_seconds(Exec const& exec, double seconds) {
  constexpr int launches = 200;
  return median_seconds(exec, seconds,
                        [&] {
                          for (int i = 0; i < launches; ++i)
                            Kokkos::parallel_for("ign::portability::nothing", Kokkos::RangePolicy<Exec>(exec, 0, 1), Nothing{});
                        }) /
         launches;
}

inline double stream_rate(Exec const& exec, double seconds, std::size_t size) {
  auto const vector = [&] { return ign::make_vector<float>(exec, "ign::portability::stream", size); };
  Triad const triad{vector(), vector(), vector()};
  Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>> const indices(exec, 0, size);
  return 3.0 * sizeof(float) * static_cast<double>(size) /
         median_seconds(exec, seconds, [&] { Kokkos::parallel_for("ign::portability::stream", indices, triad); });
}

template <class Factor>
double host_rate(Exec const& exec, double seconds) {
  benchmarks::HostProducts<Factor, Exec> products(exec);
  return products.operations() / median_seconds(exec, seconds, [&] { products.run(); });
}

/// Returns the operations per second of one product of square matrices on a device.
inline double device_rate(Exec const& exec, double seconds, ign::Precision precision, std::size_t n) {
  auto const matrix = [&] { return ign::make_vector<float>(exec, "ign::portability::matrix", n * n); };
  auto const a = matrix(), b = matrix(), c = matrix();
  ign::math::MatrixProduct<float> const product{{1, n, n, n}, a.data(), b.data(), c.data()};
  auto const count = static_cast<double>(n);
  return 2 * count * count * count / median_seconds(exec, seconds, [&] {
           ign::math::matrix_products("ign::portability::product", exec, ign::Mode::train, precision, product,
                                      ign::VectorRef<float, Exec>{}, ign::ArrivalCounters<Exec>{});
         });
}

/// Measures all limits.
/// \param small  small sizes, to test the program: fast, with meaningless results
inline Limits measure_limits(Exec const& exec, double seconds, bool small) {
  Limits limits;
  limits.launch = launch_seconds(exec, seconds);
  limits.stream = stream_rate(exec, seconds, std::size_t{1} << (small ? 16 : ign::uses_host_kernels_v<Exec> ? 25 : 28));
  if constexpr (ign::uses_host_kernels_v<Exec>) {
    limits.product = host_rate<float>(exec, seconds);
    if (ign::math::uses_bf16_v<Exec>) limits.bf16 = host_rate<ign::math::simd::Bf16>(exec, seconds);
  } else {
    std::size_t const n = small ? 128 : 4096;
    limits.product = device_rate(exec, seconds, ign::Precision::full, n);
    if (ign::math::vendor::serves_v<float, Exec>) {
      limits.tf32 = device_rate(exec, seconds, ign::Precision::tf32, n);
      limits.bf16 = device_rate(exec, seconds, ign::Precision::bf16, n);
    }
  }
  return limits;
}

}  // namespace portability

#endif
