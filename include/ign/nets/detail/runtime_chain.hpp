// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Chain of layers whose types are known at run time only, for evaluation. Counterpart of layers/detail/frozen_chain.hpp: the same plan,
/// the same kernels and the same bits, with one virtual call for each of them.
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

namespace ign::detail {

/// Treatment of a layer by the plan of a frozen chain.
enum class Folding {
  owner,      ///< later layers may be folded into it
  affine,     ///< is folded into the owner before it as scale and shift
  rectifier,  ///< is folded into the owner before it as its slope
  none,       ///< ends the folding
};

/// A layer of any type. Member names differ from those of the layer contract, which they would hide.
template <Scalar Real, class Exec>
class RuntimeLayer {
 public:
  using Ref = TensorRef<Real, Exec>;
  using Numbers = VectorRef<Real, Exec>;
  using Memory = LayerMemory<Real, Exec>;

  RuntimeLayer() = default;
  RuntimeLayer(RuntimeLayer const&) = delete;
  RuntimeLayer& operator=(RuntimeLayer const&) = delete;
  virtual ~RuntimeLayer() = default;

  virtual LayerDescription description(Shape in) const = 0;
  virtual Shape output(Shape in) const = 0;
  virtual std::vector<ArrayInfo> parameter_infos(Shape in) const = 0;
  virtual std::vector<ArrayInfo> statistic_infos(Shape in) const = 0;
  virtual std::size_t scratch_count(Shape in, int batch, int workers) const = 0;
  virtual std::size_t saved_count(Shape in, int batch) const = 0;
  virtual bool works_in_place() const = 0;
  virtual Folding folding() const = 0;
  virtual double leak() const = 0;                                                                           // of a rectifier
  virtual std::size_t prepared_count(Shape in, Memory const& memory) const = 0;                              // of an owner
  virtual void prepare(Exec const& exec, Shape in, Memory const& memory, Numbers const& prepared) = 0;       // of an owner
  virtual void fold_into(Exec const& exec, Shape in, Role role, Memory const& memory, Numbers const& scale,  // of both
                         Numbers const& shift) const = 0;
  virtual void run(Exec const& exec, Role role, Memory const& memory, Numbers const& prepared, math::Epilogue<Real> const& epilogue,
                   Ref const& x, Ref const& y) = 0;
};

/// A layer of the compile-time contract as a RuntimeLayer.
template <class L, Scalar Real, class Exec>
class RuntimeLayerOf final : public RuntimeLayer<Real, Exec> {
  using Base = RuntimeLayer<Real, Exec>;
  using typename Base::Memory;
  using typename Base::Numbers;
  using typename Base::Ref;
  static constexpr bool freezes = Freezable<L, Real, Exec>, folds = Foldable<L, Real, Exec>, rectifies = Rectifier<L>;

 public:
  explicit RuntimeLayerOf(L const& layer) : m_layer(layer) {}

  LayerDescription description(Shape in) const override { return layer::description_of(m_layer, in); }
  Shape output(Shape in) const override { return output_shape(m_layer, in); }
  std::vector<ArrayInfo> parameter_infos(Shape in) const override { return layer::parameters_of(m_layer, in); }
  std::vector<ArrayInfo> statistic_infos(Shape in) const override { return layer::statistics_of(m_layer, in); }
  std::size_t scratch_count(Shape in, int batch, int workers) const override { return layer::scratch_size_of(m_layer, in, batch, workers); }
  std::size_t saved_count(Shape in, int batch) const override { return layer::saved_size_of(m_layer, in, batch); }
  bool works_in_place() const override { return layer::in_place_of(m_layer); }
  Folding folding() const override {
    return freezes ? Folding::owner : folds ? Folding::affine : rectifies ? Folding::rectifier : Folding::none;
  }
  double leak() const override {
    if constexpr (rectifies)
      return slope(m_layer);
    else
      return 1;
  }
  std::size_t prepared_count([[maybe_unused]] Shape in, [[maybe_unused]] Memory const& memory) const override {
    if constexpr (freezes)
      return frozen_size(m_layer, in, pass_of(Role::data, Mode::evaluate), memory);
    else
      return 0;
  }
  void prepare([[maybe_unused]] Exec const& exec, [[maybe_unused]] Shape in, [[maybe_unused]] Memory const& memory,
               [[maybe_unused]] Numbers const& prepared) override {
    if constexpr (freezes)
      if (prepared.size() > 0) freeze(exec, m_layer, in, pass_of(Role::data, Mode::evaluate), memory, prepared);
  }
  void fold_into([[maybe_unused]] Exec const& exec, [[maybe_unused]] Shape in, [[maybe_unused]] Role role,
                 [[maybe_unused]] Memory const& memory, [[maybe_unused]] Numbers const& scale,
                 [[maybe_unused]] Numbers const& shift) const override {
    if constexpr (folds) fold(exec, m_layer, in, pass_of(role, Mode::evaluate), memory, scale, shift);
  }
  void run(Exec const& exec, Role role, Memory const& memory, [[maybe_unused]] Numbers const& prepared,
           [[maybe_unused]] math::Epilogue<Real> const& epilogue, Ref const& x, Ref const& y) override {
    Pass const pass = pass_of(role, Mode::evaluate);
    if constexpr (freezes)
      forward_frozen(exec, m_layer, pass, memory, prepared, epilogue, x, y);
    else
      layer::forward_of<L, Real, Exec>(exec, m_layer, pass, memory, x, y);
  }

