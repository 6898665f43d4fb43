// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A net with its state: parameters, gradients and running statistics in one flat View each; forward and backward passes.
#ifndef IGN_NETS_MODEL_HPP
#define IGN_NETS_MODEL_HPP

#include <memory>
#include <utility>
#include <vector>

#include "ign/core/tape.hpp"
#include "ign/core/workspace.hpp"
#include "ign/layers/detail/chain.hpp"
#include "ign/layers/sequential.hpp"
#include "ign/random/initializers.hpp"

namespace ign {

/// Options of a backward pass: its weight gradients.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
struct BackwardOptions {
  bool weights = true;                     ///< false: no parameter gradients, only dx is computed
  VectorRef<Real, Exec> sample_weights{};  ///< (n) factor of the weight gradients of each sample, not of dx; absent: 1
};

namespace detail {

/// Arrays in a flat View, one after the other.
inline std::vector<ModelArray> placed(std::vector<ArrayInfo> infos) {
  std::vector<ModelArray> all;
  std::size_t offset = 0;
  for (auto& info : infos) {
    std::size_t const size = info.size();
    all.push_back({std::move(info), offset});
    offset += size;
  }
  return all;
}

/// Number of elements of placed arrays.
inline std::size_t size_of(std::vector<ModelArray> const& arrays) {
  return arrays.empty() ? 0 : arrays.back().offset + arrays.back().info.size();
}

/// Consecutive layers of a net, from number `first` on.
template <std::size_t first, class Net, std::size_t... I>
constexpr auto part_of_net(Net const& net, std::index_sequence<I...>) {
  return sequential_of(std::make_tuple(std::get<first + I>(net.layers())...));
}

}  // namespace detail

/// A net with parameters θ, for inputs of one shape and any batch size.
///
/// `Net` is a Sequential. Copies share the state, as Views do.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Model {
  static_assert(is_sequential_v<Net>, "ign::Model: Net must be an ign::Sequential: wrap a single layer as ign::sequential(layer)");
  static_assert(detail::complete<Real, Exec>(static_cast<Net const*>(nullptr)));

 public:
  using Ref = TensorRef<Real, Exec>;  ///< x, f(x) and their gradients, (n, h, w, c)

  /// Allocates and initialises; `seed` determines the weights.
  /// \throws Error [ign.shape.*], [ign.option.*] when a layer does not fit its input or has impossible options
  Model(Exec const& exec, Net net, Shape input, std::uint64_t seed) : Model(exec, std::move(net), input) {
    m_gradients = make_vector<Real>(exec, "ign::model::gradients", m_parameters.size());
    initialize(exec, infos(m_parameter_arrays), VectorRef<Real, Exec>(m_parameters), Key{seed, RandomStream::weights});
    initialize(exec, infos(m_statistic_arrays), VectorRef<Real, Exec>(m_statistics), Key{seed, RandomStream::weights});
  }

  /// Allocates a model for inference, without gradients. All parameters and statistics are 0, to be filled by the caller: pass a seed for
  /// initial weights.
  Model(Exec const& exec, Net net, Shape input) : Model(std::move(net), input) {
    m_parameters = make_vector<Real>(exec, "ign::model::parameters", detail::size_of(m_parameter_arrays));
    m_statistics = make_vector<Real>(exec, "ign::model::statistics", detail::size_of(m_statistic_arrays));
  }

  /// Returns the net with the same parameters and statistics, which both share, for inputs of other extents. A net of convolutions,
  /// whose parameters do not depend on the extents, applies to grids other than those that it was trained on.
  /// \throws Error [ign.shape.480] when an array would have another shape; errors of layers that do not fit the input
  Model resized(Shape input) const {
    Model other(*this);
    other.m_plan = detail::plan_chain(m_net, input);
    other.m_net_id = std::make_shared<int>();  // tapes have other extents
    detail::plan_arrays(m_net, other.m_plan);
    detail::plan_fusion<Real, Exec>(m_net, other.m_plan);
    require_same(m_parameter_arrays, detail::chain_parameters(m_net, other.m_plan.shapes), input);
    require_same(m_statistic_arrays, detail::chain_statistics(m_net, other.m_plan.shapes), input);
    return other;
  }

