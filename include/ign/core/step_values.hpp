// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Values that change from step to step, such as its number and the learning rate. Kernels read them when they run, so that a captured
/// graph can be launched again for another step.
#ifndef IGN_CORE_STEP_VALUES_HPP
#define IGN_CORE_STEP_VALUES_HPP

#include <Kokkos_Core.hpp>
#include <concepts>
#include <string>
#include <type_traits>

#include "ign/core/error.hpp"
#include "ign/core/launch.hpp"
#include "ign/core/tensor.hpp"

namespace ign {

namespace detail {

// A function of its own, so that kernels, which never call it, do not contain its code.
[[noreturn]] inline void fail_to_read_on_host() {
  fail(Fault::state, 95,
       "a value of the step is read on the host, but it lies in device memory, for a captured graph: expected a kernel to read it; leave "
       "StepArgument::get(), Key::step.get() included, to kernels, or set TrainerOptions::use_graph to false");
}

}  // namespace detail

/// An argument of a kernel that may change from step to step: a value, or the address from which the kernel reads it when it runs.
template <class T>
class StepArgument {
 public:
  /// A known value. Implicit, so that functions with a StepArgument parameter accept plain values.
  KOKKOS_FUNCTION constexpr StepArgument(T const& value = T{}) : m_value(value) {}
  /// The value that memory holds at `address` when the kernel runs.
  /// \param on_host  true if kernels run on the host, which then may read `address`
  KOKKOS_FUNCTION constexpr explicit StepArgument(T const* address, bool on_host = true) : m_address(address), m_on_host(on_host) {}

  KOKKOS_FUNCTION constexpr bool is_known() const { return m_address == nullptr; }  ///< true if the host knows the value
  /// Returns the value. Only kernels may call this unless is_known().
  /// \throws Error [ign.state.95] if the host calls this and the value lies in device memory
  KOKKOS_FUNCTION T get() const {
    if (m_address == nullptr) return m_value;
    KOKKOS_IF_ON_HOST((if (!m_on_host) detail::fail_to_read_on_host();))
    return *m_address;
  }

  /// One member of the struct; known if the struct is known.
  template <class Part, std::same_as<T> Struct>
  constexpr StepArgument<Part> member(Part Struct::*pointer) const {
    return is_known() ? StepArgument<Part>(m_value.*pointer) : StepArgument<Part>(&(m_address->*pointer), m_on_host);
  }

 private:
  T m_value{};
  T const* m_address = nullptr;
  bool m_on_host = true;
};

namespace detail {

template <class Values, class Exec>
struct WriteStepValues {
  Values values;
  Kokkos::View<Values, typename Exec::memory_space> memory;

  KOKKOS_FUNCTION void operator()(std::size_t) const { memory() = values; }
};

}  // namespace detail

/// Device memory for everything that changes from step to step: one struct of plain values.
///
/// A step that is queued kernel by kernel passes the values as kernel arguments: a `StepArgument` made of a value. A captured step passes
/// `on_device()` instead, and each launch of the graph uses the values that `write` wrote last. Can be moved, but not copied.
template <class Values, class Exec>
class StepValueBuffer {
  static_assert(std::is_trivially_copyable_v<Values>);

 public:
  /// Without memory.
  StepValueBuffer() = default;
  StepValueBuffer(StepValueBuffer&&) noexcept = default;             ///< moves only: a copy would share the memory
  StepValueBuffer& operator=(StepValueBuffer&&) noexcept = default;  ///< moves only
  /// Allocates the memory.
  StepValueBuffer(Exec const& exec, std::string const& label) : m_memory(Kokkos::view_alloc(exec, label)) {}

  /// Writes the values of the next launch. Asynchronous on `exec`: one kernel.
  void write(Exec const& exec, Values const& values) const {
    Kokkos::parallel_for("ign::step values", range_policy(exec, 1), detail::WriteStepValues<Values, Exec>{values, m_memory});
  }

  /// The values as kernels read them from memory.
  StepArgument<Values> on_device() const { return StepArgument<Values>(m_memory.data(), runs_on_host_v<Exec>); }

 private:
  Kokkos::View<Values, typename Exec::memory_space> m_memory;
};

}  // namespace ign

#endif  // IGN_CORE_STEP_VALUES_HPP