 private:
  L m_layer;
};

/// Layers applied one after the other, with numbers and prepared weights. Parameters and statistics lie in memory of somebody else.
template <Scalar Real, class Exec>
class RuntimeChain {
 public:
  using Layer = RuntimeLayer<Real, Exec>;
  using Ref = TensorRef<Real, Exec>;
  using Numbers = VectorRef<Real, Exec>;

  explicit RuntimeChain(Shape in) { append_shape(in); }

  /// Appends a layer.
  /// \throws Error [ign.shape.6] as `shapes`; errors of a layer that does not fit its input
  void add(std::unique_ptr<Layer> layer) {
    append_shape(layer->output(m_shapes.back()));
    m_steps.push_back({std::move(layer), {}, {}});
  }

  std::size_t size() const { return m_steps.size(); }
  Layer const& layer(std::size_t i) const { return *m_steps[i].layer; }
  Shape shape(std::size_t i) const { return m_shapes[i]; }  // of the input of layer i
  Shape input_shape() const { return m_shapes.front(); }
  Shape output_shape() const { return m_shapes.back(); }

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

  /// Prepares f with these numbers, in the order of the infos. Allocates.
  void prepare(Exec const& exec, Numbers const& parameters, Numbers const& statistics) {
    std::size_t parameter = 0, statistic = 0, end = 0, open = nobody;
    auto const counters = make_arrival_counters(exec, "ign::runtime::counters");
    m_counters = counters;
    m_last_move = nobody;
    for (std::size_t i = 0; i < size(); ++i) {
      Step& step = m_steps[i];
      Shape const in = m_shapes[i];
      auto const parameter_count = total_size(step.layer->parameter_infos(in)),
                 statistic_count = total_size(step.layer->statistic_infos(in));
      step.memory.parameters = part_of(parameters, parameter, parameter_count);
      step.memory.statistics = part_of(statistics, statistic, statistic_count);
      step.memory.counters = m_counters;
      parameter += parameter_count;
      statistic += statistic_count;
      step.stage = {};
      step.stage.owner = i;
      Folding const folding = step.layer->folding();
      if (folding == Folding::owner) {
        step.stage.folds = true;
        step.stage.weights = end;
        step.stage.weight_count = step.layer->prepared_count(in, step.memory);
        step.stage.affine = end + padded<Real>(step.stage.weight_count);
        step.stage.channels = static_cast<std::size_t>(m_shapes[i + 1].channels);
        end = step.stage.affine + 2 * role_count * padded<Real>(step.stage.channels);
        open = i;
      } else {
        if (folding != Folding::none && open != nobody) step.stage.owner = open;
        if (folding == Folding::rectifier && open != nobody) m_steps[open].stage.slope = step.layer->leak();
        if (folding != Folding::affine) open = nobody;
      }
      if (step.stage.owner == i && !step.layer->works_in_place()) m_last_move = i;
    }
    m_memory = make_vector<Real>(exec, "ign::runtime::prepared", end);
    Numbers const prepared(m_memory);
    for (std::size_t i = 0; i < size(); ++i) {
      Step& step = m_steps[i];
      FrozenStage const& owner = m_steps[step.stage.owner].stage;
      if (step.stage.folds) {
        step.layer->prepare(exec, m_shapes[i], step.memory, frozen_weights(step.stage, prepared));
        for (int role = 0; role < role_count; ++role) Kokkos::deep_copy(exec, frozen_affine(step.stage, prepared, role, 0), Real(1));
      }
      Folding const folding = step.layer->folding();
      bool const folds = owner.folds && (folding == Folding::owner || folding == Folding::affine);  // an owner folds its own bias
      for (int role = 0; folds && role < role_count; ++role)
        step.layer->fold_into(exec, m_shapes[i], static_cast<Role>(role), step.memory, frozen_affine(owner, prepared, role, 0),
                              frozen_affine(owner, prepared, role, 1));
    }
  }

