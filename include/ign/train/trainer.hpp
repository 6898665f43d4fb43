// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The training loop and its callbacks.
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
#include "ign/train/captured_graph.hpp"

namespace ign {

/// Options of a run.
struct TrainerOptions {
  std::uint64_t steps = 1000;                         ///< number of steps of the run up to the end of this phase, earlier phases included
  std::uint64_t report_every = 100;                   ///< number of steps between reports
  Schedule learning_rate = Schedule::constant(1e-4);  ///< learning rate of each step
  /// Runs steps as a captured graph (train/captured_graph.hpp). The first step, and a step after a buffer has grown, are launched kernel by
  /// kernel; the next one is captured. Absent: on if the backend, the policy and the batches support it. On a host, true is not an error:
  /// no graph is captured (CapturedGraph<Exec>::is_graph is false), and the trainer calls the same function again, which serves tests and
  /// saves no time. With several ranks it is off, and true is an error: a graph cannot wait for other processes.
  std::optional<bool> use_graph = {};
  /// Number of steps of earlier phases of the run, at most `steps`. The numbering of steps, batches and random numbers continues; learning
  /// rates and the optimizer start anew.
  std::uint64_t first_step = 0;
};

/// Report to callbacks, every `report_every` steps and at the end.
struct Report {
  std::uint64_t step;             ///< number of steps done
  std::uint64_t steps;            ///< number of steps at the end of this phase
  double epoch;                   ///< number of passes over the data done
  std::vector<NamedLoss> losses;  ///< losses of the policy, means over the steps since the last report
  double total;                   ///< objective, mean over the same steps
  double learning_rate;           ///< learning rate of the last step
  double seconds;                 ///< time since the call of train()
  double images_per_second;       ///< images of the data per second since the last report
  double seconds_left;            ///< estimated time to the end of the run or phase
  std::uint64_t first_step = 0;   ///< number of steps before this phase
};

namespace detail {

/// Values that change from step to step.
template <class OptimizerValues, class PolicyValues>
struct TrainerStep {
  std::uint64_t step;
  OptimizerValues optimizer;
  PolicyValues policy;
};

}  // namespace detail

/// Trains a policy (policies/policy.hpp) on batches with an optimizer. Each model of the policy has its own optimizer state. The trainer
/// keeps references to policy and batches, which must outlive it, and a copy of the optimizer.
///
/// Batches is ign::Batches or another type with `shape()`, `options().batch`, `batches_per_epoch()` and one of
///
///     void gather(Exec const&, std::uint64_t step, TensorRef x) const    fills x, a tensor of the trainer
///     TensorRef batch(Exec const&, std::uint64_t step) const             returns a batch in memory of its own, without a copy
///
/// For a policy with labels it also has `classes()` and `gather_labels`, for one with conditions `condition_length()` and
/// `gather_conditions(exec, StepArgument<std::uint64_t> step, condition)`. All work is asynchronous on the instance. For steps as captured
/// graphs `gather` takes the step as a StepArgument<std::uint64_t>, too.
///
/// A callback is an object with one or more of these members:
///
///     void on_report(Trainer&, Report const&)
///     bool on_step(Trainer&)                    after each step; false ends the run
///     void on_end(Trainer&)                     at the end of the run, unless an error ends it
///
/// A callback may take the trainer as `Trainer const&`. It may apply the policy and draw samples from it, which grows buffers, and write
/// the parameters. It must not call step() or train().
template <class Policy, class Optimizer, class Batches>
class Trainer {
  static_assert(ign::policy::complete<Policy>());
  static_assert(ign::optimizer::complete<Optimizer, typename Policy::scalar_type, typename Policy::execution_space>());

 public:
  using policy_type = Policy;                     ///< the policy
  using Real = typename Policy::scalar_type;      ///< number type of the policy
  using Exec = typename Policy::execution_space;  ///< execution space of the policy

