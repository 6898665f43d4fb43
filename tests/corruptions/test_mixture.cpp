// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Random corruptions: each sample against the function of its kind, the frequencies of the kinds, and what a sample depends on.

#include <boost/test/unit_test.hpp>

#include <ign/corruptions/corruption.hpp>
#include <ign/corruptions/masks.hpp>
#include <ign/corruptions/mixture.hpp>
#include <ign_test/layer_check.hpp>

#include <map>
#include <string>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(corruption_mixture)

namespace {

CorruptionMixture of_all_kinds() {
  CorruptionMixture mixture;
  for (auto const kind : all_corruption_kinds) mixture.weight(kind) = 1;
  return mixture;
}

constexpr Key key(std::uint64_t step = 5) { return {3, RandomStream::corruption, step, 16}; }

template <class Real>
struct Batch {
  int count;
  Shape image;
  Vector<Real, Exec> x, z, y;
  Buffer<Real, Exec> scratch{"test"};

  Batch(int samples, Shape shape) : count(samples), image(shape) {
    std::size_t const size = static_cast<std::size_t>(samples) * shape.size();
    x = ign_test::random_vector<Real>(size, 1, 0.3);
    z = ign_test::random_vector<Real>(size, 2);
    y = ign_test::random_vector<Real>(size, 3);
  }
  TensorRef<Real, Exec> ref(Vector<Real, Exec> const& v) const { return as_tensor<Real>(v, count, image); }
  void corrupt_by(CorruptionMixture const& mixture, Key const& by) {
    corrupt(Exec{}, mixture, by, ref(x), ref(z), ref(y), scratch);
    Exec{}.fence();
  }
  Real at(Vector<Real, Exec> const& v, int n, std::size_t i) const { return v(static_cast<std::size_t>(n) * image.size() + i); }
};

// Every sample has the values that the function of its kind gives.
template <class Real>
void check(int count, Shape image) {
  Exec const exec;
  auto const mixture = of_all_kinds();
  Batch<Real> batch(count, image);
  batch.corrupt_by(mixture, key());
  auto const expected = ign_test::random_vector<Real>(batch.x.size(), 4);
  auto const out = batch.ref(expected), x = batch.ref(batch.x);
  detail::DrawCorruption const draw(mixture, key(), image);
  std::map<CorruptionKind, int> found;
  Buffer<Real, Exec> scratch("test");
  for (int n = 0; n < count; ++n) {
    auto const drawn = draw.of(static_cast<std::size_t>(n));
    ++found[drawn.kind];
    std::size_t const row = static_cast<std::size_t>(image.width) * image.channels;
    if (drawn.kind == CorruptionKind::none) Kokkos::deep_copy(expected, batch.x);
    if (drawn.kind == CorruptionKind::noise) {
      BOOST_TEST((drawn.amount > 0 && drawn.amount < mixture.max_noise_std));
      Key noise = key();
      noise.substream += 1;
      add_noise(exec, noise, drawn.amount, x, out);
    }
    if (drawn.kind == CorruptionKind::blur) {
      BOOST_TEST((drawn.amount > 0 && drawn.amount < mixture.max_blur_sigma));
      gaussian_blur(exec, {.taps = 13, .sigma = drawn.amount}, x, scratch, out);
    }
    if (drawn.kind == CorruptionKind::low_resolution) {
      BOOST_TEST((drawn.factor >= 2 && drawn.factor <= 4));
      low_resolution(exec, drawn.factor, drawn.nearest ? Upscaling::nearest : Upscaling::bilinear, x, out);
    }
    if (drawn.kind == CorruptionKind::grey) grey(exec, x, out);
    if (drawn.kind == CorruptionKind::sketch) sketch(exec, x, scratch, out);
    exec.fence();
    if (drawn.kind == CorruptionKind::box) {
      BOOST_TEST((drawn.top >= 0 && drawn.bottom <= image.height && drawn.left >= 0 && drawn.right <= image.width));
      for (auto const& [length, side] :
           {std::pair(drawn.bottom - drawn.top, image.height), std::pair(drawn.right - drawn.left, image.width)})
        BOOST_TEST((length >= std::floor(mixture.box_min * side) && length <= std::ceil(mixture.box_max * side)));
    }
    std::size_t missing = 0;
    for (std::size_t i = 0; i < image.size(); ++i) {
      Real const is = batch.at(batch.y, n, i);
      if (drawn.kind == CorruptionKind::box) {
        int const v = static_cast<int>(i / row), u = static_cast<int>(i % row) / image.channels;
        bool const inside = v >= drawn.top && v < drawn.bottom && u >= drawn.left && u < drawn.right;
        BOOST_TEST(is == batch.at(inside ? batch.z : batch.x, n, i));
      } else if (drawn.kind == CorruptionKind::pixels) {
        bool const lost = is == batch.at(batch.z, n, i);
        BOOST_TEST((lost || is == batch.at(batch.x, n, i)));
        std::size_t const first = i - i % image.channels;  // all channels of a pixel are missing, or none
        BOOST_TEST(lost == (batch.at(batch.y, n, first) == batch.at(batch.z, n, first)));
        missing += lost ? 1 : 0;
      } else {
        double const error = std::abs(static_cast<double>(is - batch.at(expected, n, i)));
        double const size = std::max(1.0, std::abs(static_cast<double>(is)));
        BOOST_TEST(error <= (std::is_same_v<Real, double> ? 1e-12 : 2e-5) * size,
                   name(drawn.kind) << " of sample " << n << ", number " << i << ": " << is << ", expected " << batch.at(expected, n, i));
      }
    }
    if (drawn.kind == CorruptionKind::pixels) {
      BOOST_TEST((drawn.amount > 0 && drawn.amount < mixture.max_pixel_share));
      double const share = static_cast<double>(missing) / static_cast<double>(image.size());
      BOOST_TEST(std::abs(share - drawn.amount) < 5 * std::sqrt(0.25 / (image.height * image.width)));
    }
  }
  for (auto const kind : all_corruption_kinds) BOOST_TEST(found[kind] > 0, name(kind) << " never drawn");
}

}  // namespace

