// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <ign/io/safetensors.hpp>
#include <ign/metrics/sliced_wasserstein.hpp>
#include <ign_test/features.hpp>
#include <ign_test/golden.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::check_refused;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(sliced_wasserstein)

namespace {

using metrics::SlicedWassersteinOptions;
using Images = std::vector<std::vector<double>>;  // one vector per image, (h, w, c)

int reflected(int i, int size) { return i < 0 ? -i : i >= size ? 2 * size - 2 - i : i; }

// The binomial filter at any place of a function that is known within [0, height) x [0, width).
template <class Pixel>
double naive_filter(int y, int x, Shape shape, Pixel const& pixel) {
  double const taps[] = {1, 4, 6, 4, 1};
  double sum = 0;
  for (int dy = -2; dy <= 2; ++dy)
    for (int dx = -2; dx <= 2; ++dx)
      sum += taps[dy + 2] * taps[dx + 2] / 256 * pixel(reflected(y + dy, shape.height), reflected(x + dx, shape.width));
  return sum;
}

std::size_t place(Shape shape, int y, int x, int c) { return (static_cast<std::size_t>(y) * shape.width + x) * shape.channels + c; }

// The next lower resolution.
std::vector<double> naive_half(std::vector<double> const& image, Shape shape, Shape half) {
  std::vector<double> result(half.size());
  for (int y = 0; y < half.height; ++y)
    for (int x = 0; x < half.width; ++x)
      for (int c = 0; c < half.channels; ++c)
        result[place(half, y, x, c)] = naive_filter(2 * y, 2 * x, shape, [&](int v, int u) { return image[place(shape, v, u, c)]; });
  return result;
}

void naive_subtract(std::vector<double>& image, Shape shape, std::vector<double> const& coarse, Shape half) {
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c)
        image[place(shape, y, x, c)] -=
            4 * naive_filter(y, x, shape, [&](int v, int u) { return v % 2 + u % 2 > 0 ? 0 : coarse[place(half, v / 2, u / 2, c)]; });
}

// Sorted projections of all patches of one level onto one direction.
std::vector<double> naive_projections(Images const& images, Shape shape, int level, SlicedWassersteinOptions const& o,
                                      std::vector<double> const& direction) {
  int const size = o.patch * o.patch * shape.channels;
  std::vector<std::vector<double>> patches;
  for (std::size_t n = 0; n < images.size(); ++n)
    for (int k = 0; k < o.patches; ++k) {
      Key const key{o.seed, RandomStream::user, static_cast<std::uint64_t>(2 * level), static_cast<std::uint32_t>(n)};
      auto const words = random::bits(key, static_cast<std::uint32_t>(k));
      auto const top = static_cast<int>(std::ldexp(words[0], -32) * (shape.height - o.patch + 1));
      auto const left = static_cast<int>(std::ldexp(words[1], -32) * (shape.width - o.patch + 1));
      patches.emplace_back();
      for (int i = 0; i < size; ++i)
        patches.back().push_back(
            images[n][place(shape, top + i / shape.channels / o.patch, left + i / shape.channels % o.patch, i % shape.channels)]);
    }
  std::vector<double> sums(patches.size(), 0);
  for (int c = 0; c < shape.channels; ++c) {
    double mean = 0, square = 0;
    double const count = static_cast<double>(patches.size()) * o.patch * o.patch;
    for (auto const& patch : patches)
      for (int i = c; i < size; i += shape.channels) mean += patch[static_cast<std::size_t>(i)] / count;
    for (auto const& patch : patches)
      for (int i = c; i < size; i += shape.channels) square += std::pow(patch[static_cast<std::size_t>(i)] - mean, 2) / count;
    for (std::size_t p = 0; p < patches.size(); ++p)
      for (int i = c; i < size; i += shape.channels) {
        auto const k = static_cast<std::size_t>(i);
        sums[p] += (patches[p][k] - mean) / std::sqrt(square) * direction[k];
      }
  }
  std::sort(sums.begin(), sums.end());
  return sums;
}

