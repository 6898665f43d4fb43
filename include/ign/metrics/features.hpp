// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Feature sets, the input of the metrics, with common checks.
///
/// A set is a View (n, d) of n samples with d elements each, in memory accessible to the execution space. Metrics that return values fence.
/// Sums accumulate in double, in an order independent of the number of threads.
#ifndef IGN_METRICS_FEATURES_HPP
#define IGN_METRICS_FEATURES_HPP

#include <Kokkos_Core.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "ign/core/elementwise.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/tensor.hpp"

namespace ign::metrics {

/// View (n, d) of float or double, const or not, with any stride between rows.
template <class View>
concept FeatureView = Kokkos::is_view_v<View> &&(View::rank() == 2) &&
                      std::is_same_v<typename View::array_layout, Kokkos::LayoutRight>&& Scalar<typename View::non_const_value_type>;

/// Unmanaged View of features.
template <class Real, class Exec = Kokkos::DefaultExecutionSpace>
using Features = Kokkos::View<Real const**, Kokkos::LayoutRight, typename Exec::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

/// Returns the samples of a tensor (n, h, w, c) as features of h·w·c elements, to compare pixels instead of the output of a feature net.
template <class Real, class Exec>
Features<Real, Exec> as_features(TensorRef<Real, Exec> const& tensor) {
  return Features<Real, Exec>(tensor.data(), tensor.extent(0), shape_of(tensor).size());
}

/// Copies the elements of a contiguous View to the host, in memory order. Fences `exec`.
template <class Exec, class View>
std::vector<typename View::non_const_value_type> to_host(Exec const& exec, View const& view) {
  using Value = typename View::non_const_value_type;
  using Flat = Kokkos::View<Value*, Kokkos::LayoutRight, typename View::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
  std::vector<Value> values(view.size());
  Kokkos::View<Value*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(values.data(), values.size());
  Kokkos::deep_copy(exec, host, Flat(const_cast<Value*>(view.data()), view.size()));  // only read
  exec.fence("ign::metrics::to_host");
  return values;
}

/// Returns the mean of values, summed from first to last.
inline double mean(std::vector<double> const& values) {
  double sum = 0;
  for (double const value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

namespace detail {

/// Strided matrix read as double: element (i, k) is data[i · row + k · step], minus shift[i] if there is a shift.
template <class Real>
struct Rows {
  Real const* data;
  std::size_t count, columns;
  std::size_t row, step;
  double const* shift = nullptr;

  KOKKOS_FUNCTION double operator()(std::size_t i, std::size_t k) const {
    double const value = static_cast<double>(data[i * row + k * step]);
    return shift != nullptr ? value - shift[i] : value;
  }
};

template <FeatureView View>
Rows<typename View::non_const_value_type> rows_of(View const& features) {
  return {features.data(), features.extent(0), features.extent(1), features.stride(0), 1};
}

template <class Real>
struct CountNotFinite {
  Rows<Real> features;

  KOKKOS_FUNCTION void operator()(std::size_t i, std::size_t& count) const {
    for (std::size_t k = 0; k < features.columns; ++k) count += is_finite(features(i, k)) ? 0 : 1;
  }
};

/// \throws Error [ign.shape.200] on fewer than `least` samples or samples without elements, [ign.numeric.200] on values that are not finite
template <class Exec, FeatureView View>
void check_features(Exec const& exec, char const* measure, View const& features, std::size_t least) {
  static_assert(Kokkos::SpaceAccessibility<Exec, typename View::memory_space>::accessible, "exec cannot read these features");
  require(features.extent(0) >= least && features.extent(1) > 0, Fault::shape, 200, measure, ": ", features.extent(0), " samples of ",
          features.extent(1), " elements, expected at least ", least, " samples of at least 1 element");
  using Real = typename View::non_const_value_type;
  std::size_t count = 0;
  Kokkos::parallel_reduce("ign::metrics::check_features", range_policy(exec, features.extent(0)), CountNotFinite<Real>{rows_of(features)},
                          count);
  require(count == 0, Fault::numeric, 200, measure, ": ", count, " of ", features.extent(0), " x ", features.extent(1),
          " values are not finite, expected finite features");
}

/// Checks two sets that are compared.
/// \throws Error [ign.shape.201] when their samples differ in length, and as the check of one set
template <class Exec, FeatureView A, FeatureView B>
void check_features(Exec const& exec, char const* measure, A const& a, B const& b, std::size_t least) {
  require(a.extent(1) == b.extent(1), Fault::shape, 201, measure, ": samples of ", a.extent(1), " and of ", b.extent(1),
          " elements, expected equal lengths");
  check_features(exec, measure, a, least);
  check_features(exec, measure, b, least);
}

}  // namespace detail
}  // namespace ign::metrics

#endif  // IGN_METRICS_FEATURES_HPP
