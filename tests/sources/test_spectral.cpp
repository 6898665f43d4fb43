// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/sources/source.hpp>
#include <ign/sources/spectral.hpp>
#include <ign_test/layer_check.hpp>

#include <cstring>
#include <limits>
#include <numbers>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(spectral)

namespace {

constexpr std::size_t data_count = 150;  // more than one chunk

// Images with a mean, smooth along both axes, bytes. Padded by one pixel all round.
struct Data {
  Shape image, padded;
  std::vector<std::uint8_t> bytes;
  Batches<Exec> batches;

  explicit Data(Shape padded_shape, int batch = 7)
      : image{padded_shape.height - 2, padded_shape.width - 2, padded_shape.channels},
        padded(padded_shape),
        bytes(make(image)),
        batches(Exec{}, bytes, data_count, image, {batch, 1, padded}) {}

  static std::vector<std::uint8_t> make(Shape s) {
    auto const noise = ign_test::random_vector<double>(data_count * s.size(), 1);
    std::vector<std::uint8_t> out;
    for (std::size_t n = 0; n < data_count; ++n)
      for (std::size_t i = 0; i < s.size(); ++i) {
        double const smooth = noise(n * s.size() + i) + noise(n * s.size() + (i + static_cast<std::size_t>(s.channels)) % s.size());
        out.push_back(static_cast<std::uint8_t>(std::clamp(128 + 5 * static_cast<double>(i % 9) + 25 * smooth, 0.0, 255.0)));
      }
    return out;
  }
  // All images, in order.
  template <class Real>
  Vector<Real, Exec> all() const {
    auto x = ign_test::random_vector<Real>(data_count * padded.size(), 2);
    batches.gather_range(Exec{}, 0, ign_test::as_tensor<Real>(x, data_count, padded));
    Exec{}.fence();
    return x;
  }
};

template <class Real>
Vector<Real, Exec> draw(Spectral<Real, Exec> const& source, int count, std::uint64_t step = 0) {
  Exec const exec;
  auto z = ign_test::random_vector<Real>(static_cast<std::size_t>(count) * source.image().size(), 3);
  Buffer<Real, Exec> scratch("ign::test");
  sample(exec, source, Key{ign_test::seed(), RandomStream::noise, step}, ign_test::as_tensor<Real>(z, count, source.image()), scratch);
  exec.fence();
  return z;
}

template <class Real>
std::vector<Real> bits(Vector<Real, Exec> const& v) {
  return std::vector<Real>(v.data(), v.data() + v.size());
}

// Mean and variance of the parts of a half spectrum, by frequency, of images one after the other.
struct Moments {
  std::vector<double> mean, variance;

