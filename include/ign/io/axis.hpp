// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// An axis of a chart: the range of its values, places on it, and ticks at round numbers.
#ifndef IGN_IO_AXIS_HPP
#define IGN_IO_AXIS_HPP

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "ign/core/finite.hpp"
#include "ign/io/html.hpp"

namespace ign::io::detail {

/// 1, 2 or 5 times a power of ten, so that `range` has about `count` steps.
inline double tick_step(double range, int count) {
  double const raw = range / count;
  double const power = std::pow(10.0, std::floor(std::log10(raw)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw) return factor * power;
  }
  return 10 * power;
}

/// One axis: the values that it shows, and where they stand on it.
class Axis {
 public:
  struct Tick {
    double value;
    std::string label;
  };

  explicit Axis(bool log) : m_log(log) {}

  /// Whether the axis can show the number at all. Beyond ±1e300 the distance of two values need not be a number.
  static bool shows(double value) { return is_finite(value) && std::abs(value) < 1e300; }

  /// Makes room for a value that the axis shows.
  void take(double value) {
    m_low = std::min(m_low, value);
    m_high = std::max(m_high, value);
  }
  bool empty() const { return m_low > m_high; }

  /// After the last `take`: an axis of one value gets a surrounding, any other one `room` of its length at both ends.
  void close(double room) {
    double low = scaled(m_low), high = scaled(m_high);
    double const size = std::max(std::abs(low), std::abs(high));
    double const least = m_log ? 1e-6 : 1e-9 * size;  // rounding errors are no curve
    bool const single = high - low <= least;
    double const margin = !single ? room * (high - low) : m_log ? std::log10(2.0) : size > 0 ? 0.5 * size : 1;
    m_from = low - margin;
    m_to = high + margin;
  }

  /// 0 at the beginning of the axis, 1 at its end; values outside stand at the nearer one.
  double place(double value) const {
    if (m_log && value <= 0) return 0;
    return std::clamp((scaled(value) - m_from) / (m_to - m_from), 0.0, 1.0);
  }

  /// About `count` round values. On a logarithmic axis powers of ten where they suffice, else 1, 2 and 5 times those.
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

  // As many decimals at every tick of an axis, unless its numbers are too large or too small for that.
  static std::string label(double value, int decimals) {
    if (decimals == 0 || decimals > 6) return number_text(value, 6);
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", decimals, std::abs(value));
    return (value < 0 ? "\u2212" : "") + std::string(text);
  }

  bool m_log;
  double m_low = std::numeric_limits<double>::max(), m_high = std::numeric_limits<double>::lowest();
  double m_from = 0, m_to = 1;  // of what is scaled
};

}  // namespace ign::io::detail

#endif  // IGN_IO_AXIS_HPP
