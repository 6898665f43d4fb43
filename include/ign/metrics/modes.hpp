// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Mode coverage of two-dimensional mixtures: modes hit, and the share of samples close to a mode.
#ifndef IGN_METRICS_MODES_HPP
#define IGN_METRICS_MODES_HPP

#include <array>
#include <numbers>

#include "ign/core/elementwise.hpp"
#include "ign/core/finite.hpp"
#include "ign/metrics/features.hpp"
#include "ign/metrics/histogram.hpp"

namespace ign::metrics {

/// Mixture of isotropic Gaussians of equal weight and standard deviation.
struct Modes {
  std::vector<std::array<double, 2>> centres;  ///< means of the Gaussians
  double stddev = 0;                           ///< standard deviation along each axis, shared by all modes
};

/// Returns modes on a circle around the origin, starting at angle 0.
inline Modes ring_modes(int count = 8, double radius = 2, double stddev = 0.02) {
  Modes modes{{}, stddev};
  for (int i = 0; i < count; ++i) {
    double const angle = 2 * std::numbers::pi * i / count;
    modes.centres.push_back({radius * std::cos(angle), radius * std::sin(angle)});
  }
  return modes;
}

/// Returns modes on a square grid of side · side points centred at the origin.
inline Modes grid_modes(int side = 5, double spacing = 2, double stddev = 0.05) {
  Modes modes{{}, stddev};
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) modes.centres.push_back({spacing * (x - (side - 1) / 2.0), spacing * (y - (side - 1) / 2.0)});
  return modes;
}

/// Thresholds for high-quality samples and for modes hit.
///
/// Published values of `max_deviations` differ. The original and usual value is 3, with which 98.9 % of the samples of the mixture itself
/// are of high quality; Azadi et al., arXiv 1810.06758, use 4.
struct ModeOptions {
  double max_deviations = 3;      ///< largest distance of a high-quality sample to the nearest mode, in standard deviations, > 0
  std::uint64_t min_samples = 1;  ///< least number of high-quality samples for a mode to count as hit, ≥ 1
};

/// Coverage of the modes of a mixture by samples.
struct ModeCoverage {
  int modes_hit = 0;              ///< modes with at least ModeOptions::min_samples high-quality samples
  double high_quality_share = 0;  ///< share of high-quality samples among all samples
  Histogram counts;               ///< high-quality samples per mode; their divergence from equal counts measures the imbalance
};

namespace detail {

template <class Real>
struct NearestMode {
  Rows<Real> samples;
  double const* centres;  // (modes, 2)
  std::size_t modes;
  double limit;  // largest squared distance of a high-quality sample
  std::uint32_t* mode;

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    std::size_t nearest = modes;  // none
    double least = limit;
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

/// Counts the high-quality samples among samples (n, 2), per nearest mode.
///
/// \source Srivastava et al., "VEEGAN", arXiv 1705.07761, section 4.1; Lin et al., "PacGAN", arXiv 1712.04086, section 4.1
/// \throws Error [ign.option.206] when there are no modes or an option is not positive, [ign.shape.204] when samples do not have
///         2 coordinates, [ign.shape.200] without samples, [ign.numeric.200] on values that are not finite
template <class Exec, FeatureView Samples>
ModeCoverage mode_coverage(Exec const& exec, Samples const& samples, Modes const& modes, ModeOptions const& options = {}) {
  require(!modes.centres.empty() && is_finite(modes.stddev) && modes.stddev > 0 && !is_nan(options.max_deviations) &&
              options.max_deviations > 0 && options.min_samples >= 1,
          Fault::option, 206, "modes: ", modes.centres.size(), " modes of standard deviation ", modes.stddev, ", samples within ",
          options.max_deviations, " standard deviations, at least ", options.min_samples, " samples per mode, expected all above 0");
  require(samples.extent(1) == 2, Fault::shape, 204, "modes: samples of ", samples.extent(1), " coordinates, expected 2");
  detail::check_features(exec, "modes", samples, 1);
  using Real = typename Samples::non_const_value_type;
  std::size_t const count = modes.centres.size();
  double const radius = options.max_deviations * modes.stddev;
  auto const centres = make_vector<double>(exec, "ign::metrics::modes", 2 * count);
  Kokkos::deep_copy(
      exec, centres,
      Kokkos::View<double const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(modes.centres.front().data(), 2 * count));
  Kokkos::View<std::uint32_t*, typename Exec::memory_space> const mode(Kokkos::view_alloc(exec, "ign::metrics::modes"), samples.extent(0));
  Kokkos::parallel_for("ign::metrics::modes", range_policy(exec, samples.extent(0)),
                       detail::NearestMode<Real>{detail::rows_of(samples), centres.data(), count, radius * radius, mode.data()});
  ModeCoverage coverage{0, 0, Histogram(count, 0)};
  for (std::uint32_t const k : to_host(exec, mode))
    if (k < count) ++coverage.counts[k];
  coverage.high_quality_share = static_cast<double>(total(coverage.counts)) / static_cast<double>(samples.extent(0));
  for (std::uint64_t const hits : coverage.counts) coverage.modes_hit += hits >= options.min_samples ? 1 : 0;
  return coverage;
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_MODES_HPP
