// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// User-defined components: a layer, a distance, a source, an optimizer, a callback and a policy, each in a header of the folder `extend`
// and in a namespace of the user. Checks each one, and trains with them.
// Test:

#include <ign/data/idx.hpp>
#include <ign/ign.hpp>

#include <cmath>
#include <iostream>
#include <vector>

#include "extend/callback.hpp"
#include "extend/distance.hpp"
#include "extend/layer.hpp"
#include "extend/optimizer.hpp"
#include "extend/policy.hpp"
#include "extend/source.hpp"

namespace {

using Exec = Kokkos::DefaultExecutionSpace;
using Images = ign::Tensor<float, Exec>;
using Ref = ign::TensorRef<float, Exec>;
constexpr ign::Shape image = {8, 8, 1};

/// Prints a result and whether it is as expected.
bool check(char const* what, double found, bool good) {
  std::cout << (good ? "  " : "WRONG ") << what << ": " << found << '\n';
  return good;
}

/// Stripes of random direction, width and position, numbers `first` to first + count - 1.
ign::data::ImageSet stripes(std::size_t first, std::size_t count) {
  ign::data::ImageSet set = {count, 8, 8, 1, std::vector<std::uint8_t>(count * image.size())};
  for (std::size_t n = 0; n < count; ++n) {
    auto const words = ign::random::bits(ign::Key{1, ign::RandomStream::user}, static_cast<std::uint32_t>(first + n));
    unsigned const width = 2 + words[0] % 3, place = words[1] % 8;
    for (std::size_t y = 0; y < 8; ++y)
      for (std::size_t x = 0; x < 8; ++x) set.pixels[n * 64 + 8 * y + x] = ((words[2] % 2 == 0 ? x : y) + place) / width % 2 == 0 ? 255 : 0;
  }
  return set;
}

std::vector<float> numbers_of(Images const& images) {
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), images);
  return {host.data(), host.data() + host.size()};
}

/// The derivatives against central differences.
bool check_distance() {
  mine::Charbonnier const distance;
  double worst = 0;
  for (double const a : {-1.0, -0.3, 0.0, 0.05, 2.0}) {
    double const b = 0.1, h = 1e-5;
    double const first = (distance.value(a + h, b) - distance.value(a - h, b)) / (2 * h);
    double const second = (distance.value(a, b + h) - distance.value(a, b - h)) / (2 * h);
    worst = std::fmax(worst, std::abs(distance.derivative_first(a, b) - first));
    worst = std::fmax(worst, std::abs(distance.derivative_second(a, b) - second));
  }
  return check("distance, largest error of its derivatives", worst, worst < 1e-8);
}

/// Mean, variance and bounds; and that a sample does not depend on how many follow.
bool check_source(Exec const& exec) {
  Images const many = ign::make_tensor<float>(exec, "mine::z", 1000, image), few = ign::make_tensor<float>(exec, "mine::z", 10, image);
  sample(exec, mine::Uniform{}, ign::Key{.seed = 3}, Ref(many));
  sample(exec, mine::Uniform{}, ign::Key{.seed = 3}, Ref(few));
  auto const z = numbers_of(many), prefix = numbers_of(few);
  double mean = 0, square = 0, largest = 0;
  for (float const number : z) {
    mean += number / static_cast<double>(z.size());
    square += static_cast<double>(number) * number / static_cast<double>(z.size());
    largest = std::fmax(largest, std::abs(number));
  }
  bool const same = std::equal(prefix.begin(), prefix.end(), z.begin());
  bool good = check("source, mean", mean, std::abs(mean) < 0.02);
  good = check("source, variance", square, std::abs(square - 1) < 0.02) && good;
  good = check("source, largest number", largest, largest < 1.7321) && good;
  return check("source, the first samples are the same", same, same) && good;
}

