// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Mode coverage on stacked images: trains a generator on stacks of three labelled images, one per colour channel, and counts the classes
// of its samples. Stacked MNIST has 1,000.
// Test: --data rectangles --features example_features.safetensors --out example_stacked --overwrite --steps 20 --samples 60
// Test: --data rectangles --features example_features.safetensors --policy gan --minibatch-stddev --overwrite --steps 5 --samples 60
// Test: --data rectangles --features example_features.safetensors --policy imle --overwrite --steps 5 --samples 60
// Needs: features

#include "support/data_sets.hpp"
#include "support/inputs.hpp"
#include "support/program.hpp"
#include "support/quality.hpp"

#include <ign/data/stacked.hpp>
#include <ign/io/model.hpp>
#include <ign/layers/minibatch_stddev.hpp>
#include <ign/metrics/classes.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/policies/gan.hpp>
#include <ign/policies/imle.hpp>
#include <ign/train/progress.hpp>
#include <ign/train/run.hpp>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iostream>

namespace {

using examples::Exec;
using examples::Ref;
using Use = examples::Inputs::Use;

struct Options {
  examples::Inputs inputs = {.out = "ign-stacked",
                             .features_use = Use::needed,
                             .data_use = Use::needed,
                             .needs_labels = true,
                             .out_help = "folder for model and report with pictures",
                             .results = {"model.safetensors", "report.html"}};
  std::string policy = "idempotent";
  std::uint64_t steps = 20'000, seed = 1;
  std::size_t samples = 26'000;
  bool minibatch_stddev = false;
};

constexpr int channels = 3, batch = 64, chunk = 200, shown = 20;
constexpr ign::Shape image = {32, 32, channels};

// Net of the first phase, and of the baselines: mnist-small with three times as large a latent, for three digits. The second phase of the
// IGN has that of the next function.
auto net_options() {
  auto options = ign::mnist_small_options();
  options.image_channels = channels;
  options.latent.channels *= channels;
  return options;
}
auto wide_net() {
  auto options = ign::mnist_large_options();
  options.image_channels = channels;
  return ign::WideNet{"mnist-large, three channels", ign::dcgan(options)};
}

// Counts the classes of stacks by the class of each channel.
class StackMeter {
 public:
  StackMeter(Exec const& exec, std::filesystem::path const& features, int classes)
      : m_classifier(exec, features), m_classes(classes), m_grey(ign::make_tensor<float>(exec, "stacked::grey", chunk, {32, 32, 1})) {
    m_classifier.require_classes(classes);
  }

  int class_count() const { return m_classes * m_classes * m_classes; }

  // Histogram of the classes of `count` stacks; make(first, x) writes those from number `first` on to x.
  ign::metrics::Histogram count(Exec const& exec, std::size_t count, std::function<void(std::size_t first, Ref const& x)> const& make) {
    auto const x = ign::make_tensor<float>(exec, "stacked::samples", chunk, image);
    ign::metrics::Histogram histogram(static_cast<std::size_t>(class_count()), 0);
    for (std::size_t first = 0; first < count; first += chunk) {
      make(first, Ref(x));
      std::vector<std::size_t> stacks(chunk, 0);
      for (int c = 0; c < channels; ++c) {
        Kokkos::deep_copy(exec, Kokkos::subview(m_grey, Kokkos::ALL, Kokkos::ALL, Kokkos::ALL, 0),
                          Kokkos::subview(x, Kokkos::ALL, Kokkos::ALL, Kokkos::ALL, c));
        auto const found = m_classifier.predict(exec, Ref(m_grey));
        for (std::size_t n = 0; n < stacks.size(); ++n)
          stacks[n] = stacks[n] * static_cast<std::size_t>(m_classes) + static_cast<std::size_t>(found[n]);
      }
      for (std::size_t n = 0; n < std::min<std::size_t>(chunk, count - first); ++n) ++histogram.at(stacks[n]);
    }
    return histogram;
  }

