// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "chart.hpp"

#include <ign/core/error.hpp>
#include <ign/core/finite.hpp>
#include <ign/io/file.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <limits>

#include "html.hpp"

namespace examples {

std::string_view const chart_style =
    R"(.ign-chart{--ink:#1b1b19;--faint:#5d5d57;--rule:#dfdfd9;--c0:#0069a8;--c1:#c04a00;--c2:#00795a;--c3:#a23c84;--c4:#7d6200;--c5:#4d4d4d;
font:12.5px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
@media screen and (prefers-color-scheme:dark){.ign-chart{--ink:#e7e6e2;--faint:#a9a8a1;--rule:#37383c;
--c0:#62b5ee;--c1:#f29155;--c2:#46c79d;--c3:#e39fca;--c4:#dfb842;--c5:#c4c4c4}}
.ign-chart text{fill:var(--faint)}
.ign-chart .name{fill:var(--ink)}
.ign-chart .title{fill:var(--ink);font-size:15px}
.ign-chart .grid{stroke:var(--rule);fill:none}
.ign-chart .axis{stroke:var(--faint);fill:none}
.ign-chart .k0{--c:var(--c0);--d:none}
.ign-chart .k1{--c:var(--c1);--d:7 4}
.ign-chart .k2{--c:var(--c2);--d:1 4}
.ign-chart .k3{--c:var(--c3);--d:10 4 1 4}
.ign-chart .k4{--c:var(--c4);--d:14 5}
.ign-chart .k5{--c:var(--c5);--d:4 4}
.ign-chart .line{fill:none;stroke:var(--c);stroke-width:2;stroke-dasharray:var(--d);stroke-linecap:round;stroke-linejoin:round}
.ign-chart .dots{stroke-width:6;stroke-dasharray:none}
.ign-chart .band{fill:var(--c);opacity:.2}
)";

namespace {

// 1, 2 or 5 times a power of ten that divides `range` into about `count` steps.
double tick_step(double range, int count) {
  double const raw = range / count;
  double const power = std::pow(10.0, std::floor(std::log10(raw)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw) return factor * power;
  }
  return 10 * power;
}

// An axis: range of values, and their positions.
class Axis {
 public:
  struct Tick {
    double value;
    std::string label;
  };

  explicit Axis(bool log) : m_log(log) {}

  /// True for values that can be drawn. Beyond ±1e300 the difference of two values may overflow.
  static bool shows(double value) { return ign::is_finite(value) && std::abs(value) < 1e300; }

  /// Extends the range to a value.
  void take(double value) {
    m_low = std::min(m_low, value);
    m_high = std::max(m_high, value);
  }
  bool empty() const { return m_low > m_high; }

  /// Finishes the range after the last `take`: adds `room` times its length at both ends, or a surrounding to a single value.
  void close(double room) {
    double low = scaled(m_low), high = scaled(m_high);
    double const size = std::max(std::abs(low), std::abs(high));
    double const least = m_log ? 1e-6 : 1e-9 * size;  // smaller differences are rounding errors
    bool const single = high - low <= least;
    double const margin = !single ? room * (high - low) : m_log ? std::log10(2.0) : size > 0 ? 0.5 * size : 1;
    m_from = low - margin;
    m_to = high + margin;
  }

  /// Position from 0, the beginning, to 1, the end. Values outside are clamped.
  double place(double value) const {
    if (m_log && value <= 0) return 0;
    return std::clamp((scaled(value) - m_from) / (m_to - m_from), 0.0, 1.0);
  }

  /// About `count` round values. On a logarithmic axis powers of ten if they suffice, otherwise 1, 2 and 5 times those.
  std::vector<Tick> ticks(int count) const {
    std::vector<Tick> all;
    double const low = m_log ? std::pow(10.0, m_from) : m_from, high = m_log ? std::pow(10.0, m_to) : m_to;
    double const decades = m_to - m_from;
    if (m_log && decades > 1) {
      bool const between = decades < 2.5;
      double const stride = std::max(1.0, std::ceil(decades / count));
      for (double power = std::floor(m_from / stride) * stride; power <= m_to; power += stride) {
        for (double factor : {1.0, 2.0, 5.0}) {
          double const value = factor * std::pow(10.0, power);
          bool const inside = std::log10(factor) + power >= m_from && std::log10(factor) + power <= m_to;
          if (inside && (factor < 2 || between)) all.push_back({value, number_text(value, 1)});
        }
      }
      return all;
    }
    double const step = tick_step(high - low, count);
    int const decimals = static_cast<int>(std::max(0.0, -std::floor(std::log10(step) + 1e-9)));
    for (double i = std::ceil(low / step - 1e-9); i <= high / step + 1e-9; ++i) all.push_back({i * step, label(i * step, decimals)});
    return all;
  }

 private:
  double scaled(double value) const { return m_log ? std::log10(value) : value; }

  // The same number of decimals at every tick, unless the numbers are too large or too small.
  static std::string label(double value, int decimals) {
    if (decimals == 0 || decimals > 6) return number_text(value, 6);
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", decimals, std::abs(value));
    return (value < 0 ? "\u2212" : "") + std::string(text);
  }

  bool m_log;
  double m_low = std::numeric_limits<double>::max(), m_high = std::numeric_limits<double>::lowest();
  double m_from = 0, m_to = 1;  // of the scaled values
};

// Checks the curves and sets the ranges of the axes.
void fit_axes(std::span<Curve const> curves, CurveOptions const& options, Axis& x_axis, Axis& y_axis) {
  bool points = false;
  for (auto const& curve : curves) {
    bool const as_many = curve.x.size() == curve.y.size() && (curve.deviation.empty() || curve.deviation.size() == curve.x.size());
    ign::require(as_many, ign::Fault::option, 43, "chart: curve '", curve.name, "' has ", curve.x.size(), " x, ", curve.y.size(), " y and ",
                 curve.deviation.size(), " deviations, expected as many x as y, and no deviations or as many");
    points = points || curve.mark != Mark::line;
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      double const x = curve.x[i], y = curve.y[i];
      if (!Axis::shows(x) || !Axis::shows(y)) continue;
      ign::require((!options.log_x || x > 0) && (!options.log_y || y > 0), ign::Fault::option, 300, "chart: curve '", curve.name,
                   "' has the point (", x, ", ", y, "), expected positive numbers on a logarithmic axis");
      x_axis.take(x);
      y_axis.take(y);
      if (curve.deviation.empty() || !Axis::shows(curve.deviation[i])) continue;
      double const low = y - curve.deviation[i], high = y + curve.deviation[i];
      ign::require(curve.deviation[i] >= 0, ign::Fault::option, 300, "chart: curve '", curve.name, "' has the standard deviation ",
                   curve.deviation[i], ", expected 0 or more");
      if (Axis::shows(low) && (!options.log_y || low > 0)) y_axis.take(low);  // otherwise the band reaches the edge
      if (Axis::shows(high)) y_axis.take(high);
    }
  }
  ign::require(!x_axis.empty(), ign::Fault::option, 43, "chart: no curve has a value to show");
  x_axis.close(points ? 0.03 : 0);
  y_axis.close(0.05);
}

// The SVG text of a drawing, and the layout of its parts.
class Drawing {
 public:
  Drawing(ChartExtents const& extents, Axis const& x_axis, Axis const& y_axis)
      : m_extents(extents), m_x_axis(x_axis), m_y_axis(y_axis), m_right(extents.width - 14), m_bottom(extents.height - 46) {}

  /// Title, legend in as many lines as needed, and label of the y axis.
  void head(std::span<Curve const> curves, CurveOptions const& options) {
    if (!options.title.empty()) text(0, m_top += line_height, "start", "title", options.title);
    if (curves.size() > 1 || !curves[0].name.empty()) {
      double x = 0;
      m_top += line_height;
      for (std::size_t k = 0; k < curves.size(); ++k) {
        double const width = 34 + width_of(curves[k].name);
        if (x > 0 && x + width > m_extents.width) {
          x = 0;
          m_top += line_height;
        }
        path("key line" + style_of(k), point('M', x + 2, m_top - 4) + "h22");
        text(x + 30, m_top, "start", "name", curves[k].name);
        x += width + 14;
      }
      m_top += 6;
    }
    if (!options.y_label.empty()) text(0, m_top += line_height, "start", "label", options.y_label);
    m_top += 12;
  }

  void axes(std::string const& x_label) {
    auto const y_ticks = m_y_axis.ticks(5);
    for (auto const& tick : y_ticks) m_left = std::max(m_left, 12 + width_of(tick.label));
    for (auto const& tick : y_ticks) {
      path("grid", point('M', m_left, place_y(tick.value)) + 'H' + number(m_right));
      text(m_left - 8, place_y(tick.value) + 4, "end", "tick", tick.label);
    }
    path("axis", point('M', m_left, m_bottom) + 'H' + number(m_right));
    for (auto const& tick : m_x_axis.ticks(std::max(2, static_cast<int>(m_extents.width / 110)))) {
      path("axis", point('M', place_x(tick.value), m_bottom) + "v5");
      double const x = std::min(place_x(tick.value), m_extents.width - width_of(tick.label) / 2);
      text(x, m_bottom + 20, "middle", "tick", tick.label);
    }
    text((m_left + m_right) / 2, m_bottom + 40, "middle", "label", x_label);
  }

  /// The k-th curve: band, line and points, with gaps at values that cannot be drawn.
  void curve(std::size_t k, Curve const& curve) {
    auto const shown = [&](std::size_t i) { return i < curve.x.size() && Axis::shows(curve.x[i]) && Axis::shows(curve.y[i]); };
    std::string line, dots, bands;
    for (std::size_t begin = 0, end = 0; begin < curve.x.size(); begin = end + 1) {  // sections without a gap
      for (end = begin; shown(end);) ++end;
      std::string above, below;
      for (std::size_t i = begin; i < end; ++i) {
        double const x = place_x(curve.x[i]), y = place_y(curve.y[i]);
        line += point(i == begin ? 'M' : 'L', x, y);
        bool const alone = end == begin + 1;                                     // without a line
        if (alone || curve.mark != Mark::line) dots += point('M', x, y) + "h0";  // round line ends draw a dot
        if (curve.deviation.empty()) continue;
        double const deviation = Axis::shows(curve.deviation[i]) ? curve.deviation[i] : 0;
        above += point(i == begin ? 'M' : 'L', x, place_y(curve.y[i] + deviation));
        below.insert(0, point('L', x, place_y(curve.y[i] - deviation)));
      }
      if (!above.empty()) bands += above + below + 'Z';
    }
    if (!bands.empty()) path("band" + style_of(k), bands);
    if (curve.mark != Mark::points) path("line" + style_of(k), line);
    if (!dots.empty()) path("line dots" + style_of(k), dots);
  }

  std::string svg(std::string_view description) const {
    std::string const width = number(m_extents.width), height = number(m_extents.height);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ign-chart\" role=\"img\" viewBox=\"0 0 " + width + ' ' + height +
           "\" width=\"" + width + "\" height=\"" + height + "\" aria-label=\"" + escape(description) + "\">\n" + m_body + "</svg>\n";
  }

 private:
  static constexpr double line_height = 20;
  static constexpr std::size_t styles = 6;

  /// An estimate for the reader's font: the width of digits in a wide font.
  static double width_of(std::string_view words) { return 8.0 * static_cast<double>(character_count(words)); }
  static std::string style_of(std::size_t k) { return " k" + std::to_string(k % styles); }
  static std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
  }
  static std::string point(char command, double x, double y) { return command + number(x) + ' ' + number(y); }
  double place_x(double x) const { return m_left + m_x_axis.place(x) * (m_right - m_left); }
  double place_y(double y) const { return m_bottom - m_y_axis.place(y) * (m_bottom - m_top); }
  void path(std::string const& style, std::string const& way) { m_body += "<path class=\"" + style + "\" d=\"" + way + "\"/>\n"; }
  void text(double x, double y, char const* anchor, char const* style, std::string_view words) {
    m_body += "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\" class=\"" + style + "\">" +
              escape(words) + "</text>\n";
  }

  ChartExtents m_extents;
  Axis m_x_axis, m_y_axis;
  double m_left = 0, m_right, m_top = 4, m_bottom;
  std::string m_body;
};

}  // namespace

std::string chart_svg(std::span<Curve const> curves, CurveOptions const& options, std::string_view description,
                      ChartExtents const& extents) {
  Axis x_axis(options.log_x), y_axis(options.log_y);
  fit_axes(curves, options, x_axis, y_axis);
  Drawing drawing(extents, x_axis, y_axis);
  drawing.head(curves, options);
  drawing.axes(options.x_label);
  for (std::size_t k = 0; k < curves.size(); ++k) drawing.curve(k, curves[k]);
  return drawing.svg(description);
}

void write_curves(std::filesystem::path const& path, std::span<Curve const> curves, CurveOptions const& options) {
  std::string svg = chart_svg(curves, options, options.title);
  std::string const background =
      "<style>" + escape(chart_style) +
      ".ign-chart{background:#fff}@media screen and (prefers-color-scheme:dark){.ign-chart{background:#17181a}}</style>\n";
  svg.insert(svg.find('\n') + 1, background);
  ign::io::write_file(path, svg);
}

}  // namespace examples
