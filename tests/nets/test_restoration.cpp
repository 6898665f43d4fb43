// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Inverse problems with a linear f as the prior, whose solution is known; drift over known pixels and drift of pixels.

#include <boost/test/unit_test.hpp>

#include <ign/core/launch.hpp>
#include <ign/corruptions/masks.hpp>
#include <ign/corruptions/operators.hpp>
#include <ign/losses/l1.hpp>
#include <ign/losses/mse.hpp>
#include <ign/nets/linear_operator.hpp>
#include <ign/nets/projection.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

namespace restoration {

using Numbers = std::vector<double>;
using Ref = TensorRef<double, Exec>;
using Flat = Vector<double, Exec>;
using Reals = std::tuple<float, double>;

constexpr Shape image = {6, 7, 2};
constexpr Shape one_channel = {6, 7, 1};
constexpr int batch = 4;
constexpr std::size_t numbers = batch * image.size();

// f(x) = the nearest point of a subspace with an orthonormal basis.
class Subspace : public InferenceInterface<Subspace, double, Exec> {
 public:
  Subspace(int dimension, Shape shape) : m_shape(shape) {
    for (int d = 0; d < dimension; ++d) {
      auto const random = random_vector<double>(shape.size(), static_cast<std::uint32_t>(100 + d));
      Exec().fence();
      Numbers v(random.data(), random.data() + random.size());
      for (auto const& u : m_basis) {
        double product = 0;
        for (std::size_t i = 0; i < v.size(); ++i) product += u[i] * v[i];
        for (std::size_t i = 0; i < v.size(); ++i) v[i] -= product * u[i];
      }
      double square = 0;
      for (double const value : v) square += value * value;
      for (double& value : v) value /= std::sqrt(square);
      m_basis.push_back(v);
    }
  }

  Shape image_shape() const { return m_shape; }
  void apply(Exec const& exec, Role input_role, int applications, Ref const& x, Ref const& out) {
    ign::detail::check_application<double, Exec>(m_shape, applications, x, out);
    exec.fence();
    roles.push_back(input_role);
    for (std::size_t n = 0; n < x.extent(0); ++n) {
      double const* const from = x.data() + n * m_shape.size();
      Numbers const projected = nearest({from, from + m_shape.size()});
      std::copy(projected.begin(), projected.end(), out.data() + n * m_shape.size());
    }
  }
  Numbers nearest(Numbers const& x) const {
    Numbers result(x.size(), 0);
    for (auto const& u : m_basis) {
      double product = 0;
      for (std::size_t i = 0; i < x.size(); ++i) product += u[i] * x[i];
      for (std::size_t i = 0; i < x.size(); ++i) result[i] += product * u[i];
    }
    return result;
  }

  std::vector<Role> roles;

 private:
  Shape m_shape;
  std::vector<Numbers> m_basis;
};

// A user's operator in a namespace of its own: the same matrix for all samples.
struct Matrix {
  std::size_t rows, columns;
  Flat values;
};
template <bool transposed>
struct MatrixProduct {
  Matrix a;
  double const* x;
  double* y;
  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const out = transposed ? a.columns : a.rows, in = transposed ? a.rows : a.columns, i = index % out;
    double sum = 0;
    for (std::size_t k = 0; k < in; ++k) sum += a.values(transposed ? k * a.columns + i : i * a.columns + k) * x[index / out * in + k];
    y[index] = sum;
  }
};
void apply(Exec const& exec, Matrix const& a, Ref const& x, Ref const& y, Buffer<double, Exec>&) {
  Kokkos::parallel_for("ign::test::matrix", range_policy(exec, y.size()), MatrixProduct<false>{a, x.data(), y.data()});
}
void apply_adjoint(Exec const& exec, Matrix const& a, Ref const& y, Ref const& x, Buffer<double, Exec>&) {
  Kokkos::parallel_for("ign::test::matrix", range_policy(exec, x.size()), MatrixProduct<true>{a, y.data(), x.data()});
}
double step_size(Matrix const&, Shape) { return 0.01; }

