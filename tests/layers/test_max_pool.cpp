// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/layers/max_pool2d.hpp>
#include <ign_test/layer_check.hpp>

#include <limits>

using namespace ign;
using ign_test::LayerFixture;

BOOST_AUTO_TEST_SUITE(max_pool)

namespace {

constexpr MaxPool2d layers[] = {{2, 2}, {3, 2}, {3, 1}, {2, 3}, {1, 1}};

// Each maximum, and its gradient sent to the first element that has it, by plain loops.
template <class Real>
void check_definition(MaxPool2d const& layer, Shape in, int batch, double coarseness) {
  LayerFixture<MaxPool2d, Real> f(layer, in, batch);
  if (coarseness > 0)
    for (std::size_t i = 0; i < f.x.size(); ++i) f.x(i) = static_cast<Real>(std::round(static_cast<double>(f.x(i)) / coarseness));
  f.run_forward({});
  f.run_backward({}, false, false, true);
  std::vector<double> dx(f.x.size(), 0);
  auto const at = [&](int n, int y, int x, int c) {
    return static_cast<std::size_t>(((n * in.height + y) * in.width + x) * in.channels + c);
  };
  std::size_t window = 0, wrong = 0;
  for (int n = 0; n < batch; ++n)
    for (int oy = 0; oy < f.out.height; ++oy)
      for (int ox = 0; ox < f.out.width; ++ox)
        for (int c = 0; c < in.channels; ++c, ++window) {
          std::size_t best = at(n, oy * layer.stride, ox * layer.stride, c);
          for (int ky = 0; ky < layer.kernel; ++ky)
            for (int kx = 0; kx < layer.kernel; ++kx) {
              std::size_t const here = at(n, oy * layer.stride + ky, ox * layer.stride + kx, c);
              if (f.x(here) > f.x(best)) best = here;
            }
          wrong += f.y(window) != f.x(best);
          dx[best] += static_cast<double>(f.dy(window));
        }
  BOOST_TEST(wrong == 0u);
  for (std::size_t i = 0; i < dx.size(); ++i)
    if (std::abs(static_cast<double>(f.dx(i)) - dx[i]) > (sizeof(Real) == 8 ? 1e-14 : 1e-5))
      BOOST_ERROR("dx " << i << ": " << f.dx(i) << ", expected " << dx[i]);
}

}  // namespace

BOOST_AUTO_TEST_CASE(equals_its_definition_with_and_without_ties) {
  for (auto const& layer : layers)
    for (double coarseness : {0.0, 1.0}) {
      check_definition<double>(layer, {7, 5, 3}, 2, coarseness);
      check_definition<float>(layer, {4, 6, 70}, 1, coarseness);
      check_definition<float>(layer, {3, 700, 3}, 1, coarseness);  // rows longer than a chunk, which then ends within a pixel
    }
}

BOOST_AUTO_TEST_CASE(gradients) {
  for (auto const& layer : layers) {
    ign_test::check_gradients(layer, {7, 5, 3}, 2);
    ign_test::check_gradients(layer, {3, 3, 1}, 1, pass_of(Role::data, Mode::evaluate));
  }
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) { ign_test::check_batch_independence<float>(MaxPool2d{}, {6, 5, 33}, 5); }

BOOST_AUTO_TEST_CASE(nan_is_larger_than_any_number) {
  ign_test::AllowNan const allow;
  for (std::size_t place = 0; place < 4; ++place) {
    LayerFixture<MaxPool2d, float> f(MaxPool2d{}, {2, 2, 1}, 1);
    f.x(place) = std::numeric_limits<float>::quiet_NaN();
    f.run_forward({});
    BOOST_TEST(std::isnan(f.y(0)));
  }
}

BOOST_AUTO_TEST_CASE(bad_options_are_errors) {
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  BOOST_CHECK_EXCEPTION(output_shape(MaxPool2d{0, 2}, {4, 4, 1}), Error, id("ign.option.230"));
  BOOST_CHECK_EXCEPTION(output_shape(MaxPool2d{2, 0}, {4, 4, 1}), Error, id("ign.option.230"));
  BOOST_CHECK_EXCEPTION(output_shape(MaxPool2d{3, 1}, {4, 2, 1}), Error, id("ign.shape.230"));
  BOOST_TEST((output_shape(MaxPool2d{}, {7, 5, 3}) == Shape{3, 2, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
