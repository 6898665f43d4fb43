// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A net with its numbers: parameters, gradients and running statistics in one flat View each; forward and backward passes.
#ifndef IGN_NETS_MODEL_HPP
#define IGN_NETS_MODEL_HPP

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ign/core/tape.hpp"
#include "ign/core/workspace.hpp"
#include "ign/nets/sequential.hpp"
#include "ign/random/initializers.hpp"

namespace ign {

/// One named array within a flat View of a model. "3.weight" belongs to layer 3, as in a PyTorch nn.Sequential.
struct ModelArray {
  ArrayInfo info;      ///< extents, and the full name
  std::size_t offset;  ///< index of the first number in the flat View
};

/// Options of a backward pass: its weight gradients.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
struct BackwardOptions {
  bool weights = true;                   ///< false: the parameters are frozen, only dx is computed
  VectorRef<Real, Exec> weight_scale{};  ///< (n) factor of the weight gradients of each sample; absent: 1
};

/// A net with parameters θ, for inputs of one shape and any batch size.
///
/// `Net` is a Sequential. Copies share the numbers, as Views do.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Model {
  static_assert(is_sequential_v<Net>, "ign::Model: a net is what ign::sequential(...) returns, of one layer, too");
  static_assert(detail::complete<Real, Exec>(static_cast<Net const*>(nullptr)));

 public:
  using Ref = TensorRef<Real, Exec>;  ///< x, f(x) and their gradients, (n, h, w, c)

  /// Allocates and initialises; `seed` determines the weights.
  /// \throws Error [ign.shape.*], [ign.option.*] when a layer does not fit its input or has impossible options
  Model(Exec const& exec, Net net, Shape input, std::uint64_t seed) : Model(exec, std::move(net), input) {
    m_gradients = make_vector<Real>(exec, "ign::model::gradients", m_parameters.size());
    initialize(exec, infos(m_parameter_arrays), VectorRef<Real, Exec>(m_parameters), Key{seed, Stream::weights});
    initialize(exec, infos(m_statistic_arrays), VectorRef<Real, Exec>(m_statistics), Key{seed, Stream::weights});
  }

  /// Allocates a model for inference: all numbers are 0, to be filled by the caller, and there are no gradients.
  Model(Exec const& exec, Net net, Shape input) : m_net(std::move(net)), m_shapes(shapes(m_net, input)) {
    std::size_t parameter_count = 0;
    std::size_t statistic_count = 0;
    bool previous_needs_output = true;  // the input of the net is never overwritten
    for_each_layer(m_net, [&](std::size_t i, auto const& layer) {
      auto const parameters = layer::parameters_of(layer, m_shapes[i]);
      auto const statistics = layer::statistics_of(layer, m_shapes[i]);
      m_layers.push_back({parameter_count, total_size(parameters), statistic_count, total_size(statistics),
                          layer::in_place_of(layer) && !previous_needs_output, i, i});
      append(m_parameter_arrays, parameters, i, parameter_count);
      append(m_statistic_arrays, statistics, i, statistic_count);
      previous_needs_output = layer::needs_output_of(layer);
    });
    plan_fusion();
    m_parameters = make_vector<Real>(exec, "ign::model::parameters", parameter_count);
    m_statistics = make_vector<Real>(exec, "ign::model::statistics", statistic_count);
  }

  Net const& net() const { return m_net; }                               ///< the layers
  Shape input_shape() const { return m_shapes.front(); }                 ///< of x
  Shape output_shape() const { return m_shapes.back(); }                 ///< of f(x)
  Shape shape(std::size_t i) const { return m_shapes[i]; }               ///< of the input of layer i, the output of layer i - 1
  Vector<Real, Exec> const& parameters() const { return m_parameters; }  ///< θ, layer by layer
  Vector<Real, Exec> const& gradients() const { return m_gradients; }    ///< in the order of parameters()
  Vector<Real, Exec> const& statistics() const { return m_statistics; }  ///< running statistics of all roles
  std::vector<ModelArray> const& parameter_arrays() const { return m_parameter_arrays; }  ///< names and places within parameters()
  std::vector<ModelArray> const& statistic_arrays() const { return m_statistic_arrays; }  ///< names and places within statistics()

