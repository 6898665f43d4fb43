// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Convolutions of three-dimensional fields that continue beyond their faces.

#include <boost/test/unit_test.hpp>

#include <ign/layers/conv3d.hpp>
#include <ign/layers/conv_transpose3d.hpp>
#include <ign/layers/residual.hpp>
#include <ign_test/layer_check.hpp>
#include <ign_test/padding.hpp>

using namespace ign;
using ign_test::continued;
using ign_test::LayerFixture;

BOOST_AUTO_TEST_SUITE(volume_padding)

namespace {

// y by the definition. The window of output cell o meets the input at cell place(o, k), if there is one.
template <class Layer, class Place>
std::vector<double> definition(LayerFixture<Layer, double> const& f, bool transposed, Place const& place) {
  Layer const& layer = f.layer;
  auto const in = detail::slices_of(layer.depth, f.in, "test");
  int const k = layer.kernel, in_channels = f.in.channels, out_channels = layer.channels;
  int const out_depth = f.out.height / (transposed ? geometry(layer, f.in).fine.height : geometry(layer, f.in).coarse.height);
  int const out_height = f.out.height / out_depth;
  int const firsts = transposed ? out_channels : in_channels, seconds = transposed ? in_channels : out_channels;
  std::size_t const bias = static_cast<std::size_t>(k) * k * k * in_channels * out_channels;
  std::vector<double> y;
  for (int n = 0; n < f.batch; ++n)
    for (int oz = 0; oz < out_depth; ++oz)
      for (int oy = 0; oy < out_height; ++oy)
        for (int ox = 0; ox < f.out.width; ++ox)
          for (int o = 0; o < out_channels; ++o) {
            double sum = layer.bias ? f.parameters(bias + o) : 0;
            for (int tap = 0; tap < k * k * k; ++tap) {
              int const kz = tap / k / k, ky = tap / k % k, kx = tap % k;
              int z = 0, y_in = 0, x_in = 0;
              if (!place(oz, kz, z) || !place(oy, ky, y_in) || !place(ox, kx, x_in)) continue;
              z = continued(layer.padding_mode, z, in.depth);
              y_in = continued(layer.padding_mode, y_in, in.shape.height);
              x_in = continued(layer.padding_mode, x_in, in.shape.width);
              if (z < 0 || y_in < 0 || x_in < 0) continue;
              for (int i = 0; i < in_channels; ++i)
                sum += f.x((((static_cast<std::size_t>(n) * in.depth + z) * in.shape.height + y_in) * in.shape.width + x_in) * in_channels +
                           i) *
                       f.parameters((static_cast<std::size_t>(tap) * firsts + (transposed ? o : i)) * seconds + (transposed ? i : o));
            }
            y.push_back(sum);
          }
  return y;
}
std::vector<double> definition(LayerFixture<Conv3d, double> const& f) {
  return definition(f, false, [&](int o, int k, int& i) { return ign_test::conv_meets(f.layer, o, k, i); });
}
std::vector<double> definition(LayerFixture<ConvTranspose3d, double> const& f) {
  return definition(f, true, [&](int o, int k, int& i) { return ign_test::conv_transpose_meets(f.layer, o, k, i); });
}

template <class Layer>
void check(Layer const& layer, Shape in, int batch) {
  BOOST_TEST_CONTEXT(name(layer.padding_mode) << " input " << in << " depth " << layer.depth << " channels " << layer.channels << " kernel "
                                              << layer.kernel << " stride " << layer.stride << " padding " << layer.padding << " batch "
                                              << batch) {
    ign_test::check_definition(layer, in, batch, [](auto const& f) { return definition(f); });
  }
}

Conv3d conv(int channels, int kernel, int stride, int padding, PaddingMode mode, int depth, bool bias = true) {
  return {.channels = channels, .kernel = kernel, .stride = stride, .padding = padding, .bias = bias, .depth = depth, .padding_mode = mode};
}
ConvTranspose3d transposed(int channels, int kernel, int stride, int padding, int more, PaddingMode mode, int depth) {
  return {.channels = channels,
          .kernel = kernel,
          .stride = stride,
          .padding = padding,
          .output_padding = more,
          .depth = depth,
          .padding_mode = mode};
}

}  // namespace

