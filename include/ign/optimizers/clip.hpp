// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Gradient clipping by global norm, in front of any optimizer.
#ifndef IGN_OPTIMIZERS_CLIP_HPP
#define IGN_OPTIMIZERS_CLIP_HPP

#include <string>
#include <vector>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/optimizers/optimizer.hpp"

namespace ign {

/// Scales all gradients by min(1, max_norm / (|g| + 1e-6)) before the step of `optimizer`, as PyTorch's clip_grad_norm_.
///
/// |g| is the norm over all parameters together, summed in double in a fixed order. Norm and factor stay on the device.
/// \source Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013, algorithm 1
template <class Optimizer, class Exec = Kokkos::DefaultExecutionSpace>
class Clip {
 public:
  static constexpr char const* name = "clip";  ///< name in files
  /// Number of partial sums: fixed, so that the result does not depend on the number of threads.
  static constexpr std::size_t parts = 4096;

  /// Allocates the sums.
  Clip(Exec const& exec, Optimizer const& optimizer, double max_norm) : m_optimizer(optimizer), m_max_norm(max_norm) { sums(exec); }

  /// Copies the options. The copy, such as that of a trainer, has sums of its own, which it allocates at its first update.
  Clip(Clip const& other) : m_optimizer(other.m_optimizer), m_max_norm(other.m_max_norm) {}
  /// Copies the options, and keeps the own sums.
  Clip& operator=(Clip const& other) {
    m_optimizer = other.m_optimizer;
    m_max_norm = other.m_max_norm;
    return *this;
  }

  Optimizer const& optimizer() const { return m_optimizer; }  ///< the wrapped optimizer
  double max_norm() const { return m_max_norm; }              ///< as given
  /// Partial sums of squares, then the norm and the factor. Allocated at the first call.
  Vector<double, Exec> const& sums(Exec const& exec) const {
    if (m_sums.size() == 0) m_sums = make_vector<double>(exec, "ign::clip::sums", parts + 2);
    return m_sums;
  }

  /// Norm of the gradients of the last update with this object, before clipping; 0 before the first. In a run, that of
  /// `trainer.optimizer()`. Fences `exec`.
  double norm(Exec const& exec) const {
    double value = 0;
    if (m_sums.size() == 0) return value;
    Kokkos::View<double, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(&value);
    Kokkos::deep_copy(exec, host, Kokkos::subview(m_sums, parts));
    exec.fence("ign::clip::norm");
    return value;
  }

 private:
  Optimizer m_optimizer;
  double m_max_norm;
  mutable Vector<double, Exec> m_sums;
};

/// \throws Error [ign.option.251] when max_norm is not positive; errors of the wrapped optimizer
template <class Optimizer, class Exec>
void validate(Clip<Optimizer, Exec> const& clip) {
  require(!is_nan(clip.max_norm()) && clip.max_norm() > 0, Fault::option, 251, "clip: max_norm ", clip.max_norm(),
          ", expected a value above 0");
  optimizer::validate_options(clip.optimizer());
}

/// Slots of the wrapped optimizer.
template <class Optimizer, class Exec>
std::vector<std::string> slots(Clip<Optimizer, Exec> const& clip) {
  return optimizer::slots_of(clip.optimizer());
}

/// Name, max_norm and the wrapped optimizer.
template <class Optimizer, class Exec>
OptimizerDescription describe(Clip<Optimizer, Exec> const& clip) {
  return {Clip<Optimizer, Exec>::name, {{"max_norm", clip.max_norm()}}, {optimizer::description_of(clip.optimizer())}};
}

/// Step values of the wrapped optimizer.
template <class Optimizer, class Exec>
auto step_values(Clip<Optimizer, Exec> const& clip, double learning_rate, std::uint64_t step) {
  return optimizer::step_values_of(clip.optimizer(), learning_rate, step);
}

namespace detail {

template <class Real>
struct SquareSums {
  Real const* values;
  std::size_t size, parts;
  double* sums;

  // Eight sums in a fixed order vectorise and are bitwise identical everywhere. A thread reads a contiguous range: on a device the accesses
  // do not coalesce (docs/backends.md).
  KOKKOS_FUNCTION void operator()(std::size_t part) const {
    constexpr std::size_t lanes = 8;
    std::size_t i = size * part / parts;
    std::size_t const end = size * (part + 1) / parts;
    double sum[lanes] = {};
    for (; i + lanes <= end; i += lanes)
      for (std::size_t k = 0; k < lanes; ++k) sum[k] += static_cast<double>(values[i + k]) * static_cast<double>(values[i + k]);
    for (std::size_t k = 0; i < end; ++i, ++k) sum[k] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    double total = 0;
    for (std::size_t k = 0; k < lanes; ++k) total += sum[k];
    sums[part] = total;
  }
};

/// Runs in one thread, so that the order of the sum is fixed. On a device its 4096 loads are bound by memory latency (docs/backends.md).
struct ClipFactor {
  double max_norm;
  std::size_t parts;
  double* sums;

  KOKKOS_FUNCTION void operator()(std::size_t) const {
    double total = 0;
    for (std::size_t part = 0; part < parts; ++part) total += sums[part];
    double const norm = Kokkos::sqrt(total);
    double const factor = max_norm / (norm + 1e-6);
    sums[parts] = norm;
    sums[parts + 1] = factor > 1 ? 1 : factor;  // a NaN norm gives a NaN factor, which shows in the losses
  }
};

template <class Real>
struct ScaleBy {
  double const* factor;
  Real* values;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    Real const by = static_cast<Real>(*factor);
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) values[i] *= by;
  }
};

}  // namespace detail

/// Workspace of the wrapped optimizer.
template <class Optimizer, Scalar Real, class Exec>
auto workspace(Exec const& exec, Clip<Optimizer, Exec> const& clip, VectorRef<Real, Exec> const& parameters,
               std::vector<ModelArray> const& arrays) {
  return optimizer::workspace_of(exec, clip.optimizer(), parameters, arrays);
}

/// Clips the gradients in place, then updates with the wrapped optimizer.
template <class Optimizer, Scalar Real, class Exec, class Workspace = optimizer::NoWorkspace>
void update(Exec const& exec, Clip<Optimizer, Exec> const& clip, StepArgument<optimizer::StepValues<Optimizer>> const& values,
            VectorRef<Real, Exec> const& parameters, VectorRef<Real, Exec> const& gradients, VectorRef<Real, Exec> const& state,
            Workspace const& workspace = {}) {
  constexpr std::size_t parts = Clip<Optimizer, Exec>::parts;
  double* const sums = clip.sums(exec).data();
  Kokkos::parallel_for("ign::clip squares", range_policy(exec, parts),
                       detail::SquareSums<Real>{gradients.data(), gradients.size(), parts, sums});
  Kokkos::parallel_for("ign::clip factor", range_policy(exec, 1), detail::ClipFactor{clip.max_norm(), parts, sums});
  for_each_chunk("ign::clip scale", exec, 1, gradients.size(), detail::ScaleBy<Real>{sums + parts + 1, gradients.data()});
  optimizer::apply(exec, clip.optimizer(), values, parameters, gradients, state, workspace);
}

}  // namespace ign

#endif  // IGN_OPTIMIZERS_CLIP_HPP
