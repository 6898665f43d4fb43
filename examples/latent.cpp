// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Two-step training on latents: an autoencoder of images first, then an IGN on its codes in two phases. Measures samples d(f^k(z)) in the
// features of a net of `features`, held-out reconstruction, idempotence and the time to sample.
// Test: --data rectangles --features example_features.safetensors --out example_latent --overwrite --steps 30,30 --count 300 --width 64
// Test: --data rectangles --out example_latent_timed --overwrite --seconds 2 --count 200 --width 32 --code 8
// Needs: features

#include "support/data_sets.hpp"
#include "support/inputs.hpp"
#include "support/program.hpp"
#include "support/quality.hpp"
#include "support/run_plan.hpp"

#include <ign/io/latent.hpp>
#include <ign/layers/gaussian_noise.hpp>
#include <ign/nets/split.hpp>
#include <ign/policies/reconstruction.hpp>
#include <ign/train/codes.hpp>
#include <ign/train/progress.hpp>
#include <ign/train/run.hpp>

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>

namespace {

using Exec = examples::Exec;
using examples::Ref;
using Use = examples::Inputs::Use;

constexpr ign::Shape image = {32, 32, 1};
constexpr int chunk = 200, columns = 10;
constexpr double autoencoder_rate = 0.01;  // of Muon
constexpr ign::Muon autoencoder_optimizer = {.others = {.beta1 = 0.5}};

struct Options {
  examples::Inputs inputs = {.out = "ign-latent",
                             .features_use = Use::optional,
                             .data_use = Use::needed,
                             .out_help = "folder for model and picture",
                             .results = {"latent.safetensors", "samples.png"}};
  std::string autoencoder;           // file with a trained one
  std::vector<std::uint64_t> steps;  // of the autoencoder and of the IGN
  std::optional<double> seconds;
  double share = 0.4;  // of the autoencoder in the seconds
  int code = 32, width = 384, channels = 24, count = 10'000;
  double code_noise = 0.05;
  std::optional<double> tightness, distillation;
  std::uint64_t seed = 1;
};

auto autoencoder_parts(Options const& o) {
  ign::DcganOptions<3> options = ign::mnist_small_options();
  options.stages = {{{o.channels}, {2 * o.channels}, {4 * o.channels}}};
  options.latent.channels = o.code;
  return std::pair(ign::sequential(ign::dcgan_encoder(options), ign::Tanh{}, ign::GaussianNoise{o.code_noise}),
                   ign::dcgan_generator(options));
}

auto recipe_of(Options const& o) {
  auto recipe = ign::latent_recipe(ign::latent_net(o.code, o.width), ign::Shape{1, 1, o.code});
  if (o.tightness) recipe.objective.tightness = ign::Schedule::constant(*o.tightness);
  if (o.distillation) recipe.distillation->share = *o.distillation;
  if (o.distillation && *o.distillation == 0) recipe.distillation.reset();
  return recipe;
}

// Mean over the samples of x of |a(x) - b(x)|², mean over the elements.
double mean_square(Exec const& exec, Ref const& a, Ref const& b) {
  auto const distances = ign::make_vector<float>(exec, "ign::latent::distances", a.extent(0));
  ign::sample_distances(exec, ign::Mse{}, a, b, ign::VectorRef<float, Exec>(distances));
  exec.fence("latent: distances");
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), distances);
  double sum = 0;
  for (std::size_t n = 0; n < host.size(); ++n) sum += static_cast<double>(host(n));
  return sum / static_cast<double>(host.size());
}

// The autoencoder, trained or from the file of an earlier run.
template <std::size_t layers, class Net, class Images>
auto make_autoencoder(Exec const& exec, Net const& net, Images const& batches, Options const& o, std::uint64_t steps) {
  ign::Reconstruction policy(exec, net, image, ign::ReconstructionOptions<>{}, o.seed);
  if (!o.autoencoder.empty()) {
    auto const file = ign::io::read_safetensors(o.autoencoder);
    ign::require(ign::io::file_kind(file) == ign::io::FileKind::latent, ign::Fault::format, 681, o.autoencoder,
                 ": --autoencoder is not a file of `latent`, expected latent.safetensors of an earlier run");
    auto const [e, d] = ign::split<layers>(policy.model());
    ign::io::read_model(file, e, "encoder.");
    ign::io::read_model(file, d, "decoder.");
    return policy.model();
  }
  ign::Trainer trainer(exec, policy, autoencoder_optimizer, batches,
                       {steps, std::min<std::uint64_t>(200, steps), ign::Schedule::cosine(autoencoder_rate, 0, steps)});
  trainer.train(ign::Progress(std::cout, isatty(STDOUT_FILENO) != 0));
  return policy.model();
}

// Steps of the autoencoder that fit into the time, measured on a temporary model.
template <class Net, class Images>
std::uint64_t autoencoder_steps(Exec const& exec, Net const& net, Images const& batches, double seconds) {
  ign::Reconstruction policy(exec, net, image);
  ign::Trainer trainer(exec, policy, autoencoder_optimizer, batches, {});
  return examples::steps_within(seconds, examples::step_time(trainer, std::min(3.0, 0.02 * seconds)));
}

