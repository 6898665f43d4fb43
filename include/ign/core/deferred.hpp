// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Numbers that kernels read when they run, so that a recorded step can be replayed with those of another step.
#ifndef IGN_CORE_DEFERRED_HPP
#define IGN_CORE_DEFERRED_HPP

#include <Kokkos_Core.hpp>
#include <concepts>
#include <string>
#include <tuple>
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

/// All that changes from step to step, by its owner: a struct of plain numbers, and its place on the device.
///
/// Ordinarily the numbers of a step go to kernels with their arguments. While `defer(true)` holds, kernels are told the place instead, and
/// each replay of what was queued then uses what `write` wrote last.
template <class Values, class Exec>
class StepValues {
  static_assert(std::is_trivially_copyable_v<Values>);

 public:
  /// Without a place: never deferred.
  StepValues() = default;
  /// Allocates the place.
  StepValues(Exec const& exec, std::string const& label) : m_memory(Kokkos::view_alloc(exec, label)) {}

  void defer(bool deferred) { m_deferred = deferred && m_memory.data() != nullptr; }  ///< which of the two `of` hands out
  bool is_deferred() const { return m_deferred; }                                     ///< as told last, where there is a place

  /// Puts the numbers of the next replay into place, in the order of the queue: one kernel, nothing waits.
  void write(Exec const& exec, Values const& values) const {
    Kokkos::parallel_for("ign::step values", Kokkos::RangePolicy<Exec>(exec, 0, 1), detail::WriteValues<Values, Exec>{values, m_memory});
  }

  /// One of the numbers: that of `now`, or its place.
  template <class T>
  Deferred<T> of(T Values::*number, Values const& now) const {
    return (m_deferred ? Deferred<Values>(m_memory.data()) : Deferred<Values>(now)).part(number);
  }

 private:
  Kokkos::View<Values, typename Exec::memory_space> m_memory;
  bool m_deferred = false;
};

/// While it lives, each of these has been told `defer(true)`; then, however that comes about, `defer(false)`.
template <class... Owners>
class WhileDeferred {
 public:
  /// Tells them.
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
