// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A trained f behind one type, whatever its net and its noise: from a checkpoint, or a policy in training.
#ifndef IGN_EXAMPLES_SUPPORT_PROJECTOR_HPP
#define IGN_EXAMPLES_SUPPORT_PROJECTOR_HPP

#include <ign/core/pass.hpp>
#include <ign/core/workspace.hpp>
#include <ign/data/idx.hpp>
#include <ign/io/safetensors.hpp>
#include <ign/losses/l1.hpp>
#include <ign/losses/mse.hpp>
#include <ign/random/counter.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "images.hpp"
#include "inputs.hpp"

namespace examples {

/// f in evaluation mode. Programs that only apply f need no other type, and compile no net.
class AnyProjector {
 public:
  virtual ~AnyProjector() = default;
  AnyProjector(AnyProjector const&) = delete;
  AnyProjector& operator=(AnyProjector const&) = delete;

  virtual ign::Shape image_shape() const = 0;
  /// out = f^applications(x), where x comes from the distribution `input_role`. out may be x.
  virtual void apply(Exec const& exec, ign::Role input_role, int applications, Ref const& x, Ref const& out) = 0;
  /// out = f^applications(z) with the noise of `key`.
  virtual void generate(Exec const& exec, ign::Key const& key, int applications, Ref const& out) = 0;

  /// out = f^applications(x) for x near the data. out may be x.
  void project(Exec const& exec, Ref const& x, int applications, Ref const& out) { apply(exec, ign::Role::data, applications, x, out); }
  /// Masked projection: `applications` times f in the pixels where the mask is 0. The others keep the values of x.
  void inpaint(Exec const& exec, Ref const& mask, Ref const& x, int applications, Ref const& out);
  /// Mean |f(x) - x| of each sample, `batch` samples at a time.
  std::vector<double> drift_scores(Exec const& exec, ign::Role role, Ref const& x, int batch = 256);

 protected:
  AnyProjector() = default;

 private:
  ign::Buffer<float, Exec> m_scratch{"ign::examples::projector"};
};

/// A policy as an AnyProjector. The policy must outlive it.
template <class Policy>
class ProjectorOf final : public AnyProjector {
 public:
  explicit ProjectorOf(Policy& policy) : m_policy(policy) {}

  ign::Shape image_shape() const override { return m_policy.image_shape(); }
  void apply(Exec const& exec, ign::Role input_role, int applications, Ref const& x, Ref const& out) override {
    m_policy.apply(exec, input_role, applications, x, out);
  }
  void generate(Exec const& exec, ign::Key const& key, int applications, Ref const& out) override {
    m_policy.generate(exec, key, applications, out);
  }

 private:
  Policy& m_policy;
};

/// Rejects a file whose net is not one of images that is applied without conditions, and tells how to use it.
/// \throws ign::Error [ign.format.681] on a net with conditions, an IGN on codes, a feature net, or a net of physical fields
void require_image_net(ign::io::SafeTensorsFile const& file);

/// The net, the noise and the weights of a file: a model or a checkpoint of `train`, or a model without a recipe, whose noise is Gaussian.
/// \throws ign::Error [ign.option.100], [ign.option.253] on a net or a source that is unknown here; as require_image_net; else as
///         ign::io::read_model, or for a model without a recipe as ign::io::load_runtime_projector
std::unique_ptr<AnyProjector> load_projector(Exec const& exec, std::filesystem::path const& path);

/// `run` of a program that writes its report, `inputs.out`, on the net of `inputs.checkpoint`.
int run_with_net(CommandLine& line, int argc, char* argv[], Inputs& inputs, std::function<void(Exec const&, AnyProjector&)> const& write);

/// The distance that a recipe measures by.
using AnyDistance = std::variant<ign::Mse, ign::L1>;

/// distances(n) = D(a, b) of each sample.
void sample_distances(Exec const& exec, AnyDistance const& distance, Ref const& a, Ref const& b,
                      ign::VectorRef<float, Exec> const& distances);

/// Errors of f in evaluation mode.
struct Evaluation {
  double reconstruction;  ///< mean of D(f(x), x) over the images
  double idempotence;     ///< mean of D(f(f(z)), f(z)) over as many z
};

/// Evaluates f on all images, at most 100 at a time.
/// \param seed  of the noise
Evaluation evaluate(Exec const& exec, AnyProjector& f, ign::data::ImageSet const& images, AnyDistance const& distance, std::uint64_t seed);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_PROJECTOR_HPP
