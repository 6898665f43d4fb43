// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The smoothing of the tightness term, which keeps the maximisation from running away.
#ifndef IGN_LOSSES_TIGHTNESS_HPP
#define IGN_LOSSES_TIGHTNESS_HPP

#include <Kokkos_Core.hpp>
#include <string_view>

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"

namespace ign {

/// Where the radius R of the smoothing comes from. Public code disagrees; we offer what it has, and two with a mean of the batch.
enum class SmoothingKind {
  none,         ///< the term is -T
  own_noise,    ///< R = D(f(z), z) of the same z, detached: the paper's formula
  data_sample,  ///< R = D(f(x), x) of the sample at the same place in the batch, not detached: the KTH reproduction
  data_batch,   ///< R = mean of D(f(x), x) over the batch, detached
  batch,        ///< as data_batch, and T is the mean over the batch, too: one factor for all samples, which costs no sweep of its own
};

/// All kinds.
inline constexpr SmoothingKind smoothing_kinds[] = {SmoothingKind::none, SmoothingKind::own_noise, SmoothingKind::data_sample,
                                                    SmoothingKind::data_batch, SmoothingKind::batch};

/// True where the tightness of each sample has a factor of its own.
constexpr bool differs_by_sample(SmoothingKind kind) { return kind != SmoothingKind::none && kind != SmoothingKind::batch; }

/// The name of a kind as files spell it.
constexpr char const* name(SmoothingKind kind) {
  constexpr char const* names[] = {"none", "own_noise", "data_sample", "data_batch", "batch"};
  return names[static_cast<int>(kind)];
}

/// The kind of that name.
/// \throws Error [ign.option.84] when there is none
inline SmoothingKind smoothing_kind(std::string_view text) {
  for (auto const kind : smoothing_kinds)
    if (text == name(kind)) return kind;
  fail(Fault::option, 84, "smoothing '", text, "', expected none, own_noise, data_sample, data_batch or batch");
}

/// The tightness term of one sample: -T, or -a R tanh(T / (a R)), which is -T for T << a R and never less than -a R.
///
/// \source arXiv 2311.01462, section 2.2 and appendix
struct Smoothing {
  SmoothingKind kind = SmoothingKind::none;  ///< where R comes from
  double a = 1.5;                            ///< how many radii the term may reach, > 0
  double floor = 1e-6;                       ///< the least R, > 0

  /// The term for tightness T and radius R.
  KOKKOS_FUNCTION double value(double tightness, double radius) const {
    if (kind == SmoothingKind::none) return -tightness;
    double const reach = a * bounded(radius);
    return -reach * Kokkos::tanh(tightness / reach);
  }

  /// ∂value/∂T.
  KOKKOS_FUNCTION double derivative_tightness(double tightness, double radius) const {
    if (kind == SmoothingKind::none) return -1;
    double const t = Kokkos::tanh(tightness / (a * bounded(radius)));
    return t * t - 1;
  }

  /// ∂value/∂R, 0 below the floor. Only `data_sample` sends a gradient that way.
  KOKKOS_FUNCTION double derivative_radius(double tightness, double radius) const {
    if (kind == SmoothingKind::none || radius < floor) return 0;
    double const u = tightness / (a * radius);
    double const t = Kokkos::tanh(u);
    return -a * (t - u * (1 - t * t));
  }

 private:
  KOKKOS_FUNCTION double bounded(double radius) const { return radius < floor ? floor : radius; }
};

/// Steers the weight of the tightness: λ_t of a step is its schedule's times w, and then w ← w + gain (ratio - T / R), kept within 0 and 1,
/// where T and R are the batch's means of D(f(y), y) and D(f(x), x); w begins with 0. So f moves what it puts out itself by at most so many
/// times what it moves data by, however long the run; a constant weight that is good for samples loses that balance in some
/// (docs/results.md).
///
/// \source Berthelot et al., "BEGAN", arXiv 1703.10717, section 3.4, which steers a GAN's discriminator so
struct Equilibrium {
  double ratio = 0;     ///< T / R; 0: the weight is its schedule's
  double floor = 1e-6;  ///< the least R, > 0: a smaller error of data is left to f, and T keeps what it is at the floor
  double gain = 1e-3;   ///< of a step, > 0

  /// Whether it steers.
  KOKKOS_FUNCTION constexpr bool steers() const { return ratio > 0; }
  /// w after a step with these means.
  KOKKOS_FUNCTION double next(double w, double tightness, double radius) const {
    double const moved = w + gain * (ratio - tightness / Kokkos::fmax(radius, floor));
    return Kokkos::fmin(1.0, Kokkos::fmax(0.0, moved));
  }
};

/// \throws Error [ign.option.86] when the ratio is negative, or floor or gain are not positive
inline void validate(Equilibrium const& equilibrium) {
  bool const good = is_finite(equilibrium.ratio) && equilibrium.ratio >= 0 && is_finite(equilibrium.gain) && equilibrium.gain > 0 &&
                    is_finite(equilibrium.floor) && equilibrium.floor > 0;
  require(good, Fault::option, 86, "equilibrium: ratio ", equilibrium.ratio, ", floor ", equilibrium.floor, ", gain ", equilibrium.gain,
          ", expected a ratio of 0 or more, floor and gain positive");
}

/// \throws Error [ign.option.83] when a or floor are not positive
inline void validate(Smoothing const& smoothing) {
  require(is_finite(smoothing.a) && smoothing.a > 0 && is_finite(smoothing.floor) && smoothing.floor > 0, Fault::option, 83,
          "smoothing: a ", smoothing.a, ", floor ", smoothing.floor, ", expected both positive");
}

}  // namespace ign

#endif  // IGN_LOSSES_TIGHTNESS_HPP
