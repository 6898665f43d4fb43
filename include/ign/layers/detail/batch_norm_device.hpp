// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Batch normalisation on devices: moments and gradient sums in one launch each, and elementwise kernels with one thread per element.
///
/// Each team reduces a part of the rows for a block of channels. The last team to arrive combines the partial results in a fixed order.
#ifndef IGN_LAYERS_DETAIL_BATCH_NORM_DEVICE_HPP
#define IGN_LAYERS_DETAIL_BATCH_NORM_DEVICE_HPP

#include <algorithm>

#include "ign/core/detail/arrival_counters.hpp"
#include "ign/core/detail/team_sums.hpp"
#include "ign/core/launch.hpp"
#include "ign/layers/detail/batch_norm_gradient.hpp"
#include "ign/layers/detail/batch_norm_kernels.hpp"

namespace ign::detail {

/// Partition of each segment for teams: one team per part of the rows and block of channels.
struct BatchNormTeamPartition {
  BatchNormPartition partition;  ///< segments, rows and channels
  std::size_t parts;             ///< per segment

  /// As many parts as a segment has whole chunks, from 1 to 128.
  explicit BatchNormTeamPartition(BatchNormPartition const& rows)
      : partition(rows), parts(std::clamp<std::size_t>(rows.segment_rows / BatchNormPartition::chunk_rows, 1, 128)) {}

  KOKKOS_FUNCTION std::size_t blocks() const { return (partition.channels + sum_channels - 1) / sum_channels; }  ///< of channels
  /// Channels of a block.
  KOKKOS_FUNCTION std::size_t block_channels(std::size_t block) const {
    std::size_t const left = partition.channels - block * sum_channels;
    return left < sum_channels ? left : sum_channels;
  }
  /// First row of a part, within its segment.
  KOKKOS_FUNCTION std::size_t part_begin(std::size_t part) const { return partition.segment_rows * part / parts; }
  /// Rows of a part.
  KOKKOS_FUNCTION std::size_t part_rows(std::size_t part) const { return part_begin(part + 1) - part_begin(part); }
};

/// Kernel of a single-launch reduction. Each team calls `body.reduce_part(team, teams, segment, part, block, scratch)`; the last one to
/// arrive of a block of channels calls `body.combine(team, teams, segment, block, scratch)` for each segment.
template <class Exec, class Body>
struct BatchNormTeamKernel {
  using Scratch = Kokkos::View<double*, typename Exec::scratch_memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
  static constexpr std::size_t scratch_size = 4 * sum_threads + sum_channels;

  BatchNormTeamPartition teams;  ///< work of each team
  Body body;                     ///< reduction
  unsigned* counters;            ///< one per block of channels, zero before and after

  KOKKOS_FUNCTION void operator()(typename Kokkos::TeamPolicy<Exec>::member_type const& team) const {
    Scratch const scratch(team.team_scratch(0), scratch_size);
    auto const index = static_cast<std::size_t>(team.league_rank());
    std::size_t const all_parts = teams.partition.segments * teams.parts, block = index / all_parts, part = index % all_parts;
    body.reduce_part(team, teams, part / teams.parts, part % teams.parts, block, scratch.data());
    if (!team_arrives_last(team, counters + block, all_parts)) return;
    for (std::size_t segment = 0; segment < teams.partition.segments; ++segment) body.combine(team, teams, segment, block, scratch.data());
  }
};

/// Runs BatchNormTeamKernel. \throws Error [ign.shape.65] if there are fewer counters than blocks of channels
template <class Exec, class Body>
void launch_norm_teams(char const* label, Exec const& exec, BatchNormTeamPartition const& teams, ArrivalCounters<Exec> const& counters,
                       Body const& body) {
  using Kernel = BatchNormTeamKernel<Exec, Body>;
  using Policy = Kokkos::TeamPolicy<Exec>;
  require(teams.blocks() <= counters.size(), Fault::shape, 65, "batch_norm: ", teams.partition.channels, " channels with ", counters.size(),
          " arrival counters, expected one per ", sum_channels, " channels on a device: use the counters of a workspace");
  std::size_t const league_size = teams.blocks() * teams.partition.segments * teams.parts;
  auto const bytes = static_cast<int>(Kernel::Scratch::shmem_size(Kernel::scratch_size));
  Kokkos::parallel_for(
      label,
      as_launch_argument(Policy(exec, static_cast<int>(league_size), runs_on_host_v<Exec> ? 1 : static_cast<int>(sum_threads))
                             .set_scratch_size(0, Kokkos::PerTeam(bytes))),
      Kernel{teams, body, counters.data()});
}

/// Adds the moments of `rows` values to the sums of (x - pivot) and (x - pivot)². `square` is the sum of squared differences from `mean`.
/// The pivot is a value near the mean, so that the variance, a difference of these sums, does not suffer from cancellation.
KOKKOS_INLINE_FUNCTION void add_shifted_sums(double rows, double mean, double square, double pivot, double (&sums)[2]) {
  double const d = mean - pivot;
  sums[0] += rows * d;
  sums[1] += square + rows * d * d;
}

/// Stores the moments that follow from the sums of add_shifted_sums over `count` values.
template <class Real>
KOKKOS_FUNCTION void store_moments(StoreMoments<Real> const& target, std::size_t segment, std::size_t c, double count, double pivot,
                                   double const (&sums)[2]) {
  target.store_or_sum(segment, c, pivot + sums[0] / count, sums[1] - sums[0] * sums[0] / count, count);
}

/// Term of the combination: the moments of one part.
template <class Real>
struct MomentTerm {
  BatchNormTeamPartition teams;
  Real const* partials;  // (part, mean or sum of squared differences, c), at the segment and channel
  double pivot;

