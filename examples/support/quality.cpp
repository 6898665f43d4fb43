// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quality.hpp"

#include <ign/core/finite.hpp>
#include <ign/io/features.hpp>
#include <ign/metrics/classes.hpp>
#include <ign/metrics/frechet.hpp>
#include <ign/metrics/kernel_distance.hpp>
#include <ign/metrics/memorisation.hpp>
#include <ign/metrics/precision_recall.hpp>
#include <ign/train/batches.hpp>

#include <algorithm>

namespace examples {

namespace {

using FeatureFile = ign::io::FeatureFile<float, Exec>;

bool learned_labels(FeatureFile const& file) { return !file.facts.contains(task_field) || file.facts[task_field] != quarter_turns_task; }

FeatureFile read(Exec const& exec, std::filesystem::path const& path, FeatureTask task) {
  auto file = ign::io::read_features(exec, path);
  ign::require(task == FeatureTask::any || learned_labels(file), ign::Fault::option, 661, path.string(),
               ": the feature net tells by how many quarter turns images are turned, expected one that tells the data's labels apart: "
               "train it with `features` without --quarter-turns");
  return file;
}

void require_classes_of(FeatureFile const& file, std::string const& path, int classes) {
  int const learned = file.net.classes();
  ign::require(learned == classes, ign::Fault::option, 572, path, ": the feature net has ", learned, " classes, and the data ", classes,
               ", expected a net that `features` has trained on these data");
}

// Features and classes of a set of images.
struct Set {
  Kokkos::View<float**, Kokkos::LayoutRight, Exec::memory_space> features;
  ign::Vector<int, Exec> classes;
};

Set new_set(Exec const& exec, std::size_t count) {
  return {decltype(Set::features)(Kokkos::view_alloc(exec, "ign::quality::features"), count, ign::feature_count),
          ign::Vector<int, Exec>(Kokkos::view_alloc(exec, "ign::quality::classes"), count)};
}

void add(Exec const& exec, FeatureFile& file, Ref const& x, std::size_t first, Set const& set) {
  using Rows = ign::FeatureNet<>::Rows;
  file.net.apply(exec, x,
                 {Rows(set.features.data() + first * ign::feature_count, x.extent(0), ign::feature_count), Rows{},
                  ign::VectorRef<int, Exec>(set.classes.data() + first, x.extent(0))});
}

Set features_of(Exec const& exec, FeatureFile& file, ign::data::ImageSet const& images, std::size_t count) {
  constexpr std::size_t chunk = 200;
  ign::Batches<Exec> const batches(exec, images, {1, 1, file.net.image_shape()});
  Set const set = new_set(exec, count);
  for (std::size_t first = 0; first < count; first += chunk) {
    int const size = static_cast<int>(std::min(chunk, count - first));
    auto const x = ign::make_tensor<float>(exec, "ign::quality::images", size, file.net.image_shape());
    batches.gather_range(exec, first, Ref(x));
    add(exec, file, Ref(x), first, set);
  }
  return set;
}

}  // namespace

nlohmann::ordered_json Quality::json() const {
  return {{"fd", frechet},
          {"kid", kernel},
          {"precision", precision},
          {"recall", recall},
          {"density", density},
          {"coverage", coverage},
          {"class_kl", class_kl},
          {"rarest_class", rarest_class},
          {"memorisation", memorisation}};
}

struct QualityMeter::State {
  FeatureFile file;
  std::size_t count;
  Set training, held_out;

