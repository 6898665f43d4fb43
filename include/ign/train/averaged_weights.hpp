// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Temporary use of averaged weights, in a run whose optimizer is an Ema.
#ifndef IGN_TRAIN_AVERAGED_WEIGHTS_HPP
#define IGN_TRAIN_AVERAGED_WEIGHTS_HPP

#include <cstdint>
#include <type_traits>
#include <utility>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/optimizers/ema.hpp"
#include "ign/policies/policy.hpp"

namespace ign {

namespace detail {

template <class Real>
struct AddToMean {
  Real weight;
  Real const* values;
  Real* mean;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) mean[i] += weight * values[i];
  }
};

struct NoAverages {};

// Batch number i of a trainer, in the memory of its batches or in x.
template <class Trainer, class Ref>
Ref batch_number(Trainer const& trainer, std::uint64_t i, Ref const& x) {
  auto const& batches = trainer.batches();
  if constexpr (requires { batches.batch(trainer.exec(), i); }) {
    return batches.batch(trainer.exec(), i);
  } else {
    batches.gather(trainer.exec(), i, x);
    return x;
  }
}

}  // namespace detail

/// Number of batches over which AveragedWeights recomputes the running statistics, by default.
inline constexpr std::uint64_t averaged_statistics_batches = 250;

/// Scope guard that swaps in the averaged weights (EMA weights) of a trainer. Its destructor restores the previous state exactly. For a
/// `trainer` of `policy` with an Ema as its optimizer, and a tensor `out` for images:
///
///     {
///       AveragedWeights const averaged(trainer);
///       policy.generate(exec, Key{.seed = 7}, 1, out);
///     }
///
/// The running statistics of BatchNorm belong to the trained weights and would not match the averaged ones. The constructor recomputes them
/// by passes over `refresh` batches in training mode. The first fifth of the batches is a warm-up: after 50 of 250 batches, with
/// BatchNorm's momentum of 0.1, half a percent of the old statistics is left. The statistics after each later batch are averaged, since a
/// moving average alone covers some twenty batches. With a `refresh` of 0 they stay unchanged, as is right for nets without BatchNorm, and
/// with a policy that keeps the statistics it begins with.
/// \source Wu and Johnson, "Rethinking 'Batch' in BatchNorm", arXiv 2105.07576, section 3 (precise statistics)
template <class Trainer>
requires is_ema_v<std::remove_cvref_t<decltype(std::declval<Trainer&>().optimizer())>>
class AveragedWeights {
 public:
  /// Swaps in the averaged weights and recomputes the running statistics.
  /// \throws Error [ign.state.252] before the first step
  explicit AveragedWeights(Trainer& trainer, std::uint64_t refresh = averaged_statistics_batches) : AveragedWeights(trainer, SwapTag{}) {
    if (refresh == 0 || policy::keeps_statistics<std::remove_cvref_t<decltype(trainer.policy())>>()) return;
    auto const& exec = trainer.exec();
    auto const& statistics = trainer.policy().model().statistics();
    Values const mean(Kokkos::view_alloc(exec, "ign::averaged_weights::mean"), statistics.size());
    auto const x = make_tensor<Real>(exec, "ign::averaged_weights::x", trainer.batches().options().batch, trainer.batches().shape());
    std::uint64_t const warmup = refresh / 5;
    for (std::uint64_t i = 0; i < refresh; ++i) {
      // Only for the forward passes; weights are not updated.
      policy::gradients_of(exec, trainer.policy(), detail::batch_number(trainer, i, TensorRef<Real, Exec>(x)), i, trainer.condition(i));
      if (i < warmup) continue;
      detail::AddToMean<Real> const add = {Real(1) / static_cast<Real>(refresh - warmup), statistics.data(), mean.data()};
      for_each_chunk("ign::averaged_weights::mean", exec, 1, statistics.size(), add);
    }
    Kokkos::deep_copy(exec, statistics, mean);
    trainer.ranks().average(exec, VectorRef<Real, typename Trainer::Exec>(statistics));
  }
  ~AveragedWeights() {
    auto& policy = m_trainer.policy();
    swap();
    Kokkos::deep_copy(m_trainer.exec(), policy.model().statistics(), m_statistics);
    Kokkos::deep_copy(m_trainer.exec(), policy.loss_sums(), m_sums);
    if constexpr (source_has_state) Kokkos::deep_copy(m_trainer.exec(), policy.options().source.state(), m_source);
    policy.set_summed_steps(m_summed);
  }
  AveragedWeights(AveragedWeights const&) = delete;
  AveragedWeights& operator=(AveragedWeights const&) = delete;

 private:
  using Real = typename Trainer::Real;
  using Exec = typename Trainer::Exec;
  using Values = Vector<Real, Exec>;
  using Sums = Vector<double, Exec>;

  struct SwapTag {};

  // A delegated constructor: once it is done, the destructor restores everything, also if the new statistics cannot be computed.
  AveragedWeights(Trainer& trainer, SwapTag) : m_trainer(trainer) {
    require(trainer.steps_done() > 0, Fault::state, 252,
            "averaged weights: no steps done, expected at least one; train before using the average");
    auto& policy = trainer.policy();
    auto const& exec = trainer.exec();
    m_statistics = Values(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::averaged_weights::statistics"),
                          policy.model().statistics().size());
    m_sums = Sums(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::averaged_weights::sums"), policy.loss_sums().size());
    m_summed = policy.summed_steps();
    if constexpr (source_has_state) {
      auto const& numbers = policy.options().source.state();
      m_source = Values(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::averaged_weights::source"), numbers.size());
      Kokkos::deep_copy(exec, m_source, numbers);
    }
    Kokkos::deep_copy(exec, m_statistics, policy.model().statistics());
    Kokkos::deep_copy(exec, m_sums, policy.loss_sums());
    swap();
  }

  static constexpr bool source_has_state = requires(Trainer const& trainer) { trainer.policy().options().source.state(); };

  void swap() {
    swap_average(m_trainer.exec(), m_trainer.optimizer(), VectorRef<Real, Exec>(m_trainer.policy().model().parameters()),
                 VectorRef<Real, Exec>(m_trainer.optimizer_state()));
  }

  Trainer& m_trainer;
  Values m_statistics, m_source;
  Sums m_sums;
  std::uint64_t m_summed = 0;
};

/// Returns AveragedWeights for a trainer whose optimizer is an Ema, otherwise an object without effect.
template <class Trainer>
auto averaged_weights([[maybe_unused]] Trainer& trainer, [[maybe_unused]] std::uint64_t refresh = averaged_statistics_batches) {
  if constexpr (requires { AveragedWeights(trainer, refresh); })
    return AveragedWeights(trainer, refresh);
  else
    return detail::NoAverages{};
}

}  // namespace ign

#endif  // IGN_TRAIN_AVERAGED_WEIGHTS_HPP
