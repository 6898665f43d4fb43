// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Counts, from the geometries alone: the share of a tile's multiplications that are used, and the operations and bytes of a step. The
// tables are in docs/backends.md. Whoever changes a number on purpose changes them as well.

#include <boost/test/unit_test.hpp>

#include <ign/nets/dcgan.hpp>
#include <ign_test/layer_check.hpp>

#include <string>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(tile_use)

namespace {

using Image = math::device::PlainLoader<float>;

// Multiplications of the tiles of a product, and those among them that belong to the result.
struct Use {
  double used = 0, made = 0;

  void add(math::ProductExtents e, bool with_shapes) {
    if (!with_shapes) e.tile_columns = math::team::tile;
    used += static_cast<double>(e.batch * e.rows * e.columns) * static_cast<double>(e.inner);
    made += static_cast<double>(math::team::tiles(e) * math::team::tile_area) * static_cast<double>(e.inner);
  }
  double percent() const { return 100 * used / made; }
};

// Calls visit(geometry, number of the layer) for the convolutions of a net.
template <class Net, class Visitor>
void for_each_convolution(Net const& net, Shape input, Visitor const& visit) {
  auto const all = shapes(net, input);
  int number = 0;
  for_each_layer(net, [&](std::size_t i, auto const& layer) {
    if constexpr (requires { ign::geometry(layer, all[i]); }) visit(ign::geometry(layer, all[i]), ++number);
  });
}

bool is_direct(math::ConvGeometry const& g) { return math::select_algorithm<Exec>(g, Pass{}).algorithm == math::Algorithm::direct; }

// The products of one layer for a batch, without those that have kernels of their own.
void add_layer(math::ConvGeometry const& g, std::size_t batch, bool with_shapes, Use& use) {
  use.add(math::device::ConvForward<float, Image>{g, batch, {}, nullptr, {}, nullptr}.extents(), with_shapes);
  use.add(math::device::ConvWeightGradient<float, Image, Image>{g, batch, {}, {}, nullptr, nullptr}.extents(), with_shapes);
  if (g.is_dense())
    use.add(math::device::DenseInputGradient<float, Image>{g, batch, {}, nullptr, {}, nullptr}.extents(), with_shapes);
  else if (!math::device::has_few_channels(g))
    use.add(math::device::ConvInputGradient<float, Image>{g, batch, {}, nullptr, {}, nullptr}.extents(), with_shapes);
}

// The share of used multiplications in the direct layers of a net, for the joint pass, with tiles of 64 × 64 and with those by shape.
template <class Net>
void check_use(std::string const& name, Net const& net, Shape input, std::size_t batch, double before, double after) {
  Use all[2];
  for_each_convolution(net, input, [&](math::ConvGeometry const& g, int number) {
    if (!is_direct(g)) return;
    Use layer[2];
    for (int k = 0; k < 2; ++k) {
      add_layer(g, 2 * batch, k == 1, layer[k]);
      add_layer(g, 2 * batch, k == 1, all[k]);
    }
    BOOST_TEST_MESSAGE(name << " layer " << number << ", " << g.fine << " and " << g.coarse << ": " << layer[0].percent() << " % used, now "
                            << layer[1].percent() << " %");
  });
  BOOST_TEST_MESSAGE(name << ": " << all[0].percent() << " % used, now " << all[1].percent() << " %");
  BOOST_TEST(all[0].percent() == before, boost::test_tools::tolerance(0.001));
  BOOST_TEST(all[1].percent() == after, boost::test_tools::tolerance(0.001));
}

// Operations, and elements that a step must move: three applications forward, three input gradients, three weight gradients of a batch. A
// convolution reads one image and writes another. BatchNorm reads and writes its image forward (the moments come with the sums), reads
// image and gradient for its sums, and both gradients read its image and gradient instead of the gradient alone.
struct Step {
  double operations = 0, direct = 0, as_selected = 0, parameters = 0;
};

template <class Net>
Step count_step(Net const& net, Shape input, double batch) {
  Step step;
  auto const all = shapes(net, input);
  for_each_layer(net, [&](std::size_t i, auto const& layer) {
    step.parameters += static_cast<double>(total_size(ign::layer::parameters_of(layer, all[i])));
    if constexpr (requires { ign::geometry(layer, all[i]); }) {
      auto const g = ign::geometry(layer, all[i]);
      double const both = static_cast<double>(g.fine_size() + g.coarse_size());
      step.operations += 9 * batch * 2 * static_cast<double>(g.weight_size() * g.coarse_pixels());
      step.direct += 9 * batch * both;
      // V and M of Winograd, 9/4 of the images, are written and read.
      step.as_selected += 9 * batch * both * (is_direct(g) ? 1 : 5.5);
    } else if constexpr (std::is_same_v<std::remove_cvref_t<decltype(layer)>, BatchNorm>) {
      double const normalised = 3 * batch * static_cast<double>(all[i].size()) * (2 + 2 + 2);
      step.direct += normalised;
      step.as_selected += normalised;
    }
  });
  return step;
}

template <class Net>
void check_step(std::string const& name, Net const& net, Shape input, double batch, double gigaflop, double direct, double as_selected,
                double adam) {
  Step const step = count_step(net, input, batch);
  double const in_adam = 28e-9 * step.parameters;  // bytes: weights and two moments read and written, gradient read
  BOOST_TEST_MESSAGE(name << ": " << 1e-9 * step.operations << " GFLOP; activations of 4 bytes " << 4e-9 * step.as_selected
                          << " GB, all direct " << 4e-9 * step.direct << " GB, of 2 bytes " << 2e-9 * step.direct << " GB; Adam " << in_adam
                          << " GB");
  BOOST_TEST(1e-9 * step.operations == gigaflop, boost::test_tools::tolerance(0.001));
  BOOST_TEST(4e-9 * step.direct == direct, boost::test_tools::tolerance(0.001));
  BOOST_TEST(4e-9 * step.as_selected == as_selected, boost::test_tools::tolerance(0.001));
  BOOST_TEST(in_adam == adam, boost::test_tools::tolerance(0.001));
}

constexpr DcganOptions<3> middle{.image_channels = 1, .stages = {{{32}, {64}, {128}}}, .latent = {128, 4, 1, 0}};

}  // namespace