  /// Allocates the optimizer's state and workspaces, and the batch. May wait for the instance.
  /// \throws Error [ign.option.*] if options are impossible, [ign.shape.91] if batches and net differ in extents
  Trainer(Exec const& exec, Policy& policy, Optimizer const& optimizer, Batches const& batches, TrainerOptions const& options)
      : m_exec(exec), m_policy(policy), m_optimizer(optimizer), m_batches(batches), m_options(options) {
    ign::optimizer::validate_options(optimizer);
    validate(options.learning_rate, "learning rate");
    require(options.first_step <= options.steps, Fault::option, 93, "trainer: first_step ", options.first_step, ", expected at most the ",
            options.steps, " steps at the end of the phase");
    require(options.report_every >= 1, Fault::option, 91, "trainer: report_every is 0, expected 1 or more");
    require(!options.use_graph.value_or(false) || capturable, Fault::option, 92,
            "trainer: use_graph is set, but the step cannot be captured: ",
            ign::policy::capturable_v<Policy> ? "" : "the policy has no step_values(); ",
            captures_batches ? "" : "the batches have no gather() with a StepArgument step; ", "replace these, or leave use_graph absent");
    require(!options.use_graph.value_or(false) || !ranks().is_distributed(), Fault::option, 492, "trainer: use_graph is set on ",
            ranks().size(), " ranks, expected one process: a graph cannot wait for other processes; leave use_graph absent");
    require(batches.shape() == policy.image_shape(), Fault::shape, 91, "trainer: batches have samples of ", batches.shape(), ", expected ",
            policy.image_shape(), ", which the net takes");
    if constexpr (needs_labels_v<Policy>) {
      require(batches.classes() >= 1 && batches.classes() <= policy.classes(), Fault::option, 232, "trainer: batches have labels of ",
              batches.classes(), " classes (0: no labels), expected 1 to the ", policy.classes(), " of the policy");
      m_labels = decltype(m_labels)(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::trainer::labels"), batches.options().batch);
    }
    if (int const length = ign::policy::condition_length_of(policy); length > 0) {
      int found = 0;
      if constexpr (provides_conditions) found = batches.condition_length();
      require(found == length, Fault::option, 543, "trainer: the batches have conditions of length ", found, " (0: none), expected the ",
              length, " that the net takes: pass labels of as many classes, or call set_conditions of the batches");
      m_condition = make_tensor<Real>(exec, "ign::trainer::condition", batches.options().batch, {1, 1, length});
    }
    std::size_t count = 0;
    ign::policy::for_each_model_of(policy, [&](std::string const&, auto const& model) { count += model.parameters().size(); });
    m_state = make_vector<Real>(exec, "ign::trainer::optimizer state", ign::optimizer::slots_of(optimizer).size() * count);
    std::size_t offset = 0;
    ign::policy::for_each_model_of(policy, [&](std::string const&, auto const& model) {
      std::size_t const size = ign::optimizer::slots_of(optimizer).size() * model.parameters().size();
      m_parts.push_back({Flat(model.parameters()), Flat(model.gradients()), Flat(m_state.data() + offset, size),
                         ign::optimizer::workspace_of(exec, m_optimizer, Flat(model.parameters()), model.parameter_arrays())});
      offset += size;
    });
    if (m_use_graph) m_values = StepValueBuffer<StepValues, Exec>(exec, "ign::trainer::step values");
    if constexpr (!provides_batch) m_x = make_tensor<Real>(exec, "ign::trainer::x", batches.options().batch, batches.shape());
  }

  /// Does not compile: the batches must outlive the trainer.
  Trainer(Exec const& exec, Policy& policy, Optimizer const& optimizer, Batches const&& batches, TrainerOptions const& options)
      : Trainer(exec, policy, optimizer, batches, options) {
    static_assert(sizeof(Batches) == 0,
                  "ign::Trainer: the batches are a temporary, to which the trainer would keep a reference: name them");
  }
  Trainer(Trainer const&) = delete;  // a captured graph and the parts refer to members
  Trainer& operator=(Trainer const&) = delete;

  Policy const& policy() const { return m_policy; }                ///< as given, no copy
  Policy& policy() { return m_policy; }                            ///< as given, no copy
  Optimizer const& optimizer() const { return m_optimizer; }       ///< copy of the optimizer
  Batches const& batches() const { return m_batches; }             ///< as given, no copy
  TrainerOptions const& options() const { return m_options; }      ///< as given
  Ranks ranks() const { return ign::policy::ranks_of(m_policy); }  ///< ranks of the policy
  Exec const& exec() const { return m_exec; }                      ///< execution-space instance of all work
  std::uint64_t steps_done() const { return m_step; }              ///< number of steps done in all phases, and number of the next step
  void set_steps_done(std::uint64_t step) { m_step = step; }       ///< for code that restores a run
  /// State of the optimizer for all models, one after the other. Each slot is as long as the parameters of the model.
  Vector<Real, Exec> const& optimizer_state() const { return m_state; }

  /// Conditions of batch number `step`, (n, 1, 1, K), for a conditional net; absent otherwise. They are in memory of the trainer, which the
  /// next step overwrites.
  TensorRef<Real, Exec> condition(StepArgument<std::uint64_t> const& step) {
    TensorRef<Real, Exec> result(m_condition);
    if constexpr (provides_conditions)
      if (!absent(result)) m_batches.gather_conditions(m_exec, step, result);
    return result;
  }

  /// Does one step: computes the gradients of the next batch and updates each model.
  ///
  /// With several ranks, gradients, running statistics and losses are averaged over them. After a step, parameters, optimizer state,
  /// statistics and losses are bitwise identical on all ranks, if they were before.
  void step() {
    Kokkos::Profiling::ScopedRegion const region("ign::trainer::step");
    if constexpr (capturable) {
      // The first step is not captured, nor is a step after a buffer has grown: a graph contains the addresses of all memory.
      if (m_use_graph && m_growths == buffer_growths()) {
        launch_graph();
        return;
      }
      m_graph = {};
    }
    queue(values(m_step));
    m_growths = buffer_growths();
    ++m_step;
  }

  /// Does steps until the run is complete or a callback ends it, with several ranks a callback on any of them. Returns false if a callback
  /// has ended it.
  /// \throws Error [ign.numeric.90] if losses are not finite; callbacks then get no report
  template <class... Callbacks>
  bool train(Callbacks&&... callbacks) {
    static_assert((listens<Callbacks>() && ...),
                  "ign::Trainer::train: a callback has on_report(trainer, report), on_step(trainer) or "
                  "on_end(trainer): see ign/train/trainer.hpp");
    Kokkos::Timer timer;
    double reported_at = 0;
    std::uint64_t const begin = m_step;
    std::uint64_t reported = m_step;
    bool go_on = true;
    while (go_on && m_step < m_options.steps) {
      step();
      if (m_step % m_options.report_every == 0 || m_step == m_options.steps) {
        auto const losses = m_policy.losses(m_exec);
        m_policy.reset_losses(m_exec);
        require(is_finite(losses.total), Fault::numeric, 90, "training: losses are not finite within the steps up to ", m_step, ":",
                text_of(losses.named()), "; reduce the learning rate, or the weight of a maximised loss such as the tightness");
        double const now = timer.seconds();
        auto const images = static_cast<double>(m_step - reported) * m_batches.options().batch * ranks().size();
        auto const left = static_cast<double>(m_options.steps - m_step) * now / static_cast<double>(m_step - begin);
        [[maybe_unused]] Report const report = {m_step,
                                                m_options.steps,
                                                static_cast<double>(m_step) / static_cast<double>(m_batches.batches_per_epoch()),
                                                losses.named(),
                                                losses.total,
                                                m_options.learning_rate.at(m_step - 1 - m_options.first_step),
                                                now,
                                                images / (now - reported_at),
                                                left,
                                                m_options.first_step};
        reported = m_step;
        reported_at = now;
        static_cast<void>(report);  // there may be no callbacks
        (tell_report(callbacks, report), ...);
      }
      ((go_on = ask_step(callbacks) && go_on), ...);
      go_on = !ranks().any(!go_on);
    }
    (tell_end(callbacks), ...);
    return go_on;
  }

 private:
  using Flat = VectorRef<Real, Exec>;
  static constexpr bool provides_batch = requires(Batches const& batches, Exec const& exec, std::uint64_t step) {
    { batches.batch(exec, step) } -> std::convertible_to<TensorRef<Real, Exec>>;
  };
  static constexpr bool provides_conditions =
      requires(Exec const& exec, Batches const& batches, StepArgument<std::uint64_t> const& step, TensorRef<Real, Exec> const& condition) {
    batches.gather_conditions(exec, step, condition);
    batches.condition_length();
  };
  static constexpr bool captures_batches =
      !provides_batch &&
      requires(Exec const& exec, Batches const& batches, TensorRef<Real, Exec> const& x, StepArgument<std::uint64_t> const& step) {
    batches.gather(exec, step, x);
  };
  static constexpr bool capturable = ign::policy::capturable_v<Policy> && captures_batches;
  struct Part {
    Flat parameters, gradients, state;
    ign::optimizer::Workspace<Optimizer, Real, Exec> workspace;
  };
  using StepValues = detail::TrainerStep<ign::optimizer::StepValues<Optimizer>, ign::policy::StepValues<Policy>>;

  template <class Callback>
  static constexpr bool listens() {
    return requires(Callback & callback, Trainer & trainer, Report const& report) { callback.on_report(trainer, report); }
    || requires(Callback & callback, Trainer & trainer) { callback.on_step(trainer); }
    || requires(Callback & callback, Trainer & trainer) { callback.on_end(trainer); };
  }

  StepValues values(std::uint64_t step) const {
    std::uint64_t const done = step - m_options.first_step;
    return {step, ign::optimizer::step_values_of(m_optimizer, m_options.learning_rate.at(done), done + 1),
            ign::policy::step_values_of(m_policy, step)};
  }

  // All kernels of one step.
  void queue(StepArgument<StepValues> const& now) {
    auto const step = now.member(&StepValues::step);
    TensorRef<Real, Exec> const x = batch(step);
    Ranks const shared_by = ranks();
    auto const update_model = [&](std::size_t model) {
      Part const& part = m_parts[model];
      shared_by.average(m_exec, part.gradients);
      ign::optimizer::apply(m_exec, m_optimizer, now.member(&StepValues::optimizer), part.parameters, part.gradients, part.state,
                            part.workspace);
    };
    if constexpr (needs_labels_v<Policy>) {
      VectorRef<int, Exec> const labels(m_labels);
      m_batches.gather_labels(m_exec, step.get(), labels);
      m_policy.gradients(m_exec, x, labels, step.get());
      update_model(0);
    } else {
      ign::policy::step_of(m_exec, m_policy, x, now.member(&StepValues::policy), update_model, condition(step));
    }
    if (!shared_by.is_distributed()) return;
    if constexpr (!ign::policy::keeps_statistics<Policy>())
      ign::policy::for_each_model_of(m_policy,
                                     [&](std::string const&, auto const& model) { shared_by.average(m_exec, Flat(model.statistics())); });
    ign::policy::average_losses_of(m_exec, m_policy);
  }

  // Step number m_step as a launch of the captured graph.
  void launch_graph() {
    if (!m_graph.exists()) m_graph.capture(m_exec, [this](Exec const&) { queue(m_values.on_device()); });
    m_values.write(m_exec, values(m_step));
    m_policy.count_step();
    m_graph.launch(m_exec);
    ++m_step;
  }

  TensorRef<Real, Exec> batch(StepArgument<std::uint64_t> const& step) {
    if constexpr (provides_batch) {
      return m_batches.batch(m_exec, step.get());
    } else {
      TensorRef<Real, Exec> x(m_x);
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
  bool m_use_graph = m_options.use_graph.value_or(CapturedGraph<Exec>::is_graph && capturable) && !ranks().is_distributed();
  std::uint64_t m_step = m_options.first_step;
  std::optional<std::uint64_t> m_growths;  // buffer_growths() after the last step that was not a graph
  StepValueBuffer<StepValues, Exec> m_values;
  CapturedGraph<Exec> m_graph;
  Vector<Real, Exec> m_state;
  std::vector<Part> m_parts;   // one per model of the policy
  Tensor<Real, Exec> m_x;      // batch, unless the batches provide their own memory
  Vector<int, Exec> m_labels;  // labels, if the policy needs them

  Tensor<Real, Exec> m_condition;  // of the batch, if the net takes conditions
};

}  // namespace ign

#endif  // IGN_TRAIN_TRAINER_HPP
