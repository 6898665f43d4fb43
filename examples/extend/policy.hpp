// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A user-defined policy: a denoising autoencoder.
#ifndef IGN_EXAMPLES_EXTEND_POLICY_HPP
#define IGN_EXAMPLES_EXTEND_POLICY_HPP

// [policy]
#include <ign/corruptions/noise.hpp>
#include <ign/losses/distance.hpp>
#include <ign/losses/mse.hpp>
#include <ign/losses/named_loss.hpp>
#include <ign/policies/loss_sums.hpp>
#include <ign/policies/model_with_workspace.hpp>
#include <ign/policies/policy.hpp>

#include <vector>

namespace mine {

struct DenoisingLosses {
  double error = 0;  ///< D(f(x + noise), x)
  double total = 0;  ///< what is minimised: the same
  std::vector<ign::NamedLoss> named() const { return {{"error", error}}; }
};

/// Minimises E D(f(x + stddev · n), x), n ~ N(0, 1), with D the mean squared error.
/// \source Vincent et al., "Extracting and composing robust features with denoising autoencoders", ICML 2008
template <class Net, class Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Denoising {
 public:
  using scalar_type = Real;
  using execution_space = Exec;
  using Ref = ign::TensorRef<Real, Exec>;
  using Values = ign::VectorRef<Real, Exec>;

  Denoising(Exec const& exec, Net const& net, ign::Shape image, double stddev, std::uint64_t seed = 1)
      : m_f(exec, net, image, seed), m_stddev(stddev), m_seed(seed), m_sums(exec) {}

  auto const& model() const { return m_f.model(); }
  ign::Shape image_shape() const { return m_f.image_shape(); }

  /// model().gradients() of the batch x; all noise follows from the seed and the number of the step.
  void gradients(Exec const& exec, Ref const& x, std::uint64_t step) {
    int const batch = ign::batch_of(x);
    Ref const noisy = images(exec, m_noisy_memory, batch);
    Ref const gradient = images(exec, m_gradient_memory, batch);
    Values const errors = m_errors_memory.reserve(exec, x.extent(0));
    ign::add_noise(exec, {m_seed, ign::RandomStream::noise, step}, m_stddev, x, noisy);
    m_f.forward(exec, ign::pass_of(ign::Role::data, ign::Mode::train), noisy, m_tape);
    Ref const y = m_tape.result();
    ign::sample_distances(exec, ign::Mse{}, y, x, errors);
    m_sums.add_means(exec, errors, batch, {1.0});
    ign::distance_gradient(exec, ign::Mse{}, y, x, ign::Argument::first, 1.0 / batch, Values{}, gradient);
    Kokkos::deep_copy(exec, model().gradients(), Real(0));
    m_f.backward(exec, m_tape, gradient, Ref{});
  }

  DenoisingLosses losses(Exec const& exec) const {
    auto const means = m_sums.means(exec);
    return {means[0], means[1]};
  }
  void reset_losses(Exec const& exec) { m_sums.reset(exec); }

  /// out = f(x), in evaluation mode.
  void denoise(Exec const& exec, Ref const& x, Ref const& out) { m_f.apply(exec, ign::Role::data, 1, x, out); }

  // For checkpoints only.
  auto const& loss_sums() const { return m_sums.sums(); }
  std::uint64_t summed_steps() const { return m_sums.steps(); }
  void set_summed_steps(std::uint64_t count) { m_sums.set_steps(count); }

 private:
  Ref images(Exec const& exec, ign::Buffer<Real, Exec>& memory, int batch) const {  // allocates only where the batch grows
    return ign::tensor_ref<Exec>(memory.reserve(exec, batch * image_shape().size()), batch, image_shape());
  }

  ign::ModelWithWorkspace<Net, Real, Exec> m_f;
  double m_stddev;
  std::uint64_t m_seed;
  ign::LossSums<2, Exec> m_sums;  // of error, total
  ign::Tape<Real, Exec> m_tape;
  ign::Buffer<Real, Exec> m_noisy_memory{"mine::denoising::noisy"};
  ign::Buffer<Real, Exec> m_gradient_memory{"mine::denoising::gradient"};
  ign::Buffer<Real, Exec> m_errors_memory{"mine::denoising::errors"};
};

}  // namespace mine
// [/policy]

#endif
