// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Data set of real numbers in device memory, such as codes or fields, and its shuffled batches.
#ifndef IGN_TRAIN_TENSOR_BATCHES_HPP
#define IGN_TRAIN_TENSOR_BATCHES_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ign/core/error.hpp"
#include "ign/core/tensor.hpp"
#include "ign/train/batches.hpp"

namespace ign {

namespace detail {

/// Copies rows of a data set to the samples of a batch, `run` elements per index.
template <class Real, class Exec>
struct GatherTensorSamples {
  Real const* rows;
  BatchIndices indices;
  std::size_t size, run;  // elements of a row, elements of an index
  Real* out;

  static std::size_t run_of(std::size_t size) { return uses_host_kernels_v<Exec> ? size : std::min<std::size_t>(size, 16); }
  KOKKOS_FUNCTION std::size_t runs() const { return (size + run - 1) / run; }
  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const n = index / runs(), first = index % runs() * run, last = first + run < size ? first + run : size;
    Real const* const from = rows + indices(n) * size;
    for (std::size_t i = first; i < last; ++i) out[n * size + i] = from[i];
  }
};

}  // namespace detail

/// Batches of the samples of a tensor, in the order that Batches would give to as many images: a function of seed and epoch. Batch number
/// `step` belongs to epoch step / batches_per_epoch(). An incomplete batch at the end of an epoch is dropped.
template <Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class TensorBatches {
 public:
  /// Shares the memory of `samples`; their values may change between steps.
  /// \param samples  (count, h, w, c)
  /// \param options  batch, seed and shard; no padding and no flip
  /// \throws Error [ign.option.641] if there are fewer samples than in a batch, or an option is set that serves images only
  explicit TensorBatches(Tensor<Real, Exec> const& samples, BatchOptions const& options = {}) : m_samples(samples), m_options(options) {
    require(options.batch >= 1 && options.shard.first < options.shard.stride && global_batch() <= count(), Fault::option, 641,
            "tensor_batches: batch of ", options.batch, " on rank ", options.shard.first, " of ", options.shard.stride,
            ", expected 1 to the ", count(), " samples of the tensor on all ranks");
    require((options.pad_to == Shape{0, 0, 0} || options.pad_to == shape()) && !options.flip, Fault::option, 641, "tensor_batches: pad_to ",
            options.pad_to, options.flip ? " and flip" : " without flip", ", expected ", Shape{0, 0, 0}, " and no flip for samples of ",
            shape());
    m_options.pad_to = shape();
  }

  Tensor<Real, Exec> const& samples() const { return m_samples; }               ///< as given
  BatchOptions const& options() const { return m_options; }                     ///< as given, with `pad_to` set
  std::size_t count() const { return m_samples.extent(0); }                     ///< number of samples
  Shape shape() const { return shape_of(m_samples); }                           ///< extents of a sample
  std::uint64_t batches_per_epoch() const { return count() / global_batch(); }  ///< whole batches in an epoch

  /// Fills x (batch, h, w, c) with batch number `step` of the shuffled data.
  /// \throws Error [ign.shape.641] on other extents
  void gather(Exec const& exec, StepArgument<std::uint64_t> const& step, TensorRef<Real, Exec> const& x) const {
    require(batch_of(x) == m_options.batch, Fault::shape, 641, "tensor_batches: x has ", x.extent(0), " samples, expected ",
            m_options.batch);
    gather(exec, detail::BatchIndices{0, true, step, m_options.seed, count(), batches_per_epoch(), global_batch(), m_options.shard}, x);
  }

  /// Fills x (n, h, w, c) with the samples [first, first + n), not shuffled.
  /// \throws Error [ign.shape.641] if x has other extents, or there are fewer samples
  void gather_range(Exec const& exec, std::size_t first, TensorRef<Real, Exec> const& x) const {
    require(first <= count() && x.extent(0) <= count() - first, Fault::shape, 641, "tensor_batches: samples [", first, ", ",
            first + x.extent(0), "), expected a range within the ", count(), " samples of the tensor");
    gather(exec, detail::BatchIndices{.first = first}, x);
  }

 private:
  std::uint64_t global_batch() const { return static_cast<std::uint64_t>(m_options.batch) * m_options.shard.stride; }

  void gather(Exec const& exec, detail::BatchIndices const& indices, TensorRef<Real, Exec> const& x) const {
    require(shape_of(x) == shape(), Fault::shape, 641, "tensor_batches: x has samples of ", shape_of(x), ", expected ", shape());
    std::size_t const size = shape().size();
    detail::GatherTensorSamples<Real, Exec> const body{m_samples.data(), indices, size,
                                                       detail::GatherTensorSamples<Real, Exec>::run_of(size), x.data()};
    Kokkos::parallel_for("ign::tensor_batches::gather", range_policy(exec, x.extent(0) * body.runs()), body);
  }

  Tensor<Real, Exec> m_samples;
  BatchOptions m_options;
};

}  // namespace ign

#endif  // IGN_TRAIN_TENSOR_BATCHES_HPP
