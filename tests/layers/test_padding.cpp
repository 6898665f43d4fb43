// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Convolutions of fields that continue beyond their edges.

#include <boost/test/unit_test.hpp>

#include <ign/layers/batch_norm.hpp>
#include <ign/layers/conv2d.hpp>
#include <ign/layers/conv_transpose2d.hpp>
#include <ign/layers/residual.hpp>
#include <ign_test/layer_check.hpp>
#include <ign_test/padding.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::LayerFixture;

BOOST_AUTO_TEST_SUITE(padding)

namespace {

// Value of x(n, y, x, c) for any y and x.
double continued(Vector<double, Exec> const& x, Shape in, PaddingMode mode, int n, int y, int column, int c) {
  int const row = ign_test::continued(mode, y, in.height), at = ign_test::continued(mode, column, in.width);
  if (row < 0 || at < 0) return 0;
  return x(((static_cast<std::size_t>(n) * in.height + row) * in.width + at) * in.channels + c);
}

// y by the definition, for a layer whose window meets cell (oy, ox) through (ky, kx) at cell place(oy, ky), if there is one.
template <class Layer, class Meets>
std::vector<double> definition(LayerFixture<Layer, double> const& f, bool transposed, Meets const& meets) {
  Layer const& layer = f.layer;
  int const k = layer.kernel, in_channels = f.in.channels, out_channels = layer.channels;
  std::size_t const bias = static_cast<std::size_t>(k) * k * in_channels * out_channels;
  std::vector<double> y;
  for (int n = 0; n < f.batch; ++n)
    for (int oy = 0; oy < f.out.height; ++oy)
      for (int ox = 0; ox < f.out.width; ++ox)
        for (int o = 0; o < out_channels; ++o) {
          double sum = layer.bias ? f.parameters(bias + o) : 0;
          for (int ky = 0; ky < k; ++ky)
            for (int kx = 0; kx < k; ++kx) {
              int iy = 0, ix = 0;
              if (!meets(oy, ky, iy) || !meets(ox, kx, ix)) continue;
              for (int i = 0; i < in_channels; ++i) {
                int const first = transposed ? o : i, second = transposed ? i : o, seconds = transposed ? in_channels : out_channels;
                int const firsts = transposed ? out_channels : in_channels;
                sum += continued(f.x, f.in, layer.padding_mode, n, iy, ix, i) *
                       f.parameters(((static_cast<std::size_t>(ky) * k + kx) * firsts + first) * seconds + second);
              }
            }
          y.push_back(sum);
        }
  return y;
}
std::vector<double> definition(LayerFixture<Conv2d, double> const& f) {
  return definition(f, false, [&](int o, int k, int& i) { return ign_test::conv_meets(f.layer, o, k, i); });
}
std::vector<double> definition(LayerFixture<ConvTranspose2d, double> const& f) {
  return definition(f, true, [&](int o, int k, int& i) { return ign_test::conv_transpose_meets(f.layer, o, k, i); });
}

template <class Layer>
void check(Layer const& layer, Shape in, int batch) {
  BOOST_TEST_CONTEXT(name(layer.padding_mode) << " input " << in << " channels " << layer.channels << " kernel " << layer.kernel
                                              << " stride " << layer.stride << " padding " << layer.padding << " batch " << batch) {
    ign_test::check_definition(layer, in, batch, [](auto const& f) { return definition(f); });
  }
}

Conv2d conv(int channels, int kernel, int stride, int padding, PaddingMode mode, bool bias = true) {
  return {.channels = channels, .kernel = kernel, .stride = stride, .padding = padding, .bias = bias, .padding_mode = mode};
}
ConvTranspose2d transposed(int channels, int kernel, int stride, int padding, int more, PaddingMode mode) {
  return {.channels = channels, .kernel = kernel, .stride = stride, .padding = padding, .output_padding = more, .padding_mode = mode};
}

}  // namespace

BOOST_AUTO_TEST_CASE(convolutions_equal_their_definition) {
  for (PaddingMode mode : ign_test::padding_modes)
    for (int batch : {1, 3}) {
      check(conv(5, 3, 1, 1, mode), {7, 6, 3}, batch);
      check(conv(4, 4, 2, 1, mode), {8, 6, 2}, batch);
      check(conv(16, 4, 2, 1, mode), {20, 36, 9}, batch);  // with zeros, by Winograd's algorithm
      check(conv(3, 5, 1, 2, mode, false), {3, 9, 1}, batch);
      check(conv(9, 3, 1, 1, mode), {2, 2, 8}, batch);
      check(conv(2, 3, 2, 1, mode), {9, 7, 4}, batch);
      check(conv(33, 1, 1, 0, mode), {5, 3, 17}, batch);
      check(conv(3, 3, 1, 2, mode), {5, 4, 2}, batch);
      check(transposed(5, 4, 2, 1, 0, mode), {3, 5, 4}, batch);
      check(transposed(16, 4, 2, 1, 0, mode), {20, 18, 24}, batch);
      check(transposed(1, 4, 2, 1, 0, mode), {16, 9, 16}, batch);  // few channels
      check(transposed(3, 3, 2, 1, 1, mode), {4, 3, 2}, batch);
      check(transposed(2, 3, 1, 1, 0, mode), {6, 5, 3}, batch);
      check(transposed(4, 2, 2, 0, 0, mode), {3, 4, 5}, batch);
      check(transposed(2, 5, 3, 1, 0, mode), {4, 5, 3}, batch);
      check(transposed(2, 6, 3, 4, 2, mode), {5, 4, 2}, batch);
    }
}

