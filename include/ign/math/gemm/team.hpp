// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Batched matrix products on devices, several products per launch (grouped GEMM).
///
/// Algorithm: one team per tile, with tiles of the factors in scratch memory (math/gemm/tile.hpp), multiplied by vector or by matrix units
/// (math/gemm/fragment_tile.hpp; the products of a launch may mix both). A team has 256 threads and vector length 1. Factors are functors
/// of (row, column) instead of matrices in memory (implicit GEMM): image windows, phases and fused operations on gradients are read in
/// place and need no buffer.
#ifndef IGN_MATH_GEMM_TEAM_HPP
#define IGN_MATH_GEMM_TEAM_HPP

#include <algorithm>
#include <type_traits>

#include "ign/core/error.hpp"
#include "ign/core/launch.hpp"
#include "ign/math/gemm/fragment_tile.hpp"
#include "ign/math/gemm/tile.hpp"

namespace ign::math {
namespace team {

/// Scratch memory of a team that computes a tile of the product, in elements.
template <TeamProduct P>
std::size_t team_scratch_size(std::size_t tile_columns) {
  if constexpr (FragmentProduct<P>)
    return fragment_scratch_size<P>(tile_columns);
  else
    return tile_scratch_size(tile_columns);
}

/// Computes the tile of one team by vector or matrix units, with the columns that the extents ask for.
template <std::size_t virtual_threads, class Team, TeamProduct P>
KOKKOS_FUNCTION void run_tile(Team const& member, Job<P> const& job, std::size_t index, typename P::scalar_type* scratch) {
  if constexpr (FragmentProduct<P>) {
    compute_fragment_tile<virtual_threads>(member, job, index, scratch);
  } else {
    if constexpr (requires { P::chooses_tiles; }) {
      if (job.e.tile_columns == tile / 2) return compute_tile<virtual_threads, tile / 2>(member, job, index, scratch);
      if (job.e.tile_columns == tile / 4) return compute_tile<virtual_threads, tile / 4>(member, job, index, scratch);
    }
    compute_tile<virtual_threads, tile>(member, job, index, scratch);
  }
}

/// List of products. Consecutive ranges of teams compute them in order.
template <TeamProduct First, TeamProduct... Rest>
struct Jobs {
  Job<First> first;    ///< the first product
  std::size_t teams;   ///< teams of the first product
  Jobs<Rest...> rest;  ///< the other products

  /// Computes tile `index` of the list.
  template <std::size_t virtual_threads, class Team>
  KOKKOS_FUNCTION void run(Team const& member, std::size_t index, typename First::scalar_type* scratch) const {
    if (index < teams)
      run_tile<virtual_threads>(member, first, index, scratch);
    else
      rest.template run<virtual_threads>(member, index - teams, scratch);
  }
};

/// A list of one product.
template <TeamProduct Only>
struct Jobs<Only> {
  Job<Only> first;    ///< the product
  std::size_t teams;  ///< teams of the product

  /// Computes tile `index` of the list.
  template <std::size_t virtual_threads, class Team>
  KOKKOS_FUNCTION void run(Team const& member, std::size_t index, typename Only::scalar_type* scratch) const {
    run_tile<virtual_threads>(member, first, index, scratch);
  }
};

/// Functor of the team kernel: each team computes one tile of one product.
template <class Exec, std::size_t virtual_threads, class Real, class Work>
struct Launch {
  using Scratch = Kokkos::View<Real*, typename Exec::scratch_memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

  Work jobs;                      ///< list of products
  std::size_t team_scratch_size;  ///< in elements

  KOKKOS_FUNCTION void operator()(typename Kokkos::TeamPolicy<Exec>::member_type const& member) const {
    Scratch const scratch(member.team_scratch(0), team_scratch_size);
    jobs.template run<virtual_threads>(member, static_cast<std::size_t>(member.league_rank()), scratch.data());
  }
};

/// Distributes scratch memory and arrival counters among the products of a launch.
template <class Real, class Exec>
struct MemoryPlan {
  VectorRef<Real, Exec> scratch;      ///< memory for the parts of all products
  ArrivalCounters<Exec> counters;     ///< for all products
  std::size_t scratch_used = 0;       ///< elements of `scratch`
  std::size_t counters_used = 0;      ///< of `counters`
  std::size_t teams = 0;              ///< of all products
  std::size_t team_scratch_size = 0;  ///< the most that a team needs, in elements

