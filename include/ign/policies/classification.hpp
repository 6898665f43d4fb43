// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Classifier training with the mean cross-entropy of logits against labels.
#ifndef IGN_POLICIES_CLASSIFICATION_HPP
#define IGN_POLICIES_CLASSIFICATION_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Profiling_ScopedRegion.hpp>
#include <vector>

#include "ign/losses/cross_entropy.hpp"
#include "ign/losses/named_loss.hpp"
#include "ign/nets/model.hpp"
#include "ign/policies/loss_sums.hpp"

namespace ign {

/// Options of classifier training.
struct ClassificationOptions {
  Precision precision = Precision::full;  ///< precision of products in training
};

/// Means over the samples of a step, or over several steps.
struct ClassificationLosses {
  double cross_entropy = 0;  ///< mean of -log p(label)
  double accuracy = 0;       ///< share of samples whose label has the largest logit, in training mode
  double total = 0;          ///< objective, equal to the cross-entropy

  /// Returns all losses except the total.
  std::vector<NamedLoss> named() const { return {{"cross_entropy", cross_entropy}, {"accuracy", accuracy}}; }
};

/// Classification policy: a net that maps images to class logits, with its parameters, training step and prediction.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Classification : public LossMeansBase<3, Exec> {
  using Sums = LossMeansBase<3, Exec>;

 public:
  using Options = ClassificationOptions;  ///< options of the constructor
  using Ref = TensorRef<Real, Exec>;      ///< images, (n, h, w, c)
  using Labels = VectorRef<int, Exec>;    ///< labels, (n)
  using scalar_type = Real;               ///< element type
  using execution_space = Exec;           ///< execution space of all kernels

  /// Initialises the net.
  /// \param seed  seed of the initial weights and, with the number of the step, of the random numbers of layers
  /// \throws Error [ign.shape.231] when the net does not map images to vectors; [ign.option.*] on invalid options of layers
  Classification(Exec const& exec, Net const& net, Shape image, Options const& options = {}, std::uint64_t seed = 1)
      : Sums(exec), m_options(options), m_seed(seed), m_model(exec, net, image, seed) {
    Shape const out = m_model.output_shape();
    require(out.height == 1 && out.width == 1, Fault::shape, 231, "classification: the net maps ", image, " to ", out,
            ", expected a vector (1, 1, classes): put a Flatten and a Linear at its end");
  }

  Model<Net, Real, Exec> const& model() const { return m_model; }  ///< net with parameters and statistics
  Options const& options() const { return m_options; }             ///< options of the constructor
  std::uint64_t seed() const { return m_seed; }                    ///< seed of the constructor
  Shape image_shape() const { return m_model.input_shape(); }      ///< extents of the data
  int classes() const { return m_model.output_shape().channels; }  ///< number of classes; labels range from 0 to classes() - 1

  /// States that the images of each step are this rank's shard of the global batch. `gradients` are those of the shard; a Trainer averages
  /// them over the ranks.
  void set_ranks(Ranks const& ranks) { m_ranks = ranks; }

  /// Computes model().gradients() = ∂/∂θ of the mean cross-entropy of the images x (n, h, w, c) against `labels` (n).
  ///
  /// Allocates on the first call and when the batch grows. Asynchronous on `exec`.
  /// \throws Error [ign.shape.3] when x does not have the image's extents, [ign.shape.232] on a wrong number of labels
  void gradients(Exec const& exec, Ref const& x, Labels const& labels, std::uint64_t step) {
    Kokkos::Profiling::ScopedRegion const region("ign::classification::gradients");
    auto const batch = x.extent(0);
    require(shape_of(x) == image_shape(), Fault::shape, 3, "classification: images of ", shape_of(x), ", expected ", image_shape());
    require(labels.size() == batch, Fault::shape, 232, "classification: ", labels.size(), " labels for ", batch,
            " images, expected one label per image");
    Pass const pass = training_pass({Role::data}, m_options.precision, {m_seed, RandomStream::dropout, step}, m_ranks);
    m_model.forward(exec, pass, x, m_tape, m_workspace);
    VectorRef<Real, Exec> const rows = m_samples_memory.reserve(exec, 2 * batch);
    VectorRef<Real, Exec> const losses(rows.data(), batch);
    VectorRef<Real, Exec> const correct(rows.data() + batch, batch);
    Ref const& logits = m_tape.result();
    Ref const gradient(m_gradient_memory.reserve(exec, logits.size()).data(), batch, 1, 1, logits.extent(3));
    cross_entropy(exec, logits, labels, 1.0 / static_cast<double>(batch), losses, correct, gradient);
    m_sums.add_means(exec, rows, batch_of(x), {1.0, 0.0});
    Kokkos::deep_copy(exec, m_model.gradients(), Real(0));
    m_model.backward(exec, m_tape, gradient, Ref{}, m_workspace);
  }

  /// Writes the predicted class of each image of x to `labels`, in evaluation mode: a prediction does not depend on the other images.
  /// \throws Error as gradients
  void classify(Exec const& exec, Ref const& x, Labels const& labels) {
    m_model.forward(exec, pass_of(Role::data, Mode::evaluate), x, m_inference, m_workspace);
    predict(exec, m_inference.result(), labels);
  }

  /// Returns the mean losses over the calls of `gradients` since the last `reset_losses`. Fences `exec`.
  ClassificationLosses losses(Exec const& exec) const {
    auto const means = m_sums.means(exec);
    return {means[0], means[1], means[2]};
  }

 private:
  Options m_options;
  std::uint64_t m_seed;
  Model<Net, Real, Exec> m_model;
  using Sums::m_ranks;
  using Sums::m_sums;  // cross-entropy, accuracy, total

  Tape<Real, Exec> m_tape;
  Tape<Real, Exec> m_inference{Retain::last};
  Workspace<Real, Exec> m_workspace;
  Buffer<Real, Exec> m_samples_memory{"ign::classification::samples"};
  Buffer<Real, Exec> m_gradient_memory{"ign::classification::gradient"};
};

}  // namespace ign

#endif  // IGN_POLICIES_CLASSIFICATION_HPP
