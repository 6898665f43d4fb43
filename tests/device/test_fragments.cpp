// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Products and convolutions on matrix fragments, on a host by plain loops; tiles of 64, 32 and 16 columns.

#include <boost/test/unit_test.hpp>

#include <ign/math/conv/device/dispatch.hpp>
#include <ign_test/layer_check.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <string>

using namespace ign;
using ign_test::Exec;
using ign_test::random_vector;
using math::Bf16Factors;
using math::Tf32Factors;

BOOST_AUTO_TEST_SUITE(fragments)

namespace {

// Plain loops add the same terms in the same order as the tiles of math/gemm/tile.hpp, so results are bitwise identical; those of a GPU's
// matrix units are not.
constexpr bool adds_in_order = runs_on_host_v<Exec>;

template <class Found, class Expected>
bool agree(Found const& found, Expected const& expected, double tolerance = adds_in_order ? 0 : 2e-6) {
  double largest = 1e-30, error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
    error = std::max(error, std::abs(static_cast<double>(found[i]) - static_cast<double>(expected[i])));
  }
  if (!(error <= tolerance * largest)) BOOST_TEST_MESSAGE("error " << error << " of " << largest);
  return error <= tolerance * largest;
}

template <class Real>
std::vector<Real> copied(Vector<Real, Exec> const& vector) {
  return std::vector<Real>(vector.data(), vector.data() + vector.size());
}

// A product of plain matrices that asks for tiles of some width.
template <bool left_transposed, bool right_transposed>
struct Tiled : math::MatrixProduct<float, left_transposed, right_transposed> {
  static constexpr bool chooses_tiles = true;
};

template <bool left_transposed, bool right_transposed>
struct Product {
  Exec exec{};
  math::ProductExtents e;
  Vector<float, Exec> a, b, c, shift, scratch;
  Vector<unsigned, Exec> counters;

  explicit Product(math::ProductExtents const& extents) : e(extents) {
    a = random_vector<float>(e.batch * e.rows * e.inner, 1);
    b = random_vector<float>(e.batch * e.inner * e.columns, 2);
    c = random_vector<float>(e.batch * e.rows * e.columns, 3);
    shift = random_vector<float>(e.columns, 4);
    scratch = random_vector<float>(e.parts * e.batch * (e.rows + 256) * (e.columns + 64), 5);
    counters = make_arrival_counters(exec, "ign::test");
  }
  Tiled<left_transposed, right_transposed> product(std::size_t tile_columns, bool rounded = false) const {
    math::ProductExtents tiled = e;
    tiled.tile_columns = tile_columns;
    return {{tiled, a.data(), b.data(), c.data(), false, {{shift.data(), nullptr, 0.5f}}, e.columns, rounded}};
  }
  template <std::size_t virtual_threads = math::team::virtual_threads_v<Exec>, class P>
  std::vector<float> run(P const& p) const {
    Kokkos::deep_copy(c, 7.0f);
    math::team_products_with<virtual_threads>("ign::test", exec, VectorRef<float, Exec>(scratch), ArrivalCounters<Exec>(counters), p);
    exec.fence();
    for (std::size_t i = 0; i < counters.size(); ++i)
      if (counters(i) != 0) BOOST_ERROR("counter " << i << " is left at " << counters(i));
    return copied(c);
  }
  // The definition in double, with factors rounded by `round`.
  template <class Round>
  std::vector<double> definition(Round const& round) const {
    std::vector<double> expected(c.size());
    for (std::size_t n = 0; n < e.batch; ++n)
      for (std::size_t i = 0; i < e.rows; ++i)
        for (std::size_t j = 0; j < e.columns; ++j) {
          double sum = static_cast<double>(shift(j));
          for (std::size_t k = 0; k < e.inner; ++k)
            sum += static_cast<double>(round(a(n * e.rows * e.inner + (left_transposed ? k * e.rows + i : i * e.inner + k)))) *
                   static_cast<double>(round(b(n * e.inner * e.columns + (right_transposed ? j * e.inner + k : k * e.columns + j))));
          expected[(n * e.rows + i) * e.columns + j] = sum > 0 ? sum : 0.5 * sum;
        }
    return expected;
  }
};

