// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Checkpoints: everything that a run needs to go on with the same bits, in one safetensors file that PyTorch can read.
///
/// Tensors: "<layer>.<array>" parameters and running statistics, in PyTorch's layouts; "optimizer.<slot>.<layer>.<array>";
/// "source.<array>" statistics of the noise; "training.loss_sums". Where a policy has several models, "<model>." stands before "<layer>".
/// Metadata: format, library version, step, seed, recipe (JSON).
#ifndef IGN_IO_CHECKPOINT_HPP
#define IGN_IO_CHECKPOINT_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "ign/core/error.hpp"
#include "ign/io/json.hpp"
#include "ign/io/log.hpp"
#include "ign/io/safetensors.hpp"
#include "ign/nets/model.hpp"
#include "ign/optimizers/clip.hpp"
#include "ign/optimizers/ema.hpp"
#include "ign/optimizers/optimizer.hpp"
#include "ign/optimizers/sgd.hpp"
#include "ign/policies/presets.hpp"
#include "ign/sources/source.hpp"
#include "ign/train/trainer.hpp"
#include "ign/version.hpp"

namespace ign::io {

inline constexpr char const* checkpoint_format = "ign-checkpoint-1";  ///< of the metadata's "format"

namespace detail {

/// Copies an array between memory order and file order; `to_file` says which way.
template <class Real>
void permute(ArrayInfo const& info, Real const* in, Real* out, bool to_file) {
  std::size_t const rank = info.extents.size();
  std::vector<std::size_t> stride(rank, 1);  // in memory
  for (std::size_t axis = rank; axis-- > 1;) stride[axis - 1] = stride[axis] * static_cast<std::size_t>(info.extents[axis]);
  std::vector<std::size_t> place(rank, 0);  // in the file
  for (std::size_t i = 0; i < info.size(); ++i) {
    std::size_t j = 0;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      std::size_t const from = info.file_axes.empty() ? axis : static_cast<std::size_t>(info.file_axes[axis]);
      j += place[axis] * stride[from];
    }
    (to_file ? out[i] : out[j]) = to_file ? in[j] : in[i];
    for (std::size_t axis = rank; axis-- > 0;) {
      std::size_t const from = info.file_axes.empty() ? axis : static_cast<std::size_t>(info.file_axes[axis]);
      if (++place[axis] < static_cast<std::size_t>(info.extents[from])) break;
      place[axis] = 0;
    }
  }
}

inline std::vector<std::uint64_t> file_extents(ArrayInfo const& info) {
  std::vector<std::uint64_t> extents;
  for (std::size_t axis = 0; axis < info.extents.size(); ++axis) {
    std::size_t const from = info.file_axes.empty() ? axis : static_cast<std::size_t>(info.file_axes[axis]);
    extents.push_back(static_cast<std::uint64_t>(info.extents[from]));
  }
  return extents;
}

template <class View>
auto host_copy(View const& view) {
  std::vector<typename View::non_const_value_type> numbers(view.size());
  Kokkos::View<typename View::non_const_value_type*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(numbers.data(),
                                                                                                                            numbers.size());
  Kokkos::deep_copy(host, view);
  return numbers;
}

template <class View>
void copy_to(View const& view, std::vector<typename View::non_const_value_type> const& numbers) {
  Kokkos::View<typename View::non_const_value_type const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(
      numbers.data(), numbers.size());
  Kokkos::deep_copy(view, host);
}

/// Arrays of one flat View in file order, with names, kept alive until the file is written.
template <class Real>
struct NamedArrays {
  std::vector<std::vector<Real>> numbers;
  std::vector<SafeTensorEntry> entries;

  void add(std::string const& prefix, std::vector<ModelArray> const& arrays, Real const* flat) {
    for (auto const& array : arrays) {
      numbers.emplace_back(array.info.size());
      permute(array.info, flat + array.offset, numbers.back().data(), true);
      entries.push_back(safetensor_entry<Real>(prefix + array.info.name, file_extents(array.info), std::span<Real const>(numbers.back())));
    }
  }
};

template <class Real>
void read_arrays(SafeTensors const& file, std::string const& prefix, std::vector<ModelArray> const& arrays, Real* flat) {
  for (auto const& array : arrays) {
    auto const& tensor = file.at(prefix + array.info.name);
    require(tensor.shape == file_extents(array.info), Fault::format, 60, file.path().string(), ": tensor '", prefix, array.info.name,
            "': its shape is not the net's: is this the checkpoint of another net?");
    std::vector<Real> numbers(array.info.size());
    file.copy<Real>(prefix + array.info.name, numbers);
    permute(array.info, numbers.data(), flat + array.offset, false);
  }
}

inline std::string const& metadata_at(SafeTensors const& file, std::string const& key) {
  auto const found = file.metadata().find(key);
  require(found != file.metadata().end(), Fault::format, 61, file.path().string(), ": metadata '", key,
          "' is missing: this is no checkpoint of this library");
  return found->second;
}

inline std::uint64_t number_at(SafeTensors const& file, std::string const& key) {
  std::string const& text = metadata_at(file, key);
  bool const digits = !text.empty() && text.size() <= 19 && text.find_first_not_of("0123456789") == std::string::npos;
  require(digits, Fault::format, 61, file.path().string(), ": metadata '", key, "' is '", text, "', expected a whole number");
  return std::stoull(text);
}

/// Where the arrays of a source of noise lie in its numbers.
template <class Source>
std::vector<ModelArray> source_arrays(Source const& source) {
  std::vector<ModelArray> all;
  std::size_t offset = 0;
  for (auto const& info : source.arrays()) {
    all.push_back({info, offset});
    offset += info.size();
  }
  return all;
}

/// A model's numbers as a file has them, all read before any is put in place.
template <class Real>
struct FileNumbers {
  std::vector<Real> parameters, statistics;

