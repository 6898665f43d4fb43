// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Record of one application of a net, from which Model::backward computes gradients.
#ifndef IGN_CORE_TAPE_HPP
#define IGN_CORE_TAPE_HPP

#include <memory>
#include <vector>

#include "ign/core/pass.hpp"
#include "ign/core/workspace.hpp"

namespace ign {

/// Outputs that a tape retains: those of all layers, as backward needs them, or only input and output of the layer that runs last.
enum class Retain { everything, last };

/// Record of one application of a net: the pass, references to the input and its condition (no copies), the layers' outputs, and the values
/// that layers save for backward. Model lays out the memory at the first application and reuses it while net and batch size stay the same.
/// Can be moved, but not copied.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
class Tape {
 public:
  /// Allocates nothing before the first application.
  explicit Tape(Retain retain = Retain::everything) : m_retain(retain) {}

  Retain retain() const { return m_retain; }   ///< outputs that the tape retains
  int batch() const { return m_batch; }        ///< samples of the last application; -1 before the first
  Pass const& pass() const { return m_pass; }  ///< settings of the last application
  /// Input of layer i: the input of the net, or the output of layer i - 1.
  TensorRef<Real, Exec> const& input(std::size_t layer) const { return layer == 0 ? m_input : m_outputs[layer - 1]; }
  TensorRef<Real, Exec> const& output(std::size_t layer) const { return m_outputs[layer]; }  ///< output of layer i
  VectorRef<Real, Exec> const& saved(std::size_t layer) const { return m_saved[layer]; }     ///< elements that layer i saved for backward
  /// Condition of the last application; absent in a net without conditions.
  TensorRef<Real, Exec> const& condition() const { return m_condition; }
  /// f(x), valid until the next application with this tape.
  TensorRef<Real, Exec> const& result() const { return m_outputs.back(); }

 private:
  template <class, Scalar, class>
  friend class Model;

  Retain m_retain;
  int m_batch = -1;
  std::shared_ptr<void const> m_net_id;  // identifies the net that the memory is laid out for
  Pass m_pass;
  TensorRef<Real, Exec> m_input, m_condition;
  std::vector<TensorRef<Real, Exec>> m_outputs;
  std::vector<VectorRef<Real, Exec>> m_saved;
  Buffer<Real, Exec> m_memory{"ign::tape"};
};

}  // namespace ign

#endif  // IGN_CORE_TAPE_HPP
