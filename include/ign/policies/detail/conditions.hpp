// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Conditions of the samples of a training step.
#ifndef IGN_POLICIES_DETAIL_CONDITIONS_HPP
#define IGN_POLICIES_DETAIL_CONDITIONS_HPP

#include <Kokkos_Core.hpp>
#include <cstdint>

#include "ign/core/condition.hpp"
#include "ign/core/workspace.hpp"
#include "ign/nets/model.hpp"
#include "ign/random/counter.hpp"

namespace ign::detail {

/// Checks that each sample has its condition, in a net with conditions.
/// \throws Error [ign.shape.540]
template <Scalar Real, class Exec, class Net>
void check_sample_conditions(Net const& net, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& condition) {
  check_condition<Real, Exec>(net, x, condition);
  require(absent(condition) || condition.extent(0) == x.extent(0), Fault::shape, 540, "training: one condition for ", x.extent(0),
          " samples, expected one for each");
}

/// Samples [which · batch, (which + 1) · batch) of the conditions; absent if these are.
template <class Ref>
Ref part_of_conditions(Ref const& conditions, int which, int batch) {
  return absent(conditions) ? Ref{} : batch_range(conditions, which * batch, batch);
}

/// Conditions of the segments of a batch, in memory of their own.
template <Scalar Real, class Exec>
class Conditions {
 public:
  using Ref = TensorRef<Real, Exec>;  ///< (n, 1, 1, K)

  /// Returns the conditions of `segments` segments, each with those of one; absent if these are.
  Ref repeat(Exec const& exec, int segments, Ref const& of_one) {
    if (absent(of_one)) return {};
    int const batch = batch_of(of_one);
    Ref all = reserve_tensor(exec, m_memory, segments * batch, shape_of(of_one));
    for (int k = 0; k < segments; ++k) Kokkos::deep_copy(exec, batch_range(all, k * batch, batch), of_one);
    return all;
  }

 private:
  Buffer<Real, Exec> m_memory{"ign::conditions"};
};

/// Makes the first `count` samples of the global batch mismatched pairs (x, c'): z = x, with the condition of another class. c' is c
/// shifted cyclically by 1 to K - 1 elements, with equal probabilities: a one-hot row becomes that of another class.
template <class Real>
struct Mismatch {
  Key key;
  std::uint64_t count;
  Real const* x;
  Real const* condition_x;  // conditions
  Real* z;
  Real* condition_z;
  std::size_t size, length;

  KOKKOS_FUNCTION void operator()(std::size_t n, std::size_t first, std::size_t last) const {
    std::uint64_t const global_index = key.samples.of(n);
    if (global_index >= count) return;
    std::size_t const shift = 1 + random::bits(key, static_cast<std::uint32_t>(global_index))[0] % (length - 1);
    for (std::size_t i = first; i < last; ++i) {
      if (i < size)
        z[n * size + i] = x[n * size + i];
      else
        condition_z[n * length + (i - size + shift) % length] = condition_x[n * length + i - size];
    }
  }
};

/// \param count  number of mismatched samples in the global batch
/// \param condition       of x
/// \param[in,out] z, condition_z  noise and its conditions
template <Scalar Real, class Exec>
void mismatch(Exec const& exec, Key const& key, std::uint64_t count, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& condition,
              TensorRef<Real, Exec> const& z, TensorRef<Real, Exec> const& condition_z) {
  std::size_t const size = shape_of(x).size(), length = condition.extent(3);
  for_each_chunk("ign::mismatch", exec, x.extent(0), size + length,
                 Mismatch<Real>{key, count, x.data(), condition.data(), z.data(), condition_z.data(), size, length});
}

}  // namespace ign::detail

#endif  // IGN_POLICIES_DETAIL_CONDITIONS_HPP