BOOST_AUTO_TEST_CASE(tiles_have_the_columns_that_idle_least) {
  auto const columns = [](std::size_t rows, std::size_t channels) { return math::team::tile_columns_for<float>(rows, channels); };
  BOOST_TEST(columns(100000, 16) == 16u);
  BOOST_TEST(columns(100000, 1) == 16u);
  BOOST_TEST(columns(100000, 17) == 32u);
  BOOST_TEST(columns(100000, 32) == 32u);
  BOOST_TEST(columns(100000, 48) == 16u);
  BOOST_TEST(columns(100000, 64) == 64u);
  BOOST_TEST(columns(100000, 96) == 32u);
  BOOST_TEST(columns(16, 16) == 64u);                                   // one tile in any case
  BOOST_TEST(math::team::tile_columns_for<double>(100000, 16) == 32u);  // whose tiles of 16 are too large
}

BOOST_AUTO_TEST_CASE(share_of_used_multiplications) {
  check_use("S", mnist_small_net(), {32, 32, 1}, 128, 33.33, 65.91);
  check_use("M", dcgan(middle), {32, 32, 1}, 128, 50, 53.33);
  check_use("L", dcgan64_net(), {64, 64, 3}, 64, 94.74, 94.74);
  check_use("kth-mnist", kth_mnist_net(), {28, 28, 1}, 256, 97.26, 97.26);
}

BOOST_AUTO_TEST_CASE(operations_and_bytes_of_a_step) {
  check_step("S", mnist_small_net(), {32, 32, 1}, 128, 5.436, 0.2365, 0.3639, 0.005992);
  check_step("M", dcgan(middle), {32, 32, 1}, 128, 21.14, 0.4636, 1.228, 0.02392);
  check_step("L", dcgan64_net(), {64, 64, 3}, 64, 248.8, 2.022, 5.589, 0.3894);
  check_step("kth-mnist", kth_mnist_net(), {28, 28, 1}, 256, 114.2, 1.477, 3.038, 0.08269);
}

BOOST_AUTO_TEST_SUITE_END()
