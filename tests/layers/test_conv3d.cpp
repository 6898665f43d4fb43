// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/layers/conv3d.hpp>
#include <ign/layers/conv_transpose3d.hpp>
#include <ign/math/conv/reference.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(conv3d)

namespace {

struct Case {
  int depth;
  Shape slice;
  int channels, kernel, stride, padding;
};

// Odd and even, cubes and not, dense, with gaps, padded beyond need, few channels, and those of Winograd's algorithm.
std::vector<Case> const cases = {
    {4, {4, 4, 3}, 5, 4, 2, 1},  {5, {3, 7, 2}, 3, 3, 2, 1},  {4, {4, 4, 6}, 7, 4, 1, 0},    {3, {5, 4, 1}, 5, 1, 1, 0},
    {4, {9, 4, 2}, 1, 2, 3, 0},  {3, {3, 3, 9}, 3, 3, 1, 2},  {1, {6, 7, 9}, 2, 5, 2, 2},    {1, {1, 1, 9}, 4, 1, 1, 0},
    {8, {8, 8, 1}, 16, 4, 2, 1}, {6, {5, 9, 8}, 9, 4, 2, 1},  {9, {7, 6, 18}, 33, 4, 2, 1},  {2, {2, 2, 17}, 10, 4, 2, 1},
    {6, {6, 6, 2}, 9, 6, 3, 2},  {5, {6, 8, 1}, 12, 4, 2, 1}, {3, {8, 6, 16}, 40, 4, 2, 1},  {3, {4, 4, 12}, 9, 1, 2, 0},
    {7, {2, 3, 70}, 9, 3, 1, 1}, {4, {4, 4, 8}, 8, 4, 2, 1},  {10, {4, 12, 20}, 8, 4, 2, 1}, {9, {9, 8, 3}, 8, 4, 2, 1},
    {4, {4, 32, 1}, 3, 4, 2, 1}, {3, {4, 38, 2}, 5, 4, 2, 1}, {5, {5, 16, 3}, 7, 4, 2, 1}};

Conv3d layer_of(Case const& c) { return {c.channels, c.kernel, c.stride, c.padding, true, 0.02, c.depth}; }
Shape input_of(Case const& c) { return volume_shape(c.depth, c.slice.height, c.slice.width, c.slice.channels); }

// The sum of the definition, over every pair of cells.
template <class Visitor>
void for_each_term(math::ConvGeometry const& g, int batch, Visitor const& visit) {
  for (int n = 0; n < batch; ++n)
    for (int cz = 0; cz < g.depth.coarse; ++cz)
      for (int cy = 0; cy < g.coarse.height; ++cy)
        for (int cx = 0; cx < g.coarse.width; ++cx)
          for (int kz = 0; kz < g.kernel; ++kz)
            for (int ky = 0; ky < g.kernel; ++ky)
              for (int kx = 0; kx < g.kernel; ++kx) {
                int const fz = cz * g.stride + kz - g.padding, fy = cy * g.stride + ky - g.padding, fx = cx * g.stride + kx - g.padding;
                if (fz < 0 || fy < 0 || fx < 0 || fz >= g.depth.fine || fy >= g.fine.height || fx >= g.fine.width) continue;
                for (int f = 0; f < g.fine.channels; ++f)
                  for (int c = 0; c < g.coarse.channels; ++c)
                    visit((((static_cast<std::size_t>(n) * g.depth.fine + fz) * g.fine.height + fy) * g.fine.width + fx) * g.fine.channels +
                              f,
                          (((static_cast<std::size_t>(n) * g.depth.coarse + cz) * g.coarse.height + cy) * g.coarse.width + cx) *
                                  g.coarse.channels +
                              c,
                          (((static_cast<std::size_t>(kz) * g.kernel + ky) * g.kernel + kx) * g.fine.channels + f) * g.coarse.channels + c,
                          n);
              }
}

template <class Real>
void compare(Vector<Real, Exec> const& found, std::vector<double> const& expected, double tolerance, std::string const& what) {
  double error = 0, largest = 1e-30;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    error = std::max(error, std::abs(static_cast<double>(found(i)) - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  BOOST_TEST(error <= tolerance * largest, what << ": error " << error << " of " << largest);
}

Shape fine_shape(math::ConvGeometry const& g) { return volume_shape(g.depth.fine, g.fine.height, g.fine.width, g.fine.channels); }
Shape coarse_shape(math::ConvGeometry const& g) { return volume_shape(g.depth.coarse, g.coarse.height, g.coarse.width, g.coarse.channels); }

bool has_winograd(math::ConvGeometry const& g) { return uses_host_kernels_v<Exec> && math::winograd::fits_volume(g); }

enum class Variant { direct, winograd, reference };

template <class Real>
struct Operands {
  math::ConvGeometry g;
  int batch;
  Vector<Real, Exec> fine, coarse, weights, scale, shift, factor, scratch;
  Vector<unsigned, Exec> counters;

  Operands(math::ConvGeometry const& geometry, int n) : g(geometry), batch(n) {
    auto const count = static_cast<std::size_t>(n), channels = static_cast<std::size_t>(std::max(g.fine.channels, g.coarse.channels));
    fine = random_vector<Real>(count * g.fine_size(), 1);
    coarse = random_vector<Real>(count * g.coarse_size(), 2);
    weights = random_vector<Real>(g.weight_size(), 3);
    scale = random_vector<Real>(count, 4);
    shift = random_vector<Real>(channels, 5);
    factor = random_vector<Real>(channels, 6);
    scratch = random_vector<Real>(math::conv_scratch_size<Real>(g, count, workers_of(Exec())), 7, 1e6);
    counters = make_arrival_counters(Exec(), "ign::test");
  }

  void forward(Variant way, math::Weights<Real> const& w, math::Epilogue<Real> const& e, Vector<Real, Exec> const& out) const {
    auto const in = as_tensor<Real>(fine, batch, fine_shape(g)), y = as_tensor<Real>(out, batch, coarse_shape(g));
    if (way == Variant::reference)
      math::reference::conv_forward(Exec(), g, in, w.data, e, y);
    else
      math::conv_forward(Exec(), g, static_cast<math::Algorithm>(way), in, w, e, y, VectorRef<Real, Exec>(scratch), counters);
  }
  void input_gradient(Variant way, math::Weights<Real> const& w, math::Epilogue<Real> const& e, Vector<Real, Exec> const& out) const {
    auto const in = as_tensor<Real>(coarse, batch, coarse_shape(g)), y = as_tensor<Real>(out, batch, fine_shape(g));
    if (way == Variant::reference)
      math::reference::conv_input_gradient(Exec(), g, in, w.data, e, y);
    else
      math::conv_input_gradient(Exec(), g, static_cast<math::Algorithm>(way), in, w, e, y, VectorRef<Real, Exec>(scratch), counters);
  }
  void weight_gradient(Variant way, Vector<Real, Exec> const& out) const {
    auto const x = as_tensor<Real>(fine, batch, fine_shape(g)), y = as_tensor<Real>(coarse, batch, coarse_shape(g));
    if (way == Variant::reference)
      math::reference::conv_weight_gradient(Exec(), g, x, y, scale.data(), out.data());
    else
      math::conv_weight_gradient(Exec(), g, static_cast<math::Algorithm>(way), x, y, scale.data(), out.data(),
                                 VectorRef<Real, Exec>(scratch), counters);
  }
};

template <class Real>
void check_operations(Case const& c, int batch, double tolerance) {
  Exec const exec;
  Operands<Real> const o(geometry(layer_of(c), input_of(c)), batch);
  auto const& g = o.g;
  std::vector<double> y(o.coarse.size()), x(o.fine.size()), w(o.weights.size());
  for_each_term(g, batch, [&](std::size_t f, std::size_t k, std::size_t v, int n) {
    y[k] += static_cast<double>(o.fine(f)) * static_cast<double>(o.weights(v));
    x[f] += static_cast<double>(o.coarse(k)) * static_cast<double>(o.weights(v));
    w[v] += static_cast<double>(o.scale(n)) * static_cast<double>(o.fine(f)) * static_cast<double>(o.coarse(k));
  });
  math::Epilogue<Real> const epilogue = {o.shift.data(), o.factor.data(), Real(0.3)};
  auto const then = [&](std::vector<double>& values, int channels) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      auto const channel = i % static_cast<std::size_t>(channels);
      values[i] = static_cast<double>(o.factor(channel)) * values[i] + static_cast<double>(o.shift(channel));
      if (values[i] < 0) values[i] *= static_cast<double>(epilogue.slope);
    }
  };
  then(y, g.coarse.channels);
  then(x, g.fine.channels);
  for (Variant way : {Variant::direct, Variant::winograd, Variant::reference}) {
    if (way == Variant::winograd && !has_winograd(g)) continue;
    auto const to_coarse = random_vector<Real>(o.coarse.size(), 8), to_fine = random_vector<Real>(o.fine.size(), 9);
    auto const gradient = make_vector<Real>(exec, "ign::test", o.weights.size());
    o.forward(way, {o.weights.data()}, epilogue, to_coarse);
    o.input_gradient(way, {o.weights.data()}, epilogue, to_fine);
    o.weight_gradient(way, gradient);
    exec.fence();
    char const* const names[] = {" direct", " winograd", " reference"};
    std::string const name = names[static_cast<int>(way)];
    compare(to_coarse, y, tolerance, "conv_forward" + name);
    compare(to_fine, x, tolerance, "conv_input_gradient" + name);
    compare(gradient, w, tolerance, "conv_weight_gradient" + name);
    if (way == Variant::reference) continue;
    // Results with prepared weights are bitwise identical.
    for (auto operation : {math::Operation::forward, math::Operation::input_gradient}) {
      bool const is_forward = operation == math::Operation::forward;
      auto const algorithm = static_cast<math::Algorithm>(way);
      auto const memory = random_vector<Real>(math::packed_size<Real, Exec>(g, operation, algorithm), 10);
      auto const found = random_vector<Real>(is_forward ? o.coarse.size() : o.fine.size(), 11);
      auto const packed =
          math::pack_weights(exec, g, operation, algorithm, static_cast<Real const*>(o.weights.data()), VectorRef<Real, Exec>(memory));
      if (is_forward)
        o.forward(way, packed, epilogue, found);
      else
        o.input_gradient(way, packed, epilogue, found);
      exec.fence();
      std::size_t differ = 0;
      for (std::size_t i = 0; i < found.size(); ++i) differ += found(i) != (is_forward ? to_coarse : to_fine)(i) ? 1u : 0u;
      BOOST_TEST(differ == 0u, differ << " numbers of prepared weights differ" << name);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(operations_equal_their_definition) {
  for (auto const& c : cases)
    for (int batch : {1, 3, 17}) {
      BOOST_TEST_CONTEXT("depth " << c.depth << " slice " << c.slice << " channels " << c.channels << " kernel " << c.kernel << " stride "
                                  << c.stride << " padding " << c.padding << " batch " << batch) {
        check_operations<double>(c, batch, 1e-13);
        check_operations<float>(c, batch, math::vendor::serves_v<float, Exec> ? 6e-6 : 3e-6);
      }
    }
}

BOOST_AUTO_TEST_CASE(adjoint_identity) {
  Exec const exec;
  for (auto const& c : cases) {
    Operands<double> const o(geometry(layer_of(c), input_of(c)), 3);
    auto const ax = random_vector<double>(o.coarse.size(), 8), aty = random_vector<double>(o.fine.size(), 9);
    for (Variant way : {Variant::direct, Variant::winograd, Variant::reference}) {
      if (way == Variant::winograd && !has_winograd(o.g)) continue;
      o.forward(way, {o.weights.data()}, {}, ax);
      o.input_gradient(way, {o.weights.data()}, {}, aty);
      exec.fence();
      double left = 0, right = 0;
      for (std::size_t i = 0; i < ax.size(); ++i) left += ax(i) * o.coarse(i);
      for (std::size_t i = 0; i < aty.size(); ++i) right += o.fine(i) * aty(i);
      BOOST_TEST(std::abs(left - right) <= 1e-11 * std::max(1.0, std::abs(left)));
    }
  }
}

// Fields of one slice and a kernel that sees one slice of taps are the operation of two dimensions.
BOOST_AUTO_TEST_CASE(one_slice_is_an_image) {
  Exec const exec;
  Conv2d const plane{.channels = 5, .kernel = 1, .stride = 2};
  Conv3d const volume{.channels = 5, .kernel = 1, .stride = 2, .depth = 1};
  Shape const in = {6, 4, 9};
  ign_test::LayerFixture<Conv2d, double> two(plane, in, 3);
  ign_test::LayerFixture<Conv3d, double> three(volume, in, 3);
  two.run_forward({});
  three.run_forward({});
  BOOST_TEST(output_shape(volume, in) == output_shape(plane, in));
  for (std::size_t i = 0; i < two.y.size(); ++i) BOOST_TEST(two.y(i) == three.y(i));
}

BOOST_AUTO_TEST_CASE(gradients_are_the_differences) {
  Pass evaluate = pass_of(Role::data, Mode::evaluate);
  ign_test::check_gradients(Conv3d{.channels = 3, .kernel = 3, .padding = 1}, volume_shape(3, 3, 3, 2), 2);
  ign_test::check_gradients(Conv3d{.channels = 8, .kernel = 4, .stride = 2, .padding = 1}, volume_shape(3, 3, 3, 8), 1);
  ign_test::check_gradients(Conv3d{.channels = 8, .kernel = 4, .stride = 2, .padding = 1}, volume_shape(3, 3, 3, 8), 1, evaluate);
  ign_test::check_gradients(Conv3d{.channels = 2, .kernel = 2, .bias = false}, volume_shape(2, 2, 2, 8), 2);
  ign_test::check_gradients(Conv3d{.channels = 2, .kernel = 4, .stride = 2, .padding = 1, .depth = 2}, volume_shape(2, 3, 4, 1), 2);
  ign_test::check_gradients(ConvTranspose3d{.channels = 2, .kernel = 3, .stride = 2, .padding = 1, .output_padding = 1},
                            volume_shape(2, 2, 2, 3), 2);
  ign_test::check_gradients(ConvTranspose3d{.channels = 1, .kernel = 4, .stride = 2, .padding = 1}, volume_shape(2, 2, 2, 3), 2);
  ign_test::check_gradients(ConvTranspose3d{.channels = 8, .kernel = 4, .stride = 2, .padding = 1, .bias = false}, volume_shape(2, 2, 2, 8),
                            1);
  ign_test::check_gradients(ConvTranspose3d{.channels = 8, .kernel = 3}, volume_shape(1, 1, 1, 4), 2);
}

BOOST_AUTO_TEST_CASE(fused_activations_equal_the_layers) {
  ign_test::check_fused(Conv3d{.channels = 8, .kernel = 4, .stride = 2, .padding = 1}, LeakyRelu{0.2}, volume_shape(4, 4, 4, 8), 2);
  ign_test::check_fused(Conv3d{.channels = 5, .kernel = 3, .padding = 1}, Relu{}, volume_shape(3, 3, 3, 2), 3);
  ign_test::check_fused(ConvTranspose3d{.channels = 8, .kernel = 4, .stride = 2, .padding = 1}, Relu{}, volume_shape(2, 2, 2, 9), 2);
}

BOOST_AUTO_TEST_CASE(samples_do_not_depend_on_the_batch) {
  for (auto const& c : cases) {
    ign_test::check_batch_independence<float>(layer_of(c), input_of(c), 5);
    ConvTranspose3d const transposed{c.channels, c.kernel, c.stride, std::min(c.padding, (c.kernel - 1) / 2), 0, true, 0.02, c.depth};
    ign_test::check_batch_independence<float>(transposed, input_of(c), 5);
  }
}

BOOST_AUTO_TEST_CASE(shapes_of_fields) {
  Conv3d const down{.channels = 6, .kernel = 4, .stride = 2, .padding = 1};
  BOOST_TEST(volume_shape(8, 4, 5, 3) == (Shape{32, 5, 3}));
  BOOST_TEST(output_shape(down, volume_shape(8, 8, 8, 1)) == volume_shape(4, 4, 4, 6));
  BOOST_TEST(output_shape(down, volume_shape(12, 8, 8, 1)) == volume_shape(6, 4, 4, 6));  // square slices, not a cube
  BOOST_TEST(output_shape(Conv3d{.channels = 6, .kernel = 4, .stride = 2, .padding = 1, .depth = 6}, volume_shape(6, 10, 8, 1)) ==
             volume_shape(3, 5, 4, 6));
  ConvTranspose3d const up{.channels = 2, .kernel = 4, .stride = 2, .padding = 1};
  BOOST_TEST(output_shape(up, volume_shape(4, 4, 4, 6)) == volume_shape(8, 8, 8, 2));
  BOOST_TEST(output_shape(ConvTranspose3d{.channels = 2, .kernel = 4}, volume_shape(1, 1, 1, 6)) == volume_shape(4, 4, 4, 2));

  auto const fails = [](auto const& layer, Shape in, char const* id) {
    BOOST_CHECK_EXCEPTION(output_shape(layer, in), Error, [&](Error const& e) { return e.id() == id; });
  };
  fails(down, {12, 8, 1}, "ign.shape.560");  // not square
  fails(down, {4, 8, 1}, "ign.shape.560");
  fails(Conv3d{.depth = 3}, {8, 8, 1}, "ign.shape.560");
  fails(Conv3d{.depth = -1}, {8, 8, 1}, "ign.option.560");
  fails(Conv3d{.kernel = 5, .padding = 1, .depth = 2}, volume_shape(2, 8, 8, 1), "ign.shape.561");
  fails(Conv3d{.kernel = 0}, {8, 8, 1}, "ign.option.70");
  fails(up, {4, 8, 1}, "ign.shape.560");
  fails(ConvTranspose3d{.kernel = 2, .padding = 1}, {1, 1, 1}, "ign.shape.562");
  fails(ConvTranspose3d{.stride = 2, .output_padding = 2}, {4, 4, 1}, "ign.option.71");
}

// Where slices are square, the layer is the same with and without the option, and so is its description: either loads the files of the
// other.
BOOST_AUTO_TEST_CASE(descriptions_have_the_depth_of_slices_that_are_not_square) {
  auto const same = [](auto const& with_depth, Shape in) {
    auto without = with_depth;
    without.depth = 0;
    return describe(with_depth, in) == describe(without, in);
  };
  BOOST_TEST(same(Conv3d{.depth = 8}, volume_shape(8, 8, 8, 1)));
  BOOST_TEST(same(Conv3d{.depth = 4}, volume_shape(4, 8, 8, 1)));  // not a cube
  BOOST_TEST(!same(Conv3d{.depth = 4}, volume_shape(4, 16, 8, 1)));
  BOOST_TEST(same(ConvTranspose3d{.depth = 4}, volume_shape(4, 4, 4, 2)));
  BOOST_TEST(!same(ConvTranspose3d{.depth = 4}, volume_shape(4, 2, 4, 2)));
}

// (n, d, h, w, c) and (n, d·h, w, c) are the same memory.
BOOST_AUTO_TEST_CASE(views_of_rank_five_are_fields) {
  Kokkos::View<float*****, Kokkos::LayoutRight, Exec::memory_space> const field("field", 2, 3, 4, 5, 6);
  auto const tensor = tensor_ref<Exec>(field);
  BOOST_TEST(shape_of(tensor) == volume_shape(3, 4, 5, 6));
  BOOST_TEST(batch_of(tensor) == 2);
  BOOST_TEST(&tensor(1, 2 * 4 + 3, 4, 5) == &field(1, 2, 3, 4, 5));
}

BOOST_AUTO_TEST_SUITE_END()
