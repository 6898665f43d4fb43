// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Conditions of a conditional net f(x | c): K values per sample, as a tensor (n, 1, 1, K), or (1, 1, 1, K) for all samples of a batch. A
/// class label is a condition as a one-hot row.
#ifndef IGN_CORE_CONDITION_HPP
#define IGN_CORE_CONDITION_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/tensor.hpp"

namespace ign {

namespace detail {

/// Conditions in a kernel.
template <class Real>
struct ConditionRows {
  Real const* first = nullptr;
  std::size_t stride = 0;  // 0: one row for all samples

  template <class Ref>
  static ConditionRows of(Ref const& condition) {
    return {condition.data(), condition.extent(0) == 1 ? 0 : condition.extent(3)};
  }
  /// Condition of sample n.
  KOKKOS_FUNCTION Real const* row(std::size_t n) const { return first + n * stride; }
};

template <class Real, class Exec>
struct OneHot {
  VectorRef<int, Exec> labels;
  std::size_t length;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t n, std::size_t first, std::size_t last) const {
    for (std::size_t k = first; k < last; ++k) out[n * length + k] = labels(n) == static_cast<int>(k) ? Real(1) : Real(0);
  }
};

template <class Real>
struct ClassRows {
  std::size_t length;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t k, std::size_t first, std::size_t last) const {
    for (std::size_t i = first; i < last; ++i) out[k * length + i] = i == k ? Real(1) : Real(0);
  }
};

}  // namespace detail

/// Writes class labels as conditions: one-hot rows, with a one in column labels(n) of row n. A label outside [0, K) gives a row of zeros.
///
/// \param labels          (n)
/// \param[out] condition  (n, 1, 1, K)
/// \throws Error [ign.shape.541] when labels and rows differ in number, or a condition has more than one pixel
template <Scalar Real, class Exec>
void one_hot(Exec const& exec, VectorRef<int, Exec> const& labels, TensorRef<Real, Exec> const& condition) {
  require(labels.size() == condition.extent(0) && shape_of(condition).pixels() == 1, Fault::shape, 541, "one_hot: ", labels.size(),
          " labels into ", condition.extent(0), " conditions of ", shape_of(condition), ", expected ", labels.size(), " of (1, 1, K)");
  for_each_chunk("ign::one_hot", exec, condition.extent(0), condition.extent(3),
                 detail::OneHot<Real, Exec>{labels, condition.extent(3), condition.data()});
}

/// Returns the conditions of all K classes, (K, 1, 1, K): row k, `batch_range(conditions, k, 1)`, is that of class k.
/// \throws Error [ign.option.540] when K is not from 1 to 65536
template <Scalar Real, class Exec>
Tensor<Real, Exec> all_classes(Exec const& exec, int classes) {
  require(classes >= 1 && classes <= 65'536, Fault::option, 540, "all_classes: ", classes, " classes, expected 1 to 65536");
  auto conditions = make_tensor<Real>(exec, "ign::all_classes", classes, {1, 1, classes});
  for_each_chunk("ign::all_classes", exec, conditions.extent(0), conditions.extent(3),
                 detail::ClassRows<Real>{conditions.extent(3), conditions.data()});
  return conditions;
}

}  // namespace ign

#endif  // IGN_CORE_CONDITION_HPP
