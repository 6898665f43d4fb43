// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Chain of layers whose types are known at run time only, for evaluation: the plan and the kernels of
/// layers/detail/frozen_chain.hpp, with bitwise identical results and one virtual call for each layer.
#ifndef IGN_NETS_DETAIL_RUNTIME_CHAIN_HPP
#define IGN_NETS_DETAIL_RUNTIME_CHAIN_HPP

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "ign/layers/detail/chain.hpp"
#include "ign/layers/detail/frozen_chain.hpp"
#include "ign/layers/residual.hpp"
#include "ign/math/conv/convolution.hpp"

namespace ign::detail {

/// Number of slices of a field of three dimensions, before and after a layer.
struct SliceCounts {
  int in = 0, out = 0;
};

/// A layer of any type. Member names differ from the free functions of the layer contract, which members of the same name would hide. The
/// members from works_in_place on are those of FrozenLayer.
template <Scalar Real, class Exec>
class RuntimeLayer {
 public:
  using Ref = TensorRef<Real, Exec>;
  using Values = VectorRef<Real, Exec>;
  using Memory = LayerMemory<Real, Exec>;

  RuntimeLayer() = default;
  RuntimeLayer(RuntimeLayer const&) = delete;
  RuntimeLayer& operator=(RuntimeLayer const&) = delete;
  virtual ~RuntimeLayer() = default;

  virtual LayerDescription description(Shape in) const = 0;
  virtual Shape output(Shape in) const = 0;
  // Slices of the input and of the output of a layer for fields of three dimensions; 0: the layer knows no slices.
  virtual SliceCounts slices(Shape in) const = 0;
  virtual std::vector<ArrayInfo> parameter_infos(Shape in) const = 0;
  virtual std::vector<ArrayInfo> statistic_infos(Shape in) const = 0;
  virtual std::size_t scratch_count(Shape in, int batch, int workers) const = 0;
  virtual std::size_t saved_count(Shape in, int batch) const = 0;
  virtual bool works_in_place() const = 0;
  virtual Folding folding() const = 0;
  // Called for a Folding::rectifier only.
  virtual double rectifier_slope() const = 0;
  // Called for a Folding::root only.
  virtual std::size_t prepared_size(Shape in, Memory const& memory) const = 0;
  virtual void prepare(Exec const& exec, Shape in, Memory const& memory, Values const& prepared) const = 0;
  // Called for a Folding::root and a Folding::affine.
  virtual void fold_into(Exec const& exec, Shape in, Role role, Memory const& memory, Values const& scale, Values const& shift) const = 0;
  virtual void run(Exec const& exec, Role role, Memory const& memory, Values const& prepared, math::Epilogue<Real> const& epilogue,
                   Ref const& x, Ref const& y) const = 0;
};

/// A layer of the compile-time contract as a RuntimeLayer.
template <class L, Scalar Real, class Exec>
class RuntimeLayerOf final : public RuntimeLayer<Real, Exec> {
  using Base = RuntimeLayer<Real, Exec>;
  using typename Base::Memory;
  using typename Base::Ref;
  using typename Base::Values;

 public:
  explicit RuntimeLayerOf(L const& layer) : m_layer(layer) {}

  LayerDescription description(Shape in) const override { return layer::description_of(m_layer, in); }
  Shape output(Shape in) const override { return output_shape(m_layer, in); }
  SliceCounts slices(Shape in) const override {
    if constexpr (requires { slices_of(m_layer, in); }) {
      int const depth = slices_of(m_layer, in).depth;  // the geometry has that of the padded input
      auto const g = geometry(m_layer, in);
      return {depth, operation(m_layer) == math::Operation::forward ? g.depth.coarse : g.depth.fine};
    } else {
      return {};
    }
  }
  std::vector<ArrayInfo> parameter_infos(Shape in) const override { return layer::parameters_of(m_layer, in); }
  std::vector<ArrayInfo> statistic_infos(Shape in) const override { return layer::statistics_of(m_layer, in); }
  std::size_t scratch_count(Shape in, int batch, int workers) const override { return layer::scratch_size_of(m_layer, in, batch, workers); }
  std::size_t saved_count(Shape in, int batch) const override { return layer::saved_size_of(m_layer, in, batch); }
  bool works_in_place() const override { return m_frozen.works_in_place(); }
  Folding folding() const override { return m_frozen.folding(); }
  double rectifier_slope() const override { return m_frozen.rectifier_slope(); }
  std::size_t prepared_size(Shape in, Memory const& memory) const override { return m_frozen.prepared_size(in, memory); }
  void prepare(Exec const& exec, Shape in, Memory const& memory, Values const& prepared) const override {
    m_frozen.prepare(exec, in, memory, prepared);
  }
  void fold_into(Exec const& exec, Shape in, Role role, Memory const& memory, Values const& scale, Values const& shift) const override {
    m_frozen.fold_into(exec, in, role, memory, scale, shift);
  }
  void run(Exec const& exec, Role role, Memory const& memory, Values const& prepared, math::Epilogue<Real> const& epilogue, Ref const& x,
           Ref const& y) const override {
    m_frozen.run(exec, role, memory, prepared, epilogue, x, y);
  }

