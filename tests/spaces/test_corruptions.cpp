// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Corruptions and random fills on every execution space of this Kokkos, in float, against their definitions in double. The mixture is
// compared with that of the default host space, which ign.corruptions compares with its definition.

#include <boost/test/unit_test.hpp>

#include <ign/corruptions/corruption.hpp>
#include <ign/corruptions/filters.hpp>
#include <ign/corruptions/masks.hpp>
#include <ign/corruptions/mixture.hpp>
#include <ign/corruptions/noise.hpp>
#include <ign/corruptions/operators.hpp>
#include <ign/random/fill.hpp>
#include <ign/random/initializers.hpp>
#include <ign/random/permutation.hpp>
#include <ign_test/filter_definitions.hpp>

#include <functional>

#include "layer_definitions.hpp"
#include "on_space.hpp"

namespace ign_test::space {

/// out(i) = order(i).
struct WriteOrder {
  ign::Permutation order;
  double* out;

  KOKKOS_FUNCTION void operator()(std::size_t i) const { out[i] = static_cast<double>(order(i)); }
};

}  // namespace ign_test::space

BOOST_AUTO_TEST_SUITE(spaces)

using namespace ign;
using namespace ign_test::space;

namespace {

constexpr Shape picture = {7, 5, 3}, picture_mask = {7, 5, 1};
constexpr int pictures = 3;

/// Values f(n, i, j, c).
Values each_pixel(Shape shape, std::function<double(int, int, int, int)> const& f) {
  Values values;
  for (int n = 0; n < pictures; ++n)
    for (int i = 0; i < shape.height; ++i)
      for (int j = 0; j < shape.width; ++j)
        for (int c = 0; c < shape.channels; ++c) values.push_back(f(n, i, j, c));
  return values;
}

double inner_product(Values const& a, Values const& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// y = A x by definition, and <A x, y> = <x, Aᵀ y>.
template <class Exec, class A>
void check_operator(std::string const& what, A const& a, Shape measured, Values const& host_x, Values const& expected) {
  Exec const exec;
  Buffer<float, Exec> scratch("ign::test");
  Samples<Exec> const x(exec, host_x, pictures, picture), adjoint(exec, pictures, picture), y(exec, pictures, measured);
  Samples<Exec> const from(exec, distinct_values(pictures * measured.size(), 2), pictures, measured);
  apply(exec, a, x.tensor, y.tensor, scratch);
  check_near(what + " on " + Exec::name(), y.host(exec), expected);
  apply_adjoint(exec, a, from.tensor, adjoint.tensor, scratch);
  double magnitude = 0;  // of the terms, which the tolerance is relative to
  auto const host_from = from.host(exec);
  for (std::size_t i = 0; i < expected.size(); ++i) magnitude += std::abs(host_from[i] * expected[i]);
  check_near(what + " on " + Exec::name() + ": adjoint", {inner_product(adjoint.host(exec), x.host(exec)), magnitude},
             {inner_product(host_from, expected), magnitude});
}

/// The mixture of x and z.
template <class Exec>
Values mixed(CorruptionMixture const& mixture, Key const& key, Values const& x, Values const& z) {
  Exec const exec;
  constexpr int many = 24;
  Buffer<float, Exec> scratch("ign::test");
  Samples<Exec> const in(exec, x, many, picture), noise(exec, z, many, picture), out(exec, many, picture);
  corruption::apply(exec, mixture, key, in.tensor, noise.tensor, out.tensor, scratch);
  return out.host(exec);
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(random_arrays_are_identical, Exec, ign_test::Spaces) {
  Exec const exec;
  Key const key = {ign_test::seed(), RandomStream::user, 11, 2};
  auto const value = [&](bool gaussian, std::uint32_t substream, std::size_t i) {
    Key own = key;
    own.substream = substream;
    auto const words = random::bits(own, static_cast<std::uint32_t>(i / 4));
    return gaussian ? gaussian_value(own, i) : static_cast<double>((random::uniform(words[i % 4]) - 0.5f) * 2);
  };
  std::vector<ArrayInfo> const arrays = {
      {"a", {3}, Initial::constant(0.25)}, {"b", {5, 7}, Initial::normal(0.5)}, {"c", {9}, Initial::uniform(2)}};
  auto const numbers = to_space(exec, Values(total_size(arrays)));
  initialize(exec, arrays, VectorRef<float, Exec>(numbers), key);
  Values expected(3, 0.25);
  for (std::size_t i = 0; i < 35; ++i) expected.push_back(0.5 * value(true, 3, i));
  for (std::size_t i = 0; i < 9; ++i) expected.push_back(2 * value(false, 4, i));
  check_near(std::string("initial values on ") + Exec::name(), from_space(exec, numbers), expected, 0);

  Key shard = key;
  shard.samples = {1, 2};
  Samples<Exec> const gaussian(exec, pictures, picture), uniform(exec, pictures, picture);
  fill_gaussian(exec, shard, 1, gaussian.tensor);
  fill_uniform(exec, shard, 1, uniform.tensor);
  for (bool const normal : {true, false}) {
    Values samples;
    for (int n = 0; n < pictures; ++n)
      for (std::size_t i = 0; i < picture.size(); ++i) samples.push_back(value(normal, key.substream, (1 + 2 * n) * picture.size() + i));
    check_near(std::string("samples of a shard on ") + Exec::name(), (normal ? gaussian : uniform).host(exec), samples, 0);
  }

  Permutation const order(key, 101);
  auto const images = to_space<double>(exec, Values(101));
  Kokkos::parallel_for("ign::test", Kokkos::RangePolicy<Exec>(exec, 0, 101), WriteOrder{order, images.data()});
  Values host;
  for (std::uint64_t i = 0; i < 101; ++i) host.push_back(static_cast<double>(order(i)));
  check_near(std::string("permutation on ") + Exec::name(), from_space(exec, images), host, 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(filters_follow_their_definitions, Exec, ign_test::Spaces) {
  Exec const exec;
  std::string const where = std::string(" on ") + Exec::name();
  auto const [height, width, channels] = picture;
  Samples<Exec> const in(exec, distinct_values(pictures * picture.size(), 1, 0.9), pictures, picture), out(exec, pictures, picture);
  Buffer<float, Exec> scratch("ign::test");
  auto const host = in.host(exec);
  auto const channel = [&](int n, int c) {
    return [&host, n, c](int i, int j) { return host[((n * picture.height + i) * picture.width + j) * picture.channels + c]; };
  };
  auto const mean = [&](int n) {
    return [&channel, n](int i, int j) {
      double sum = 0;
      for (int c = 0; c < picture.channels; ++c) sum += channel(n, c)(i, j) / picture.channels;
      return sum;
    };
  };
  grey(exec, in.tensor, out.tensor);
  check_near("grey" + where, out.host(exec), each_pixel(picture, [&](int n, int i, int j, int) { return mean(n)(i, j); }));
  GaussianWindow const window{5, 1.25};
  gaussian_blur(exec, window, in.tensor, scratch, out.tensor);
  check_near("blur" + where, out.host(exec), each_pixel(picture, [&, h = height, w = width](int n, int i, int j, int c) {
               return ign_test::blurred(window, h, w, i, j, channel(n, c));
             }));
  sketch(exec, in.tensor, scratch, out.tensor, window);
  check_near("sketch" + where, out.host(exec), each_pixel(picture, [&, h = height, w = width](int n, int i, int j, int) {
               double const blur = ign_test::blurred(window, h, w, i, j, [&](int a, int b) { return mean(n)(a, b) + 1; });
               return (mean(n)(i, j) + 1) / (blur + 1e-10) - 1;
             }));
  for (int const factor : {2, 3}) {
    low_resolution(exec, factor, Upscaling::nearest, in.tensor, out.tensor);
    check_near("nearest" + where, out.host(exec), each_pixel(picture, [&, h = height, w = width](int n, int i, int j, int c) {
                 return ign_test::block_mean(factor, h, w, i / factor, j / factor, channel(n, c));
               }));
    low_resolution(exec, factor, Upscaling::bilinear, in.tensor, out.tensor);
    check_near("bilinear" + where, out.host(exec), each_pixel(picture, [&, h = height, w = width](int n, int i, int j, int c) {
                 return ign_test::bilinear(factor, h, w, i, j, channel(n, c));
               }));
  }

  Key const key = {ign_test::seed(), RandomStream::user, 12};
  add_noise(exec, key, 0.5, in.tensor, out.tensor);
  Values noisy = host;
  for (std::size_t i = 0; i < noisy.size(); ++i) noisy[i] += 0.5 * gaussian_value(key, i);
  check_near("noise" + where, out.host(exec), noisy, 1e-6);
  corruption::apply(exec, NoCorruption{}, key, in.tensor, in.tensor, out.tensor, scratch);
  check_near("no corruption" + where, out.host(exec), host, 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(masks_follow_their_definitions, Exec, ign_test::Spaces) {
  Exec const exec;
  std::string const where = std::string(" on ") + Exec::name();
  Key const key = {ign_test::seed(), RandomStream::user, 13};
  Samples<Exec> const mask(exec, pictures, picture_mask);
  auto const at_random = [&](int block) {
    return [&key, block](int n, int i, int j, int) {
      int const rows = (picture.height + block - 1) / block, columns = (picture.width + block - 1) / block;
      std::size_t const element = (n * rows + i / block) * columns + j / block;
      auto const words = random::bits(key, static_cast<std::uint32_t>(element / 4));
      return random::uniform(words[element % 4]) < 0.25f ? 0.0 : 1.0;
    };
  };
  auto const check = [&](std::string const& what, MaskKind kind, std::function<double(int, int, int, int)> const& expected) {
    make_mask(exec, {kind, 0.25, 2}, key, mask.tensor);
    check_near(what + where, mask.host(exec), each_pixel(picture_mask, expected), 0);
  };
  check("lower", MaskKind::lower, [](int, int i, int, int) { return i < 5 ? 1 : 0; });  // a quarter of 7 rows
  check("blocks", MaskKind::blocks, at_random(2));
  check("pixels", MaskKind::pixels, at_random(1));
  auto const in_centre = [](int i, int j) { return i >= 1 && i < 5 && j >= 1 && j < 4; };  // half of each side: 4 and 3 pixels
  check("centre", MaskKind::centre, [&](int, int i, int j, int) { return in_centre(i, j) ? 0 : 1; });

  Samples<Exec> const x(exec, distinct_values(pictures * picture.size(), 1), pictures, picture);
  Samples<Exec> const y(exec, distinct_values(pictures * picture.size(), 2), pictures, picture), out(exec, pictures, picture);
  auto const host_x = x.host(exec), host_y = y.host(exec);
  auto const selected = [&](std::function<double(std::size_t)> const& missing) {
    std::size_t at = 0;
    return each_pixel(picture, [&](int, int i, int j, int) {
      std::size_t const element = at++;
      return in_centre(i, j) ? missing(element) : host_x[element];
    });
  };
  apply_mask(exec, mask.tensor, x.tensor, -0.5, out.tensor);
  check_near("apply_mask" + where, out.host(exec), selected([](std::size_t) { return -0.5; }), 0);
  keep_known(exec, mask.tensor, x.tensor, y.tensor);
  check_near("keep_known" + where, y.host(exec), selected([&](std::size_t i) { return host_y[i]; }), 0);
  check_operator<Exec>("MaskOperator", MaskOperator<float, Exec>{mask.tensor}, picture, host_x, selected([](std::size_t) { return 0; }));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(operators_follow_their_definitions, Exec, ign_test::Spaces) {
  auto const x = distinct_values(pictures * picture.size(), 1);
  auto const channel = [&](int n, int c) {
    return [&x, n, c](int i, int j) { return x[((n * picture.height + i) * picture.width + j) * picture.channels + c]; };
  };
  auto const [height, width, channels] = picture;
  BlockMeanOperator const means{2};
  Shape const coarse = means.measured(picture);
  check_operator<Exec>("BlockMeanOperator", means, coarse, x, each_pixel(coarse, [&, h = height, w = width](int n, int i, int j, int c) {
                         return ign_test::block_mean(2, h, w, i, j, channel(n, c));
                       }));
  BlurOperator const blur{{5, 1.25}};
  check_operator<Exec>("BlurOperator", blur, picture, x, each_pixel(picture, [&, h = height, w = width](int n, int i, int j, int c) {
                         return ign_test::blurred(blur.window, h, w, i, j, channel(n, c));
                       }));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(mixtures_agree, Exec, ign_test::Spaces) {
  CorruptionMixture mixture;
  mixture.grey_weight = mixture.sketch_weight = 1;
  Key const key = {ign_test::seed(), RandomStream::corruption, 14};
  auto const x = distinct_values(24 * picture.size(), 1, 0.9), z = distinct_values(24 * picture.size(), 2);
  auto const expected = mixed<Kokkos::DefaultHostExecutionSpace>(mixture, key, x, z);
  BOOST_TEST(expected != x);
  check_near(std::string("mixture on ") + Exec::name(), mixed<Exec>(mixture, key, x, z), expected);
}

BOOST_AUTO_TEST_SUITE_END()
