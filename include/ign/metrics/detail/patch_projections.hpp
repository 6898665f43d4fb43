// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Patches of images at random positions, and their sorted projections onto directions. Patches are not copied: a kernel that needs one
/// draws its position again.
#ifndef IGN_METRICS_DETAIL_PATCH_PROJECTIONS_HPP
#define IGN_METRICS_DETAIL_PATCH_PROJECTIONS_HPP

#include <Kokkos_Sort.hpp>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

#include "ign/core/compiler.hpp"
#include "ign/math/simd.hpp"
#include "ign/metrics/features.hpp"
#include "ign/random/counter.hpp"

namespace ign::metrics::detail {

/// Directions onto which patches are projected together.
inline constexpr std::size_t direction_block = 32;

/// Patches of one level, at positions drawn by image and number.
template <class Real>
struct Patches {
  Key key;             // of the level
  Real const* images;  // (n, h, w, c)
  Shape image;
  std::size_t count;  // of all images
  std::size_t per_image;
  std::size_t side;

  /// Elements from one row of a patch to the next.
  KOKKOS_FUNCTION std::size_t stride() const { return static_cast<std::size_t>(image.width) * image.channels; }
  /// Elements of one row of a patch.
  KOKKOS_FUNCTION std::size_t row_size() const { return side * image.channels; }
  KOKKOS_FUNCTION std::size_t size() const { return side * row_size(); }
  /// First element of patch i.
  KOKKOS_FUNCTION Real const* operator()(std::size_t i) const {
    Key own = key;
    own.substream = static_cast<std::uint32_t>(i / per_image);
    auto const words = random::bits(own, static_cast<std::uint32_t>(i % per_image));
    std::size_t const y = coordinate(words[0], image.height), x = coordinate(words[1], image.width);
    return images + i / per_image * image.size() + y * stride() + x * image.channels;
  }

 private:
  // floor(word / 2^32 · number of positions)
  KOKKOS_FUNCTION std::size_t coordinate(std::uint32_t word, int extent) const {
    return static_cast<std::size_t>((std::uint64_t{word} * (static_cast<std::uint64_t>(extent) - side + 1)) >> 32);
  }
};

/// Sums over the patches of image n, by channel: of the values, or of the squares of their differences from `means`.
template <class Real>
struct PatchSums {
  Patches<Real> patches;
  double const* means;  // nullptr: sums of the values
  double* sums;         // (n, c)

  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    std::size_t const channels = patches.image.channels;
    for (std::size_t c = 0; c < channels; ++c) {
      double sum = 0;
      for (std::size_t k = 0; k < patches.per_image; ++k) {
        Real const* const patch = patches(n * patches.per_image + k) + c;
        for (std::size_t dy = 0; dy < patches.side; ++dy)
          for (std::size_t i = 0; i < patches.row_size(); i += channels) {
            double const value = static_cast<double>(patch[dy * patches.stride() + i]);
            sum += means == nullptr ? value : (value - means[c]) * (value - means[c]);
          }
      }
      sums[n * channels + c] = sum;
    }
  }
};

/// Projections out(j, i) of patch i, less `means`, onto direction j of a block. One index per projection.
template <class Real>
struct ProjectPatches {
  Patches<Real> patches;
  Real const* means;       // of the elements of a row
  Real const* directions;  // (elements of a patch, direction_block)
  Real* out;               // (direction_block, patches)

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const j = index / patches.count;
    Real const* const patch = patches(index % patches.count);
    Real sum = 0;
    for (std::size_t dy = 0; dy < patches.side; ++dy)
      for (std::size_t i = 0; i < patches.row_size(); ++i)
        sum += (patch[dy * patches.stride() + i] - means[i]) * directions[(dy * patches.row_size() + i) * direction_block + j];
    out[index] = sum;
  }
};

/// Host version: one index per 16 patches, whose projections make a cache line of float in each row of `out`.
template <class Real>
struct ProjectPatchTiles {
  static constexpr std::size_t tile = 16, lanes = math::simd::lanes_v<Real>, packs = direction_block / lanes;
  static constexpr std::size_t rows = packs < 8 ? 8 / packs : 1;  // patches in registers
  using Pack = math::simd::Pack<Real>;

