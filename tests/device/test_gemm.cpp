// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Team products against sums in double: every way that factors may lie, rests of tiles, parts of the inner dimension, teams of one thread
// and of two.

#include <boost/test/unit_test.hpp>

#include <ign/math/conv/device/kernels.hpp>
#include <ign/math/gemm/matrices.hpp>
#include <ign_test/layer_check.hpp>

#include <cmath>

using namespace ign;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(team_products)

namespace {

static_assert(!uses_host_kernels_v<Exec>, "this program is for the way of a device");

template <class Real, bool left_transposed, bool right_transposed>
struct Check {
  Exec exec{};
  math::ProductExtents e;
  Vector<Real, Exec> a, b, c, shift, scratch;
  Vector<unsigned, Exec> counters;

  explicit Check(math::ProductExtents const& extents) : e(extents) {
    a = random_vector<Real>(e.batch * e.rows * e.inner, 1);
    b = random_vector<Real>(e.batch * e.inner * e.columns, 2);
    c = random_vector<Real>(e.batch * e.rows * e.columns, 3);
    shift = random_vector<Real>(e.columns, 4);
    scratch = random_vector<Real>(math::team::scratch_size(e), 5);
    counters = make_arrival_counters(exec, "ign::test");
  }

  math::MatrixProduct<Real, left_transposed, right_transposed> product(bool add, bool rounded = false) const {
    return {e, a.data(), b.data(), c.data(), add, {{add ? nullptr : shift.data(), nullptr, add ? Real(1) : Real(0.5)}}, e.columns, rounded};
  }

  // The largest error of c, which held `before`, by the sum of absolute terms.
  double error(Vector<Real, Exec> const& before, bool add, bool rounded) const {
    auto const factor = [&](Real x) { return static_cast<double>(rounded ? math::rounded_to_bf16(x) : x); };
    double worst = 0;
    for (std::size_t n = 0; n < e.batch; ++n)
      for (std::size_t i = 0; i < e.rows; ++i)
        for (std::size_t j = 0; j < e.columns; ++j) {
          double sum = 0, size = 1e-30;
          for (std::size_t k = 0; k < e.inner; ++k) {
            double const left = factor(a(n * e.rows * e.inner + (left_transposed ? k * e.rows + i : i * e.inner + k)));
            double const right = factor(b(n * e.inner * e.columns + (right_transposed ? j * e.inner + k : k * e.columns + j)));
            sum += left * right;
            size += std::abs(left * right);
          }
          std::size_t const place = (n * e.rows + i) * e.columns + j;
          double const old = static_cast<double>(before(place)), bias = static_cast<double>(shift(j));
          double const expected = add ? sum + old : sum + bias > 0 ? sum + bias : 0.5 * (sum + bias);
          worst = std::max(worst, std::abs(static_cast<double>(c(place)) - expected) / (size + std::abs(add ? old : bias)));
        }
    return worst;
  }
};

template <class Real, bool left_transposed, bool right_transposed>
void check(math::ProductExtents const& extents, double tolerance) {
  BOOST_TEST_CONTEXT(extents.batch << " of " << extents.rows << " × " << extents.inner << " × " << extents.columns << " in "
                                   << extents.parts << " parts, transposed " << left_transposed << right_transposed) {
    Check<Real, left_transposed, right_transposed> const f(extents);
    auto const before = random_vector<Real>(f.c.size(), 3);
    auto const run = [&](auto const& product) {
      Kokkos::deep_copy(f.c, before);
      math::team_products("ign::test", f.exec, VectorRef<Real, Exec>(f.scratch), ArrivalCounters<Exec>(f.counters), product);
      f.exec.fence();
      for (std::size_t i = 0; i < f.counters.size(); ++i)
        if (f.counters(i) != 0) BOOST_ERROR("counter " << i << " is left at " << f.counters(i));
    };
    run(f.product(false));
    BOOST_TEST(f.error(before, false, false) <= tolerance);
    run(f.product(true));
    BOOST_TEST(f.error(before, true, false) <= tolerance);
    run(f.product(true, true));
    BOOST_TEST(f.error(before, true, true) <= tolerance);
  }
}

template <class Real>
void check_all(math::ProductExtents const& extents, double tolerance) {
  check<Real, false, false>(extents, tolerance);
  check<Real, true, false>(extents, tolerance);
  check<Real, false, true>(extents, tolerance);
}

}  // namespace

BOOST_AUTO_TEST_CASE(equal_their_definition) {
  for (math::ProductExtents const& e : {math::ProductExtents{1, 1, 1, 1},
                                        {1, 64, 64, 16},
                                        {2, 65, 3, 17},
                                        {9, 30, 70, 33},
                                        {1, 130, 129, 40},
                                        {1, 5, 66, 300, 4},
                                        {2, 70, 65, 129, 3},
                                        {1, 3, 2, 5, 7}}) {
    check_all<float>(e, 5e-7);
    check_all<double>(e, 1e-15);
  }
}