// Distances by level.
std::vector<double> naive_distances(Images a, Images b, Shape shape, SlicedWassersteinOptions const& o) {
  std::vector<double> distances;
  for (int level = 0;; ++level) {
    Shape const half = {(shape.height + 1) / 2, (shape.width + 1) / 2, shape.channels};
    bool const last = half.height < o.lowest || half.width < o.lowest;
    Images lower_a, lower_b;
    for (auto [images, lower] : {std::pair(&a, &lower_a), std::pair(&b, &lower_b)})
      for (auto& image : *images)
        if (!last) naive_subtract(image, shape, lower->emplace_back(naive_half(image, shape, half)), half);
    auto const size = static_cast<std::size_t>(o.patch * o.patch * shape.channels);
    auto const numbers = make_vector<double>(Exec(), "ign::test", size * static_cast<std::size_t>(o.directions));
    fill_gaussian(Exec(), Key{o.seed, RandomStream::user, static_cast<std::uint64_t>(2 * level + 1)}, 1, VectorRef<double, Exec>(numbers));
    Exec().fence();
    double sum = 0;
    for (int j = 0; j < o.directions; ++j) {
      std::vector<double> direction(numbers.data() + size * static_cast<std::size_t>(j),
                                    numbers.data() + size * static_cast<std::size_t>(j + 1));
      double squares = 0;
      for (double const x : direction) squares += x * x;
      for (double& x : direction) x /= std::sqrt(squares);
      auto const u = naive_projections(a, shape, level, o, direction), v = naive_projections(b, shape, level, o, direction);
      for (std::size_t i = 0; i < u.size(); ++i) sum += std::abs(u[i] - v[i]) / static_cast<double>(u.size());
    }
    distances.push_back(1000 * sum / o.directions);
    if (last) return distances;
    shape = half;
    a = lower_a;
    b = lower_b;
  }
}

// Noise of `deviation` on gratings, whose frequency and phase differ by image.
template <class Real>
Vector<Real, Exec> gratings(int count, Shape shape, std::uint32_t substream, double deviation = 0.1) {
  auto const images = random_vector<Real>(static_cast<std::size_t>(count) * shape.size(), substream, deviation);
  auto const form = random_vector<Real>(3 * static_cast<std::size_t>(count), substream + 100);
  for (std::size_t i = 0; i < images.size(); ++i) {
    auto const n = i / shape.size(), y = i % shape.size() / shape.channels / shape.width, x = i / shape.channels % shape.width;
    images(i) += std::cos(form(3 * n) * static_cast<Real>(y) / 2 + form(3 * n + 1) * static_cast<Real>(x) / 2 + 3 * form(3 * n + 2));
  }
  return images;
}

template <class Real>
Images to_images(Vector<Real, Exec> const& images, Shape shape) {
  Images result(images.size() / shape.size());
  for (std::size_t i = 0; i < images.size(); ++i) result[i / shape.size()].push_back(static_cast<double>(images(i)));
  return result;
}

template <class Real>
metrics::SlicedWasserstein distance(Exec const& exec, Vector<Real, Exec> const& a, Vector<Real, Exec> const& b, Shape shape,
                                    SlicedWassersteinOptions const& options) {
  auto const tensor = [&](auto const& v) { return as_tensor<Real>(v, static_cast<int>(v.size() / shape.size()), shape); };
  return metrics::sliced_wasserstein(exec, tensor(a), tensor(b), options);
}

template <class Real>
void check_definition(int count, Shape shape, SlicedWassersteinOptions const& options, std::vector<Shape> const& levels) {
  auto const a = gratings<Real>(count, shape, 1), b = gratings<Real>(count, shape, 2, 0.3);
  auto const found = distance<Real>(Exec(), a, b, shape, options);
  auto const expected = naive_distances(to_images<Real>(a, shape), to_images<Real>(b, shape), shape, options);
  BOOST_REQUIRE(found.levels.size() == levels.size());
  BOOST_REQUIRE(expected.size() == levels.size());
  double mean = 0;
  for (std::size_t l = 0; l < levels.size(); ++l) {
    BOOST_TEST(found.levels[l].height == levels[l].height);
    BOOST_TEST(found.levels[l].width == levels[l].width);
    BOOST_TEST(expected[l] > 1);
    BOOST_TEST(found.levels[l].distance == expected[l], boost::test_tools::tolerance(sizeof(Real) == 8 ? 1e-10 : 1e-4));
    mean += expected[l] / static_cast<double>(levels.size());
  }
  BOOST_TEST(found.mean == mean, boost::test_tools::tolerance(sizeof(Real) == 8 ? 1e-10 : 1e-4));
}