  ProjectPatches<Real> body;

  void operator()(std::size_t index) const {
    auto const& patches = body.patches;
    std::size_t const first = index * tile, count = std::min(tile, patches.count - first);
    Real sums[tile][direction_block];
    for (std::size_t t = 0; t < count; t += rows) {
      Real const* patch[rows];
      for (std::size_t r = 0; r < rows; ++r) patch[r] = patches(first + std::min(t + r, count - 1));
      add_rows(patch, sums + t);
    }
    for (std::size_t j = 0; j < direction_block; ++j)
      for (std::size_t t = 0; t < count; ++t) body.out[j * patches.count + first + t] = sums[t][j];
  }

 private:
  void add_rows(Real const* const (&patch)[rows], Real (*sums)[direction_block]) const {
    Pack sum[rows][packs] = {};
    Real const* direction = body.directions;
    for (std::size_t dy = 0; dy < body.patches.side; ++dy) {
      for (std::size_t i = 0; i < body.patches.row_size(); ++i, direction += direction_block) {
        Pack weights[packs];
        IGN_UNROLL
        for (std::size_t p = 0; p < packs; ++p) weights[p] = math::simd::load<Pack>(direction + p * lanes);
        IGN_UNROLL
        for (std::size_t r = 0; r < rows; ++r) {
          Real const value = patch[r][dy * body.patches.stride() + i] - body.means[i];
          IGN_UNROLL
          for (std::size_t p = 0; p < packs; ++p) sum[r][p] = math::simd::multiply_add<Real>(sum[r][p], value, weights[p]);
        }
      }
    }
    std::memcpy(sums, sum, sizeof(sum));
  }
};

/// Sorts rows of numbers by radix, one index per worker; `values` is (rows, count), `scratch` is (workers, 2, count).
template <class Real>
struct SortRows {
  using Bits = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;

  Real* values;
  std::size_t rows, count;
  Bits* scratch;
  std::size_t workers;

  void operator()(std::size_t worker) const {
    for (std::size_t row = worker; row < rows; row += workers) sort(values + row * count, scratch + worker * 2 * count);
  }

 private:
  static constexpr unsigned digits = sizeof(Real);  // of 8 bits; an even number, so that the result is in the first half
  static constexpr Bits sign = Bits{1} << (8 * sizeof(Real) - 1);

  void sort(Real* row, Bits* from) const {
    std::size_t starts[digits][257] = {};
    for (std::size_t i = 0; i < count; ++i) {
      auto const bits = std::bit_cast<Bits>(row[i]);
      from[i] = (bits & sign) != 0 ? ~bits : bits | sign;  // ascending as the numbers are
      for (unsigned d = 0; d < digits; ++d) ++starts[d][(from[i] >> (8 * d) & 255) + 1];
    }
    Bits* to = from + count;
    for (unsigned d = 0; d < digits; ++d, std::swap(from, to)) {
      auto& start = starts[d];
      for (std::size_t k = 1; k < 256; ++k) start[k] += start[k - 1];
      for (std::size_t i = 0; i < count; ++i) to[start[from[i] >> (8 * d) & 255]++] = from[i];
    }
    for (std::size_t i = 0; i < count; ++i) row[i] = std::bit_cast<Real>((from[i] & sign) != 0 ? from[i] & ~sign : ~from[i]);
  }
};

/// Sums of |a - b| over parts of rows, one index per row and part.
template <class Real>
struct SumDifferences {
  static constexpr std::size_t length = 1024;  // of a part

  Real const *a, *b;  // (rows, count)
  std::size_t count;
  double* sums;

  KOKKOS_FUNCTION static std::size_t parts(std::size_t count) { return (count + length - 1) / length; }
  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const row = index / parts(count), first = index % parts(count) * length;
    double sum = 0;
    for (std::size_t i = first; i < first + length && i < count; ++i)
      sum += Kokkos::abs(static_cast<double>(a[row * count + i]) - static_cast<double>(b[row * count + i]));
    sums[index] = sum;
  }
};

