// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A layer of one's own, in one's own namespace: scales every channel by a learned factor. Trains a net that holds it.
// Test:

#include <ign/ign.hpp>

#include <iostream>
#include <vector>

namespace mine {

/// y(n, h, w, c) = factor(c) x(n, h, w, c).
struct ChannelScale {};

ign::Shape output_shape(ChannelScale const&, ign::Shape in) { return in; }

std::vector<ign::ArrayInfo> parameters(ChannelScale const&, ign::Shape in) {
  return {{"factor", {in.channels}, ign::Initial::constant(1)}};
}

bool needs_output(ChannelScale const&) { return false; }  // the next layer may overwrite y

template <class Real, class Exec>
void forward(Exec const& exec, ChannelScale const&, ign::Pass const&, ign::LayerMemory<Real, Exec> const& memory,
             ign::TensorWindow<Real, Exec> const& x, ign::TensorWindow<Real, Exec> const& y) {
  auto const factor = memory.parameters;
  Kokkos::parallel_for(
      "mine::channel_scale",
      Kokkos::MDRangePolicy<Exec, Kokkos::Rank<4>>(exec, {0, 0, 0, 0}, {x.extent(0), x.extent(1), x.extent(2), x.extent(3)}),
      KOKKOS_LAMBDA(int n, int h, int w, int c) { y(n, h, w, c) = factor(c) * x(n, h, w, c); });
}

template <class Real, class Exec>
void backward(Exec const& exec, ChannelScale const&, ign::Pass const&, ign::LayerMemory<Real, Exec> const& memory,
              ign::TensorWindow<Real, Exec> const& x, ign::TensorWindow<Real, Exec> const&, ign::TensorWindow<Real, Exec> const& dy,
              ign::TensorWindow<Real, Exec> const& dx) {
  auto const factor = memory.parameters;
  if (!ign::absent(dx)) {
    Kokkos::parallel_for(
        "mine::channel_scale backward",
        Kokkos::MDRangePolicy<Exec, Kokkos::Rank<4>>(exec, {0, 0, 0, 0}, {x.extent(0), x.extent(1), x.extent(2), x.extent(3)}),
        KOKKOS_LAMBDA(int n, int h, int w, int c) { dx(n, h, w, c) = factor(c) * dy(n, h, w, c); });
  }
  if (ign::absent(memory.gradients)) return;  // frozen
  auto const gradient = memory.gradients;
  auto const scale = memory.weight_scale;  // of each sample; absent: 1
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

}  // namespace mine

static_assert(ign::Layer<mine::ChannelScale>);

int main(int argc, char* argv[]) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;
  ign::Shape const image = {8, 8, 1};
  auto const net = ign::sequential(ign::Conv2d{8, 4, 2, 1}, mine::ChannelScale{}, ign::LeakyRelu{},
                                   ign::ConvTranspose2d{.channels = 1, .kernel = 4, .stride = 2, .padding = 1}, ign::Tanh{});
  std::vector<std::uint8_t> pixels(64 * image.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = i / 8 % 2 == 0 ? 255 : 0;  // stripes
  ign::Idempotent policy(exec, net, image);
  ign::Batches const batches(exec, pixels, 64, image, {16});
  ign::Trainer trainer(exec, policy, ign::Adam{}, batches,
                       {.steps = 300, .report_every = 300, .learning_rate = ign::Schedule::constant(1e-2)});
  trainer.step();
  double const before = policy.losses(exec).reconstruction;
  policy.reset_losses(exec);
  while (trainer.steps_done() < 300) trainer.step();
  policy.reset_losses(exec);
  trainer.step();
  double const after = policy.losses(exec).reconstruction;
  std::cout << "reconstruction " << before << " -> " << after << '\n';
  return after < 0.1 * before ? 0 : 1;
}
