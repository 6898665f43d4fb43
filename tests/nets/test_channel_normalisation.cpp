// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/layers/activations.hpp>
#include <ign/layers/conv2d.hpp>
#include <ign/nets/channel_normalisation.hpp>
#include <ign/nets/frozen_projector.hpp>
#include <ign/nets/physical_projector.hpp>
#include <ign/sources/gaussian.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/layer_check.hpp>

#include <cmath>
#include <limits>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::fails;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(channel_normalisation)

namespace {

constexpr Shape shape = {9, 7, 4};
constexpr int batch = 5;

// Velocity, pressure with a large mean, a constant, and a tiny concentration.
template <class Real>
Vector<Real, Exec> physical_fields(std::uint32_t substream) {
  auto const x = random_vector<Real>(batch * shape.size(), substream);
  double const mean[] = {-0.3, 1.013e5, 287.05, 4e-6}, deviation[] = {2, 120, 0, 1e-6};
  for (std::size_t i = 0; i < x.size(); ++i) x(i) = static_cast<Real>(mean[i % 4] + deviation[i % 4] * static_cast<double>(x(i)));
  return x;
}

template <class Real>
void check_moments() {
  Exec const exec;
  auto const x = physical_fields<Real>(1);
  auto const found = ign::channel_normalisation(exec, as_tensor<Real>(x, batch, shape));
  std::size_t const cells = x.size() / 4;
  for (std::size_t c = 0; c < 4; ++c) {
    long double mean = 0, square = 0;
    for (std::size_t i = 0; i < cells; ++i) mean += static_cast<long double>(x(4 * i + c)) / cells;
    for (std::size_t i = 0; i < cells; ++i) square += (x(4 * i + c) - mean) * (x(4 * i + c) - mean) / cells;
    double const deviation = c == 2 ? 0 : std::sqrt(static_cast<double>(square));
    BOOST_TEST(std::abs(found.mean[c] - static_cast<double>(mean)) <= 1e-13 * std::abs(static_cast<double>(mean)) + 1e-13 * deviation);
    BOOST_TEST(std::abs(found.stddev[c] - deviation) <= 1e-9 * deviation);
  }
  BOOST_TEST(found.mean[2] == static_cast<double>(static_cast<Real>(287.05)));
  // In two batches.
  ChannelMoments moments;
  moments.add(exec, as_tensor<Real>(x, 2, shape));
  moments.add(exec, ign::batch_range(as_tensor<Real>(x, batch, shape), 2, 3));
  auto const parts = moments.normalisation();
  for (std::size_t c = 0; c < 4; ++c) {
    BOOST_TEST(std::abs(parts.mean[c] - found.mean[c]) <= 1e-13 * std::abs(found.mean[c]));
    BOOST_TEST(std::abs(parts.stddev[c] - found.stddev[c]) <= 1e-9 * found.stddev[c]);
  }
}

template <class Real>
void check_scaling(double tolerance) {
  Exec const exec;
  auto const x = physical_fields<Real>(1), y = random_vector<Real>(x.size(), 2), back = random_vector<Real>(x.size(), 3);
  auto const n = ign::channel_normalisation(exec, as_tensor<Real>(x, batch, shape));
  ChannelScaling<Real, Exec> const scaling(exec, n);
  scaling.normalise(exec, as_tensor<Real>(x, batch, shape), as_tensor<Real>(y, batch, shape));
  scaling.denormalise(exec, as_tensor<Real>(y, batch, shape), as_tensor<Real>(back, batch, shape));
  exec.fence();
  double difference = 0, error = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::size_t const c = i % 4;
    double const expected = c == 2 ? 0 : (static_cast<double>(x(i)) - static_cast<double>(static_cast<Real>(n.mean[c]))) / n.stddev[c];
    difference = std::max(difference, std::abs(static_cast<double>(y(i)) - expected));
    error = std::max(error, std::abs(static_cast<double>(back(i)) - static_cast<double>(x(i))) / (std::abs(n.mean[c]) + n.stddev[c]));
    if (c == 2) BOOST_REQUIRE(y(i) == 0);
    if (c == 2) BOOST_REQUIRE(back(i) == x(i));
  }
  BOOST_TEST(difference <= 10 * tolerance);
  BOOST_TEST(error <= tolerance);
  for (std::size_t i = 2; i < y.size(); i += 4) y(i) = std::numeric_limits<Real>::quiet_NaN();
  scaling.denormalise(exec, as_tensor<Real>(y, batch, shape), as_tensor<Real>(back, batch, shape));
  exec.fence();
  for (std::size_t i = 2; i < back.size(); i += 4) BOOST_REQUIRE(back(i) == x(i));  // a constant channel: its mean, whatever f gives
  fails("ign.shape.483", [&] { scaling.normalise(exec, as_tensor<Real>(x, 2 * batch, {9, 7, 2}), as_tensor<Real>(y, batch, shape)); });
}

