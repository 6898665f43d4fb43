// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// What one application of a net remembers for its way back.
#ifndef IGN_CORE_TAPE_HPP
#define IGN_CORE_TAPE_HPP

#include <memory>
#include <vector>

#include "ign/core/pass.hpp"
#include "ign/core/workspace.hpp"

namespace ign {

/// Whether a tape keeps every layer's output for a backward sweep, or only what the next layer reads.
enum class Keep { everything, nothing };

/// The record of one application of a net: its pass, its input (a window, not a copy), the output of every layer, and
/// what layers save. Planned by Model at the first application; reused without allocation while net and batch stay the same.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
class Tape {
 public:
  /// Takes no memory before the first application.
  explicit Tape(Keep keep = Keep::everything) : m_keep(keep) {}

  Keep keep() const { return m_keep; }         ///< what it was made for
  int batch() const { return m_batch; }        ///< samples of the last application; -1: there was none
  Pass const& pass() const { return m_pass; }  ///< of the last application
  /// x of layer i: the input of the net, or the output of the layer before.
  TensorWindow<Real, Exec> const& input(std::size_t layer) const { return layer == 0 ? m_input : m_outputs[layer - 1]; }
  TensorWindow<Real, Exec> const& output(std::size_t layer) const { return m_outputs[layer]; }  ///< y of layer i
  VectorWindow<Real, Exec> const& saved(std::size_t layer) const { return m_saved[layer]; }     ///< what layer i kept for its way back
  /// f(x), valid until the tape is used again.
  TensorWindow<Real, Exec> const& result() const { return m_outputs.back(); }

 private:
  template <class, Scalar, class>
  friend class Model;

  Keep m_keep;
  int m_batch = -1;
  std::shared_ptr<void const> m_plan;  // Model's mark, of the net that the memory is laid out for
  Pass m_pass;
  TensorWindow<Real, Exec> m_input;
  std::vector<TensorWindow<Real, Exec>> m_outputs;
  std::vector<VectorWindow<Real, Exec>> m_saved;
  Buffer<Real, Exec> m_memory{"ign::tape"};
};

}  // namespace ign

#endif  // IGN_CORE_TAPE_HPP
