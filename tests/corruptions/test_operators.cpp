// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Linear operators: A and Aᵀ against plain loops, and <A x, y> = <x, Aᵀ y>, in double.

#include <boost/test/unit_test.hpp>

#include <ign/corruptions/operators.hpp>
#include <ign_test/filter_definitions.hpp>
#include <ign_test/layer_check.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;
using ign_test::reflected;

BOOST_AUTO_TEST_SUITE(operators)

namespace {

constexpr int batch = 3;
constexpr Shape shapes[] = {{1, 1, 1}, {7, 5, 3}, {2, 9, 2}, {13, 15, 2}, {24, 3, 1}, {1, 6, 4}};
constexpr GaussianWindow windows[] = {{1, 2}, {3, 0.7}, {3, 10}, {5, 1.5}, {21, 3.5}, {63, 10}};

using Numbers = std::vector<double>;

Numbers copy(Vector<double, Exec> const& v) {
  Exec().fence();
  return {v.data(), v.data() + v.size()};
}

double dot(Numbers const& a, Numbers const& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void check_equal(Numbers const& found, Numbers const& expected, std::string const& what) {
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::abs(found[i] - expected[i]));
  BOOST_TEST(worst <= 1e-13, what << ": error " << worst);
}

// The plain form of an operator: `pairs(visit)` calls visit(index of y, index of x, weight) for each product of A x; y = Σ weight · x.
template <class Operator, class Pairs>
void check_operator(Operator const& a, Shape image, Shape measured, Pairs const& pairs, std::string const& name) {
  Exec const exec;
  auto const what = name + " of " + std::to_string(image.height) + "x" + std::to_string(image.width) + "x" + std::to_string(image.channels);
  auto const x = random_vector<double>(batch * image.size(), 1), y = random_vector<double>(batch * measured.size(), 2);
  auto const ax = random_vector<double>(y.size(), 3), aty = random_vector<double>(x.size(), 4);
  Buffer<double, Exec> scratch("ign::test::scratch");
  Numbers const x0 = copy(x), y0 = copy(y);
  apply(exec, a, as_tensor<double>(x, batch, image), as_tensor<double>(ax, batch, measured), scratch);
  apply_adjoint(exec, a, as_tensor<double>(y, batch, measured), as_tensor<double>(aty, batch, image), scratch);
  BOOST_TEST((copy(x) == x0 && copy(y) == y0), what << ": an input has changed");
  Numbers expected(y.size(), 0), expected_adjoint(x.size(), 0);
  pairs([&](std::size_t of_y, std::size_t of_x, double weight) {
    expected[of_y] += weight * x0[of_x];
    expected_adjoint[of_x] += weight * y0[of_y];
  });
  check_equal(copy(ax), expected, what);
  check_equal(copy(aty), expected_adjoint, what + ", adjoint");
  double const forward = dot(copy(ax), y0), backward = dot(x0, copy(aty));
  BOOST_TEST(std::abs(forward - backward) <= 1e-13 * std::sqrt(dot(x0, x0) * dot(y0, y0)), what << ": " << forward << ", " << backward);
}

// Calls visit(n, row, column, channel) for each number of a batch.
template <class Visit>
void for_each_number(Shape shape, Visit const& visit) {
  for (int n = 0; n < batch; ++n)
    for (int i = 0; i < shape.height; ++i)
      for (int j = 0; j < shape.width; ++j)
        for (int c = 0; c < shape.channels; ++c) visit(n, i, j, c);
}
std::size_t place(Shape shape, int n, int i, int j, int c) {
  return static_cast<std::size_t>(((n * shape.height + i) * shape.width + j) * shape.channels + c);
}

auto refused(char const* id) {
  return [id](Error const& e) { return e.id() == id; };
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_mask_is_its_own_adjoint) {
  Exec const exec;
  for (auto const& shape : shapes) {
    Shape const one = {shape.height, shape.width, 1};
    auto const mask = make_vector<double>(exec, "ign::test::mask", batch * one.size());
    make_mask<double, Exec>(exec, {MaskKind::pixels, 0.5}, ign_test::key(7), as_tensor<double>(mask, batch, one));
    exec.fence();
    check_operator(
        MaskOperator<double, Exec>{as_tensor<double>(mask, batch, one)}, shape, shape,
        [&](auto const& visit) {
          for (std::size_t i = 0; i < batch * shape.size(); ++i)
            visit(i, i, mask(i / static_cast<std::size_t>(shape.channels)) != 0 ? 1 : 0);
        },
        "mask");
  }
}

BOOST_AUTO_TEST_CASE(block_means_end_with_the_image) {
  for (auto const& shape : shapes)
    for (int const factor : {1, 2, 3, 4, 100, 2147483647}) {
      BlockMeanOperator const a{factor};
      auto const blocks = [&](int size) { return factor < size ? (size + factor - 1) / factor : 1; };
      Shape const measured = {blocks(shape.height), blocks(shape.width), shape.channels};
      BOOST_TEST((a.measured(shape) == measured));
      std::vector<double> counts(batch * measured.size(), 0);
      auto const block_of = [&](int n, int i, int j, int c) { return place(measured, n, i / factor, j / factor, c); };
      for_each_number(shape, [&](int n, int i, int j, int c) { ++counts[block_of(n, i, j, c)]; });
      check_operator(
          a, shape, measured,
          [&](auto const& visit) {
            for_each_number(shape, [&](int n, int i, int j, int c) {
              visit(block_of(n, i, j, c), place(shape, n, i, j, c), 1 / counts[block_of(n, i, j, c)]);
            });
          },
          "means by " + std::to_string(factor));
      BOOST_TEST(step_size(a, shape) == *std::min_element(counts.begin(), counts.end()));
    }
}

BOOST_AUTO_TEST_CASE(the_adjoint_of_a_blur_differs_at_borders) {
  for (auto const& shape : shapes)
    for (auto const& window : windows) {
      int const r = window.taps / 2;
      double total = 0;
      for (int k = -r; k <= r; ++k) total += std::exp(-0.5 * k * k / (window.sigma * window.sigma));
      check_operator(
          BlurOperator{window}, shape, shape,
          [&](auto const& visit) {
            for_each_number(shape, [&](int n, int i, int j, int c) {
              for (int a = -r; a <= r; ++a)
                for (int b = -r; b <= r; ++b)
                  visit(place(shape, n, i, j, c), place(shape, n, reflected(i + a, shape.height), reflected(j + b, shape.width), c),
                        std::exp(-0.5 * (a * a + b * b) / (window.sigma * window.sigma)) / (total * total));
            });
          },
          "blur by " + std::to_string(window.taps));
    }
}

// The step of a blur is 1: gradient descent converges below 2 / ‖A‖². Power iteration from positive numbers finds the largest ‖Aᵀ A‖.
BOOST_AUTO_TEST_CASE(the_squared_norm_of_a_blur_is_at_most_1_6) {
  Exec const exec;
  Buffer<double, Exec> scratch("ign::test::scratch");
  double largest = 0;
  for (Shape const shape : {Shape{3, 3, 1}, Shape{4, 7, 1}, Shape{28, 3, 1}})
    for (auto const& window : windows) {
      auto const x = make_vector<double>(exec, "ign::test", shape.size()), y = make_vector<double>(exec, "ign::test", shape.size());
      Kokkos::deep_copy(exec, x, 1.0);
      double norm = 0;
      for (int k = 0; k < 100; ++k) {
        apply(exec, BlurOperator{window}, as_tensor<double>(x, 1, shape), as_tensor<double>(y, 1, shape), scratch);
        apply_adjoint(exec, BlurOperator{window}, as_tensor<double>(y, 1, shape), as_tensor<double>(x, 1, shape), scratch);
        auto const values = copy(x);
        norm = std::sqrt(dot(values, values));
        for (std::size_t i = 0; i < x.size(); ++i) x(i) /= norm;
      }
      largest = std::max(largest, norm);
    }
  BOOST_TEST(largest > 1.5);
  BOOST_TEST(largest < 1.6);
}

BOOST_AUTO_TEST_CASE(wrong_extents_and_factors_are_errors) {
  Exec const exec;
  Buffer<double, Exec> scratch("ign::test::scratch");
  Shape const image = {6, 5, 2}, low = {3, 3, 2};
  auto const memory = random_vector<double>(batch * image.size(), 1), other = random_vector<double>(batch * image.size(), 2);
  auto const before = copy(other);
  auto const x = as_tensor<double>(memory, batch, image), y = as_tensor<double>(other, batch, low);
  auto const check = [&](auto const& a, TensorRef<double, Exec> const& of_image, TensorRef<double, Exec> const& measured, char const* id) {
    BOOST_CHECK_EXCEPTION(apply(exec, a, of_image, measured, scratch), Error, refused(id));
    BOOST_CHECK_EXCEPTION(apply_adjoint(exec, a, measured, of_image, scratch), Error, refused(id));
  };
  check(BlockMeanOperator{2}, x, as_tensor<double>(other, batch - 1, low), "ign.shape.470");
  check(BlockMeanOperator{3}, x, y, "ign.shape.470");
  check(BlockMeanOperator{0}, x, y, "ign.option.471");
  BOOST_CHECK_EXCEPTION(step_size(BlockMeanOperator{-1}, image), Error, refused("ign.option.471"));
  check(BlurOperator{}, x, y, "ign.shape.315");
  check(BlurOperator{{4, 1}}, x, as_tensor<double>(other, batch, image), "ign.option.318");
  check(MaskOperator<double, Exec>{as_tensor<double>(memory, batch, image)}, x, as_tensor<double>(other, batch, image), "ign.shape.316");
  check(MaskOperator<double, Exec>{as_tensor<double>(memory, 1, {6, 5, 1})}, x, as_tensor<double>(other, batch, image), "ign.shape.316");
  BOOST_TEST((copy(other) == before));
}

BOOST_AUTO_TEST_SUITE_END()
