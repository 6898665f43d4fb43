// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "projector.hpp"

#include <ign/io/checkpoint.hpp>
#include <ign/io/model.hpp>
#include <ign/io/runtime_projector.hpp>
#include <ign/io/safetensors.hpp>
#include <ign/metrics/drift.hpp>
#include <ign/nets/frozen_projector.hpp>
#include <ign/train/batches.hpp>

#include <algorithm>
#include <iostream>
#include <numeric>
#include <string>
#include <type_traits>

#include "nets.hpp"
#include "noise.hpp"
#include "program.hpp"

namespace examples {

namespace {

// A finished net with the noise that it was trained on.
template <class Net>
class FrozenNet final : public AnyProjector {
 public:
  FrozenNet(Exec const& exec, ign::Model<Net, float, Exec> const& model, Noise const& noise, ign::Role generated_role)
      : m_f(exec, model, generated_role), m_noise(noise) {}

  ign::Shape image_shape() const override { return m_f.image_shape(); }
  void apply(Exec const& exec, ign::Role input_role, int applications, Ref const& x, Ref const& out) override {
    m_f.apply(exec, input_role, applications, x, out);
  }
  void generate(Exec const& exec, ign::Key const& key, int applications, Ref const& out) override {
    m_f.generate(exec, m_noise, key, applications, out);
  }

 private:
  ign::FrozenProjector<Net, float, Exec> m_f;
  Noise m_noise;
};

// A finished net of a type that only its file tells, trained on Gaussian noise.
class DescribedNet final : public AnyProjector {
 public:
  DescribedNet(Exec const& exec, std::filesystem::path const& path) : m_f(ign::io::load_runtime_projector(exec, path)) {}

  ign::Shape image_shape() const override { return m_f.image_shape(); }
  void apply(Exec const& exec, ign::Role input_role, int applications, Ref const& x, Ref const& out) override {
    m_f.apply(exec, input_role, applications, x, out);
  }
  void generate(Exec const& exec, ign::Key const& key, int applications, Ref const& out) override {
    m_f.generate(exec, key, applications, out);
  }

