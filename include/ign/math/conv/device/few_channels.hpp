// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Input gradient of a convolution on devices, for fine images of few channels such as pictures: a product tile has at least 16 columns,
/// and most of them would be idle.
///
/// Algorithm: direct gather, one thread per fine pixel; its vector lanes share the coarse channels. Layout: images (n, y, x, channel),
/// weights (k, k, F, C).
#ifndef IGN_MATH_CONV_DEVICE_FEW_CHANNELS_HPP
#define IGN_MATH_CONV_DEVICE_FEW_CHANNELS_HPP

#include <algorithm>

#include "ign/core/error.hpp"
#include "ign/math/conv/device/kernels.hpp"

namespace ign::math::device {

/// Sums of all channels of a fine pixel, at most `max_channels`.
template <class Real, int max_channels>
struct FewChannelSums {
  Real channel[max_channels] = {};  ///< of each channel; unused ones stay 0

  KOKKOS_FUNCTION FewChannelSums& operator+=(FewChannelSums const& other) {
    IGN_UNROLL
    for (int f = 0; f < max_channels; ++f) channel[f] += other.channel[f];
    return *this;
  }
};

/// fine = epilogue(adjoint of the forward operation, applied to coarse). One thread per fine pixel; neighbouring vector lanes read
/// neighbouring coarse channels.
template <class Real, int max_channels, class Exec, class CoarseLoader, class Activation>
struct FewChannelInputGradient {
  using Sums = FewChannelSums<Real, max_channels>;
  static constexpr int max_lanes = 32;  ///< of a thread
  static constexpr int pixels = 8;      ///< of a team

  ConvGeometry g;
  std::size_t batch;    ///< samples
  CoarseLoader coarse;  ///< reads (n, y, x, C)
  Real const* weights;  ///< (k, k, F, C)
  DeviceEpilogue<Real, Activation> epilogue;
  Real* fine;    ///< (n, y, x, F)
  bool rounded;  ///< round the factors to bfloat16
  int lanes;     ///< vector lanes per thread

  KOKKOS_FUNCTION Real factor(Real value) const { return rounded ? rounded_to_bf16(value) : value; }

  KOKKOS_FUNCTION void operator()(typename Kokkos::TeamPolicy<Exec>::member_type const& team) const {
    std::size_t const all = batch * g.fine_pixels(), first = static_cast<std::size_t>(team.league_rank()) * pixels;
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, static_cast<int>(all - first < pixels ? all - first : pixels)),
                         [&](int i) { compute_pixel(team, first + static_cast<std::size_t>(i)); });
  }

  template <class Team>
  KOKKOS_FUNCTION void compute_pixel(Team const& team, std::size_t pixel) const {
    auto const index = static_cast<unsigned>(pixel), width = static_cast<unsigned>(g.fine.width),
               height = static_cast<unsigned>(g.fine.height);
    unsigned const pixel_row = index / width, slice = pixel_row / height, n = slice / static_cast<unsigned>(g.depth.fine);
    int const x = static_cast<int>(index - pixel_row * width) + g.padding, y = static_cast<int>(pixel_row - slice * height) + g.padding;
    int const z = static_cast<int>(slice - n * static_cast<unsigned>(g.depth.fine)) + g.depth.padding;
    // Successive taps are `stride` apart and meet coarse pixels in descending order.
    int const first_cy = y / g.stride, first_ky = y - first_cy * g.stride, first_cx = x / g.stride, first_kx = x - first_cx * g.stride;
    int const first_cz = z / g.depth.stride, first_kz = z - first_cz * g.depth.stride;
    int const channels = g.fine.channels;
    Sums sums;
    Kokkos::parallel_reduce(
        Kokkos::ThreadVectorRange(team, lanes),
        [&](int lane, Sums& partial) {
          for (int kz = first_kz, cz = first_cz; kz < g.depth.kernel && cz >= 0; kz += g.depth.stride, --cz) {
            if (cz >= g.depth.coarse) continue;
            for (int ky = first_ky, cy = first_cy; ky < g.kernel && cy >= 0; ky += g.stride, --cy) {
              if (cy >= g.coarse.height) continue;
              for (int kx = first_kx, cx = first_cx; kx < g.kernel && cx >= 0; kx += g.stride, --cx) {
                if (cx >= g.coarse.width) continue;
                std::size_t const element = (static_cast<std::size_t>(n) * g.coarse_pixels() +
                                             static_cast<std::size_t>((cz * g.coarse.height + cy) * g.coarse.width + cx)) *
                                            g.coarse.channels;
                Real const* const w =
                    weights + static_cast<std::size_t>((kz * g.kernel + ky) * g.kernel + kx) * channels * g.coarse.channels;
                for (int c = lane; c < g.coarse.channels; c += lanes) {
                  Real const value = factor(coarse(element + c, static_cast<std::size_t>(c)));
                  IGN_UNROLL
                  for (int f = 0; f < max_channels; ++f)
                    if (f < channels) partial.channel[f] += value * factor(w[f * g.coarse.channels + c]);
                }
              }
            }
          }
        },
        sums);
    Kokkos::single(Kokkos::PerThread(team), [&] {
      Real* const out = fine + pixel * channels;
      IGN_UNROLL
      for (int f = 0; f < max_channels; ++f)
        if (f < channels) out[f] = epilogue.value(static_cast<std::size_t>(f), sums.channel[f]);
    });
  }
};