  template <class Model>
  FileNumbers(SafeTensors const& file, Model const& model, std::string const& prefix, std::string const& slot)
      : parameters(model.parameters().size()), statistics(model.statistics().size()) {
    read_arrays(file, slot + prefix, model.parameter_arrays(), parameters.data());
    read_arrays(file, prefix, model.statistic_arrays(), statistics.data());
  }
  template <class Model>
  void copy_to(Model const& model) const {
    detail::copy_to(model.parameters(), parameters);
    detail::copy_to(model.statistics(), statistics);
  }
};

/// True for policies whose source of noise has numbers to keep.
template <class Policy>
concept KeepsSource = requires(Policy const& policy) {
  policy.options().source.arrays();
};

inline nlohmann::ordered_json schedule_json(Schedule const& schedule) {
  return {{"kind", name(schedule.kind)},
          {"start", schedule.start},
          {"end", schedule.end},
          {"total", schedule.total},
          {"warmup", schedule.warmup}};
}

}  // namespace detail

/// An optimizer with its options, as it stands in checkpoints and logs.
///@{
/// An optimizer with its options, as it stands in checkpoints and logs.
inline nlohmann::ordered_json optimizer_json(Adam const& adam) {
  return {
      {"name", Adam::name}, {"beta1", adam.beta1}, {"beta2", adam.beta2}, {"epsilon", adam.epsilon}, {"weight_decay", adam.weight_decay}};
}
inline nlohmann::ordered_json optimizer_json(Sgd const& sgd) {
  return {{"name", Sgd::name}, {"momentum", sgd.momentum}, {"weight_decay", sgd.weight_decay}, {"nesterov", sgd.nesterov}};
}
template <class Optimizer, class Exec>
nlohmann::ordered_json optimizer_json(Clip<Optimizer, Exec> const& clip) {
  return {{"name", clip.name}, {"max_norm", clip.max_norm()}, {"of", optimizer_json(clip.optimizer())}};
}
template <class Optimizer>
nlohmann::ordered_json optimizer_json(Ema<Optimizer> const& ema) {
  return {{"name", ema.name}, {"decay", ema.decay}, {"debias", ema.debias}, {"of", optimizer_json(ema.optimizer)}};
}
///@}

/// A recipe with the rest that decides a run, as it stands in checkpoints and logs. `optimizer` takes the place of the recipe's.
template <class Net, class Distance, class Source, class Optimizer>
nlohmann::ordered_json recipe_json(Recipe<Net, Distance, Source> const& recipe, std::string const& net_name, std::uint64_t seed,
                                   TrainerOptions const& options, Optimizer const& optimizer) {
  auto const& o = recipe.objective;
  return {{"recipe", recipe.name},
          {"net", net_name},
          {"image", {recipe.image.height, recipe.image.width, recipe.image.channels}},
          {"distance", Distance::name},
          {"source", source::name_of(o.source)},
          {"reconstruction", detail::schedule_json(o.reconstruction)},
          {"idempotence", detail::schedule_json(o.idempotence)},
          {"tightness", detail::schedule_json(o.tightness)},
          {"smoothing", {{"kind", name(o.smoothing.kind)}, {"a", o.smoothing.a}, {"floor", o.smoothing.floor}}},
          {"precision", name(o.precision)},
          {"optimizer", optimizer_json(optimizer)},
          {"learning_rate", detail::schedule_json(options.learning_rate)},
          {"batch", recipe.batch},
          {"steps", options.steps},
          {"report_every", options.report_every},
          {"seed", seed}};
}
/// The same with the optimizer of the recipe.
template <class Net, class Distance, class Source>
nlohmann::ordered_json recipe_json(Recipe<Net, Distance, Source> const& recipe, std::string const& net_name, std::uint64_t seed,
                                   TrainerOptions const& options) {
  return recipe_json(recipe, net_name, seed, options, recipe.optimizer);
}