  template <class Real>
  Moments(Shape shape, Vector<Real, Exec> const& images) {
    std::size_t const h = static_cast<std::size_t>(shape.height), w = static_cast<std::size_t>(shape.width),
                      c = static_cast<std::size_t>(shape.channels), columns = w / 2 + 1, count = images.size() / shape.size();
    std::vector<double> sum(2 * h * columns * c), square(sum.size());
    for (std::size_t n = 0; n < count; ++n)
      for (std::size_t k = 0; k < h; ++k)
        for (std::size_t l = 0; l < columns; ++l)
          for (std::size_t ch = 0; ch < c; ++ch) {
            double part[2] = {};
            for (std::size_t y = 0; y < h; ++y)
              for (std::size_t x = 0; x < w; ++x) {
                std::size_t const turn = (k * y % h * w + l * x % w * h) % (h * w);
                double const value = static_cast<double>(images(((n * h + y) * w + x) * c + ch));
                part[0] += value * cosine(turn, h * w);
                part[1] -= value * sine(turn, h * w);
              }
            for (std::size_t p = 0; p < 2; ++p) {
              std::size_t const i = ((p * h + k) * columns + l) * c + ch;
              sum[i] += part[p];
              square[i] += part[p] * part[p];
            }
          }
    for (std::size_t i = 0; i < sum.size(); ++i) {
      mean.push_back(sum[i] / static_cast<double>(count));
      variance.push_back(std::max(0.0, square[i] / static_cast<double>(count) - mean[i] * mean[i]));
    }
  }
  static double cosine(std::size_t j, std::size_t n) {
    return std::cos(2 * std::numbers::pi * static_cast<double>(j) / static_cast<double>(n));
  }
  static double sine(std::size_t j, std::size_t n) {
    return std::sin(2 * std::numbers::pi * static_cast<double>(j) / static_cast<double>(n));
  }
};

template <class Real>
void check_statistics(Shape shape, double tolerance) {
  Exec const exec;
  Data const data(shape);
  auto const source = spectral_of<Real>(exec, data.batches);
  exec.fence();
  Moments const expected(shape, data.all<double>());
  std::size_t const size = expected.mean.size();
  BOOST_TEST_REQUIRE(source.state().size() == 2 * size);
  BOOST_TEST(source.images() == data_count);
  for (std::size_t i = 0; i < size; ++i) {
    BOOST_TEST(std::abs(static_cast<double>(source.state()(i)) - expected.mean[i]) <= tolerance * static_cast<double>(shape.size()));
    BOOST_TEST(std::abs(std::pow(static_cast<double>(source.state()(size + i)), 2) - expected.variance[i]) <=
               tolerance * static_cast<double>(shape.size()));
  }
}

// Moments of the samples at every frequency: the data's mean, and the data's variance or half of it. Limits at 5.5 standard errors.
template <class Real>
void check_samples(Shape shape, bool hermitian) {
  Data const data(shape);
  auto const source = spectral_of<Real>(Exec{}, data.batches, {.hermitian = hermitian});
  Moments const expected(shape, data.all<double>());
  int const count = 8000;
  Moments const found(shape, draw(source, count));
  int const h = shape.height, w = shape.width, c = shape.channels, columns = w / 2 + 1;
  double halves = 0;
  for (int part = 0; part < 2; ++part)
    for (int k = 0; k < h; ++k)
      for (int l = 0; l < columns; ++l)
        for (int ch = 0; ch < c; ++ch) {
          bool const own = 2 * k % h == 0 && 2 * l % w == 0;
          auto const i = static_cast<std::size_t>(((part * h + k) * columns + l) * c + ch);
          double const variance = expected.variance[i] * (own || hermitian ? 1 : 0.5);
          halves += !own && !hermitian;
          double const floor = 1e-4;  // of float's rounding, where nothing varies
          BOOST_TEST_INFO(shape << " part " << part << " k " << k << " l " << l << " channel " << ch);
          BOOST_TEST(std::abs(found.mean[i] - expected.mean[i]) <= 5.5 * std::sqrt(variance / count) + floor);
          BOOST_TEST(std::abs(found.variance[i] - variance) <= 5.5 * variance * std::sqrt(2.0 / (count - 1)) + floor);
        }
  BOOST_TEST((halves > 0) == !hermitian);
}

// Σ over all independent draws of their share of the covariance of pixels p and q, by the definition: full complex spectra.
std::vector<double> defined_covariance(Spectral<double, Exec> const& source, bool hermitian) {
  int const h = source.image().height, w = source.image().width, columns = w / 2 + 1;
  std::size_t const size = source.spectrum_size();
  std::vector<double> covariance(static_cast<std::size_t>(h * w * h * w));
  for (int k = 0; k < h; ++k)
    for (int l = 0; l < w; ++l) {
      int const minus_k = (h - k) % h, minus_l = (w - l) % w;
      bool const own = k == minus_k && l == minus_l;
      if (hermitian && k * w + l > minus_k * w + minus_l) continue;  // drawn with its conjugate
      double const times = hermitian && !own ? 2 : 1;                // and so counted for both
      std::size_t const stored =
          l < columns ? static_cast<std::size_t>(k * columns + l) : static_cast<std::size_t>(minus_k * columns + minus_l);
      double const a = source.state()(size + stored), b = source.state()(size + size / 2 + stored);
      std::vector<double> real, imag;  // what a unit of each part gives at every pixel
      for (int y = 0; y < h; ++y)
        for (int x = 0; x < w; ++x) {
          double const angle = 2 * std::numbers::pi * (static_cast<double>(k * y % h) / h + static_cast<double>(l * x % w) / w);
          real.push_back(times * a * std::cos(angle) / (h * w));
          imag.push_back(-times * b * std::sin(angle) / (h * w));
        }
      for (std::size_t p = 0; p < real.size(); ++p)
        for (std::size_t q = 0; q < real.size(); ++q) covariance[p * real.size() + q] += real[p] * real[q] + imag[p] * imag[q];
    }
  return covariance;
}

void check_covariance(Shape shape, bool hermitian) {
  Exec const exec;
  Data const data(shape);
  auto const source = spectral_of<double>(exec, data.batches, {.hermitian = hermitian});
  exec.fence();
  auto const expected = defined_covariance(source, hermitian);
  // The image of each Gaussian number.
  int const count = static_cast<int>(source.spectrum_size());
  auto numbers = make_vector<double>(exec, "ign::test", static_cast<std::size_t>(count) * static_cast<std::size_t>(count));
  auto const scratch = make_vector<double>(exec, "ign::test", numbers.size());
  auto const z = make_vector<double>(exec, "ign::test", static_cast<std::size_t>(count) * shape.size());
  auto mean = bits(source.state());
  for (std::size_t i = 0; i < mean.size() / 2; ++i) mean[i] = 0;
  source.restore(mean);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) numbers(i * static_cast<std::size_t>(count) + i) = 1;
  ign::detail::shape_spectrum(exec, source, VectorRef<double, Exec>(numbers), ign_test::as_tensor<double>(z, count, shape),
                              VectorRef<double, Exec>(scratch));
  exec.fence();
  std::size_t const pixels = shape.size();
  for (std::size_t p = 0; p < pixels; ++p)
    for (std::size_t q = 0; q < pixels; ++q) {
      double sum = 0;
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) sum += z(i * pixels + p) * z(i * pixels + q);
      BOOST_TEST(std::abs(sum - expected[p * pixels + q]) <= 1e-14,
                 shape << " pixels " << p << ", " << q << ": " << sum << ", defined " << expected[p * pixels + q]);
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(statistics_are_those_of_all_padded_images) {
  for (Shape shape : {Shape{6, 5, 2}, {5, 8, 1}, {4, 4, 3}}) {
    check_statistics<double>(shape, 1e-13);
    check_statistics<float>(shape, 2e-6);
  }
}

BOOST_AUTO_TEST_CASE(samples_have_the_mean_and_the_variance_of_their_definition_at_every_frequency) {
  for (bool hermitian : {false, true}) {
    check_samples<double>({6, 5, 2}, hermitian);
    check_samples<float>({4, 6, 1}, hermitian);
  }
}

BOOST_AUTO_TEST_CASE(covariances_of_all_pixels_are_those_of_the_definition) {
  for (bool hermitian : {false, true})
    for (Shape shape : {Shape{4, 6, 1}, {5, 4, 1}, {6, 5, 1}, {3, 3, 1}}) check_covariance(shape, hermitian);
}

BOOST_AUTO_TEST_CASE(without_deviation_a_sample_is_the_mean_image) {
  Exec const exec;
  for (Shape shape : {Shape{6, 5, 2}, {8, 8, 1}}) {
    Data const data(shape);
    auto const source = spectral_of<float>(exec, data.batches);
    exec.fence();
    auto numbers = bits(source.state());
    std::fill(numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2), numbers.end(), 0.0f);
    source.restore(numbers);
    auto const z = draw(source, 2);
    auto const x = data.all<double>();
    for (std::size_t i = 0; i < shape.size(); ++i) {
      double mean = 0;
      for (std::size_t n = 0; n < data_count; ++n) mean += x(n * shape.size() + i) / data_count;
      BOOST_TEST(std::abs(static_cast<double>(z(i)) - mean) <= 1e-6);
      BOOST_TEST(z(i) == z(shape.size() + i));
    }
  }
}

