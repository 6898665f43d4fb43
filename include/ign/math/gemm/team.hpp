// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Batched matrix products on devices, several products per launch.
///
/// Algorithm: one team per tile, with tiles of the factors in scratch memory (math/gemm/tile.hpp). Factors are functors of (row, column)
/// instead of matrices in memory: image windows, phases and fused operations on gradients are read in place and need no buffer.
#ifndef IGN_MATH_GEMM_TEAM_HPP
#define IGN_MATH_GEMM_TEAM_HPP

#include <type_traits>

#include "ign/core/error.hpp"
#include "ign/core/launch.hpp"
#include "ign/math/gemm/tile.hpp"

namespace ign::math {
namespace team {

/// List of products. Consecutive ranges of teams compute them in order.
template <TeamProduct First, TeamProduct... Rest>
struct Jobs {
  Job<First> first;
  std::size_t teams;  // teams of the first product
  Jobs<Rest...> rest;

  template <std::size_t virtual_threads, class Team>
  KOKKOS_FUNCTION void run(Team const& member, std::size_t index, typename First::scalar_type* scratch) const {
    if (index < teams)
      make_tile<virtual_threads>(member, first, index, scratch);
    else
      rest.template run<virtual_threads>(member, index - teams, scratch);
  }
};

template <TeamProduct Only>
struct Jobs<Only> {
  Job<Only> first;
  std::size_t teams;

  template <std::size_t virtual_threads, class Team>
  KOKKOS_FUNCTION void run(Team const& member, std::size_t index, typename Only::scalar_type* scratch) const {
    make_tile<virtual_threads>(member, first, index, scratch);
  }
};

/// Functor of the team kernel: each team computes one tile of one product.
template <class Exec, std::size_t virtual_threads, class Real, class Work>
struct Launch {
  using Scratch = Kokkos::View<Real*, typename Exec::scratch_memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
  static constexpr std::size_t scratch_numbers = 2 * inner_block * row_stride;

  Work jobs;

  KOKKOS_FUNCTION void operator()(typename Kokkos::TeamPolicy<Exec>::member_type const& member) const {
    Scratch const scratch(member.team_scratch(0), scratch_numbers);
    jobs.template run<virtual_threads>(member, static_cast<std::size_t>(member.league_rank()), scratch.data());
  }
};

/// Distributes scratch memory and arrival counters among the products of a launch.
template <class Real, class Exec>
struct MemoryPlan {
  VectorRef<Real, Exec> scratch;
  ArrivalCounters<Exec> counters;
  std::size_t elements = 0, drawn = 0, teams = 0;

  // The inner dimension is not split where there are too few arrival counters for the tiles, nor in products with moments.
  template <TeamProduct P>
  Job<P> job(P const& product) {
    ProductExtents e = product.extents();
    std::size_t const count = tiles(e);
    if (drawn + count > counters.size() || ProductWithMoments<P>) e.parts = 1;
    Job<P> const job{product, e, scratch.data() + elements, counters.data() + drawn};
    if (ProductWithMoments<P>) drawn += 1;
    if (e.parts > 1) {
      elements += scratch_size(e);
      drawn += count;
    }
    require(elements <= scratch.size() && e.rows < (std::size_t{1} << 31) && e.inner < (std::size_t{1} << 31), Fault::shape, 175,
            "product of ", e.rows, " × ", e.inner, " by ", e.inner, " × ", e.columns, " with scratch of ", scratch.size(),
            " elements, expected scratch of ", elements, " or more, and fewer than 2^31 rows and inner steps");
    return job;
  }
};

template <class Real, class Exec, TeamProduct P>
Jobs<P> plan(MemoryPlan<Real, Exec>& memory, P const& product) {
  Job<P> const job = memory.job(product);
  std::size_t const teams = tiles(job.e) * job.e.parts;
  memory.teams += teams;
  return {job, teams};
}
template <class Real, class Exec, TeamProduct First, TeamProduct Second, TeamProduct... Rest>
Jobs<First, Second, Rest...> plan(MemoryPlan<Real, Exec>& memory, First const& product, Second const& second, Rest const&... rest) {
  Job<First> const job = memory.job(product);
  std::size_t const teams = tiles(job.e) * job.e.parts;
  memory.teams += teams;
  return {job, teams, plan(memory, second, rest...)};
}

}  // namespace team

/// Computes several products in one launch. No product may read the result of another. `scratch` has at least the sum of their
/// scratch_size; `counters` are zero before and after.
///
/// Template argument `virtual_threads`: virtual threads of the 256-thread tile that each hardware thread executes, for hosts and tests.
/// \throws Error [ign.shape.175] if the scratch is too small, or a product has 2^31 or more rows or inner steps
template <std::size_t virtual_threads, Scalar Real, class Exec, TeamProduct... Products>
void team_products_with(char const* label, Exec const& exec, VectorRef<Real, Exec> const& scratch, ArrivalCounters<Exec> const& counters,
                        Products const&... products) {
  team::MemoryPlan<Real, Exec> memory{scratch, counters};
  auto const jobs = team::plan(memory, products...);
  using Launch = team::Launch<Exec, virtual_threads, Real, std::remove_const_t<decltype(jobs)>>;
  if (memory.teams == 0) return;
  using Policy = Kokkos::TeamPolicy<Exec>;
  auto const bytes = static_cast<int>(Launch::Scratch::shmem_size(Launch::scratch_numbers));
  Kokkos::parallel_for(label,
                       lightweight(Policy(exec, static_cast<int>(memory.teams), static_cast<int>(team::threads / virtual_threads))
                                       .set_scratch_size(0, Kokkos::PerTeam(bytes))),
                       Launch{jobs});
}

/// The same with the number of virtual threads for Exec.
template <Scalar Real, class Exec, TeamProduct... Products>
void team_products(char const* label, Exec const& exec, VectorRef<Real, Exec> const& scratch, ArrivalCounters<Exec> const& counters,
                   Products const&... products) {
  team_products_with<team::virtual_threads_v<Exec>>(label, exec, scratch, counters, products...);
}

}  // namespace ign::math

#endif  // IGN_MATH_GEMM_TEAM_HPP
