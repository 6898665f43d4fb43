// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The training loop, and what may listen to it.
#ifndef IGN_TRAIN_TRAINER_HPP
#define IGN_TRAIN_TRAINER_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Profiling_ScopedRegion.hpp>
#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ign/core/finite.hpp"
#include "ign/core/schedule.hpp"
#include "ign/core/workspace.hpp"
#include "ign/losses/named_loss.hpp"
#include "ign/optimizers/optimizer.hpp"
#include "ign/policies/policy.hpp"
#include "ign/train/batches.hpp"
#include "ign/train/recording.hpp"

namespace ign {

/// What a run is, beside policy, optimizer and data.
struct TrainerOptions {
  std::uint64_t steps = 1000;                         ///< of the whole run
  std::uint64_t report_every = 100;                   ///< steps whose mean losses make one report
  Schedule learning_rate = Schedule::constant(1e-4);  ///< by step
  /// The second step of a process is recorded, and replayed from then on: as a graph where the device has them, see train/recording.hpp.
  bool replay = false;
};

/// What callbacks get every `report_every` steps and at the end.
struct Report {
  std::uint64_t step;             ///< steps done
  std::uint64_t steps;            ///< of the whole run
  double epoch;                   ///< passes over the data done
  std::vector<NamedLoss> losses;  ///< the policy's, means over the steps since the last report
  double total;                   ///< what is minimised, the mean of the same steps
  double learning_rate;           ///< of the last step
  double seconds;                 ///< since train() was called
  double images_per_second;       ///< of the data, since the last report
  double seconds_left;            ///< at this pace
};

namespace detail {

/// All that changes from step to step outside of the policy.
template <class Rates>
struct TrainerStep {
  std::uint64_t step;
  Rates rates;
};

}  // namespace detail

/// Trains a policy (policies/policy.hpp) on batches with an optimizer, whose state each of the policy's models has for itself.
/// The three stay the caller's.
///
/// Batches is ign::Batches or another object with `shape()`, `options().batch`, `batches_per_epoch()` and one of
///     void gather(Exec const&, std::uint64_t step, TensorWindow x) const      fills x, a tensor of the trainer's
///     TensorWindow batch(Exec const&, std::uint64_t step) const               hands over its own memory: no copy is made
/// for a policy with labels also `classes()` and `gather_labels`. Both are asynchronous on the instance. For TrainerOptions::replay
/// `gather` takes the step as a Deferred<std::uint64_t>.
///
/// A callback is an object with any of these members:
///     void on_report(Trainer const&, Report const&)
///     bool on_step(Trainer const&)                    false ends the run
///     void on_end(Trainer const&)                     however the run ends, unless an error ends it
template <class Policy, class Optimizer, class Batches>
class Trainer {
  static_assert(ign::policy::complete<Policy>());
  static_assert(ign::optimizer::complete<Optimizer, typename Policy::scalar_type, typename Policy::execution_space>());

 public:
  using Real = typename Policy::scalar_type;      ///< of the policy
  using Exec = typename Policy::execution_space;  ///< of the policy

