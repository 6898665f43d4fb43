// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The contract of a noise source: its functions and their defaults.
///
/// A source S is a value type. Its functions are found by argument-dependent lookup, so it may live in any namespace:
///
///     void sample(Exec const&, S const&, Key const&, z)             fills z with noise; required in this form or the next
///     void sample(Exec const&, S const&, Key const&, z, scratch)    the same with scratch memory
///     void observe(Exec const&, S const&, x, scratch)               gets the batch of each training step; default: does nothing
///     std::string name(S const&)                                    name in files; default: S::name
///     bool draws_by_global_index(S const&)                          true: `sample` draws the samples of the global indices key.samples,
///                                                                   as fill_gaussian(exec, key, 1.0, z) does; default: false. Required
///                                                                   for runs over ranks (core/ranks.hpp)
///
/// A source with a state that checkpoints must contain has these members as well:
///
///     std::vector<ArrayInfo> S::arrays() const                      their names and extents
///     Vector<Real, Exec> S::state() const                           their elements, one array after the other
///     void S::restore(std::vector<Real> const&) const               sets the elements to those of a file
///
/// z and x are TensorRef<Real, Exec>. scratch is a Buffer<Real, Exec>&, undefined before and after the call. The first samples of z must
/// not depend on the number of samples. All calls but `restore` are asynchronous on the execution-space instance. In training, `sample` and
/// `observe` may run within a captured graph: from their second call on they do not allocate, fence or copy to the host, and `key.step` is
/// read in kernels only (core/step_values.hpp).
#ifndef IGN_SOURCES_SOURCE_HPP
#define IGN_SOURCES_SOURCE_HPP

#include <string>

#include "ign/core/error.hpp"
#include "ign/core/ranks.hpp"
#include "ign/core/workspace.hpp"
#include "ign/random/counter.hpp"

// The contract with its defaults, for policies and files to call; not to be overloaded. They call the source's own function, or apply the
// default.
namespace ign::source {

/// Calls `sample`, with or without scratch memory.
template <class S, Scalar Real, class Exec>
void sample_from(Exec const& exec, S const& source, Key const& key, TensorRef<Real, Exec> const& z,
                 [[maybe_unused]] Buffer<Real, Exec>& scratch) {
  if constexpr (requires { sample(exec, source, key, z, scratch); })
    sample(exec, source, key, z, scratch);
  else
    sample(exec, source, key, z);
}

/// Calls `observe`; default: does nothing.
template <class S, Scalar Real, class Exec>
void observe_batch([[maybe_unused]] Exec const& exec, [[maybe_unused]] S const& source, [[maybe_unused]] TensorRef<Real, Exec> const& x,
                   [[maybe_unused]] Buffer<Real, Exec>& scratch) {
  if constexpr (requires { observe(exec, source, x, scratch); }) observe(exec, source, x, scratch);
}

/// Returns `name`; default: S::name.
template <class S>
std::string name_of(S const& source) {
  if constexpr (requires { std::string(name(source)); })
    return name(source);
  else
    return S::name;
}

/// Checks that a run over `ranks` may have the source.
/// \throws Error [ign.option.490] when there are several ranks, and the source does not draw by global index
template <class S>
void require_sharding(Ranks const& ranks, char const* policy, S const& source) {
  require(!ranks.is_distributed() || detail::draws_by_global_index_of(source), Fault::option, 490, policy, ": source '", name_of(source),
          "' on ", ranks.size(),
          " ranks, expected one that draws samples by their global index: define draws_by_global_index (sources/source.hpp), and use no "
          "statistics per batch");
}

/// Fails to compile unless S is a source; the error names the missing function.
template <class S, class Real, class Exec>
constexpr bool complete() {
  static_assert(
      requires(S const& source, Exec const& exec, Key const& key, TensorRef<Real, Exec> const& z) { sample(exec, source, key, z); } ||
          requires(S const& source, Exec const& exec, Key const& key, TensorRef<Real, Exec> const& z, Buffer<Real, Exec>& scratch) {
            sample(exec, source, key, z, scratch);
          },
      "ign::source: a source has `sample(exec, source, key, z)` or `sample(exec, source, key, z, scratch)` in its own namespace: "
      "see ign/sources/source.hpp");
  return true;
}

/// True for a source with a state that checkpoints must contain.
template <class S>
inline constexpr bool has_state_v = requires(S const& source) {
  source.arrays();
  source.state();
};

}  // namespace ign::source

#endif  // IGN_SOURCES_SOURCE_HPP