  KOKKOS_FUNCTION void operator()(std::size_t part, double (&sums)[2]) const {
    Real const* const own = partials + 2 * part * teams.partition.channels;
    add_shifted_sums(static_cast<double>(teams.part_rows(part)), static_cast<double>(own[0]),
                     static_cast<double>(own[teams.partition.channels]), pivot, sums);
  }
};

/// Device version of NormMoments and NormCombine, with the same output layout. Two passes per part: the mean, then squared differences.
template <class Real>
struct NormTeamMoments {
  NormMoments<Real> moments;
  NormCombine<Real> all;

  template <class Team>
  KOKKOS_FUNCTION void reduce_part(Team const& team, BatchNormTeamPartition const& teams, std::size_t segment, std::size_t part,
                                   std::size_t block, double* memory) const {
    std::size_t const channels = teams.partition.channels, first = block * sum_channels, rows = teams.part_rows(part);
    Real const* const begin = moments.x + (segment * teams.partition.segment_rows + teams.part_begin(part)) * channels + first;
    Real* const out = moments.partials + 2 * (segment * teams.parts + part) * channels + first;
    Real* const scratch = reinterpret_cast<Real*>(memory);
    Real* const means = scratch + sum_threads;
    struct Sum {
      Real const* column;
      std::size_t channels;
      Real mean;
      int power;

      KOKKOS_FUNCTION void operator()(std::size_t row, Real (&sums)[1]) const {
        Real const d = column[row * channels] - mean;
        sums[0] += power == 1 ? d : d * d;
      }
    };
    team_sums<Real, 1>(
        team, scratch, teams.block_channels(block), rows,
        [&](std::size_t c) {
          return Sum{begin + c, channels, Real(0), 1};
        },
        [&](std::size_t c, Real const(&sums)[1]) { means[c] = sums[0] / static_cast<Real>(rows); });
    team_sums<Real, 1>(
        team, scratch, teams.block_channels(block), rows,
        [&](std::size_t c) {
          return Sum{begin + c, channels, means[c], 2};
        },
        [&](std::size_t c, Real const(&sums)[1]) {
          out[c] = means[c];
          out[channels + c] = sums[0];
        });
  }

  template <class Team>
  KOKKOS_FUNCTION void combine(Team const& team, BatchNormTeamPartition const& teams, std::size_t segment, std::size_t block,
                               double* scratch) const {
    std::size_t const first = block * sum_channels;
    Real const* const own = all.partials + 2 * segment * teams.parts * teams.partition.channels + first;
    auto const count = static_cast<double>(teams.partition.segment_rows);
    team_sums<double, 2>(
        team, scratch, teams.block_channels(block), teams.parts,
        [&](std::size_t c) {
          return MomentTerm<Real>{teams, own + c, static_cast<double>(own[c])};
        },
        [&](std::size_t c, double const(&sums)[2]) {
          store_moments(all.target, segment, first + c, count, static_cast<double>(own[c]), sums);
        });
  }
};

/// Device version of NormGradientSums and NormGradientCombine, with the same output layout.
template <class Real, class Activation>
struct NormTeamGradient {
  NormGradientSums<Real, Activation> rows;
  NormGradientCombine<Real> all;