BOOST_AUTO_TEST_CASE(factors_of_bf16_are_rounded) {
  Check<float, false, false> const f({1, 20, 20, 50});
  auto const run = [&](auto const& product) {
    math::team_products("ign::test", f.exec, VectorRef<float, Exec>(f.scratch), ArrivalCounters<Exec>(f.counters), product);
    f.exec.fence();
  };
  run(f.product(false, true));
  BOOST_TEST(f.error(f.c, false, false) > 1e-4);
}

// Two threads of a team share tiles in scratch, and wait for each other. Results are bitwise identical to those of one thread.
BOOST_AUTO_TEST_CASE(a_team_of_two_is_bitwise_identical_to_one, *boost::unit_test::precondition(ign_test::has_teams_of_two)) {
  Check<float, false, false> const f({2, 70, 65, 129, 3});
  auto const run = [&](auto virtual_threads) {
    math::team_products_with<decltype(virtual_threads)::value>("ign::test", f.exec, VectorRef<float, Exec>(f.scratch),
                                                               ArrivalCounters<Exec>(f.counters), f.product(false));
    f.exec.fence();
    return std::vector<float>(f.c.data(), f.c.data() + f.c.size());
  };
  auto const one = run(std::integral_constant<std::size_t, math::team::threads>{});
  Kokkos::deep_copy(f.c, 7.0f);
  auto const two = run(std::integral_constant<std::size_t, math::team::threads / 2>{});
  BOOST_TEST((one == two));
}

BOOST_AUTO_TEST_CASE(several_products_are_one_launch) {
  Check<double, false, false> const f({1, 70, 30, 200, 3});
  Check<double, true, false> const g({2, 10, 90, 65, 2});
  Check<double, false, true> const nothing({0, 10, 90, 65});
  auto const scratch = random_vector<double>(f.scratch.size() + g.scratch.size(), 6);
  auto const f_before = random_vector<double>(f.c.size(), 3), g_before = random_vector<double>(g.c.size(), 3);
  math::team_products("ign::test", f.exec, VectorRef<double, Exec>(scratch), ArrivalCounters<Exec>(f.counters), f.product(true),
                      nothing.product(true), g.product(false));
  f.exec.fence();
  BOOST_TEST(f.error(f_before, true, false) <= 1e-15);
  BOOST_TEST(g.error(g_before, false, false) <= 1e-15);
}

BOOST_AUTO_TEST_CASE(without_counters_the_inner_dimension_is_not_split) {
  Check<double, false, false> const f({1, 70, 30, 200, 3});
  auto const before = random_vector<double>(f.c.size(), 3);
  math::team_products("ign::test", f.exec, VectorRef<double, Exec>{}, ArrivalCounters<Exec>{}, f.product(true));
  f.exec.fence();
  BOOST_TEST(f.error(before, true, false) <= 1e-15);
}

// Evaluation is batch-invariant: neither may the number of parts depend on the batch, nor whether the arrival counters suffice for it.
BOOST_AUTO_TEST_CASE(parts_of_dense_layers_do_not_depend_on_the_batch) {
  for (int const outputs : {10, 4096, 65536, 65537, 257 * 257, 300000})
    for (int const inner : {256, 512, 4096}) {
      math::ConvGeometry const g = {{1, 1, inner}, {1, 1, outputs}, 1, 1, 0};
      BOOST_TEST_REQUIRE(g.is_dense());
      auto const in_batch = [&](std::size_t batch) {
        auto const e = math::device::ConvForward<float, math::device::PlainLoader<float>>{g, batch, {}, nullptr, {}, nullptr}.extents();
        return e.parts > 1 && math::team::tiles(e) > ign::detail::counter_count ? 1 : e.parts;  // as team::MemoryPlan
      };
      for (std::size_t const batch : {64, 65, 256})
        BOOST_TEST(in_batch(batch) == in_batch(1), outputs << " outputs, inner dimension " << inner << ", batch " << batch);
    }
  math::ConvGeometry const narrow = {{1, 1, 512}, {1, 1, 100}, 1, 1, 0};
  math::device::ConvForward<float, math::device::PlainLoader<float>> const product{narrow, 3, {}, nullptr, {}, nullptr};
  BOOST_TEST(product.extents().parts == 2u);
}

BOOST_AUTO_TEST_CASE(too_little_scratch_is_an_error) {
  Check<double, false, false> const f({1, 70, 30, 200, 3});
  BOOST_CHECK_EXCEPTION(math::team_products("ign::test", f.exec, VectorRef<double, Exec>(f.scratch.data(), f.scratch.size() - 1),
                                            ArrivalCounters<Exec>(f.counters), f.product(true)),
                        Error, [](Error const& e) { return e.id() == "ign.shape.175"; });
}

BOOST_AUTO_TEST_SUITE_END()
