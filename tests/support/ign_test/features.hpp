// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Random sets of features, and the plain loops that metrics of them are compared with.

#ifndef IGN_TEST_FEATURES_HPP
#define IGN_TEST_FEATURES_HPP

#include <boost/test/unit_test.hpp>

#include <ign/metrics/features.hpp>
#include <ign_test/layer_check.hpp>

#include <limits>
#include <vector>

namespace ign_test {

template <class Real>
using FeatureSet = Kokkos::View<Real**, Kokkos::LayoutRight, Exec::memory_space>;

/// Gaussian features about `mean`.
template <class Real>
FeatureSet<Real> random_features(std::size_t count, std::size_t columns, std::uint32_t substream, double deviation = 1, double mean = 0) {
  auto const numbers = random_vector<Real>(count * columns, substream, deviation);
  FeatureSet<Real> const features("ign::test", count, columns);
  for (std::size_t i = 0; i < numbers.size(); ++i) features(i / columns, i % columns) = numbers(i) + static_cast<Real>(mean);
  return features;
}

template <class View>
double naive_dot(View const& a, std::size_t i, View const& b, std::size_t j) {
  double sum = 0;
  for (std::size_t k = 0; k < a.extent(1); ++k) sum += static_cast<double>(a(i, k)) * static_cast<double>(b(j, k));
  return sum;
}

template <class View>
double naive_squared_distance(View const& a, std::size_t i, View const& b, std::size_t j) {
  double sum = 0;
  for (std::size_t k = 0; k < a.extent(1); ++k) sum += std::pow(static_cast<double>(a(i, k)) - static_cast<double>(b(j, k)), 2);
  return sum;
}

/// The call must throw our error of that id.
template <class Call>
void check_refused(Call const& call, std::string const& id) {
  BOOST_CHECK_EXCEPTION(call(), ign::Error, [&](ign::Error const& error) {
    BOOST_TEST_INFO(error.what());
    BOOST_TEST(error.id() == id);
    return error.id() == id;
  });
}

}  // namespace ign_test

#endif
