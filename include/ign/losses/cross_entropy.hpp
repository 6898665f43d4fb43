// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Cross-entropy of logits against labels: the loss of a classifier, with its gradient.
#ifndef IGN_LOSSES_CROSS_ENTROPY_HPP
#define IGN_LOSSES_CROSS_ENTROPY_HPP

#include <Kokkos_Core.hpp>

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/layer.hpp"
#include "ign/core/runs.hpp"

namespace ign {

namespace detail {

/// Place of the largest of `count` numbers, of equal ones the first.
template <class Real>
KOKKOS_FUNCTION int first_maximum(Real const* numbers, int count) {
  int best = 0;
  for (int i = 1; i < count; ++i) best = numbers[i] > numbers[best] ? i : best;
  return best;
}

// One sample per index: classes are few.
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
    int const best = first_maximum(row, classes);
    // Sums without the largest term, which is 1, and without the label's: no digits are lost where a sample is almost certain.
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
    labels[n] = first_maximum(logits + n * static_cast<std::size_t>(classes), classes);
  }
};

}  // namespace detail

/// losses(n) = -log softmax(logits(n))(labels(n)); gradient = factor · ∂losses(n)/∂logits(n), so that factor 1/n makes it that of the mean;
/// correct(n) = 1 where the label has the (first) largest logit, else 0. An absent `correct` or `gradient` is not made.
///
/// logits and gradient have the extents (n, 1, 1, classes). A label outside [0, classes) has the loss NaN and the gradient 0.
/// \throws Error [ign.shape.232] when the extents do not fit each other
template <Scalar Real, class Exec>
void cross_entropy(Exec const& exec, TensorWindow<Real, Exec> const& logits, VectorWindow<int, Exec> const& labels, double factor,
                   VectorWindow<Real, Exec> const& losses, VectorWindow<Real, Exec> const& correct,
                   TensorWindow<Real, Exec> const& gradient) {
  auto const batch = logits.extent(0);
  Shape const shape = shape_of(logits);
  bool const vectors = shape == Shape{1, 1, shape.channels};
  require(vectors && labels.size() == batch && losses.size() == batch && (absent(correct) || correct.size() == batch) &&
              (absent(gradient) || (gradient.extent(0) == batch && shape_of(gradient) == shape)),
          Fault::shape, 232, "cross_entropy: ", batch, " logits of ", shape, ", ", labels.size(), " labels, ", losses.size(),
          " losses, expected as many of each, and vectors (1, 1, classes)");
  Kokkos::parallel_for("ign::cross_entropy", indices(exec, batch),
                       detail::CrossEntropy<Real>{logits.data(), labels.data(), shape.channels, static_cast<Real>(factor), losses.data(),
                                                  correct.data(), gradient.data()});
}

/// labels(n) = the class with the largest logit, of equal ones the first.
/// \throws Error [ign.shape.232] when the extents do not fit each other
template <Scalar Real, class Exec>
void predict(Exec const& exec, TensorWindow<Real, Exec> const& logits, VectorWindow<int, Exec> const& labels) {
  Shape const shape = shape_of(logits);
  bool const vectors = shape == Shape{1, 1, shape.channels};
  require(vectors && labels.size() == logits.extent(0), Fault::shape, 232, "predict: ", logits.extent(0), " logits of ", shape, ", ",
          labels.size(), " labels, expected as many of each, and vectors (1, 1, classes)");
  Kokkos::parallel_for("ign::predict", indices(exec, logits.extent(0)),
                       detail::Predict<Real>{logits.data(), shape.channels, labels.data()});
}

}  // namespace ign

#endif  // IGN_LOSSES_CROSS_ENTROPY_HPP
