// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Curves as a picture: self-contained SVG, value over step.
#ifndef IGN_IO_CURVES_HPP
#define IGN_IO_CURVES_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <iomanip>
#include <limits>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "ign/core/error.hpp"
#include "ign/io/file.hpp"

namespace ign::io {

/// One curve. Points whose value is not finite, or not positive on a logarithmic axis, leave a gap.
struct Curve {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;  ///< as many as x
};

struct CurveOptions {
  std::string title;
  std::string x_label = "step";
  bool log_y = true;
};

namespace detail {

inline std::string xml_text(std::string const& text) {
  std::string out;
  for (char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

/// 1, 2 or 5 times a power of ten, so that `range` has about `count` steps.
inline double tick_step(double range, int count) {
  double const raw = range / count;
  double const power = std::pow(10.0, std::floor(std::log10(raw)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw) return factor * power;
  }
  return 10 * power;
}

}  // namespace detail

/// Writes the curves, atomically.
/// \throws ign::Error [ign.option.43] when a curve has not as many x as y, or there is nothing to show; [ign.file.*] as AtomicFile
inline void write_curves(std::filesystem::path const& path, std::span<Curve const> curves, CurveOptions const& options = {}) {
  constexpr double width = 760, height = 420, left = 80, right = 20, top = 40, bottom = 50;
  // Okabe and Ito's colours, which colour-blind readers can tell apart.
  constexpr std::array colours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"};
  constexpr double infinity = std::numeric_limits<double>::infinity();
  auto const shown = [&](double value) { return std::isfinite(value) && (!options.log_y || value > 0); };
  auto const scaled = [&](double value) { return options.log_y ? std::log10(value) : value; };

  double x_low = infinity, x_high = -infinity, y_low = infinity, y_high = -infinity;
  for (auto const& curve : curves) {
    require(curve.x.size() == curve.y.size(), Fault::option, 43, path.string(), ": curve '", curve.name, "' has ", curve.x.size(),
            " x and ", curve.y.size(), " y, expected as many");
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      if (!shown(curve.y[i])) continue;
      x_low = std::min(x_low, curve.x[i]);
      x_high = std::max(x_high, curve.x[i]);
      y_low = std::min(y_low, scaled(curve.y[i]));
      y_high = std::max(y_high, scaled(curve.y[i]));
    }
  }
  require(x_low <= x_high, Fault::option, 43, path.string(), ": no curve has a value to show");
  if (x_low == x_high) x_high += 1;
  if (y_high - y_low < 1e-9) y_high = y_low + 1;
  auto const place_x = [&](double x) { return left + (x - x_low) / (x_high - x_low) * (width - left - right); };
  auto const place_y = [&](double y) { return height - bottom - (y - y_low) / (y_high - y_low) * (height - top - bottom); };

  std::ostringstream svg;
  svg << std::setprecision(6) << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << ' ' << height
      << "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"" << left
      << "\" y=\"24\" font-size=\"15\">" << detail::xml_text(options.title) << "</text>\n";
  auto const tick = [&](double x1, double y1, double x2, double y2, double tx, double ty, char const* anchor, double value) {
    svg << "<path d=\"M" << x1 << ' ' << y1 << 'L' << x2 << ' ' << y2 << "\" stroke=\"#dddddd\"/>\n<text x=\"" << tx << "\" y=\"" << ty
        << "\" text-anchor=\"" << anchor << "\">" << value << "</text>\n";
  };
  double const step_x = detail::tick_step(x_high - x_low, 6);
  for (double x = std::ceil(x_low / step_x) * step_x; x <= x_high + 1e-9; x += step_x)
    tick(place_x(x), top, place_x(x), height - bottom, place_x(x), height - bottom + 18, "middle", x);
  double const step_y = detail::tick_step(y_high - y_low, 5);
  for (double y = std::ceil(y_low / step_y) * step_y; y <= y_high + 1e-9; y += step_y)
    tick(left, place_y(y), width - right, place_y(y), left - 6, place_y(y) + 4, "end", options.log_y ? std::pow(10.0, y) : y);
  svg << "<text x=\"" << (left + width - right) / 2 << "\" y=\"" << height - 12 << "\" text-anchor=\"middle\">"
      << detail::xml_text(options.x_label) << "</text>\n";
  for (std::size_t k = 0; k < curves.size(); ++k) {
    char const* const colour = colours[k % colours.size()];
    std::string line;
    bool open = false;
    for (std::size_t i = 0; i < curves[k].x.size(); ++i) {
      if (shown(curves[k].y[i])) {
        std::ostringstream point;
        point << (open ? 'L' : 'M') << place_x(curves[k].x[i]) << ' ' << place_y(scaled(curves[k].y[i]));
        line += point.str();
      }
      open = shown(curves[k].y[i]);
    }
    double const y = top + 10 + 18 * static_cast<double>(k);
    svg << "<path d=\"" << line << "\" fill=\"none\" stroke=\"" << colour << "\" stroke-width=\"1.8\"/>\n<path d=\"M" << width - 150 << ' '
        << y << "h24\" stroke=\"" << colour << "\" stroke-width=\"3\"/>\n<text x=\"" << width - 120 << "\" y=\"" << y + 4 << "\">"
        << detail::xml_text(curves[k].name) << "</text>\n";
  }
  svg << "</svg>\n";
  write_file(path, svg.str());
}

}  // namespace ign::io

#endif  // IGN_IO_CURVES_HPP
