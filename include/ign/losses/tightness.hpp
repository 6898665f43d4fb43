// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forms of the tightness term, which bound its maximisation, and adaptive weight of the term.
///
/// The form F of the term is a trivially copyable value, callable on a device:
///
///     KOKKOS_FUNCTION TightnessTerm term(TightnessInputs const&) const    the term of one sample, with its derivatives
///     bool needs_noise_distance() const                                   true: the term depends on D(f(z), z); default: false
///     bool differs_by_sample() const                                      false: ∂term/∂T is the same for all samples; default: true
///     void validate(F const&)                                             throws Error on invalid options; default: does nothing
///
/// Smoothing has the published forms and two more. IdempotentOptions takes any other one as its third template argument.
#ifndef IGN_LOSSES_TIGHTNESS_HPP
#define IGN_LOSSES_TIGHTNESS_HPP

#include <Kokkos_Core.hpp>
#include <concepts>
#include <string_view>
#include <type_traits>

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"

namespace ign {

/// Quantities of one sample that a tightness term may depend on. D is the distance of the objective.
struct TightnessInputs {
  double tightness;            ///< T = D(f(y), y), y = f(z)
  double reconstruction;       ///< D(f(x), x) of the data sample at the same index in the batch
  double mean_tightness;       ///< mean of T over the batch
  double mean_reconstruction;  ///< mean of D(f(x), x) over the batch, detached
  double noise_distance;       ///< D(f(z), z), detached; 0 unless the form needs it
};

/// A tightness term, which the objective minimises, with its derivatives.
struct TightnessTerm {
  double value;                      ///< the term
  double derivative_tightness;       ///< ∂value/∂T
  double derivative_reconstruction;  ///< ∂value/∂D(f(x), x) of the sample at the same index
};

/// Form of the term and source of its reference distance R. Published implementations differ: `none`, `own_noise` and `data_sample` are
/// theirs, `data_batch` and `batch` use a mean over the batch.
enum class SmoothingKind {
  none,         ///< no smoothing: the term is -T
  own_noise,    ///< R = D(f(z), z) of the same z, detached: the paper's formula
  data_sample,  ///< R = D(f(x), x) of the sample at the same index in the batch, not detached: the KTH reproduction (kth_celeba_recipe)
  data_batch,   ///< R = mean of D(f(x), x) over the batch, detached
  batch,        ///< as data_batch, with T also averaged over the batch: one factor for all samples needs no extra backward pass
  paired,       ///< R log(1 + exp((D(f(x), x) - T) / R)) of x and z with the same index, R = mean of D(f(x), x), detached
  exponential,  ///< a R exp(-T / (a R)), R = mean of D(f(x), x) over the batch, detached
};

/// All smoothing kinds.
inline constexpr SmoothingKind smoothing_kinds[] = {SmoothingKind::none,       SmoothingKind::own_noise, SmoothingKind::data_sample,
                                                    SmoothingKind::data_batch, SmoothingKind::batch,     SmoothingKind::paired,
                                                    SmoothingKind::exponential};

/// Returns true if the factor of the tightness gradient differs between samples.
constexpr bool differs_by_sample(SmoothingKind kind) { return kind != SmoothingKind::none && kind != SmoothingKind::batch; }

/// Returns the name of a kind as stored in files.
constexpr char const* name(SmoothingKind kind) {
  constexpr char const* names[] = {"none", "own_noise", "data_sample", "data_batch", "batch", "paired", "exponential"};
  return names[static_cast<int>(kind)];
}

/// Returns the kind with the given name.
/// \throws Error [ign.option.84] when no kind has this name
inline SmoothingKind smoothing_kind(std::string_view text) {
  for (auto const kind : smoothing_kinds)
    if (text == name(kind)) return kind;
  fail(Fault::option, 84, "smoothing '", text, "', expected none, own_noise, data_sample, data_batch, batch, paired or exponential");
}

/// Tightness term of one sample: -T, or -a R tanh(T / (a R)), which is approximately -T for T << a R and never below -a R; or one of two
/// convex forms, whose gradient |∂term/∂T| falls to 0 for T >> R: from 1 at T = 0 (`exponential`), or from 1 / (1 + exp(-D(f(x), x) / R))
/// (`paired`), which is 0.73 for D(f(x), x) = R.
///
/// \source arXiv 2311.01462, section 2.2 and appendix; the pairing is that of Jolicoeur-Martineau, "The relativistic discriminator",
///         arXiv 1807.00734
struct Smoothing {
  SmoothingKind kind = SmoothingKind::none;  ///< form of the term and source of R
  double a = 1.5;                            ///< factor of R, > 0; `none` and `paired` do not use it
  double floor = 1e-6;                       ///< lower bound of R, > 0

