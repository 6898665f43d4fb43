// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Corruptions against plain loops in double, values from PyTorch, and bitwise identity for any number of threads.

#include <boost/test/unit_test.hpp>

#include <ign/corruptions/filters.hpp>
#include <ign/corruptions/masks.hpp>
#include <ign/corruptions/noise.hpp>
#include <ign_test/filter_definitions.hpp>
#include <ign_test/layer_check.hpp>

#include <cmath>
#include <functional>

using namespace ign;
using ign_test::blurred;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(corruptions)

namespace {

template <class Real>
using Ref = TensorRef<Real, Exec>;

template <class Real>
struct Batch {
  Vector<Real, Exec> numbers;
  Ref<Real> x;
  Batch(int count, Shape shape, std::uint32_t substream)
      : numbers(ign_test::random_vector<Real>(static_cast<std::size_t>(count) * shape.size(), substream, 0.4)),
        x(ign_test::as_tensor<Real>(numbers, count, shape)) {}
  std::vector<Real> values() const { return {numbers.data(), numbers.data() + numbers.size()}; }
};

constexpr Shape shapes[] = {{1, 1, 1}, {7, 5, 3}, {13, 15, 2}, {24, 3, 1}};

// The largest difference between y and f(n, row, column, channel).
template <class Real>
double difference(Ref<Real> const& y, std::function<double(int, int, int, int)> const& f) {
  double worst = 0;
  for (int n = 0; n < batch_of(y); ++n)
    for (int i = 0; i < shape_of(y).height; ++i)
      for (int j = 0; j < shape_of(y).width; ++j)
        for (int c = 0; c < shape_of(y).channels; ++c)
          worst = std::max(worst, std::abs(static_cast<double>(y(n, i, j, c)) - f(n, i, j, c)));
  return worst;
}

template <class Real>
constexpr double tolerance = std::is_same_v<Real, float> ? 2e-6 : 1e-13;

template <class Real>
void check_filters() {
  Exec const exec;
  Buffer<Real, Exec> scratch("ign::test::scratch");
  for (auto const& shape : shapes) {
    auto const [h, w, channels] = shape;
    Batch<Real> const in(3, shape, 1), out(3, shape, 2);
    Ref<Real> const x = in.x, y = out.x;
    auto const value = [&](int n, int i, int j, int c) { return static_cast<double>(x(n, i, j, c)); };
    auto const mean = [&, k = channels](int n, int i, int j) {
      double sum = 0;
      for (int c = 0; c < k; ++c) sum += value(n, i, j, c) / k;
      return sum;
    };
    grey(exec, x, y);
    BOOST_TEST(difference<Real>(y, [&](int n, int i, int j, int) { return mean(n, i, j); }) < tolerance<Real>);

    for (auto const& window : {GaussianWindow{}, GaussianWindow{1, 2}, GaussianWindow{5, 0.8}, GaussianWindow{63, 9}}) {
      gaussian_blur(exec, window, x, scratch, y);
      BOOST_TEST(difference<Real>(y, [&, h = h, w = w](int n, int i, int j, int c) {
                   return blurred(window, h, w, i, j, [&](int a, int b) { return value(n, a, b, c); });
                 }) < tolerance<Real>);
    }

    for (std::size_t k = 0; k < in.numbers.size(); ++k) in.numbers(k) = std::max(Real(-1), std::min(Real(1), in.numbers(k)));
    sketch(exec, x, scratch, y);
    BOOST_TEST(difference<Real>(y, [&, h = h, w = w](int n, int i, int j, int) {
                 double const blur = blurred({}, h, w, i, j, [&](int a, int b) { return mean(n, a, b) + 1; });
                 return (mean(n, i, j) + 1) / (blur + 1e-10) - 1;
               }) < 10 * tolerance<Real>);

    for (int factor : {1, 2, 3, 4, 9}) {
      auto const image = [&](int n, int c) { return [&, n, c](int i, int j) { return value(n, i, j, c); }; };
      low_resolution(exec, factor, Upscaling::nearest, x, y);
      BOOST_TEST(difference<Real>(y, [&, h = h, w = w](int n, int i, int j, int c) {
                   return ign_test::block_mean(factor, h, w, i / factor, j / factor, image(n, c));
                 }) < tolerance<Real>);
      low_resolution(exec, factor, Upscaling::bilinear, x, y);
      BOOST_TEST(difference<Real>(y, [&, h = h, w = w](int n, int i, int j, int c) {
                   return ign_test::bilinear(factor, h, w, i, j, image(n, c));
                 }) < tolerance<Real>);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(filters_are_their_definitions) {
  check_filters<double>();
  check_filters<float>();
}

// s and the blur of x with reflection padding and a 2-D convolution, PyTorch 2.14, double.
BOOST_AUTO_TEST_CASE(sketch_and_blur_have_pytorchs_values) {
  Exec const exec;
  Batch<double> const in(2, {13, 15, 3}, 1), out(2, {13, 15, 3}, 2);
  for (int n = 0; n < 2; ++n)
    for (int i = 0; i < 13; ++i)
      for (int j = 0; j < 15; ++j)
        for (int c = 0; c < 3; ++c) in.x(n, i, j, c) = std::sin(0.7 * i + 1.3 * j + 0.9 * c + 0.4 * n);
  Buffer<double, Exec> scratch("ign::test::scratch");
  struct Value {
    int n, i, j;
    double sketch, blur;
  };
  Value const values[] = {{0, 0, 0, 0.639799290993914, -0.063188474102272},
                          {1, 5, 7, 0.727104382303595, 0.000602329978100332},
                          {1, 12, 14, 0.288082153979507, 0.0388121074823808},
                          {0, 12, 3, 0.443074601694376, -0.0334082912047206}};
  sketch(exec, in.x, scratch, out.x);
  for (auto const& value : values)
    for (int c = 0; c < 3; ++c) BOOST_TEST(std::abs(out.x(value.n, value.i, value.j, c) - value.sketch) < 1e-13);
  gaussian_blur(exec, {}, in.x, scratch, out.x);
  for (auto const& value : values) BOOST_TEST(std::abs(out.x(value.n, value.i, value.j, 2) - value.blur) < 1e-13);
}

BOOST_AUTO_TEST_CASE(a_sketch_of_black_is_black) {
  Exec const exec;
  Batch<float> const in(1, {28, 28, 1}, 1), out(1, {28, 28, 1}, 2);
  Kokkos::deep_copy(in.numbers, -1.0f);
  in.x(0, 14, 14, 0) = 1;
  Buffer<float, Exec> scratch("ign::test::scratch");
  sketch(exec, in.x, scratch, out.x);
  double const centre = std::pow(static_cast<double>(detail::WindowWeights<double>({}).weights[10]), -2) - 1;
  for (int i = 0; i < 28; ++i)
    for (int j = 0; j < 28; ++j) {
      double const expected = i == 14 && j == 14 ? centre : -1;
      BOOST_TEST(std::abs(static_cast<double>(out.x(0, i, j, 0)) - expected) <= 1e-4 * std::abs(centre) * (i == 14 && j == 14));
    }
}

BOOST_AUTO_TEST_CASE(noise_is_that_of_fill_gaussian) {
  Exec const exec;
  for (auto const& shape : shapes) {
    Batch<double> const in(3, shape, 1), out(3, shape, 2);
    auto const noise = make_vector<double>(exec, "ign::test", in.numbers.size());
    fill_gaussian(exec, ign_test::key(5), 1, VectorRef<double, Exec>(noise));
    add_noise(exec, ign_test::key(5), 0.15, in.x, out.x);
    for (std::size_t i = 0; i < noise.size(); ++i) BOOST_TEST(std::abs(out.numbers(i) - in.numbers(i) - 0.15 * noise(i)) < 1e-15);
    auto const expected = out.values();
    add_noise(exec, ign_test::key(5), 0.15, in.x, in.x);
    BOOST_TEST(in.values() == expected);
  }
}

BOOST_AUTO_TEST_CASE(masks_of_fixed_form) {
  Exec const exec;
  Batch<float> const out(2, {12, 9, 1}, 1);
  make_mask(exec, {MaskKind::centre, 0.25}, {}, out.x);  // 6 rows of 12, 4.5 → 5 columns of 9
  BOOST_TEST(difference<float>(out.x, [](int, int i, int j, int) { return i >= 3 && i < 9 && j >= 2 && j < 7 ? 0 : 1; }) == 0);
  make_mask(exec, {MaskKind::lower, 0.5}, {}, out.x);
  BOOST_TEST(difference<float>(out.x, [](int, int i, int, int) { return i >= 6 ? 0 : 1; }) == 0);
  for (auto kind : {MaskKind::centre, MaskKind::lower, MaskKind::blocks, MaskKind::pixels})
    for (double missing : {0.0, 1.0}) {
      make_mask(exec, {kind, missing}, {}, out.x);
      BOOST_TEST(difference<float>(out.x, [&](int, int, int, int) { return 1 - missing; }) == 0);
    }
}

BOOST_AUTO_TEST_CASE(random_masks_follow_key_and_element) {
  Exec const exec;
  Key const key = ign_test::key(9);
  for (double missing : mask_shares) {
    Batch<double> const pixels(40, {32, 31, 1}, 1), blocks(40, {32, 31, 1}, 2), fewer(3, {32, 31, 1}, 3);
    make_mask(exec, {MaskKind::pixels, missing}, key, pixels.x);
    BOOST_TEST(difference<double>(pixels.x, [&](int n, int i, int j, int) {
                 auto const number = static_cast<std::uint32_t>((n * 32 + i) * 31 + j);
                 return static_cast<double>(random::uniform(random::bits(key, number / 4)[number % 4])) < missing ? 0 : 1;
               }) == 0);
    make_mask(exec, {MaskKind::blocks, missing, 4}, key, blocks.x);
    BOOST_TEST(difference<double>(blocks.x, [&](int n, int i, int j, int) {
                 auto const number = static_cast<std::uint32_t>((n * 8 + i / 4) * 8 + j / 4);
                 return static_cast<double>(random::uniform(random::bits(key, number / 4)[number % 4])) < missing ? 0 : 1;
               }) == 0);
    make_mask(exec, {MaskKind::blocks, missing, 4}, key, fewer.x);
    BOOST_TEST(difference<double>(fewer.x, [&](int n, int i, int j, int) { return blocks.x(n, i, j, 0); }) == 0);
    // A share of n numbers of deviation sqrt(p(1-p)/n); five of them.
    auto const share = [](Batch<double> const& mask) {
      double sum = 0;
      for (double value : mask.values()) sum += 1 - value;
      return sum / static_cast<double>(mask.numbers.size());
    };
    double const deviation = std::sqrt(missing * (1 - missing));
    BOOST_TEST(std::abs(share(pixels) - missing) < 5 * deviation / std::sqrt(40.0 * 32 * 31));
    BOOST_TEST(std::abs(share(blocks) - missing) < 5 * deviation / std::sqrt(40.0 * 64));
  }
}

// Every rank draws for the samples that it has.
BOOST_AUTO_TEST_CASE(noise_and_random_masks_follow_the_global_index_of_a_sample) {
  Exec const exec;
  for (Shape const shape : {Shape{7, 5, 3}, Shape{4, 4, 1}, Shape{1, 1, 1}}) {
    Batch<float> const x(6, shape, 1), all(6, shape, 2), clean(3, shape, 3), part(3, shape, 4);
    Key key = ign_test::key(5), of_part = key;
    of_part.samples = {1, 2};
    add_noise(exec, key, 0.3, x.x, all.x);
    for (int n = 0; n < 3; ++n) Kokkos::deep_copy(exec, batch_range(clean.x, n, 1), batch_range(x.x, 2 * n + 1, 1));
    add_noise(exec, of_part, 0.3, clean.x, part.x);
    BOOST_TEST(difference<float>(part.x, [&](int n, int i, int j, int c) { return all.x(2 * n + 1, i, j, c); }) == 0);
    for (MaskKind const kind : {MaskKind::pixels, MaskKind::blocks}) {
      Batch<float> const masks(6, {shape.height, shape.width, 1}, 1), some(3, {shape.height, shape.width, 1}, 2);
      make_mask(exec, {kind, 0.5, 2}, key, masks.x);
      make_mask(exec, {kind, 0.5, 2}, of_part, some.x);
      BOOST_TEST(difference<float>(some.x, [&](int n, int i, int j, int) { return masks.x(2 * n + 1, i, j, 0); }) == 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(masked_pixels_go_and_known_ones_come_back) {
  Exec const exec;
  Shape const shape{7, 5, 3};
  Batch<float> const in(4, shape, 1), out(4, shape, 2), projected(4, shape, 3), mask(4, {7, 5, 1}, 4);
  make_mask(exec, {MaskKind::pixels, 0.5}, ign_test::key(9), mask.x);
  apply_mask(exec, mask.x, in.x, -1, out.x);
  auto const pick = [&](int n, int i, int j, double known, double missing) { return mask.x(n, i, j, 0) == 1 ? known : missing; };
  BOOST_TEST(
      difference<float>(out.x, [&](int n, int i, int j, int c) { return pick(n, i, j, static_cast<double>(in.x(n, i, j, c)), -1); }) == 0);
  auto const before = projected.values();
  keep_known(exec, mask.x, in.x, projected.x);
  BOOST_TEST(difference<float>(projected.x, [&](int n, int i, int j, int c) {
               return pick(n, i, j, static_cast<double>(in.x(n, i, j, c)),
                           static_cast<double>(before[static_cast<std::size_t>(((n * 7 + i) * 5 + j) * 3 + c)]));
             }) == 0);
}

BOOST_AUTO_TEST_CASE(bitwise_identical_with_one_thread_with_all_and_in_place) {
  Shape const shape{31, 29, 3};
  Shape const flat{31, 29, 1};
  auto const run = [&](Exec const& exec, bool in_place) {
    std::vector<float> bits;
    Buffer<float, Exec> scratch("ign::test::scratch");
    auto const add = [&](auto const& corrupt, bool can_be_in_place) {
      Batch<float> const in(5, shape, 1), out(5, shape, 2);
      bool const same = in_place && can_be_in_place;
      corrupt(in.x, same ? in.x : out.x);
      exec.fence();
      auto const values = (same ? in : out).values();
      bits.insert(bits.end(), values.begin(), values.end());
    };
    Batch<float> const mask(5, flat, 3);
    make_mask(exec, {MaskKind::blocks, 0.4, 3}, ign_test::key(4), mask.x);
    add([&](auto x, auto y) { add_noise(exec, ign_test::key(7), 0.3, x, y); }, true);
    add([&](auto x, auto y) { grey(exec, x, y); }, true);
    add([&](auto x, auto y) { gaussian_blur(exec, {9, 2}, x, scratch, y); }, true);
    add([&](auto x, auto y) { sketch(exec, x, scratch, y); }, true);
    add([&](auto x, auto y) { low_resolution(exec, 3, Upscaling::bilinear, x, y); }, false);
    add([&](auto x, auto y) { apply_mask(exec, mask.x, x, 0, y); }, true);
    return bits;
  };
  Exec const all, one = ign_test::one_thread();
  BOOST_TEST_REQUIRE(ign_test::as_parallel_as_can_be(all));
  auto const expected = run(all, false);
  BOOST_TEST((run(one, false) == expected));
  BOOST_TEST((run(all, true) == expected));
}

BOOST_AUTO_TEST_CASE(bad_calls_are_refused) {
  Exec const exec;
  Batch<float> const a(2, {4, 4, 3}, 1), b(2, {4, 4, 1}, 2);
  Buffer<float, Exec> scratch("ign::test::scratch");
  auto const refused = [](char const* id, auto const& call) {
    BOOST_CHECK_EXCEPTION(call(), Error, [&](Error const& error) { return error.id() == id; });
  };
  refused("ign.shape.315", [&] { grey(exec, a.x, b.x); });
  refused("ign.option.317", [&] { add_noise(exec, Key{}, -1, a.x, a.x); });
  refused("ign.option.318", [&] { gaussian_blur(exec, {4, 1}, a.x, scratch, a.x); });
  refused("ign.option.318", [&] { gaussian_blur(exec, {65, 1}, a.x, scratch, a.x); });
  float const before = a.x(0, 0, 0, 0);
  refused("ign.option.318", [&] { sketch(exec, a.x, scratch, a.x, {3, 0}); });
  BOOST_TEST(a.x(0, 0, 0, 0) == before);
  refused("ign.option.319", [&] { low_resolution(exec, 0, Upscaling::nearest, a.x, a.x); });
  refused("ign.option.319", [&] { low_resolution(exec, 2, Upscaling::nearest, a.x, a.x); });
  refused("ign.shape.316", [&] { make_mask(exec, MaskOptions{}, Key{}, a.x); });
  refused("ign.shape.316", [&] { apply_mask(exec, a.x, a.x, 0, a.x); });
  refused("ign.option.320", [&] { make_mask(exec, {MaskKind::lower, 1.5}, Key{}, b.x); });
  refused("ign.option.320", [&] { make_mask(exec, {MaskKind::blocks, 0.5, 0}, Key{}, b.x); });
}

BOOST_AUTO_TEST_SUITE_END()