/// One step, by hand.
bool check_optimizer(Exec const& exec) {
  using Values = Kokkos::View<double*, Kokkos::HostSpace>;
  Values const parameters("parameters", 2), gradients("gradients", 2), momentum("momentum", 2);
  gradients(0) = 3;
  gradients(1) = -0.5;
  auto const on_device = [](Values const& numbers) { return Kokkos::create_mirror_view_and_copy(Exec::memory_space(), numbers); };
  auto const p = on_device(parameters), g = on_device(gradients), m = on_device(momentum);
  using Vector = ign::VectorRef<double, Exec>;
  ign::update(exec, mine::Lion{}, 0.25, 1, Vector(p.data(), 2), Vector(g.data(), 2), Vector(m.data(), 2));
  exec.fence("the step is done");
  Kokkos::deep_copy(parameters, p);
  Kokkos::deep_copy(momentum, m);
  bool const good = parameters(0) == -0.25 && parameters(1) == 0.25 && std::abs(momentum(0) - 0.03) < 1e-15;
  return check("optimizer, the first parameter after one step", parameters(0), good);
}

/// An IGN of the layer, the distance and the source, trained by the optimizer until the callback ends the run.
bool check_training(Exec const& exec, ign::data::ImageSet const& images) {
  // [together]
  auto const net =
      ign::sequential(ign::Conv2d{.channels = 8, .kernel = 4, .stride = 2, .padding = 1}, mine::ChannelScale{}, ign::LeakyRelu{},
                      ign::ConvTranspose2d{.channels = 1, .kernel = 4, .stride = 2, .padding = 1}, ign::Tanh{});
  ign::IdempotentOptions<mine::Charbonnier, mine::Uniform> const options = {.tightness = ign::Schedule::constant(0.05)};

  ign::Batches const batches(exec, images, {.batch = 32});
  ign::Idempotent policy(exec, net, batches.shape(), options);
  ign::Trainer trainer(exec, policy, ign::Ema{mine::Lion{}}, batches,
                       {.steps = 2000, .report_every = 50, .learning_rate = ign::Schedule::constant(1e-3)});
  trainer.train(mine::StopAt("rec", 0.1));
  // [/together]
  auto const steps = static_cast<double>(trainer.steps_done());
  return check("IGN, steps until its reconstruction is below 0.1", steps, steps < 2000);
}

/// The remaining error of denoised stripes that were not used in training.
bool check_policy(Exec const& exec, ign::data::ImageSet const& images, Ref const& held_out) {
  auto const net =
      ign::sequential(ign::Conv2d{.channels = 8, .kernel = 4, .stride = 2, .padding = 1}, mine::ChannelScale{}, ign::LeakyRelu{},
                      ign::ConvTranspose2d{.channels = 1, .kernel = 4, .stride = 2, .padding = 1}, ign::Tanh{});
  ign::Batches const batches(exec, images, {.batch = 32});
  mine::Denoising policy(exec, net, image, 0.5);
  ign::Trainer trainer(exec, policy, ign::Adam{.beta1 = 0.5}, batches, {.steps = 600, .learning_rate = ign::Schedule::constant(3e-3)});
  trainer.train();
  Images const noisy = ign::make_tensor<float>(exec, "mine::noisy", ign::batch_of(held_out), image);
  Images const clean = ign::make_tensor<float>(exec, "mine::clean", ign::batch_of(held_out), image);
  ign::add_noise(exec, ign::Key{.seed = 5}, 0.5, held_out, Ref(noisy));
  policy.denoise(exec, Ref(noisy), Ref(clean));
  Images const original = ign::make_tensor<float>(exec, "mine::original", ign::batch_of(held_out), image);
  Kokkos::deep_copy(exec, original, held_out);
  exec.fence("the images are there");
  auto const a = numbers_of(clean), b = numbers_of(original);
  double error = 0;
  for (std::size_t i = 0; i < a.size(); ++i) error += (a[i] - b[i]) * static_cast<double>(a[i] - b[i]) / static_cast<double>(a.size());
  return check("policy, error per pixel of denoised images, 0.25 before", error, error < 0.05);
}

}  // namespace

int main(int argc, char* argv[]) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Exec const exec;
  auto const images = stripes(0, 448);
  ign::Batches const others(exec, stripes(448, 64), {.batch = 64});
  Images const held_out = ign::make_tensor<float>(exec, "mine::held_out", 64, image);
  others.gather_range(exec, 0, Ref(held_out));
  bool good = check_distance();
  good = check_source(exec) && good;
  good = check_optimizer(exec) && good;
  good = check_training(exec, images) && good;
  good = check_policy(exec, images, Ref(held_out)) && good;
  return good ? 0 : 1;
}