template <bool left_transposed, bool right_transposed>
void check(math::ProductExtents const& extents) {
  Product<left_transposed, right_transposed> const f(extents);
  auto const tf32 = [](float x) { return Tf32Factors::value(Tf32Factors::element(x)); };
  auto const bf16 = f.definition([](float x) { return math::rounded_to_bf16(x); }), as_tf32 = f.definition(tf32);
  auto const full = f.run(f.product(64)), rounded = f.run(f.product(64, true));
  for (std::size_t const columns : {64, 32, 16}) {
    BOOST_TEST_CONTEXT(extents.batch << " of " << extents.rows << " × " << extents.inner << " × " << extents.columns << " in "
                                     << extents.parts << " parts, tiles of " << columns << ", transposed " << left_transposed
                                     << right_transposed) {
      auto const product = f.product(columns);
      using P = std::remove_const_t<decltype(product)>;
      BOOST_TEST(agree(f.run(product), full, 0.0), "the sums depend on the tile");
      auto const found = f.run(math::OnFragments<Bf16Factors, P>(product));
      BOOST_TEST(agree(found, bf16, 1e-6));
      if (extents.parts == 1) BOOST_TEST(agree(found, rounded), "bf16 differs from the sums of rounded factors");
      BOOST_TEST(agree(f.run(math::OnFragments<Tf32Factors, P>(product)), as_tf32, 1e-6));
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(products_equal_their_definition) {
  for (math::ProductExtents const& e : {math::ProductExtents{1, 1, 1, 1},
                                        {1, 64, 64, 32},
                                        {2, 65, 3, 17},
                                        {3, 30, 70, 33},
                                        {1, 260, 36, 40},
                                        {1, 130, 129, 100},
                                        {1, 5, 66, 300, 4},
                                        {2, 300, 20, 129, 3},
                                        {1, 20, 40, 70, 7}}) {
    check<false, false>(e);
    check<true, false>(e);
    check<false, true>(e);
  }
}

BOOST_AUTO_TEST_CASE(tf32_has_ten_bits_of_fraction) {
  auto const round = [](float x) { return Tf32Factors::value(Tf32Factors::element(x)); };
  BOOST_TEST(round(-1.5f) == -1.5f);
  BOOST_TEST(round(1.0f + 0x1p-10f) == 1.0f + 0x1p-10f);
  BOOST_TEST(round(1.0f + 0x1p-11f) == 1.0f + 0x1p-10f);  // a tie, away from zero
  BOOST_TEST(round(-1.0f - 0x1p-11f) == -1.0f - 0x1p-10f);
  BOOST_TEST(round(1.0f + 0x1.fp-12f) == 1.0f);
  for (std::uint32_t const nan : {0x7fc00000u, 0x7f800001u, 0x7fffffffu, 0xffffffffu})
    BOOST_TEST(std::isnan(round(std::bit_cast<float>(nan))));
  BOOST_TEST(std::isinf(round(std::numeric_limits<float>::infinity())));
}

// Memory that is not aligned is read element by element, with the same result.
BOOST_AUTO_TEST_CASE(factors_need_no_alignment) {
  Product<false, true> const f({1, 40, 24, 64});
  auto const expected = f.run(math::OnFragments<Bf16Factors, Tiled<false, true>>(f.product(32)));
  auto const a = random_vector<float>(f.a.size() + 1, 8), b = random_vector<float>(f.b.size() + 1, 9);
  for (std::size_t i = 0; i < f.a.size(); ++i) a(i + 1) = f.a(i);
  for (std::size_t i = 0; i < f.b.size(); ++i) b(i + 1) = f.b(i);
  auto product = f.product(32);
  BOOST_TEST((product.left_in_fours() && product.right_in_fours()));
  product.a = a.data() + 1;
  product.b = b.data() + 1;
  BOOST_TEST((!product.left_in_fours() && !product.right_in_fours()));
  BOOST_TEST(agree(f.run(math::OnFragments<Bf16Factors, Tiled<false, true>>(product)), expected, 0.0));
}

BOOST_AUTO_TEST_CASE(a_team_of_two_makes_the_bits_of_one, *boost::unit_test::precondition(ign_test::has_teams_of_two)) {
  Product<false, false> const f({2, 70, 65, 129, 3});
  math::OnFragments<Bf16Factors, Tiled<false, false>> const product(f.product(32));
  auto const one = f.run<math::team::threads>(product), two = f.run<math::team::threads / 2>(product);
  BOOST_TEST((one == two));
}

BOOST_AUTO_TEST_CASE(a_row_does_not_depend_on_the_rows_beside_it) {
  Product<false, false> const many({1, 300, 33, 150}), few({1, 7, 33, 150});
  for (std::size_t i = 0; i < few.a.size(); ++i) few.a(i) = many.a(293 * 150 + i);
  Kokkos::deep_copy(few.b, many.b);
  Kokkos::deep_copy(few.shift, many.shift);
  auto const all = many.run(math::OnFragments<Tf32Factors, Tiled<false, false>>(many.product(16)));
  auto const last = few.run(math::OnFragments<Tf32Factors, Tiled<false, false>>(few.product(64)));
  BOOST_TEST((std::vector<float>(all.end() - 7 * 33, all.end()) == last));
}

namespace {

struct AllFragments {
  static constexpr bool bf16 = true, tf32 = true;
};
struct NoFragments {
  static constexpr bool bf16 = false, tf32 = false;
};

// A convolution with memory for all of its operations.
struct Convolution {
  Exec exec{};
  math::ConvGeometry g;
  std::size_t batch;
  Vector<float, Exec> fine, coarse, weights, bias, scale, scratch;
  Vector<unsigned, Exec> counters;

  Convolution(math::ConvGeometry const& geometry, std::size_t samples) : g(geometry), batch(samples) {
    fine = random_vector<float>(batch * g.fine_size(), 1);
    coarse = random_vector<float>(batch * g.coarse_size(), 2);
    weights = random_vector<float>(g.weight_size(), 3);
    bias = random_vector<float>(static_cast<std::size_t>(std::max(g.fine.channels, g.coarse.channels)), 4);
    scale = random_vector<float>(batch, 5);
    scratch = random_vector<float>(math::device::scratch_size<float>(g, batch), 6);
    counters = make_arrival_counters(exec, "ign::test");
  }
  template <class Fragments>
  math::device::Context<float, Exec, Fragments> context(Precision precision, std::size_t samples, Mode mode = Mode::train) const {
    return {exec, g, samples, false, mode, precision, scratch, counters};
  }
  math::device::PlainLoader<float> in(Vector<float, Exec> const& image) const { return {image.data()}; }

  template <class Fragments>
  std::vector<float> forward(Precision precision, std::size_t samples, Mode mode = Mode::train) const {
    auto const y = make_vector<float>(exec, "ign::test", samples * g.coarse_size());
    math::device::conv_forward(context<Fragments>(precision, samples, mode), in(fine), weights.data(),
                               math::DeviceEpilogue<float>{{bias.data()}}, y.data());
    exec.fence();
    return copied(y);
  }
  template <class Fragments>
  std::vector<float> input_gradient(Precision precision, std::size_t samples) const {
    auto const x = make_vector<float>(exec, "ign::test", samples * g.fine_size());
    math::device::conv_input_gradient(context<Fragments>(precision, samples), in(coarse), weights.data(), math::DeviceEpilogue<float>{},
                                      x.data());
    exec.fence();
    return copied(x);
  }
  template <class Fragments>
  std::vector<float> weight_gradient(Precision precision) const {
    auto const gradient = make_vector<float>(exec, "ign::test", g.weight_size());
    math::device::conv_weight_gradient(context<Fragments>(precision, batch), in(fine), in(coarse), scale.data(), gradient.data());
    exec.fence();
    return copied(gradient);
  }
  // The gradients of weights, bias and input one after another, in one launch.
  template <class Fragments>
  std::vector<float> backward(Precision precision) const {
    auto const w = make_vector<float>(exec, "ign::test", g.weight_size()), x = make_vector<float>(exec, "ign::test", fine.size());
    auto const b = make_vector<float>(exec, "ign::test", static_cast<std::size_t>(g.coarse.channels));
    math::device::conv_backward(context<Fragments>(precision, batch), in(fine), in(coarse), weights.data(),
                                {w.data(), b.data(), scale.data(), x.data()});
    exec.fence();
    std::vector<float> all = copied(w);
    for (auto const& part : {copied(b), copied(x)}) all.insert(all.end(), part.begin(), part.end());
    return all;
  }
};

// Odd extents and channels, channels in fours, dense, gaps, one that divides into whole tiles.
std::vector<math::ConvGeometry> const geometries = {{{8, 8, 3}, {4, 4, 5}, 4, 2, 1},   {{8, 8, 16}, {4, 4, 32}, 4, 2, 1},
                                                    {{9, 7, 20}, {4, 3, 33}, 4, 2, 1}, {{4, 4, 64}, {1, 1, 40}, 4, 1, 0},
                                                    {{7, 6, 12}, {7, 6, 16}, 3, 1, 1}, {{9, 4, 8}, {3, 1, 4}, 2, 3, 0},
                                                    {{4, 4, 32}, {1, 1, 70}, 4, 1, 0}, {{5, 6, 8}, {5, 6, 7}, 1, 1, 0}};

std::string text(math::ConvGeometry const& g) {
  return std::to_string(g.fine.height) + " × " + std::to_string(g.fine.width) + " × " + std::to_string(g.fine.channels) + " to " +
         std::to_string(g.coarse.channels);
}

}  // namespace

// Precision::bf16 of the vector units rounds the same factors.
BOOST_AUTO_TEST_CASE(convolutions_of_bf16_equal_those_of_vector_units) {
  for (auto const& g : geometries) {
    BOOST_TEST_CONTEXT(text(g)) {
      Convolution const f(g, 3);
      double const tolerance = g.is_dense() ? 1e-6 : adds_in_order ? 0 : 2e-6;  // whose parts have other bounds
      BOOST_TEST(agree(f.forward<AllFragments>(Precision::bf16, 3), f.forward<NoFragments>(Precision::bf16, 3), tolerance));
      BOOST_TEST(!agree(f.forward<AllFragments>(Precision::bf16, 3), f.forward<NoFragments>(Precision::full, 3), 1e-4));
      BOOST_TEST(agree(f.input_gradient<AllFragments>(Precision::bf16, 3), f.input_gradient<NoFragments>(Precision::bf16, 3), tolerance));
      BOOST_TEST(!agree(f.input_gradient<AllFragments>(Precision::bf16, 3), f.input_gradient<NoFragments>(Precision::full, 3), 1e-4));
    }
  }
}

// Factors that have tf32's bits already.
BOOST_AUTO_TEST_CASE(convolutions_of_tf32_equal_those_of_full_precision) {
  for (auto const& g : geometries) {
    BOOST_TEST_CONTEXT(text(g)) {
      Convolution const f(g, 3);
      auto const weights_before = f.weight_gradient<NoFragments>(Precision::full);
      auto const forward_before = f.forward<NoFragments>(Precision::full, 3);
      BOOST_TEST(!agree(f.weight_gradient<AllFragments>(Precision::tf32), weights_before, 1e-6), "the factors have not been rounded");
      BOOST_TEST(!agree(f.forward<AllFragments>(Precision::tf32, 3), forward_before, 1e-6), "the factors have not been rounded");
      Kokkos::deep_copy(f.scale, 2.0f);
      for (auto const& values : {f.fine, f.coarse, f.weights})
        for (std::size_t i = 0; i < values.size(); ++i) values(i) = Tf32Factors::value(Tf32Factors::element(values(i)));
      BOOST_TEST(agree(f.forward<AllFragments>(Precision::tf32, 3), f.forward<NoFragments>(Precision::full, 3), 1e-6));
      BOOST_TEST(agree(f.input_gradient<AllFragments>(Precision::tf32, 3), f.input_gradient<NoFragments>(Precision::full, 3), 1e-6));
      auto const weights = f.weight_gradient<NoFragments>(Precision::full);
      BOOST_TEST(agree(f.weight_gradient<AllFragments>(Precision::tf32), weights, 1e-6));
      BOOST_TEST(agree(f.weight_gradient<AllFragments>(Precision::bf16), weights, 1e-6), "a weight gradient uses bf16");
      BOOST_TEST(agree(f.backward<AllFragments>(Precision::tf32), f.backward<NoFragments>(Precision::full), 1e-6));
    }
  }
}

BOOST_AUTO_TEST_CASE(all_gradients_in_one_launch) {
  for (auto const& g : geometries) {
    BOOST_TEST_CONTEXT(text(g)) {
      Convolution const f(g, 3);
      auto const found = f.backward<AllFragments>(Precision::bf16);
      auto const weights = f.weight_gradient<AllFragments>(Precision::bf16), input = f.input_gradient<AllFragments>(Precision::bf16, 3);
      std::size_t const channels = static_cast<std::size_t>(g.coarse.channels);
      BOOST_TEST(agree(std::vector<float>(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(weights.size())), weights, 0.0));
      BOOST_TEST(
          agree(std::vector<float>(found.begin() + static_cast<std::ptrdiff_t>(weights.size() + channels), found.end()), input, 0.0));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) {
  for (auto const& g : geometries) {
    Convolution const f(g, 19);
    for (Precision const precision : {Precision::bf16, Precision::tf32}) {
      auto const all = f.forward<AllFragments>(precision, 19), one = f.forward<AllFragments>(precision, 1);
      BOOST_TEST((std::vector<float>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(one.size())) == one), text(g));
      auto const all_inputs = f.input_gradient<AllFragments>(precision, 19), one_input = f.input_gradient<AllFragments>(precision, 1);
      BOOST_TEST((std::vector<float>(all_inputs.begin(), all_inputs.begin() + static_cast<std::ptrdiff_t>(one_input.size())) == one_input),
                 text(g));
    }
  }
}

BOOST_AUTO_TEST_CASE(evaluation_is_in_full_precision) {
  Convolution const f(geometries[1], 3);
  BOOST_TEST((f.forward<AllFragments>(Precision::bf16, 3, Mode::evaluate) == f.forward<NoFragments>(Precision::full, 3)));
}

namespace {

// Keeps the moments of each tile of a product with one segment.
struct MomentsSink {
  std::size_t channels;
  math::device::MomentsLayout layout;
  float* moments;  // (product, row tile, mean or square, column)
  double* finished;

  KOKKOS_FUNCTION void put(std::size_t product, std::size_t row_tile, std::size_t j, float mean, float square) const {
    float* const tile = moments + 2 * (product * layout.row_tiles() + row_tile) * layout.columns;
    tile[j] = mean;
    tile[layout.columns + j] = square;
  }
  template <class Team>
  KOKKOS_FUNCTION void finish(Team const& team, double*) const {
    Kokkos::single(Kokkos::PerTeam(team), [&] { *finished += 1; });
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(moments_of_the_output) {
  for (int const channels : {9, 16, 20, 32, 40}) {
    math::ConvGeometry const g = {{20, 18, 8}, {10, 9, channels}, 4, 2, 1};
    Convolution const f(g, 4);
    for (Precision const precision : {Precision::full, Precision::bf16}) {
      auto const y = make_vector<float>(f.exec, "ign::test", 4 * g.coarse_size());
      auto const moments = make_vector<float>(f.exec, "ign::test", f.scratch.size());
      auto const finished = make_vector<double>(f.exec, "ign::test", 1);
      math::device::MomentsLayout layout{};
      math::device::conv_forward_with_moments(
          f.context<AllFragments>(precision, 4), f.fine.data(), f.weights.data(), f.bias.data(), y.data(), 1,
          [&](math::device::MomentsLayout const& made) {
            layout = made;
            return MomentsSink{static_cast<std::size_t>(channels), made, moments.data(), finished.data()};
          });
      f.exec.fence();
      BOOST_TEST(finished(0) == 1);
      BOOST_TEST(layout.tile_rows == (channels <= 16 ? 256u : channels <= 32 ? 128u : 64u));
      for (std::size_t c = 0; c < layout.columns; ++c) {
        double mean = 0, square = 0, all_mean = 0, all_square = 0;
        for (std::size_t i = 0; i < layout.rows; ++i) mean += static_cast<double>(y(i * layout.columns + c)) / layout.rows;
        for (std::size_t i = 0; i < layout.rows; ++i) square += std::pow(static_cast<double>(y(i * layout.columns + c)) - mean, 2);
        for (std::size_t t = 0; t < layout.row_tiles(); ++t)
          all_mean += layout.rows_of(t) * static_cast<double>(moments(2 * t * layout.columns + c)) / layout.rows;
        for (std::size_t t = 0; t < layout.row_tiles(); ++t)
          all_square += static_cast<double>(moments((2 * t + 1) * layout.columns + c)) +
                        layout.rows_of(t) * std::pow(static_cast<double>(moments(2 * t * layout.columns + c)) - all_mean, 2);
        BOOST_TEST(std::abs(all_mean - mean) <= 1e-5 * std::sqrt(square / layout.rows));
        BOOST_TEST(std::abs(all_square - square) <= 1e-5 * square);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
