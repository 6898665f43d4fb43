// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reference implementation of forward, input gradient and weight gradient of a convolution, for tests. Host and device.
///
/// Algorithm: plain sums from the definition, one result per thread. Layout: images (n, y, x, channel), weights (k, k, F, C); in three
/// dimensions (n, z, y, x, channel) and (k, k, k, F, C).
#ifndef IGN_MATH_CONV_REFERENCE_HPP
#define IGN_MATH_CONV_REFERENCE_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/tensor.hpp"
#include "ign/math/conv/epilogue.hpp"
#include "ign/math/conv/geometry.hpp"

namespace ign::math::reference {

namespace detail {

template <class Real, class Exec>
struct ConvForward {
  ConvGeometry g;
  TensorRef<Real, Exec> fine;
  Real const* weights;
  Epilogue<Real> epilogue;
  TensorRef<Real, Exec> coarse;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    auto const c = static_cast<int>(index % g.coarse.channels);
    auto const x = static_cast<int>(index / g.coarse.channels % g.coarse.width);
    auto const y = static_cast<int>(index / g.coarse.channels / g.coarse.width % g.coarse.height);
    auto const z = static_cast<int>(index / g.coarse.size() % g.depth.coarse);
    auto const n = index / g.coarse_size();
    Real sum = 0;
    for (int tap = 0; tap < static_cast<int>(g.taps()); ++tap) {
      int const fz = z * g.depth.stride + tap / (g.kernel * g.kernel) - g.depth.padding;
      int const fy = y * g.stride + tap / g.kernel % g.kernel - g.padding, fx = x * g.stride + tap % g.kernel - g.padding;
      if (fz < 0 || fz >= g.depth.fine || fy < 0 || fy >= g.fine.height || fx < 0 || fx >= g.fine.width) continue;
      Real const* const w = weights + static_cast<std::size_t>(tap) * g.fine.channels * g.coarse.channels + c;
      for (int f = 0; f < g.fine.channels; ++f)
        sum += fine(n, fz * g.fine.height + fy, fx, f) * w[static_cast<std::size_t>(f) * g.coarse.channels];
    }
    coarse(n, z * g.coarse.height + y, x, c) = epilogue.channel(c).value(sum);
  }
};

template <class Real, class Exec>
struct ConvInputGradient {
  ConvGeometry g;
  TensorRef<Real, Exec> coarse;
  Real const* weights;
  Epilogue<Real> epilogue;
  TensorRef<Real, Exec> fine;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    auto const f = static_cast<int>(index % g.fine.channels);
    auto const x = static_cast<int>(index / g.fine.channels % g.fine.width);
    auto const y = static_cast<int>(index / g.fine.channels / g.fine.width % g.fine.height);
    auto const z = static_cast<int>(index / g.fine.size() % g.depth.fine);
    auto const n = index / g.fine_size();
    Real sum = 0;
    for (int tap = 0; tap < static_cast<int>(g.taps()); ++tap) {
      int const cz = g.depth.coarse_slice(z, tap / (g.kernel * g.kernel));
      int const cy = g.coarse_coordinate(y, tap / g.kernel % g.kernel, g.coarse.height),
                cx = g.coarse_coordinate(x, tap % g.kernel, g.coarse.width);
      if (cz < 0 || cy < 0 || cx < 0) continue;
      Real const* const w = weights + (static_cast<std::size_t>(tap) * g.fine.channels + f) * static_cast<std::size_t>(g.coarse.channels);
      for (int c = 0; c < g.coarse.channels; ++c) sum += coarse(n, cz * g.coarse.height + cy, cx, c) * w[c];
    }
    fine(n, z * g.fine.height + y, x, f) = epilogue.channel(f).value(sum);
  }
};

template <class Real, class Exec>
struct ConvWeightGradient {
  ConvGeometry g;
  TensorRef<Real, Exec> fine;
  TensorRef<Real, Exec> coarse;
  Real const* sample_weights;  // (n), or nullptr: 1
  Real* gradient;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    auto const c = static_cast<int>(index % g.coarse.channels);
    auto const f = static_cast<int>(index / g.coarse.channels % g.fine.channels);
    auto const tap = static_cast<int>(index / g.coarse.channels / g.fine.channels);
    Real sum = 0;
    for (std::size_t n = 0; n < fine.extent(0); ++n) {
      Real part = 0;
      for (int row = 0; row < g.depth.coarse * g.coarse.height; ++row) {
        int const fz = row / g.coarse.height * g.depth.stride + tap / (g.kernel * g.kernel) - g.depth.padding;
        int const fy = row % g.coarse.height * g.stride + tap / g.kernel % g.kernel - g.padding;
        if (fz < 0 || fz >= g.depth.fine || fy < 0 || fy >= g.fine.height) continue;
        for (int x = 0; x < g.coarse.width; ++x) {
          int const fx = x * g.stride + tap % g.kernel - g.padding;
          if (fx >= 0 && fx < g.fine.width) part += fine(n, fz * g.fine.height + fy, fx, f) * coarse(n, row, x, c);
        }
      }
      sum += sample_weights != nullptr ? sample_weights[n] * part : part;
    }
    gradient[index] += sum;
  }
};

}  // namespace detail

/// Forward of a convolution: coarse = epilogue(windows of fine · weights).
template <Scalar Real, class Exec>
void conv_forward(Exec const& exec, ConvGeometry const& g, TensorRef<Real, Exec> const& fine, Real const* weights,
                  Epilogue<Real> const& epilogue, TensorRef<Real, Exec> const& coarse) {
  Kokkos::parallel_for("ign::reference::conv_forward", range_policy(exec, coarse.size()),
                       detail::ConvForward<Real, Exec>{g, fine, weights, epilogue, coarse});
}

/// Input gradient of a convolution, forward of a transposed one: fine = epilogue(adjoint of the forward operation, applied to coarse).
template <Scalar Real, class Exec>
void conv_input_gradient(Exec const& exec, ConvGeometry const& g, TensorRef<Real, Exec> const& coarse, Real const* weights,
                         Epilogue<Real> const& epilogue, TensorRef<Real, Exec> const& fine) {
  Kokkos::parallel_for("ign::reference::conv_input_gradient", range_policy(exec, fine.size()),
                       detail::ConvInputGradient<Real, Exec>{g, coarse, weights, epilogue, fine});
}

/// Weight gradient: gradient += Σ_n sample_weights(n) (windows of fine)ᵀ coarse of sample n. Without `sample_weights` (nullptr) all factors
/// are 1.
template <Scalar Real, class Exec>
void conv_weight_gradient(Exec const& exec, ConvGeometry const& g, TensorRef<Real, Exec> const& fine, TensorRef<Real, Exec> const& coarse,
                          Real const* sample_weights, Real* gradient) {
  Kokkos::parallel_for("ign::reference::conv_weight_gradient", range_policy(exec, g.weight_size()),
                       detail::ConvWeightGradient<Real, Exec>{g, fine, coarse, sample_weights, gradient});
}

}  // namespace ign::math::reference

#endif  // IGN_MATH_CONV_REFERENCE_HPP