BOOST_AUTO_TEST_CASE(bitwise_identical_for_every_number_of_threads_and_cut_into_batches) {
  Data const data({9, 8, 3});
  auto const all = spectral_of<float>(Exec{}, data.batches);
  auto const one = spectral_of<float>(ign_test::one_thread(), data.batches);
  Spectral<float, Exec> const single(Exec{}, data.padded);
  Buffer<float, Exec> scratch("ign::test");
  auto const x = data.all<float>();
  single.reset(Exec{});
  for (int n = 0; n < static_cast<int>(data_count); ++n)
    single.add(Exec{}, batch_range(ign_test::as_tensor<float>(x, data_count, data.padded), n, 1), scratch);
  single.finish(Exec{});
  Exec{}.fence();
  BOOST_TEST(bits(all.state()) == bits(one.state()));
  BOOST_TEST(bits(all.state()) == bits(single.state()));
  BOOST_TEST(bits(draw(all, 5)) == bits(draw(one, 5)));
}

BOOST_AUTO_TEST_CASE(the_first_samples_do_not_depend_on_how_many_follow_and_steps_differ) {
  Data const data({8, 9, 2});
  auto const source = spectral_of<float>(Exec{}, data.batches, {.hermitian = true});
  auto const few = draw(source, 3), many = draw(source, 11), other = draw(source, 3, 1);
  BOOST_TEST(std::memcmp(few.data(), many.data(), few.size() * sizeof(float)) == 0);
  BOOST_TEST(bits(few) != bits(other));
}

BOOST_AUTO_TEST_CASE(images_that_are_all_the_same_do_not_vary) {
  Exec const exec;
  std::vector<std::uint8_t> bytes;
  for (std::size_t n = 0; n < 40; ++n)
    for (std::size_t i = 0; i < 30; ++i) bytes.push_back(static_cast<std::uint8_t>(i * i));
  auto const source = spectral_of<float>(exec, Batches<Exec>(exec, bytes, 40, {5, 6, 1}, {1}));
  exec.fence();
  std::size_t const size = source.state().size() / 2;
  for (std::size_t i = 0; i < size; ++i) BOOST_TEST(source.state()(size + i) == 0);
}

