// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Schedules of learning rates and of the weights λ of the losses.
#ifndef IGN_CORE_SCHEDULE_HPP
#define IGN_CORE_SCHEDULE_HPP

#include <cmath>
#include <cstdint>
#include <numbers>

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"

namespace ign {

/// A value by training step: a linear warm-up from `start` / `warmup` to `start` over `warmup` steps, then from `start` to `end` over
/// `total` steps, then `end`. A `constant` stays at `start`.
struct Schedule {
  /// Shape of the curve from start to end.
  enum class Kind { constant, linear, cosine };

  Kind kind = Kind::constant;  ///< shape of the curve
  double start = 0;            ///< the first value after the warm-up
  double end = 0;              ///< the final value
  std::uint64_t total = 0;     ///< steps from start to end, without the warm-up
  std::uint64_t warmup = 0;    ///< steps of the linear rise to `start`

  /// The same value at every step.
  static constexpr Schedule constant(double value) { return {Kind::constant, value, value, 0, 0}; }
  /// A straight line.
  static constexpr Schedule linear(double start, double end, std::uint64_t total) { return {Kind::linear, start, end, total, 0}; }
  /// Half a period of a cosine, flat at both ends.
  static constexpr Schedule cosine(double start, double end, std::uint64_t total) { return {Kind::cosine, start, end, total, 0}; }

  /// The value at step `step`, counted from 0.
  double at(std::uint64_t step) const {
    if (step < warmup) return start * static_cast<double>(step + 1) / static_cast<double>(warmup);
    if (kind == Kind::constant) return start;
    if (step - warmup >= total) return end;
    double const part = static_cast<double>(step - warmup) / static_cast<double>(total);
    double const weight = kind == Kind::linear ? 1 - part : 0.5 * (1 + std::cos(std::numbers::pi * part));
    return end + (start - end) * weight;
  }

  /// True if all members are equal.
  friend bool operator==(Schedule const&, Schedule const&) = default;
};

/// Name of a kind in files.
constexpr char const* name(Schedule::Kind kind) {
  constexpr char const* names[] = {"constant", "linear", "cosine"};
  return names[static_cast<int>(kind)];
}

/// \throws Error [ign.option.80] when a value is negative or not finite; the message begins with `what`
inline void validate(Schedule const& schedule, char const* what) {
  require(is_finite(schedule.start) && is_finite(schedule.end) && schedule.start >= 0 && schedule.end >= 0, Fault::option, 80, what,
          ": from ", schedule.start, " to ", schedule.end, ", expected finite values of at least 0");
}

}  // namespace ign

#endif  // IGN_CORE_SCHEDULE_HPP