Numbers copy(Flat const& v) {
  Exec().fence();
  return {v.data(), v.data() + v.size()};
}

void check_near(Flat const& found, Numbers const& expected, double tolerance, std::string const& what) {
  Exec().fence();
  double error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) error = std::max(error, std::abs(found(i) - expected[i]));
  BOOST_TEST(error <= tolerance, what << ": error " << error);
}

Flat half_known(Shape shape = one_channel, int samples = batch) {
  Exec const exec;
  auto const mask = make_vector<double>(exec, "ign::test::mask", static_cast<std::size_t>(samples) * shape.size());
  make_mask<double, Exec>(exec, {MaskKind::pixels, 0.5}, ign_test::key(7), as_tensor<double>(mask, samples, shape));
  exec.fence();
  return mask;
}

auto refused(char const* id) {
  return [id](Error const& e) { return e.id() == id; };
}

// f(x) = x / 2, so that the drift is |x| / 2.
template <class Real>
struct Halving : InferenceInterface<Halving<Real>, Real, Exec> {
  Shape shape;
  explicit Halving(Shape s) : shape(s) {}
  Shape image_shape() const { return shape; }
  void apply(Exec const& exec, Role, int, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& out) {
    exec.fence();
    for (std::size_t i = 0; i < x.size(); ++i) out.data()[i] = x.data()[i] / 2;
  }
};

}  // namespace restoration

using namespace restoration;

BOOST_AUTO_TEST_SUITE(restoration_with_f)

BOOST_AUTO_TEST_CASE(restore_is_the_plain_loop) {
  Exec const exec;
  std::size_t const rows = 11, columns = image.size();
  Matrix const a{rows, columns, random_vector<double>(rows * columns, 1)};
  auto const y = random_vector<double>(batch * rows, 2), start = random_vector<double>(numbers, 3);
  auto const matrix = copy(a.values), y0 = copy(y);
  for (std::optional<double> const step : {std::optional<double>{}, std::optional<double>{0.004}})
    for (int const iterations : {0, 1, 5}) {
      Subspace f(5, image);
      double const eta = step.value_or(0.01);
      auto expected = copy(start);
      for (int k = 0; k < iterations; ++k)
        for (std::size_t n = 0; n < batch; ++n) {
          double* const x = expected.data() + n * columns;
          Numbers residual(rows);
          for (std::size_t i = 0; i < rows; ++i) {
            residual[i] = -y0[n * rows + i];
            for (std::size_t j = 0; j < columns; ++j) residual[i] += matrix[i * columns + j] * x[j];
          }
          Numbers moved(x, x + columns);
          for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t j = 0; j < columns; ++j) moved[j] -= eta * matrix[i * columns + j] * residual[i];
          moved = f.nearest(moved);
          std::copy(moved.begin(), moved.end(), x);
        }
      auto const x = random_vector<double>(numbers, 3);
      f.restore(exec, a, as_tensor<double>(y, batch, {rows, 1, 1}), as_tensor<double>(x, batch, image),
                {.iterations = iterations, .step = step, .input_role = Role::source});
      check_near(x, expected, 1e-12, std::to_string(iterations) + " iterations");
      std::vector<Role> roles(static_cast<std::size_t>(iterations), Role::generated);
      if (iterations > 0) roles.front() = Role::source;
      BOOST_TEST((f.roles == roles));
      BOOST_TEST((copy(y) == y0));
    }
}

BOOST_AUTO_TEST_CASE(the_solution_in_the_subspace_is_found) {
  Exec const exec;
  Subspace f(3, image);
  auto const truth = random_vector<double>(numbers, 5);
  f.project(exec, as_tensor<double>(truth, batch, image), 1, as_tensor<double>(truth, batch, image));
  auto const mask = half_known();
  Buffer<double, Exec> scratch("ign::test::scratch");
  auto const check = [&](auto const& a, Shape measured, std::string const& name) {
    auto const y = random_vector<double>(batch * measured.size(), 6), x = random_vector<double>(numbers, 8);
    apply(exec, a, as_tensor<double>(truth, batch, image), as_tensor<double>(y, batch, measured), scratch);
    f.restore(exec, a, as_tensor<double>(y, batch, measured), as_tensor<double>(x, batch, image), {.iterations = 1500});
    check_near(x, copy(truth), 1e-9, name);
  };
  check(MaskOperator<double, Exec>{as_tensor<double>(mask, batch, one_channel)}, image, "mask");
  check(BlockMeanOperator{2}, BlockMeanOperator{2}.measured(image), "block means, the last column of one pixel");
  check(BlockMeanOperator{3}, BlockMeanOperator{3}.measured(image), "block means of 3");
  check(BlurOperator{{5, 0.8}}, image, "blur");
}

