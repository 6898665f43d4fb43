// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Measures of images against test images behind one type: in the features of a net, or without one.
#ifndef IGN_EXAMPLES_SUPPORT_MEASURE_HPP
#define IGN_EXAMPLES_SUPPORT_MEASURE_HPP

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "data_sets.hpp"
#include "images.hpp"
#include "report/report.hpp"

namespace examples {

/// A measure: named figures, of which charts show the first.
struct Measure {
  std::vector<std::string> names;                            ///< of the figures
  std::size_t count = 0;                                     ///< number of images that are compared
  std::string caption;                                       ///< continues "Against the … images, "
  std::vector<Fact> facts;                                   ///< to be reported with every figure
  std::vector<double> reference;                             ///< figures of training images: the score of a perfect generator
  std::function<std::vector<double>(Ref const& images)> of;  ///< figures of the first `count` images
};

/// Fréchet distance, precision, recall and coverage in the features of a net; if it has learned labels, figures of the classes, too.
/// \param features  file of the program `features`
/// \param shape  extents of the images, which must be those that the net takes
/// \param count  number of images to compare; the smallest set limits it
/// \throws ign::Error as QualityMeter
Measure feature_measure(Exec const& exec, std::string const& features, DataSet const& data, ign::Shape shape, std::size_t count);

/// Sliced Wasserstein distance of images of that shape: the mean of the levels, and each level.
/// \param count  number of images to compare; the smallest set limits it
/// \throws ign::Error as ign::metrics::sliced_wasserstein
Measure sliced_measure(Exec const& exec, DataSet const& data, ign::Shape shape, std::size_t count);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_MEASURE_HPP
