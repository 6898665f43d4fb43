// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Conditional IGN f(x | c) on labelled images: trains it, draws samples of each class and classifies held-out images by their drift. The
// recipe is mnist-widened: the second phase trains a wider net, except with --conditions channels.
// Test: --data rectangles --features example_features.safetensors --out example_conditional --overwrite --steps 40 --count 300
// Test: --data rectangles --features example_features.safetensors --overwrite --steps 20 --count 99 --conditions channels --mismatched 0
// clang-format off
// Test: --data rectangles --features example_features.safetensors --out example_unconditional --overwrite --steps 20 --count 99 --conditions none
// clang-format on
// Needs: features

#include "support/data_sets.hpp"
#include "support/inputs.hpp"
#include "support/program.hpp"
#include "support/quality.hpp"

#include <ign/core/condition.hpp>
#include <ign/io/model.hpp>
#include <ign/nets/conditional.hpp>
#include <ign/nets/conditional_dcgan.hpp>
#include <ign/nets/frozen_projector.hpp>
#include <ign/train/progress.hpp>
#include <ign/train/run.hpp>

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>

namespace {

using Exec = examples::Exec;
using examples::Ref;
using Labels = ign::VectorRef<int, Exec>;
using Use = examples::Inputs::Use;

struct Options {
  examples::Inputs inputs = {.out = "ign-conditional",
                             .features_use = Use::needed,
                             .data_use = Use::needed,
                             .needs_labels = true,
                             .out_help = "folder for model, pictures and report",
                             .results = {"model.safetensors", "samples.png", "report.html"}};
  std::string conditions = "scale";
  std::uint64_t steps = 6'758, seed = 1;
  std::optional<double> mismatched, tightness;
  int count = 10'000;  // of samples and of held-out images
};

constexpr int chunk = 200;
constexpr int columns = 10;  // samples of a class in the picture

struct Figures {
  examples::Quality quality;
  std::size_t count = 0;
  double mismatched_share = 0;            // in training
  std::optional<double> asked, by_drift;  // shares; none for a net without conditions
  nlohmann::ordered_json features;
};

// Conditions of the classes that `label_of(n)` names, n from 0 to rows - 1.
template <class LabelOf>
void write_conditions(Exec const& exec, LabelOf const& label_of, Ref const& conditions) {
  ign::Vector<int, Exec> const labels(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "conditional::labels"), conditions.extent(0));
  auto const host = Kokkos::create_mirror_view(labels);
  for (std::size_t n = 0; n < host.size(); ++n) host(n) = label_of(n);
  Kokkos::deep_copy(exec, labels, host);
  ign::one_hot(exec, Labels(labels), conditions);
  exec.fence("conditional: the labels on the host have been read");
}

// Share of the held-out images whose drift is least with the condition of their own class.
template <class F>
double accuracy_by_drift(Exec const& exec, F& f, int classes, ign::data::LabelledImages const& test, std::size_t count) {
  ign::Batches<Exec> const images(exec, test, {1, 1, f.image_shape()});
  auto const conditions = ign::all_classes<float>(exec, classes);
  ign::ConditionScratch<float> scratch;
  std::size_t correct = 0;
  for (std::size_t first = 0; first < count; first += chunk) {
    int const size = static_cast<int>(std::min<std::size_t>(chunk, count - first));
    auto const x = ign::make_tensor<float>(exec, "conditional::held out", size, f.image_shape());
    auto const drifts = ign::make_tensor<float>(exec, "conditional::drifts", size, {1, 1, classes});
    ign::Vector<int, Exec> const labels(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "conditional::found"), x.extent(0));
    images.gather_range(exec, first, Ref(x));
    ign::drifts_by_condition(exec, f, ign::Mse{}, ign::Role::data, Ref(conditions), Ref(x), Ref(drifts), scratch);
    ign::classify_by_drift(exec, Ref(drifts), Labels(labels));
    exec.fence("conditional: labels");
    auto const found = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), labels);
    for (std::size_t n = 0; n < found.size(); ++n) correct += found(n) == test.labels[first + n];
  }
  return static_cast<double>(correct) / static_cast<double>(count);
}

// The feature net of --features as it is used here.
struct Meters {
  examples::QualityMeter quality;
  examples::Classifier classifier;
};

