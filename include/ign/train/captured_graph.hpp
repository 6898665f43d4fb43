// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Captured graphs: sequences of kernels that are captured once and launched as a whole.
#ifndef IGN_TRAIN_CAPTURED_GRAPH_HPP
#define IGN_TRAIN_CAPTURED_GRAPH_HPP

#include <Kokkos_Core.hpp>
#include <functional>
#include <type_traits>

#if defined(KOKKOS_ENABLE_CUDA) || defined(KOKKOS_ENABLE_HIP) || defined(KOKKOS_ENABLE_SYCL)
#define IGN_CAPTURES_GRAPHS
#include "ign/train/detail/device_graph.hpp"
#endif

namespace ign {

namespace detail {

#ifdef IGN_CAPTURES_GRAPHS

/// True if Kokkos can capture graphs of Exec.
template <class Exec>
inline constexpr bool captures_v = !std::is_void_v<Captured<Exec>>;

/// Returns a function that launches the work of `body(exec)`, captured as a graph.
template <class Exec, class Body>
std::function<void(Exec const&)> captured(Exec const& exec, Body const& body) {
  auto graph = create_graph_on(exec, [&](auto const& root) { capture(root, exec, body); });
  graph.instantiate();
  return [graph](Exec const& queue) { graph.submit(queue); };
}

#else

template <class Exec>
inline constexpr bool captures_v = false;

template <class Exec, class Body>
std::function<void(Exec const&)> captured(Exec const&, Body const& body) {
  return body;
}

#endif

}  // namespace detail

/// The work that a function enqueues, ready to be launched again. It is a device graph, launched as a whole, where Kokkos can capture the
/// work of an instance (CUDA, HIP and SYCL, from Kokkos 4.6 on) and no Kokkos tool is loaded. Elsewhere the function is called again.
///
/// Releasing a device graph waits for the instance that it was captured on.
///
/// A graph repeats the arguments of its kernels. For arguments that change from launch to launch see core/step_values.hpp.
template <class Exec>
class CapturedGraph {
 public:
  /// True if Kokkos can capture graphs of Exec.
  static constexpr bool is_graph = detail::captures_v<Exec>;

  /// Empty: no work has been captured.
  CapturedGraph() = default;

  bool exists() const { return static_cast<bool>(m_launch); }  ///< true if work has been captured

  /// Captures the work that `body(exec)` enqueues, without launching it. The body must not fence, allocate or copy to the host, and all
  /// that it refers to must outlive this object.
  template <class Body>
  void capture(Exec const& exec, Body const& body) {
    if constexpr (is_graph) {
      // With a tool loaded, Kokkos fences around every kernel, which is not possible during a capture.
      if (!Kokkos::Tools::profileLibraryLoaded()) {
        m_launch = detail::captured(exec, body);  // if it throws, there is no work to launch
        return;
      }
    }
    m_launch = body;
  }

  /// Launches the captured work, which must exist. Asynchronous on `exec`.
  void launch(Exec const& exec) const { m_launch(exec); }

 private:
  std::function<void(Exec const&)> m_launch;
};

}  // namespace ign

#undef IGN_CAPTURES_GRAPHS

#endif  // IGN_TRAIN_CAPTURED_GRAPH_HPP
