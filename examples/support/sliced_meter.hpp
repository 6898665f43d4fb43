// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Quality of samples without labels and without a feature net: sliced Wasserstein distance to test images.
#ifndef IGN_EXAMPLES_SUPPORT_SLICED_METER_HPP
#define IGN_EXAMPLES_SUPPORT_SLICED_METER_HPP

#include <ign/metrics/sliced_wasserstein.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data_sets.hpp"
#include "projector.hpp"

namespace examples {

/// Measures samples against the test images of a data set.
class SlicedMeter {
 public:
  /// \param shape  extents of a sample, to which the images are padded
  /// \param count  number of test images, training images and samples to compare; the smallest set limits it
  /// \throws ign::Error as ign::metrics::sliced_wasserstein
  SlicedMeter(Exec const& exec, DataSet const& data, ign::Shape shape, std::size_t count);

  std::size_t count() const { return m_test.extent(0); }
  /// Names of the figures: "SWD" for the mean of the levels, and the extents of each level.
  std::vector<std::string> const& names() const { return m_names; }
  /// Figures of as many training images: the score of a perfect generator.
  std::vector<double> const& reference() const { return m_reference; }
  /// Figures of the first count() images.
  std::vector<double> of(Exec const& exec, Ref const& images) const;
  /// Figures of count() samples f(z).
  std::vector<double> of_samples(Exec const& exec, AnyProjector& f, std::uint64_t seed) const;

 private:
  ign::Tensor<float, Exec> m_test;
  std::vector<std::string> m_names;
  std::vector<double> m_reference;
};

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_SLICED_METER_HPP
