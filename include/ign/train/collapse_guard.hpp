// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Detection of collapsed runs. Too much tightness drives f away from its own images, or maps all z to one image.
#ifndef IGN_TRAIN_COLLAPSE_GUARD_HPP
#define IGN_TRAIN_COLLAPSE_GUARD_HPP

#include <algorithm>
#include <sstream>
#include <string>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/tensor.hpp"
#include "ign/train/trainer.hpp"

namespace ign {

/// Criteria of a bad report. Losses that are not finite end a run at once. In a resumed run the guard starts without history.
struct CollapseOptions {
  double max_ratio = 3;  ///< bad: idempotence above this multiple of the reconstruction; sound runs stay below 1.6 (docs/results.md)
  double growth = 5;     ///< bad: idempotence above the reconstruction, and above this multiple of its own mean over about ten good reports
  double spread = 0.02;  ///< bad: variance of f(z) has fallen below this share of the data's variance; 0: not checked
  int samples = 64;      ///< number of z for the variance, at most one batch
  int grace = 5;         ///< number of first reports that are not checked, since the net has not learnt yet
  int patience = 2;      ///< number of consecutive bad reports that end the run
};

/// Checks the options.
/// \throws Error [ign.option.252] on values outside their ranges
inline void validate(CollapseOptions const& options) {
  bool const numbers = !is_nan(options.max_ratio) && !is_nan(options.growth) && !is_nan(options.spread);
  require(numbers && options.max_ratio > 0 && options.growth > 1 && options.spread >= 0 && options.samples >= 2 && options.grace >= 0 &&
              options.patience >= 1,
          Fault::option, 252, "collapse guard: max_ratio ", options.max_ratio, ", growth ", options.growth, ", spread ", options.spread,
          ", samples ", options.samples, ", grace ", options.grace, ", patience ", options.patience,
          ", expected max_ratio > 0, growth > 1, spread >= 0, 2 or more samples, grace >= 0 and patience >= 1");
}

namespace detail {

/// Variance over the samples, for each element of an image.
template <class Real>
struct ElementVariance {
  Real const* samples;
  std::size_t count, size;
  double* out;

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    double mean = 0;
    for (std::size_t n = 0; n < count; ++n) mean += static_cast<double>(samples[n * size + i]);
    mean /= static_cast<double>(count);
    double sum = 0;
    for (std::size_t n = 0; n < count; ++n) {
      double const difference = static_cast<double>(samples[n * size + i]) - mean;
      sum += difference * difference;
    }
    out[i] = sum / static_cast<double>(count);
  }
};

/// Mean of the variances, by a single thread: once per report, so its time does not matter (docs/backends.md).
struct MeanOfVariances {
  double* variances;  // followed by their mean
  std::size_t size;

  KOKKOS_FUNCTION void operator()(std::size_t) const {
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += variances[i];
    variances[size] = sum / static_cast<double>(size);
  }
};

}  // namespace detail

