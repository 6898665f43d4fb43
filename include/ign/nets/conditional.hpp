// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Inference with a conditional f(x | c): f for given conditions with all functions of InferenceInterface, and classification by drift.
#ifndef IGN_NETS_CONDITIONAL_HPP
#define IGN_NETS_CONDITIONAL_HPP

#include <utility>

#include "ign/core/condition.hpp"
#include "ign/core/detail/first_best.hpp"
#include "ign/nets/projection.hpp"

namespace ign {

/// Any object with `f.apply(exec, input_role, applications, x, out, condition)`, such as Idempotent and FrozenProjector.
template <class F, class Real, class Exec>
concept ConditionalMap = requires(F& f, Exec const& exec, TensorRef<Real, Exec> const& x) {
  f.apply(exec, Role::source, 1, x, x, x);
};

/// f(· | c): a conditional f with its conditions, which has `generate`, `project`, `inpaint`, `drift_scores` and all other functions of
/// InferenceInterface. Construct it with `given`.
///
/// It refers to f and to the conditions' memory, which must outlive it. Write other conditions there to change them.
template <class F, Scalar Real, class Exec>
class Given : public InferenceInterface<Given<F, Real, Exec>, Real, Exec> {
  static_assert(ConditionalMap<F, Real, Exec>,
                "ign::given: f needs `apply(exec, input_role, applications, x, out, condition)`, as "
                "Idempotent, Distillation, ModelWithWorkspace and FrozenProjector have it");

 public:
  using Ref = TensorRef<Real, Exec>;  ///< images, (n, h, w, c)

  /// \param condition  (n, 1, 1, K) for n samples, or (1, 1, 1, K) for any number of samples with the same condition
  Given(F& f, Ref condition) : m_f(f), m_condition(std::move(condition)) {}

  Ref const& condition() const { return m_condition; }     ///< conditions of the constructor
  Shape image_shape() const { return m_f.image_shape(); }  ///< extents of x and f(x)

  /// out = f(· | c)^applications(x) for x (n, h, w, c) from the distribution `input_role`. out may be x.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents, [ign.shape.540] when the conditions do not fit
  ///         the net or the number of samples
  void apply(Exec const& exec, Role input_role, int applications, Ref const& x, Ref const& out) {
    m_f.apply(exec, input_role, applications, x, out, m_condition);
  }

 private:
  F& m_f;
  Ref m_condition;
};

/// Returns f(· | c): `auto sevens = given(f, c); sevens.generate(exec, Gaussian{}, Key{.seed = 7}, 1, images)`.
///
/// Here c is the condition of one class, such as `batch_range(all_classes<float>(exec, 10), 7, 1)`; docs/concepts.md has the whole program.
///
/// \param condition  View (n, 1, 1, K), or (1, 1, 1, K) for all samples; see `one_hot` for class labels
template <class F, TensorView View>
auto given(F& f, View const& condition) {
  return Given<F, typename F::scalar_type, typename F::execution_space>(f, condition);
}

namespace detail {

template <class Real, class Exec>
struct StoreColumn {
  VectorRef<Real, Exec> column;
  std::size_t which, columns;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t n) const { out[n * columns + which] = column(n); }
};

template <class Real, class Exec>
struct LeastOfRow {
  Real const* rows;
  std::size_t columns;
  VectorRef<int, Exec> out;

  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    Real const* const row = rows + n * columns;
    out(n) = static_cast<int>(first_best(columns, [&](std::size_t k, std::size_t l) { return row[k] < row[l]; }));
  }
};

}  // namespace detail

/// Scratch memory of `drifts_by_condition`; grows at first use.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
struct ConditionScratch {
  Buffer<Real, Exec> images{"ign::condition::images"};  ///< f(x | c)
  Buffer<Real, Exec> scores{"ign::condition::scores"};  ///< drifts for one condition
};

/// Drift of each sample under each of m conditions: drifts(n, j) = D(f(x_n | c_j), x_n), m applications of f. It is smallest for the
/// condition that fits x best.
///
/// \param role         role in which f is applied, whose running statistics it uses; Role::data to score x against the training data
/// \param conditions   (m, 1, 1, K); those of all classes come from `all_classes`
/// \param x            (n, h, w, c)
/// \param[out] drifts  (n, 1, 1, m)
/// \throws Error [ign.shape.542] when drifts has other extents, [ign.shape.3], [ign.shape.540] when x or the conditions do not fit the net
template <class F, Distance D, Scalar Real, class Exec>
requires ConditionalMap<F, Real, Exec>
void drifts_by_condition(Exec const& exec, F& f, D const& distance, Role role, TensorRef<Real, Exec> const& conditions,
                         TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& drifts, ConditionScratch<Real, Exec>& scratch) {
  std::size_t const count = conditions.extent(0);
  require(drifts.extent(0) == x.extent(0) && shape_of(drifts) == Shape{1, 1, static_cast<int>(count)} && count > 0, Fault::shape, 542,
          "drift: ", drifts.extent(0), " rows of ", shape_of(drifts), " for ", x.extent(0), " samples and ", count,
          " conditions, expected one row (1, 1, conditions) for each sample, and at least one condition");
  VectorRef<Real, Exec> const scores = scratch.scores.reserve(exec, x.extent(0));
  for (std::size_t j = 0; j < count; ++j) {
    Given<F, Real, Exec> f_c(f, batch_range(conditions, static_cast<int>(j), 1));
    drift_scores(exec, f_c, distance, role, x, scores, scratch.images);
    Kokkos::parallel_for("ign::drifts_by_condition", range_policy(exec, scores.size()),
                         detail::StoreColumn<Real, Exec>{scores, j, count, drifts.data()});
  }
}

/// The condition of least drift of each sample: labels(n) = argmin_j drifts(n, j), the first of equal ones.
///
/// With the conditions of all classes it classifies x by f alone.
/// \param drifts       (n, 1, 1, m), as `drifts_by_condition` writes them
/// \param[out] labels  (n), from 0 to m - 1
/// \throws Error [ign.shape.542] when the number of labels is not n, or there is no condition
template <Scalar Real, class Exec>
void classify_by_drift(Exec const& exec, TensorRef<Real, Exec> const& drifts, VectorRef<int, Exec> const& labels) {
  require(labels.size() == drifts.extent(0) && shape_of(drifts).pixels() == 1 && drifts.extent(3) > 0, Fault::shape, 542,
          "classify_by_drift: ", labels.size(), " labels for ", drifts.extent(0), " rows of ", shape_of(drifts),
          ", expected one label for each row (1, 1, conditions)");
  Kokkos::parallel_for("ign::classify_by_drift", range_policy(exec, labels.size()),
                       detail::LeastOfRow<Real, Exec>{drifts.data(), drifts.extent(3), labels});
}

}  // namespace ign

#endif  // IGN_NETS_CONDITIONAL_HPP
