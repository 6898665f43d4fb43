// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Loss sums over steps, kept on the device so that only reading the means fences.
#ifndef IGN_POLICIES_LOSS_SUMS_HPP
#define IGN_POLICIES_LOSS_SUMS_HPP

#include <array>
#include <cstdint>

#include "ign/core/launch.hpp"
#include "ign/core/ranks.hpp"
#include "ign/core/tensor.hpp"

namespace ign {

namespace detail {

/// Adds the mean of row k of `samples`, `batch` elements, to sums(k), and the weighted sum of the means to sums(terms).
///
/// Runs on one thread, so that the order of the sum is fixed. On a device its loads are bound by memory latency (docs/backends.md).
template <class Real, class Exec, std::size_t terms>
struct AddLossMeans {
  VectorRef<Real, Exec> samples;
  int batch;
  Kokkos::Array<double, terms> weights;
  Vector<double, Exec> sums;

  KOKKOS_FUNCTION void operator()(std::size_t) const {
    double total = 0;
    for (std::size_t k = 0; k < terms; ++k) {
      double mean = 0;
      for (int n = 0; n < batch; ++n) mean += static_cast<double>(samples(k * static_cast<std::size_t>(batch) + n));
      mean /= batch;
      sums(k) += mean;
      total += weights[k] * mean;
    }
    sums(terms) += total;
  }
};

}  // namespace detail

/// Device vector of `count` sums over steps, with the number of steps. Can be moved, but not copied.
template <std::size_t count, class Exec = Kokkos::DefaultExecutionSpace>
class LossSums {
 public:
  /// Allocates sums of zero.
  /// \param persistent  number of further values behind the sums: state of the policy that `reset` does not clear
  explicit LossSums(Exec const& exec, std::size_t persistent = 0)
      : m_sums(make_vector<double>(exec, "ign::loss_sums", count + persistent)) {}
  LossSums(LossSums&&) noexcept = default;             ///< moves only: a copy would share the sums
  LossSums& operator=(LossSums&&) noexcept = default;  ///< moves only

  Vector<double, Exec> const& sums() const { return m_sums; }  ///< sums and persistent values (count + persistent), on the device
  std::uint64_t steps() const { return m_steps; }              ///< number of steps in the sums
  void set_steps(std::uint64_t steps) { m_steps = steps; }     ///< sets steps() when sums() is restored
  void count_step() { ++m_steps; }                             ///< counts a step that a kernel of the caller adds to sums()

  /// Adds one step: the mean of each row of `samples`, (count - 1) rows of `batch` elements, and the weighted sum of the means as last sum.
  template <Scalar Real>
  void add_means(Exec const& exec, VectorRef<Real, Exec> const& samples, int batch, Kokkos::Array<double, count - 1> const& weights) {
    Kokkos::parallel_for("ign::loss_sums::add_means", range_policy(exec, 1),
                         detail::AddLossMeans<Real, Exec, count - 1>{samples, batch, weights, m_sums});
    count_step();
  }

  /// Returns the sums divided by the number of steps, or zeros before the first step. Fences `exec`.
  std::array<double, count> means(Exec const& exec) const {
    std::array<double, count> means{};
    Kokkos::View<double*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(means.data(), count);
    Kokkos::deep_copy(exec, host, own());
    exec.fence("ign::loss_sums::means");
    for (double& mean : means) mean /= m_steps > 0 ? static_cast<double>(m_steps) : 1;
    return means;
  }

  /// Returns persistent value number `which`. Fences `exec`.
  double persistent(Exec const& exec, std::size_t which) const {
    double number = 0;
    Kokkos::deep_copy(exec, Kokkos::View<double, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(&number),
                      Kokkos::subview(m_sums, count + which));
    exec.fence("ign::loss_sums::persistent");
    return number;
  }

  /// Replaces the sums by their means over the ranks, which stay right when further steps are added. Persistent values must be equal
  /// already.
  void average(Exec const& exec, Ranks const& ranks) const { ranks.average(exec, own()); }

  /// Sets the sums and the number of steps to zero.
  void reset(Exec const& exec) {
    Kokkos::deep_copy(exec, own(), 0.0);
    m_steps = 0;
  }

 private:
  VectorRef<double, Exec> own() const { return VectorRef<double, Exec>(m_sums.data(), count); }

  Vector<double, Exec> m_sums;
  std::uint64_t m_steps = 0;
};

/// Base of policies: the ranks of the run and the state of the loss means, as the policy contract names them.
template <std::size_t count, class Exec>
class LossMeansBase {
 public:
  void reset_losses(Exec const& exec) { m_sums.reset(exec); }  ///< starts new means

  /// Returns the sums of the losses since the last reset, for checkpoints.
  Vector<double, Exec> const& loss_sums() const { return m_sums.sums(); }
  std::uint64_t summed_steps() const { return m_sums.steps(); }            ///< number of steps in loss_sums()
  void set_summed_steps(std::uint64_t steps) { m_sums.set_steps(steps); }  ///< sets summed_steps() when loss_sums() is restored
  Ranks const& ranks() const { return m_ranks; }                           ///< ranks of the run; one process by default
  /// Makes loss_sums() equal on all ranks: the losses of the global batch. Waits for the other ranks.
  void average_losses(Exec const& exec) const { m_sums.average(exec, m_ranks); }

 protected:
  /// Allocates the sums and `persistent` values more.
  explicit LossMeansBase(Exec const& exec, std::size_t persistent = 0) : m_sums(exec, persistent) {}

  LossSums<count, Exec> m_sums;  ///< sums of the losses, and the number of steps
  Ranks m_ranks;                 ///< ranks of the run
};

}  // namespace ign

#endif  // IGN_POLICIES_LOSS_SUMS_HPP