  /// Returns true if the term depends on D(f(z), z).
  constexpr bool needs_noise_distance() const { return kind == SmoothingKind::own_noise; }
  /// Returns true if the factor of the tightness gradient differs between samples.
  constexpr bool differs_by_sample() const { return ign::differs_by_sample(kind); }

  /// Returns the term of one sample.
  KOKKOS_FUNCTION TightnessTerm term(TightnessInputs const& in) const {
    double const mean = bounded(in.mean_reconstruction);
    switch (kind) {
      case SmoothingKind::paired: {
        double const u = (in.reconstruction - in.tightness) / mean;
        double const slope = 1 / (1 + Kokkos::exp(-u));
        return {mean * (Kokkos::fmax(u, 0.0) + Kokkos::log1p(Kokkos::exp(-Kokkos::fabs(u)))), -slope, slope};
      }
      case SmoothingKind::exponential: {
        double const slope = Kokkos::exp(-in.tightness / (a * mean));
        return {a * mean * slope, -slope, 0};
      }
      case SmoothingKind::own_noise:
        return bounded_term(in.tightness, in.noise_distance);
      case SmoothingKind::data_sample: {
        TightnessTerm term = bounded_term(in.tightness, in.reconstruction);
        term.derivative_reconstruction = derivative_reference(in.tightness, in.reconstruction);
        return term;
      }
      case SmoothingKind::batch:
        return bounded_term(in.mean_tightness, in.mean_reconstruction);
      case SmoothingKind::none:
      case SmoothingKind::data_batch:
        break;
    }
    return bounded_term(in.tightness, in.mean_reconstruction);
  }

  /// Returns -T, or -a R tanh(T / (a R)), for tightness T and reference distance R.
  KOKKOS_FUNCTION double value(double tightness, double reference) const {
    if (kind == SmoothingKind::none) return -tightness;
    double const bound = a * bounded(reference);
    return -bound * Kokkos::tanh(tightness / bound);
  }

  /// Returns ∂value/∂T.
  KOKKOS_FUNCTION double derivative_tightness(double tightness, double reference) const {
    if (kind == SmoothingKind::none) return -1;
    double const t = Kokkos::tanh(tightness / (a * bounded(reference)));
    return t * t - 1;
  }

  /// Returns ∂value/∂R, which is 0 below the floor. Only `data_sample` differentiates with respect to R.
  KOKKOS_FUNCTION double derivative_reference(double tightness, double reference) const {
    if (kind == SmoothingKind::none || reference < floor) return 0;
    double const u = tightness / (a * reference);
    double const t = Kokkos::tanh(u);
    return -a * (t - u * (1 - t * t));
  }

 private:
  KOKKOS_FUNCTION double bounded(double reference) const { return reference < floor ? floor : reference; }
  KOKKOS_FUNCTION TightnessTerm bounded_term(double tightness, double reference) const {
    return {value(tightness, reference), derivative_tightness(tightness, reference), 0};
  }
};

namespace tightness {  // the contract of a form with its defaults, for policies to call

/// Returns `needs_noise_distance`; default: false.
template <class Form>
constexpr bool needs_noise_distance_of([[maybe_unused]] Form const& form) {
  if constexpr (requires { form.needs_noise_distance(); })
    return form.needs_noise_distance();
  else
    return false;
}

/// Returns `differs_by_sample`; default: true.
template <class Form>
constexpr bool differs_by_sample_of([[maybe_unused]] Form const& form) {
  if constexpr (requires { form.differs_by_sample(); })
    return form.differs_by_sample();
  else
    return true;
}

/// Fails to compile unless F is a form of the tightness term; the error names the missing function.
template <class Form>
constexpr bool complete() {
  static_assert(
      requires(Form const& form, TightnessInputs const& inputs) {
        { form.term(inputs) } -> std::same_as<TightnessTerm>;
      },
      "ign::Idempotent: a form of the tightness has `TightnessTerm term(TightnessInputs const&) const`: see ign/losses/tightness.hpp");
  static_assert(std::is_trivially_copyable_v<Form>, "ign::Idempotent: a form of the tightness is copied to devices byte by byte");
  return true;
}

}  // namespace tightness

/// Adaptive weight of the tightness term. It steers T / R towards `ratio`: T is the error of f on its own outputs, R that on data.
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
  /// Returns w after a step with the batch means `tightness` of T and `reference` of R.
  KOKKOS_FUNCTION double next(double w, double tightness, double reference) const {
    double const moved = w + gain * (ratio - tightness / Kokkos::fmax(reference, floor));
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
