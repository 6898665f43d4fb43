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

namespace detail {

/// The node of what `body(exec)` queues. Kokkos names these functions by backend and has that of its own backend only, which returns
/// nothing for another execution space.
template <class Root, class Exec, class Body>
auto capture(Root const& root, Exec const& exec, Body const& body) {
  if constexpr (requires { root.cuda_capture(exec, body); })
    return root.cuda_capture(exec, body);
  else if constexpr (requires { root.hip_capture(exec, body); })
    return root.hip_capture(exec, body);
  else if constexpr (requires { root.sycl_capture(exec, body); })
    return root.sycl_capture(exec, body);
}

template <class Exec>
using Captured = decltype(capture(std::declval<Kokkos::Experimental::GraphNodeRef<Exec> const&>(), std::declval<Exec const&>(),
                                  std::declval<std::function<void(Exec const&)> const&>()));

}  // namespace detail

/// What a function queues, ready to be replayed: as a graph, which the device launches at once, where Kokkos captures the queue of an
/// instance (CUDA, HIP and SYCL, from Kokkos 4.6 on) and no tool listens; elsewhere by calling the function again.
///
/// What kernels are given when they are queued stays as it is: see core/deferred.hpp for what is to change.
template <class Exec>
class Recording {
 public:
  /// Whether a recording is a graph here.
  static constexpr bool is_graph = !std::is_void_v<detail::Captured<Exec>>;

  /// Nothing is recorded yet.
  Recording() = default;

  bool exists() const { return static_cast<bool>(m_replay); }  ///< something is recorded

  /// Records what `body(exec)` queues, without running it where it becomes a graph. The body must not wait, allocate or read anything
  /// back, and all that it refers to must live as long as the recording.
  template <class Body>
  void record(Exec const& exec, Body const& body) {
    if constexpr (is_graph) {
      // A tool that listens to Kokkos has it wait around every kernel, which a queue that is being captured cannot.
      if (Kokkos::Tools::profileLibraryLoaded()) {
        m_replay = body;
        return;
      }
      auto graph = Kokkos::Experimental::create_graph<Exec>([&](auto const& root) { detail::capture(root, exec, body); });
      graph.instantiate();
      m_replay = [graph](Exec const& queue) { graph.submit(queue); };
    } else {
      m_replay = body;
    }
  }

  /// Queues all of it. Asynchronous on `exec`. Only after `record`.
  void replay(Exec const& exec) const { m_replay(exec); }

 private:
  std::function<void(Exec const&)> m_replay;
};

}  // namespace ign

#endif  // IGN_TRAIN_RECORDING_HPP
