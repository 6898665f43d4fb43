// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Compiled with -ffast-math, under which a compiler assumes that no value is infinite or NaN; the guards hold nevertheless.

#include <boost/test/unit_test.hpp>

#include <ign/core/finite.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/io/png.hpp>
#include <ign/layers/dropout.hpp>
#include <ign/layers/group_norm.hpp>
#include <ign/layers/max_pool2d.hpp>
#include <ign/layers/minibatch_stddev.hpp>
#include <ign/layers/self_attention.hpp>
#include <ign/losses/cross_entropy.hpp>
#include <ign/metrics/drift.hpp>
#include <ign/metrics/features.hpp>
#include <ign/metrics/histogram.hpp>
#include <ign/nets/mlp.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/optimizers/clip.hpp>
#include <ign/optimizers/ema.hpp>
#include <ign/optimizers/sgd.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/train/collapse_guard.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

#include <algorithm>
#include <functional>

using namespace ign;
using ign_test::Exec;
using ign_test::Folder;

#if !__FINITE_MATH_ONLY__
#error "this program is for -ffast-math"
#endif

namespace {

// Of which the compiler knows nothing.
template <class Real, class Word>
Real from_bits(Word word) {
  Word volatile const hidden = word;
  return Kokkos::bit_cast<Real>(static_cast<Word>(hidden));
}
double nan() { return from_bits<double>(std::uint64_t{0x7ff8000000000000}); }
float infinity() { return from_bits<float>(std::uint32_t{0x7f800000}); }

auto id(char const* expected) {
  return [expected](Error const& e) { return e.id() == expected; };
}

struct Run {
  using Net = decltype(mlp({2, 2, 1}, std::array{4}, Tanh{}));
  using Policy = Idempotent<Net, float, Exec>;
  Exec exec;
  Batches<Exec> batches;
  Policy policy;
  Trainer<Policy, Adam, Batches<Exec>> trainer;
  nlohmann::ordered_json json = {{"recipe", "test"}};

