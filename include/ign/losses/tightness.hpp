// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Smoothing of the tightness term, which bounds its maximisation, and adaptive weight of the term.
#ifndef IGN_LOSSES_TIGHTNESS_HPP
#define IGN_LOSSES_TIGHTNESS_HPP

#include <Kokkos_Core.hpp>
#include <string_view>

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"

namespace ign {

/// Source of the smoothing radius R. Published implementations differ: `none`, `own_noise` and `data_sample` are theirs, `data_batch` and
/// `batch` use a mean over the batch.
enum class SmoothingKind {
  none,         ///< no smoothing: the term is -T
  own_noise,    ///< R = D(f(z), z) of the same z, detached: the paper's formula
  data_sample,  ///< R = D(f(x), x) of the sample at the same index in the batch, not detached: the KTH reproduction
  data_batch,   ///< R = mean of D(f(x), x) over the batch, detached
  batch,        ///< as data_batch, with T also averaged over the batch: one factor for all samples needs no extra backward pass
};

/// All smoothing kinds.
inline constexpr SmoothingKind smoothing_kinds[] = {SmoothingKind::none, SmoothingKind::own_noise, SmoothingKind::data_sample,
                                                    SmoothingKind::data_batch, SmoothingKind::batch};

/// Returns true if the factor of the tightness gradient differs between samples.
constexpr bool differs_by_sample(SmoothingKind kind) { return kind != SmoothingKind::none && kind != SmoothingKind::batch; }

/// Returns the name of a kind as stored in files.
constexpr char const* name(SmoothingKind kind) {
  constexpr char const* names[] = {"none", "own_noise", "data_sample", "data_batch", "batch"};
  return names[static_cast<int>(kind)];
}

/// Returns the kind with the given name.
/// \throws Error [ign.option.84] when no kind has this name
inline SmoothingKind smoothing_kind(std::string_view text) {
  for (auto const kind : smoothing_kinds)
    if (text == name(kind)) return kind;
  fail(Fault::option, 84, "smoothing '", text, "', expected none, own_noise, data_sample, data_batch or batch");
}

/// Tightness term of one sample: -T, or -a R tanh(T / (a R)), which is approximately -T for T << a R and never below -a R.
///
/// \source arXiv 2311.01462, section 2.2 and appendix
struct Smoothing {
  SmoothingKind kind = SmoothingKind::none;  ///< source of R
  double a = 1.5;                            ///< bound of the term in units of R, > 0
  double floor = 1e-6;                       ///< lower bound of R, > 0

  /// Returns the term for tightness T and radius R.
  KOKKOS_FUNCTION double value(double tightness, double radius) const {
    if (kind == SmoothingKind::none) return -tightness;
    double const reach = a * bounded(radius);
    return -reach * Kokkos::tanh(tightness / reach);
  }

  /// Returns ∂value/∂T.
  KOKKOS_FUNCTION double derivative_tightness(double tightness, double radius) const {
    if (kind == SmoothingKind::none) return -1;
    double const t = Kokkos::tanh(tightness / (a * bounded(radius)));
    return t * t - 1;
  }

  /// Returns ∂value/∂R, which is 0 below the floor. Only `data_sample` differentiates with respect to R.
  KOKKOS_FUNCTION double derivative_radius(double tightness, double radius) const {
    if (kind == SmoothingKind::none || radius < floor) return 0;
    double const u = tightness / (a * radius);
    double const t = Kokkos::tanh(u);
    return -a * (t - u * (1 - t * t));
  }

 private:
  KOKKOS_FUNCTION double bounded(double radius) const { return radius < floor ? floor : radius; }
};

/// Adaptive weight of the tightness term. It keeps the error T of f on its own outputs within `ratio` times its error R on data.
///
/// The step uses w times the scheduled λ_t, then updates w ← clamp(w + gain (ratio - T / R), 0, 1). T and R are the batch means of
/// D(f(y), y) and D(f(x), x); w starts at 0. The balance holds for runs of any length, whereas a constant weight that gives good samples
/// loses it in some runs (docs/results.md).
///
/// \source Berthelot et al., "BEGAN", arXiv 1703.10717, section 3.4, which controls the discriminator of a GAN in this way
struct Equilibrium {
  double ratio = 0;     ///< target of T / R; 0 turns the adaptation off, so that λ_t follows its schedule
  double floor = 1e-6;  ///< lower bound of R, > 0: below it the target of T stays at ratio · floor
  double gain = 1e-3;   ///< step size of the update of w, > 0

  /// Returns true if w is adapted.
  KOKKOS_FUNCTION constexpr bool enabled() const { return ratio > 0; }
  /// Returns w after a step with the batch means `tightness` and `radius`.
  KOKKOS_FUNCTION double next(double w, double tightness, double radius) const {
    double const moved = w + gain * (ratio - tightness / Kokkos::fmax(radius, floor));
    return Kokkos::fmin(1.0, Kokkos::fmax(0.0, moved));
  }
};

/// Checks the options.
/// \throws Error [ign.option.86] when the ratio is negative or not finite, or when floor or gain are not positive and finite
inline void validate(Equilibrium const& equilibrium) {
  bool const good = is_finite(equilibrium.ratio) && equilibrium.ratio >= 0 && is_finite(equilibrium.gain) && equilibrium.gain > 0 &&
                    is_finite(equilibrium.floor) && equilibrium.floor > 0;
  require(good, Fault::option, 86, "equilibrium: ratio ", equilibrium.ratio, ", floor ", equilibrium.floor, ", gain ", equilibrium.gain,
          ", expected a ratio of at least 0, and a positive floor and gain");
}

/// Checks the options.
/// \throws Error [ign.option.83] when a or floor are not positive and finite
inline void validate(Smoothing const& smoothing) {
  require(is_finite(smoothing.a) && smoothing.a > 0 && is_finite(smoothing.floor) && smoothing.floor > 0, Fault::option, 83,
          "smoothing: a ", smoothing.a, ", floor ", smoothing.floor, ", expected both positive");
}

}  // namespace ign

#endif  // IGN_LOSSES_TIGHTNESS_HPP
