// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The one exception type of the library. Every message starts with a stable id, listed in docs/errors.md.
#ifndef IGN_CORE_ERROR_HPP
#define IGN_CORE_ERROR_HPP

#include <sstream>
#include <stdexcept>
#include <string>

namespace ign {

/// What kind of thing went wrong; the id's middle word, in the order of the enumerators.
enum class Fault {
  shape,    ///< extents that do not fit each other or the layer
  option,   ///< an option outside its range, or options that contradict each other
  file,     ///< a file or folder that cannot be opened, read, written or renamed
  format,   ///< the contents of a file are not what its format says
  numeric,  ///< a value that is not finite where training needs one
  state,    ///< a call that the object's present state does not allow
};

/// The name of a fault as it stands in an error's id.
constexpr char const* name(Fault fault) {
  constexpr char const* names[] = {"shape", "option", "file", "format", "numeric", "state"};
  return names[static_cast<int>(fault)];
}

/// Thrown by every check of the library. `what()` reads `[ign.shape.2] conv2d: input has 3 channels, expected 4`.
class Error : public std::runtime_error {
 public:
  /// The id is made of fault and number; `text` says what was found and what was expected.
  Error(Fault fault, int number, std::string const& text)
      : std::runtime_error("[ign." + std::string(name(fault)) + '.' + std::to_string(number) + "] " + text),
        m_fault(fault),
        m_number(number) {}

  Fault fault() const noexcept { return m_fault; }  ///< what kind of thing went wrong
  int number() const noexcept { return m_number; }  ///< the last word of the id
  /// As docs/errors.md lists it: "ign.shape.2".
  std::string id() const { return "ign." + std::string(name(m_fault)) + '.' + std::to_string(m_number); }

 private:
  Fault m_fault;
  int m_number;
};

/// Throws Error whose text is the parts written one after the other.
template <class... Parts>
[[noreturn]] void fail(Fault fault, int number, Parts const&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  throw Error(fault, number, text.str());
}

/// Throws unless `condition` holds. The parts are put together only when it does not.
template <class... Parts>
void require(bool condition, Fault fault, int number, Parts const&... parts) {
  if (!condition) fail(fault, number, parts...);
}

}  // namespace ign

#endif  // IGN_CORE_ERROR_HPP