BOOST_AUTO_TEST_CASE(samples_are_those_of_their_kind) {
  check<double>(64, {16, 16, 1});
  check<double>(64, {7, 10, 3});
  check<float>(64, {32, 32, 1});
  check<float>(64, {5, 3, 2});  // smaller than the windows
}

BOOST_AUTO_TEST_CASE(kinds_have_their_frequencies) {
  CorruptionMixture mixture = {.none_weight = 3,
                               .noise_weight = 0,
                               .blur_weight = 1,
                               .low_resolution_weight = 0,
                               .box_weight = 2,
                               .pixels_weight = 0,
                               .grey_weight = 0,
                               .sketch_weight = 2};
  std::map<CorruptionKind, double> share;
  detail::DrawCorruption const draw(mixture, key(), {32, 32, 1});
  for (std::size_t n = 0; n < 8000; ++n) share[draw.of(n).kind] += 1.0 / 8000;
  for (auto const kind : all_corruption_kinds) {
    double const expected = mixture.weight(kind) / 8;
    if (expected == 0)
      BOOST_TEST(share[kind] == 0, name(kind) << " has weight 0");
    else
      BOOST_TEST(std::abs(share[kind] - expected) < 0.02, name(kind) << ": " << share[kind] << ", expected " << expected);
  }
}

BOOST_AUTO_TEST_CASE(a_sample_depends_on_key_and_index_alone) {
  Shape const image = {8, 8, 2};
  Batch<float> many(20, image), few(7, image), other(20, image), captured(20, image);
  many.corrupt_by(of_all_kinds(), key());
  few.corrupt_by(of_all_kinds(), key());
  other.corrupt_by(of_all_kinds(), key(6));
  Vector<std::uint64_t, Exec> const step("test", 1);
  Kokkos::deep_copy(step, 5);
  Key from_memory = key();
  from_memory.step = StepArgument<std::uint64_t>(step.data());
  captured.corrupt_by(of_all_kinds(), from_memory);
  bool differs = false;
  for (int n = 0; n < many.count; ++n)
    for (std::size_t i = 0; i < image.size(); ++i) {
      if (n < few.count) BOOST_TEST(few.at(few.y, n, i) == many.at(many.y, n, i));
      BOOST_TEST(captured.at(captured.y, n, i) == many.at(many.y, n, i));
      differs = differs || other.at(other.y, n, i) != many.at(many.y, n, i);
    }
  BOOST_TEST(differs);
}

BOOST_AUTO_TEST_CASE(no_corruption_copies) {
  Batch<float> batch(3, {4, 4, 1});
  corruption::apply(Exec{}, NoCorruption{}, key(), batch.ref(batch.x), batch.ref(batch.z), batch.ref(batch.y), batch.scratch);
  Exec{}.fence();
  for (std::size_t i = 0; i < batch.x.size(); ++i) BOOST_TEST(batch.y(i) == batch.x(i));
}

BOOST_AUTO_TEST_CASE(bad_input_is_an_error) {
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  ign_test::AllowNan const allow;
  Batch<float> batch(2, {4, 4, 1});
  auto const fails = [&](CorruptionMixture const& mixture) {
    BOOST_CHECK_EXCEPTION(batch.corrupt_by(mixture, key()), Error, id("ign.option.455"));
  };
  for (double bad : {-1.0, nan, infinity}) {
    fails({.noise_weight = bad});
    fails({.max_noise_std = bad == infinity ? nan : bad});
    fails({.max_blur_sigma = bad});
    fails({.box_max = bad});
    fails({.box_min = bad});
    fails({.max_pixel_share = bad});
  }
  CorruptionMixture nothing;
  for (auto const kind : all_corruption_kinds) nothing.weight(kind) = 0;
  fails(nothing);
  fails({.max_low_resolution_factor = 1});
  fails({.box_min = 0.6, .box_max = 0.5});
  BOOST_CHECK_EXCEPTION(
      corrupt(Exec{}, CorruptionMixture{}, key(), batch.ref(batch.x), batch.ref(batch.z), batch.ref(batch.x), batch.scratch), Error,
      id("ign.option.456"));
  Batch<float> other(2, {4, 5, 1});
  BOOST_CHECK_EXCEPTION(
      corrupt(Exec{}, CorruptionMixture{}, key(), batch.ref(batch.x), batch.ref(batch.z), other.ref(other.y), batch.scratch), Error,
      id("ign.shape.315"));
  // The text names the tensor whose extents differ.
  BOOST_CHECK_EXCEPTION(
      corrupt(Exec{}, CorruptionMixture{}, key(), batch.ref(batch.x), other.ref(other.z), batch.ref(batch.y), batch.scratch), Error,
      [](Error const& e) { return e.id() == "ign.shape.315" && std::string(e.what()).find(", z has 2 of") != std::string::npos; });
}

BOOST_AUTO_TEST_SUITE_END()