/// Writes the state of a run, atomically. Waits for the device.
template <class Policy, class Optimizer, class Batches>
void write_checkpoint(std::filesystem::path const& path, Trainer<Policy, Optimizer, Batches> const& trainer,
                      nlohmann::ordered_json const& recipe) {
  using Real = typename Policy::scalar_type;
  trainer.exec().fence("ign::write_checkpoint");
  auto const state = detail::host_copy(trainer.optimizer_state());
  auto const sums = detail::host_copy(trainer.policy().loss_sums());
  detail::NamedArrays<Real> arrays;
  std::size_t offset = 0;
  policy::for_each_model_of(trainer.policy(), [&](std::string const& prefix, auto const& model) {
    arrays.add(prefix, model.parameter_arrays(), detail::host_copy(model.parameters()).data());
    arrays.add(prefix, model.statistic_arrays(), detail::host_copy(model.statistics()).data());
    for (auto const& slot : optimizer::slots_of(trainer.optimizer())) {
      arrays.add("optimizer." + slot + '.' + prefix, model.parameter_arrays(), state.data() + offset);
      offset += model.parameters().size();
    }
  });
  if constexpr (detail::KeepsSource<Policy>) {
    auto const& source = trainer.policy().options().source;
    arrays.add("source.", detail::source_arrays(source), detail::host_copy(source.numbers()).data());
  }
  arrays.entries.push_back(safetensor_entry<double>("training.loss_sums", {sums.size()}, std::span<double const>(sums)));
  write_safetensors(path, arrays.entries,
                    {{"format", checkpoint_format},
                     {"version", version_string},
                     {"step", std::to_string(trainer.steps_done())},
                     {"summed_steps", std::to_string(trainer.policy().summed_steps())},
                     {"recipe", recipe.dump()}});
}

/// The recipe of a checkpoint.
/// \throws ign::Error [ign.format.61] when it is none of ours
inline nlohmann::ordered_json read_recipe(SafeTensors const& file) {
  require(detail::metadata_at(file, "format") == checkpoint_format, Fault::format, 61, file.path().string(), ": metadata 'format' is '",
          detail::metadata_at(file, "format"), "', expected '", checkpoint_format, "'");
  auto recipe = parse_json(detail::metadata_at(file, "recipe"));
  require(recipe.is_object(), Fault::format, 61, file.path().string(), ": metadata 'recipe' is no JSON object");
  return recipe;
}

/// A text or a whole number of a recipe. Example: `recipe_field<std::string>(file, read_recipe(file), "net")`.
/// \throws ign::Error [ign.format.341] when it is missing or something else
template <class Value>
Value recipe_field(SafeTensors const& file, nlohmann::ordered_json const& recipe, std::string const& name) {
  constexpr bool text = std::same_as<Value, std::string>;
  static_assert(text || std::same_as<Value, std::uint64_t>, "ign::io::recipe_field: the type must be std::string or std::uint64_t");
  auto const found = recipe.find(name);
  bool const good = found != recipe.end() && (text ? found->is_string() : found->is_number_unsigned());
  require(good, Fault::format, 341, file.path().string(), ": recipe field '", name, "' is ",
          found != recipe.end() ? found->dump() : "missing", ", expected ", text ? "a text" : "a whole number from 0");
  return found->template get<Value>();
}

