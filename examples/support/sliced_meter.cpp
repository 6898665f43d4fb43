// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "sliced_meter.hpp"

#include <algorithm>

namespace examples {

namespace {

std::vector<double> figures(ign::metrics::SlicedWasserstein const& found) {
  std::vector<double> result = {found.mean};
  for (auto const& level : found.levels) result.push_back(level.distance);
  return result;
}

}  // namespace

SlicedMeter::SlicedMeter(Exec const& exec, DataSet const& data, ign::Shape shape, std::size_t count)
    : m_test(to_device(exec, data.test.images, std::min(count, data.train.count), shape)), m_names{"SWD"} {
  auto const training = to_device(exec, data.train, this->count(), shape);
  auto const reference = ign::metrics::sliced_wasserstein(exec, Ref(training), Ref(m_test));
  for (auto const& level : reference.levels) m_names.push_back(std::to_string(level.height) + " x " + std::to_string(level.width));
  m_reference = figures(reference);
}

std::vector<double> SlicedMeter::of(Exec const& exec, Ref const& images) const {
  return figures(ign::metrics::sliced_wasserstein(exec, Ref(ign::batch_range(images, 0, static_cast<int>(count()))), Ref(m_test)));
}

std::vector<double> SlicedMeter::of_samples(Exec const& exec, AnyProjector& f, std::uint64_t seed) const {
  constexpr int chunk = 100;
  int const all = static_cast<int>(count());
  auto const samples = ign::make_tensor<float>(exec, "ign::sliced_meter::samples", all, f.image_shape());
  for (int first = 0; first < all; first += chunk) {
    ign::Key const key{seed, ign::RandomStream::user, (std::uint64_t{1} << 34) + static_cast<std::uint64_t>(first)};
    f.generate(exec, key, 1, ign::batch_range(samples, first, std::min(chunk, all - first)));
  }
  return of(exec, Ref(samples));
}

}  // namespace examples