  /// out = f(x) for x (n, h, w, c) from the distribution `role`. out may be x. Allocates when n or, on a host, the concurrency of
  /// `exec` grows.
  void run(Exec const& exec, Role role, Ref const& x, Ref const& out) {
    if (batch_of(x) > m_batch || workers_of(exec) > m_workers)
      reserve(exec, std::max(batch_of(x), m_batch), std::max(workers_of(exec), m_workers));
    Numbers const prepared(m_memory);
    Ref current = x;
    bool is_input = true;  // by position, not by address: out may be x
    std::size_t turn = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      Step& step = m_steps[i];
      if (step.stage.owner != i) continue;
      Real* place = m_activations[turn].data();
      if (step.layer->works_in_place() && !is_input) {
        place = current.data();
      } else {
        turn = 1 - turn;
        if (i == m_last_move && out.data() != current.data()) place = out.data();
      }
      Shape const shape = m_shapes[i + 1];
      Ref const target(place, x.extent(0), shape.height, shape.width, shape.channels);
      math::Epilogue<Real> epilogue;
      if (step.stage.folds)
        epilogue = {frozen_affine(step.stage, prepared, static_cast<int>(role), 1).data(),
                    frozen_affine(step.stage, prepared, static_cast<int>(role), 0).data(), static_cast<Real>(step.stage.slope)};
      step.layer->run(exec, role, step.memory, frozen_weights(step.stage, prepared), epilogue, current, target);
      current = target;
      is_input = false;
    }
    if (current.data() != out.data()) Kokkos::deep_copy(exec, out, current);
  }

 private:
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

  struct Step {
    std::unique_ptr<Layer> layer;
    LayerMemory<Real, Exec> memory;
    FrozenStage stage;
  };

  void append_shape(Shape shape) {
    bool const some = shape.height >= 1 && shape.width >= 1 && shape.channels >= 1;
    double const numbers = static_cast<double>(shape.height) * shape.width * shape.channels;
    require(some && numbers <= std::numeric_limits<int>::max(), Fault::shape, 6, "net: a sample of ", shape,
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
  Vector<Real, Exec> m_memory;
  Vector<unsigned, Exec> m_counters;
  std::size_t m_last_move = nobody;
  int m_batch = 0, m_workers = 0;
  std::array<Buffer<Real, Exec>, 2> m_activation_memory = {Buffer<Real, Exec>("ign::runtime::activation 0"),
                                                           Buffer<Real, Exec>("ign::runtime::activation 1")};
  std::array<Numbers, 2> m_activations;
  Buffer<Real, Exec> m_scratch{"ign::runtime::scratch"}, m_saved{"ign::runtime::saved"};
};

/// y = x + net(x), with a net of a run-time chain. Counterpart of Residual.
template <Scalar Real, class Exec>
class RuntimeResidual final : public RuntimeLayer<Real, Exec> {
  using Base = RuntimeLayer<Real, Exec>;
  using typename Base::Memory;
  using typename Base::Numbers;
  using typename Base::Ref;

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
  std::vector<ArrayInfo> parameter_infos(Shape) const override { return m_net->parameter_infos(); }
  std::vector<ArrayInfo> statistic_infos(Shape) const override { return m_net->statistic_infos(); }
  std::size_t scratch_count(Shape, int, int) const override { return 0; }  // the chain has its own
  std::size_t saved_count(Shape, int) const override { return 0; }
  bool works_in_place() const override { return false; }
  Folding folding() const override { return Folding::owner; }
  double leak() const override { return 1; }
  std::size_t prepared_count(Shape, Memory const&) const override { return 0; }
  void prepare(Exec const& exec, Shape, Memory const& memory, Numbers const&) override {
    m_net->prepare(exec, memory.parameters, memory.statistics);
  }
  void fold_into(Exec const&, Shape, Role, Memory const&, Numbers const&, Numbers const&) const override {}
  void run(Exec const& exec, Role role, Memory const&, Numbers const&, math::Epilogue<Real> const& epilogue, Ref const& x,
           Ref const& y) override {
    m_net->run(exec, role, x, y);
    for_each_chunk("ign::residual frozen", exec, x.extent(0) * shape_of(x).pixels(), x.extent(3),
                   AddAndFinish<Real>{epilogue, x.data(), y.data(), x.extent(3)});
  }

 private:
  std::unique_ptr<RuntimeChain<Real, Exec>> m_net;
};

}  // namespace ign::detail

#endif  // IGN_NETS_DETAIL_RUNTIME_CHAIN_HPP