  /// Parameters and statistics of layer i.
  LayerMemory<Real, Exec> memory(std::size_t i) const {
    LayerMemory<Real, Exec> memory;
    memory.parameters = window(m_parameters, m_layers[i].parameters, m_layers[i].parameter_count);
    memory.statistics = window(m_statistics, m_layers[i].statistics, m_layers[i].statistic_count);
    memory.index = static_cast<std::uint32_t>(i);
    return memory;
  }

  /// tape.result() = f(x) for x (n, h, w, c). x must not change before the backward pass is complete.
  ///
  /// \throws Error [ign.shape.3] when x does not have the extents of input_shape()
  void forward(Exec const& exec, Pass const& pass, Ref const& x, Tape<Real, Exec>& tape, Workspace<Real, Exec>& workspace) const {
    require(shape_of(x) == input_shape() && x.extent(0) > 0, Fault::shape, 3, "model: input has ", x.extent(0), " samples of ", shape_of(x),
            ", expected at least one of ", input_shape());
    int const batch = batch_of(x);
    if (tape.m_batch != batch || tape.m_plan != m_mark) plan(exec, batch, tape);
    tape.m_pass = pass;
    tape.m_input = x;
    auto const scratch = reserve_scratch(exec, batch, workspace);
    auto const counters = workspace.reserve_counters(exec);
    auto const memory_of = [&](std::size_t i) { return layer_memory(i, tape, scratch, counters); };
    for_each_layer_forward(m_net, [&]<class L, class Next, class Last>(std::size_t i, L const& layer, Next const& next, Last const& last) {
      if (m_layers[i].first != i) return;
      std::size_t const count = m_layers[i].last - i + 1;
      if constexpr (fuses_v<Real, Exec, L, Next, Last>) {
        if (count == 3) return forward_fused(exec, fused(i, tape, memory_of, layer, next, last), pass);
      }
      if constexpr (fuses_v<Real, Exec, L, Next>) {
        if (count == 2) return forward_fused(exec, fused(i, tape, memory_of, layer, next), pass);
      }
      ign::layer::forward_of(exec, layer, pass, memory_of(i), tape.input(i), tape.output(i));
    });
  }