  /// Assigns scratch and counters to a product. The inner dimension is not split where there are too few arrival counters for the tiles,
  /// nor in products with moments. Such a product needs one counter.
  template <TeamProduct P>
  Job<P> assign(P const& product) {
    ProductExtents e = product.extents();
    std::size_t const count = tiles(e);
    if (counters_used + count > counters.size() || ProductWithMoments<P>) e.parts = 1;
    Job<P> job{product, e, scratch.data() + scratch_used, counters.data() + counters_used};
    if constexpr (requires { product.left_in_fours(); }) job.left_in_fours = product.left_in_fours();
    if constexpr (requires { product.right_in_fours(); }) job.right_in_fours = product.right_in_fours();
    if (tiles(e) > 0) team_scratch_size = std::max(team_scratch_size, team::team_scratch_size<P>(e.tile_columns));
    if (ProductWithMoments<P>) counters_used += 1;
    if (e.parts > 1) {
      scratch_used += scratch_size(e);
      counters_used += count;
    }
    require(scratch_used <= scratch.size() && e.rows < (std::size_t{1} << 31) && e.inner < (std::size_t{1} << 31), Fault::shape, 175,
            "product of ", e.rows, " × ", e.inner, " by ", e.inner, " × ", e.columns, " with scratch of ", scratch.size(),
            " elements, expected scratch of ", scratch_used, " or more, and fewer than 2^31 rows and inner steps");
    return job;
  }
};

///@{
/// Makes the list of products and counts their teams.
template <class Real, class Exec, TeamProduct P>
Jobs<P> plan(MemoryPlan<Real, Exec>& memory, P const& product) {
  Job<P> const job = memory.assign(product);
  std::size_t const teams = tiles(job.e) * job.e.parts;
  memory.teams += teams;
  return {job, teams};
}
template <class Real, class Exec, TeamProduct First, TeamProduct Second, TeamProduct... Rest>
Jobs<First, Second, Rest...> plan(MemoryPlan<Real, Exec>& memory, First const& product, Second const& second, Rest const&... rest) {
  Job<First> const job = memory.assign(product);
  std::size_t const teams = tiles(job.e) * job.e.parts;
  memory.teams += teams;
  return {job, teams, plan(memory, second, rest...)};
}
///@}

}  // namespace team

/// Computes several products in one launch. No product may read the result of another. `scratch` has at least the sum of their
/// scratch_size; `counters` are zero before and after.
///
/// Template argument `virtual_threads`: virtual threads of the 256-thread tile that each hardware thread executes; above 1 on hosts.
/// \throws Error [ign.shape.175] if the scratch is too small, or a product has 2^31 or more rows or inner steps
template <std::size_t virtual_threads, Scalar Real, class Exec, TeamProduct... Products>
void team_products_with(char const* label, Exec const& exec, VectorRef<Real, Exec> const& scratch, ArrivalCounters<Exec> const& counters,
                        Products const&... products) {
  team::MemoryPlan<Real, Exec> memory{scratch, counters};
  auto const jobs = team::plan(memory, products...);
  using Launch = team::Launch<Exec, virtual_threads, Real, std::remove_const_t<decltype(jobs)>>;
  if (memory.teams == 0) return;
  // A product on fragments needs many registers: launch bounds leave room for two teams at a time. In a launch of several products such
  // bounds would cause spills.
  using Policy = std::conditional_t<sizeof...(Products) == 1 && (FragmentProduct<Products> || ...),
                                    Kokkos::TeamPolicy<Exec, Kokkos::LaunchBounds<team::threads, 2>>, Kokkos::TeamPolicy<Exec>>;
  auto const bytes = static_cast<int>(Launch::Scratch::shmem_size(memory.team_scratch_size));
  Kokkos::parallel_for(label,
                       as_launch_argument(Policy(exec, static_cast<int>(memory.teams), static_cast<int>(team::threads / virtual_threads))
                                              .set_scratch_size(0, Kokkos::PerTeam(bytes))),
                       Launch{jobs, memory.team_scratch_size});
}

/// The same with the number of virtual threads for Exec.
template <Scalar Real, class Exec, TeamProduct... Products>
void team_products(char const* label, Exec const& exec, VectorRef<Real, Exec> const& scratch, ArrivalCounters<Exec> const& counters,
                   Products const&... products) {
  team_products_with<team::virtual_threads_v<Exec>>(label, exec, scratch, counters, products...);
}

}  // namespace ign::math

#endif  // IGN_MATH_GEMM_TEAM_HPP
