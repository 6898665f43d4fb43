// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// What a convolution does to its sums on their way to memory.
#ifndef IGN_MATH_EPILOGUE_HPP
#define IGN_MATH_EPILOGUE_HPP

#include <Kokkos_Core.hpp>
#include <type_traits>

#include "ign/math/simd.hpp"

namespace ign::math {

/// y = rectify(scale(c) · sum + shift(c)) for channel c: a bias, a normalisation by known statistics, a rectifier.
template <class Real>
struct Epilogue {
  Real const* shift = nullptr;  ///< of each channel; absent: 0
  Real const* scale = nullptr;  ///< of each channel; absent: 1
  Real slope = 1;               ///< factor of what is negative then; 1: no rectifier

  bool empty() const { return shift == nullptr && scale == nullptr && slope == 1; }  ///< whether y is the sum itself

  /// What it does to one channel.
  struct Channel {
    Real shift;  ///< added last
    Real scale;  ///< of the sum
    Real slope;  ///< factor of what is negative then

    /// y of a sum.
    KOKKOS_FUNCTION Real value(Real sum) const {
      Real const y = scale * sum + shift;
      return y > 0 ? y : slope * y;
    }
  };
  /// Of channel c.
  KOKKOS_FUNCTION Channel channel(std::size_t c) const {
    return {shift == nullptr ? Real(0) : shift[c], scale == nullptr ? Real(1) : scale[c], slope};
  }

  /// The values of T's channels from c on; T is a Pack, or Real. Host only.
  template <class T>
  T values(std::size_t c, T sum) const {
    if constexpr (std::is_same_v<T, Real>) {
      return channel(c).value(sum);
    } else {
      if (scale != nullptr) sum = sum * simd::load<T>(scale + c);
      if (shift != nullptr) sum += simd::load<T>(shift + c);
      return slope == 1 ? sum : simd::rectify(sum, slope);
    }
  }

  /// The same for channels from `first` on.
  Epilogue from(std::size_t first) const {
    return {shift == nullptr ? nullptr : shift + first, scale == nullptr ? nullptr : scale + first, slope};
  }
};

/// No activation, or one that the epilogue has.
struct Nothing {
  /// x
  template <class Real>
  KOKKOS_FUNCTION Real value(Real x) const {
    return x;
  }
};

/// y = activation(epilogue(sum)), for any activation. What devices do.
template <class Real, class Activation = Nothing>
struct Then {
  Epilogue<Real> epilogue{};  ///< first
  Activation activation{};    ///< then

  /// Of channel c.
  KOKKOS_FUNCTION Real value(std::size_t c, Real sum) const { return activation.value(epilogue.channel(c).value(sum)); }
};

}  // namespace ign::math

#endif  // IGN_MATH_EPILOGUE_HPP
