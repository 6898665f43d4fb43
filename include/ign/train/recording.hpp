// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Kernels that are queued once and replayed as a whole.
#ifndef IGN_TRAIN_RECORDING_HPP
#define IGN_TRAIN_RECORDING_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Graph.hpp>
#include <functional>
#include <type_traits>
#include <utility>

namespace ign {

/// What a function queues, ready to be replayed: as a graph, which the device launches at once, where Kokkos captures the queue of an
/// instance (CUDA, HIP and SYCL, from Kokkos 4.6 on); elsewhere by calling the function again.
///
/// What kernels are given when they are queued stays as it is: see core/deferred.hpp for what is to change.
template <class Exec>
class Recording {
 public:
  /// Nothing is recorded yet.
  Recording() = default;

  bool exists() const { return static_cast<bool>(m_replay); }  ///< something is recorded
  bool is_graph() const { return m_is_graph; }                 ///< and the device has it

  /// Records what `body(exec)` queues, without running it where it becomes a graph. The body must not wait, allocate or read anything
  /// back, and all that it refers to must live as long as the recording.
  template <class Body>
  void record(Exec const& exec, Body const& body) {
    if constexpr (!std::is_void_v<decltype(capture(std::declval<Kokkos::Experimental::GraphNodeRef<Exec>>(), exec, body))>) {
      auto graph = Kokkos::Experimental::create_graph<Exec>([&](auto const& root) { capture(root, exec, body); });
      graph.instantiate();
      m_replay = [graph](Exec const& queue) { graph.submit(queue); };
      m_is_graph = true;
    } else {
      m_replay = body;
    }
  }

  /// Queues all of it. Asynchronous on `exec`. Only after `record`.
  void replay(Exec const& exec) const { m_replay(exec); }

 private:
  // Kokkos names these functions by backend and has that of its own backend only, which returns nothing for another execution space.
  template <class Root, class Body>
  static auto capture(Root const& root, Exec const& exec, Body const& body) {
    if constexpr (requires { root.cuda_capture(exec, body); })
      return root.cuda_capture(exec, body);
    else if constexpr (requires { root.hip_capture(exec, body); })
      return root.hip_capture(exec, body);
    else if constexpr (requires { root.sycl_capture(exec, body); })
      return root.sycl_capture(exec, body);
  }

  std::function<void(Exec const&)> m_replay;
  bool m_is_graph = false;
};

}  // namespace ign

#endif  // IGN_TRAIN_RECORDING_HPP
