// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Parameters of a step that kernels read when they run, so that a captured graph can be launched again for another step.
#ifndef IGN_CORE_STEP_VALUES_HPP
#define IGN_CORE_STEP_VALUES_HPP

#include <Kokkos_Core.hpp>
#include <concepts>
#include <string>
#include <type_traits>

namespace ign {

/// A kernel argument that is either known at launch or read from device memory when the kernel runs.
/// Not a std::future: nothing waits.
template <class T>
class FutureValue {
 public:
  /// A known value. Implicit, so that functions with a FutureValue parameter accept plain values.
  KOKKOS_FUNCTION constexpr FutureValue(T const& value = T{}) : m_value(value) {}
  /// The value that device memory holds at `place` when the kernel runs.
  KOKKOS_FUNCTION constexpr explicit FutureValue(T const* place) : m_place(place) {}

  KOKKOS_FUNCTION constexpr bool is_known() const { return m_place == nullptr; }  ///< true if the host knows the value
  /// Returns the value. Only kernels may call this unless is_known().
  KOKKOS_FUNCTION constexpr T get() const { return m_place == nullptr ? m_value : *m_place; }

  /// One member of the struct; known if the struct is known.
  template <class Part, std::same_as<T> Struct>
  constexpr FutureValue<Part> part(Part Struct::*member) const {
    return is_known() ? FutureValue<Part>(m_value.*member) : FutureValue<Part>(&(m_place->*member));
  }

 private:
  T m_value{};
  T const* m_place = nullptr;
};

namespace detail {

template <class Values, class Exec>
struct WriteStepValues {
  Values values;
  Kokkos::View<Values, typename Exec::memory_space> memory;

  KOKKOS_FUNCTION void operator()(int) const { memory() = values; }
};

}  // namespace detail

/// Device memory for everything that changes from step to step: one struct of plain elements.
///
/// A step that is queued kernel by kernel passes the values as kernel arguments: a `FutureValue` made of a value. A captured step passes
/// `on_device()` instead, and each launch of the graph uses the values that `write` wrote last.
template <class Values, class Exec>
class StepValueBuffer {
  static_assert(std::is_trivially_copyable_v<Values>);

 public:
  /// Without memory.
  StepValueBuffer() = default;
  /// Allocates the memory.
  StepValueBuffer(Exec const& exec, std::string const& label) : m_memory(Kokkos::view_alloc(exec, label)) {}

  /// Writes the values of the next launch. Asynchronous on `exec`: one kernel.
  void write(Exec const& exec, Values const& values) const {
    Kokkos::parallel_for("ign::step values", Kokkos::RangePolicy<Exec>(exec, 0, 1),
                         detail::WriteStepValues<Values, Exec>{values, m_memory});
  }

  /// The values as kernels read them from memory.
  FutureValue<Values> on_device() const { return FutureValue<Values>(m_memory.data()); }

 private:
  Kokkos::View<Values, typename Exec::memory_space> m_memory;
};

}  // namespace ign

#endif  // IGN_CORE_STEP_VALUES_HPP
