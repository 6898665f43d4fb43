// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Common part of the sources that damage the data of a training step.
#ifndef IGN_EXAMPLES_SUPPORT_DAMAGED_DATA_HPP
#define IGN_EXAMPLES_SUPPORT_DAMAGED_DATA_HPP

#include <ign/core/tensor.hpp>
#include <ign/core/workspace.hpp>
#include <ign/random/fill.hpp>

#include <cstdint>
#include <memory>

namespace examples {

/// Base of a source that needs the data: keeps the batch that it has observed last. Copies of the source share it.
class ObservingSource {
 public:
  using Exec = Kokkos::DefaultExecutionSpace;
  using Ref = ign::TensorRef<float, Exec>;

  Ref const& seen() const { return *m_seen; }
  void see(Ref const& x) const { *m_seen = x; }

 private:
  std::shared_ptr<Ref> m_seen = std::make_shared<Ref>();
};

inline void observe(ObservingSource::Exec const&, ObservingSource const& source, ObservingSource::Ref const& x,
                    ign::Buffer<float, ObservingSource::Exec>&) {
  source.see(x);
}

/// A normally distributed value of a cell.
KOKKOS_INLINE_FUNCTION float noise_of(ign::Key const& key, std::uint32_t index) {
  auto const words = ign::random::bits(key, index);
  float first = 0, second = 0;
  ign::random::gaussian_pair(words[0], words[1], first, second);
  return first;
}

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_DAMAGED_DATA_HPP