BOOST_AUTO_TEST_CASE(gradients) {
  for (PaddingMode mode : {PaddingMode::periodic, PaddingMode::reflecting}) {
    ign_test::check_gradients(conv(3, 3, 1, 1, mode), {4, 5, 2}, 2);
    ign_test::check_gradients(conv(2, 4, 2, 1, mode, false), {6, 4, 3}, 1);
    ign_test::check_gradients(conv(2, 5, 1, 2, mode), {3, 4, 1}, 3);  // each cell has three copies
    ign_test::check_gradients(conv(8, 4, 2, 1, mode), {5, 4, 9}, 2);
    ign_test::check_gradients(transposed(3, 4, 2, 1, 0, mode), {3, 2, 2}, 2);
    ign_test::check_gradients(transposed(1, 3, 2, 1, 1, mode), {2, 3, 2}, 1);
  }
}

// The fused forms, and chains in which they occur: on a device, convolution, BatchNorm and rectifier are one call.
BOOST_AUTO_TEST_CASE(fused_layers_pad_as_well) {
  for (PaddingMode mode : {PaddingMode::periodic, PaddingMode::reflecting}) {
    ign_test::check_fused(conv(5, 3, 1, 1, mode), LeakyRelu{0.3}, {4, 5, 3}, 1);
    ign_test::check_fused(conv(9, 4, 2, 1, mode), Relu{}, {8, 6, 8}, 2);
    ign_test::check_fused(transposed(4, 4, 2, 1, 0, mode), LeakyRelu{0.3}, {4, 5, 3}, 3);
    auto const block = residual(conv(6, 4, 2, 1, mode), BatchNorm{}, LeakyRelu{0.2}, transposed(3, 4, 2, 1, 0, mode), BatchNorm{}, Relu{},
                                conv(3, 3, 1, 1, mode));
    ign_test::check_gradients(block, {4, 6, 3}, 3, {}, false);
  }
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) {
  for (PaddingMode mode : {PaddingMode::periodic, PaddingMode::reflecting}) {
    ign_test::check_batch_independence<float>(conv(16, 4, 2, 1, mode), {16, 12, 3}, 5);
    ign_test::check_batch_independence<double>(conv(6, 3, 1, 1, mode), {7, 9, 16}, 5);
    ign_test::check_batch_independence<float>(transposed(3, 4, 2, 1, 0, mode), {8, 6, 16}, 5);
  }
}

// <C x, y> = <x, C' y>, where both have the same weights.
BOOST_AUTO_TEST_CASE(a_periodic_transposed_convolution_is_the_adjoint_of_a_periodic_convolution) {
  PaddingMode const periodic = PaddingMode::periodic;
  ign_test::check_adjoint(conv(5, 4, 2, 1, periodic), transposed(3, 4, 2, 1, 0, periodic), {8, 6, 3});
  ign_test::check_adjoint(conv(4, 3, 1, 1, periodic), transposed(2, 3, 1, 1, 0, periodic), {5, 4, 2});
  ign_test::check_adjoint(conv(4, 3, 2, 1, periodic), transposed(2, 3, 2, 1, 1, periodic), {6, 8, 2});
}

// The index of a value in the padded image, and back.
BOOST_AUTO_TEST_CASE(indices_continue_a_field) {
  int const expected[3][10] = {{-1, -1, -1, 0, 1, 2, 3, -1, -1, -1}, {1, 2, 3, 0, 1, 2, 3, 0, 1, 2}, {3, 2, 1, 0, 1, 2, 3, 2, 1, 0}};
  for (PaddingMode mode : ign_test::padding_modes)
    for (int i = 0; i < 10; ++i) BOOST_TEST(continued_index(mode, i - 3, 4) == expected[static_cast<int>(mode)][i]);
  BOOST_TEST(continued_index(PaddingMode::periodic, -9, 4) == 3);
}

BOOST_AUTO_TEST_CASE(a_field_smaller_than_its_continuation_is_an_error) {
  auto const fails = [](auto const& layer, Shape in, char const* id) {
    BOOST_CHECK_EXCEPTION(output_shape(layer, in), Error, [&](Error const& e) { return e.id() == id; });
  };
  PaddingMode const periodic = PaddingMode::periodic, reflecting = PaddingMode::reflecting;
  output_shape(conv(1, 5, 1, 2, periodic), {2, 2, 1});
  fails(conv(1, 5, 1, 2, periodic), {1, 4, 1}, "ign.shape.73");
  output_shape(conv(1, 5, 1, 2, reflecting), {3, 3, 1});
  fails(conv(1, 5, 1, 2, reflecting), {3, 2, 1}, "ign.shape.73");
  fails(conv(1, 9, 1, 2, periodic), {4, 9, 1}, "ign.shape.70");  // the kernel is larger than the padded field
  output_shape(transposed(1, 4, 2, 1, 0, reflecting), {2, 2, 1});
  fails(transposed(1, 4, 2, 1, 0, reflecting), {2, 1, 1}, "ign.shape.73");
  fails(transposed(1, 4, 1, 0, 0, periodic), {2, 4, 1}, "ign.shape.73");
}

BOOST_AUTO_TEST_SUITE_END()
