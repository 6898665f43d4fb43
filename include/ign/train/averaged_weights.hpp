// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The averaged weights in use for a while, in a run whose optimizer keeps them.
#ifndef IGN_TRAIN_AVERAGED_WEIGHTS_HPP
#define IGN_TRAIN_AVERAGED_WEIGHTS_HPP

#include <type_traits>
#include <utility>

#include "ign/core/error.hpp"
#include "ign/core/runs.hpp"
#include "ign/optimizers/ema.hpp"

namespace ign {

namespace detail {

template <class Real>
struct AddToMean {
  Real weight;
  Real const* values;
  Real* mean;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    IGN_INDEPENDENT
    for (std::size_t i = first; i < last; ++i) mean[i] += weight * values[i];
  }
};

}  // namespace detail

/// While it lives, the trainer's policy has the averaged weights; then everything is as it was, to the bit. For a `trainer` of
/// `policy` with an Ema as its optimizer, and a tensor `out` for images:
///
///     {
///       AveragedWeights const averaged(trainer);
///       policy.generate(exec, Key{.seed = 7}, 1, out);
///     }
///
/// Running statistics of BatchNorm are not averaged along: those of the trained weights' activations would not fit. They are made anew by
/// passes over `refresh` batches in training mode: with 250, the first 50 leave half a percent of the old ones at BatchNorm's momentum of
/// 0.1, and over the other 200 they are averaged, since a moving average alone is of some twenty batches. 0 leaves them as they are, which
/// is right for nets without BatchNorm.
/// \source Wu and Johnson, "Rethinking 'Batch' in BatchNorm", arXiv 2105.07576, section 3 (precise statistics)
template <class Trainer>
requires is_ema_v<std::remove_cvref_t<decltype(std::declval<Trainer&>().optimizer())>>
class AveragedWeights {
 public:
  /// \throws Error [ign.state.252] before the first step
  explicit AveragedWeights(Trainer& trainer, std::uint64_t refresh = 250) : AveragedWeights(trainer, Exchanged{}) {
    if (refresh == 0) return;
    auto const& exec = trainer.exec();
    auto const& statistics = trainer.policy().model().statistics();
    Numbers const mean(Kokkos::view_alloc(exec, "ign::averaged_weights::mean"), statistics.size());
    auto const x = make_tensor<Real>(exec, "ign::averaged_weights::x", trainer.batches().options().batch, trainer.batches().shape());
    for (std::uint64_t i = 0; i < refresh; ++i) {
      trainer.batches().gather(exec, i, TensorWindow<Real, Exec>(x));
      trainer.policy().gradients(exec, TensorWindow<Real, Exec>(x), i);  // for its forward passes; nothing is updated
      if (i < refresh / 5) continue;
      detail::AddToMean<Real> const add = {Real(1) / static_cast<Real>(refresh - refresh / 5), statistics.data(), mean.data()};
      for_each_run("ign::averaged_weights::mean", exec, 1, statistics.size(), add);
    }
    Kokkos::deep_copy(exec, statistics, mean);
  }
  ~AveragedWeights() {
    auto& policy = m_trainer.policy();
    exchange();
    Kokkos::deep_copy(m_trainer.exec(), policy.model().statistics(), m_statistics);
    Kokkos::deep_copy(m_trainer.exec(), policy.loss_sums(), m_sums);
    if constexpr (source_has_numbers) Kokkos::deep_copy(m_trainer.exec(), policy.options().source.numbers(), m_source);
    policy.set_summed_steps(m_summed);
  }
  AveragedWeights(AveragedWeights const&) = delete;
  AveragedWeights& operator=(AveragedWeights const&) = delete;

 private:
  using Real = typename Trainer::Real;
  using Exec = typename Trainer::Exec;
  using Numbers = Vector<Real, Exec>;
  using Sums = Vector<double, Exec>;

  struct Exchanged {};

  // With this done, the destructor puts everything back, also when making the statistics anew fails.
  AveragedWeights(Trainer& trainer, Exchanged) : m_trainer(trainer) {
    require(trainer.steps_done() > 0, Fault::state, 252, "averaged weights: there is no average before the first step");
    auto& policy = trainer.policy();
    auto const& exec = trainer.exec();
    m_statistics = Numbers(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::averaged_weights::statistics"),
                           policy.model().statistics().size());
    m_sums = Sums(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::averaged_weights::sums"), policy.loss_sums().size());
    m_summed = policy.summed_steps();
    if constexpr (source_has_numbers) {
      auto const& numbers = policy.options().source.numbers();
      m_source = Numbers(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::averaged_weights::source"), numbers.size());
      Kokkos::deep_copy(exec, m_source, numbers);
    }
    Kokkos::deep_copy(exec, m_statistics, policy.model().statistics());
    Kokkos::deep_copy(exec, m_sums, policy.loss_sums());
    exchange();
  }

  static constexpr bool source_has_numbers = requires(Trainer const& trainer) { trainer.policy().options().source.numbers(); };

  void exchange() {
    exchange_average(m_trainer.exec(), m_trainer.optimizer(), VectorWindow<Real, Exec>(m_trainer.policy().model().parameters()),
                     VectorWindow<Real, Exec>(m_trainer.optimizer_state()));
  }

  Trainer& m_trainer;
  Numbers m_statistics, m_source;
  Sums m_sums;
  std::uint64_t m_summed = 0;
};

}  // namespace ign

#endif  // IGN_TRAIN_AVERAGED_WEIGHTS_HPP