SlicedWassersteinOptions const quick = {.patches = 32, .directions = 64};

}  // namespace

BOOST_AUTO_TEST_CASE(is_what_plain_loops_compute) {
  SlicedWassersteinOptions const small = {.lowest = 4, .patch = 3, .patches = 11, .directions = 37, .seed = 5};
  check_definition<double>(3, {16, 16, 1}, small, {{16, 16, 1}, {8, 8, 1}, {4, 4, 1}});
  check_definition<double>(4, {13, 18, 3}, small, {{13, 18, 3}, {7, 9, 3}, {4, 5, 3}});  // no powers of two
  check_definition<double>(1, {7, 30, 2}, small, {{7, 30, 2}, {4, 15, 2}});
  check_definition<float>(2, {17, 9, 3}, small, {{17, 9, 3}, {9, 5, 3}});
  check_definition<double>(2, {5, 5, 1}, {.lowest = 2, .patch = 1, .patches = 700, .directions = 32}, {{5, 5, 1}, {3, 3, 1}, {2, 2, 1}});
  check_definition<float>(2, {20, 19, 1}, {.patches = 600, .directions = 3}, {{20, 19, 1}});
}

BOOST_AUTO_TEST_CASE(is_what_numpy_computes) {
  auto const file = io::read_safetensors(ign_test::golden_dir() / "sliced_wasserstein.safetensors");
  Shape const shape = {34, 33, 2};
  auto const check = [&]<class Real>(Real, char const* name, SlicedWassersteinOptions const& options, double tolerance) {
    auto const images = [&](char const* of) {
      auto const numbers = file.values<float>(of);
      auto const copy = make_vector<Real>(Exec(), "ign::test", numbers.size());
      for (std::size_t i = 0; i < numbers.size(); ++i) copy(i) = static_cast<Real>(numbers[i]);
      return copy;
    };
    auto const found = distance<Real>(Exec(), images("a"), images("b"), shape, options).levels;
    auto const expected = file.values<double>(name);
    BOOST_REQUIRE(found.size() == expected.size());
    for (std::size_t l = 0; l < found.size(); ++l) BOOST_TEST(found[l].distance == expected[l], boost::test_tools::tolerance(tolerance));
  };
  SlicedWassersteinOptions const small = {.lowest = 8, .patch = 4, .patches = 30, .directions = 50};
  check(double{}, "paper", {}, 1e-6);  // the library's cosines and logarithms are those of float
  check(double{}, "small", small, 1e-6);
  check(float{}, "paper", {}, 1e-4);
  check(float{}, "small", small, 1e-4);
}

BOOST_AUTO_TEST_CASE(grows_with_the_difference) {
  Exec const exec;
  Shape const shape = {32, 32, 1};
  auto const a = gratings<float>(60, shape, 1), other = gratings<float>(60, shape, 2);
  BOOST_TEST(distance<float>(exec, a, a, shape, quick).mean == 0);
  auto const real = distance<float>(exec, a, other, shape, quick);
  auto const swapped = distance<float>(exec, other, a, shape, quick);
  for (std::size_t l = 0; l < 2; ++l) BOOST_TEST(real.levels[l].distance == swapped.levels[l].distance);
  BOOST_TEST(real.mean > 0);

  auto const few = gratings<float>(6, shape, 3), few_others = gratings<float>(6, shape, 4);
  BOOST_TEST(distance<float>(exec, few, few_others, shape, quick).mean > 1.5 * real.mean);

  // Noise first shows at the full resolution.
  auto last = real;
  for (double const noise : {0.2, 0.4, 0.8}) {
    auto const noisy = gratings<float>(60, shape, 2, noise);
    auto const found = distance<float>(exec, a, noisy, shape, quick);
    BOOST_TEST(found.levels[0].distance > 1.05 * last.levels[0].distance);
    last = found;
  }
  BOOST_TEST(last.levels[0].distance > 2 * last.levels[1].distance);

  last = real;
  auto const blurred = make_vector<float>(exec, "ign::test", other.size());
  Kokkos::deep_copy(blurred, other);
  for (int times = 1; times <= 3; ++times) {  // each time the mean of two neighbours
    for (std::size_t i = 0; i + 1 < blurred.size(); ++i) blurred(i) = (blurred(i) + blurred(i + 1)) / 2;
    auto const found = distance<float>(exec, a, blurred, shape, quick);
    BOOST_TEST(found.levels[0].distance > last.levels[0].distance);
    last = found;
  }
}