  Quality measure(Exec const& exec, Set const& set, bool against_training) const {
    namespace metrics = ign::metrics;
    Quality q;
    q.frechet = metrics::frechet_distance(exec, set.features, held_out.features);
    q.kernel = metrics::kernel_distance(exec, set.features, held_out.features);
    auto const found = metrics::precision_recall(exec, held_out.features, set.features);
    q.precision = found.precision;
    q.recall = found.recall;
    q.density = found.density;
    q.coverage = found.coverage;
    auto const classes = metrics::class_histogram(exec, set.classes, file.net.classes());
    q.class_kl = metrics::kl_divergence(classes, metrics::class_histogram(exec, held_out.classes, file.net.classes()));
    q.rarest_class = metrics::rarest_class(classes).share;
    q.memorisation = against_training ? metrics::memorisation(exec, set.features, held_out.features, training.features).median_ratio()
                                      : ign::quiet_nan<double>();
    return q;
  }
};

QualityMeter::QualityMeter(Exec const& exec, std::filesystem::path const& features, ign::data::ImageSet const& training,
                           ign::data::ImageSet const& held_out, ign::Shape shape, std::size_t count, FeatureTask task) {
  auto file = read(exec, features, task);
  ign::Shape const taken = file.net.image_shape();
  ign::require(taken == shape, ign::Fault::option, 664, features.string(), ": the feature net takes images of ", taken, ", these are ",
               shape, ": train a net for them with `features --side ", shape.height, '`');
  std::size_t const compared = std::min({count, training.count, held_out.count});
  auto const training_set = features_of(exec, file, training, compared);
  auto const held_out_set = features_of(exec, file, held_out, compared);
  m_state = std::make_unique<State>(State{std::move(file), compared, training_set, held_out_set});
}
QualityMeter::QualityMeter(Exec const& exec, std::filesystem::path const& features, DataSet const& data, ign::Shape shape,
                           std::size_t count, FeatureTask task)
    : QualityMeter(exec, features, data.train, data.test.images, shape, count, task) {
  if (!labelled()) return;
  if (auto const classes = label_classes(data.where)) require_classes_of(m_state->file, features.string(), *classes);
}
QualityMeter::QualityMeter(QualityMeter&&) noexcept = default;
QualityMeter::~QualityMeter() = default;

std::size_t QualityMeter::count() const { return m_state->count; }

bool QualityMeter::labelled() const { return learned_labels(m_state->file); }

nlohmann::ordered_json QualityMeter::facts() const {
  auto const& file = m_state->file;
  return {{"sha256", file.sha256},
          {task_field, labelled() ? "labels" : quarter_turns_task},
          {"test_accuracy", file.facts.value("test_accuracy", 0.0)},
          {"count", m_state->count}};
}

Quality QualityMeter::reference(Exec const& exec) const { return m_state->measure(exec, m_state->training, false); }

Quality QualityMeter::of(Exec const& exec, int chunk, std::function<void(std::size_t first, Ref const& x)> const& make) {
  auto const x = ign::make_tensor<float>(exec, "ign::quality::samples", chunk, m_state->file.net.image_shape());
  Set const set = new_set(exec, count());
  for (std::size_t first = 0; first < count(); first += static_cast<std::size_t>(chunk)) {
    int const size = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(chunk), count() - first));
    make(first, Ref(x));
    add(exec, m_state->file, ign::batch_range(Ref(x), 0, size), first, set);
  }
  return m_state->measure(exec, set, true);
}

Quality QualityMeter::of(Exec const& exec, Ref const& images) {
  Set const set = new_set(exec, count());
  add(exec, m_state->file, ign::batch_range(images, 0, static_cast<int>(count())), 0, set);
  return m_state->measure(exec, set, true);
}

struct Classifier::State {
  std::string path;
  FeatureFile file;
};

Classifier::Classifier(Exec const& exec, std::filesystem::path const& features)
    : m_state(new State{features.string(), read(exec, features, FeatureTask::labels)}) {}
Classifier::~Classifier() = default;

std::vector<int> Classifier::predict(Exec const& exec, Ref const& images) {
  ign::Vector<int, Exec> const predictions(Kokkos::view_alloc(exec, "ign::quality::predictions"), images.extent(0));
  m_state->file.net.apply(exec, images, {.predictions = ign::VectorRef<int, Exec>(predictions)});
  exec.fence("classifier: predictions");
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), predictions);
  return {host.data(), host.data() + host.size()};
}

void Classifier::require_classes(int classes) const { require_classes_of(m_state->file, m_state->path, classes); }

std::string Classifier::facts() const {
  auto const& file = m_state->file;
  return file.sha256 + ", test accuracy " + number_text(file.facts.value("test_accuracy", 0.0));
}

}  // namespace examples