// Figures of samples with the classes of the held-out images, as many of each.
template <class F>
Figures measure(Exec const& exec, F& f, int classes, bool conditional, Meters& meters, ign::data::LabelledImages const& test,
                std::uint64_t seed) {
  auto const conditions = ign::make_tensor<float>(exec, "conditional::conditions", chunk, {1, 1, classes});
  auto of_classes = ign::given(f, conditions);
  std::size_t asked = 0;
  Figures figures;
  figures.count = meters.quality.count();
  figures.features = meters.quality.facts();
  figures.quality = meters.quality.of(exec, chunk, [&](std::size_t first, Ref const& x) {
    ign::Key const key{seed, ign::RandomStream::user, first};
    auto const label = [&](std::size_t n) { return static_cast<int>(test.labels[std::min(first + n, figures.count - 1)]); };
    if (!conditional) return f.generate(exec, ign::Gaussian{}, key, 1, x);
    write_conditions(exec, label, Ref(conditions));
    of_classes.generate(exec, ign::Gaussian{}, key, 1, x);
    auto const found = meters.classifier.predict(exec, x);
    for (std::size_t n = 0; n < found.size() && first + n < figures.count; ++n) asked += found[n] == label(n);
  });
  if (!conditional) return figures;
  figures.asked = static_cast<double>(asked) / static_cast<double>(figures.count);
  figures.by_drift = accuracy_by_drift(exec, f, classes, test, figures.count);
  return figures;
}

// Ten samples of each class, a row per class; a column has the same noise.
template <class F>
std::vector<ign::Tensor<float, Exec>> samples_by_class(Exec const& exec, F& f, int classes, std::uint64_t seed) {
  auto const conditions = ign::all_classes<float>(exec, classes);
  std::vector<ign::Tensor<float, Exec>> rows;
  for (int k = 0; k < classes; ++k) {
    rows.push_back(ign::make_tensor<float>(exec, "conditional::samples", columns, f.image_shape()));
    auto of_class = ign::given(f, ign::batch_range(conditions, k, 1));
    of_class.generate(exec, ign::Gaussian{}, ign::Key{seed, ign::RandomStream::user}, 1, Ref(rows.back()));
  }
  exec.fence("conditional: samples");
  return rows;
}

void write_report(Exec const& exec, std::vector<ign::Tensor<float, Exec>> const& samples, Figures const& figures, Options const& o) {
  examples::Report report("Conditional IGN");
  report.text(
      "f(z | c): a row for each class, a column for each noise z. Classification by drift takes the class c for which f(x | c) is "
      "nearest to x.");
  std::vector<examples::PictureRow> rows;
  std::vector<Ref> sheet;
  for (std::size_t k = 0; k < samples.size(); ++k) {
    rows.push_back({"class " + std::to_string(k), examples::tiles(Ref(samples[k]))});
    sheet.push_back(Ref(samples[k]));
  }
  if (!rows.empty()) {
    report.picture("Samples by class.", rows);
    examples::write_rows(o.inputs.out + "/samples.png", sheet);
  }
  report.section("Figures");
  std::vector<examples::Fact> facts = {{"conditions", o.conditions}, {"share of mismatched pairs", figures.mismatched_share},
                                       {"steps", o.steps},           {"seed", o.seed},
                                       {"samples", figures.count},   {"FD-C", figures.quality.frechet}};
  if (figures.asked) facts.push_back({"samples of the requested class", *figures.asked});
  if (figures.by_drift) facts.push_back({"held-out images classified by drift", *figures.by_drift});
  facts.push_back({"coverage", figures.quality.coverage});
  facts.push_back({"feature net", figures.features.dump()});
  report.facts(facts);
  examples::add_machine(report, exec, o.inputs.command);
  report.write(o.inputs.out + "/report.html");
}