void print(std::string const& name, examples::Quality const& q) {
  std::cout << name << ": FD-C " << q.frechet << ", precision " << q.precision << ", recall " << q.recall << ", coverage " << q.coverage
            << ", rarest class " << q.rarest_class << std::endl;
}

// Figures of a trained projector, and a picture.
// meter: absent without --features
template <class Latent>
void measure(Exec const& exec, Latent& g, examples::DataSet const& data, Options const& o, std::optional<examples::QualityMeter>& meter) {
  auto const key = [&](std::size_t first) { return ign::Key{o.seed, ign::RandomStream::user, first}; };
  std::size_t const held_out = std::min<std::size_t>(data.test.images.count, static_cast<std::size_t>(o.count));
  auto const x = examples::to_device(exec, data.test.images, held_out, image);
  auto const memory = ign::make_tensor<float>(exec, "latent::images", 2 * ign::batch_of(x), image);
  Ref const once = ign::batch_range(memory, 0, ign::batch_of(x)), twice = ign::batch_range(memory, ign::batch_of(x), ign::batch_of(x));
  g.project(exec, Ref(x), 0, once);
  std::cout << "held-out images: " << held_out << "\nreconstruction by the autoencoder, d(e(x)) to x: " << mean_square(exec, once, Ref(x));
  g.project(exec, Ref(x), 1, once);
  std::cout << "\nreconstruction, d(f(e(x))) to x: " << mean_square(exec, once, Ref(x));
  g.generate(exec, ign::Gaussian{}, key(0), 1, once);
  g.generate(exec, ign::Gaussian{}, key(0), 2, twice);
  std::cout << "\nidempotence, d(f(f(z))) to d(f(z)): " << mean_square(exec, once, twice);
  g.project(exec, once, 1, twice);
  std::cout << "\nidempotence with the autoencoder, d(f(e(y))) to y = d(f(z)): " << mean_square(exec, once, twice);
  auto const codes = ign::make_tensor<float>(exec, "latent::codes", 2 * ign::batch_of(x), g.code_shape());
  Ref const code = ign::batch_range(codes, 0, ign::batch_of(x)), code_again = ign::batch_range(codes, ign::batch_of(x), ign::batch_of(x));
  g.encode(exec, Ref(x), code);
  g.codes().apply(exec, ign::Role::data, 1, code, code_again);
  std::cout << "\ncodes: reconstruction, f(c) to c: " << mean_square(exec, code, code_again);
  g.codes().generate(exec, ign::Gaussian{}, key(0), 1, code);
  g.codes().generate(exec, ign::Gaussian{}, key(0), 2, code_again);
  std::cout << "\ncodes: idempotence, f(f(z)) to f(z): " << mean_square(exec, code, code_again) << '\n';

  Ref const some = ign::batch_range(memory, 0, std::min(chunk, ign::batch_of(x)));
  g.generate(exec, ign::Gaussian{}, key(0), 1, some);
  exec.fence("latent: warmed up");
  int const chunks = 10'000 / ign::batch_of(some);
  auto const seconds_of = [&](auto const& work) {
    Kokkos::Timer const timer;
    for (int i = 0; i < chunks; ++i) work(static_cast<std::size_t>(i));
    exec.fence("latent: timed");
    return timer.seconds();
  };
  std::cout << "sampling " << chunks * ign::batch_of(some)
            << " images: " << seconds_of([&](std::size_t i) { g.generate(exec, ign::Gaussian{}, key(i), 1, some); })
            << " s; encoder and decoder, which an IGN of pixels with their layers would need: "
            << seconds_of([&](std::size_t) { g.project(exec, some, 0, some); }) << " s\n";

  std::vector<ign::Tensor<float, Exec>> rows;
  auto const row = [&](auto const& fill) {
    rows.push_back(ign::make_tensor<float>(exec, "latent::row", std::min(columns, ign::batch_of(x)), image));
    fill(Ref(rows.back()));
  };
  for (int k : {0, 1, 2, 3}) row([&](Ref const& to) { g.generate(exec, ign::Gaussian{}, key(0), k, to); });
  row([&](Ref const& to) { Kokkos::deep_copy(exec, to, ign::batch_range(x, 0, ign::batch_of(to))); });
  for (int k : {0, 1}) row([&](Ref const& to) { g.project(exec, ign::batch_range(x, 0, ign::batch_of(to)), k, to); });
  exec.fence("latent: rows");
  examples::write_rows(o.inputs.out + "/samples.png", std::vector<Ref>(rows.begin(), rows.end()));

  if (!meter) return;
  for (int k : {1, 2, 3, 0})
    print("d(f^" + std::to_string(k) + "(z))",
          meter->of(exec, chunk, [&](std::size_t first, Ref const& to) { g.generate(exec, ign::Gaussian{}, key(first), k, to); }));
  ign::Batches<Exec> const training(exec, data.train, {1, 1, image});
  print("d(e(x)) of training images", meter->of(exec, chunk, [&](std::size_t first, Ref const& to) {
    // The meter reads as many images as there are; a last chunk may have fewer.
    Ref const images = ign::batch_range(to, 0, static_cast<int>(std::min<std::size_t>(to.extent(0), training.count() - first)));
    training.gather_range(exec, first, images);
    g.project(exec, images, 0, images);
  }));
}

