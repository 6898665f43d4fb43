// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Modes of two-dimensional mixtures: which of them samples hit, and how many samples belong to one.
#ifndef IGN_METRICS_MODES_HPP
#define IGN_METRICS_MODES_HPP

#include <array>
#include <numbers>

#include "ign/core/finite.hpp"
#include "ign/core/runs.hpp"
#include "ign/metrics/features.hpp"
#include "ign/metrics/histogram.hpp"

namespace ign::metrics {

/// A mixture of round Gaussians of equal weight.
struct Modes {
  std::vector<std::array<double, 2>> centres;  ///< of the Gaussians
  double deviation = 0;                        ///< standard deviation along each axis, of all modes
};

/// Modes on a circle about the origin, from angle 0 on.
inline Modes ring_modes(int count = 8, double radius = 2, double deviation = 0.02) {
  Modes modes{{}, deviation};
  for (int i = 0; i < count; ++i) {
    double const angle = 2 * std::numbers::pi * i / count;
    modes.centres.push_back({radius * std::cos(angle), radius * std::sin(angle)});
  }
  return modes;
}

/// Modes on a square grid of side · side places about the origin.
inline Modes grid_modes(int side = 5, double spacing = 2, double deviation = 0.05) {
  Modes modes{{}, deviation};
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) modes.centres.push_back({spacing * (x - (side - 1) / 2.0), spacing * (y - (side - 1) / 2.0)});
  return modes;
}

/// When a sample is of high quality, and when a mode is hit. Published figures differ in `deviations`: 3 is the first and the usual one,
/// with which 98.9 % of the mixture's own samples are of high quality; Azadi et al., arXiv 1810.06758, have 4.
struct ModeOptions {
  double deviations = 3;    ///< a sample is of high quality if it lies no farther from the nearest mode
  std::uint64_t least = 1;  ///< high-quality samples that make a mode hit, ≥ 1
};

/// What samples of a mixture are like.
struct ModeCoverage {
  int modes_hit = 0;              ///< with as many high-quality samples as asked for
  double high_quality_share = 0;  ///< of all samples
  Histogram counts;               ///< of high-quality samples, by mode; its divergence to equal counts tells how even they are
};

namespace detail {

template <class Real>
struct NearestMode {
  Rows<Real> samples;
  double const* centres;  // (modes, 2)
  std::size_t modes;
  double reach;  // squared
  std::uint32_t* mode;

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    std::size_t nearest = modes;  // none
    double least = reach;
    for (std::size_t k = 0; k < modes; ++k) {
      double const x = samples(i, 0) - centres[2 * k];
      double const y = samples(i, 1) - centres[2 * k + 1];
      double const distance = x * x + y * y;
      if (distance < least || (distance == least && nearest == modes)) {
        least = distance;
        nearest = k;
      }
    }
    mode[i] = static_cast<std::uint32_t>(nearest);
  }
};

}  // namespace detail

/// Compares samples (n, 2) with the modes they should come from.
///
/// \source Srivastava et al., "VEEGAN", arXiv 1705.07761, section 4.1; Lin et al., "PacGAN", arXiv 1712.04086, section 4.1
/// \throws Error [ign.option.206] without modes or with numbers that are not positive, [ign.shape.204] on samples of another length;
///         [ign.shape.200], [ign.numeric.200]
template <class Exec, FeatureView Samples>
ModeCoverage mode_coverage(Exec const& exec, Samples const& samples, Modes const& modes, ModeOptions const& options = {}) {
  require(!modes.centres.empty() && is_finite(modes.deviation) && modes.deviation > 0 && !is_nan(options.deviations) &&
              options.deviations > 0 && options.least >= 1,
          Fault::option, 206, "modes: ", modes.centres.size(), " modes of deviation ", modes.deviation, ", samples within ",
          options.deviations, " deviations, at least ", options.least, ", expected all above 0");
  require(samples.extent(1) == 2, Fault::shape, 204, "modes: samples of ", samples.extent(1), " numbers, expected 2");
  detail::check_features(exec, "modes", samples, 1);
  using Real = typename Samples::non_const_value_type;
  std::size_t const count = modes.centres.size();
  double const reach = options.deviations * modes.deviation;
  auto const centres = make_vector<double>(exec, "ign::metrics::modes", 2 * count);
  Kokkos::deep_copy(
      exec, centres,
      Kokkos::View<double const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(modes.centres.front().data(), 2 * count));
  Kokkos::View<std::uint32_t*, typename Exec::memory_space> const mode(Kokkos::view_alloc(exec, "ign::metrics::modes"), samples.extent(0));
  Kokkos::parallel_for("ign::metrics::modes", indices(exec, samples.extent(0)),
                       detail::NearestMode<Real>{detail::rows_of(samples), centres.data(), count, reach * reach, mode.data()});
  ModeCoverage coverage{0, 0, Histogram(count, 0)};
  for (std::uint32_t const k : to_host(exec, mode))
    if (k < count) ++coverage.counts[k];
  coverage.high_quality_share = static_cast<double>(total(coverage.counts)) / static_cast<double>(samples.extent(0));
  for (std::uint64_t const hits : coverage.counts) coverage.modes_hit += hits >= options.least ? 1 : 0;
  return coverage;
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_MODES_HPP
