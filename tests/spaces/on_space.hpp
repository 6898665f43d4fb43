// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values of the tests that run on every execution space: made on the host in double, copied by mirrors, compared on the host.

#ifndef IGN_TEST_ON_SPACE_HPP
#define IGN_TEST_ON_SPACE_HPP

#include <boost/test/unit_test.hpp>

#include <ign/core/key.hpp>
#include <ign/core/tensor.hpp>
#include <ign/random/permutation.hpp>
#include <ign_test/environment.hpp>
#include <ign_test/spaces.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace ign_test::space {

using Values = std::vector<double>;

/// `size` different values within ±range in random order, which float represents. None is near 0, and no two are near each other, so that
/// maxima, absolute values and rectifiers have derivatives.
inline Values distinct_values(std::size_t size, std::uint32_t number, double range = 2) {
  Values values(size);
  ign::Permutation const order({seed(), ign::RandomStream::user, 0, 8 * number}, std::max<std::size_t>(size, 1));
  for (std::size_t i = 0; i < size; ++i)
    values[i] =
        static_cast<double>(static_cast<float>(range * ((2 * static_cast<double>(order(i)) + 1.25) / static_cast<double>(size) - 1)));
  return values;
}

/// Copies values to the memory of an execution space.
template <class T = float, class Exec>
auto to_space(Exec const& exec, std::vector<double> const& values) {
  ign::Vector<T, Exec> const vector("ign::test", values.size());
  auto const mirror = Kokkos::create_mirror_view(vector);
  for (std::size_t i = 0; i < values.size(); ++i) mirror(i) = static_cast<T>(values[i]);
  Kokkos::deep_copy(exec, vector, mirror);
  exec.fence();
  return vector;
}

/// Waits for the instance and copies values to the host.
template <class Exec, class View>
Values from_space(Exec const& exec, View const& vector) {
  exec.fence();
  auto const mirror = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), vector);
  return {mirror.data(), mirror.data() + mirror.size()};
}

/// Values as a tensor (batch, h, w, c) of float.
template <class Exec>
struct Samples {
  ign::Vector<float, Exec> values;
  ign::TensorRef<float, Exec> tensor;

  Samples(Exec const& exec, Values const& all, int batch, ign::Shape shape)
      : values(to_space(exec, all)), tensor(ign::tensor_ref<Exec>(values, batch, shape)) {}
  /// Values 0.
  Samples(Exec const& exec, int batch, ign::Shape shape)
      : Samples(exec, Values(static_cast<std::size_t>(batch) * shape.size()), batch, shape) {}

  Values host(Exec const& exec) const { return from_space(exec, values); }
};

/// Compares with a tolerance in units of the largest expected value.
inline void check_near(std::string const& what, Values const& found, Values const& expected, double tolerance = 5e-6) {
  BOOST_TEST_REQUIRE(found.size() == expected.size(), what);
  double largest = 1e-30, error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    error = std::max(error, std::abs(found[i] - expected[i]));
  }
  BOOST_TEST(error <= tolerance * largest, what << ": error " << error << ", largest value " << largest);
}

/// Derivatives of f with respect to each element of `at`, by central differences.
template <class F>
Values derivatives(Values at, F const& f) {
  Values result(at.size());
  for (std::size_t i = 0; i < at.size(); ++i) {
    double const middle = at[i], h = 1e-5;
    at[i] = middle + h;
    double const above = f(at);
    at[i] = middle - h;
    result[i] = (above - f(at)) / (2 * h);
    at[i] = middle;
  }
  return result;
}

}  // namespace ign_test::space

#endif
