// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Epilogue of a convolution: bias, normalisation and activation, applied to the sums before they are stored. Host and device.
#ifndef IGN_MATH_CONV_EPILOGUE_HPP
#define IGN_MATH_CONV_EPILOGUE_HPP

#include <Kokkos_Core.hpp>
#include <type_traits>

#include "ign/math/simd.hpp"

namespace ign::math {

/// y = leaky ReLU(scale(c) · sum + shift(c)) for channel c: bias, normalisation by known statistics, activation.
template <class Real>
struct Epilogue {
  Real const* shift = nullptr;  ///< per channel; nullptr: 0
  Real const* scale = nullptr;  ///< per channel; nullptr: 1
  Real slope = 1;               ///< factor of negative values, applied last; 1: no activation, 0: ReLU

  bool empty() const { return shift == nullptr && scale == nullptr && slope == 1; }  ///< true if y = sum

  /// Epilogue of one channel.
  struct Channel {
    Real shift;  ///< added to the scaled sum
    Real scale;  ///< factor of the sum
    Real slope;  ///< factor of negative values, applied last

    /// y for a sum.
    KOKKOS_FUNCTION Real value(Real sum) const { return simd::rectify(scale * sum + shift, slope); }
  };
  /// Returns the epilogue of channel c.
  KOKKOS_FUNCTION Channel channel(std::size_t c) const {
    return {shift == nullptr ? Real(0) : shift[c], scale == nullptr ? Real(1) : scale[c], slope};
  }

  /// y for consecutive channels from c. T is a Pack or Real. Host only.
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

  /// Returns the epilogue with channel `first` as channel 0.
  Epilogue from(std::size_t first) const {
    return {shift == nullptr ? nullptr : shift + first, scale == nullptr ? nullptr : scale + first, slope};
  }
};

/// No activation: y = x.
struct Identity {
  /// Returns x.
  template <class Real>
  KOKKOS_FUNCTION Real value(Real x) const {
    return x;
  }
  /// Returns dy.
  template <class Real>
  KOKKOS_FUNCTION Real gradient(Real, Real dy) const {
    return dy;
  }
};

/// y = activation(epilogue(sum)) for any activation: the epilogue of device kernels.
template <class Real, class Activation = Identity>
struct DeviceEpilogue {
  Epilogue<Real> affine{};  ///< scale, shift and leaky ReLU, applied first
  Activation activation{};  ///< applied to the result

  /// y for a sum of channel c.
  KOKKOS_FUNCTION Real value(std::size_t c, Real sum) const { return activation.value(affine.channel(c).value(sum)); }
  /// Stores y of `count` neighbouring channels, at most four, from `first` on.
  KOKKOS_FUNCTION void store(Real* y, std::size_t first, Real const (&sums)[4], std::size_t count) const {
    IGN_UNROLL
    for (std::size_t n = 0; n < 4; ++n)
      if (n < count) y[n] = value(first + n, sums[n]);
  }
};

}  // namespace ign::math

#endif  // IGN_MATH_CONV_EPILOGUE_HPP