BOOST_AUTO_TEST_CASE(convolutions_equal_their_definition) {
  for (PaddingMode mode : ign_test::padding_modes)
    for (int batch : {1, 3}) {
      check(conv(5, 3, 1, 1, mode, 3), volume_shape(3, 5, 4, 3), batch);
      check(conv(4, 4, 2, 1, mode, 6), volume_shape(6, 8, 4, 2), batch);
      check(conv(16, 4, 2, 1, mode, 0), volume_shape(6, 8, 8, 9), batch);  // square slices; with zeros, by Winograd's algorithm
      check(conv(3, 5, 1, 2, mode, 3, false), volume_shape(3, 4, 7, 1), batch);
      check(conv(9, 3, 1, 1, mode, 2), volume_shape(2, 2, 2, 8), batch);
      check(conv(2, 3, 2, 1, mode, 5), volume_shape(5, 3, 7, 4), batch);
      check(conv(5, 1, 1, 0, mode, 2), volume_shape(2, 3, 4, 7), batch);
      check(transposed(5, 4, 2, 1, 0, mode, 2), volume_shape(2, 3, 4, 4), batch);
      check(transposed(16, 4, 2, 1, 0, mode, 0), volume_shape(3, 4, 4, 12), batch);
      check(transposed(1, 4, 2, 1, 0, mode, 4), volume_shape(4, 2, 3, 8), batch);  // few channels
      check(transposed(3, 3, 2, 1, 1, mode, 2), volume_shape(2, 4, 3, 2), batch);
      check(transposed(2, 3, 1, 1, 0, mode, 4), volume_shape(4, 3, 5, 3), batch);
    }
}

BOOST_AUTO_TEST_CASE(gradients_are_the_differences) {
  for (PaddingMode mode : {PaddingMode::periodic, PaddingMode::reflecting}) {
    ign_test::check_gradients(conv(2, 3, 1, 1, mode, 2), volume_shape(2, 3, 4, 2), 2);
    ign_test::check_gradients(conv(2, 4, 2, 1, mode, 4, false), volume_shape(4, 3, 2, 1), 1);
    ign_test::check_gradients(conv(1, 5, 1, 2, mode, 3), volume_shape(3, 3, 3, 1), 1);  // each cell has up to 27 copies
    ign_test::check_gradients(transposed(2, 4, 2, 1, 0, mode, 2), volume_shape(2, 3, 2, 2), 2);
    ign_test::check_gradients(transposed(1, 3, 2, 1, 1, mode, 3), volume_shape(3, 2, 2, 1), 1);
  }
}

BOOST_AUTO_TEST_CASE(fused_layers_pad_as_well) {
  for (PaddingMode mode : {PaddingMode::periodic, PaddingMode::reflecting}) {
    ign_test::check_fused(conv(5, 3, 1, 1, mode, 3), LeakyRelu{0.3}, volume_shape(3, 4, 5, 3), 2);
    ign_test::check_fused(transposed(4, 4, 2, 1, 0, mode, 2), Relu{}, volume_shape(2, 3, 4, 3), 2);
    auto const block = residual(conv(4, 4, 2, 1, mode, 0), BatchNorm{}, LeakyRelu{0.2}, transposed(2, 4, 2, 1, 0, mode, 0), BatchNorm{},
                                Relu{}, conv(2, 3, 1, 1, mode, 0));
    ign_test::check_gradients(block, volume_shape(6, 4, 4, 2), 2, {}, false);
    ign_test::check_batch_independence<float>(conv(8, 4, 2, 1, mode, 6), volume_shape(6, 4, 8, 3), 5);
    ign_test::check_batch_independence<float>(transposed(3, 4, 2, 1, 0, mode, 3), volume_shape(3, 4, 2, 8), 5);
  }
}

// <C x, y> = <x, C' y>, where both have the same weights.
BOOST_AUTO_TEST_CASE(a_periodic_transposed_convolution_is_the_adjoint_of_a_periodic_convolution) {
  PaddingMode const periodic = PaddingMode::periodic;
  ign_test::check_adjoint(conv(5, 4, 2, 1, periodic, 6), transposed(3, 4, 2, 1, 0, periodic, 3), volume_shape(6, 4, 8, 3));
  ign_test::check_adjoint(conv(4, 3, 1, 1, periodic, 3), transposed(2, 3, 1, 1, 0, periodic, 3), volume_shape(3, 4, 2, 2));
}

BOOST_AUTO_TEST_CASE(a_field_smaller_than_its_continuation_is_an_error) {
  auto const fails = [](auto const& layer, Shape in) {
    BOOST_CHECK_EXCEPTION(output_shape(layer, in), Error, [&](Error const& e) { return e.id() == "ign.shape.73"; });
  };
  PaddingMode const periodic = PaddingMode::periodic, reflecting = PaddingMode::reflecting;
  output_shape(conv(1, 5, 1, 2, periodic, 2), volume_shape(2, 2, 2, 1));
  fails(conv(1, 5, 1, 2, periodic, 1), volume_shape(1, 4, 4, 1));  // of one slice
  fails(conv(1, 5, 1, 2, reflecting, 3), volume_shape(3, 3, 2, 1));
  output_shape(transposed(1, 4, 2, 1, 0, reflecting, 2), volume_shape(2, 2, 2, 1));
  fails(transposed(1, 4, 2, 1, 0, reflecting, 1), volume_shape(1, 2, 2, 1));
  fails(transposed(1, 4, 1, 0, 0, periodic, 2), volume_shape(2, 4, 4, 1));
}

BOOST_AUTO_TEST_SUITE_END()
