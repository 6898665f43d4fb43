// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/math/dft.hpp>
#include <ign_test/layer_check.hpp>

#include <complex>
#include <numbers>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(dft)

namespace {

Shape const shapes_tried[] = {{1, 1, 1}, {1, 2, 1}, {2, 1, 3},  {4, 6, 2},   {5, 7, 1},
                              {7, 4, 3}, {6, 5, 1}, {3, 35, 1}, {32, 32, 1}, {28, 28, 1}};

// One batch with everything a transform needs.
template <class Real>
struct Images {
  Exec exec{};
  math::Dft<Real, Exec> plan;
  int batch = 2;
  Vector<Real, Exec> x, spectra, scratch, back;

  explicit Images(Shape shape, Exec const& e = {}) : exec(e), plan(exec, shape) {
    x = ign_test::random_vector<Real>(2 * shape.size(), 1);
    spectra = ign_test::random_vector<Real>(2 * plan.spectrum_size(), 2);
    scratch = ign_test::random_vector<Real>(spectra.size(), 3, 1e6);
    back = ign_test::random_vector<Real>(x.size(), 4);
  }
  TensorRef<Real, Exec> tensor(Vector<Real, Exec> const& v) const { return ign_test::as_tensor<Real>(v, batch, plan.image()); }
  void forward() const {
    math::dft(exec, plan, tensor(x), VectorRef<Real, Exec>(spectra), VectorRef<Real, Exec>(scratch));
    exec.fence();
  }
  void inverse() const {
    math::inverse_dft(exec, plan, VectorRef<Real, Exec>(spectra), tensor(back), VectorRef<Real, Exec>(scratch));
    exec.fence();
  }
  std::complex<double> at(int n, int k, int l, int c) const {
    auto const part = plan.spectrum_size() / 2;
    auto const i =
        static_cast<std::size_t>(n) * 2 * part +
        (static_cast<std::size_t>(k) * plan.columns() + static_cast<std::size_t>(l)) * static_cast<std::size_t>(plan.image().channels) +
        static_cast<std::size_t>(c);
    return {static_cast<double>(spectra(i)), static_cast<double>(spectra(i + part))};
  }
};

// A turn by the definition.
std::complex<double> turn(double part) { return std::polar(1.0, 2 * std::numbers::pi * part); }

template <class Real>
void check_against_sums(Shape shape, double tolerance) {
  Images<Real> const images(shape);
  images.forward();
  auto const x = images.tensor(images.x);
  int const h = shape.height, w = shape.width;
  double error = 0, parseval = 0, energy = 0;
  for (int n = 0; n < images.batch; ++n)
    for (int c = 0; c < shape.channels; ++c)
      for (int k = 0; k < h; ++k)
        for (int l = 0; l < static_cast<int>(images.plan.columns()); ++l) {
          std::complex<double> sum = 0;
          for (int i = 0; i < h; ++i)
            for (int j = 0; j < w; ++j)
              sum += static_cast<double>(x(n, i, j, c)) * turn(-static_cast<double>(k * i % h) / h - static_cast<double>(l * j % w) / w);
          error = std::max(error, std::abs(images.at(n, k, l, c) - sum));
          parseval += (images.plan.own_conjugate(static_cast<std::size_t>(l)) ? 1 : 2) * std::norm(images.at(n, k, l, c)) / (h * w);
        }
  for (std::size_t i = 0; i < images.x.size(); ++i) energy += std::pow(static_cast<double>(images.x(i)), 2);
  double const root = std::sqrt(static_cast<double>(h * w));
  BOOST_TEST(error <= tolerance * root, shape << ": error " << error);
  BOOST_TEST(std::abs(parseval - energy) <= tolerance * energy * root, shape << ": " << parseval << " of the spectrum, " << energy);
  images.inverse();
  double off = 0;
  for (std::size_t i = 0; i < images.x.size(); ++i) off = std::max(off, static_cast<double>(std::abs(images.back(i) - images.x(i))));
  BOOST_TEST(off <= tolerance * root, shape << ": round trip " << off);
}

// The real part of the inverse by the definition, of a spectrum that is not Hermitian in the columns that are their own conjugates.
void check_inverse(Shape shape) {
  Images<double> const images(shape);
  images.inverse();
  auto const found = images.tensor(images.back);
  int const h = shape.height, w = shape.width, columns = static_cast<int>(images.plan.columns());
  for (int n = 0; n < images.batch; ++n)
    for (int c = 0; c < shape.channels; ++c)
      for (int i = 0; i < h; ++i)
        for (int j = 0; j < w; ++j) {
          std::complex<double> sum = 0;
          for (int k = 0; k < h; ++k)
            for (int l = 0; l < w; ++l) {
              auto const value = l < columns ? images.at(n, k, l, c) : std::conj(images.at(n, (h - k) % h, w - l, c));
              sum += value * turn(static_cast<double>(k * i % h) / h + static_cast<double>(l * j % w) / w);
            }
          BOOST_TEST(std::abs(found(n, i, j, c) - sum.real() / (h * w)) <= 1e-13);
        }
}

}  // namespace

