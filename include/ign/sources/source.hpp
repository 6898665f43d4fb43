// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The contract of a source of noise, and what it gets when it leaves a part out.
///
/// A source S is a value; its functions are found by argument-dependent look-up, and it may live in any namespace:
///
///     void sample(Exec const&, S const&, Key const&, z)             required, or the next
///     void sample(Exec const&, S const&, Key const&, z, scratch)    the same with scratch
///     void observe(Exec const&, S const&, x, scratch)               sees every batch of a training step; default: nothing
///     std::string name(S const&)                                    as files spell it; default: S::name
///     std::vector<ArrayInfo> S::arrays() const                      of what a checkpoint must keep; default: none
///     Vector<Real, Exec> S::numbers() const                         which lie here, one array after the other
///     void S::restore(std::vector<Real> const&) const               and are put back from a file by this
///
/// z and x are TensorWindow<Real, Exec>, scratch is a Buffer<Real, Exec>& whose contents mean nothing before and after. The first
/// samples of z must not depend on how many follow. Calls are asynchronous on the execution-space instance, but for `restore`.
#ifndef IGN_SOURCES_SOURCE_HPP
#define IGN_SOURCES_SOURCE_HPP

#include <string>

#include "ign/core/workspace.hpp"
#include "ign/random/counter.hpp"

namespace ign::source {  // the contract with its defaults; called by policies and files, never overloaded

/// `sample`, with or without scratch.
template <class S, Scalar Real, class Exec>
void sample_from(Exec const& exec, S const& source, Key const& key, TensorWindow<Real, Exec> const& z,
                 [[maybe_unused]] Buffer<Real, Exec>& scratch) {
  if constexpr (requires { sample(exec, source, key, z, scratch); })
    sample(exec, source, key, z, scratch);
  else
    sample(exec, source, key, z);
}

/// `observe`, where there is one.
template <class S, Scalar Real, class Exec>
void show([[maybe_unused]] Exec const& exec, [[maybe_unused]] S const& source, [[maybe_unused]] TensorWindow<Real, Exec> const& x,
          [[maybe_unused]] Buffer<Real, Exec>& scratch) {
  if constexpr (requires { observe(exec, source, x, scratch); }) observe(exec, source, x, scratch);
}

/// `name`, or S::name.
template <class S>
std::string name_of(S const& source) {
  if constexpr (requires { std::string(name(source)); })
    return name(source);
  else
    return S::name;
}

/// Says in words, as a compile-time error, what a class lacks to be a source.
template <class S, class Real, class Exec>
constexpr bool complete() {
  static_assert(
      requires(S const& source, Exec const& exec, Key const& key, TensorWindow<Real, Exec> const& z) { sample(exec, source, key, z); } ||
          requires(S const& source, Exec const& exec, Key const& key, TensorWindow<Real, Exec> const& z, Buffer<Real, Exec>& scratch) {
            sample(exec, source, key, z, scratch);
          },
      "ign::source: a source has `sample(exec, source, key, z)` or `sample(exec, source, key, z, scratch)` in its own namespace: "
      "see ign/sources/source.hpp");
  return true;
}

/// True for a source with numbers that belong into a checkpoint.
template <class S>
inline constexpr bool has_numbers_v = requires(S const& source) {
  source.arrays();
  source.numbers();
};

}  // namespace ign::source

#endif  // IGN_SOURCES_SOURCE_HPP
