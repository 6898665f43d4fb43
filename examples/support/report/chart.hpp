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

/// How the values of a curve are shown.
enum class Mark { line, points, line_and_points };

/// One curve. Values that are not finite leave a gap.
struct Curve {
  std::string name;                 ///< as the legend has it
  std::vector<double> x;            ///< ascending
  std::vector<double> y;            ///< as many as x
  std::vector<double> deviation{};  ///< none, or as many as x: a band from y - deviation to y + deviation
  Mark mark = Mark::line;           ///< how values are shown
};

/// What a drawing says beside its curves.
struct CurveOptions {
  std::string title{};           ///< above the drawing; empty: none
  std::string x_label = "step";  ///< below the axis
  bool log_y = true;             ///< logarithmic values: all must be positive
  bool log_x = false;            ///< the same along the axis of x
  std::string y_label{};         ///< beside the axis; empty: none
};

/// The extents of a drawing, in its own units: CSS pixels where it is shown as large as it is.
struct ChartExtents {
  double width = 760;   ///< from edge to edge
  double height = 400;  ///< from edge to edge
};

/// The style sheet of the drawings, for light and dark surroundings. Colours that colour-blind readers can tell apart, after Okabe
/// and Ito's; the curves differ in their dashes as well, for those who see no colour and for grey paper.
extern std::string_view const chart_style;

/// Draws curves as one SVG element, for an HTML page or a file of its own; both need `chart_style`.
///
/// \param description  text for readers who cannot see the drawing
/// \throws ign::Error [ign.option.43] when the lengths of a curve differ or no value can be drawn, [ign.option.300] when a logarithmic axis
///         gets a number that is not positive, or a deviation is negative
std::string chart_svg(std::span<Curve const> curves, CurveOptions const& options, std::string_view description,
                      ChartExtents const& extents = {});

/// Writes the curves as an SVG file, atomically.
/// \throws ign::Error as chart_svg; [ign.file.*] as AtomicFile
void write_curves(std::filesystem::path const& path, std::span<Curve const> curves, CurveOptions const& options = {});

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_REPORT_CHART_HPP
