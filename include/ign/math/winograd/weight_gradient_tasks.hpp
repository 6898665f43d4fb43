// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Tasks of a weight gradient on hosts by Winograd's algorithm, in two and three dimensions.
///
/// A task is a group of fine channels and a group of coarse channels in one part of the batch. Parts follow from the layer and the batch
/// size. Where groups are fewer than workers, they are divided into smaller ones: the sums of a channel do not depend on the channels that
/// are computed with it, so results do not depend on the number of workers. A worker keeps the sums of its task in its cache and transforms
/// them back to taps when they are complete. Only the taps are stored: 1.8 to 6.3 times fewer values.
#ifndef IGN_MATH_WINOGRAD_WEIGHT_GRADIENT_TASKS_HPP
#define IGN_MATH_WINOGRAD_WEIGHT_GRADIENT_TASKS_HPP

#include <algorithm>

#include "ign/core/workspace.hpp"
#include "ign/math/conv/geometry.hpp"
#include "ign/math/winograd/tiles.hpp"

namespace ign::math::winograd {

/// Division of a weight gradient into tasks. dU has `Sums` matrices, each a sum over tiles.
template <class Real, std::size_t Sums>
struct WeightGradientTasks {
  static constexpr std::size_t fine_channels = 16;                  ///< of a group
  static constexpr std::size_t cache_bytes = std::size_t{1} << 20;  ///< largest size of a task's sums
  static constexpr std::size_t least_tiles = 64;  ///< smallest part: the transform back to taps costs as much as four tiles

  ConvGeometry g;
  std::size_t tiles;        ///< of the batch
  std::size_t workers = 1;  ///< that share the tasks

  /// Groups of fine channels.
  std::size_t fine_groups() const { return divide_up(g.fine.channels, fine_channels); }
  /// Groups of coarse channels.
  std::size_t coarse_groups() const { return divide_up(row_stride(), coarse_channels()); }
  /// Largest number of coarse channels of a group: groups of equal size, of pairs of packs, since products (math/gemm/host.hpp) compute two
  /// packs at a time.
  std::size_t coarse_channels() const {
    constexpr std::size_t pair = 2 * simd::lanes_v<Real>, most = cache_bytes / (Sums * fine_channels * sizeof(Real)) / pair * pair;
    std::size_t const groups = divide_up(row_stride(), most);
    return std::min(row_stride(), divide_up(divide_up(row_stride(), groups), pair) * pair);
  }
  /// Parts of the batch: 1 to 16, with at least 64 tiles each and at most 64 tasks in all.
  std::size_t parts() const {
    return std::clamp<std::size_t>(std::min(64 / (fine_groups() * coarse_groups()), tiles / least_tiles), 1, 16);
  }
  /// Coarse channels of a task: those of a group, or fewer whole packs where that gives more workers a task.
  std::size_t task_channels() const {
    std::size_t const wanted = divide_up(workers, fine_groups() * parts()), packs = row_stride() / simd::lanes_v<Real>;
    return wanted <= coarse_groups() ? coarse_channels() : std::min(coarse_channels(), divide_up(packs, wanted) * simd::lanes_v<Real>);
  }
  /// Tasks along the coarse channels.
  std::size_t coarse_tasks() const { return divide_up(row_stride(), task_channels()); }
  /// Fine channels of a task: those of a group, or 8, the rows of a block of products, where that gives more workers a task. Both halves of
  /// a group are then transformed twice.
  std::size_t task_rows() const { return fine_groups() * coarse_tasks() * parts() < workers ? fine_channels / 2 : fine_channels; }
  /// Tasks along the fine channels.
  std::size_t fine_tasks() const { return divide_up(g.fine.channels, task_rows()); }
  /// Number of tasks.
  std::size_t count() const { return fine_tasks() * coarse_tasks() * parts(); }
  /// Elements from one row (tap, f) of the gradients of the parts to the next.
  std::size_t row_stride() const { return simd::round_up_to_packs<Real>(g.coarse.channels); }
  /// Elements of the gradients of all parts. A single part is added to the gradient itself.
  std::size_t gradients_size() const { return parts() == 1 ? 0 : parts() * g.window_size() * row_stride(); }

 private:
  static std::size_t divide_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }
};

/// One task: its part, and its channels.
struct WeightGradientTask {
  std::size_t part;              ///< part of the batch
  std::size_t first_f, count_f;  ///< fine channels of the group, which are transformed
  std::size_t row, rows;         ///< those of them whose sums the task computes
  std::size_t first_c, count_c;  ///< coarse channels

  /// Task `index` of all. Fine channels vary fastest.
  template <class Real, std::size_t Sums>
  WeightGradientTask(WeightGradientTasks<Real, Sums> const& tasks, std::size_t index)
      : part(index / (tasks.fine_tasks() * tasks.coarse_tasks())),
        first_f(index % tasks.fine_tasks() * tasks.task_rows() / tasks.fine_channels * tasks.fine_channels),
        count_f(std::min(tasks.fine_channels, tasks.g.fine.channels - first_f)),
        row(index % tasks.fine_tasks() * tasks.task_rows() - first_f),
        rows(std::min(tasks.task_rows(), count_f - row)),
        first_c(index / tasks.fine_tasks() % tasks.coarse_tasks() * tasks.task_channels()),
        count_c(std::min(tasks.task_channels(), tasks.g.coarse.channels - first_c)) {}
};