BOOST_AUTO_TEST_CASE(equal_blocks_are_reproduced_by_one_step) {
  Exec const exec;
  Shape const even = {6, 9, 2};
  BlockMeanOperator const a{3};
  Subspace identity(static_cast<int>(even.size()), even);  // f(x) = x
  auto const y = random_vector<double>(batch * a.measured(even).size(), 1), found = random_vector<double>(y.size(), 2);
  auto const x = random_vector<double>(batch * even.size(), 3);
  identity.restore(exec, a, as_tensor<double>(y, batch, a.measured(even)), as_tensor<double>(x, batch, even), {.iterations = 1});
  Buffer<double, Exec> scratch("ign::test::scratch");
  apply(exec, a, as_tensor<double>(x, batch, even), as_tensor<double>(found, batch, a.measured(even)), scratch);
  check_near(found, copy(y), 1e-11, "A x");
}

// With a mask and a step of 1, the gradient step sets the known pixels: f after a masked projection. Missing pixels of y are ignored.
BOOST_AUTO_TEST_CASE(restoring_missing_pixels_is_a_masked_projection) {
  Exec const exec;
  Subspace f(40, image);
  auto const mask = half_known();
  auto const m = as_tensor<double>(mask, batch, one_channel);
  auto const y = random_vector<double>(numbers, 1), start = random_vector<double>(numbers, 2), x = random_vector<double>(numbers, 2),
             expected = random_vector<double>(numbers, 3);
  keep_known<double, Exec>(exec, m, as_tensor<double>(y, batch, image), as_tensor<double>(start, batch, image));
  f.inpaint(exec, m, as_tensor<double>(start, batch, image), 6, as_tensor<double>(expected, batch, image));
  f.project(exec, as_tensor<double>(expected, batch, image), 1, as_tensor<double>(expected, batch, image));
  exec.fence();
  for (std::size_t i = 0; i < numbers; ++i)
    if (mask(i / 2) == 0) y(i) = 1e200;
  f.restore(exec, MaskOperator<double, Exec>{m}, as_tensor<double>(y, batch, image), as_tensor<double>(x, batch, image), {.iterations = 7});
  check_near(x, copy(expected), 1e-12, "x");
}

BOOST_AUTO_TEST_CASE(restoring_and_scoring_allocate_nothing_after_the_first_call) {
  Exec const exec;
  Subspace f(2, image);
  auto const mask = half_known();
  auto const y = random_vector<double>(numbers, 1), x = random_vector<double>(numbers, 2);
  auto const maps = make_vector<double>(exec, "ign::test::maps", batch * one_channel.size());
  auto const scores = make_vector<double>(exec, "ign::test::scores", batch);
  auto const all = [&](int count) {
    auto const m = as_tensor<double>(mask, count, one_channel);
    auto const in = as_tensor<double>(x, count, image);
    f.restore(exec, MaskOperator<double, Exec>{m}, as_tensor<double>(y, count, image), in, {.iterations = 2});
    f.restore(exec, BlurOperator{}, as_tensor<double>(y, count, image), in, {.iterations = 2});
    f.restore(exec, BlockMeanOperator{2}, as_tensor<double>(y, count, BlockMeanOperator{2}.measured(image)), in, {.iterations = 2});
    f.masked_drift_scores(exec, m, in, VectorRef<double, Exec>(scores.data(), static_cast<std::size_t>(count)));
    f.drift_map(exec, in, as_tensor<double>(maps, count, one_channel));
  };
  all(batch);
  ign_test::KokkosCounter const counter;
  all(batch);
  all(2);
  all(batch);
  BOOST_TEST(ign_test::KokkosCounter::counts.allocations == 0);
  for (auto const& label : ign_test::KokkosCounter::bad_labels) BOOST_ERROR("label '" << label << "' does not start with ign::");
}

