// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A user-defined layer: scales every channel by a learned factor.
#ifndef IGN_EXAMPLES_EXTEND_LAYER_HPP
#define IGN_EXAMPLES_EXTEND_LAYER_HPP

// [layer]
#include <ign/layers/layer.hpp>

#include <vector>

namespace mine {

/// y(n, h, w, c) = factor(c) x(n, h, w, c).
struct ChannelScale {};

inline ign::Shape output_shape(ChannelScale const&, ign::Shape in) { return in; }

inline std::vector<ign::ArrayInfo> parameters(ChannelScale const&, ign::Shape in) {
  return {{"factor", {in.channels}, ign::Initial::constant(1)}};
}

inline bool needs_output(ChannelScale const&) { return false; }  // backward reads x only: the next layer may overwrite y

template <class Real, class Exec>
void forward(Exec const& exec, ChannelScale const&, ign::Pass const&, ign::LayerMemory<Real, Exec> const& memory,
             ign::TensorRef<Real, Exec> const& x, ign::TensorRef<Real, Exec> const& y) {
  auto const factor = memory.parameters;
  Kokkos::parallel_for(
      "mine::channel_scale",
      Kokkos::MDRangePolicy<Exec, Kokkos::Rank<4>>(exec, {0, 0, 0, 0}, {x.extent(0), x.extent(1), x.extent(2), x.extent(3)}),
      KOKKOS_LAMBDA(int n, int h, int w, int c) { y(n, h, w, c) = factor(c) * x(n, h, w, c); });
}

template <class Real, class Exec>
void backward(Exec const& exec, ChannelScale const&, ign::Pass const&, ign::LayerMemory<Real, Exec> const& memory,
              ign::TensorRef<Real, Exec> const& x, ign::TensorRef<Real, Exec> const&, ign::TensorRef<Real, Exec> const& dy,
              ign::TensorRef<Real, Exec> const& dx) {
  auto const factor = memory.parameters;
  if (!ign::absent(dx)) {
    Kokkos::parallel_for(
        "mine::channel_scale backward",
        Kokkos::MDRangePolicy<Exec, Kokkos::Rank<4>>(exec, {0, 0, 0, 0}, {x.extent(0), x.extent(1), x.extent(2), x.extent(3)}),
        KOKKOS_LAMBDA(int n, int h, int w, int c) { dx(n, h, w, c) = factor(c) * dy(n, h, w, c); });
  }
  if (ign::absent(memory.gradients)) return;  // no parameter gradients
  auto const gradient = memory.gradients;
  auto const scale = memory.sample_weights;  // of each sample; absent: 1
  bool const scaled = !ign::absent(scale);
  Kokkos::parallel_for(
      "mine::channel_scale gradient", Kokkos::RangePolicy<Exec>(exec, 0, x.extent(3)), KOKKOS_LAMBDA(int c) {
        Real sum = 0;
        for (std::size_t n = 0; n < x.extent(0); ++n) {
          Real part = 0;
          for (std::size_t h = 0; h < x.extent(1); ++h)
            for (std::size_t w = 0; w < x.extent(2); ++w) part += dy(n, h, w, c) * x(n, h, w, c);
          sum += scaled ? scale(n) * part : part;
        }
        gradient(c) += sum;
      });
}

static_assert(ign::Layer<ChannelScale>);

}  // namespace mine
// [/layer]

#endif