  /// Backward pass: for dy = ∂L/∂f(x) adds ∂L/∂θ to gradients() and writes ∂L/∂x to dx, unless dx is absent.
  ///
  /// dy has the extents of tape.result() and is overwritten. A tape serves any number of backward passes.
  /// \throws Error [ign.state.1] when the tape does not keep everything or belongs to another model, [ign.state.160] when the model has no
  ///         gradients, [ign.shape.4] when dy or dx do not have the tape's extents
  void backward(Exec const& exec, Tape<Real, Exec> const& tape, Ref const& dy, Ref const& dx, Workspace<Real, Exec>& workspace,
                BackwardOptions<Real, Exec> const& options = {}) const {
    require(tape.keep() == Keep::everything && tape.m_plan == m_mark, Fault::state, 1,
            "model: backward needs a tape of Keep::everything, filled by forward of this model");
    require(!options.weights || m_gradients.size() == m_parameters.size(), Fault::state, 160,
            "model: no gradients, because the model was constructed without a seed: construct it with a seed to train it");
    require(same_extents(dy, tape.result()) && (absent(dx) || same_extents(dx, tape.m_input)), Fault::shape, 4, "model: dy has ",
            dy.extent(0), " samples of ", shape_of(dy), ", dx ", dx.extent(0), " of ", shape_of(dx), ", expected ", tape.m_batch, " of ",
            output_shape(), " and of ", input_shape(), ", or no dx");
    auto const scratch = reserve_scratch(exec, tape.m_batch, workspace);
    auto const counters = workspace.reserve_counters(exec);
    std::size_t const largest = largest_activation(tape.m_batch);
    Kokkos::Array<VectorRef<Real, Exec>, 2> const buffers = {workspace.gradients[0].reserve(exec, largest),
                                                             workspace.gradients[1].reserve(exec, largest)};
    Ref current = dy;
    std::size_t next = 0;
    auto const memory_of = [&](std::size_t i) {
      auto memory = layer_memory(i, tape, scratch, counters);
      memory.weight_scale = options.weight_scale;
      if (options.weights) memory.gradients = window(m_gradients, m_layers[i].parameters, m_layers[i].parameter_count);
      return memory;
    };
    auto const target_of = [&](std::size_t i) {  // place of the dx of layer i
      if (i == 0) return dx;
      Real* const place = m_layers[i].in_place ? current.data() : buffers[next].data();
      if (!m_layers[i].in_place) next = 1 - next;
      return Ref(place, tape.m_batch, m_shapes[i].height, m_shapes[i].width, m_shapes[i].channels);
    };
    for_each_layer_backward(
        m_net, [&]<class L, class Previous, class First>(std::size_t i, L const& layer, Previous const& previous, First const& first) {
          if (m_layers[i].last != i) return;
          std::size_t const begin = m_layers[i].first, count = i - begin + 1;
          TensorRef<Real, Exec> const target = target_of(begin);
          if constexpr (fuses_v<Real, Exec, First, Previous, L>) {
            if (count == 3) backward_fused(exec, fused(begin, tape, memory_of, first, previous, layer), tape.m_pass, current, target);
          }
          if constexpr (fuses_v<Real, Exec, Previous, L>) {
            if (count == 2) backward_fused(exec, fused(begin, tape, memory_of, previous, layer), tape.m_pass, current, target);
          }
          if (count == 1) ign::layer::backward_of(exec, layer, tape.m_pass, memory_of(i), tape.input(i), tape.output(i), current, target);
          current = target;
        });
  }

 private:
  struct LayerPlan {
    std::size_t parameters, parameter_count;  // offset and count in m_parameters
    std::size_t statistics, statistic_count;
    bool in_place;
    std::size_t first, last;  // layers that are computed by one call with this one
  };

  // Layers that fuse, where the last one works in place: three before two.
  void plan_fusion() {
    for_each_layer_forward(m_net, [&]<class L, class Next, class Last>(std::size_t i, L const&, Next const&, Last const&) {
      if (m_layers[i].first < i) return;
      std::size_t count = 1;
      if constexpr (fuses_v<Real, Exec, L, Next>)
        if (m_layers[i + 1].in_place) count = 2;
      if constexpr (fuses_v<Real, Exec, L, Next, Last>)
        if (m_layers[i + 2].in_place) count = 3;
      for (std::size_t k = i; k < i + count; ++k) m_layers[k].first = i, m_layers[k].last = i + count - 1;
    });
  }

  template <class MemoryOf, class... Layers>
  FusedLayers<Real, Exec, Layers...> fused(std::size_t first, Tape<Real, Exec> const& tape, MemoryOf const& memory_of,
                                           Layers const&... layers) const {
    FusedLayers<Real, Exec, Layers...> all{{layers...}, {}, {}};
    for (std::size_t k = 0; k < sizeof...(Layers); ++k) {
      all.memory[k] = memory_of(first + k);
      all.values[k] = tape.input(first + k);
    }
    all.values.back() = tape.output(first + sizeof...(Layers) - 1);
    return all;
  }

  static void append(std::vector<ModelArray>& arrays, std::vector<ArrayInfo> const& infos, std::size_t layer, std::size_t& offset) {
    for (auto info : infos) {
      info.name = std::to_string(layer) + '.' + info.name;
      arrays.push_back({info, offset});
      offset += info.size();
    }
  }

