// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Batches of real numbers against those of images, codes against their encoder, and training on both from an autoencoder to samples.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/train/codes.hpp>
#include <ign/train/tensor_batches.hpp>
#include <ign_test/batches.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

#include <cstring>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::KokkosCounter;

BOOST_AUTO_TEST_SUITE(codes)

namespace {

using Reals = std::tuple<float, double>;

constexpr Shape image = {8, 8, 1};
constexpr std::size_t count = 53;

std::vector<std::uint8_t> pixels() { return ign_test::scattered_bytes(count * image.size()); }

template <class Real>
Tensor<Real, Exec> all_images(Exec const& exec) {
  auto const x = make_tensor<Real>(exec, "ign::test", static_cast<int>(count), image);
  Batches<Exec>(exec, pixels(), count, image, {.batch = 1}).gather_range(exec, 0, TensorRef<Real, Exec>(x));
  exec.fence();
  return x;
}

template <class A, class B>
bool identical(A const& a, B const& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(*a.data())) == 0;
}

constexpr DcganOptions<2> options = {.image_channels = 1, .stages = {{{6}, {8}}}, .latent = {4, 2, 1, 0}};
auto encoder_net() { return sequential(dcgan_encoder(options), Tanh{}, GaussianNoise{0.1}); }
auto net() { return sequential(encoder_net(), dcgan_generator(options)); }

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(samples_have_the_order_of_images, Real, Reals) {
  Exec const exec;
  auto const all = all_images<Real>(exec);
  for (auto const& [batch, shard] : std::vector<std::pair<int, GlobalSampleIndices>>{{7, {}}, {1, {}}, {5, {1, 3}}}) {
    BatchOptions const how = {.batch = batch, .seed = 3, .shard = shard};
    Batches<Exec> const images(exec, pixels(), count, image, how);
    TensorBatches<Real, Exec> const batches(all, how);
    BOOST_TEST(batches.batches_per_epoch() == images.batches_per_epoch());
    BOOST_TEST((batches.shape() == image && batches.count() == count && batches.options().batch == batch));
    auto const a = make_tensor<Real>(exec, "ign::test", batch, image), b = make_tensor<Real>(exec, "ign::test", batch, image);
    for (std::uint64_t const step : {0u, 1u, 7u, 60u}) {
      images.gather(exec, step, TensorRef<Real, Exec>(a));
      batches.gather(exec, step, TensorRef<Real, Exec>(b));
      exec.fence();
      BOOST_TEST(identical(a, b), "batch " << batch << ", step " << step);
    }
    batches.gather_range(exec, 11, TensorRef<Real, Exec>(b));
    exec.fence();
    BOOST_TEST(std::memcmp(b.data(), all.data() + 11 * image.size(), b.size() * sizeof(Real)) == 0);
  }
}

// Sizes that do not divide the elements per thread of a device.
BOOST_AUTO_TEST_CASE(samples_of_any_size) {
  Exec const exec;
  for (int const channels : {1, 15, 16, 17, 33}) {
    auto const all = make_tensor<double>(exec, "ign::test", 9, {1, 1, channels});
    exec.fence();
    for (std::size_t i = 0; i < all.size(); ++i) all.data()[i] = static_cast<double>(i);
    TensorBatches<double, Exec> const batches(all, {.batch = 9, .seed = 5});
    auto const x = make_tensor<double>(exec, "ign::test", 9, {1, 1, channels});
    batches.gather(exec, std::uint64_t{2}, TensorRef<double, Exec>(x));
    exec.fence();
    std::vector<bool> found(9, false);
    for (std::size_t n = 0; n < 9; ++n) {
      auto const row = static_cast<std::size_t>(x(n, 0, 0, 0)) / static_cast<std::size_t>(channels);
      BOOST_TEST_REQUIRE(row < 9u);
      found[row] = true;
      for (int c = 0; c < channels; ++c)
        BOOST_TEST(x(n, 0, 0, c) == static_cast<double>(row * static_cast<std::size_t>(channels) + static_cast<std::size_t>(c)));
    }
    BOOST_TEST(std::count(found.begin(), found.end(), true) == 9);
  }
}

BOOST_AUTO_TEST_CASE(wrong_batches_are_errors) {
  Exec const exec;
  auto const all = all_images<float>(exec);
  using Codes = TensorBatches<float, Exec>;
  ign_test::fails("ign.option.641", [&] { Codes(all, {.batch = 54}); });
  ign_test::fails("ign.option.641", [&] { Codes(all, {.batch = 0}); });
  ign_test::fails("ign.option.641", [&] { Codes(all, {.batch = 20, .shard = {0, 3}}); });
  ign_test::fails("ign.option.641", [&] { Codes(all, {.batch = 2, .shard = {3, 3}}); });
  ign_test::fails("ign.option.641", [&] { Codes(all, {.batch = 2, .flip = true}); });
  ign_test::fails("ign.option.641", [&] { Codes(all, {.batch = 2, .pad_to = {9, 9, 1}}); });
  Codes const batches(all, {.batch = 4});
  auto const x = make_tensor<float>(exec, "ign::test", 5, image);
  TensorRef<float, Exec> const five(x), four(x.data(), 4, 4, 16, 1);
  ign_test::fails("ign.shape.641", [&] { batches.gather(exec, std::uint64_t{0}, five); });
  ign_test::fails("ign.shape.641", [&] { batches.gather(exec, std::uint64_t{0}, four); });
  ign_test::fails("ign.shape.641", [&] { batches.gather_range(exec, 49, five); });
}