/// The extents of a recipe's images.
/// \throws ign::Error [ign.format.341] when they are missing or cannot be extents
inline Shape recipe_image(SafeTensors const& file, nlohmann::ordered_json const& recipe) {
  auto const found = recipe.find("image");
  auto const extent = [](nlohmann::ordered_json const& value) { return value.is_number_unsigned() && value >= 1 && value < 65'536; };
  bool const good = found != recipe.end() && found->is_array() && found->size() == 3 && std::all_of(found->begin(), found->end(), extent);
  require(good, Fault::format, 341, file.path().string(), ": recipe field 'image' is ", found != recipe.end() ? found->dump() : "missing",
          ", expected height, width and channels, each from 1 to 65535");
  return {(*found)[0].get<int>(), (*found)[1].get<int>(), (*found)[2].get<int>()};
}

/// Parameters and running statistics into a model: all that sampling needs. The model is as it was when an error is thrown.
/// \param prefix  of the model's names in the file, such as "generator."
/// \param slot    whose parameters: "" the trained ones, "optimizer.ema." their average where the optimizer is an Ema
/// \throws ign::Error [ign.format.26] a missing array or another dtype, [ign.format.60] another shape
template <class Net, class Real, class Exec>
void read_model(SafeTensors const& file, Model<Net, Real, Exec> const& model, std::string const& prefix = "",
                std::string const& slot = "") {
  detail::FileNumbers<Real>(file, model, prefix, slot).copy_to(model);
}

/// What a source of noise has to know of the data; nothing for one that knows nothing. Its copies share it.
/// \throws ign::Error as read_model, and the source's own on numbers that cannot be; nothing has changed then
template <class Source>
void read_source(SafeTensors const& file, Source const& source) {
  if constexpr (source::has_numbers_v<Source>) {
    auto numbers = detail::host_copy(source.numbers());
    detail::read_arrays(file, "source.", detail::source_arrays(source), numbers.data());
    source.restore(numbers);
  }
}

/// Puts a trainer where the checkpoint was written: its next step has the bits that the uninterrupted run's would have.
/// \throws ign::Error [ign.format.62] when the checkpoint's recipe is not `recipe`, naming the field; else as read_model
template <class Policy, class Optimizer, class Batches>
void resume(SafeTensors const& file, Trainer<Policy, Optimizer, Batches>& trainer, nlohmann::ordered_json const& recipe) {
  auto const found = read_recipe(file);
  for (auto const& [field, value] : recipe.items()) {
    require(found.contains(field) && found[field] == value, Fault::format, 62, file.path().string(), ": recipe field '", field, "' is ",
            found.contains(field) ? found[field].dump() : "missing", ", this run has ", value.dump());
  }
  using Real = typename Policy::scalar_type;
  auto state = detail::host_copy(trainer.optimizer_state());
  auto sums = detail::host_copy(trainer.policy().loss_sums());
  std::vector<detail::FileNumbers<Real>> models;  // all are read before any is changed
  std::size_t offset = 0;
  policy::for_each_model_of(trainer.policy(), [&](std::string const& prefix, auto const& model) {
    models.emplace_back(file, model, prefix, "");
    for (auto const& slot : optimizer::slots_of(trainer.optimizer())) {
      detail::read_arrays(file, "optimizer." + slot + '.' + prefix, model.parameter_arrays(), state.data() + offset);
      offset += model.parameters().size();
    }
  });
  file.copy<double>("training.loss_sums", sums);
  auto const step = detail::number_at(file, "step");
  auto const summed = detail::number_at(file, "summed_steps");
  if constexpr (detail::KeepsSource<Policy>) read_source(file, trainer.policy().options().source);
  auto numbers = models.begin();
  policy::for_each_model_of(trainer.policy(), [&](std::string const&, auto const& model) { (numbers++)->copy_to(model); });
  detail::copy_to(trainer.optimizer_state(), state);
  detail::copy_to(trainer.policy().loss_sums(), sums);
  trainer.policy().set_summed_steps(summed);
  trainer.set_steps_done(step);
}

/// Writes a checkpoint every so many steps and at the end, but only while `good` says so. Callback.
///
/// It begins with removing what runs that were killed have left beside `path`, as remove_abandoned does.
class Checkpoints {
 public:
  /// \param every  steps between two checkpoints; 0: only at the end
  /// \param recipe  as recipe_json makes it
  /// \param good  asked before each checkpoint; absent: always true
  Checkpoints(std::filesystem::path path, std::uint64_t every, nlohmann::ordered_json recipe, std::function<bool()> good = {})
      : m_path(std::move(path)), m_every(every), m_recipe(std::move(recipe)), m_good(std::move(good)) {
    remove_abandoned(m_path);
  }

  ///@{
  /// Of the callback contract, train/trainer.hpp.
  template <class T>
  bool on_step(T const& trainer) {
    if (m_every > 0 && trainer.steps_done() % m_every == 0) write(trainer);
    return true;
  }
  template <class T>
  void on_end(T const& trainer) {
    write(trainer);
  }
  ///@}

 private:
  template <class T>
  void write(T const& trainer) const {
    if (!m_good || m_good()) write_checkpoint(m_path, trainer, m_recipe);
  }

  std::filesystem::path m_path;
  std::uint64_t m_every;
  nlohmann::ordered_json m_recipe;
  std::function<bool()> m_good;
};

/// Writes every report as a line of a log. Callback.
class LogReports {
 public:
  /// The log stays the caller's.
  explicit LogReports(Log& log) : m_log(log) {}

  ///@{
  /// Of the callback contract, train/trainer.hpp.
  template <class T>
  void on_report(T const&, ign::Report const& report) {  // io has a Report of its own
    LogLine line = {{"step", report.step}, {"epoch", report.epoch}};
    for (auto const& loss : report.losses) line[loss.name] = loss.value;
    line["total"] = report.total;
    line["learning_rate"] = report.learning_rate;
    line["seconds"] = report.seconds;
    line["images_per_second"] = report.images_per_second;
    m_log.write(line);
  }
  ///@}

 private:
  Log& m_log;
};

}  // namespace ign::io

#endif  // IGN_IO_CHECKPOINT_HPP
