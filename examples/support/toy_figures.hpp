// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Figures of points that should follow a mixture of Gaussians.
#ifndef IGN_EXAMPLES_SUPPORT_TOY_FIGURES_HPP
#define IGN_EXAMPLES_SUPPORT_TOY_FIGURES_HPP

#include <ign/data/toy.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "projector.hpp"

namespace examples {

inline constexpr int samples = 2500;  // f(z) per figure, as published for ring and grid
inline constexpr std::array figure_names = {"modes hit", "high quality", "high quality, f²(z)", "W1", "KL", "|f²(z) − f(z)|", "|f(x) − x|"};
using Figures = std::array<double, figure_names.size()>;  // NaN where a mixture has no such figure

/// Indices of the figures that a mixture has.
std::vector<std::size_t> figures_of(ign::data::GaussianMixture const& mixture);

/// Points of a mixture that are not used in training.
ign::Tensor<float, Exec> fresh_points(Exec const& exec, ign::data::GaussianMixture const& mixture, std::uint64_t seed);

/// Figures of points y that should follow the mixture, and of f(y).
Figures compare(Exec const& exec, ign::data::GaussianMixture const& mixture, Ref const& y, Ref const& fy);

/// Figures of a trained f. On return y holds f(z).
/// \param seed  of the noise
Figures measure(Exec const& exec, AnyProjector& f, std::uint64_t seed, ign::data::GaussianMixture const& mixture, Ref const& y);

/// Points as a curve of a chart: positions in the plane, or a histogram in one dimension.
Curve curve(Exec const& exec, std::string const& name, ign::data::GaussianMixture const& mixture, Ref const& points);

/// Figures of several runs as a row of a mixture's table. Prints them, too.
std::vector<Cell> row(ign::data::GaussianMixture const& mixture, std::string const& what, std::vector<Figures> const& runs);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_TOY_FIGURES_HPP