BOOST_AUTO_TEST_CASE(bad_input_of_restore_is_an_error_and_leaves_x) {
  Exec const exec;
  Subspace f(2, image);
  auto const y = random_vector<double>(numbers, 1), x = random_vector<double>(numbers, 2);
  auto const before = copy(x);
  auto const in = as_tensor<double>(y, batch, image), out = as_tensor<double>(x, batch, image);
  auto const check = [&](auto const& a, Ref const& of_y, Ref const& of_x, RestoreOptions const& options, char const* id) {
    BOOST_CHECK_EXCEPTION(f.restore(exec, a, of_y, of_x, options), Error, refused(id));
  };
  check(BlurOperator{}, in, out, {.iterations = -1}, "ign.option.470");
  for (double const step : {0.0, -1.0, std::numeric_limits<double>::infinity()})
    check(BlurOperator{}, in, out, {.step = step}, "ign.option.470");
  check(BlurOperator{}, as_tensor<double>(y, batch - 1, image), out, {}, "ign.shape.470");
  check(BlurOperator{}, as_tensor<double>(y, batch, {7, 6, 2}), out, {}, "ign.shape.315");
  check(BlockMeanOperator{2}, in, out, {}, "ign.shape.470");
  check(BlockMeanOperator{0}, in, out, {}, "ign.option.471");
  check(BlurOperator{}, as_tensor<double>(y, batch, {7, 6, 2}), as_tensor<double>(x, batch, {7, 6, 2}), {}, "ign.shape.3");
  BOOST_TEST((copy(x) == before));
}

