// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "measure.hpp"

#include <memory>

#include "quality.hpp"
#include "sliced_meter.hpp"

namespace examples {

Measure feature_measure(Exec const& exec, std::string const& features, DataSet const& data, ign::Shape shape, std::size_t count) {
  auto const meter = std::make_shared<QualityMeter>(exec, features, data, shape, count, FeatureTask::any);
  bool const labelled = meter->labelled();
  auto const figures = [labelled](Quality const& q) {
    std::vector<double> values = {q.frechet, q.precision, q.recall, q.coverage};
    if (labelled) values.insert(values.end(), {q.class_kl, q.rarest_class});
    return values;
  };
  std::vector<std::string> names = {meter->frechet_name(), "precision", "recall", "coverage"};
  if (labelled) names.insert(names.end(), {"KL of classes", "rarest class"});
  return {names,
          meter->count(),
          labelled ? "in the features of a classifier" : "in the features of a net that tells by how many quarter turns images are turned",
          {{"feature net", meter->facts().dump()}},
          figures(meter->reference(exec)),
          [=](Ref const& images) { return figures(meter->of(exec, images)); }};
}

Measure sliced_measure(Exec const& exec, DataSet const& data, ign::Shape shape, std::size_t count) {
  auto const meter = std::make_shared<SlicedMeter>(exec, data, shape, count);
  return {meter->names(),
          meter->count(),
          "by the sliced Wasserstein distance, mean of all levels and by level",
          {},
          meter->reference(),
          [=](Ref const& images) { return meter->of(exec, images); }};
}

}  // namespace examples
