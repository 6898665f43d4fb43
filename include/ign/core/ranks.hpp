// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Handle of the processes of a data-parallel run, with rank, size and type-erased allreduce, as torch.distributed's ProcessGroup.
/// mpi/communicator.hpp has the communicator of MPI.
#ifndef IGN_CORE_RANKS_HPP
#define IGN_CORE_RANKS_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Profiling_ScopedRegion.hpp>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>

#include "ign/core/elementwise.hpp"
#include "ign/core/key.hpp"
#include "ign/core/tensor.hpp"

namespace ign {

/// A group of processes with an in-place allreduce, `sum`. It blocks, all processes call it in the same order, and the sums are bitwise
/// identical on all of them. It takes memory of the host, and with `takes_device_memory()` memory of a device as well (GPU-aware MPI).
template <class C>
concept AllreduceCommunicator = requires(C const& communicator, float* floats, double* doubles, std::size_t count) {
  { communicator.rank() } -> std::convertible_to<int>;
  { communicator.size() } -> std::convertible_to<int>;
  { communicator.takes_device_memory() } -> std::convertible_to<bool>;
  communicator.sum(floats, count);
  communicator.sum(doubles, count);
};

/// Samples over which BatchNorm takes mean and variance in a training pass.
enum class BatchNormStatistics {
  per_rank,    ///< those of the rank, as if its samples were the batch
  over_ranks,  ///< those of all ranks, as PyTorch's SyncBatchNorm: a step is that of one process with the global batch, up to rounding
};

namespace detail {

/// Returns `draws_by_global_index` of a source or a corruption; default: false.
template <class T>
bool draws_by_global_index_of([[maybe_unused]] T const& drawn) {
  if constexpr (requires {
                  { draws_by_global_index(drawn) } -> std::convertible_to<bool>;
                })
    return draws_by_global_index(drawn);
  else
    return false;
}

/// Pinned memory where the backend has it, since copies from and to a device are faster then.
using StagingSpace = Kokkos::SharedHostPinnedSpace;

struct RankGroup {
  int rank, size;
  bool takes_device_memory;
  std::function<void(float*, std::size_t)> sum_floats;
  std::function<void(double*, std::size_t)> sum_doubles;
  Kokkos::View<double*, StagingSpace> staging{};

  void sum(float* values, std::size_t count) const { sum_floats(values, count); }
  void sum(double* values, std::size_t count) const { sum_doubles(values, count); }
};

template <class Real>
struct ScaleValues {
  Real factor;
  Real* values;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) values[i] *= factor;
  }
};

}  // namespace detail

/// The ranks of a data-parallel run; a single process by default. A cheap value: copies share the communicator and its staging memory. On a
/// device, use all copies with the same execution-space instance.
///
/// Each rank has `1 / size()` of the samples of a step, all the same number of them. Sums are collective: all ranks call them in the same
/// order. They wait for `exec` and for the other ranks. With one process they do nothing.
class Ranks {
 public:
  /// One process.
  Ranks() = default;

  /// The processes of a communicator, which is copied. Construct it after Kokkos has been initialised.
  /// \param statistics  samples over which BatchNorm takes mean and variance
  template <AllreduceCommunicator C>
  requires(!std::same_as<C, Ranks>) explicit Ranks(C const& communicator, BatchNormStatistics statistics = BatchNormStatistics::per_rank)
      : m_statistics(statistics) {
    if (communicator.size() == 1) return;
    m_group = std::make_shared<detail::RankGroup>(
        detail::RankGroup{communicator.rank(), communicator.size(), communicator.takes_device_memory(),
                          [communicator](float* values, std::size_t count) { communicator.sum(values, count); },
                          [communicator](double* values, std::size_t count) { communicator.sum(values, count); }});
  }

  int rank() const { return m_group ? m_group->rank : 0; }                    ///< number of this process, from 0
  int size() const { return m_group ? m_group->size : 1; }                    ///< number of processes
  bool is_distributed() const { return m_group != nullptr; }                  ///< true if there is more than one process
  bool is_root() const { return rank() == 0; }                                ///< true for rank 0, which prints and writes files
  BatchNormStatistics batch_norm_statistics() const { return m_statistics; }  ///< as given
  bool syncs_batch_norm() const {
    return is_distributed() && m_statistics == BatchNormStatistics::over_ranks;
  }  ///< true if BatchNorm reduces over ranks

  /// Global indices of this rank's samples: every size()-th sample of the global batch.
  GlobalSampleIndices shard() const { return {static_cast<std::uint64_t>(rank()), static_cast<std::uint64_t>(size())}; }

  /// In-place allreduce: replaces the values by their sums over all ranks, bitwise identical on all of them.
  template <Scalar Real, class Exec>
  void sum(Exec const& exec, VectorRef<Real, Exec> const& values) const {
    if (!is_distributed() || values.size() == 0) return;
    Kokkos::Profiling::ScopedRegion const region("ign::ranks::sum");
    constexpr bool on_host = Kokkos::SpaceAccessibility<Kokkos::HostSpace, typename Exec::memory_space>::accessible;
    if (on_host || m_group->takes_device_memory) {
      exec.fence("ign::ranks: the values to be added");
      m_group->sum(values.data(), values.size());
      return;
    }
    auto& staging = m_group->staging;
    std::size_t const doubles = (values.size() * sizeof(Real) + sizeof(double) - 1) / sizeof(double);
    if (staging.size() < doubles) {
      exec.fence("ign::ranks: the staging memory is free");
      staging =
          Kokkos::View<double*, detail::StagingSpace>(Kokkos::view_alloc(Kokkos::WithoutInitializing, "ign::ranks::staging"), doubles);
    }
    Kokkos::View<Real*, detail::StagingSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(reinterpret_cast<Real*>(staging.data()),
                                                                                                  values.size());
    Kokkos::deep_copy(exec, host, values);
    exec.fence("ign::ranks: the values to be added");
    m_group->sum(host.data(), host.size());
    Kokkos::deep_copy(exec, values, host);
  }

  /// Replaces the values by their means over all ranks, bitwise identical on all of them.
  template <Scalar Real, class Exec>
  void average(Exec const& exec, VectorRef<Real, Exec> const& values) const {
    if (!is_distributed() || values.size() == 0) return;
    sum(exec, values);
    for_each_chunk("ign::ranks::average", exec, 1, values.size(),
                   detail::ScaleValues<Real>{Real(1) / static_cast<Real>(size()), values.data()});
  }

  /// Returns true on all ranks if `flag` is true on one of them.
  bool any(bool flag) const {
    if (!is_distributed()) return flag;
    double count = flag ? 1 : 0;
    m_group->sum(&count, 1);
    return count > 0;
  }

 private:
  std::shared_ptr<detail::RankGroup> m_group;  // null: one process
  BatchNormStatistics m_statistics = BatchNormStatistics::per_rank;
};

}  // namespace ign

#endif  // IGN_CORE_RANKS_HPP