  explicit Run(double learning_rate)
      : batches(exec, std::vector<std::uint8_t>{0, 30, 60, 90, 120, 150, 180, 255}, 2, {2, 2, 1}, {2}),
        policy(exec, mlp({2, 2, 1}, std::array{4}, Tanh{}), {2, 2, 1}),
        trainer(exec, policy, Adam{.beta1 = 0.5}, batches, {8, 4, Schedule::constant(learning_rate)}) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(fast_math)

static_assert(is_finite(0.0) && is_finite(1e300) && is_finite(-1e-45f) && !is_nan(1.0f));
static_assert(!is_finite(quiet_nan<float>()) && is_nan(quiet_nan<float>()) && is_nan(quiet_nan<double>()));

BOOST_AUTO_TEST_CASE(all_classes_of_numbers_are_told_apart) {
  ign_test::AllowNan const allow;
  for (std::uint32_t const sign : {0u, 0x80000000u}) {
    for (std::uint32_t const bits : {0u, 1u, 0x007fffffu, 0x00800000u, 0x3f800000u, 0x7f7fffffu}) {  // 0, subnormal, least, 1, largest
      BOOST_TEST(is_finite(from_bits<float>(sign | bits)));
      BOOST_TEST(!is_nan(from_bits<float>(sign | bits)));
    }
    BOOST_TEST(!is_finite(from_bits<float>(sign | 0x7f800000u)));
    BOOST_TEST(!is_nan(from_bits<float>(sign | 0x7f800000u)));
    for (std::uint32_t const bits : {0x7f800001u, 0x7fbfffffu, 0x7fc00000u, 0x7fffffffu}) {  // signalling and quiet
      BOOST_TEST(!is_finite(from_bits<float>(sign | bits)));
      BOOST_TEST(is_nan(from_bits<float>(sign | bits)));
    }
  }
  for (std::uint64_t const sign : {std::uint64_t{0}, std::uint64_t{1} << 63}) {
    for (std::uint64_t const bits : {0x0ull, 0x1ull, 0x000fffffffffffffull, 0x0010000000000000ull, 0x7fefffffffffffffull}) {
      BOOST_TEST(is_finite(from_bits<double>(sign | bits)));
      BOOST_TEST(!is_nan(from_bits<double>(sign | bits)));
    }
    BOOST_TEST(!is_finite(from_bits<double>(sign | 0x7ff0000000000000u)));
    BOOST_TEST(!is_nan(from_bits<double>(sign | 0x7ff0000000000000u)));
    for (std::uint64_t const bits : {0x7ff0000000000001ull, 0x7ff8000000000000ull, 0x7fffffffffffffffull}) {
      BOOST_TEST(!is_finite(from_bits<double>(sign | bits)));
      BOOST_TEST(is_nan(from_bits<double>(sign | bits)));
    }
  }
  BOOST_TEST(is_nan(quiet_nan<double>()));
}

// Results of arithmetic, which the compiler takes for finite numbers.
BOOST_AUTO_TEST_CASE(results_of_arithmetic_are_told_apart) {
  ign_test::AllowNan const allow;
  double volatile zero = 0, large = 1e300;
  double const a = zero, b = zero, c = large, d = large;  // four, so that nothing cancels
  BOOST_TEST(is_nan(a / b));
  BOOST_TEST(!is_finite(c * d));
  BOOST_TEST(is_nan(a * (c * d)));
  std::vector<float> numbers(1000, 1.0f);
  auto const all_finite = [&] { return std::all_of(numbers.begin(), numbers.end(), [](float x) { return is_finite(x); }); };
  BOOST_TEST(all_finite());
  numbers[777] = infinity();
  BOOST_TEST(!all_finite());
}

BOOST_AUTO_TEST_CASE(training_that_diverges_ends_with_an_error_and_writes_nothing) {
  ign_test::AllowNan const allow;
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run run(1e30);
  BOOST_CHECK_EXCEPTION(run.trainer.train(io::Checkpoints(path, 0, run.json)), Error, id("ign.numeric.90"));
  BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_numbers_that_are_not_finite_is_not_written) {
  ign_test::AllowNan const allow;
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run run(1e-3);
  run.trainer.train();
  io::write_checkpoint(path, run.trainer, run.json);
  auto const kept = io::read_file(path);
  for (auto const& numbers : {run.policy.model().parameters(), run.trainer.optimizer_state()}) {
    float const good = numbers(0);
    for (float const bad : {infinity(), static_cast<float>(nan())}) {
      numbers(0) = bad;
      BOOST_CHECK_EXCEPTION(io::write_checkpoint(path, run.trainer, run.json), Error, id("ign.numeric.91"));
      BOOST_TEST((io::read_file(path) == kept));
    }
    numbers(0) = good;
  }
  BOOST_CHECK_NO_THROW(io::write_checkpoint(path, run.trainer, run.json));
}

BOOST_AUTO_TEST_CASE(the_collapse_guard_sees_what_is_not_finite) {
  ign_test::AllowNan const allow;
  CollapseGuard<float, Exec> guard;
  guard.check({1, 10, 0, {{"rec", 0.1}, {"idem", nan()}}, 0.1, 0, 0, 0, 0}, 1, 0.5);
  BOOST_TEST(guard.collapsed());
}

BOOST_AUTO_TEST_CASE(options_that_are_not_numbers_are_refused) {
  ign_test::AllowNan const allow;
  double const x = nan();
  auto const refused = [](char const* expected, std::function<void()> const& call) { BOOST_CHECK_EXCEPTION(call(), Error, id(expected)); };
  Shape const shape = {4, 4, 2};
  refused("ign.option.60", [&] { output_shape(LeakyRelu{x}, shape); });
  refused("ign.option.61", [&] { output_shape(Dropout{x}, shape); });
  refused("ign.option.63", [&] { output_shape(GroupNorm{.groups = 1, .epsilon = x}, shape); });
  refused("ign.option.64", [&] { output_shape(BatchNorm{.momentum = x}, shape); });
  refused("ign.option.64", [&] { output_shape(BatchNorm{.epsilon = x}, shape); });
  refused("ign.option.70", [&] { output_shape(Conv2d{.init_std = x}, shape); });
  refused("ign.option.80", [&] { validate(Schedule::constant(x), "rate"); });
  refused("ign.option.81", [&] { validate(Adam{.beta1 = x}); });
  refused("ign.option.82", [&] { validate(Sgd{.momentum = x}); });
  refused("ign.option.83", [&] { validate(Smoothing{.a = x}); });
  refused("ign.option.86", [&] { validate(Equilibrium{.ratio = x}); });
  refused("ign.option.250", [&] { validate(Ema{Adam{}, x}); });
  refused("ign.option.564", [&] { validate(Ema{Adam{}, 0.9, true, x}); });
  refused("ign.option.251", [&] { validate(Clip<Adam, Exec>(Exec{}, Adam{}, x)); });
  refused("ign.option.252", [&] { validate(CollapseOptions{.max_ratio = x}); });
  refused("ign.option.279", [&] { output_shape(MinibatchStddev{.momentum = x}, shape); });
  refused("ign.option.610", [&] { output_shape(SelfAttention{.key_channels = 1, .scale = x}, shape); });
  refused("ign.option.203", [&] { metrics::kl_divergence(std::vector<double>{x, 1}, std::vector<double>{0.5, 0.5}); });
  refused("ign.option.204", [&] { metrics::histogram(std::vector<double>{0.0}, 2, 0, x); });
  refused("ign.numeric.200", [&] { metrics::histogram(std::vector<double>{x}, 2, 0, 1); });
  refused("ign.numeric.200", [&] { metrics::auroc(std::vector<double>{0.0}, std::vector<double>{x}); });
  refused("ign.numeric.200", [&] {
    Kokkos::View<float**, Kokkos::LayoutRight, Exec::memory_space> const features("ign::test::features", 3, 2);
    features(1, 1) = infinity();
    metrics::detail::check_features(Exec{}, "test", features, 1);
  });
}

// A layer that turned NaN into a finite value would hide it from all later guards.
BOOST_AUTO_TEST_CASE(layers_and_losses_pass_nan_on) {
  ign_test::AllowNan const allow;
  auto const bad = static_cast<float>(nan());
  BOOST_TEST(is_nan(math::tanh(bad)));
  BOOST_TEST(is_nan(math::tanh(nan())));
  std::size_t constexpr channels = 33;
  for (std::size_t pixel : {0, 1, 4, 5}) {  // of the first window of four
    ign_test::LayerFixture<MaxPool2d, float> f(MaxPool2d{2, 2}, {4, 4, channels}, 1);
    for (std::size_t c = 0; c < channels; ++c) f.x(pixel * channels + c) = bad;
    f.run_forward({});
    BOOST_TEST(std::count_if(f.y.data(), f.y.data() + channels, is_nan<float>) == channels);
    BOOST_TEST(std::count_if(f.y.data() + channels, f.y.data() + f.y.size(), is_nan<float>) == 0);
  }
  BOOST_TEST(is_nan(math::exp_nonpositive(bad)));
  BOOST_TEST(is_nan(math::exp_nonpositive(nan())));
  ign_test::LayerFixture<SelfAttention, float> attention(SelfAttention{}, {5, 4, 8}, 2);
  attention.x(7 * 8 + 3) = bad;  // every pixel of the first sample attends to it
  attention.run_forward({});
  BOOST_TEST(std::count_if(attention.y.data(), attention.y.data() + 160, is_nan<float>) == 160);
  BOOST_TEST(std::count_if(attention.y.data() + 160, attention.y.data() + 320, is_nan<float>) == 0);
  for (int const label : {-1, 0, 3}) {  // NaN for what is no class
    auto const logits = ign_test::random_vector<float>(3, 1);
    Vector<float, Exec> const losses = make_vector<float>(Exec{}, "ign::test", 1);
    Vector<int, Exec> const labels("ign::test", 1);
    labels(0) = label;
    cross_entropy(Exec{}, ign_test::as_tensor<float>(logits, 1, {1, 1, 3}), VectorRef<int, Exec>(labels), 1.0,
                  VectorRef<float, Exec>(losses), {}, {});
    Exec{}.fence();
    BOOST_TEST(is_nan(losses(0)) == (label != 0));
  }
}

BOOST_AUTO_TEST_CASE(files_show_what_is_not_finite) {
  ign_test::AllowNan const allow;
  Folder const folder;
  io::Log log = io::Log::create(folder.path / "log.jsonl");
  log.write({{"step", 1}, {"loss", nan()}, {"more", {1.5, static_cast<double>(infinity())}}});
  auto const bytes = io::read_file(folder.path / "log.jsonl");
  BOOST_TEST(std::string(reinterpret_cast<char const*>(bytes.data()), bytes.size()) == "{\"step\":1,\"loss\":null,\"more\":[1.5,null]}\n");
  std::vector<float> const pixels = {0, static_cast<float>(nan())};
  auto const picture = io::image_grid(std::span<float const>(pixels), {1, 1, 2, 1}, {.margin = 0});
  BOOST_TEST(picture.channels == 3);
  BOOST_TEST(int{picture.pixels[3]} == 255);
  BOOST_TEST(int{picture.pixels[4]} == 0);
}

BOOST_AUTO_TEST_SUITE_END()