/// The rows of a task in the gradient, or in those of the parts.
template <class Real>
class TaskGradient {
 public:
  /// `gradient` (tap, F, C), `part_gradients` (part, tap, f, c).
  template <std::size_t Sums>
  TaskGradient(WeightGradientTasks<Real, Sums> const& tasks, WeightGradientTask const& task, Real* gradient, Real* part_gradients)
      : m_add(tasks.parts() == 1),
        m_fine(tasks.g.fine.channels),
        m_stride(m_add ? tasks.g.coarse.channels : tasks.row_stride()),
        m_first((m_add ? gradient : part_gradients + task.part * tasks.g.window_size() * m_stride) + task.first_f * m_stride +
                task.first_c) {}
  /// Stores or adds a value, or a pack of values, of a tap: fine channel f counted in the group, coarse channels from c on in the task.
  template <class T>
  void put(std::size_t tap, std::size_t f, std::size_t c, T const& value) const {
    Real* const to = m_first + (tap * m_fine + f) * m_stride + c;
    simd::store(to, m_add ? simd::load<T>(to) + value : value);
  }

 private:
  bool m_add;
  std::size_t m_fine, m_stride;
  Real* m_first;
};

/// The matrices of WeightGradientMemory.
template <class Real>
struct WeightGradientMatrices {
  Real* v;      ///< V
  Real* d;      ///< D
  Real* du;     ///< dU
  Real* zeros;  ///< a row of zeros: pixels outside an image
};

/// Matrices of a worker's scratch memory: V (products; tiles, f) and D (points; tiles, c) of a block of tiles, and dU (sums; f, c) of a
/// task. `Points` and `Products` are those of the transforms of two dimensions.
template <class Real, std::size_t Points, std::size_t Products, std::size_t Sums>
struct WeightGradientMemory {
  WeightGradientTasks<Real, Sums> tasks;

  /// Tiles that are transformed and multiplied at once.
  std::size_t tiles() const { return block_tiles<Real>(Products * tasks.fine_channels + Points * tasks.coarse_channels()); }
  /// Elements from one matrix of V to the next.
  std::size_t left_stride() const { return matrix_stride<Real>(tiles(), tasks.fine_channels); }
  /// Elements from one panel of D to the next.
  std::size_t panel_stride() const { return matrix_stride<Real>(tiles(), simd::lanes_v<Real>); }
  /// Elements from one matrix of D to the next.
  std::size_t right_stride() const { return tasks.coarse_channels() / simd::lanes_v<Real> * panel_stride(); }
  /// Elements from one matrix of dU to the next.
  std::size_t sum_stride() const { return tasks.fine_channels * tasks.coarse_channels(); }
  /// A row of zeros: pixels outside an image.
  std::size_t zeros_size() const { return std::max(tasks.g.fine.channels, tasks.g.coarse.channels); }

  /// The matrices in the scratch memory `own` of a worker, and a row of zeros. D is zero, too: its lanes behind the last channel are
  /// multiplied, but their sums are not used.
  WeightGradientMatrices<Real> prepare(Real* own) const {
    Real *const d = own + Products * left_stride(), *const du = d + Points * right_stride(), *const zeros = du + Sums * sum_stride();
    std::fill(d, du, Real(0));
    std::fill(zeros, zeros + zeros_size(), Real(0));
    return {own, d, du, zeros};
  }
  /// Size of the memory, in elements.
  std::size_t size() const { return Products * left_stride() + Points * right_stride() + Sums * sum_stride() + zeros_size(); }
};

/// Runs the tasks of one worker: `block(task, first, count, start)` for blocks of at most `block_size` tiles of the task's part, then
/// `finish(task)`. `start` is true for the first block of a task. Neighbouring workers have neighbouring parts of the batch, as in the
/// kernels that wrote the images.
template <class Real, std::size_t Sums, class Block, class Finish>
void run_tasks(WeightGradientTasks<Real, Sums> const& tasks, std::size_t worker, std::size_t block_size, Block const& block,
               Finish const& finish) {
  std::size_t const parts = tasks.parts(), count = tasks.count(), workers = tasks.workers;
  for (std::size_t index = count * worker / workers; index < count * (worker + 1) / workers; ++index) {
    WeightGradientTask const task(tasks, index);
    std::size_t const begin = tasks.tiles * task.part / parts, end = tasks.tiles * (task.part + 1) / parts;
    for (std::size_t first = begin; first < end; first += block_size) block(task, first, std::min(block_size, end - first), first == begin);
    finish(task);
  }
}

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_WEIGHT_GRADIENT_TASKS_HPP
