// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The Views of a simulation as data of a training run, as docs/in-your-code.md and docs/ranks.md use them.
#ifndef IGN_EXAMPLES_SUPPORT_STATES_HPP
#define IGN_EXAMPLES_SUPPORT_STATES_HPP

#include <ign/core/tensor.hpp>
#include <ign/train/batches.hpp>

#include <cstdint>

namespace examples {

// [states]
/// The states of a simulation, as batches of a trainer; on several ranks, those of this rank.
template <class Exec>
struct States {
  Kokkos::View<float***, Kokkos::LayoutRight, Exec> fields;  // (member, y, x), normalised; the simulation may overwrite them between steps

  ign::Shape shape() const { return {static_cast<int>(fields.extent(1)), static_cast<int>(fields.extent(2)), 1}; }
  ign::BatchOptions options() const { return {.batch = static_cast<int>(fields.extent(0))}; }
  std::uint64_t batches_per_epoch() const { return 1; }
  ign::TensorRef<float, Exec> batch(Exec const&, std::uint64_t) const {
    return ign::tensor_ref<Exec>(fields, options().batch, shape());  // no copy
  }
};
// [/states]

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_STATES_HPP