BOOST_AUTO_TEST_CASE(per_batch_a_step_uses_the_statistics_of_its_own_batch) {
  Exec const exec;
  Data const data({6, 6, 1}, 16);
  auto const x = ign_test::random_vector<float>(16 * 36, 1);
  auto const ref = ign_test::as_tensor<float>(x, 16, data.padded);
  Buffer<float, Exec> scratch("ign::test");
  auto const whole = spectral_of<float>(exec, data.batches);
  exec.fence();
  auto const before = bits(whole.state());
  observe(exec, whole, ref, scratch);
  exec.fence();
  BOOST_TEST(bits(whole.state()) == before);
  Spectral<float, Exec> const source(exec, data.padded, {.per_batch = true});
  auto const copy = source;  // shares the statistics
  for (std::uint64_t step = 0; step < 2; ++step) {
    data.batches.gather(exec, step, ref);
    observe(exec, source, ref, scratch);
    exec.fence();
    Moments const expected(data.padded, x);
    for (std::size_t i = 0; i < expected.mean.size(); ++i) {
      BOOST_TEST(std::abs(static_cast<double>(copy.state()(i)) - expected.mean[i]) <= 1e-4);
      BOOST_TEST(std::abs(std::pow(static_cast<double>(copy.state()(expected.mean.size() + i)), 2) - expected.variance[i]) <= 1e-4);
    }
    BOOST_TEST(copy.images() == 16u);
  }
}

BOOST_AUTO_TEST_CASE(names_go_both_ways) {
  for (bool hermitian : {false, true})
    for (bool per_batch : {false, true}) {
      SpectralOptions const options = {hermitian, per_batch};
      BOOST_TEST((spectral_options(name(options)) == options));
    }
  BOOST_TEST(name(SpectralOptions{true, true}) == "spectral-hermitian-batch");
  BOOST_TEST(!spectral_options("gaussian"));
  BOOST_TEST(source::name_of(Gaussian{}) == "gaussian");
  BOOST_TEST(source::name_of(Spectral<float, Exec>(Exec{}, {2, 2, 1}, {.hermitian = true})) == "spectral-hermitian");
}

BOOST_AUTO_TEST_CASE(recipes_say_which_noise_was_published) {
  auto const net = sequential();
  BOOST_TEST((paper_b_recipe(net, {}).spectral == SpectralOptions{}));
  BOOST_TEST((kth_celeba_recipe(net, {}).spectral == SpectralOptions{.per_batch = true}));
  BOOST_TEST(!paper_a_recipe(net, {}).spectral);
  auto const recipe = paper_b_recipe(net, {4, 4, 1});
  auto const with = with_source(recipe, Spectral<float, Exec>(Exec{}, {4, 4, 1}));
  BOOST_TEST(with.name == recipe.name);
  BOOST_TEST((with.objective.tightness == recipe.objective.tightness));
  BOOST_TEST(with.objective.smoothing.a == recipe.objective.smoothing.a);
  BOOST_TEST((with.objective.source.image() == Shape{4, 4, 1}));
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused_and_changes_nothing) {
  Exec const exec;
  Spectral<float, Exec> const source(exec, {4, 4, 1});
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  BOOST_CHECK_EXCEPTION(draw(source, 1), Error, id("ign.state.250"));
  Data const data({5, 5, 1});
  BOOST_CHECK_EXCEPTION(gather_statistics(exec, source, data.batches), Error, id("ign.shape.250"));
  std::vector<float> numbers(source.state().size(), 1.0f);
  BOOST_CHECK_EXCEPTION(source.restore(std::vector<float>(3)), Error, id("ign.shape.252"));
  numbers.back() = -1;
  BOOST_CHECK_EXCEPTION(source.restore(numbers), Error, id("ign.format.250"));
  numbers.back() = 1;
  numbers[0] = std::numeric_limits<float>::infinity();
  BOOST_CHECK_EXCEPTION(source.restore(numbers), Error, id("ign.format.250"));
  BOOST_TEST(source.images() == 0u);
  BOOST_TEST(!source.ready());
  BOOST_CHECK_EXCEPTION(source.finish(exec), Error, id("ign.state.250"));
  for (std::size_t i = 0; i < source.state().size(); ++i) BOOST_TEST(source.state()(i) == 0);
  numbers[0] = -1;
  source.restore(numbers);
  BOOST_CHECK_NO_THROW(draw(source, 1));
  auto const x = ign_test::random_vector<float>(25, 1);
  Buffer<float, Exec> scratch("ign::test");
  BOOST_CHECK_EXCEPTION(sample(exec, source, Key{}, ign_test::as_tensor<float>(x, 1, {5, 5, 1}), scratch), Error, id("ign.shape.250"));
  BOOST_CHECK_EXCEPTION(source.add(exec, ign_test::as_tensor<float>(x, 1, {5, 5, 1}), scratch), Error, id("ign.shape.250"));
}

BOOST_AUTO_TEST_SUITE_END()