  struct Row {  // term of one channel; pointers are at the first row of the part
    Real const* x;
    Real const* dy;
    Real const* sample_weights;
    std::size_t first, channels, rows_per_sample;
    Real mean, factor, shift;
    Activation activation;

    KOKKOS_FUNCTION void operator()(std::size_t row, Real (&sums)[4]) const {
      Real const centred = x[row * channels] - mean;
      Real const g = activation.gradient(activation.value(centred * factor + shift), dy[row * channels]);
      Real const s = sample_weights != nullptr ? sample_weights[(first + row) / rows_per_sample] : Real(1);
      sums[0] += g;
      sums[1] += g * centred;
      sums[2] += s * g;
      sums[3] += s * g * centred;
    }
  };
  struct Part {
    Real const* partials;
    std::size_t channels;

    KOKKOS_FUNCTION void operator()(std::size_t part, double (&sums)[4]) const {
      for (std::size_t k = 0; k < 4; ++k) sums[k] += static_cast<double>(partials[(4 * part + k) * channels]);
    }
  };

  template <class Team>
  KOKKOS_FUNCTION void reduce_part(Team const& team, BatchNormTeamPartition const& teams, std::size_t segment, std::size_t part,
                                   std::size_t block, double* memory) const {
    std::size_t const channels = teams.partition.channels, first = block * sum_channels;
    std::size_t const row = segment * teams.partition.segment_rows + teams.part_begin(part), start = row * channels + first;
    Real const* const statistics = rows.saved + 2 * segment * channels + first;
    Real* const out = rows.partials + 4 * (segment * teams.parts + part) * channels + first;
    team_sums<Real, 4>(
        team, reinterpret_cast<Real*>(memory), teams.block_channels(block), teams.part_rows(part),
        [&](std::size_t c) {
          return Row{rows.x + start + c,
                     rows.dy + start + c,
                     rows.sample_weights,
                     row,
                     channels,
                     teams.partition.rows_per_sample,
                     statistics[c],
                     statistics[channels + c] * rows.weight[first + c],
                     rows.bias[first + c],
                     rows.activation};
        },
        [&](std::size_t c, Real const(&sums)[4]) {
          for (std::size_t k = 0; k < 4; ++k) out[k * channels + c] = sums[k] * (k % 2 == 1 ? statistics[channels + c] : Real(1));
        });
  }

  template <class Team>
  KOKKOS_FUNCTION void combine(Team const& team, BatchNormTeamPartition const& teams, std::size_t segment, std::size_t block,
                               double* scratch) const {
    std::size_t const channels = teams.partition.channels, first = block * sum_channels;
    Real const* const own = all.partials + 4 * segment * teams.parts * channels + first;
    team_sums<double, 4>(
        team, scratch, teams.block_channels(block), teams.parts,
        [&](std::size_t c) {
          return Part{own + c, channels};
        },
        [&](std::size_t c, double const(&sums)[4]) {
          all.store_or_sum(segment, first + c, sums[0], sums[1]);
          if (all.weight_gradient == nullptr) return;
          all.weight_gradient[first + c] += static_cast<Real>(sums[3]);
          all.bias_gradient[first + c] += static_cast<Real>(sums[2]);
        });
  }
};

/// NormApply with one index per element.
template <class Real, class Activation>
struct NormApplyElement {
  NormApply<Real, Activation> apply;

  KOKKOS_FUNCTION void operator()(std::size_t element) const {
    BatchNormPartition const& partition = apply.partition;
    std::size_t const c = element % partition.channels;
    Real const* const statistics = apply.saved + 2 * partition.segment_of(element) * partition.channels + c;
    apply.y[element] =
        apply.activation.value((apply.x[element] - statistics[0]) * (statistics[partition.channels] * apply.weight[c]) + apply.bias[c]);
  }
};

/// NormInputGradient with one index per element.
template <class Real, class Activation>
struct NormInputGradientElement {
  NormInputGradientLoader<Real, Activation> loader;
  Real* dx;

  KOKKOS_FUNCTION void operator()(std::size_t element) const { dx[element] = loader(element, element % loader.partition.channels); }
};

}  // namespace ign::detail

#endif  // IGN_LAYERS_DETAIL_BATCH_NORM_DEVICE_HPP
