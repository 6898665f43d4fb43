// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Untrusted text in messages.
#ifndef IGN_IO_EXCERPT_HPP
#define IGN_IO_EXCERPT_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace ign::io {

/// The first 80 bytes of a text for a message, followed by " …" where it is longer.
inline std::string excerpt(std::string_view text) {
  constexpr std::size_t most = 80;
  return std::string(text.substr(0, most)) + (text.size() <= most ? "" : " …");
}

}  // namespace ign::io

#endif  // IGN_IO_EXCERPT_HPP