 private:
  L m_layer;
  FrozenLayer<L, Real, Exec> m_frozen{m_layer};
};

/// Layers applied one after the other, with parameters and prepared weights. Parameters and statistics lie in memory of somebody else.
template <Scalar Real, class Exec>
class RuntimeChain {
 public:
  using Layer = RuntimeLayer<Real, Exec>;
  using Ref = TensorRef<Real, Exec>;
  using Values = VectorRef<Real, Exec>;

  explicit RuntimeChain(Shape in) { append_shape(in); }

  /// Appends a layer.
  /// \throws Error [ign.shape.6] as `shapes`; errors of a layer that does not fit its input
  void add(std::unique_ptr<Layer> layer) {
    append_shape(layer->output(m_shapes.back()));
    m_steps.push_back({std::move(layer), {}});
  }

  std::size_t size() const { return m_steps.size(); }
  Layer const& layer(std::size_t i) const { return *m_steps[i].layer; }
  Shape shape(std::size_t i) const { return m_shapes[i]; }  // of the input of layer i
  Shape input_shape() const { return m_shapes.front(); }
  Shape output_shape() const { return m_shapes.back(); }

  /// Slices of the input and of the output, by the first and the last layer that knows slices, if the layers before or after it keep rows
  /// and columns; 0: not known.
  SliceCounts slices() const {
    auto const same = [](Shape a, Shape b) { return a.height == b.height && a.width == b.width; };
    SliceCounts all;
    for (std::size_t i = 0; i < size() && all.in == 0 && same(m_shapes[i], input_shape()); ++i) all.in = layer(i).slices(m_shapes[i]).in;
    for (std::size_t i = size(); i > 0 && all.out == 0 && same(m_shapes[i], output_shape()); --i)
      all.out = layer(i - 1).slices(m_shapes[i - 1]).out;
    return all;
  }

  std::vector<ArrayInfo> parameter_infos() const {
    std::vector<ArrayInfo> all;
    for (std::size_t i = 0; i < size(); ++i) append_numbered(all, i, layer(i).parameter_infos(m_shapes[i]));
    return all;
  }
  std::vector<ArrayInfo> statistic_infos() const {
    std::vector<ArrayInfo> all;
    for (std::size_t i = 0; i < size(); ++i) append_numbered(all, i, layer(i).statistic_infos(m_shapes[i]));
    return all;
  }

  /// Prepares f with these parameters and statistics, in the order of the infos. Allocates.
  void prepare(Exec const& exec, Values const& parameters, Values const& statistics) {
    std::size_t parameter = 0, statistic = 0;
    m_counters = make_arrival_counters(exec, "ign::runtime::counters");
    for (std::size_t i = 0; i < size(); ++i) {
      auto const parameter_count = total_size(layer(i).parameter_infos(m_shapes[i])),
                 statistic_count = total_size(layer(i).statistic_infos(m_shapes[i]));
      LayerMemory<Real, Exec>& memory = m_steps[i].memory;
      memory.parameters = part_of(parameters, parameter, parameter_count);
      memory.statistics = part_of(statistics, statistic, statistic_count);
      memory.counters = m_counters;
      parameter += parameter_count;
      statistic += statistic_count;
    }
    m_plan = plan_frozen<Real>(layers(), m_shapes, memory_of(), std::vector<FrozenStage>(size()));
    m_memory = make_vector<Real>(exec, "ign::runtime::prepared", m_plan.frozen_size);
    freeze_chain<Real>(exec, layers(), m_shapes, m_plan, memory_of(), Values(m_memory));
  }

  /// out = f(x) for x (n, h, w, c) from the distribution `role`. out may be x. Allocates when n or, on a host, the concurrency of
  /// `exec` grows.
  void run(Exec const& exec, Role role, Ref const& x, Ref const& out) {
    if (batch_of(x) > m_batch || workers_of(exec) > m_workers)
      reserve(exec, std::max(batch_of(x), m_batch), std::max(workers_of(exec), m_workers));
    forward_frozen_chain<Real>(exec, layers(), m_shapes, m_plan, role, memory_of(), Values(m_memory), m_activations, x, out);
  }

 private:
  struct Step {
    std::unique_ptr<Layer> layer;
    LayerMemory<Real, Exec> memory;
  };