/// Copies elements to the memory of Exec. Fences `exec`.
template <class Exec, class Real>
Vector<Real, Exec> to_exec(Exec const& exec, std::vector<Real> const& values) {
  auto const copy = make_vector<Real>(exec, "ign::metrics::sliced_wasserstein", values.size());
  Kokkos::deep_copy(exec, copy,
                    Kokkos::View<Real const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(values.data(), values.size()));
  exec.fence("ign::metrics::sliced_wasserstein: the values have been read");
  return copy;
}

/// One level of one set: its patches, and what normalises and projects them.
template <class Real, class Exec>
struct ProjectedLevel {
  Patches<Real> patches;
  Vector<Real, Exec> means, directions;  // (elements of a row), (blocks, elements of a patch, direction_block)

  /// \param unit  directions, (directions, elements of a patch), which are divided by the standard deviation of their channel
  /// \param rounding  threshold: a channel whose standard deviation is no larger counts as constant
  ProjectedLevel(Exec const& exec, Patches<Real> const& of, std::vector<double> const& unit, double rounding) : patches(of) {
    std::size_t const channels = of.image.channels, size = of.size();
    auto const mean = by_channel(exec, {});
    auto const variance = by_channel(exec, mean);
    std::vector<Real> row(of.row_size()), blocks((unit.size() / size + direction_block - 1) / direction_block * size * direction_block);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<Real>(mean[i % channels]);
    for (std::size_t i = 0; i < unit.size(); ++i) {
      std::size_t const j = i / size, k = i % size;
      double const deviation = std::sqrt(variance[k % channels]);
      blocks[(j / direction_block * size + k) * direction_block + j % direction_block] =
          static_cast<Real>(deviation > rounding ? unit[i] / deviation : 0);
    }
    means = to_exec(exec, row);
    directions = to_exec(exec, blocks);
  }

  /// Writes the projections onto the directions of a block, sorted, to `out` (direction_block, patches).
  void project(Exec const& exec, std::size_t block, VectorRef<Real, Exec> const& out) const {
    ProjectPatches<Real> const body{patches, means.data(), directions.data() + block * patches.size() * direction_block, out.data()};
    if constexpr (uses_host_kernels_v<Exec>) {
      constexpr std::size_t tile = ProjectPatchTiles<Real>::tile;
      Kokkos::parallel_for("ign::metrics::project_patches", range_policy(exec, (patches.count + tile - 1) / tile),
                           ProjectPatchTiles<Real>{body});
      auto const workers = std::min(static_cast<std::size_t>(exec.concurrency()), direction_block);
      using Sort = SortRows<Real>;
      Kokkos::View<typename Sort::Bits*, typename Exec::memory_space> const scratch(
          Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::metrics::sort scratch"), workers * 2 * patches.count);
      Kokkos::parallel_for("ign::metrics::sort", range_policy(exec, workers),
                           Sort{out.data(), direction_block, patches.count, scratch.data(), workers});
      exec.fence("ign::metrics::sort scratch");  // `scratch` is freed on return
    } else {
      Kokkos::parallel_for("ign::metrics::project_patches", range_policy(exec, out.size()), body);
      for (std::size_t j = 0; j < direction_block; ++j)
        Kokkos::sort(exec, VectorRef<Real, Exec>(out.data() + j * patches.count, patches.count));
    }
  }

 private:
  /// Means of the patches' values by channel, or variances about `mean`.
  std::vector<double> by_channel(Exec const& exec, std::vector<double> const& mean) const {
    std::size_t const channels = patches.image.channels;
    auto const sums = make_vector<double>(exec, "ign::metrics::patch_sums", patches.count / patches.per_image * channels);
    auto const about = to_exec(exec, mean);
    Kokkos::parallel_for("ign::metrics::patch_sums", range_policy(exec, patches.count / patches.per_image),
                         PatchSums<Real>{patches, mean.empty() ? nullptr : about.data(), sums.data()});
    auto const host = to_host(exec, sums);
    std::vector<double> result(channels, 0);
    for (std::size_t i = 0; i < host.size(); ++i) result[i % channels] += host[i];
    for (double& value : result) value /= static_cast<double>(patches.count * patches.side * patches.side);
    return result;
  }
};

}  // namespace ign::metrics::detail

#endif  // IGN_METRICS_DETAIL_PATCH_PROJECTIONS_HPP