  /// Returns the layers [first, last) as a model of their own, which shares its parameters, gradients and running statistics with this one.
  /// In evaluation mode the parts, one after the other, are bitwise identical to the whole net.
  template <std::size_t first, std::size_t last>
  auto part() const {
    static_assert(first < last && last <= Net::size, "ign::Model::part: the layers [first, last) are at least one, all of the net");
    auto net = detail::part_of_net<first>(m_net, std::make_index_sequence<last - first>());
    Model<decltype(net), Real, Exec> part(std::move(net), shape(first));
    auto const of = [](Vector<Real, Exec> const& all, std::size_t begin, std::size_t count) {
      return Vector<Real, Exec>(Kokkos::subview(all, std::pair(begin, begin + count)));
    };
    std::size_t const parameters = detail::size_of(part.m_parameter_arrays), begin = m_plan.layers[first].parameter_offset;
    part.m_parameters = of(m_parameters, begin, parameters);
    if (m_gradients.size() > 0) part.m_gradients = of(m_gradients, begin, parameters);
    part.m_statistics = of(m_statistics, m_plan.layers[first].statistic_offset, detail::size_of(part.m_statistic_arrays));
    return part;
  }

  Net const& net() const { return m_net; }                               ///< the layers
  Shape input_shape() const { return m_plan.shapes.front(); }            ///< of x
  Shape output_shape() const { return m_plan.shapes.back(); }            ///< of f(x)
  Shape shape(std::size_t i) const { return m_plan.shapes[i]; }          ///< of the input of layer i, the output of layer i - 1
  Vector<Real, Exec> const& parameters() const { return m_parameters; }  ///< θ, layer by layer
  Vector<Real, Exec> const& gradients() const { return m_gradients; }    ///< in the order of parameters()
  Vector<Real, Exec> const& statistics() const { return m_statistics; }  ///< running statistics of all roles
  std::vector<ModelArray> const& parameter_arrays() const { return m_parameter_arrays; }  ///< names and offsets within parameters()
  std::vector<ModelArray> const& statistic_arrays() const { return m_statistic_arrays; }  ///< names and offsets within statistics()

  /// Parameters and statistics of layer i.
  LayerMemory<Real, Exec> memory(std::size_t i) const {
    LayerMemory<Real, Exec> memory;
    detail::ChainLayer const& planned = m_plan.layers[i];
    memory.parameters = part_of(m_parameters, planned.parameter_offset, planned.parameter_count);
    memory.statistics = part_of(m_statistics, planned.statistic_offset, planned.statistic_count);
    memory.substream = planned.substream;
    return memory;
  }

  /// tape.result() = f(x) for x (n, h, w, c). x must not change before the backward pass is complete.
  ///
  /// \param condition  of a conditional net f(x | c): (n, 1, 1, K), or (1, 1, 1, K) for all samples. It must not change either
  /// \throws Error [ign.shape.3] when x does not have the extents of input_shape(), [ign.shape.540] when the condition does not fit the net
  void forward(Exec const& exec, Pass const& pass, Ref const& x, Tape<Real, Exec>& tape, Workspace<Real, Exec>& workspace,
               Ref const& condition = {}) const {
    forward_to(exec, pass, Net::size - 1, x, tape, workspace, condition);
  }

  /// Applies the layers up to `last` only: the later outputs of the tape, its result among them, are undefined.
  /// \param last  a layer with `keeps_output`
  /// \throws Error as above
  void forward_to(Exec const& exec, Pass const& pass, std::size_t last, Ref const& x, Tape<Real, Exec>& tape,
                  Workspace<Real, Exec>& workspace, Ref const& condition = {}) const {
    require(shape_of(x) == input_shape() && x.extent(0) > 0, Fault::shape, 3, "model: input has ", x.extent(0), " samples of ", shape_of(x),
            ", expected at least one of ", input_shape());
    detail::check_condition<Real, Exec>(m_net, x, condition);
    int const batch = batch_of(x);
    if (tape.m_batch != batch || tape.m_net_id != m_net_id) lay_out(exec, batch, tape);
    tape.m_pass = pass;
    tape.m_input = x;
    tape.m_condition = condition;
    auto const scratch = reserve_scratch(exec, batch, workspace);
    auto const counters = workspace.reserve_counters(exec);
    detail::chain_forward<Real>(
        exec, m_net, m_plan, pass, [&](std::size_t i) { return layer_memory(i, tape, scratch, counters); },
        [&](std::size_t i) { return tape.input(i); }, last);
  }

