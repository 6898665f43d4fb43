// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Exception type of the library. Every message starts with a stable id, listed in docs/errors.md.
#ifndef IGN_CORE_ERROR_HPP
#define IGN_CORE_ERROR_HPP

#include <sstream>
#include <stdexcept>
#include <string>

namespace ign {

/// Category of an error, the middle word of its id.
enum class Fault {
  shape,    ///< extents that do not match each other or the layer
  option,   ///< an option outside its range, or options that contradict each other
  file,     ///< a file or folder that cannot be opened, read, written or renamed
  format,   ///< contents of a file that violate its format
  numeric,  ///< a value that is not finite where a finite one is required
  state,    ///< a call that the object's current state does not allow
};

/// Name of a fault, as in the ids of errors.
constexpr char const* name(Fault fault) {
  constexpr char const* names[] = {"shape", "option", "file", "format", "numeric", "state"};
  return names[static_cast<int>(fault)];
}

/// Exception thrown by all checks of the library. `what()` reads `[ign.shape.86] batches: x has 3 samples, expected 4`.
class Error : public std::runtime_error {
 public:
  /// Fault and number form the id; `text` states what was found and what was expected.
  Error(Fault fault, int number, std::string const& text)
      : std::runtime_error("[ign." + std::string(name(fault)) + '.' + std::to_string(number) + "] " + text),
        m_fault(fault),
        m_number(number) {}

  Fault fault() const noexcept { return m_fault; }  ///< category of the error
  int number() const noexcept { return m_number; }  ///< last word of the id
  /// The id as in docs/errors.md, such as "ign.shape.2".
  std::string id() const { return "ign." + std::string(name(m_fault)) + '.' + std::to_string(m_number); }

 private:
  Fault m_fault;
  int m_number;
};

/// Throws an Error whose text is the concatenation of the parts.
template <class... Parts>
[[noreturn]] void fail(Fault fault, int number, Parts const&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  throw Error(fault, number, text.str());
}

/// Throws an Error unless `condition` holds. The text is composed only in case of an error.
template <class... Parts>
void require(bool condition, Fault fault, int number, Parts const&... parts) {
  if (!condition) fail(fault, number, parts...);
}

}  // namespace ign

#endif  // IGN_CORE_ERROR_HPP
