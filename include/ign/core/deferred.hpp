// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Parameters of a step that kernels read when they run, so that a captured graph can be launched again for another step.
#ifndef IGN_CORE_DEFERRED_HPP
#define IGN_CORE_DEFERRED_HPP

#include <Kokkos_Core.hpp>
#include <concepts>
#include <string>
#include <tuple>
#include <type_traits>

namespace ign {

/// A kernel argument that is either known at launch or read from device memory when the kernel runs.
template <class T>
class Deferred {
 public:
  /// A known value. Implicit, so that functions with a FutureValue parameter accept plain values.
  KOKKOS_FUNCTION constexpr Deferred(T const& value = T{}) : m_value(value) {}
  /// The value that device memory holds at `place` when the kernel runs.
  KOKKOS_FUNCTION constexpr explicit Deferred(T const* place) : m_place(place) {}

  KOKKOS_FUNCTION constexpr bool is_known() const { return m_place == nullptr; }  ///< true if the host knows the value
  /// Returns the value. Only kernels may call this unless is_known().
  KOKKOS_FUNCTION constexpr T get() const { return m_place == nullptr ? m_value : *m_place; }

  /// One member of the struct; known if the struct is known.
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

/// The parameters that change from step to step: a struct of plain numbers and its copy in device memory.
///
/// By default kernels get the parameters of a step as launch arguments. Between `defer(true)` and `defer(false)` they get the address of
/// the device copy instead, so that each launch of a captured graph uses the parameters written last.
template <class Values, class Exec>
class StepValues {
  static_assert(std::is_trivially_copyable_v<Values>);

 public:
  /// Without a device copy: never deferred.
  StepValues() = default;
  /// Allocates the device copy.
  StepValues(Exec const& exec, std::string const& label) : m_memory(Kokkos::view_alloc(exec, label)) {}

  void defer(bool deferred) { m_deferred = deferred && m_memory.data() != nullptr; }  ///< true: `of` returns addresses
  bool is_deferred() const { return m_deferred; }                                     ///< true while `of` returns addresses

  /// Writes the parameters of the next graph launch to the device copy, with one kernel. Asynchronous on `exec`.
  void write(Exec const& exec, Values const& values) const {
    Kokkos::parallel_for("ign::step values", Kokkos::RangePolicy<Exec>(exec, 0, 1), detail::WriteValues<Values, Exec>{values, m_memory});
  }

  /// One parameter: its value in `now`, or its address in the device copy while deferred.
  template <class T>
  Deferred<T> of(T Values::*number, Values const& now) const {
    return (m_deferred ? Deferred<Values>(m_memory.data()) : Deferred<Values>(now)).part(number);
  }

 private:
  Kokkos::View<Values, typename Exec::memory_space> m_memory;
  bool m_deferred = false;
};

/// Scope guard that calls `defer(true)` on several objects, and `defer(false)` when it is destroyed.
template <class... Owners>
class WhileDeferred {
 public:
  /// Calls `defer(true)` on each owner.
  explicit WhileDeferred(Owners&... owners) : m_owners(owners...) { tell(true); }
  WhileDeferred(WhileDeferred const&) = delete;
  WhileDeferred& operator=(WhileDeferred const&) = delete;
  ~WhileDeferred() { tell(false); }

 private:
  void tell(bool deferred) const {
    std::apply([deferred](Owners&... owners) { (owners.defer(deferred), ...); }, m_owners);
  }

  std::tuple<Owners&...> m_owners;
};

}  // namespace ign

#endif  // IGN_CORE_DEFERRED_HPP