  static std::vector<ArrayInfo> infos(std::vector<ModelArray> const& arrays) {
    std::vector<ArrayInfo> all;
    for (auto const& array : arrays) all.push_back(array.info);
    return all;
  }

  static VectorRef<Real, Exec> window(Vector<Real, Exec> const& vector, std::size_t offset, std::size_t count) {
    return VectorRef<Real, Exec>(vector.data() + offset, count);
  }

  static bool same_extents(Ref const& a, Ref const& b) { return a.extent(0) == b.extent(0) && shape_of(a) == shape_of(b); }

  std::size_t largest_activation(int batch) const {
    std::size_t largest = 0;
    for (Shape const& shape : m_shapes) largest = std::max(largest, shape.size() * static_cast<std::size_t>(batch));
    return padded<Real>(largest);
  }

  // Lays out the memory of a tape: outputs one after the other, or in two alternating places when the tape keeps none.
  void plan(Exec const& exec, int batch, Tape<Real, Exec>& tape) const {
    std::vector<std::size_t> outputs;
    std::vector<std::size_t> saved;
    std::size_t const place = largest_activation(batch);
    std::size_t end = tape.m_keep == Keep::last ? 2 * place : 0;
    std::size_t turn = 0;
    for_each_layer(m_net, [&](std::size_t i, auto const& layer) {
      if (m_layers[i].in_place) {
        outputs.push_back(outputs.back());
      } else if (tape.m_keep == Keep::last) {
        outputs.push_back(turn++ % 2 * place);
      } else {
        outputs.push_back(end);
        end += padded<Real>(m_shapes[i + 1].size() * static_cast<std::size_t>(batch));
      }
      saved.push_back(end);
      end += padded<Real>(layer::saved_size_of(layer, m_shapes[i], batch));
    });
    Real* const memory = tape.m_memory.reserve(exec, end).data();
    tape.m_plan = m_mark;
    tape.m_batch = batch;
    tape.m_outputs.clear();
    tape.m_saved.clear();
    for_each_layer(m_net, [&](std::size_t i, auto const& layer) {
      Shape const out = m_shapes[i + 1];
      tape.m_outputs.emplace_back(memory + outputs[i], batch, out.height, out.width, out.channels);
      tape.m_saved.emplace_back(memory + saved[i], layer::saved_size_of(layer, m_shapes[i], batch));
    });
  }

  VectorRef<Real, Exec> reserve_scratch(Exec const& exec, int batch, Workspace<Real, Exec>& workspace) const {
    std::size_t size = 0;
    for_each_layer(m_net, [&](std::size_t i, auto const& layer) {
      size = std::max(size, layer::scratch_size_of(layer, m_shapes[i], batch, workers_of(exec)));
    });
    return workspace.scratch.reserve(exec, size);
  }

  LayerMemory<Real, Exec> layer_memory(std::size_t i, Tape<Real, Exec> const& tape, VectorRef<Real, Exec> const& scratch,
                                       ArrivalCounters<Exec> const& counters) const {
    auto result = memory(i);
    result.saved = tape.saved(i);
    result.scratch = scratch;
    result.counters = counters;
    return result;
  }

  Net m_net;
  std::shared_ptr<void const> m_mark = std::make_shared<int>();  // identity of the net, shared by copies of the model
  std::vector<Shape> m_shapes;                                   // layer i maps m_shapes[i] to m_shapes[i + 1]
  std::vector<LayerPlan> m_layers;
  std::vector<ModelArray> m_parameter_arrays;
  std::vector<ModelArray> m_statistic_arrays;
  Vector<Real, Exec> m_parameters;
  Vector<Real, Exec> m_gradients;
  Vector<Real, Exec> m_statistics;
};

}  // namespace ign

#endif  // IGN_NETS_MODEL_HPP