void run(Options const& o) {
  Exec const exec;
  auto const data = examples::load(o.inputs.data, image);
  std::optional<examples::QualityMeter> meter;  // before any training, so that an error in the feature net comes first
  if (!o.inputs.features.empty()) {
    meter.emplace(exec, o.inputs.features, data, image, static_cast<std::size_t>(o.count));
    print("training images, reference", meter->reference(exec));
  }
  auto const recipe = recipe_of(o);
  auto const [encoder, decoder] = autoencoder_parts(o);
  auto const net = ign::sequential(encoder, decoder);
  ign::Batches<Exec> const batches(exec, data.train, {64, o.seed, image});
  bool const trains = o.autoencoder.empty();
  std::uint64_t const first = !trains ? 0 : o.seconds ? autoencoder_steps(exec, net, batches, o.share * *o.seconds) : o.steps[0];
  Kokkos::Timer timer;
  constexpr std::size_t layers = std::remove_cvref_t<decltype(encoder)>::size;
  auto const model = make_autoencoder<layers>(exec, net, batches, o, first);
  std::cout << "autoencoder: " << model.parameters().size() << " parameters, " << first << " steps in " << timer.seconds() << " s\n";

  timer.reset();
  auto const [e, d] = ign::split<layers>(model);
  auto const codes = ign::encode(exec, e, batches);
  std::cout << "codes of " << batches.count() << " images in " << timer.seconds() << " s; standard deviations "
            << *std::min_element(codes.normalisation.stddev.begin(), codes.normalisation.stddev.end()) << " to "
            << *std::max_element(codes.normalisation.stddev.begin(), codes.normalisation.stddev.end()) << '\n';
  ign::TensorBatches const code_batches(codes.samples, {.batch = recipe.batch, .seed = o.seed});
  std::uint64_t steps = o.seconds ? 0 : o.steps[1];
  if (o.seconds)
    steps = ign::detail::with_first_optimizer(recipe, [&](auto const& optimizer) {
      return examples::steps_within(exec, recipe, optimizer, code_batches, {}, (trains ? 1 - o.share : 1) * *o.seconds);
    });
  timer.reset();
  auto const policy =
      ign::train(exec, recipe, code_batches, {.steps = steps, .seed = o.seed, .report_every = std::min<std::uint64_t>(500, steps)},
                 ign::Progress(std::cout, isatty(STDOUT_FILENO) != 0));
  exec.fence("latent: trained");
  std::cout << "IGN on codes: " << policy.model().parameters().size() << " parameters, " << steps << " steps of " << recipe.batch << " in "
            << timer.seconds() << " s\n";
  ign::LatentProjector g(exec, e, d, policy.model(), codes.normalisation);
  ign::io::write_latent(exec, o.inputs.out + "/latent.safetensors", g);
  measure(exec, g, data, o, meter);
  std::cout << o.inputs.out << ": latent.safetensors, samples.png\n";
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line("latent", "Trains an autoencoder and an IGN on its codes.");
  o.inputs.add_to(line);
  line.add("steps", "training steps of the autoencoder and of the IGN, such as 5000,20000", o.steps, examples::at_least(1));
  line.add("seconds", "time for both instead of --steps; the number of steps that fit is measured first", o.seconds, examples::above(0));
  line.add("share", "share of the autoencoder in --seconds", o.share, examples::between(0.01, 0.99));
  line.add("autoencoder", "latent.safetensors of an earlier run with the same --code, --code-noise and --channels, instead of training it",
           o.autoencoder);
  line.add("code", "length of the code", o.code, examples::at_least(1));
  line.add("code-noise", "standard deviation of the noise on the code, which is in (-1, 1), in training", o.code_noise,
           examples::at_least(0));
  line.add("channels", "channels of the autoencoder's first stage", o.channels, examples::at_least(1));
  line.add("width", "width of the three hidden layers of f", o.width, examples::at_least(1));
  line.add("tightness", "weight of the tightness", o.tightness, examples::at_least(0));
  line.add("distillation", "share of the second phase in the steps on codes", o.distillation, examples::between(0, 0.99));
  line.add("count", "number of samples and of held-out images to measure", o.count, examples::at_least(2));
  line.add("seed", "seed of weights, order and noise", o.seed);
  return examples::run(line, argc, argv, [&] {
    ign::require(o.seconds ? o.steps.empty() : o.steps.size() == 2, ign::Fault::option, 643,
                 "the length of the run is missing or given twice, expected --steps with two numbers, such as 5000,20000, or --seconds");
    o.inputs.check(argc, argv);
    run(o);
    return 0;
  });
}
