// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The training loop, and what may listen to it.
#ifndef IGN_TRAIN_TRAINER_HPP
#define IGN_TRAIN_TRAINER_HPP

#include <Kokkos_Core.hpp>
#include <cmath>
#include <utility>

#include "ign/optimizers/schedule.hpp"
#include "ign/policies/idempotent.hpp"
#include "ign/train/batches.hpp"

namespace ign {

/// What a run is, beside policy, optimizer and data.
struct TrainerOptions {
  std::uint64_t steps = 1000;                         ///< of the whole run
  std::uint64_t report_every = 100;                   ///< steps whose mean losses make one report
  Schedule learning_rate = Schedule::constant(1e-4);  ///< by step
};

/// What callbacks get every `report_every` steps and at the end.
struct Report {
  std::uint64_t step;        ///< steps done
  std::uint64_t steps;       ///< of the whole run
  double epoch;              ///< passes over the data done
  IdempotentLosses losses;   ///< means over the steps since the last report
  double learning_rate;      ///< of the last step
  double seconds;            ///< since train() was called
  double images_per_second;  ///< of the data, since the last report
  double seconds_left;       ///< at this pace
};

/// Trains a policy on batches with an optimizer. The three stay the caller's.
///
/// A callback is an object with any of these members:
///     void on_report(Trainer const&, Report const&)
///     bool on_step(Trainer const&)                    false ends the run
///     void on_end(Trainer const&)                     however the run ends, unless an error ends it
template <class Policy, class Optimizer, class Batches>
class Trainer {
 public:
  using Real = typename Policy::scalar_type;
  using Exec = typename Policy::execution_space;

  /// \throws Error [ign.option.*] on impossible options
  Trainer(Exec const& exec, Policy& policy, Optimizer const& optimizer, Batches const& batches, TrainerOptions const& options)
      : m_exec(exec), m_policy(policy), m_optimizer(optimizer), m_batches(batches), m_options(options) {
    validate(optimizer);
    validate(options.learning_rate, "learning rate");
    require(options.report_every >= 1, Fault::option, 91, "trainer: report_every is 0, expected 1 or more");
    require(batches.shape() == policy.image_shape(), Fault::shape, 91, "trainer: batches are of ", batches.shape(), ", the net takes ",
            policy.image_shape());
    m_state = make_vector<Real>(exec, "ign::trainer::optimizer state", slots(optimizer).size() * policy.model().parameters().size());
    m_x = make_tensor<Real>(exec, "ign::trainer::x", batches.options().batch, batches.shape());
  }

  Policy const& policy() const { return m_policy; }
  Policy& policy() { return m_policy; }
  Optimizer const& optimizer() const { return m_optimizer; }
  Batches const& batches() const { return m_batches; }
  TrainerOptions const& options() const { return m_options; }
  Exec const& exec() const { return m_exec; }
  std::uint64_t steps_done() const { return m_step; }
  void set_steps_done(std::uint64_t step) { m_step = step; }  ///< for those who restore all else as well
  Vector<Real, Exec> const& optimizer_state() const { return m_state; }

  /// One step: gradients of the next batch, and an update.
  void step() {
    Kokkos::Profiling::ScopedRegion const region("ign::trainer::step");
    auto const& model = m_policy.model();
    using Flat = VectorWindow<Real, Exec>;
    m_batches.gather(m_exec, m_step, TensorWindow<Real, Exec>(m_x));
    m_policy.gradients(m_exec, TensorWindow<Real, Exec>(m_x), m_step);
    update(m_exec, m_optimizer, m_options.learning_rate.at(m_step), m_step + 1, Flat(model.parameters()), Flat(model.gradients()),
           Flat(m_state));
    ++m_step;
  }

  /// Steps until the run is complete or a callback ends it.
  /// \throws Error [ign.numeric.90] when losses are not finite: nothing is written then
  template <class... Callbacks>
  void train(Callbacks&&... callbacks) {
    Kokkos::Timer timer;
    double reported_at = 0;
    std::uint64_t const begin = m_step;
    std::uint64_t reported = m_step;
    for (bool go_on = true; go_on && m_step < m_options.steps;) {
      step();
      if (m_step % m_options.report_every == 0 || m_step == m_options.steps) {
        IdempotentLosses const losses = m_policy.losses(m_exec);
        m_policy.reset_losses(m_exec);
        require(std::isfinite(losses.total), Fault::numeric, 90, "training: losses are not finite within the steps up to ", m_step,
                ": reconstruction ", losses.reconstruction, ", idempotence ", losses.idempotence, ", tightness ", losses.tightness,
                "; try a smaller learning rate or tightness weight");
        double const now = timer.seconds();
        auto const images = static_cast<double>(m_step - reported) * m_batches.options().batch;
        auto const left = static_cast<double>(m_options.steps - m_step) * now / static_cast<double>(m_step - begin);
        Report const report = {m_step,
                               m_options.steps,
                               static_cast<double>(m_step) / static_cast<double>(m_batches.batches_per_epoch()),
                               losses,
                               m_options.learning_rate.at(m_step - 1),
                               now,
                               images / (now - reported_at),
                               left};
        reported = m_step;
        reported_at = now;
        static_cast<void>(report);  // there may be no callbacks
        (tell_report(callbacks, report), ...);
      }
      ((go_on = ask_step(callbacks) && go_on), ...);
    }
    (tell_end(callbacks), ...);
  }

 private:
  template <class Callback>
  void tell_report(Callback& callback, Report const& report) {
    if constexpr (requires { callback.on_report(*this, report); }) callback.on_report(*this, report);
  }
  template <class Callback>
  bool ask_step(Callback& callback) {
    if constexpr (requires { callback.on_step(*this); })
      return callback.on_step(*this);
    else
      return true;
  }
  template <class Callback>
  void tell_end(Callback& callback) {
    if constexpr (requires { callback.on_end(*this); }) callback.on_end(*this);
  }

  Exec m_exec;
  Policy& m_policy;
  Optimizer m_optimizer;
  Batches const& m_batches;
  TrainerOptions m_options;
  std::uint64_t m_step = 0;
  Vector<Real, Exec> m_state;
  Tensor<Real, Exec> m_x;
};

/// Ends a run after a time, whatever step it is at. Callback.
class StopAfter {
 public:
  explicit StopAfter(double seconds) : m_seconds(seconds) {}

  template <class T>
  bool on_step(T const& trainer) {
    trainer.exec().fence("ign::StopAfter");  // the time of work that is done, not of work that is queued
    return m_timer.seconds() < m_seconds;
  }

 private:
  double m_seconds;
  Kokkos::Timer m_timer;
};

}  // namespace ign

#endif  // IGN_TRAIN_TRAINER_HPP
