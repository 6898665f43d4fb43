// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Trains a net of three dimensions on fields (n, d, h, w, c) that the program makes: soft balls in a cube. Then applies it to fields of
// another seed: their reconstruction, the idempotence of f, and fields with noise projected.
// Test: --steps 3 --batch 4 --held-out 8 --width 8

#include "support/program.hpp"

#include <ign/corruptions/noise.hpp>
#include <ign/nets/dcgan3d.hpp>
#include <ign/nets/frozen_projector.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/train/progress.hpp>
#include <ign/train/trainer.hpp>

#include <unistd.h>
#include <iostream>

namespace voxels {

using Exec = Kokkos::DefaultExecutionSpace;
using Ref = ign::TensorRef<float, Exec>;
using Fields = Kokkos::View<float*****, Kokkos::LayoutRight, Exec::memory_space>;  // (n, d, h, w, c)

constexpr int cells = 32, balls = 3;
constexpr ign::Shape shape = ign::volume_shape(cells, cells, cells, 1);

struct Options {
  std::uint64_t steps = 400, seed = 1;
  int batch = 16, held_out = 64, width = 8;
  double rate = 0.002, noise = 0.3;
};

// Fills fields with balls of random centres and radii, from -1 outside to 1 inside.
void make_fields(Exec const& exec, ign::Key const& key, Fields const& fields) {
  using Policy = Kokkos::MDRangePolicy<Exec, Kokkos::Rank<4>>;
  Policy const places(exec, {0, 0, 0, 0}, {fields.extent_int(0), cells, cells, cells});
  Kokkos::parallel_for(
      "ign::voxels::fields", places, KOKKOS_LAMBDA(int n, int z, int y, int x) {
        float outside = 1;
        for (int ball = 0; ball < balls; ++ball) {
          auto const words = ign::random::bits(key, static_cast<std::uint32_t>(n * balls + ball));
          float const radius = 3 + 3 * ign::random::uniform(words[3]);
          float square = 0;
          int const cell[3] = {z, y, x};
          for (std::size_t axis = 0; axis < 3; ++axis) {
            float const centre = cells * (0.2f + 0.6f * ign::random::uniform(words[axis]));
            square += (static_cast<float>(cell[axis]) - centre) * (static_cast<float>(cell[axis]) - centre);
          }
          outside *= 1 - Kokkos::exp(-square / (radius * radius));
        }
        fields(n, z, y, x, 0) = 1 - 2 * outside;
      });
}

// The trainer's batches: new fields in every step.
class Balls {
 public:
  struct Options {
    int batch;
  };
  Balls(int batch, std::uint64_t seed) : m_fields("ign::voxels::fields", batch, cells, cells, cells, 1), m_seed(seed) {}

  ign::Shape shape() const { return voxels::shape; }
  Options options() const { return {m_fields.extent_int(0)}; }
  std::uint64_t batches_per_epoch() const { return 100; }
  Ref batch(Exec const& exec, std::uint64_t step) const {
    make_fields(exec, {m_seed, ign::RandomStream::user, step}, m_fields);
    return ign::tensor_ref<Exec>(m_fields);
  }

 private:
  Fields m_fields;
  std::uint64_t m_seed;
};

double mean_square(Exec const& exec, Ref const& a, Ref const& b) {
  auto const distances = ign::make_vector<float>(exec, "ign::voxels::distances", a.extent(0));
  ign::sample_distances(exec, ign::Mse{}, a, b, ign::VectorRef<float, Exec>(distances));
  double sum = 0;
  Kokkos::parallel_reduce(
      "ign::voxels::mean", Kokkos::RangePolicy<Exec>(exec, 0, distances.extent_int(0)),
      KOKKOS_LAMBDA(int n, double& part) { part += static_cast<double>(distances(n)); }, sum);
  return sum / static_cast<double>(distances.size());
}

void run(Options const& o) {
  Exec const exec;
  Balls const data(o.batch, o.seed);
  ign::IdempotentOptions<> const objective = {.tightness = ign::Schedule::constant(0.1)};
  ign::Idempotent policy(exec, ign::voxel_net({.width = o.width, .latent = 8 * o.width}), shape, objective, o.seed);
  ign::Trainer trainer(exec, policy, ign::Adam{.beta1 = 0.5}, data,
                       {o.steps, std::max<std::uint64_t>(1, o.steps / 100), ign::Schedule::cosine(o.rate, 0, o.steps)});
  Kokkos::Timer const timer;
  trainer.train(ign::Progress(std::cout, isatty(STDOUT_FILENO) != 0));
  exec.fence("voxels: trained");
  std::cout << o.steps << " steps of " << o.batch << " fields in " << timer.seconds() << " s, " << policy.model().parameters().size()
            << " parameters\n";

  Fields const fields("ign::voxels::held_out", o.held_out, cells, cells, cells, 1);
  make_fields(exec, {o.seed + 1, ign::RandomStream::user}, fields);
  Ref const x = ign::tensor_ref<Exec>(fields);
  auto const memory = ign::make_tensor<float>(exec, "ign::voxels::results", 4 * o.held_out, shape);
  Ref const once = ign::batch_range(memory, 0, o.held_out), twice = ign::batch_range(memory, o.held_out, o.held_out),
            noisy = ign::batch_range(memory, 2 * o.held_out, o.held_out), mean = ign::batch_range(memory, 3 * o.held_out, o.held_out);
  ign::FrozenProjector f(exec, policy.model(), policy.generated_role());
  f.apply(exec, ign::Role::data, 1, x, once);
  f.apply(exec, ign::Role::data, 2, x, twice);
  Kokkos::deep_copy(exec, mean, -1.0f);
  std::cout << "mean squares over " << o.held_out << " held-out fields\n"
            << "  baseline, x to an empty field: " << mean_square(exec, x, mean) << '\n'
            << "  reconstruction, f(x) to x: " << mean_square(exec, once, x) << '\n'
            << "  idempotence, f(f(x)) to f(x): " << mean_square(exec, twice, once) << '\n';
  ign::add_noise(exec, ign::Key{o.seed, ign::RandomStream::user, 0, 1}, o.noise, x, noisy);
  f.apply(exec, ign::Role::data, 1, noisy, once);
  std::cout << "  x with noise to x: " << mean_square(exec, noisy, x) << '\n'
            << "  f(x with noise) to x: " << mean_square(exec, once, x) << '\n';
}

}  // namespace voxels

int main(int argc, char* argv[]) {
  voxels::Options o;
  examples::CommandLine line("voxels", "Trains a net of three dimensions on fields of 32 × 32 × 32 cells.");
  line.add("steps", "training steps", o.steps, examples::at_least(1));
  line.add("batch", "fields of a step", o.batch, examples::at_least(2));
  line.add("held-out", "fields of another seed, to apply the net to", o.held_out, examples::at_least(1));
  line.add("width", "channels of the net's first stage", o.width, examples::at_least(1));
  line.add("rate", "initial learning rate, which falls to 0 along a cosine", o.rate, examples::at_least(0));
  line.add("noise", "standard deviation of the noise on held-out fields", o.noise, examples::at_least(0));
  line.add("seed", "seed of fields, weights and noise", o.seed);
  return examples::run(line, argc, argv, [&] {
    voxels::run(o);
    return 0;
  });
}
