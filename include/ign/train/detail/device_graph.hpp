// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Capture of Kokkos' graphs. captured_graph.hpp includes this header where a backend captures: Kokkos_Graph.hpp takes a twentieth of the
/// compile time of Kokkos_Core.hpp.
#ifndef IGN_TRAIN_DETAIL_DEVICE_GRAPH_HPP
#define IGN_TRAIN_DETAIL_DEVICE_GRAPH_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Graph.hpp>
#include <functional>
#include <utility>

namespace ign::detail {

/// Returns the graph of `closure` on the device of `exec`. Given no instance, Kokkos would build the graph on the device of the
/// default one, and fence that one when the graph is destroyed.
template <class Exec, class Closure>
auto create_graph_on(Exec const& exec, Closure const& closure) {
  using namespace Kokkos::Experimental;  // get_device_handle exists from Kokkos 5 on only
  if constexpr (requires { create_graph(get_device_handle(exec), closure); })
    return create_graph(get_device_handle(exec), closure);
  else
    return create_graph(exec, closure);
}

/// Returns the graph node of the work that `body(exec)` enqueues. Kokkos has one such function per backend, under a name of its own.
/// Without a function for Exec the result is void.
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

}  // namespace ign::detail

#endif  // IGN_TRAIN_DETAIL_DEVICE_GRAPH_HPP
