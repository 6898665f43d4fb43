// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Errors and pictures of fields that several methods have restored, on the host.
#ifndef IGN_EXAMPLES_SUPPORT_RESTORED_FIELDS_HPP
#define IGN_EXAMPLES_SUPPORT_RESTORED_FIELDS_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "field_baselines.hpp"
#include "report/report.hpp"

namespace examples {

/// Errors of restored fields by method, and pictures of some of them.
struct RestoredFields {
  Grid grid;
  std::map<std::string, std::map<double, double>> squares;  // summed (y - x)², by method and its parameter
  std::vector<std::string> order;
  std::vector<examples::PictureRow> pictures;
  double amount = 0;  // summed x²

  void add(std::string const& method, double parameter, Values const& y, Values const& x) {
    if (!squares.contains(method)) order.push_back(method);
    double& sum = squares[method][parameter];
    for (std::size_t i = 0; i < x.size(); ++i)
      sum += (static_cast<double>(y[i]) - static_cast<double>(x[i])) * (static_cast<double>(y[i]) - static_cast<double>(x[i]));
  }
  /// The parameter with the smallest error, and |y - x| / |x|.
  std::pair<double, double> best(std::string const& method) const {
    auto const& tried = squares.at(method);
    auto const least = std::min_element(tried.begin(), tried.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
    return {least->first, std::sqrt(least->second / amount)};
  }
  /// Adds a picture: the field of two dimensions, or the first slice.
  void picture(std::string const& label, Values const& x) {
    std::size_t const rows = static_cast<std::size_t>(grid.rows == 1 ? grid.planes : grid.rows),
                      columns = static_cast<std::size_t>(grid.columns);
    ign::io::Image image{rows, columns, 1, std::vector<std::uint8_t>(rows * columns)};
    for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(std::clamp(170 * x[i], 0.0f, 255.0f));
    pictures.push_back({label, std::move(image)});
  }
};

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_RESTORED_FIELDS_HPP