  /// \throws Error [ign.option.*] on impossible options
  Trainer(Exec const& exec, Policy& policy, Optimizer const& optimizer, Batches const& batches, TrainerOptions const& options)
      : m_exec(exec), m_policy(policy), m_optimizer(optimizer), m_batches(batches), m_options(options) {
    ign::optimizer::validate_options(optimizer);
    validate(options.learning_rate, "learning rate");
    require(options.report_every >= 1, Fault::option, 91, "trainer: report_every is 0, expected 1 or more");
    require(!options.replay || replayable, Fault::option, 92,
            "trainer: replay is asked for, but numbers of a step are taken only when it is ", "queued by",
            replays_policy ? "" : " the policy", ign::optimizer::replayable_v<Optimizer> ? "" : " the optimizer",
            replays_batches ? "" : " the batches");
    require(batches.shape() == policy.image_shape(), Fault::shape, 91, "trainer: batches are of ", batches.shape(), ", the net takes ",
            policy.image_shape());
    if constexpr (needs_labels_v<Policy>) {
      require(batches.classes() >= 1 && batches.classes() <= policy.classes(), Fault::option, 232, "trainer: batches have labels of ",
              batches.classes(), " classes (0: no labels), expected 1 to the ", policy.classes(), " of the policy");
      m_labels = decltype(m_labels)(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::trainer::labels"), batches.options().batch);
    }
    std::size_t count = 0;
    ign::policy::for_each_model_of(policy, [&](std::string const&, auto const& model) { count += model.parameters().size(); });
    m_state = make_vector<Real>(exec, "ign::trainer::optimizer state", ign::optimizer::slots_of(optimizer).size() * count);
    std::size_t offset = 0;
    ign::policy::for_each_model_of(policy, [&](std::string const&, auto const& model) {
      std::size_t const size = ign::optimizer::slots_of(optimizer).size() * model.parameters().size();
      m_parts.push_back({Flat(model.parameters()), Flat(model.gradients()), Flat(m_state.data() + offset, size)});
      offset += size;
    });
    if (options.replay) m_values = StepValues<StepNumbers, Exec>(exec, "ign::trainer::step values");
    if constexpr (!hands_over) m_x = make_tensor<Real>(exec, "ign::trainer::x", batches.options().batch, batches.shape());
  }

  Trainer(Trainer const&) = delete;             // a recording refers to the trainer that made it
  Trainer& operator=(Trainer const&) = delete;  // so do the windows of its parts to its state

  Policy const& policy() const { return m_policy; }            ///< the caller's
  Policy& policy() { return m_policy; }                        ///< the caller's
  Optimizer const& optimizer() const { return m_optimizer; }   ///< as given
  Batches const& batches() const { return m_batches; }         ///< the caller's
  TrainerOptions const& options() const { return m_options; }  ///< as given
  Exec const& exec() const { return m_exec; }                  ///< the instance that all work is queued on
  std::uint64_t steps_done() const { return m_step; }          ///< also the number of the next step
  void set_steps_done(std::uint64_t step) { m_step = step; }   ///< for those who restore all else as well
  /// Of all models, one after the other, each slot as long as the model's parameters.
  Vector<Real, Exec> const& optimizer_state() const { return m_state; }

  /// One step: gradients of the next batch, and an update of each model.
  void step() {
    Kokkos::Profiling::ScopedRegion const region("ign::trainer::step");
    if constexpr (replayable) {
      // A step that is queued as ever comes first, and whenever memory has moved, since a recording knows where everything lies.
      if (m_options.replay && m_growths == buffer_growths()) {
        replay();
        return;
      }
      m_recording = {};
    }
    queue(m_step);
    m_growths = buffer_growths();
    ++m_step;
  }

  /// Steps until the run is complete or a callback ends it.
  /// \throws Error [ign.numeric.90] when losses are not finite: nothing is written then
  template <class... Callbacks>
  void train(Callbacks&&... callbacks) {
    static_assert((listens<Callbacks>() && ...),
                  "ign::Trainer::train: a callback has on_report(trainer, report), on_step(trainer) or "
                  "on_end(trainer): see ign/train/trainer.hpp");
    Kokkos::Timer timer;
    double reported_at = 0;
    std::uint64_t const begin = m_step;
    std::uint64_t reported = m_step;
    for (bool go_on = true; go_on && m_step < m_options.steps;) {
      step();
      if (m_step % m_options.report_every == 0 || m_step == m_options.steps) {
        auto const losses = m_policy.losses(m_exec);
        m_policy.reset_losses(m_exec);
        require(is_finite(losses.total), Fault::numeric, 90, "training: losses are not finite within the steps up to ", m_step, ":",
                text_of(losses.named()), "; try a smaller learning rate, or a smaller weight of what is maximised");
        double const now = timer.seconds();
        auto const images = static_cast<double>(m_step - reported) * m_batches.options().batch;
        auto const left = static_cast<double>(m_options.steps - m_step) * now / static_cast<double>(m_step - begin);
        [[maybe_unused]] Report const report = {m_step,
                                                m_options.steps,
                                                static_cast<double>(m_step) / static_cast<double>(m_batches.batches_per_epoch()),
                                                losses.named(),
                                                losses.total,
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
  using Flat = VectorWindow<Real, Exec>;
  static constexpr bool hands_over = requires(Batches const& batches, Exec const& exec, std::uint64_t step) {
    { batches.batch(exec, step) } -> std::convertible_to<TensorWindow<Real, Exec>>;
  };
  static constexpr bool replays_policy = !needs_labels_v<Policy> && requires(Exec const& exec, Policy& policy) {
    policy.defer(true);
    policy.advance(exec, std::uint64_t{});
  };
  static constexpr bool replays_batches = !hands_over && requires(Exec const& exec, Batches const& batches,
                                                                  TensorWindow<Real, Exec> const& x, Deferred<std::uint64_t> const& step) {
    batches.gather(exec, step, x);
  };
  static constexpr bool replayable = replays_policy && replays_batches && ign::optimizer::replayable_v<Optimizer>;
  struct Part {
    Flat parameters, gradients, state;
  };
  using StepNumbers = detail::TrainerStep<ign::optimizer::Rates<Optimizer>>;

  template <class Callback>
  static constexpr bool listens() {
    return requires(Callback & callback, Trainer & trainer, Report const& report) { callback.on_report(trainer, report); }
    || requires(Callback & callback, Trainer & trainer) { callback.on_step(trainer); }
    || requires(Callback & callback, Trainer & trainer) { callback.on_end(trainer); };
  }

  StepNumbers numbers(std::uint64_t step) const {
    return {step, ign::optimizer::rates_of(m_optimizer, m_options.learning_rate.at(step), step + 1)};
  }

  // All kernels of step number `step`.
  void queue(std::uint64_t step) {
    StepNumbers const now = numbers(step);
    TensorWindow<Real, Exec> const x = batch(m_values.of(&StepNumbers::step, now));
    auto const update_model = [&](std::size_t model) {
      Part const& part = m_parts[model];
      ign::optimizer::update_with<Optimizer, Real, Exec>(m_exec, m_optimizer, m_values.of(&StepNumbers::rates, now), part.parameters,
                                                         part.gradients, part.state);
    };
    if constexpr (needs_labels_v<Policy>) {
      VectorWindow<int, Exec> const labels(m_labels);
      m_batches.gather_labels(m_exec, step, labels);
      m_policy.gradients(m_exec, x, labels, step);
      update_model(0);
    } else {
      ign::policy::step_of(m_exec, m_policy, x, step, update_model);
    }
  }

  // Step number m_step as a replay of one that was recorded.
  void replay() {
    if (!m_recording.exists()) {
      m_recording.record(m_exec, [this, step = m_step](Exec const&) {
        WhileDeferred const deferred(m_values, m_policy);
        queue(step);
      });
    }
    m_values.write(m_exec, numbers(m_step));
    m_policy.advance(m_exec, m_step);
    m_recording.replay(m_exec);
    ++m_step;
  }

  TensorWindow<Real, Exec> batch(Deferred<std::uint64_t> const& step) {
    if constexpr (hands_over) {
      return m_batches.batch(m_exec, step.get());
    } else {
      TensorWindow<Real, Exec> x(m_x);
      if constexpr (requires { m_batches.gather(m_exec, step, x); })
        m_batches.gather(m_exec, step, x);
      else
        m_batches.gather(m_exec, step.get(), x);
      return x;
    }
  }
  static std::string text_of(std::vector<NamedLoss> const& losses) {
    std::string text;
    for (auto const& loss : losses) text += std::string(" ") + loss.name + ' ' + std::to_string(loss.value);
    return text;
  }
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
  std::optional<std::uint64_t> m_growths;  // of buffers, until the last step that was not replayed
  StepValues<StepNumbers, Exec> m_values;
  Recording<Exec> m_recording;
  Vector<Real, Exec> m_state;
  std::vector<Part> m_parts;   // of the policy's models
  Tensor<Real, Exec> m_x;      // where the batches do not hand over memory of their own
  Vector<int, Exec> m_labels;  // where the policy needs them
};

}  // namespace ign

#endif  // IGN_TRAIN_TRAINER_HPP