BOOST_AUTO_TEST_CASE(codes_are_those_of_the_encoder_normalised) {
  Exec const exec;
  Model<decltype(encoder_net()), float, Exec> const encoder(exec, encoder_net(), image, 1);
  fill_gaussian(exec, ign_test::key(1), 0.3, VectorRef<float, Exec>(encoder.parameters()));
  Batches<Exec> const images(exec, pixels(), count, image, {.batch = 1});
  auto const codes = encode(exec, encoder, images);
  BOOST_TEST((codes.samples.extent(0) == count && shape_of(codes.samples) == encoder.output_shape()));
  for (int const chunk : {1, 7, 53, 1000}) {
    auto const other = encode(exec, encoder, images, chunk);
    BOOST_TEST(identical(other.samples, codes.samples));
    BOOST_TEST((other.normalisation == codes.normalisation));
  }
  BOOST_TEST(identical(encode(exec, encoder, TensorBatches<float, Exec>(all_images<float>(exec), {.batch = 1})).samples, codes.samples));
  Frozen<decltype(encoder_net()), float, Exec> frozen(exec, encoder);
  auto const raw = make_tensor<float>(exec, "ign::test", static_cast<int>(count), encoder.output_shape());
  frozen.forward(exec, Role::data, TensorRef<float, Exec>(all_images<float>(exec)), TensorRef<float, Exec>(raw));
  exec.fence();
  for (std::size_t c = 0; c < 4; ++c) {
    double sum = 0, square = 0, mean = 0, variance = 0;
    for (std::size_t n = 0; n < count; ++n) {
      sum += static_cast<double>(raw(n, 0, 0, c)) / count;
      mean += static_cast<double>(codes.samples(n, 0, 0, c)) / count;
      variance += std::pow(static_cast<double>(codes.samples(n, 0, 0, c)), 2) / count;
    }
    for (std::size_t n = 0; n < count; ++n) square += std::pow(static_cast<double>(raw(n, 0, 0, c)) - sum, 2) / count;
    BOOST_TEST(std::abs(codes.normalisation.mean[c] - sum) < 1e-6);
    BOOST_TEST(std::abs(codes.normalisation.stddev[c] - std::sqrt(square)) < 1e-6);
    BOOST_TEST(std::abs(mean) < 1e-5);
    BOOST_TEST(std::abs(variance - 1) < 1e-4);
  }
  ign_test::fails("ign.option.642", [&] { encode(exec, encoder, images, 0); });
}

// Both steps at small scale: the autoencoder learns, f is trained on the codes in two phases without allocation, and samples and
// projections are finite images. The same bits with one thread.
BOOST_AUTO_TEST_CASE(both_steps_from_images_to_samples) {
  auto const samples_of = [](Exec const& exec) {
    Batches<Exec> const batches(exec, pixels(), count, image, {.batch = 16});
    Reconstruction autoencoder(exec, net(), image, ReconstructionOptions<>{}, 3);
    Trainer trainer(exec, autoencoder, Adam{}, batches, {60, 60, Schedule::constant(3e-3)});
    trainer.step();
    double const before = autoencoder.losses(exec).reconstruction;
    autoencoder.reset_losses(exec);
    double after = 0;
    while (trainer.steps_done() < 60) {
      trainer.step();
      after = autoencoder.losses(exec).reconstruction;
      autoencoder.reset_losses(exec);
    }
    BOOST_TEST(after < 0.97 * before, before << " to " << after);
    auto const halves = split<decltype(encoder_net())::size>(autoencoder.model());
    auto const codes = encode(exec, halves.encoder, batches);
    auto recipe = latent_recipe(mlp(halves.encoder.output_shape(), std::array{16, 16}), halves.encoder.output_shape());
    recipe.batch = 16;
    TensorBatches const code_batches(codes.samples, {.batch = recipe.batch});
    auto const f = train(exec, recipe, code_batches, {.steps = 20});
    LatentProjector g(exec, halves.encoder, halves.decoder, f.model(), codes.normalisation);
    auto const out = make_vector<float>(exec, "ign::test", 5 * image.size());
    g.generate(exec, Gaussian{}, Key{.seed = 7}, 2, as_tensor<float>(out, 5, image));
    exec.fence();
    std::size_t good = 0;
    for (std::size_t i = 0; i < out.size(); ++i) good += std::abs(out(i)) <= 1;
    BOOST_TEST(good == out.size());
    return out;
  };
  auto const all = samples_of(Exec{}), one = samples_of(ign_test::one_thread());
  BOOST_TEST(identical(all, one));
}

BOOST_AUTO_TEST_CASE(no_allocation_after_the_first_step) {
  Exec const exec;
  auto const all = all_images<float>(exec);
  TensorBatches const batches(all, {.batch = 16});
  Reconstruction policy(exec, net(), image, ReconstructionOptions<Mse, CorruptionMixture>{}, 3);
  Trainer trainer(exec, policy, Adam{}, batches, {10, 10, Schedule::constant(1e-3)});
  trainer.step();
  KokkosCounter const counter;
  for (int i = 0; i < 3; ++i) trainer.step();
  BOOST_TEST(KokkosCounter::counts.allocations == 0);
  for (auto const& label : KokkosCounter::bad_labels) BOOST_ERROR("label '" << label << "' does not start with ign::");
}

BOOST_AUTO_TEST_SUITE_END()