BOOST_AUTO_TEST_CASE(turns_are_cosines_and_sines_and_exact_where_they_can_be) {
  for (std::size_t n = 1; n <= 40; ++n)
    for (std::size_t j = 0; j <= 3 * n; ++j) {
      double const angle = 2 * std::numbers::pi * static_cast<double>(j % n) / static_cast<double>(n);
      BOOST_TEST(std::abs(math::cos_turn(j, n) - std::cos(angle)) <= 2e-15);
      BOOST_TEST(std::abs(math::sin_turn(j, n) - std::sin(angle)) <= 2e-15);
      if (2 * j % n == 0) BOOST_TEST(math::sin_turn(j, n) == 0);
      if (4 * j % n == 0 && 2 * j % n != 0) BOOST_TEST(math::cos_turn(j, n) == 0);
    }
}

BOOST_AUTO_TEST_CASE(sums_of_the_definition_parseval_and_the_way_back) {
  for (Shape shape : shapes_tried) {
    check_against_sums<double>(shape, 1e-13);
    check_against_sums<float>(shape, 3e-6);
  }
}

BOOST_AUTO_TEST_CASE(inverse_takes_the_real_part) {
  for (Shape shape : {Shape{1, 1, 1}, {4, 6, 2}, {5, 7, 1}, {7, 4, 3}, {6, 5, 1}, {2, 2, 2}}) check_inverse(shape);
}

BOOST_AUTO_TEST_CASE(a_sample_is_bitwise_identical_with_one_thread_and_in_any_batch) {
  Shape const shape = {28, 28, 3};
  Images<float> const all(shape);
  BOOST_TEST_REQUIRE(ign_test::as_parallel_as_can_be(all.exec));
  Images<float> one(shape, ign_test::one_thread());
  all.forward();
  all.inverse();
  one.forward();
  for (std::size_t i = 0; i < all.spectra.size(); ++i) BOOST_TEST_REQUIRE(all.spectra(i) == one.spectra(i));
  one.inverse();
  for (std::size_t i = 0; i < all.back.size(); ++i) BOOST_TEST_REQUIRE(all.back(i) == one.back(i));
  // The second image alone.
  auto const size = all.plan.spectrum_size();
  math::dft(one.exec, one.plan, batch_range(one.tensor(one.x), 1, 1), VectorRef<float, Exec>(one.spectra.data(), size),
            VectorRef<float, Exec>(one.scratch.data(), size));
  one.exec.fence();
  for (std::size_t i = 0; i < size; ++i) BOOST_TEST_REQUIRE(all.spectra(size + i) == one.spectra(i));
}

BOOST_AUTO_TEST_CASE(other_extents_are_refused) {
  Images<float> const images({4, 4, 1});
  auto const call = [&](int batch, Shape shape, std::size_t spectra, std::size_t scratch) {
    return [&images, batch, shape, spectra, scratch] {
      math::dft(images.exec, images.plan, ign_test::as_tensor<float>(images.x, batch, shape),
                VectorRef<float, Exec>(images.spectra.data(), spectra), VectorRef<float, Exec>(images.scratch.data(), scratch));
    };
  };
  auto const id = [](Error const& e) { return e.id() == "ign.shape.251"; };
  auto const size = images.plan.spectrum_size();
  BOOST_CHECK_EXCEPTION(call(1, {4, 2, 1}, size, size)(), Error, id);
  BOOST_CHECK_EXCEPTION(call(1, {4, 4, 1}, 2 * size, size)(), Error, id);
  BOOST_CHECK_EXCEPTION(call(1, {4, 4, 1}, size, size - 1)(), Error, id);
  BOOST_CHECK_NO_THROW(call(1, {4, 4, 1}, size, size)());
}

BOOST_AUTO_TEST_SUITE_END()
