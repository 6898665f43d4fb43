// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Conversion between a model's flat Views and the named arrays of a file, in PyTorch's layouts.
#ifndef IGN_IO_DETAIL_ARRAYS_HPP
#define IGN_IO_DETAIL_ARRAYS_HPP

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ign/core/error.hpp"
#include "ign/core/pass.hpp"
#include "ign/io/detail/tensor_names.hpp"
#include "ign/io/safetensors.hpp"
#include "ign/nets/model.hpp"

namespace ign::io::detail {

/// Copies an array from memory order to file order, or back where `to_file` is false.
template <class Real>
void permute(ArrayInfo const& info, Real const* in, Real* out, bool to_file) {
  std::size_t const rank = info.extents.size();
  std::vector<std::size_t> stride(rank, 1);  // in memory
  for (std::size_t axis = rank; axis-- > 1;) stride[axis - 1] = stride[axis] * static_cast<std::size_t>(info.extents[axis]);
  std::vector<std::size_t> index(rank, 0);  // in the file
  for (std::size_t i = 0; i < info.size(); ++i) {
    std::size_t j = 0;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      std::size_t const from = info.file_axes.empty() ? axis : static_cast<std::size_t>(info.file_axes[axis]);
      j += index[axis] * stride[from];
    }
    (to_file ? out[i] : out[j]) = to_file ? in[j] : in[i];
    for (std::size_t axis = rank; axis-- > 0;) {
      std::size_t const from = info.file_axes.empty() ? axis : static_cast<std::size_t>(info.file_axes[axis]);
      if (++index[axis] < static_cast<std::size_t>(info.extents[from])) break;
      index[axis] = 0;
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

/// Named arrays in file order. Owns the values until the file is written.
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

/// The name of an array in a file. In files without roles, such as PyTorch's, "0.data.running_mean" is read from "0.running_mean".
inline std::string name_in(SafeTensorsFile const& file, std::string const& name) {
  if (file.find(name) != nullptr) return name;
  for (int role = 0; role < role_count; ++role) {
    std::string const part = std::string(".") + ign::name(static_cast<Role>(role)) + '.';
    auto const found = name.find(part);
    if (found == std::string::npos) continue;
    std::string shared = name;
    shared.erase(found, part.size() - 1);
    if (file.find(shared) != nullptr) return shared;
  }
  return name;
}

template <class Real>
void read_arrays(SafeTensorsFile const& file, std::string const& prefix, std::vector<ModelArray> const& arrays, Real* flat,
                 Conversion conversion) {
  for (auto const& array : arrays) {
    std::string const name = name_in(file, prefix + array.info.name);
    auto const expected = file_extents(array.info);
    auto const& tensor = file.at(name);
    require(tensor.shape == expected, Fault::format, 60, file.path().string(), ": tensor '", name, "': its shape is ",
            extents_text(tensor.shape), ", the net's is ", extents_text(expected), ": is this the file of another net?");
    std::vector<Real> numbers(array.info.size());
    file.copy<Real>(name, numbers, conversion);
    permute(array.info, numbers.data(), flat + array.offset, false);
  }
}

/// The first array of a model that is missing in a file. Both texts are empty where nothing is missing.
struct MissingArray {
  std::string name;
  std::string advice;  ///< how to read a file that has all names with another prefix or without the slot; else empty
};

/// \param prefix, slot  as of read_model
inline MissingArray missing_array(SafeTensorsFile const& file, std::vector<ModelArray> const& parameters,
                                  std::vector<ModelArray> const& statistics, std::string const& prefix, std::string const& slot) {
  auto const first_missing = [&](std::string const& of_model, std::string const& of_parameters) {
    for (auto const& [arrays, begin] : {std::pair(&parameters, of_parameters + of_model), std::pair(&statistics, of_model)})
      for (auto const& array : *arrays)
        if (file.find(name_in(file, begin + array.info.name)) == nullptr) return begin + array.info.name;
    return std::string();
  };
  MissingArray missing{first_missing(prefix, slot), ""};
  if (missing.name.empty() || parameters.empty()) return missing;
  if (!slot.empty() && first_missing(prefix, "").empty()) {
    missing.advice = "; all names of this net are there without '" + slot +
                     "': read the weights themselves, with no slot of read_model or without LoadOptions::average";
    return missing;
  }
  std::string const& end = parameters.front().info.name;
  std::string shortest;
  for (auto const& [name, tensor] : file.tensors()) {
    if (!name.starts_with(slot) || !name.ends_with(end) || name.size() < slot.size() + end.size()) continue;
    std::string const other = name.substr(slot.size(), name.size() - slot.size() - end.size());
    bool const better = missing.advice.empty() || other.size() < shortest.size();
    if (!better || other == prefix || !first_missing(other, slot).empty()) continue;
    shortest = other;
    missing.advice = other.empty() ? "; all names of this net are there without a prefix: leave out the prefix '" + prefix + '\''
                                   : "; all names of this net are there behind the prefix '" + other +
                                         "': give it as the prefix of read_model or as LoadOptions::prefix";
  }
  return missing;
}

}  // namespace ign::io::detail

#endif  // IGN_IO_DETAIL_ARRAYS_HPP