  /// True if a tape of Retain::everything keeps the output of layer i: the next layer does not overwrite it, and is not computed together
  /// with it.
  bool keeps_output(std::size_t i) const { return m_plan.layers[i].last == i && (i + 1 == Net::size || !m_plan.layers[i + 1].in_place); }

  /// Backward pass: for dy = ∂L/∂f(x) adds ∂L/∂θ to gradients() and writes ∂L/∂x to dx, unless dx is absent.
  ///
  /// dy has the extents of tape.result() and may be overwritten. A tape serves any number of backward passes.
  /// \throws Error [ign.state.1] when the tape does not keep everything or belongs to another model, [ign.state.160] when the model has no
  ///         gradients, [ign.shape.4] when dy or dx do not have the tape's extents
  void backward(Exec const& exec, Tape<Real, Exec> const& tape, Ref const& dy, Ref const& dx, Workspace<Real, Exec>& workspace,
                BackwardOptions<Real, Exec> const& options = {}) const {
    require_tape(tape);
    require(!options.weights || m_gradients.size() == m_parameters.size(), Fault::state, 160,
            "model: no gradients, because the model was constructed without a seed: construct it with a seed to train it");
    require(same_extents(dy, tape.result()) && (absent(dx) || same_extents(dx, tape.m_input)), Fault::shape, 4, "model: dy has ",
            dy.extent(0), " samples of ", shape_of(dy), ", dx ", dx.extent(0), " of ", shape_of(dx), ", expected ", tape.m_batch, " of ",
            output_shape(), " and of ", input_shape(), ", or no dx");
    auto const scratch = reserve_scratch(exec, tape.m_batch, workspace);
    auto const counters = workspace.reserve_counters(exec);
    auto const buffers = reserve_gradients(exec, tape.m_batch, workspace);
    auto const memory_of = [&](std::size_t i) {
      auto memory = layer_memory(i, tape, scratch, counters);
      memory.sample_weights = options.sample_weights;
      if (options.weights) memory.gradients = part_of(m_gradients, m_plan.layers[i].parameter_offset, m_plan.layers[i].parameter_count);
      return memory;
    };
    detail::chain_backward(
        exec, m_net, m_plan, tape.m_pass, memory_of, [&](std::size_t i) { return tape.input(i); }, buffers, dy, dx);
  }

  /// Input gradient of a loss of the outputs of several layers, such as a distance of features: writes ∂L/∂x to dx. Parameters get no
  /// gradients.
  ///
  /// \param last  the last of these layers, one with `keeps_output`, up to which the tape has been filled
  /// \param seed  seed(i, g, is_last) is called for the layers up to `last`, last to first, and queues work on `exec` that adds the direct
  ///              ∂L/∂(output of layer i) to g, in layers with `keeps_output`; with is_last it writes to g, which is undefined then
  /// \throws Error [ign.state.1], [ign.shape.4] as backward
  template <class Seed>
  void backward_from(Exec const& exec, Tape<Real, Exec> const& tape, std::size_t last, Seed const& seed, Ref const& dx,
                     Workspace<Real, Exec>& workspace) const {
    require_tape(tape);
    require(same_extents(dx, tape.m_input), Fault::shape, 4, "model: dx has ", dx.extent(0), " samples of ", shape_of(dx), ", expected ",
            tape.m_batch, " of ", input_shape());
    auto const scratch = reserve_scratch(exec, tape.m_batch, workspace);
    auto const counters = workspace.reserve_counters(exec);
    auto const buffers = reserve_gradients(exec, tape.m_batch, workspace);
    Ref const dy = detail::tensor_at<Real, Exec>(buffers[1].data(), tape.m_batch, m_plan.shapes[last + 1]);
    detail::chain_backward(
        exec, m_net, m_plan, tape.m_pass, [&](std::size_t i) { return layer_memory(i, tape, scratch, counters); },
        [&](std::size_t i) { return tape.input(i); }, buffers, dy, dx, last,
        [&](std::size_t i, Ref const& gradient) { seed(i, gradient, i == last); });
  }