BOOST_AUTO_TEST_CASE(does_not_depend_on_the_number_of_threads, *boost::unit_test::precondition(ign_test::runs_on_host_threads)) {
  Shape const shape = {33, 32, 3};
  auto const a = gratings<float>(9, shape, 1), b = gratings<float>(9, shape, 2);
  BOOST_TEST(ign_test::as_parallel_as_can_be(Exec()));
  auto const parallel = distance<float>(Exec(), a, b, shape, quick), serial = distance<float>(ign_test::one_thread(), a, b, shape, quick);
  for (std::size_t l = 0; l < 2; ++l) BOOST_TEST(parallel.levels[l].distance == serial.levels[l].distance);
  auto other = quick;
  other.seed = 2;
  BOOST_TEST(distance<float>(Exec(), a, b, shape, other).mean != parallel.mean);
}

BOOST_AUTO_TEST_CASE(constant_channels_are_no_difference) {
  Exec const exec;
  Shape const shape = {32, 32, 2};
  auto const a = gratings<float>(4, shape, 1), b = gratings<float>(4, shape, 1);
  for (std::size_t i = 0; i < a.size(); i += 2) a(i) = 0.1f, b(i) = -0.7f;  // rounding makes its Laplacian not quite 0
  BOOST_TEST(distance<float>(exec, a, b, shape, quick).mean == 0);
  Kokkos::deep_copy(a, 0.3f);
  BOOST_TEST(distance<float>(exec, a, a, shape, quick).mean == 0);
  auto const collapsed = distance<float>(exec, a, b, shape, quick);
  for (auto const& level : collapsed.levels) BOOST_TEST((level.distance > 100 && level.distance < 2000));
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused) {
  Exec const exec;
  Shape const shape = {16, 20, 1};
  auto const a = gratings<float>(3, shape, 1), fewer = gratings<float>(2, shape, 1), none = gratings<float>(0, shape, 1);
  check_refused([&] { distance<float>(exec, a, fewer, shape, quick); }, "ign.shape.580");
  check_refused([&] { distance<float>(exec, none, none, shape, quick); }, "ign.shape.580");
  check_refused(
      [&] {
        metrics::sliced_wasserstein(exec, as_tensor<float>(a, 3, shape), as_tensor<float>(a, 3, {20, 16, 1}));
      },
      "ign.shape.580");
  check_refused([&] { distance<float>(exec, a, a, {15, 64, 1}, quick); }, "ign.shape.581");
  for (auto const& options :
       {SlicedWassersteinOptions{.lowest = 6}, SlicedWassersteinOptions{.lowest = 1, .patch = 1}, SlicedWassersteinOptions{.patch = 0},
        SlicedWassersteinOptions{.patches = 0}, SlicedWassersteinOptions{.directions = 0}, SlicedWassersteinOptions{.patch = 17}})
    check_refused([&] { distance<float>(exec, a, a, shape, options); }, "ign.option.580");
  auto const broken = gratings<float>(3, shape, 1);
  broken(7) = std::numeric_limits<float>::infinity();
  check_refused([&] { distance<float>(exec, a, broken, shape, quick); }, "ign.numeric.200");
  check_refused([&] { distance<float>(exec, broken, a, shape, quick); }, "ign.numeric.200");
}

BOOST_AUTO_TEST_SUITE_END()