// An f that mixes the channels.
template <class Real>
auto mixing_projector() {
  auto const net = sequential(Conv2d{.channels = 4, .padding = 1, .init_std = 0.3, .padding_mode = PaddingMode::periodic}, Tanh{});
  Model<std::remove_const_t<decltype(net)>, Real, Exec> const model(Exec(), net, shape, 1);
  return FrozenProjector(Exec(), model);
}

template <class Real>
void check_projector(double tolerance) {
  Exec const exec;
  auto const x = physical_fields<Real>(1), y = random_vector<Real>(x.size(), 2), expected = random_vector<Real>(x.size(), 3);
  auto const in = as_tensor<Real>(x, batch, shape), out = as_tensor<Real>(y, batch, shape),
             by_hand = as_tensor<Real>(expected, batch, shape);
  auto const n = ign::channel_normalisation(exec, in);
  ChannelScaling<Real, Exec> const scaling(exec, n);
  auto f = mixing_projector<Real>();
  PhysicalProjector physical(exec, mixing_projector<Real>(), n);
  auto const compare = [&](char const* what) {
    exec.fence();
    double error = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      double const unit = std::abs(n.mean[i % 4]) + n.stddev[i % 4];
      error = std::max(error, std::abs(static_cast<double>(y(i)) - static_cast<double>(expected(i))) / unit);
    }
    BOOST_TEST(error <= tolerance, what << ": error " << error);
  };
  scaling.normalise(exec, in, by_hand);
  f.project(exec, by_hand, 2, by_hand);
  scaling.denormalise(exec, by_hand, by_hand);
  physical.project(exec, in, 2, out);
  compare("projection");

  auto const noise = random_vector<Real>(x.size(), 4);
  f.apply(exec, Role::source, 1, as_tensor<Real>(noise, batch, shape), by_hand);
  scaling.denormalise(exec, by_hand, by_hand);
  physical.apply(exec, Role::source, 1, as_tensor<Real>(noise, batch, shape), out);
  compare("noise is not normalised");
  PhysicalProjector damaged(exec, mixing_projector<Real>(), n, true);
  scaling.normalise(exec, in, by_hand);
  f.apply(exec, Role::source, 1, by_hand, by_hand);
  scaling.denormalise(exec, by_hand, by_hand);
  damaged.apply(exec, Role::source, 1, in, out);
  compare("fields as the source");
  f.generate(exec, Gaussian{}, Key{3}, 1, by_hand);
  scaling.denormalise(exec, by_hand, by_hand);
  physical.generate(exec, Gaussian{}, Key{3}, 1, out);
  compare("samples");
  physical.project(exec, in, 0, out);
  Kokkos::deep_copy(exec, by_hand, in);
  compare("no application");

  auto const scores = random_vector<Real>(batch, 5), of_normalised = random_vector<Real>(batch, 6);
  scaling.normalise(exec, in, by_hand);
  f.drift_scores(exec, by_hand, VectorRef<Real, Exec>(of_normalised));
  physical.drift_scores(exec, in, VectorRef<Real, Exec>(scores));
  exec.fence();
  for (int i = 0; i < batch; ++i) {
    BOOST_TEST(scores(i) == of_normalised(i));
    BOOST_TEST(scores(i) > 0);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(mean_and_deviation_of_each_channel) {
  check_moments<double>();
  check_moments<float>();
}

BOOST_AUTO_TEST_CASE(fields_are_scaled_there_and_back) {
  check_scaling<double>(1e-14);
  check_scaling<float>(1e-6);
}

BOOST_AUTO_TEST_CASE(physical_fields_are_projected_in_their_units) {
  check_projector<double>(1e-13);
  check_projector<float>(1e-6);
}

BOOST_AUTO_TEST_CASE(impossible_fields_and_numbers_are_errors) {
  Exec const exec;
  fails("ign.state.480", [] { ChannelMoments().normalisation(); });
  auto const x = physical_fields<float>(1);
  ChannelMoments moments;
  moments.add(exec, as_tensor<float>(x, batch, shape));
  auto const before = moments.normalisation();
  fails("ign.shape.482", [&] { moments.add(exec, as_tensor<float>(x, batch, {9, 14, 2})); });
  {
    ign_test::AllowNan const allow;
    float const old = x(5);
    x(5) = quiet_nan<float>();
    fails("ign.numeric.480", [&] { moments.add(exec, as_tensor<float>(x, batch, shape)); });
    x(5) = old;
  }
  BOOST_TEST((moments.normalisation() == before));
  using Scaling = ChannelScaling<float, Exec>;
  fails("ign.option.483", [&] { Scaling(exec, {{1, 2}, {1}}); });
  fails("ign.option.483", [&] { Scaling(exec, {{1}, {-1}}); });
  fails("ign.option.483", [&] { Scaling(exec, {{1e300}, {1}}); });
  fails("ign.option.483", [&] { Scaling(exec, {{1}, {1e-300}}); });
  fails("ign.shape.483", [&] { PhysicalProjector(exec, mixing_projector<float>(), {{1}, {1}}); });
}

BOOST_AUTO_TEST_SUITE_END()