 private:
  void require_tape(Tape<Real, Exec> const& tape) const {
    require(tape.retain() == Retain::everything && tape.m_net_id == m_net_id, Fault::state, 1,
            "model: backward needs a tape of Retain::everything, filled by forward of this model");
  }

  template <class OtherNet, Scalar OtherReal, class OtherExec>
  friend class Model;

  // Without memory.
  Model(Net net, Shape input) : m_net(std::move(net)), m_plan(detail::plan_chain(m_net, input)) {
    detail::plan_arrays(m_net, m_plan);
    detail::plan_fusion<Real, Exec>(m_net, m_plan);
    m_parameter_arrays = detail::placed(detail::chain_parameters(m_net, m_plan.shapes));
    m_statistic_arrays = detail::placed(detail::chain_statistics(m_net, m_plan.shapes));
  }

  void require_same(std::vector<ModelArray> const& arrays, std::vector<ArrayInfo> const& others, Shape input) const {
    for (std::size_t i = 0; i < arrays.size(); ++i)
      require(arrays[i].info.extents == others[i].extents, Fault::shape, 480, "model: '", arrays[i].info.name, "' of the net for ",
              input_shape(), " does not fit inputs of ", input,
              ", expected the same channels, and layers whose parameters do not depend on height and width");
  }

  static std::vector<ArrayInfo> infos(std::vector<ModelArray> const& arrays) {
    std::vector<ArrayInfo> all;
    for (auto const& array : arrays) all.push_back(array.info);
    return all;
  }

  static VectorRef<Real, Exec> part_of(Vector<Real, Exec> const& vector, std::size_t offset, std::size_t count) {
    return VectorRef<Real, Exec>(vector.data() + offset, count);
  }

  static bool same_extents(Ref const& a, Ref const& b) { return a.extent(0) == b.extent(0) && shape_of(a) == shape_of(b); }

  // Lays out the memory of a tape.
  void lay_out(Exec const& exec, int batch, Tape<Real, Exec>& tape) const {
    auto const layout = detail::plan_chain_memory(m_net, m_plan, tape.m_retain, batch);
    Real* const memory = tape.m_memory.reserve(exec, layout.end).data();
    tape.m_net_id = m_net_id;
    tape.m_batch = batch;
    tape.m_outputs.clear();
    tape.m_saved.clear();
    for (std::size_t i = 0; i < Net::size; ++i) {
      tape.m_outputs.push_back(detail::tensor_at<Real, Exec>(memory + layout.outputs[i], batch, m_plan.shapes[i + 1]));
      tape.m_saved.emplace_back(memory + layout.saved[i], layout.saved_count[i]);
    }
  }

  VectorRef<Real, Exec> reserve_scratch(Exec const& exec, int batch, Workspace<Real, Exec>& workspace) const {
    return workspace.scratch.reserve(exec, detail::chain_scratch_size(m_net, m_plan.shapes, batch, workers_of(exec)));
  }

  // dy and dx of backward, alternating from layer to layer.
  Kokkos::Array<VectorRef<Real, Exec>, 2> reserve_gradients(Exec const& exec, int batch, Workspace<Real, Exec>& workspace) const {
    std::size_t const largest = detail::largest_activation(m_plan.shapes, batch);
    return {workspace.gradients[0].reserve(exec, largest), workspace.gradients[1].reserve(exec, largest)};
  }

  LayerMemory<Real, Exec> layer_memory(std::size_t i, Tape<Real, Exec> const& tape, VectorRef<Real, Exec> const& scratch,
                                       ArrivalCounters<Exec> const& counters) const {
    auto result = memory(i);
    result.saved = tape.saved(i);
    result.condition = tape.m_condition;
    result.scratch = scratch;
    result.counters = counters;
    return result;
  }

  Net m_net;
  std::shared_ptr<void const> m_net_id = std::make_shared<int>();  // identity of the net, shared by copies of the model
  detail::ChainPlan<Net::size> m_plan;
  std::vector<ModelArray> m_parameter_arrays;
  std::vector<ModelArray> m_statistic_arrays;
  Vector<Real, Exec> m_parameters;
  Vector<Real, Exec> m_gradients;
  Vector<Real, Exec> m_statistics;
};

}  // namespace ign

#endif  // IGN_NETS_MODEL_HPP
