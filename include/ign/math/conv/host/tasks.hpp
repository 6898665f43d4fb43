// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Tasks of the convolutions on hosts, for tests and tables: into how many pieces a kernel divides its work, and among how many threads.
#ifndef IGN_MATH_CONV_HOST_TASKS_HPP
#define IGN_MATH_CONV_HOST_TASKS_HPP

#include "ign/math/conv/convolution.hpp"

namespace ign::math {

/// Division of a kernel: tasks of about equal size, in ranges, one for each worker.
struct ConvTasks {
  std::size_t tasks;    ///< pieces of work
  std::size_t workers;  ///< threads that get a range of them

  /// Workers that have a task.
  std::size_t busy() const { return std::min(tasks, workers); }
  /// Tasks in all, divided by those of the worker that has most: how many times as fast as one thread the kernel can be.
  double speedup() const {
    std::size_t const most = (tasks + workers - 1) / workers;
    return static_cast<double>(tasks) / static_cast<double>(most);
  }
};

namespace detail {

template <class Real>
std::size_t winograd_tasks(ConvGeometry const& g, Operation operation, Algorithm algorithm, std::size_t batch, std::size_t workers) {
  std::size_t tasks = 0;
  visit_winograd_variant<Real>(g, algorithm, [&]<class Scheme, class Factor>() {
    constexpr int step = Scheme::stride * Scheme::tile;
    winograd::TileGrid const fine = {(g.fine.height + step - 1) / step, (g.fine.width + step - 1) / step};
    if (operation == Operation::weight_gradient)
      tasks = winograd::ConvWeightGradient<Scheme, Real>::tasks(g, batch, workers);
    else
      tasks = batch * (operation == Operation::forward ? winograd::coarse_tiles(g, Scheme::tile) : fine).per_sample();
  });
  return tasks;
}

template <class Real>
std::size_t tasks_of(HostKernel kernel, ConvGeometry const& g, Operation operation, Algorithm algorithm, std::size_t batch,
                     std::size_t workers) {
  using Sums = host::ConvWeightGradient<Real>;
  using Products = host::InputGradientProducts<Real>;
  bool const forward = operation == Operation::forward, weight_gradient = operation == Operation::weight_gradient;
  switch (kernel) {
    case HostKernel::winograd:
      return winograd_tasks<Real>(g, operation, algorithm, batch, workers);
    case HostKernel::winograd_volume:
      if (weight_gradient) return winograd::VolumeWeightGradient<Real>::tasks(g, batch, workers);
      if (forward) return batch * winograd::coarse_depth_tiles(g) * winograd::coarse_tiles(g).per_sample();
      return batch * winograd::fine_depth_tiles(g) * winograd::fine_tiles(g).per_sample();
    case HostKernel::few_channels:
      if (weight_gradient) return Sums::parts(g, batch);
      return forward ? batch * g.coarse.height : batch * few_channels::ConvInputGradient<Real>::bands(g);
    case HostKernel::few_channels_volume:
      if (weight_gradient) return Sums::parts(g, batch);
      return forward ? batch * g.depth.coarse : batch * few_channels::VolumeInputGradient<Real>::bands(g);
    case HostKernel::direct:
      break;
  }
  if (weight_gradient) return Sums::division(g, batch, workers).tasks();
  if (forward) return host::ConvForward<Real>::division(g, batch, workers).tasks();
  return Products::division(g, std::min(batch, Products::samples(g)), workers).tasks();
}

}  // namespace detail

/// Tasks of a kernel on an instance with `threads` threads. A task of the forward operation or the input gradient is the smallest piece
/// that a range can end at: a tile of Winograd's algorithm, a row of pixels of few channels, a block of direct products.
template <Scalar Real>
ConvTasks conv_tasks(ConvGeometry const& g, Operation operation, Algorithm algorithm, std::size_t batch, std::size_t threads) {
  std::size_t const workers = workers_for(threads, batch * g.weight_size() * g.coarse_pixels());
  auto const kernel = detail::host_kernel<Real>(g, operation, algorithm);
  return {detail::tasks_of<Real>(kernel, g, operation, algorithm, batch, workers), workers};
}

}  // namespace ign::math

#endif  // IGN_MATH_CONV_HOST_TASKS_HPP
