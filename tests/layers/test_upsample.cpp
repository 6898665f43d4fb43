// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/layers/avg_pool2d.hpp>
#include <ign/layers/upsample2d.hpp>
#include <ign_test/layer_check.hpp>

#include <limits>

using namespace ign;
using ign_test::LayerFixture;

BOOST_AUTO_TEST_SUITE(upsample)

namespace {

// Index of an element of a tensor.
std::size_t at(Shape shape, int n, int y, int x, int c) {
  return static_cast<std::size_t>(((n * shape.height + y) * shape.width + x) * shape.channels + c);
}

template <class Real>
void compare(Vector<Real, ign_test::Exec> const& found, std::vector<double> const& expected, char const* what) {
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (std::abs(static_cast<double>(found(i)) - expected[i]) > (sizeof(Real) == 8 ? 1e-14 : 1e-5))
      BOOST_ERROR(what << ' ' << i << ": " << found(i) << ", expected " << expected[i]);
}

// Calls visit(output element, input element) for each pair of an output and an input on which it depends.
template <class Visit>
void for_each_pair(Upsample2d const& layer, Shape in, Shape out, int batch, Visit const& visit) {
  for (int n = 0; n < batch; ++n)
    for (int y = 0; y < out.height; ++y)
      for (int x = 0; x < out.width; ++x)
        for (int c = 0; c < in.channels; ++c) visit(at(out, n, y, x, c), at(in, n, y / layer.factor, x / layer.factor, c));
}
template <class Visit>
void for_each_pair(AvgPool2d const& layer, Shape in, Shape out, int batch, Visit const& visit) {
  for (int n = 0; n < batch; ++n)
    for (int y = 0; y < out.height; ++y)
      for (int x = 0; x < out.width; ++x)
        for (int c = 0; c < in.channels; ++c)
          for (int ky = 0; ky < layer.kernel; ++ky)
            for (int kx = 0; kx < layer.kernel; ++kx)
              visit(at(out, n, y, x, c), at(in, n, y * layer.stride + ky, x * layer.stride + kx, c));
}

template <class Real, class Layer>
void check_definition(Layer const& layer, Shape in, int batch, double factor) {
  LayerFixture<Layer, Real> f(layer, in, batch);
  f.run_forward({});
  f.run_backward({}, false, false, true);
  std::vector<double> y(f.y.size(), 0), dx(f.x.size(), 0);
  for_each_pair(layer, in, f.out, batch, [&](std::size_t to, std::size_t from) {
    y[to] += factor * static_cast<double>(f.x(from));
    dx[from] += factor * static_cast<double>(f.dy(to));
  });
  compare(f.y, y, "y");
  compare(f.dx, dx, "dx");
}

constexpr AvgPool2d pools[] = {{2, 2}, {3, 2}, {3, 1}, {2, 3}, {1, 1}};

auto id(char const* expected) {
  return [expected](Error const& e) { return e.id() == expected; };
}

}  // namespace

BOOST_AUTO_TEST_CASE(copies_of_pixels) {
  for (int const factor : {1, 2, 3, 5}) {
    Upsample2d const layer{factor};
    check_definition<double>(layer, {4, 3, 3}, 2, 1);
    check_definition<float>(layer, {2, 5, 70}, 1, 1);
    check_definition<float>(layer, {1, 1, 1}, 3, 1);
    check_definition<float>(layer, {2, 700, 3}, 1, 1);  // rows longer than a chunk, which then ends within a pixel
    ign_test::check_gradients(layer, {3, 2, 2}, 2);
    ign_test::check_gradients(layer, {1, 1, 1}, 1, pass_of(Role::data, Mode::evaluate));
  }
  ign_test::check_batch_independence<float>(Upsample2d{}, {6, 5, 33}, 5);
}

BOOST_AUTO_TEST_CASE(means_of_windows) {
  for (auto const& layer : pools) {
    double const share = 1.0 / (layer.kernel * layer.kernel);
    check_definition<double>(layer, {7, 5, 3}, 2, share);
    check_definition<float>(layer, {4, 6, 70}, 1, share);
    check_definition<float>(layer, {3, 700, 3}, 1, share);
    ign_test::check_gradients(layer, {7, 5, 3}, 2);
    ign_test::check_gradients(layer, {3, 3, 1}, 1, pass_of(Role::data, Mode::evaluate));
  }
  ign_test::check_batch_independence<float>(AvgPool2d{}, {6, 5, 33}, 5);
}

BOOST_AUTO_TEST_CASE(describe_themselves) {
  BOOST_TEST((describe(Upsample2d{3}, {}) == LayerDescription{"Upsample", {{"scale_factor", 3}, {"mode", std::string("nearest")}}}));
  BOOST_TEST((describe(AvgPool2d{3, 2}, {}) == LayerDescription{"AvgPool2d", {{"kernel_size", 3}, {"stride", 2}}}));
}

BOOST_AUTO_TEST_CASE(bad_options_are_errors) {
  BOOST_CHECK_EXCEPTION(output_shape(Upsample2d{0}, {4, 4, 1}), Error, id("ign.option.611"));
  BOOST_CHECK_EXCEPTION(output_shape(Upsample2d{2}, {1 << 30, 1, 1}), Error, id("ign.shape.611"));
  BOOST_CHECK_EXCEPTION(output_shape(Upsample2d{1 << 30}, {1, 2, 1}), Error, id("ign.shape.611"));
  BOOST_TEST((output_shape(Upsample2d{3}, {7, 5, 3}) == Shape{21, 15, 3}));
  BOOST_CHECK_EXCEPTION(output_shape(AvgPool2d{0, 2}, {4, 4, 1}), Error, id("ign.option.612"));
  BOOST_CHECK_EXCEPTION(output_shape(AvgPool2d{2, 0}, {4, 4, 1}), Error, id("ign.option.612"));
  BOOST_CHECK_EXCEPTION(output_shape(AvgPool2d{3, 1}, {4, 2, 1}), Error, id("ign.shape.612"));
  BOOST_TEST((output_shape(AvgPool2d{}, {7, 5, 3}) == Shape{3, 2, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
