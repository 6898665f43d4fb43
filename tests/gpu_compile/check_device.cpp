// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code that `make check-cuda` and `make check-hip` compile for a GPU: the umbrella header, whole training steps of every policy and the
// corruptions; products by cuBLAS or rocBLAS and by teams. It is never run: the check is that the compiler takes it, without a switch that
// Kokkos does not ask for.

#include <Kokkos_Core.hpp>
#include <ign/data/toy.hpp>
#include <ign/ign.hpp>
#include <ign/nets/features.hpp>

namespace check_device {

using Exec = Kokkos::DefaultExecutionSpace;
static_assert(!ign::runs_on_host_v<Exec> && !ign::uses_host_kernels_v<Exec>,
              "the headers in front of Kokkos' have not switched the GPU on");
static_assert(ign::math::vendor::serves_v<float, Exec> && ign::math::vendor::serves_v<double, Exec>,
              "the library of its maker is not there");

static_assert(ign::CapturedGraph<Exec>::is_graph, "a GPU replays steps as graphs");

template <class Recipe, class Optimizer>
void train(Exec const& exec, Recipe const& recipe, ign::Batches<Exec> const& batches, Optimizer const& optimizer) {
  ign::Idempotent policy(exec, recipe.net, recipe.image, recipe.objective);
  ign::Trainer trainer(exec, policy, optimizer, batches, {});
  trainer.train(ign::StopAfter(1));
  auto const z = ign::make_tensor<float>(exec, "ign::check_device", 1, recipe.image);
  policy.generate(exec, ign::Key{}, 2, ign::TensorRef<float, Exec>(z));
}

// Both phases, the second one with a wider net and as a graph.
void distill(Exec const& exec, ign::Batches<Exec> const& batches) {
  ign::Idempotent first_phase(exec, ign::mnist_small_net(), {32, 32, 1});
  ign::Trainer first(exec, first_phase, ign::Ema{ign::Adam{}}, batches, {});
  first.step();
  auto policy = ign::distill(first, ign::mnist_wide_net(), ign::distillation_options(first_phase.options()));  // widened
  ign::Trainer(exec, policy, ign::Muon{}, batches, {.use_graph = true}).step();
}

// The other policies, on images and on points.
void steps_of_other_policies(Exec const& exec, ign::Batches<Exec> const& batches) {
  auto const options = ign::mnist_small_options();
  ign::Shape const image = {32, 32, 1};
  ign::Gan gan(exec, ign::dcgan_generator(options), ign::dcgan_discriminator(options, ign::MinibatchStddev{}), {1, 1, 64}, image);
  ign::Trainer(exec, gan, ign::Adam{}, batches, {}).step();
  ign::data::PointBatches<Exec> const points(ign::data::ring_mixture(), {});
  ign::Imle imle(exec, ign::mlp(ign::Shape{1, 1, 2}, std::array{64}), {1, 1, 2});
  ign::Trainer(exec, imle, ign::Adam{}, points, {}).step();
}

// An autoencoder, the codes of the data, and an IGN on them.
void latents(Exec const& exec, ign::Batches<Exec> const& batches) {
  auto const options = ign::mnist_small_options();
  auto const encoder = ign::sequential(ign::dcgan_encoder(options), ign::Tanh{}, ign::GaussianNoise{0.1});
  auto const net = ign::sequential(encoder, ign::dcgan_generator(options));
  ign::Reconstruction policy(exec, net, {32, 32, 1}, ign::ReconstructionOptions<ign::Mse, ign::CorruptionMixture>{});
  policy.set_ranks(ign::Ranks());
  ign::Trainer(exec, policy, ign::Adam{}, batches, {}).step();
  auto const [e, d] = ign::split<decltype(encoder)::size>(policy.model());
  auto const codes = ign::encode(exec, e, batches);
  auto const recipe = ign::latent_recipe(ign::mlp(e.output_shape(), std::array{64, 64}), e.output_shape());
  auto const f = ign::train(exec, recipe, ign::TensorBatches(codes.samples, {.batch = recipe.batch}), {.steps = 10});
  ign::LatentProjector g(exec, e, d, f.model(), codes.normalisation);
  auto const x = ign::make_tensor<float>(exec, "ign::check_device", 4, {32, 32, 1});
  ign::Vector<float, Exec> const scores("ign::check_device", 4);
  ign::TensorRef<float, Exec> const images(x);
  g.generate(exec, ign::Gaussian{}, ign::Key{}, 2, images);
  g.project(exec, images, images);
  g.code_drift_scores(exec, images, ign::VectorRef<float, Exec>(scores));
}

void step_of_dcgan64(Exec const& exec, ign::Batches<Exec> const& batches) {
  auto const spectral = ign::with_source(ign::paper_b_recipe(ign::dcgan64_net(3), ign::Shape{64, 64, 3}), ign::spectral_of(exec, batches));
  train(exec, spectral, batches, spectral.optimizer);
  train(exec, ign::paper_a_recipe(ign::dcgan64_net(3, ign::GroupNorm{}), ign::Shape{64, 64, 3}), batches, ign::Adam{});
}

void step_of_residual_blocks(Exec const& exec, ign::Batches<Exec> const& batches) {
  ign::Conv2d const conv{.channels = 8, .kernel = 3, .stride = 1, .padding = 1};
  auto const block = ign::residual(conv, ign::BatchNorm{}, ign::LeakyRelu{}, ign::residual(conv, ign::Tanh{}), conv, ign::BatchNorm{});
  auto const net = ign::sequential(conv, block, ign::Relu{}, ign::Conv2d{.channels = 1, .kernel = 1});
  ign::Idempotent policy(exec, net, {32, 32, 1});
  ign::Trainer(exec, policy, ign::Adam{}, batches, {}).step();
  ign::FrozenProjector f(exec, policy.model());
  auto const x = ign::make_tensor<float>(exec, "ign::check_device", 1, {32, 32, 1});
  f.generate(exec, ign::Gaussian{}, ign::Key{}, 1, ign::TensorRef<float, Exec>(x));
}

// Attention, pooling and upsampling.
void step_of_attention(Exec const& exec, ign::Batches<Exec> const& batches) {
  ign::Conv2d const conv{.channels = 8, .kernel = 3, .stride = 1, .padding = 1};
  auto const net =
      ign::sequential(conv, ign::AvgPool2d{}, ign::SelfAttention{}, ign::Upsample2d{}, ign::Conv2d{.channels = 1, .kernel = 1});
  ign::Idempotent policy(exec, net, {32, 32, 1});
  ign::Trainer(exec, policy, ign::Adam{}, batches, {}).step();
}

// Fields that continue beyond their edges: training, tiles, and physical units.
void step_and_tiles_of_fields(Exec const& exec, ign::Batches<Exec> const& batches) {
  ign::Idempotent policy(exec, ign::field_net<1>({.padding_mode = ign::PaddingMode::reflecting}), {32, 32, 1});
  ign::Trainer(exec, policy, ign::Adam{}, batches, {}).step();
  auto const x = ign::make_tensor<float>(exec, "ign::check_device", 1, {128, 96, 1});
  ign::TiledProjector tiled(exec, policy.model(), {128, 96, 1}, {.tile = 32, .batch = 4});
  ign::PhysicalProjector f(exec, std::move(tiled), ign::channel_normalisation(exec, x));
  f.project(exec, x, 1, x);
}

// Convolutions of three dimensions, on fields of one slice.
void step_of_volumes(Exec const& exec, ign::Batches<Exec> const& batches) {
  auto const net = ign::sequential(ign::Conv3d{.channels = 8, .kernel = 3, .padding = 1}, ign::BatchNorm{}, ign::Relu{},
                                   ign::ConvTranspose3d{.channels = 1, .kernel = 3, .padding = 1});
  ign::Idempotent policy(exec, net, {32, 32, 1});
  ign::Trainer(exec, policy, ign::Adam{}, batches, {}).step();
}

// A conditional net, with mismatched pairs, and its classification by drift.
void step_of_conditions(Exec const& exec, ign::Batches<Exec> const& batches, ign::TensorRef<float, Exec> const& x,
                        ign::VectorRef<int, Exec> const& labels) {
  auto const net = ign::sequential(ign::ConditionChannels{10}, ign::Conv2d{.channels = 8, .kernel = 3, .padding = 1}, ign::BatchNorm{},
                                   ign::ConditionalScale{10}, ign::Relu{}, ign::Conv2d{.channels = 1, .kernel = 3, .padding = 1});
  ign::IdempotentOptions<> options;
  options.mismatched_share = 0.25;
  ign::Idempotent policy(exec, net, {32, 32, 1}, options);
  ign::Trainer trainer(exec, policy, ign::Adam{}, batches, {});
  trainer.step();
  auto distillation = ign::distill(trainer);
  ign::Trainer(exec, distillation, ign::Adam{}, batches, {}).step();
  auto const conditions = ign::all_classes<float>(exec, 10);
  auto const drifts = ign::make_tensor<float>(exec, "drifts", ign::batch_of(x), {1, 1, 10});
  ign::ConditionScratch<float, Exec> scratch;
  using Ref = ign::TensorRef<float, Exec>;
  ign::drifts_by_condition(exec, policy, ign::Mse{}, ign::Role::data, Ref(conditions), x, Ref(drifts), scratch);
  ign::classify_by_drift(exec, Ref(drifts), labels);
}

// A distance by the features of a net, in both phases.
void step_of_perceptual_distance(Exec const& exec, ign::Batches<Exec> const& batches, ign::TensorRef<float, Exec> const& x,
                                 ign::VectorRef<float, Exec> const& scores) {
  ign::Conv2d const conv{.channels = 8, .kernel = 3, .padding = 1};
  ign::Perceptual const distance(ign::Model(exec, ign::sequential(conv, ign::Relu{}, conv, ign::Relu{}), {32, 32, 1}, 1),
                                 {.layers = {{1, 1}, {3, 1}}}, ign::L1{});
  auto const recipe = ign::with_distance(ign::mnist_small_adam_recipe(ign::mnist_small_net(), ign::Shape{32, 32, 1}), distance);
  ign::Idempotent policy(exec, recipe.net, recipe.image, recipe.objective);
  ign::Trainer trainer(exec, policy, ign::Adam{}, batches, {});
  trainer.step();
  policy.drift_scores(exec, x, scores);
  auto distillation = ign::distill(trainer);
  ign::Trainer(exec, distillation, ign::Adam{}, batches, {}).step();
}

// Dropout and plain gradient descent.
void step_with_dropout(Exec const& exec, ign::Batches<Exec> const& batches) {
  ign::Idempotent policy(exec, ign::sequential(ign::Dropout{}, ign::Tanh{}), batches.shape());
  ign::Trainer(exec, policy, ign::Sgd{.momentum = 0.9}, batches, {}).step();
}

// Averaged weights, clipping and the guard around a run, with a small net.
void averaged_clipped_and_guarded(Exec const& exec, ign::Batches<Exec> const& batches) {
  ign::Idempotent policy(exec, ign::sequential(ign::Tanh{}), batches.shape());
  ign::Trainer trainer(exec, policy, ign::Ema{ign::Clip(exec, ign::Adam{}, 1.0)}, batches, {});
  trainer.train(ign::CollapseGuard());
  ign::AveragedWeights const averaged(trainer);
}

// A finished net in use, with and without a mask, and as a prior.
void project(Exec const& exec, ign::TensorRef<float, Exec> const& x, ign::TensorRef<float, Exec> const& mask,
             ign::VectorRef<float, Exec> const& scores) {
  ign::Model const model(exec, ign::mnist_small_net(), ign::Shape{32, 32, 1}, 1);
  ign::FrozenProjector f(exec, model);
  f.generate(exec, ign::Gaussian{}, ign::Key{}, 1, x);
  f.inpaint(exec, mask, x, 2, x);
  f.drift_scores(exec, x, scores);
  f.masked_drift_scores(exec, mask, x, scores);
  f.drift_map(exec, x, mask);
  f.restore(exec, ign::MaskOperator<float>{mask}, x, x);
  f.restore(exec, ign::BlockMeanOperator{1}, x, x);
  f.restore(exec, ign::BlurOperator{}, x, x);
}

void step_of_the_feature_net(Exec const& exec, ign::Batches<Exec> const& batches) {
  ign::Shape const image = {32, 32, 1};
  ign::Classification<ign::FeatureNet<>::Net> policy(exec, ign::feature_net(image), image);
  ign::Trainer trainer(exec, policy, ign::Adam{}, batches, {});
  trainer.train(ign::StopAfter(1));
  auto const x = ign::make_tensor<float>(exec, "ign::check_device", 1, image);
  auto const features = ign::make_vector<float>(exec, "ign::check_device", ign::feature_count);
  ign::Vector<int, Exec> const predictions("ign::check_device", 1);
  ign::FeatureNet<> net(policy.model());
  net.apply(exec, ign::TensorRef<float, Exec>(x),
            {ign::FeatureNet<>::Rows(features.data(), 1, ign::feature_count), {}, ign::VectorRef<int, Exec>(predictions)});
}

void corruptions(Exec const& exec, ign::TensorRef<float, Exec> const& x, ign::TensorRef<float, Exec> const& y,
                 ign::TensorRef<float, Exec> const& mask) {
  ign::Buffer<float, Exec> scratch("ign::check_device");
  ign::add_noise(exec, ign::Key{}, 0.15, x, y);
  ign::gaussian_blur(exec, {}, x, scratch, y);
  ign::sketch(exec, x, scratch, y);
  ign::low_resolution(exec, 2, ign::Upscaling::bilinear, x, y);
  ign::make_mask(exec, {ign::MaskKind::centre, 0.25}, ign::Key{}, mask);
  ign::make_mask(exec, {ign::MaskKind::blocks, 0.25}, ign::Key{}, mask);
  ign::apply_mask(exec, mask, x, 0, y);
  ign::keep_known(exec, mask, x, y);
}

}  // namespace check_device