/// Callback that ends a run after a collapse. It checks policies with a tightness term, such as Idempotent; for others it does nothing.
///
/// To keep checkpoints of a healthy net only, pass `[&] { return guard.healthy(); }` to io::Checkpoints.
template <Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class CollapseGuard {
 public:
  /// A guard without history.
  /// \throws Error [ign.option.252] on options outside their ranges
  explicit CollapseGuard(CollapseOptions const& options = {}) : m_options(options) { validate(options); }
  CollapseGuard(CollapseGuard&&) noexcept = default;             ///< moves only: the samples belong to one run
  CollapseGuard& operator=(CollapseGuard&&) noexcept = default;  ///< moves only

  /// True if the last report was not bad.
  bool healthy() const { return m_bad == 0; }
  bool collapsed() const { return !m_why.empty(); }  ///< true once the guard has ended the run
  /// One line with the reason, the step of the first bad report, and a remedy. Empty before a collapse.
  std::string const& why() const { return m_why; }

  ///@{
  /// Callback functions, see train/trainer.hpp.
  template <class Trainer>
  void on_report(Trainer& trainer, Report const& report) {
    if constexpr (requires { trainer.policy().options().tightness; }) check_tightness(trainer, report);
  }
  template <class Trainer>
  bool on_step(Trainer const&) const {
    return !collapsed();
  }
  ///@}

  /// Checks a report, as on_report does. `spread` is the variance of f(z) divided by that of the data, `tightness` is λ_t.
  void check(Report const& report, double spread, double tightness) {
    if (collapsed()) return;
    double const reconstruction = value_of(report.losses, "rec"), idempotence = value_of(report.losses, "idem");
    bool const finite = is_finite(reconstruction) && is_finite(idempotence) && is_finite(report.total) && is_finite(spread);
    bool const first = m_reports++ < m_options.grace;
    std::ostringstream text;
    if (!finite) {
      text << "losses or images are not finite";
    } else if (!first && idempotence > m_options.max_ratio * reconstruction) {
      text << "idempotence " << idempotence << " is above " << m_options.max_ratio << " times the reconstruction " << reconstruction;
    } else if (!first && idempotence > m_options.growth * m_level && idempotence > reconstruction) {
      text << "idempotence " << idempotence << " is above " << m_options.growth << " times its level " << m_level;
    } else if (!first && m_spread_out && spread < m_options.spread) {
      text << "all f(z) are alike: their variance is " << spread << " of the data's, less than " << m_options.spread;
    } else {
      // A mean over all reports at first, then a moving average over about ten.
      m_level += (idempotence - m_level) / std::min(10, ++m_good);
      m_bad = 0;
      m_spread_out = m_spread_out || spread > m_options.spread;
      return;
    }
    if (m_bad++ == 0) m_since = report.step;
    if (finite && m_bad < m_options.patience) return;
    text << ", since the report at step " << m_since
         << "; start a new run from the weights of the last checkpoint before it with a tightness weight below " << tightness
         << ", or with a closer bound (Smoothing)";
    m_why = "collapse at step " + std::to_string(report.step) + ": " + text.str();
  }

 private:
  template <class Trainer>
  void check_tightness(Trainer& trainer, Report const& report) {
    double const steered = value_of(report.losses, "w");
    double const scheduled = trainer.policy().options().tightness.at(report.step > 0 ? report.step - 1 : 0);
    double const tightness = is_finite(steered) ? steered * scheduled : scheduled;
    check(report, m_options.spread > 0 ? relative_spread(trainer) : 1, tightness);
  }

  // Allocates at the first report.
  template <class Trainer>
  double relative_spread(Trainer& trainer) {
    auto const& exec = trainer.exec();
    auto& policy = trainer.policy();
    if (m_samples.size() == 0) {
      int const count = std::min(m_options.samples, trainer.batches().options().batch);
      m_samples = make_tensor<Real>(exec, "ign::collapse_guard::samples", count, policy.image_shape());
      m_variances = make_vector<double>(exec, "ign::collapse_guard::variances", policy.image_shape().size() + 1);
      trainer.batches().gather_range(exec, 0, TensorRef<Real, Exec>(m_samples));
      m_data_spread = spread(exec);
    }
    TensorRef<Real, Exec> const samples(m_samples);
    Key const key{policy.seed(), RandomStream::guard};
    auto const condition = trainer.condition(std::uint64_t{0});
    if constexpr (requires { policy.generate(exec, key, 1, samples, condition); })
      policy.generate(exec, key, 1, samples, absent(condition) ? condition : batch_range(condition, 0, batch_of(samples)));
    else
      policy.generate(exec, key, 1, samples);
    return m_data_spread > 0 ? spread(exec) / m_data_spread : 1;
  }

  // Variance over m_samples, averaged over the elements of an image. Fences.
  double spread(Exec const& exec) const {
    std::size_t const size = m_variances.size() - 1;
    Kokkos::parallel_for("ign::collapse_guard::variance", range_policy(exec, size),
                         detail::ElementVariance<Real>{m_samples.data(), m_samples.extent(0), size, m_variances.data()});
    Kokkos::parallel_for("ign::collapse_guard::mean", range_policy(exec, 1), detail::MeanOfVariances{m_variances.data(), size});
    double value = 0;
    Kokkos::View<double, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(&value);
    Kokkos::deep_copy(exec, host, Kokkos::subview(m_variances, size));
    exec.fence("ign::collapse_guard::spread");
    return value;
  }

  CollapseOptions m_options;
  int m_reports = 0, m_good = 0, m_bad = 0;
  double m_level = 0;         // mean idempotence of good reports
  bool m_spread_out = false;  // f(z) have varied before; early in training all z have nearly the same image
  std::uint64_t m_since = 0;
  std::string m_why;
  double m_data_spread = 0;
  Tensor<Real, Exec> m_samples;
  Vector<double, Exec> m_variances;
};

}  // namespace ign

#endif  // IGN_TRAIN_COLLAPSE_GUARD_HPP
