// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/layers/conv2d.hpp>
#include <ign/layers/conv_transpose2d.hpp>
#include <ign/layers/linear.hpp>
#include <ign/math/conv/reference.hpp>
#include <ign/random/fill.hpp>
#include <ign_test/layer_check.hpp>

#include <array>
#include <limits>
#include <string>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(convolutions)

namespace {

struct Case {
  Shape fine;
  int channels, kernel, stride, padding;
};

// Odd and even, square and not, dense, overlapping and leaving gaps, padded beyond need.
std::vector<Case> const cases = {
    {{8, 8, 3}, 5, 4, 2, 1},    {{7, 5, 2}, 3, 3, 2, 1},   {{4, 4, 6}, 7, 4, 1, 0},   {{5, 6, 1}, 2, 1, 1, 0},
    {{9, 4, 2}, 1, 2, 3, 0},    {{3, 3, 2}, 3, 3, 1, 2},   {{6, 7, 3}, 2, 5, 2, 2},   {{1, 1, 9}, 4, 1, 1, 0},
    {{16, 16, 1}, 16, 4, 2, 1}, {{2, 2, 17}, 33, 2, 2, 0}, {{12, 8, 3}, 20, 4, 2, 0}, {{10, 14, 18}, 9, 4, 2, 1},
    {{9, 7, 16}, 33, 4, 2, 1},  {{6, 6, 5}, 4, 6, 3, 2},   {{4, 4, 70}, 70, 4, 1, 0}, {{7, 6, 130}, 9, 3, 1, 1},
    {{20, 20, 8}, 12, 4, 2, 1}, {{16, 14, 9}, 8, 4, 2, 1}, {{7, 7, 18}, 34, 3, 2, 1}, {{16, 12, 8}, 9, 3, 2, 1},
    {{9, 14, 17}, 16, 3, 2, 1}, {{1, 2, 2}, 4, 3, 2, 1},   {{8, 8, 18}, 34, 3, 1, 1}, {{10, 13, 16}, 9, 3, 1, 0}};

math::ConvGeometry geometry(Case const& c) {
  Shape const coarse = output_shape(Conv2d{c.channels, c.kernel, c.stride, c.padding}, c.fine);
  return {c.fine, coarse, c.kernel, c.stride, c.padding};
}

// The sum of the definition, over every pair of pixels.
template <class Visitor>
void for_each_term(math::ConvGeometry const& g, int batch, Visitor const& visit) {
  for (int n = 0; n < batch; ++n)
    for (int cy = 0; cy < g.coarse.height; ++cy)
      for (int cx = 0; cx < g.coarse.width; ++cx)
        for (int ky = 0; ky < g.kernel; ++ky)
          for (int kx = 0; kx < g.kernel; ++kx) {
            int const fy = cy * g.stride + ky - g.padding, fx = cx * g.stride + kx - g.padding;
            if (fy < 0 || fx < 0 || fy >= g.fine.height || fx >= g.fine.width) continue;
            for (int f = 0; f < g.fine.channels; ++f)
              for (int c = 0; c < g.coarse.channels; ++c)
                visit(((static_cast<std::size_t>(n) * g.fine.height + fy) * g.fine.width + fx) * g.fine.channels + f,
                      ((static_cast<std::size_t>(n) * g.coarse.height + cy) * g.coarse.width + cx) * g.coarse.channels + c,
                      ((static_cast<std::size_t>(ky) * g.kernel + kx) * g.fine.channels + f) * g.coarse.channels + c, n);
          }
}

double largest_of(std::vector<double> const& values) {
  double largest = 1e-30;
  for (double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

template <class Real>
double largest_error(Vector<Real, Exec> const& found, std::vector<double> const& expected) {
  double error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) error = std::max(error, std::abs(static_cast<double>(found(i)) - expected[i]));
  return error;
}

template <class Real>
void compare(Vector<Real, Exec> const& found, std::vector<double> const& expected, double tolerance, std::string const& what) {
  double const error = largest_error(found, expected), largest = largest_of(expected);
  BOOST_TEST(error <= tolerance * largest, what << ": error " << error << " of " << largest);
}

// Results with weights laid out before are bitwise identical.
template <class Real>
void check_packed(math::ConvGeometry const& g, int batch, math::Algorithm algorithm, Vector<Real, Exec> const& weights,
                  TensorRef<Real, Exec> const& fine, TensorRef<Real, Exec> const& coarse, Vector<Real, Exec> const& bias_c,
                  Vector<Real, Exec> const& bias_f, VectorRef<Real, Exec> const& scratch, Vector<unsigned, Exec> const& counters,
                  Vector<Real, Exec> const& to_coarse, Vector<Real, Exec> const& to_fine) {
  Exec const exec;
  for (auto operation : {math::Operation::forward, math::Operation::input_gradient}) {
    bool const is_forward = operation == math::Operation::forward;
    auto const& expected = is_forward ? to_coarse : to_fine;
    auto const memory = random_vector<Real>(math::packed_size<Real, Exec>(g, operation, algorithm), 10);
    auto const found = random_vector<Real>(expected.size(), 11);
    auto const packed =
        math::pack_weights(exec, g, operation, algorithm, static_cast<Real const*>(weights.data()), VectorRef<Real, Exec>(memory));
    if (is_forward)
      math::conv_forward(exec, g, algorithm, fine, packed, {bias_c.data()}, as_tensor<Real>(found, batch, g.coarse), scratch, counters);
    else
      math::conv_input_gradient(exec, g, algorithm, coarse, packed, {bias_f.data()}, as_tensor<Real>(found, batch, g.fine), scratch,
                                counters);
    exec.fence();
    std::size_t differ = 0;
    for (std::size_t i = 0; i < found.size(); ++i) differ += found(i) != expected(i) ? 1u : 0u;
    BOOST_TEST(differ == 0u);
  }
}

template <class Real>
void check_operations(Case const& c, int batch, double tolerance) {
  Exec const exec;
  auto const g = geometry(c);
  auto const fine = random_vector<Real>(batch * g.fine.size(), 1), coarse = random_vector<Real>(batch * g.coarse.size(), 2);
  auto const weights = random_vector<Real>(g.weight_size(), 3), scale = random_vector<Real>(batch, 4);
  auto const bias_c = random_vector<Real>(g.coarse.channels, 5), bias_f = random_vector<Real>(g.fine.channels, 6);
  std::vector<double> y(coarse.size()), x(fine.size()), w(weights.size());
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<double>(bias_c(i % g.coarse.channels));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(bias_f(i % g.fine.channels));
  for_each_term(g, batch, [&](std::size_t f, std::size_t k, std::size_t v, int n) {
    y[k] += static_cast<double>(fine(f)) * static_cast<double>(weights(v));
    x[f] += static_cast<double>(coarse(k)) * static_cast<double>(weights(v));
    w[v] += static_cast<double>(scale(n)) * static_cast<double>(fine(f)) * static_cast<double>(coarse(k));
  });
  auto const scratch_memory = random_vector<Real>(math::conv_scratch_size<Real>(g, batch, workers_of(exec), true), 7);
  VectorRef<Real, Exec> const scratch = scratch_memory;
  auto const counters = make_arrival_counters(exec, "ign::test");
  auto const fine_ref = as_tensor<Real>(fine, batch, g.fine), coarse_ref = as_tensor<Real>(coarse, batch, g.coarse);
  enum class Variant { direct, winograd, winograd_bf16, winograd_large, reference };
  bool const even = g.fine.channels % 2 == 0 && g.coarse.channels % 2 == 0;
  for (Variant way : {Variant::direct, Variant::winograd, Variant::winograd_bf16, Variant::winograd_large, Variant::reference}) {
    if ((way == Variant::winograd || way == Variant::winograd_large) && !math::has_winograd<Exec>(g)) continue;
    if (way == Variant::winograd_bf16 && !(math::has_winograd<Exec>(g) && even && std::is_same_v<Real, float>)) continue;
    auto const algorithm = way == Variant::reference ? math::Algorithm::direct : static_cast<math::Algorithm>(way);
    auto const to_coarse = random_vector<Real>(coarse.size(), 8), to_fine = random_vector<Real>(fine.size(), 9);
    auto const gradient = make_vector<Real>(exec, "ign::test", weights.size());
    auto const out_c = as_tensor<Real>(to_coarse, batch, g.coarse), out_f = as_tensor<Real>(to_fine, batch, g.fine);
    if (way == Variant::reference) {
      math::reference::conv_forward(exec, g, fine_ref, weights.data(), {bias_c.data()}, out_c);
      math::reference::conv_input_gradient(exec, g, coarse_ref, weights.data(), {bias_f.data()}, out_f);
      math::reference::conv_weight_gradient(exec, g, fine_ref, coarse_ref, scale.data(), gradient.data());
    } else {
      math::conv_forward(exec, g, algorithm, fine_ref, {weights.data()}, {bias_c.data()}, out_c, scratch, counters);
      math::conv_input_gradient(exec, g, algorithm, coarse_ref, {weights.data()}, {bias_f.data()}, out_f, scratch, counters);
      math::conv_weight_gradient(exec, g, algorithm, fine_ref, coarse_ref, scale.data(), gradient.data(), scratch, counters);
    }
    exec.fence();
    char const* const names[] = {" direct", " winograd", " winograd_bf16", " winograd_large", " reference"};
    std::string const name = names[static_cast<int>(way)];
    bool const rounded =
        way == Variant::winograd_bf16;  // factors have 8 bits, which differ by at most 2^-9 from the numbers they stand for
    double const most = way == Variant::winograd_large ? 3 * tolerance : tolerance;
    compare(to_coarse, y, rounded ? 1e-2 : most, "conv_forward" + name);
    compare(to_fine, x, rounded ? 1e-2 : most, "conv_input_gradient" + name);
    if (rounded && !math::vendor::serves_v<Real, Exec>) {  // whose library does so for some extents only
      BOOST_TEST(largest_error(to_coarse, y) > 1e-4 * largest_of(y), "the factors have not been rounded");
      BOOST_TEST(largest_error(to_fine, x) > 1e-4 * largest_of(x), "the factors have not been rounded");
    }
    compare(gradient, w, most, "conv_weight_gradient" + name);
    if (way != Variant::reference)
      check_packed(g, batch, algorithm, weights, fine_ref, coarse_ref, bias_c, bias_f, scratch, counters, to_coarse, to_fine);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(operations_equal_their_definition) {
  for (auto const& c : cases)
    for (int batch : {1, 2, 5, 70}) {
      BOOST_TEST_CONTEXT("fine " << c.fine << " channels " << c.channels << " kernel " << c.kernel << " stride " << c.stride << " padding "
                                 << c.padding << " batch " << batch) {
        check_operations<double>(c, batch, 1e-13);
        check_operations<float>(c, batch, math::vendor::serves_v<float, Exec> ? 4e-6 : 2e-6);
      }
    }
}

// Scale, shift and slope of every algorithm, against the sums themselves. A sum of -∞ is 0 behind a ReLU, -∞ behind a LeakyReLU.
BOOST_AUTO_TEST_CASE(epilogues_follow_the_sums) {
  Exec const exec;
  int const batch = 3;
  for (auto const& c : cases) {
    auto const g = geometry(c);
    auto const fine = random_vector<double>(batch * g.fine.size(), 1), coarse = random_vector<double>(batch * g.coarse.size(), 2);
    auto const weights = random_vector<double>(g.weight_size(), 3);
    auto const channels = static_cast<std::size_t>(std::max(g.fine.channels, g.coarse.channels));
    auto const shift = random_vector<double>(channels, 4), scale = random_vector<double>(channels, 5),
               infinite = random_vector<double>(channels, 9);
    Kokkos::deep_copy(infinite, -std::numeric_limits<double>::infinity());
    auto const scratch_memory = random_vector<double>(math::conv_scratch_size<double>(g, batch, workers_of(exec), true), 6);
    VectorRef<double, Exec> const scratch = scratch_memory;
    auto const check = [&](auto const& run, std::size_t size, int out_channels) {
      auto const sums = random_vector<double>(size, 7), found = random_vector<double>(size, 8);
      run(math::Epilogue<double>{}, sums);
      for (math::Epilogue<double> const& e : {math::Epilogue<double>{shift.data(), scale.data(), 0.3},
                                              {nullptr, scale.data(), 1},
                                              {shift.data(), nullptr, 0},
                                              {infinite.data(), nullptr, 0},
                                              {infinite.data(), scale.data(), 0.3},
                                              {nullptr, nullptr, 2}}) {
        run(e, found);
        exec.fence();
        for (std::size_t i = 0; i < size; ++i) {
          std::size_t const channel = i % static_cast<std::size_t>(out_channels);
          double y = (e.scale != nullptr ? scale(channel) : 1) * sums(i) + (e.shift != nullptr ? e.shift[channel] : 0);
          if (y < 0) y = e.slope == 0 ? 0 : e.slope * y;
          if (!(found(i) == y || std::abs(found(i) - y) <= 1e-13 * (1 + std::abs(y))))
            BOOST_ERROR("number " << i << ": " << found(i) << ", expected " << y);
        }
      }
    };
    for (auto algorithm : {math::Algorithm::direct, math::Algorithm::winograd, math::Algorithm::winograd_large}) {
      if (algorithm != math::Algorithm::direct && !math::has_winograd<Exec>(g)) continue;
      check(
          [&](math::Epilogue<double> const& e, Vector<double, Exec> const& out) {
            math::conv_forward(exec, g, algorithm, as_tensor<double>(fine, batch, g.fine), {weights.data()}, e,
                               as_tensor<double>(out, batch, g.coarse), scratch);
          },
          coarse.size(), g.coarse.channels);
      check(
          [&](math::Epilogue<double> const& e, Vector<double, Exec> const& out) {
            math::conv_input_gradient(exec, g, algorithm, as_tensor<double>(coarse, batch, g.coarse), {weights.data()}, e,
                                      as_tensor<double>(out, batch, g.fine), scratch);
          },
          fine.size(), g.fine.channels);
    }
    check(
        [&](math::Epilogue<double> const& e, Vector<double, Exec> const& out) {
          math::reference::conv_forward(exec, g, as_tensor<double>(fine, batch, g.fine), weights.data(), e,
                                        as_tensor<double>(out, batch, g.coarse));
        },
        coarse.size(), g.coarse.channels);
    check(
        [&](math::Epilogue<double> const& e, Vector<double, Exec> const& out) {
          math::reference::conv_input_gradient(exec, g, as_tensor<double>(coarse, batch, g.coarse), weights.data(), e,
                                               as_tensor<double>(out, batch, g.fine));
        },
        fine.size(), g.fine.channels);
  }
}

BOOST_AUTO_TEST_CASE(adjoint_identity) {
  Exec const exec;
  for (auto const& c : cases) {
    auto const g = geometry(c);
    int const batch = 3;
    auto const x = random_vector<double>(batch * g.fine.size(), 1), y = random_vector<double>(batch * g.coarse.size(), 2);
    auto const w = random_vector<double>(g.weight_size(), 3), ax = random_vector<double>(y.size(), 4),
               aty = random_vector<double>(x.size(), 5);
    auto const scratch_memory = random_vector<double>(math::conv_scratch_size<double>(g, batch, workers_of(exec), true), 6);
    for (auto algorithm : {math::Algorithm::direct, math::Algorithm::winograd, math::Algorithm::winograd_large}) {
      if (algorithm != math::Algorithm::direct && !math::has_winograd<Exec>(g)) continue;
      math::conv_forward(exec, g, algorithm, as_tensor<double>(x, batch, g.fine), {w.data()}, {}, as_tensor<double>(ax, batch, g.coarse),
                         VectorRef<double, Exec>(scratch_memory));
      math::conv_input_gradient(exec, g, algorithm, as_tensor<double>(y, batch, g.coarse), {w.data()}, {},
                                as_tensor<double>(aty, batch, g.fine), VectorRef<double, Exec>(scratch_memory));
      exec.fence();
      double left = 0, right = 0;
      for (std::size_t i = 0; i < y.size(); ++i) left += ax(i) * y(i);
      for (std::size_t i = 0; i < x.size(); ++i) right += x(i) * aty(i);
      BOOST_TEST(std::abs(left - right) <= 1e-11 * std::max(1.0, std::abs(left)));
    }
  }
}

namespace {

// Root mean square errors of a block of F(tile, 2), relative to those of the direct sum with factors of the same type: forward, input
// gradient and weight gradient, with normally distributed numbers.
template <class Scheme, class Factor>
std::array<double, 3> relative_errors(math::ConvGeometry const& g) {
  using namespace math::winograd;
  Exec const exec;
  std::size_t const batch = 8, workers = 1;
  auto const normal = [&](std::size_t size, std::uint32_t substream) {
    auto const numbers = make_vector<float>(exec, "ign::test", size);
    fill_gaussian(exec, Key{.seed = 7, .substream = substream}, 1, VectorRef<float, Exec>(numbers));
    exec.fence();
    return numbers;
  };
  auto const fine = normal(batch * g.fine.size(), 1), coarse = normal(batch * g.coarse.size(), 2), weights = normal(g.weight_size(), 3);
  auto const rounded = [](float x) { return std::is_same_v<Factor, float> ? x : math::rounded_to_bf16(x); };
  std::vector<double> y(coarse.size()), x(fine.size()), w(weights.size());
  std::vector<float> direct_y(y.size()), direct_x(x.size()), direct_w(w.size());
  for_each_term(g, static_cast<int>(batch), [&](std::size_t f, std::size_t k, std::size_t v, int) {
    y[k] += static_cast<double>(fine(f)) * static_cast<double>(weights(v));
    x[f] += static_cast<double>(coarse(k)) * static_cast<double>(weights(v));
    w[v] += static_cast<double>(fine(f)) * static_cast<double>(coarse(k));
    direct_y[k] += rounded(fine(f)) * rounded(weights(v));
    direct_x[f] += rounded(coarse(k)) * rounded(weights(v));
    direct_w[v] += fine(f) * coarse(k);
  });
  using Forward = ConvForward<Scheme, float, Factor>;
  using Adjoint = ConvInputGradient<Scheme, float, Factor>;
  using Gradient = ConvWeightGradient<Scheme, float>;
  using ForwardU = ForwardWeights<Scheme, float, Factor>;
  using AdjointU = InputGradientWeights<Scheme, float, Factor>;
  std::vector<float> found_y(y.size()), found_x(x.size()), found_w(w.size());
  std::vector<float> scratch(
      std::max({Forward::worker_scratch_size(g), Adjoint::worker_scratch_size(g), Gradient::worker_scratch_size(g, batch)}) + 64);
  std::vector<Factor> u(std::max(ForwardU::size(g), AdjointU::size(g)));
  std::vector<float> parts(Gradient::shared_scratch_size(g, batch));
  for (std::size_t i = 0; i < ForwardU::indices(g); ++i) ForwardU{g, weights.data(), u.data()}(i);
  Forward{g, batch, fine.data(), u.data(), {}, found_y.data(), scratch.data(), workers}(0);
  for (std::size_t i = 0; i < AdjointU::indices(g); ++i) AdjointU{g, weights.data(), u.data()}(i);
  Adjoint{g, batch, coarse.data(), u.data(), {}, found_x.data(), scratch.data(), workers}(0);
  Gradient{g, batch, fine.data(), coarse.data(), nullptr, found_w.data(), parts.data(), scratch.data(), workers}(0);
  if (Gradient::parts(g, batch) > 1)
    for (std::size_t row = 0; row < g.window_size(); ++row)
      math::host::AddWeightGradient<float>{g, Gradient::parts(g, batch), parts.data(), found_w.data()}(row);
  auto const ratio = [](std::vector<float> const& found, std::vector<float> const& direct, std::vector<double> const& exact) {
    double one = 0, two = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      one += std::pow(static_cast<double>(found[i]) - exact[i], 2);
      two += std::pow(static_cast<double>(direct[i]) - exact[i], 2);
    }
    return std::sqrt(one / two);
  };
  return {ratio(found_y, direct_y, y), ratio(found_x, direct_x, x), ratio(found_w, direct_w, w)};
}

}  // namespace

// docs/numerics.md states these bounds.
BOOST_AUTO_TEST_CASE(rounding_errors_of_tiles, *boost::unit_test::precondition(ign_test::runs_host_kernels)) {
  auto const check = [](std::array<double, 3> const& found, std::array<double, 3> const& most, char const* what) {
    BOOST_TEST_MESSAGE(what << ": rounding errors " << found[0] << ", " << found[1] << ", " << found[2]
                            << " times those of the direct sum");
    for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(found[i] <= most[i], what << ": operation " << i);
  };
  using namespace math::winograd;
  math::ConvGeometry const two = {{16, 16, 32}, {8, 8, 32}, 4, 2, 1}, one = {{8, 8, 32}, {8, 8, 32}, 3, 1, 1};
  check(relative_errors<StrideTwo<2>, float>(two), {1.4, 1.4, 1.25}, "stride 2, float, tiles of 2");
  check(relative_errors<StrideTwo<4>, float>(two), {2.8, 2.8, 1.5}, "stride 2, float, tiles of 4");
  check(relative_errors<StrideTwo<2>, math::simd::Bf16>(two), {2.4, 2.4, 1.25}, "stride 2, bfloat16, tiles of 2");
  check(relative_errors<StrideTwo<4>, math::simd::Bf16>(two), {5, 5, 1.5}, "stride 2, bfloat16, tiles of 4");
  check(relative_errors<StrideOne<2>, float>(one), {1, 1, 1}, "stride 1, float, tiles of 2");
  check(relative_errors<StrideOne<4>, float>(one), {2.8, 2.8, 2.2}, "stride 1, float, tiles of 4");
  check(relative_errors<StrideOne<2>, math::simd::Bf16>(one), {2.4, 2.4, 1}, "stride 1, bfloat16, tiles of 2");
  check(relative_errors<StrideOne<4>, math::simd::Bf16>(one), {6.2, 6.2, 2.2}, "stride 1, bfloat16, tiles of 4");
}

namespace {

// Ones plus the gradient of the weights, by a host kernel with `workers` workers that run one after the other, and how many of them have
// work.
template <class Kernel>
std::pair<std::vector<float>, std::size_t> weight_gradient_of(math::ConvGeometry const& g, std::size_t batch, std::size_t workers) {
  std::vector<float> fine(batch * g.fine_size()), coarse(batch * g.coarse_size()), gradient(g.weight_size(), 1);
  // Divided by 7 and 11: sums are then rounded, so their order shows.
  for (std::size_t i = 0; i < fine.size(); ++i) fine[i] = static_cast<float>(static_cast<int>(i % 23) - 11) / 7;
  for (std::size_t i = 0; i < coarse.size(); ++i) coarse[i] = static_cast<float>(static_cast<int>(i % 19) - 9) / 11;
  constexpr bool winograd = requires(Kernel const& k) { k.gradient; };
  using Direct = math::host::ConvWeightGradient<float>;
  std::size_t parts = 0, shared = 0, own = 0;
  if constexpr (winograd) {
    parts = Kernel::parts(g, batch), shared = Kernel::shared_scratch_size(g, batch), own = Kernel::worker_scratch_size(g, batch);
  } else {
    parts = Direct::parts(g, batch), shared = Direct::shared_scratch_size(g, batch), own = Kernel::worker_scratch_size(g);
  }
  std::vector<float> sums(shared), scratch(workers * worker_stride<float>(own), std::numeric_limits<float>::quiet_NaN());
  std::size_t busy = 0;
  for (std::size_t worker = 0; worker < workers; ++worker) {
    std::vector<float> const before = parts == 1 && winograd ? gradient : sums;
    if constexpr (winograd)
      Kernel{g, batch, fine.data(), coarse.data(), nullptr, gradient.data(), sums.data(), scratch.data(), workers}(worker);
    else
      Kernel{g, batch, fine.data(), coarse.data(), nullptr, sums.data(), scratch.data(), workers}(worker);
    if (before != (parts == 1 && winograd ? gradient : sums)) ++busy;
  }
  if (parts > 1 || !winograd)
    for (std::size_t row = 0; row < g.window_size(); ++row)
      math::host::AddWeightGradient<float>{g, parts, sums.data(), gradient.data()}(row);
  return {gradient, busy};
}

}  // namespace

// The kernels themselves; tests/layers/test_tasks.cpp has the numbers of tasks of all operations.
BOOST_AUTO_TEST_CASE(weight_gradients_are_divided_among_64_workers, *boost::unit_test::precondition(ign_test::runs_host_kernels)) {
  auto const check = [](auto kernel, char const* layer, math::ConvGeometry const& g, std::size_t batch) {
    using Kernel = typename decltype(kernel)::type;
    auto const [gradient, busy] = weight_gradient_of<Kernel>(g, batch, 64);
    BOOST_TEST(busy == 64u, layer << ": " << busy << " of 64 workers have work");
    std::vector<float> const expected = weight_gradient_of<math::host::ConvWeightGradient<float>>(g, batch, 1).first;
    float error = 0, largest = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      error = std::max(error, std::abs(gradient[i] - expected[i]));
      largest = std::max(largest, std::abs(expected[i]));
    }
    BOOST_TEST(error <= 1e-4f * largest, layer);  // sums of up to 32,768 terms in float
    for (std::size_t workers : {1, 3, 16}) BOOST_TEST((weight_gradient_of<Kernel>(g, batch, workers).first == gradient), layer);
  };
  std::type_identity<math::winograd::ConvWeightGradient<math::winograd::StrideTwo<2>, float>> const small;
  std::type_identity<math::winograd::ConvWeightGradient<math::winograd::StrideTwo<4>, float>> const large;
  check(std::type_identity<math::few_channels::ConvWeightGradient<float>>{}, "S1", {{32, 32, 1}, {16, 16, 16}, 4, 2, 1}, 128);
  check(large, "S2", {{16, 16, 16}, {8, 8, 32}, 4, 2, 1}, 256);
  check(small, "S3", {{8, 8, 32}, {4, 4, 64}, 4, 2, 1}, 256);
  check(std::type_identity<math::host::ConvWeightGradient<float>>{}, "S4", {{4, 4, 64}, {1, 1, 64}, 4, 1, 0}, 256);
  check(std::type_identity<math::host::ConvWeightGradient<float>>{}, "L5", {{4, 4, 512}, {1, 1, 512}, 4, 1, 0}, 128);
  check(large, "M2", {{16, 16, 32}, {8, 8, 64}, 4, 2, 1}, 256);
  check(small, "M3", {{8, 8, 64}, {4, 4, 128}, 4, 2, 1}, 256);
  check(large, "L2", {{32, 32, 64}, {16, 16, 128}, 4, 2, 1}, 128);
  check(large, "L3", {{16, 16, 128}, {8, 8, 256}, 4, 2, 1}, 128);
  std::type_identity<math::winograd::VolumeWeightGradient<float>> const volume;
  check(volume, "voxel 2", {{16, 16, 16}, {8, 8, 32}, 4, 2, 1, {16, 8, 4, 2, 1}}, 32);
  check(std::type_identity<math::few_channels::VolumeWeightGradient<float>>{}, "voxel 1",
        {{32, 32, 1}, {16, 16, 16}, 4, 2, 1, {32, 16, 4, 2, 1}}, 16);
}

// The rule that docs/performance.md states, for coarse images of these sizes.
BOOST_AUTO_TEST_CASE(large_tiles_are_selected_where_they_save_enough, *boost::unit_test::precondition(ign_test::runs_host_kernels)) {
  for (auto const& [coarse, large] : std::vector<std::pair<int, bool>>{{1, false},
                                                                       {2, false},
                                                                       {3, false},
                                                                       {4, false},
                                                                       {5, false},
                                                                       {6, false},
                                                                       {7, true},
                                                                       {8, true},
                                                                       {9, false},
                                                                       {12, true},
                                                                       {14, false},
                                                                       {15, true},
                                                                       {16, true},
                                                                       {32, true}}) {
    math::ConvGeometry const g = {{2 * coarse, 2 * coarse, 16}, {coarse, coarse, 16}, 4, 2, 1};
    auto const algorithm = math::select_algorithm<Exec>(g, Pass{}).algorithm;
    BOOST_TEST((algorithm == math::Algorithm::winograd_large) == large, coarse << " coarse pixels");
    BOOST_TEST((math::select_algorithm<Exec>(g, pass_of(Role::data, Mode::evaluate)).algorithm != math::Algorithm::winograd_large));
  }
}

// Kernel 3 and stride 2: tiles of 2 × 2, in training. Channels that do not fill a pack would be transformed one by one.
BOOST_AUTO_TEST_CASE(winograd_is_selected_for_whole_packs_of_channels, *boost::unit_test::precondition(ign_test::runs_host_kernels)) {
  int const lanes = static_cast<int>(math::simd::lanes_v<float>);
  auto const selected = [](int channels, int kernel, Mode mode, int stride = 2, int coarse = 16) {
    math::ConvGeometry const g = {{stride * coarse, stride * coarse, channels}, {coarse, coarse, channels}, kernel, stride, 1};
    return math::select_algorithm<Exec>(g, pass_of(Role::data, mode)).algorithm;
  };
  using enum math::Algorithm;
  BOOST_TEST((selected(std::max(8, lanes), 4, Mode::train) == winograd_large));
  BOOST_TEST((selected(std::max(8, lanes), 4, Mode::evaluate) == winograd));
  BOOST_TEST((selected(std::max(8, lanes) - 1, 4, Mode::train) == direct));
  BOOST_TEST((selected(16, 3, Mode::train) == winograd));
  BOOST_TEST((selected(16, 3, Mode::evaluate) == direct));
  BOOST_TEST((selected(15, 3, Mode::train) == direct));
  BOOST_TEST((selected(std::max(8, lanes), 3, Mode::train, 1) == winograd_large));
  BOOST_TEST((selected(std::max(8, lanes), 3, Mode::train, 1, 4) == winograd_large));
  BOOST_TEST((selected(std::max(8, lanes), 3, Mode::train, 1, 6) == winograd));
  BOOST_TEST((selected(std::max(8, lanes), 3, Mode::evaluate, 1) == winograd));
  BOOST_TEST((selected(std::max(8, lanes), 3, Mode::evaluate, 1, 8) == direct));
  BOOST_TEST((selected(std::max(8, lanes) - 1, 3, Mode::train, 1) == direct));
  for (int kernel : {3, 4})  // a tile extends beyond an image of one pixel, and would need more products than it saves
    for (int stride : {1, 2})
      if (kernel == 3 || stride == 2) BOOST_TEST((selected(32, kernel, Mode::train, stride, 1) == direct));
  BOOST_TEST((selected(32, 3, Mode::train, 2, 3) == direct));
  BOOST_TEST((selected(32, 4, Mode::train, 2, 3) == winograd));
}

// Kernels on a host compute the offset of each thread in the scratch memory, and write there without a further check.
BOOST_AUTO_TEST_CASE(too_little_scratch_is_an_error, *boost::unit_test::precondition(ign_test::runs_host_kernels)) {
  Exec const exec;
  for (auto const& c : cases) {
    auto const g = geometry(c);
    auto const x = random_vector<double>(g.fine.size(), 1), y = random_vector<double>(g.coarse.size(), 2);
    auto const w = random_vector<double>(g.weight_size(), 3);
    std::size_t const enough = math::conv_scratch_size<double>(g, 1, workers_of(exec));
    auto const memory = make_vector<double>(exec, "ign::test", enough);
    VectorRef<double, Exec> const scratch(memory.data(), enough - 1);
    auto const fine = as_tensor<double>(x, 1, g.fine), coarse = as_tensor<double>(y, 1, g.coarse);
    auto const refused = [](Error const& e) { return e.id() == "ign.shape.175"; };
    math::ConvPlan const plan = math::Algorithm::direct;
    BOOST_CHECK_EXCEPTION(math::conv_forward(exec, g, plan, fine, {w.data()}, {}, coarse, scratch), Error, refused);
    BOOST_CHECK_EXCEPTION(math::conv_input_gradient(exec, g, plan, coarse, {w.data()}, {}, fine, scratch), Error, refused);
    BOOST_CHECK_EXCEPTION(math::conv_weight_gradient(exec, g, plan, fine, coarse, w.data(), w.data(), scratch), Error, refused);
  }
}

BOOST_AUTO_TEST_CASE(gradients) {
  ign_test::check_gradients(Conv2d{3, 4, 2, 1}, {6, 5, 2}, 2);
  ign_test::check_gradients(Conv2d{2, 3, 1, 1, false}, {3, 4, 1}, 1);
  ign_test::check_gradients(Conv2d{4, 3, 1, 0}, {3, 3, 5}, 3);
  ign_test::check_gradients(Conv2d{8, 4, 2, 1}, {5, 4, 9}, 2);    // in training by Winograd's algorithm
  ign_test::check_gradients(Conv2d{8, 4, 2, 1}, {14, 16, 8}, 2);  // with large tiles
  ign_test::check_gradients(ConvTranspose2d{.channels = 8, .kernel = 4, .stride = 2, .padding = 1}, {8, 7, 8}, 1);
  ign_test::check_gradients(ConvTranspose2d{.channels = 8, .kernel = 4, .stride = 2, .padding = 1}, {3, 2, 8}, 2);
  ign_test::check_gradients(ConvTranspose2d{.channels = 2, .kernel = 4, .stride = 2, .padding = 1}, {3, 2, 3}, 2);
  ign_test::check_gradients(ConvTranspose2d{.channels = 1, .kernel = 3, .stride = 2, .padding = 1, .output_padding = 1, .bias = false},
                            {2, 3, 2}, 1);
  ign_test::check_gradients(ConvTranspose2d{.channels = 3, .kernel = 4}, {1, 1, 5}, 3);
  ign_test::check_gradients(Linear{4}, {1, 1, 7}, 3);
  ign_test::check_gradients(Linear{.features = 2, .bias = false}, {1, 1, 3}, 1);
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) {
  for (auto const& c : cases) {
    Conv2d const down = {c.channels, c.kernel, c.stride, c.padding};
    ign_test::check_batch_independence<float>(down, c.fine, 9);
    ign_test::check_batch_independence<double>(down, c.fine, 9);
    Shape const coarse = output_shape(down, c.fine);
    ConvTranspose2d const up = {.channels = c.fine.channels, .kernel = c.kernel, .stride = c.stride, .padding = c.padding};
    if ((coarse.height - 1) * c.stride - 2 * c.padding + c.kernel >= 1 && (coarse.width - 1) * c.stride - 2 * c.padding + c.kernel >= 1) {
      ign_test::check_batch_independence<float>(up, coarse, 9);
      ign_test::check_batch_independence<float>(up, coarse, 70);
    }
  }
  ign_test::check_batch_independence<float>(Linear{10}, {1, 1, 37}, 70);
}

BOOST_AUTO_TEST_CASE(bad_options_are_errors) {
  BOOST_CHECK_EXCEPTION(output_shape(Conv2d{4, 5}, {4, 4, 1}), Error, [](Error const& e) { return e.id() == "ign.shape.70"; });
  BOOST_CHECK_EXCEPTION(output_shape(Conv2d{0}, {4, 4, 1}), Error, [](Error const& e) { return e.id() == "ign.option.70"; });
  BOOST_CHECK_EXCEPTION(output_shape(ConvTranspose2d{.stride = 2, .output_padding = 2}, {4, 4, 1}), Error,
                        [](Error const& e) { return e.id() == "ign.option.71"; });
  BOOST_CHECK_EXCEPTION(output_shape(ConvTranspose2d{.kernel = 1, .padding = 1}, {1, 1, 1}), Error,
                        [](Error const& e) { return e.id() == "ign.shape.71"; });
  BOOST_CHECK_EXCEPTION(output_shape(Linear{3}, {2, 1, 1}), Error, [](Error const& e) { return e.id() == "ign.shape.72"; });
  for (Linear const& layer : {Linear{.features = 0}, Linear{.features = 3, .init_std = -1}})  // not as the convolution that computes it
    BOOST_CHECK_EXCEPTION(output_shape(layer, {1, 1, 2}), Error,
                          [](Error const& e) { return std::string(e.what()).starts_with("[ign.option.70] linear: "); });
}

// In int these sums would overflow, here or in kernels.
BOOST_AUTO_TEST_CASE(options_and_outputs_that_would_overflow_are_errors) {
  auto const fails = [](auto const& layer, Shape in, char const* id) {
    BOOST_CHECK_EXCEPTION(geometry(layer, in), Error, [&](Error const& e) { return e.id() == id; });
  };
  fails(Conv2d{.padding = 1 << 30}, {4, 4, 1}, "ign.option.70");
  fails(Conv2d{.stride = 1 << 25}, {4, 4, 1}, "ign.option.70");
  fails(ConvTranspose2d{.kernel = 1 << 25}, {4, 4, 1}, "ign.option.70");
  fails(Conv2d{.padding = 1 << 24, .padding_mode = PaddingMode::periodic}, {4, 4, 1}, "ign.shape.73");
  fails(ConvTranspose2d{.stride = 1 << 16}, {1 << 16, 1, 1}, "ign.shape.563");
  fails(ConvTranspose2d{.padding = 1 << 24}, {4, 4, 1}, "ign.shape.71");
}

BOOST_AUTO_TEST_SUITE_END()
