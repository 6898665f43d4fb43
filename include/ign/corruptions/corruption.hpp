// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The contract of a corruption A that a policy trains f to undo: its functions and their defaults.
///
/// A corruption C is a value type. Its functions are found by argument-dependent lookup, so it may live in any namespace:
///
///     void corrupt(Exec const&, C const&, Key const&, x, z, y, scratch)   y = A(x); required
///     void validate(C const&)                                             throws Error on invalid options; default: does nothing
///     bool draws_by_global_index(C const&)                                true: draws by the global indices key.samples; default: false.
///                                                                         Required for runs over ranks (core/ranks.hpp)
///
/// x, z and y are TensorRef<Real, Exec> of equal extents in different memory; z is noise from the policy's source, for missing values.
/// scratch is a Buffer<Real, Exec>&, undefined before and after the call. A may use the substreams `key.substream` to `key.substream + 7`;
/// a corruption with random numbers reads `key.step` in kernels only, so that a captured graph draws new ones. All work is asynchronous on
/// the execution-space instance.
#ifndef IGN_CORRUPTIONS_CORRUPTION_HPP
#define IGN_CORRUPTIONS_CORRUPTION_HPP

#include "ign/core/error.hpp"
#include "ign/core/key.hpp"
#include "ign/core/ranks.hpp"
#include "ign/core/workspace.hpp"

namespace ign {

/// No corruption: y = x.
struct NoCorruption {};

/// y = x.
template <Scalar Real, class Exec>
void corrupt(Exec const& exec, NoCorruption const&, Key const&, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const&,
             TensorRef<Real, Exec> const& y, Buffer<Real, Exec>&) {
  Kokkos::deep_copy(exec, y, x);
}

/// True: there is nothing to draw.
inline bool draws_by_global_index(NoCorruption const&) { return true; }

namespace corruption {  // the contract with its defaults, for policies to call; not to be overloaded

inline constexpr std::uint32_t substreams = 8;  ///< number of substreams that one call may use

/// Calls `corrupt`.
template <class C, Scalar Real, class Exec>
void apply(Exec const& exec, C const& corruption, Key const& key, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& z,
           TensorRef<Real, Exec> const& y, Buffer<Real, Exec>& scratch) {
  corrupt(exec, corruption, key, x, z, y, scratch);
}

/// Calls `validate`; default: does nothing.
template <class C>
void validate_options([[maybe_unused]] C const& corruption) {
  if constexpr (requires { validate(corruption); }) validate(corruption);
}

/// Checks that a run over `ranks` may have the corruption.
/// \throws Error [ign.option.491] when there are several ranks, and the corruption does not draw by global index
template <class C>
void require_sharding(Ranks const& ranks, char const* policy, C const& corruption) {
  require(!ranks.is_distributed() || detail::draws_by_global_index_of(corruption), Fault::option, 491, policy, ": a corruption on ",
          ranks.size(), " ranks, expected one that draws by global index: define draws_by_global_index (corruptions/corruption.hpp)");
}

/// Fails to compile unless C is a corruption; the error names the missing function.
template <class C, class Real, class Exec>
constexpr bool complete() {
  static_assert(
      requires(C const& corruption, Exec const& exec, Key const& key, TensorRef<Real, Exec> const& x, Buffer<Real, Exec>& scratch) {
        corrupt(exec, corruption, key, x, x, x, scratch);
      },
      "ign::Distillation: a corruption has `corrupt(exec, corruption, key, x, z, y, scratch)` in its own namespace: see "
      "ign/corruptions/corruption.hpp");
  return true;
}

}  // namespace corruption

}  // namespace ign

#endif  // IGN_CORRUPTIONS_CORRUPTION_HPP