BOOST_AUTO_TEST_CASE(masked_drift_and_maps_by_hand) {
  Exec const exec;
  Shape const square = {2, 2, 1};
  Halving<double> f(square);
  auto const x = make_vector<double>(exec, "ign::test", 12), mask = make_vector<double>(exec, "ign::test", 12),
             map = make_vector<double>(exec, "ign::test", 12), scores = make_vector<double>(exec, "ign::test", 3);
  exec.fence();
  double const values[] = {2, 4, -6, 8, 1, 1, 1, 1, 5, 5, 5, 5}, known[] = {1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0};
  std::copy(values, values + 12, x.data());
  std::copy(known, known + 12, mask.data());
  auto const in = as_tensor<double>(x, 3, square), m = as_tensor<double>(mask, 3, square);
  VectorRef<double, Exec> const out(scores);
  f.masked_drift_scores(exec, m, in, out, L1{});
  check_near(scores, {2, 0.5, 0}, 0, "L1 of 1 and 3; the usual drift; no known pixel");
  f.masked_drift_scores(exec, m, in, out);
  check_near(scores, {5, 0.25, 0}, 0, "Mse");
  f.drift_map(exec, in, as_tensor<double>(map, 3, square));
  check_near(map, {1, 2, 3, 4, 0.5, 0.5, 0.5, 0.5, 2.5, 2.5, 2.5, 2.5}, 0, "map");
  Shape const two = {1, 3, 2};  // the same numbers, in pixels of two channels
  Halving<double> g(two);
  g.drift_map(exec, as_tensor<double>(x, 2, two), as_tensor<double>(map, 2, {1, 3, 1}));
  check_near(map, {1.5, 3.5, 0.5, 0.5, 2.5, 2.5}, 0, "map of two channels");
  g.masked_drift_scores(exec, as_tensor<double>(mask, 2, {1, 3, 1}), as_tensor<double>(x, 2, two),
                        VectorRef<double, Exec>(scores.data(), 2), L1{});
  check_near(scores, {1, 2.5}, 0, "two channels: pixels 1 and 3; pixels 2 and 3");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(masked_drift_and_maps_are_plain_loops, Real, Reals) {
  Exec const exec;
  for (Shape const shape : {Shape{1, 1, 1}, Shape{7, 5, 3}, Shape{33, 40, 2}}) {
    Shape const one = {shape.height, shape.width, 1};
    std::size_t const pixels = one.size(), channels = static_cast<std::size_t>(shape.channels);
    Halving<Real> f(shape);
    auto const x = random_vector<Real>(batch * shape.size(), 1), map = random_vector<Real>(batch * pixels, 2),
               mask = make_vector<Real>(exec, "ign::test", batch * pixels), scores = random_vector<Real>(batch, 3);
    make_mask<Real, Exec>(exec, {MaskKind::pixels, 0.5}, ign_test::key(4), as_tensor<Real>(mask, batch, one));
    exec.fence();
    for (std::size_t i = 0; i < pixels; ++i) mask(i) = 0;
    mask(pixels) = Real(0.5);  // not 0: known
    f.masked_drift_scores(exec, as_tensor<Real>(mask, batch, one), as_tensor<Real>(x, batch, shape), VectorRef<Real, Exec>(scores), L1{});
    f.drift_map(exec, as_tensor<Real>(x, batch, shape), as_tensor<Real>(map, batch, one), Mse{});
    exec.fence();
    double const tolerance = sizeof(Real) == 8 ? 1e-14 : 1e-6;
    for (std::size_t n = 0; n < batch; ++n) {
      double sum = 0, count = 0;
      for (std::size_t pixel = n * pixels; pixel < (n + 1) * pixels; ++pixel) {
        double square = 0;
        for (std::size_t i = pixel * channels; i < (pixel + 1) * channels; ++i) {
          double const drift = std::abs(static_cast<double>(x(i))) / 2;
          square += drift * drift / static_cast<double>(channels);
          sum += mask(pixel) != 0 ? drift : 0;
          count += mask(pixel) != 0 ? 1 : 0;
        }
        BOOST_TEST(std::abs(static_cast<double>(map(pixel)) - square) <= tolerance * std::max(1.0, square));
      }
      BOOST_TEST(std::abs(static_cast<double>(scores(n)) - (count > 0 ? sum / count : 0)) <= tolerance);
    }
  }
}

BOOST_AUTO_TEST_CASE(bad_extents_of_masks_and_maps_are_errors) {
  Exec const exec;
  Subspace f(2, image);
  auto const x = random_vector<double>(numbers, 1), other = random_vector<double>(numbers, 2), scores = random_vector<double>(batch, 3);
  auto const before = copy(scores), other_before = copy(other);
  auto const in = as_tensor<double>(x, batch, image);
  VectorRef<double, Exec> const out(scores);
  auto const check = [&](Ref const& mask, VectorRef<double, Exec> const& to, char const* id) {
    BOOST_CHECK_EXCEPTION(f.masked_drift_scores(exec, mask, in, to), Error, refused(id));
  };
  check(as_tensor<double>(other, batch, image), out, "ign.shape.316");
  check(as_tensor<double>(other, batch - 1, one_channel), out, "ign.shape.316");
  check(as_tensor<double>(other, batch, {7, 6, 1}), out, "ign.shape.316");
  check(as_tensor<double>(other, batch, one_channel), VectorRef<double, Exec>(scores.data(), batch - 1), "ign.shape.205");
  BOOST_CHECK_EXCEPTION(f.drift_map(exec, in, as_tensor<double>(other, batch, image)), Error, refused("ign.shape.471"));
  BOOST_CHECK_EXCEPTION(f.drift_map(exec, in, as_tensor<double>(other, 1, one_channel)), Error, refused("ign.shape.471"));
  BOOST_CHECK_EXCEPTION(f.drift_map(exec, as_tensor<double>(x, 2 * batch, one_channel), as_tensor<double>(other, 2 * batch, one_channel)),
                        Error, refused("ign.shape.3"));
  BOOST_TEST((copy(scores) == before && copy(other) == other_before));
}

BOOST_AUTO_TEST_SUITE_END()
