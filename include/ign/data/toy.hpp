// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Mixtures of Gaussians in one or two dimensions. Their modes are known, so that the modes which a generator drops can be counted.
#ifndef IGN_DATA_TOY_HPP
#define IGN_DATA_TOY_HPP

#include <Kokkos_Core.hpp>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/tensor.hpp"
#include "ign/random/fill.hpp"

namespace ign::data {

/// One isotropic Gaussian of a mixture.
struct GaussianMode {
  Kokkos::Array<double, 2> centre{};  ///< centre; a mixture in one dimension uses the first number
  double stddev = 1;                  ///< standard deviation in each direction
  double weight = 1;                  ///< share of the samples, relative to those of the other modes
};

/// A mixture of at most 32 Gaussians in one or two dimensions.
class GaussianMixture {
 public:
  static constexpr std::size_t max_modes = 32;  ///< limit, since kernels take mixtures by value

  /// Checks the modes.
  /// \throws Error [ign.option.276] if `dimensions` is not 1 or 2, the number of modes is 0 or above max_modes, or a standard deviation or
  ///         weight is not positive and finite
  GaussianMixture(int dimensions, std::vector<GaussianMode> const& modes) : m_dimensions(dimensions), m_count(modes.size()) {
    require((dimensions == 1 || dimensions == 2) && !modes.empty() && modes.size() <= max_modes, Fault::option, 276,
            "mixture: ", modes.size(), " modes in ", dimensions, " dimensions, expected 1 to ", max_modes, " in 1 or 2");
    double sum = 0;
    for (std::size_t k = 0; k < m_count; ++k) {
      auto const good = [](double value) { return is_finite(value) && value > 0; };
      require(good(modes[k].stddev) && good(modes[k].weight), Fault::option, 276, "mixture: mode ", k, " has standard deviation ",
              modes[k].stddev, " and weight ", modes[k].weight, ", expected positive and finite values");
      m_modes[k] = modes[k];
      sum += modes[k].weight;
    }
    double below = 0;
    for (std::size_t k = 0; k < m_count; ++k) m_upper[k] = static_cast<float>((below += modes[k].weight) / sum);
  }

  KOKKOS_FUNCTION int dimensions() const { return m_dimensions; }       ///< 1 or 2
  Shape shape() const { return {1, 1, m_dimensions}; }                  ///< shape of a point
  std::size_t mode_count() const { return m_count; }                    ///< number of modes, at most max_modes
  GaussianMode const& mode(std::size_t k) const { return m_modes[k]; }  ///< mode k, in the order of the constructor

  /// Draws point number `index` of a key: first its mode, then its position.
  template <class Real>
  KOKKOS_FUNCTION void point(Key const& key, std::uint32_t index, Real* out) const {
    auto const words = random::bits(key, index);
    float const u = random::uniform(words[0]);
    std::size_t k = 0;
    while (k + 1 < m_count && u >= m_upper[k]) ++k;
    float gaussian[2];
    random::gaussian_pair(words[1], words[2], gaussian[0], gaussian[1]);
    for (int d = 0; d < m_dimensions; ++d)
      out[d] = static_cast<Real>(m_modes[k].centre[static_cast<std::size_t>(d)] + m_modes[k].stddev * static_cast<double>(gaussian[d]));
  }

 private:
  int m_dimensions;
  std::size_t m_count;
  Kokkos::Array<GaussianMode, max_modes> m_modes{};
  Kokkos::Array<float, max_modes> m_upper{};  // cumulative share of the samples, up to each mode
};

/// The mixture 0.3 N(0.6, 0.1²) + 0.7 N(-0.4, 0.05²) in one dimension.
inline GaussianMixture line_mixture() { return {1, {{{0.6, 0}, 0.1, 0.3}, {{-0.4, 0}, 0.05, 0.7}}}; }

/// Eight equal modes of standard deviation 0.02 on a circle of radius 2, mode k at the angle 2πk/8.
inline GaussianMixture ring_mixture() {
  std::vector<GaussianMode> modes;
  for (int k = 0; k < 8; ++k) {
    double const angle = 2 * std::numbers::pi * k / 8;
    modes.push_back({{2 * std::cos(angle), 2 * std::sin(angle)}, 0.02, 1});
  }
  return {2, modes};
}

/// Equal modes of standard deviation 0.05 on a 5×5 grid of spacing 2 around 0, row by row.
inline GaussianMixture grid_mixture() {
  std::vector<GaussianMode> modes;
  for (int row = -2; row <= 2; ++row)
    for (int column = -2; column <= 2; ++column) modes.push_back({{2.0 * column, 2.0 * row}, 0.05, 1});
  return {2, modes};
}

namespace detail {

template <class Real>
struct DrawPoints {
  GaussianMixture mixture;
  Key key;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    mixture.point(key, static_cast<std::uint32_t>(n), out + n * static_cast<std::size_t>(mixture.dimensions()));
  }
};

}  // namespace detail

/// Fills x (n, 1, 1, dimensions) with n points. The first points do not depend on n. Random numbers are drawn in float, also
/// for tensors of double.
/// \throws Error [ign.shape.275] on other extents
template <Scalar Real, class Exec>
void draw(Exec const& exec, GaussianMixture const& mixture, Key const& key, TensorRef<Real, Exec> const& x) {
  require(shape_of(x) == mixture.shape(), Fault::shape, 275, "mixture: points of ", shape_of(x), ", expected ", mixture.shape());
  Kokkos::parallel_for("ign::mixture", range_policy(exec, x.extent(0)), detail::DrawPoints<Real>{mixture, key, x.data()});
}

/// Options of PointBatches.
struct PointOptions {
  int batch = 256;              ///< number of points in a batch
  std::uint64_t seed = 1;       ///< seed of the points
  std::uint64_t epoch = 65536;  ///< number of points that count as one pass over the data
};

/// Batches for a Trainer: new points of a mixture at each step.
template <class Exec = Kokkos::DefaultExecutionSpace>
class PointBatches {
 public:
  /// Batches of points of `mixture`.
  /// \throws Error [ign.option.277] if the batch is empty or larger than an epoch
  PointBatches(GaussianMixture const& mixture, PointOptions const& options) : m_mixture(mixture), m_options(options) {
    require(options.batch >= 1 && static_cast<std::uint64_t>(options.batch) <= options.epoch, Fault::option, 277, "points: batch of ",
            options.batch, ", expected 1 to the ", options.epoch, " points of an epoch");
  }

  GaussianMixture const& mixture() const { return m_mixture; }  ///< distribution of the points
  PointOptions const& options() const { return m_options; }     ///< as given
  Shape shape() const { return m_mixture.shape(); }             ///< shape of a point
  /// Number of whole batches in an epoch.
  std::uint64_t batches_per_epoch() const { return m_options.epoch / static_cast<std::uint64_t>(m_options.batch); }

  /// Fills x with the points of a step.
  /// \throws Error [ign.shape.275] on other extents
  template <Scalar Real>
  void gather(Exec const& exec, StepArgument<std::uint64_t> const& step, TensorRef<Real, Exec> const& x) const {
    draw(exec, m_mixture, Key{m_options.seed, RandomStream::points, step}, x);
  }

 private:
  GaussianMixture m_mixture;
  PointOptions m_options;
};

}  // namespace ign::data

#endif  // IGN_DATA_TOY_HPP
