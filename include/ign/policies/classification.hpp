// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Training of a classifier: the mean cross-entropy of its logits against the labels of the batch.
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

/// How a classifier is trained.
struct ClassificationOptions {
  Precision precision = Precision::full;  ///< of products in training
};

/// Means over the samples of a step, or over several steps.
struct ClassificationLosses {
  double cross_entropy = 0;  ///< -log p of the label
  double accuracy = 0;       ///< share of samples whose label has the largest logit, in training mode
  double total = 0;          ///< what is minimised: the cross-entropy

  /// All but the total.
  std::vector<NamedLoss> named() const { return {{"cross_entropy", cross_entropy}, {"accuracy", accuracy}}; }
};

/// A net that maps images to the logits of classes, its numbers, and how they are trained.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Classification {
 public:
  using Options = ClassificationOptions;    ///< what the constructor takes
  using Window = TensorWindow<Real, Exec>;  ///< images, (n, h, w, c)
  using Labels = VectorWindow<int, Exec>;   ///< (n)
  using scalar_type = Real;                 ///< of all numbers
  using execution_space = Exec;             ///< where it runs

  /// \param seed  decides initial weights and, with the number of the step, what layers draw
  /// \throws Error [ign.shape.231] when the net does not map images to vectors; [ign.option.*] on impossible options of layers
  Classification(Exec const& exec, Net const& net, Shape image, Options const& options = {}, std::uint64_t seed = 1)
      : m_options(options), m_seed(seed), m_model(exec, net, image, seed), m_sums(exec) {
    Shape const out = m_model.output_shape();
    require(out.height == 1 && out.width == 1, Fault::shape, 231, "classification: the net maps ", image, " to ", out,
            ", expected a vector (1, 1, classes): put a Flatten and a Linear at its end");
  }

  Model<Net, Real, Exec> const& model() const { return m_model; }  ///< the net and its numbers
  Options const& options() const { return m_options; }             ///< as given
  std::uint64_t seed() const { return m_seed; }                    ///< as given
  Shape image_shape() const { return m_model.input_shape(); }      ///< of the data
  int classes() const { return m_model.output_shape().channels; }  ///< labels go from 0 to classes() - 1

  /// model().gradients() = ∂/∂θ of the mean cross-entropy of the images x, (n, h, w, c), against `labels`, (n).
  ///
  /// Allocates at the first call and where the batch changes; asynchronous on `exec`.
  /// \throws Error [ign.shape.3] when x does not have the image's extents, [ign.shape.232] on another number of labels
  void gradients(Exec const& exec, Window const& x, Labels const& labels, std::uint64_t step) {
    Kokkos::Profiling::ScopedRegion const region("ign::classification::gradients");
    auto const batch = x.extent(0);
    require(shape_of(x) == image_shape(), Fault::shape, 3, "classification: images of ", shape_of(x), ", expected ", image_shape());
    require(labels.size() == batch, Fault::shape, 232, "classification: ", labels.size(), " labels of ", batch,
            " images, expected as many");
    Pass pass = pass_of(Role::data, Mode::train);
    pass.precision = m_options.precision;
    pass.key = {m_seed, Stream::dropout, step};
    m_model.forward(exec, pass, x, m_tape, m_workspace);
    VectorWindow<Real, Exec> const rows = m_samples_memory.reserve(exec, 2 * batch);
    VectorWindow<Real, Exec> const losses(rows.data(), batch);
    VectorWindow<Real, Exec> const correct(rows.data() + batch, batch);
    Window const& logits = m_tape.result();
    Window const gradient(m_gradient_memory.reserve(exec, logits.size()).data(), batch, 1, 1, logits.extent(3));
    cross_entropy(exec, logits, labels, 1.0 / static_cast<double>(batch), losses, correct, gradient);
    m_sums.add_means(exec, rows, batch_of(x), {1.0, 0.0});
    Kokkos::deep_copy(exec, m_model.gradients(), Real(0));
    m_model.backward(exec, m_tape, gradient, Window{}, m_workspace);
  }

  /// labels(n) = the class of image n of x, in evaluation mode: an image's class does not depend on the rest of x.
  /// \throws Error as gradients
  void classify(Exec const& exec, Window const& x, Labels const& labels) {
    m_model.forward(exec, pass_of(Role::data, Mode::evaluate), x, m_inference, m_workspace);
    predict(exec, m_inference.result(), labels);
  }

  /// Means of the losses over the calls of `gradients` since the last `reset_losses`. Waits for the device.
  ClassificationLosses losses(Exec const& exec) const {
    auto const means = m_sums.means(exec);
    return {means[0], means[1], means[2]};
  }
  void reset_losses(Exec const& exec) { m_sums.reset(exec); }  ///< begins a new mean

  /// Sums of losses since the last reset, and how many steps they hold: a checkpoint's business.
  Vector<double, Exec> const& loss_sums() const { return m_sums.sums(); }
  std::uint64_t summed_steps() const { return m_sums.steps(); }            ///< steps in loss_sums()
  void set_summed_steps(std::uint64_t count) { m_sums.set_steps(count); }  ///< for those who restore the sums as well

 private:
  Options m_options;
  std::uint64_t m_seed;
  Model<Net, Real, Exec> m_model;
  LossSums<3, Exec> m_sums;  // of cross-entropy, accuracy, total

  Tape<Real, Exec> m_tape;
  Tape<Real, Exec> m_inference{Keep::nothing};
  Workspace<Real, Exec> m_workspace;
  Buffer<Real, Exec> m_samples_memory{"ign::classification::samples"};
  Buffer<Real, Exec> m_gradient_memory{"ign::classification::gradient"};
};

}  // namespace ign

#endif  // IGN_POLICIES_CLASSIFICATION_HPP
