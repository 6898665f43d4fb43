// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Numbers that kernels read when they run, so that a recorded step can be replayed with those of another step.
#ifndef IGN_CORE_DEFERRED_HPP
#define IGN_CORE_DEFERRED_HPP

#include <Kokkos_Core.hpp>
#include <concepts>
#include <string>
#include <type_traits>

namespace ign {

/// A value that a kernel gets with its arguments, or reads from the device's memory when it runs.
template <class T>
class Deferred {
 public:
  /// Known now. Implicit: what takes a Deferred takes a plain value.
  KOKKOS_FUNCTION constexpr Deferred(T const& value = T{}) : m_value(value) {}
  /// What will be at `place`, in memory of the device.
  KOKKOS_FUNCTION constexpr explicit Deferred(T const* place) : m_place(place) {}

  KOKKOS_FUNCTION constexpr bool is_known() const { return m_place == nullptr; }  ///< now already, on the host, too
  /// The value. One that is not known is for kernels only.
  KOKKOS_FUNCTION constexpr T get() const { return m_place == nullptr ? m_value : *m_place; }

  /// A member of it, known as it is.
  template <class Part, std::same_as<T> Struct>
  constexpr Deferred<Part> part(Part Struct::*member) const {
    return is_known() ? Deferred<Part>(m_value.*member) : Deferred<Part>(&(m_place->*member));
  }

 private:
  T m_value{};
  T const* m_place = nullptr;
};

namespace detail {

template <class Values, class Exec>
struct WriteValues {
  Values values;
  Kokkos::View<Values, typename Exec::memory_space> memory;

  KOKKOS_FUNCTION void operator()(int) const { memory() = values; }
};

}  // namespace detail

/// Device memory for everything that changes from step to step: one struct of plain numbers.
///
/// A step that is queued kernel by kernel passes the numbers as kernel arguments: a `Deferred` made of a value. A captured step passes
/// `deferred()` instead, and each launch of the graph uses the numbers that `write` wrote last.
template <class Values, class Exec>
class StepValues {
  static_assert(std::is_trivially_copyable_v<Values>);

 public:
  /// Without memory.
  StepValues() = default;
  /// Allocates the memory.
  StepValues(Exec const& exec, std::string const& label) : m_memory(Kokkos::view_alloc(exec, label)) {}

  /// Writes the numbers of the next launch. Asynchronous on `exec`: one kernel.
  void write(Exec const& exec, Values const& values) const {
    Kokkos::parallel_for("ign::step values", Kokkos::RangePolicy<Exec>(exec, 0, 1), detail::WriteValues<Values, Exec>{values, m_memory});
  }

  /// The numbers as kernels read them from memory.
  Deferred<Values> deferred() const { return Deferred<Values>(m_memory.data()); }

 private:
  Kokkos::View<Values, typename Exec::memory_space> m_memory;
};

}  // namespace ign

#endif  // IGN_CORE_DEFERRED_HPP
