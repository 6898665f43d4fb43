// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/nets/latent_net.hpp>
#include <ign/nets/mlp.hpp>
#include <ign/nets/model.hpp>
#include <ign_test/layer_check.hpp>

#include <algorithm>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(mlp_net)

namespace {

// Deviations of the first weights, layer by layer.
template <class Net>
std::vector<double> deviations(Net const& net, Shape shape) {
  Model<Net, double, Exec> const model(Exec{}, net, shape, ign_test::seed());
  std::vector<double> all;
  for (auto const& array : model.parameter_arrays()) {
    if (array.info.extents.size() < 2) continue;
    double sum = 0;
    for (std::size_t i = 0; i < array.info.size(); ++i) sum += std::pow(model.parameters()(array.offset + i), 2);
    all.push_back(std::sqrt(sum / static_cast<double>(array.info.size())));
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(maps_a_shape_to_itself) {
  constexpr auto net = mlp(Shape{3, 5, 2}, std::array{7, 11});
  static_assert(decltype(net)::size == 7);
  BOOST_TEST(output_shape(net, {3, 5, 2}) == (Shape{3, 5, 2}));
}

BOOST_AUTO_TEST_CASE(a_latent_net_maps_codes_to_codes) {
  Shape const code = {1, 1, 5};
  auto const extents = shapes(latent_net(5, 7), code);
  BOOST_TEST(extents.front() == code);
  BOOST_TEST(extents.back() == code);
  BOOST_TEST(std::count(extents.begin(), extents.end(), Shape{1, 1, 7}) == 9);  // of three blocks: Linear, BatchNorm, LeakyRelu
}

BOOST_AUTO_TEST_CASE(the_gain_decides_the_first_weights_by_the_inputs_of_each_layer) {
  Shape const shape = {4, 5, 5};
  std::array const widths = {400, 25, 900};
  auto const plain = deviations(mlp(shape, widths), shape), scaled = deviations(mlp(shape, widths, LeakyRelu{}, 1.5), shape);
  BOOST_TEST_REQUIRE(scaled.size() == 4u);
  std::array const inputs = {100, 400, 25, 900};
  for (std::size_t k = 0; k < 4; ++k) {
    BOOST_TEST(std::abs(plain[k] / 0.02 - 1) < 0.04);  // 10,000 weights and more
    BOOST_TEST(std::abs(scaled[k] / (1.5 / std::sqrt(inputs[k])) - 1) < 0.04);
  }
}

BOOST_AUTO_TEST_SUITE_END()
