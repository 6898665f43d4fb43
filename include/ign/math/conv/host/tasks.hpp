// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Tasks of the convolutions on hosts, for tests and tables: into how many pieces a kernel divides its work, and among how many threads.
#ifndef IGN_MATH_CONV_HOST_TASKS_HPP
#define IGN_MATH_CONV_HOST_TASKS_HPP

#include "ign/math/conv/convolution.hpp"

namespace ign::math {

/// The operations of a convolution.
enum class ConvKernel {
  forward,         ///< fine to coarse
  input_gradient,  ///< coarse to fine
  weight_gradient  ///< both to the gradient of the weights
};

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
std::size_t direct_tasks(ConvGeometry const& g, ConvKernel kernel, std::size_t batch, std::size_t workers) {
  bool const few = few_channels::fits(g), few_volume = few_channels::fits_volume(g);
  if (kernel == ConvKernel::forward) {
    if (few) return batch * g.coarse.height;
    return few_volume ? batch * g.depth.coarse : host::ConvForward<Real>::division(g, batch, workers).tasks;
  }
  if (kernel == ConvKernel::weight_gradient) {
    if (few || few_volume) return host::ConvWeightGradient<Real>::parts(g, batch);
    return host::ConvWeightGradient<Real>::division(g, batch, workers).tasks;
  }
  using few_channels::ConvInputGradient, few_channels::VolumeInputGradient;
  if (ConvInputGradient<Real>::fits(g)) return batch * ConvInputGradient<Real>::bands(g);
  if (VolumeInputGradient<Real>::fits(g)) return batch * VolumeInputGradient<Real>::bands(g);
  using Products = host::InputGradientProducts<Real>;
  return Products::division(g, std::min(batch, Products::samples(g)), workers).tasks;
}

template <class Real>
std::size_t winograd_tasks(ConvGeometry const& g, Algorithm algorithm, ConvKernel kernel, std::size_t batch, std::size_t workers) {
  if (g.is_volume()) {
    if (kernel == ConvKernel::forward) return batch * winograd::coarse_depth_tiles(g) * winograd::coarse_tiles(g).per_sample();
    if (kernel == ConvKernel::input_gradient) return batch * winograd::fine_depth_tiles(g) * winograd::fine_tiles(g).per_sample();
    return winograd::VolumeWeightGradient<Real>::tasks(g, batch, workers);
  }
  std::size_t tasks = 0;
  visit_winograd_variant<Real>(g, algorithm, [&]<class Scheme, class Factor>() {
    constexpr int step = Scheme::stride * Scheme::tile;
    winograd::TileGrid const fine = {(g.fine.height + step - 1) / step, (g.fine.width + step - 1) / step};
    if (kernel == ConvKernel::weight_gradient)
      tasks = winograd::ConvWeightGradient<Scheme, Real>::tasks(g, batch, workers);
    else
      tasks = batch * (kernel == ConvKernel::forward ? winograd::coarse_tiles(g, Scheme::tile) : fine).per_sample();
  });
  return tasks;
}

}  // namespace detail

/// Tasks of a kernel on an instance with `threads` threads. A task of the forward operation or the input gradient is the smallest piece
/// that a range can end at: a tile of Winograd's algorithm, a row of pixels of few channels, a block of direct products.
template <Scalar Real>
ConvTasks conv_tasks(ConvGeometry const& g, Algorithm algorithm, ConvKernel kernel, std::size_t batch, std::size_t threads) {
  std::size_t const workers = workers_for(threads, batch * g.weight_size() * g.coarse_pixels());
  return {algorithm == Algorithm::direct ? detail::direct_tasks<Real>(g, kernel, batch, workers)
                                         : detail::winograd_tasks<Real>(g, algorithm, kernel, batch, workers),
          workers};
}

}  // namespace ign::math

#endif  // IGN_MATH_CONV_HOST_TASKS_HPP