 private:
  ign::io::RuntimeProjector<float, Exec> m_f;
};

// What a file that load_projector does not take is, and how to use it.
char const* other_use(ign::io::SafeTensorsFile const& file) {
  using ign::io::FileKind;
  switch (ign::io::file_kind(file)) {
    case FileKind::conditional:
      return "a conditional net f(x | c), as `conditional` writes it, and this program gives f no condition. `conditional` draws samples "
             "of "
             "each class after its training; elsewhere load the file in C++ with its net, and apply `given(f, c)` (docs/concepts.md, "
             "conditional nets)";
    case FileKind::latent:
      return "a model of `latent`, an autoencoder with an IGN on its codes. `latent` draws and measures samples after its training; "
             "elsewhere "
             "load the file in C++ with io::read_latent (docs/concepts.md, latents)";
    case FileKind::features:
      return "a feature net of `features`, which maps images to features. Pass it to --features of a program that measures samples, or to "
             "--perceptual of `train`";
    case FileKind::net:
      if (ign::io::has_normalisation(file))
        return "a net of physical fields with their normalisation, and this program has images. Load it in C++ with "
               "load_physical_projector, or apply it in C, Fortran or Python (docs/other-languages.md)";
      return nullptr;
    case FileKind::unknown:
      break;
  }
  return nullptr;
}

}  // namespace

void require_image_net(ign::io::SafeTensorsFile const& file) {
  char const* const other = other_use(file);
  ign::require(other == nullptr, ign::Fault::format, 681, file.path().string(), ": expected a model or checkpoint of `train`, found ",
               other != nullptr ? other : "");
}

void AnyProjector::inpaint(Exec const& exec, Ref const& mask, Ref const& x, int applications, Ref const& out) {
  ign::inpaint<AnyProjector, float, Exec>(exec, *this, mask, x, applications, out, m_scratch);
}

std::vector<double> AnyProjector::drift_scores(Exec const& exec, ign::Role role, Ref const& x, int batch) {
  return ign::metrics::absolute_drift_scores<AnyProjector, float, Exec>(exec, *this, role, x, batch);
}

std::unique_ptr<AnyProjector> load_projector(Exec const& exec, std::filesystem::path const& path) {
  auto const file = ign::io::read_safetensors(path);
  require_image_net(file);
  if (ign::io::file_kind(file) == ign::io::FileKind::net && !file.metadata().contains("recipe"))
    return std::make_unique<DescribedNet>(exec, path);
  auto recipe = ign::io::read_recipe(file);
  if (ign::io::policy_name(file) == "distillation") recipe = ign::io::second_phase_json(recipe);
  auto const name = ign::io::recipe_field<std::string>(file, recipe, "net");
  std::unique_ptr<AnyProjector> f;
  with_net(name, ign::io::recipe_image(file, recipe).channels, [&]<class Net>(Net const& net, ign::Shape shape) {
    Noise const noise(ign::io::recipe_field<std::string>(file, recipe, "source"), exec, shape);
    ign::io::read_source(file, noise);
    ign::Model<Net, float, Exec> const model(exec, net, shape);
    exec.fence("checkpoint: the model's memory has been cleared");
    ign::io::read_model(file, model);
    f = std::make_unique<FrozenNet<Net>>(exec, model, noise, ign::io::read_roles(file).generated_role);
  });
  return f;
}

int run_with_net(CommandLine& line, int argc, char* argv[], Inputs& inputs, std::function<void(Exec const&, AnyProjector&)> const& write) {
  return run(line, argc, argv, [&] {
    inputs.check(argc, argv);
    Exec const exec;
    auto const f = load_projector(exec, inputs.checkpoint);
    write(exec, *f);
    std::cout << inputs.out << ": pictures and figures\n";
    return 0;
  });
}

void sample_distances(Exec const& exec, AnyDistance const& distance, Ref const& a, Ref const& b,
                      ign::VectorRef<float, Exec> const& distances) {
  if (auto const* const l1 = std::get_if<ign::L1>(&distance))
    ign::sample_distances(exec, *l1, a, b, distances);
  else
    ign::sample_distances(exec, ign::Mse{}, a, b, distances);
}

Evaluation evaluate(Exec const& exec, AnyProjector& f, ign::data::ImageSet const& images, AnyDistance const& distance, std::uint64_t seed) {
  constexpr std::size_t chunk = 100;
  ign::Batches<Exec> const batches(exec, images, {1, 1, f.image_shape()});
  auto const x_memory = ign::make_tensor<float>(exec, "ign::evaluate", chunk, f.image_shape());
  auto const y_memory = ign::make_tensor<float>(exec, "ign::evaluate", chunk, f.image_shape());
  auto const distances = ign::make_vector<float>(exec, "ign::evaluate", chunk);
  Evaluation result{};
  for (std::size_t first = 0; first < images.count; first += chunk) {
    auto const count = std::min(chunk, images.count - first);
    auto const x = ign::batch_range(Ref(x_memory), 0, static_cast<int>(count));
    auto const y = ign::batch_range(Ref(y_memory), 0, static_cast<int>(count));
    auto const part_of_mean = [&] {
      sample_distances(exec, distance, y, x, ign::VectorRef<float, Exec>(distances.data(), count));
      auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), distances);
      return std::accumulate(host.data(), host.data() + count, 0.0) / static_cast<double>(images.count);
    };
    batches.gather_range(exec, first, x);
    f.project(exec, x, 1, y);
    result.reconstruction += part_of_mean();
    f.generate(exec, ign::Key{seed, ign::RandomStream::user, 1 + first / chunk}, 1, x);
    f.apply(exec, ign::Role::generated, 1, x, y);
    result.idempotence += part_of_mean();
  }
  return result;
}

}  // namespace examples