// `wide` is the net of the second phase; absent: `net`.
template <class Net>
void run(Net const& net, std::optional<ign::WideNet<Net>> const& wide, int classes, ign::data::LabelledImages const& training,
         ign::data::LabelledImages const& test, Options const& o) {
  Exec const exec;
  ign::Shape const image = {32, 32, 1};
  // Before any training, so that an error in the feature net comes first.
  Meters meters{{exec, o.inputs.features, training.images, test.images, image, static_cast<std::size_t>(o.count)},
                {exec, o.inputs.features}};
  meters.classifier.require_classes(classes);
  bool const conditional = ign::condition_length(net) > 0;
  double const mismatched_share = o.mismatched.value_or(conditional ? 0.1 : 0);
  auto recipe = ign::mnist_widened_recipe(net, image, wide);
  recipe.objective.mismatched_share = mismatched_share;
  if (o.tightness) recipe.objective.tightness = ign::Schedule::constant(*o.tightness);
  ign::Batches<Exec> const batches(exec, training, {recipe.batch, o.seed, image});
  ign::RunOptions const length = {.steps = o.steps, .seed = o.seed, .report_every = std::min<std::uint64_t>(500, o.steps)};
  Kokkos::Timer timer;
  auto policy = ign::train(exec, recipe, batches, length, ign::Progress(std::cout, isatty(STDOUT_FILENO) != 0));
  double const seconds = timer.seconds();
  ign::io::write_model(exec, o.inputs.out + "/model.safetensors", policy.model());

  ign::FrozenProjector f(exec, policy.model());
  auto figures = measure(exec, f, classes, conditional, meters, test, o.seed);
  figures.mismatched_share = mismatched_share;
  auto const samples = conditional ? samples_by_class(exec, f, classes, o.seed) : std::vector<ign::Tensor<float, Exec>>();
  write_report(exec, samples, figures, o);
  std::cout << "conditions: " << o.conditions << ", " << policy.model().parameters().size() << " parameters, " << o.steps << " steps in "
            << seconds << " s\nFD-C " << figures.quality.frechet << ", precision " << figures.quality.precision << ", coverage "
            << figures.quality.coverage << " (" << figures.count << " samples)\n";
  if (conditional)
    std::cout << "samples of the requested class: " << *figures.asked << "\nheld-out images classified by drift: " << *figures.by_drift
              << '\n';
  std::cout << o.inputs.out << ": model.safetensors, report.html" << (conditional ? ", samples.png" : "") << '\n';
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line(
      "conditional",
      "Trains a conditional IGN on labelled images by the recipe mnist-widened, and measures it. The second phase trains a "
      "wider net, except with --conditions channels.");
  o.inputs.add_to(line);
  line.add("conditions",
           "how f takes the class: scale (scale and shift of each channel, FiLM), channels (constant channels in addition to those of "
           "the image) or none",
           o.conditions);
  line.add("steps", "number of training steps of 64 images", o.steps, examples::at_least(1));
  line.add("mismatched", "share of the noise replaced by images with the label of another class (0.1, or 0 without conditions)",
           o.mismatched, examples::between(0, 1));
  line.add("tightness", "weight of the tightness loss (the recipe's)", o.tightness, examples::between(0, 1e6));
  line.add("count", "number of samples and of held-out images to measure", o.count, examples::at_least(2));
  line.add("seed", "seed of weights, order and noise", o.seed);
  return examples::run(line, argc, argv, [&] {
    ign::require(o.conditions == "scale" || o.conditions == "channels" || o.conditions == "none", ign::Fault::option, 544, "--conditions ",
                 o.conditions, ", expected scale, channels or none");
    o.inputs.check(argc, argv);
    auto const training = examples::load_labelled(o.inputs.data, "train");
    auto const test = examples::load_labelled(o.inputs.data, "t10k");
    int const classes = 1 + *std::max_element(training.labels.begin(), training.labels.end());
    auto const run_wide = [&](auto const& net, auto const& wide) {
      run(net, std::optional(ign::WideNet<std::remove_cvref_t<decltype(net)>>{"wide", wide}), classes, training, test, o);
    };
    if (o.conditions == "scale") {
      ign::ConditionalScale const scale{classes};
      run_wide(ign::conditional_mnist_small_net(scale), ign::conditional_dcgan(ign::mnist_large_options(), scale));
    } else if (o.conditions == "channels") {  // `widen` does not take ConditionChannels
      run(ign::conditional_mnist_small_net(ign::ConditionChannels{classes}), {}, classes, training, test, o);
    } else {
      run_wide(ign::mnist_small_net(), ign::mnist_large_net());
    }
    return 0;
  });
}