/// Largest number of fine channels for this kernel.
inline constexpr int max_few_channels = 4;

/// True if this kernel computes the input gradient of a geometry.
inline bool has_few_channels(ConvGeometry const& g) { return g.fine.channels <= max_few_channels && !g.is_dense(); }

/// The input gradient with at most `max_channels` fine channels.
template <int max_channels, class Real, class Exec, class CoarseLoader, class Activation>
void launch_few_channels_input_gradient(Exec const& exec, ConvGeometry const& g, std::size_t batch, bool rounded,
                                        CoarseLoader const& coarse, Real const* weights, DeviceEpilogue<Real, Activation> const& epilogue,
                                        Real* fine) {
  using Kernel = FewChannelInputGradient<Real, max_channels, Exec, CoarseLoader, Activation>;
  using Policy = Kokkos::TeamPolicy<Exec>;
  std::size_t const all = batch * g.fine_pixels();
  require(all < std::size_t{1} << 31, Fault::shape, 175, "convolution: input gradient of ", batch, " samples of ", g.fine,
          ", expected fewer than 2^31 pixels in all: use a smaller batch");
  int lanes = 1;
  while (lanes < g.coarse.channels && 2 * lanes <= std::min(Kernel::max_lanes, Policy::vector_length_max())) lanes *= 2;
  Kokkos::parallel_for("ign::conv_input_gradient few channels",
                       as_launch_argument(Policy(exec, static_cast<int>((all + Kernel::pixels - 1) / Kernel::pixels),
                                                 runs_on_host_v<Exec> ? 1 : Kernel::pixels, lanes)),
                       Kernel{g, batch, coarse, weights, epilogue, fine, rounded, lanes});
}

/// Input gradient for any geometry with few fine channels.
template <class Real, class Exec, class CoarseLoader, class Activation>
void few_channels_input_gradient(Exec const& exec, ConvGeometry const& g, std::size_t batch, bool rounded, CoarseLoader const& coarse,
                                 Real const* weights, DeviceEpilogue<Real, Activation> const& epilogue, Real* fine) {
  if (g.fine.channels == 1)
    launch_few_channels_input_gradient<1>(exec, g, batch, rounded, coarse, weights, epilogue, fine);
  else
    launch_few_channels_input_gradient<max_few_channels>(exec, g, batch, rounded, coarse, weights, epilogue, fine);
}

}  // namespace ign::math::device

#endif  // IGN_MATH_CONV_DEVICE_FEW_CHANNELS_HPP