  // As detail::frozen_layers.
  auto layers() const {
    return [this](auto const& body) {
      for (std::size_t i = 0; i < size(); ++i) body(i, layer(i));
    };
  }
  auto memory_of() const {
    return [this](std::size_t i) { return m_steps[i].memory; };
  }

  void append_shape(Shape shape) {
    bool const some = shape.height >= 1 && shape.width >= 1 && shape.channels >= 1;
    double const values = static_cast<double>(shape.height) * shape.width * shape.channels;
    require(some && values <= std::numeric_limits<int>::max(), Fault::shape, 6, "net: a sample of ", shape,
            ", expected extents of at least 1 and a product below 2^31");
    m_shapes.push_back(shape);
  }

  void reserve(Exec const& exec, int batch, int workers) {
    std::size_t activation = 0, scratch = 0, saved = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      activation = std::max(activation, static_cast<std::size_t>(batch) * m_shapes[i + 1].size());
      scratch = std::max(scratch, layer(i).scratch_count(m_shapes[i], batch, workers));
      saved = std::max(saved, layer(i).saved_count(m_shapes[i], batch));
    }
    m_batch = 0;  // until all of the memory is there
    for (std::size_t i : {0, 1}) m_activations[i] = m_activation_memory[i].reserve(exec, activation);
    auto const scratch_ref = m_scratch.reserve(exec, scratch), saved_ref = m_saved.reserve(exec, saved);
    for (Step& step : m_steps) {
      step.memory.scratch = scratch_ref;
      step.memory.saved = saved_ref;
    }
    m_batch = batch;
    m_workers = workers;
  }

  std::vector<Shape> m_shapes;
  std::vector<Step> m_steps;
  FrozenPlan<std::vector<FrozenStage>> m_plan;
  Vector<Real, Exec> m_memory;
  Vector<unsigned, Exec> m_counters;
  int m_batch = 0, m_workers = 0;
  std::array<Buffer<Real, Exec>, 2> m_activation_memory = {Buffer<Real, Exec>("ign::runtime::activation 0"),
                                                           Buffer<Real, Exec>("ign::runtime::activation 1")};
  std::array<Values, 2> m_activations;
  Buffer<Real, Exec> m_scratch{"ign::runtime::scratch"}, m_saved{"ign::runtime::saved"};
};

/// y = x + net(x), with a net of a run-time chain. Counterpart of Residual.
template <Scalar Real, class Exec>
class RuntimeResidual final : public RuntimeLayer<Real, Exec> {
  using Base = RuntimeLayer<Real, Exec>;
  using typename Base::Memory;
  using typename Base::Ref;
  using typename Base::Values;

 public:
  explicit RuntimeResidual(std::unique_ptr<RuntimeChain<Real, Exec>> net) : m_net(std::move(net)) {}

  LayerDescription description(Shape) const override {
    LayerDescription all{"Residual"};
    for (std::size_t i = 0; i < m_net->size(); ++i) all.layers.push_back(m_net->layer(i).description(m_net->shape(i)));
    return all;
  }
  Shape output(Shape in) const override {
    Shape const out = m_net->output_shape();
    require(m_net->size() > 0 && out == in, Fault::shape, 460, "residual: the nested layers map ", in, " to ", out,
            ", expected at least one layer, and the same extents");
    return in;
  }
  SliceCounts slices(Shape) const override { return m_net->slices(); }
  std::vector<ArrayInfo> parameter_infos(Shape) const override { return m_net->parameter_infos(); }
  std::vector<ArrayInfo> statistic_infos(Shape) const override { return m_net->statistic_infos(); }
  std::size_t scratch_count(Shape, int, int) const override { return 0; }  // the chain has its own
  std::size_t saved_count(Shape, int) const override { return 0; }
  bool works_in_place() const override { return false; }
  Folding folding() const override { return Folding::root; }
  double rectifier_slope() const override { return 1; }
  std::size_t prepared_size(Shape, Memory const&) const override { return 0; }
  void prepare(Exec const& exec, Shape, Memory const& memory, Values const&) const override {
    m_net->prepare(exec, memory.parameters, memory.statistics);
  }
  void fold_into(Exec const&, Shape, Role, Memory const&, Values const&, Values const&) const override {}
  void run(Exec const& exec, Role role, Memory const&, Values const&, math::Epilogue<Real> const& epilogue, Ref const& x,
           Ref const& y) const override {
    m_net->run(exec, role, x, y);
    for_each_chunk("ign::residual frozen", exec, x.extent(0) * shape_of(x).pixels(), x.extent(3),
                   AddWithEpilogue<Real>{epilogue, x.data(), y.data(), x.extent(3)});
  }

 private:
  std::unique_ptr<RuntimeChain<Real, Exec>> m_net;
};

}  // namespace ign::detail

#endif  // IGN_NETS_DETAIL_RUNTIME_CHAIN_HPP