 private:
  examples::Classifier m_classifier;
  int m_classes;
  ign::Tensor<float, Exec> m_grey;
};

// Figures of a set of samples.
struct Row {
  std::string name;
  ign::metrics::Histogram classes;
};

// Shares of the classes of stacks whose channels are drawn independently of each other from `labels`.
std::vector<double> true_shares(std::vector<std::uint8_t> const& labels, int classes) {
  ign::metrics::Histogram counts(static_cast<std::size_t>(classes), 0);
  for (auto const label : labels) ++counts.at(label);
  auto const one = ign::metrics::shares(counts);
  std::vector<double> all;
  for (double const a : one)
    for (double const b : one)
      for (double const c : one) all.push_back(a * b * c);
  return all;
}

// A trained generator: writes f^k(z) to x.
using Generator = std::function<void(Exec const& exec, ign::Key const& key, int k, Ref const& x)>;

// Trains the policy of the options, and calls visitor(generator, largest k).
template <class Visitor>
void with_generator(Options const& o, Exec const& exec, ign::Batches<Exec> const& batches, Visitor const& visitor) {
  auto const progress = [] { return ign::Progress(std::cout, isatty(STDOUT_FILENO) != 0); };
  auto const report_every = std::min<std::uint64_t>(500, o.steps);
  auto const train_baseline = [&](auto& policy) {
    ign::Trainer trainer(exec, policy, ign::Adam{.beta1 = 0.5}, batches, {o.steps, report_every, ign::Schedule::cosine(8e-4, 0, o.steps)});
    trainer.train(progress());
    visitor([&](Exec const& e, ign::Key const& key, int k, Ref const& x) { policy.generate(e, key, k, x); }, 1);
  };
  if (o.policy == "idempotent") {
    auto const train_recipe = [&](auto const& recipe) {
      std::cout << "two phases; between them, running statistics are measured over up to 300 batches" << std::endl;
      auto policy = ign::train(exec, recipe, batches, {.steps = o.steps, .seed = o.seed, .report_every = report_every}, progress());
      ign::io::write_model(exec, o.inputs.out + "/model.safetensors", policy.model());
      visitor([&](Exec const& e, ign::Key const& key, int k, Ref const& x) { policy.generate(e, key, k, x); }, 3);
    };
    if (o.minibatch_stddev)
      train_recipe(ign::mnist_widened_recipe(ign::dcgan(net_options(), ign::MinibatchStddev{}), image));
    else
      train_recipe(ign::mnist_widened_recipe(ign::dcgan(net_options()), image, wide_net()));
  } else if (o.policy == "gan") {
    auto const with = [&](auto const& discriminator) {
      ign::Gan policy(exec, ign::dcgan_generator(net_options()), discriminator, {1, 1, net_options().latent.channels}, image, {}, o.seed);
      train_baseline(policy);
    };
    if (o.minibatch_stddev)
      with(ign::dcgan_discriminator(net_options(), ign::MinibatchStddev{}));
    else
      with(ign::dcgan_discriminator(net_options()));
  } else {
    ign::Imle policy(exec, ign::dcgan(net_options()), image, ign::ImleOptions<>{.pool = 4}, o.seed);
    train_baseline(policy);
  }
}

void write_results(Exec const& exec, Options const& o, std::vector<Row> const& rows, std::vector<double> const& expected, double seconds,
                   std::vector<examples::PictureRow> const& pictures) {
  std::vector<std::vector<examples::Cell>> cells;
  std::cout << "samples: classes of " << expected.size() << ", KL divergence from the data\n";
  for (auto const& row : rows) {
    int const found = ign::metrics::classes_covered(row.classes);
    double const divergence = ign::metrics::kl_divergence(ign::metrics::shares(row.classes), expected);
    cells.push_back({row.name, found, divergence});
    std::cout << row.name << ": " << found << ", " << divergence << '\n';
  }
  examples::Report report("Classes of stacked images");
  report.text(
      "Each channel of a sample is an image of its own, with a class of its own. A class of stacks counts as covered with one sample or "
      "more. The divergence is KL(samples ‖ data) of the shares of the classes, in nats. The reference is stacks of held-out images.");
  report.table({"samples", "classes", "KL divergence"}, cells, "Classes covered by " + std::to_string(o.samples) + " samples.");
  report.picture("Samples.", pictures);
  report.facts({{"policy", o.policy},
                {"minibatch deviation", o.minibatch_stddev ? "yes" : "no"},
                {"steps", o.steps},
                {"seed", o.seed},
                {"training, s", seconds}});
  examples::add_machine(report, exec, o.inputs.command);
  report.write(o.inputs.out + "/report.html");
  std::cout << o.steps << " steps in " << seconds << " s; report: " << o.inputs.out << "/report.html\n";
}

void run(Options const& o) {
  Exec const exec;
  auto const training = examples::load_labelled(o.inputs.data, "train"), test = examples::load_labelled(o.inputs.data, "t10k");
  int const classes = 1 + *std::max_element(training.labels.begin(), training.labels.end());
  auto const expected = true_shares(training.labels, classes);
  StackMeter meter(exec, o.inputs.features, classes);

  // First the reference, so that an error in the feature net comes before any training.
  ign::Batches<Exec> const held_out(exec, ign::data::stacked(test.images, o.samples, o.seed), {1, 1, image});
  std::vector<Row> rows;
  rows.push_back({"reference", meter.count(exec, o.samples, [&](std::size_t first, Ref const& x) {
                    auto const size = static_cast<int>(std::min<std::size_t>(chunk, o.samples - first));
                    held_out.gather_range(exec, first, ign::batch_range(x, 0, size));
                  })});

  ign::Batches<Exec> const batches(exec, ign::data::stacked(training.images, training.images.count, o.seed), {batch, o.seed, image});
  std::vector<examples::PictureRow> pictures;
  Kokkos::Timer timer;
  double seconds = 0;
  with_generator(o, exec, batches, [&](Generator const& generate, int most) {
    exec.fence("stacked: training");
    seconds = timer.seconds();
    for (int k = 1; k <= most; ++k) {
      std::string const name = k == 1 ? "f(z)" : k == 2 ? "f(f(z))" : "f(f(f(z)))";
      auto const at = [&](std::size_t first) { return ign::Key{o.seed, ign::RandomStream::user, first}; };
      rows.push_back({name, meter.count(exec, o.samples, [&](std::size_t first, Ref const& x) { generate(exec, at(first), k, x); })});
      auto const x = ign::make_tensor<float>(exec, "stacked::picture", shown, image);
      generate(exec, at(0), k, Ref(x));
      exec.fence("stacked: picture");
      pictures.push_back({name, examples::tiles(Ref(x))});
    }
  });
  write_results(exec, o, rows, expected, seconds, pictures);
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line("stacked", "Trains a generator on stacks of three labelled images, and counts the classes of its samples.");
  o.inputs.add_to(line);
  line.add("policy", "idempotent (both phases of the recipe mnist-widened), gan or imle", o.policy);
  line.add("minibatch-stddev", "a MinibatchStddev layer before the latent (idempotent, with one net), or in the discriminator (gan)",
           o.minibatch_stddev);
  line.add("steps", "number of training steps of 64 stacks", o.steps, examples::at_least(1));
  line.add("samples", "number of samples whose classes are counted", o.samples, examples::at_least(1));
  line.add("seed", "seed of weights, order and noise", o.seed);
  return examples::run(line, argc, argv, [&] {
    ign::require(o.policy == "idempotent" || o.policy == "gan" || o.policy == "imle", ign::Fault::option, 108, "policy '", o.policy,
                 "', expected idempotent, imle or gan");
    ign::require(!o.minibatch_stddev || o.policy != "imle", ign::Fault::option, 571,
                 "--minibatch-stddev is given, expected policy idempotent or gan");
    o.inputs.check(argc, argv);
    run(o);
    return 0;
  });
}
