// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Line charts as SVG: axes and ticks that follow from the data, lines with bands or points, colours from a style sheet.
#ifndef IGN_EXAMPLES_SUPPORT_REPORT_CHART_HPP
#define IGN_EXAMPLES_SUPPORT_REPORT_CHART_HPP

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// Drawing style of a curve.
enum class Mark { line, points, line_and_points };

/// One curve. Values that are not finite leave a gap.
struct Curve {
  std::string name;                 ///< in the legend
  std::vector<double> x;            ///< ascending
  std::vector<double> y;            ///< as many as x
  std::vector<double> deviation{};  ///< empty, or as many as x: a band from y - deviation to y + deviation
  Mark mark = Mark::line;           ///< drawing style
};

/// Title, labels and scales of a chart.
struct CurveOptions {
  std::string title{};           ///< above the drawing; empty: none
  std::string x_label = "step";  ///< below the axis
  bool log_y = true;             ///< logarithmic y axis, for positive values
  bool log_x = false;            ///< logarithmic x axis, for positive values
  std::string y_label{};         ///< next to the axis; empty: none
};

/// Extents of a drawing in its own units, CSS pixels at natural size.
struct ChartExtents {
  double width = 760;   ///< including margins
  double height = 400;  ///< including margins
};

/// The style sheet of charts, for light and dark backgrounds. The colours are distinguishable for colour-blind readers, after Okabe and
/// Ito; dashes distinguish the curves without colour.
extern std::string_view const chart_style;

/// Draws curves as one SVG element, for an HTML page or a file of its own; both need `chart_style`.
///
/// \param description  text for readers who cannot see the drawing
/// \throws ign::Error [ign.option.43] when the lengths of a curve differ or no value can be drawn, [ign.option.300] when a logarithmic axis
///         gets a number that is not positive, or a standard deviation is negative
std::string chart_svg(std::span<Curve const> curves, CurveOptions const& options, std::string_view description,
                      ChartExtents const& extents = {});

/// Writes the curves as an SVG file, atomically.
/// \throws ign::Error as chart_svg; [ign.file.*] as AtomicFile
void write_curves(std::filesystem::path const& path, std::span<Curve const> curves, CurveOptions const& options = {});

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_REPORT_CHART_HPP
