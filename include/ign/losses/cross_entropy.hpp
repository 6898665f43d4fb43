// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Softmax cross-entropy of logits against class labels, with its gradient, and prediction of labels.
#ifndef IGN_LOSSES_CROSS_ENTROPY_HPP
#define IGN_LOSSES_CROSS_ENTROPY_HPP

#include <Kokkos_Core.hpp>

#include "ign/core/detail/first_best.hpp"
#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/tensor.hpp"

namespace ign {

namespace detail {

// One sample per index: the number of classes is small.
template <class Real>
struct CrossEntropy {
  Real const* logits;
  int const* labels;
  int classes;
  Real factor;
  Real* losses;
  Real* correct;   // or nullptr
  Real* gradient;  // or nullptr

  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    auto const first = n * static_cast<std::size_t>(classes);
    Real const* const row = logits + first;
    int const label = labels[n];
    bool const valid = label >= 0 && label < classes;
    int const best = first_best(classes, [&](int i, int j) { return row[i] > row[j]; });
    // Sums of the softmax terms without the largest term, which is 1, and without the label's term. Loss and gradient then keep full
    // precision for samples classified with near certainty.
    Real beside_best = 0;
    Real beside_label = 0;
    for (int i = 0; i < classes; ++i) {
      Real const term = Kokkos::exp(row[i] - row[best]);
      beside_best += i == best ? Real(0) : term;
      beside_label += i == label ? Real(0) : term;
    }
    losses[n] = valid ? Kokkos::log1p(beside_best) + (row[best] - row[label]) : quiet_nan<Real>();
    if (correct != nullptr) correct[n] = static_cast<Real>(best == label);
    if (gradient == nullptr) return;
    Real const scale = valid ? factor / (1 + beside_best) : Real(0);
    for (int i = 0; i < classes; ++i)
      gradient[first + static_cast<std::size_t>(i)] = scale * (i == label ? -beside_label : Kokkos::exp(row[i] - row[best]));
  }
};

template <class Real>
struct Predict {
  Real const* logits;
  int classes;
  int* labels;

  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    Real const* const row = logits + n * static_cast<std::size_t>(classes);
    labels[n] = first_best(classes, [&](int i, int j) { return row[i] > row[j]; });
  }
};

}  // namespace detail

/// Computes the softmax cross-entropy per sample, and optionally its gradient and the correctness of the prediction.
///
///     losses(n) = -log softmax(logits(n))(labels(n))
///     gradient(n) = factor · ∂losses(n)/∂logits(n)
///     correct(n) = 1 if the first largest logit is that of the label, else 0
///
/// A factor of 1 / batch gives the gradient of the mean loss. An absent `correct` or `gradient` is not computed. A label outside
/// [0, classes) has the loss NaN and the gradient 0.
/// \param logits  (batch, 1, 1, classes), as is `gradient`
/// \throws Error [ign.shape.232] when the extents do not match
template <Scalar Real, class Exec>
void cross_entropy(Exec const& exec, TensorRef<Real, Exec> const& logits, VectorRef<int, Exec> const& labels, double factor,
                   VectorRef<Real, Exec> const& losses, VectorRef<Real, Exec> const& correct, TensorRef<Real, Exec> const& gradient) {
  auto const batch = logits.extent(0);
  Shape const shape = shape_of(logits);
  bool const vectors = shape == Shape{1, 1, shape.channels};
  require(vectors && labels.size() == batch && losses.size() == batch && (absent(correct) || correct.size() == batch) &&
              (absent(gradient) || (gradient.extent(0) == batch && shape_of(gradient) == shape)),
          Fault::shape, 232, "cross_entropy: ", batch, " logits of ", shape, ", ", labels.size(), " labels, ", losses.size(),
          " losses, expected logits of (1, 1, classes), one label and one loss per sample, and a gradient as large as the logits");
  Kokkos::parallel_for("ign::cross_entropy", range_policy(exec, batch),
                       detail::CrossEntropy<Real>{logits.data(), labels.data(), shape.channels, static_cast<Real>(factor), losses.data(),
                                                  correct.data(), gradient.data()});
}

/// Writes the class with the largest logit of each sample to labels(n); on ties, the first.
/// \throws Error [ign.shape.232] when the extents do not match
template <Scalar Real, class Exec>
void predict(Exec const& exec, TensorRef<Real, Exec> const& logits, VectorRef<int, Exec> const& labels) {
  Shape const shape = shape_of(logits);
  bool const vectors = shape == Shape{1, 1, shape.channels};
  require(vectors && labels.size() == logits.extent(0), Fault::shape, 232, "predict: ", logits.extent(0), " logits of ", shape, ", ",
          labels.size(), " labels, expected logits of (1, 1, classes) and one label per sample");
  Kokkos::parallel_for("ign::predict", range_policy(exec, logits.extent(0)),
                       detail::Predict<Real>{logits.data(), shape.channels, labels.data()});
}

}  // namespace ign

#endif  // IGN_LOSSES_CROSS_ENTROPY_HPP
