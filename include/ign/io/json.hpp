// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// JSON from untrusted files.
#ifndef IGN_IO_JSON_HPP
#define IGN_IO_JSON_HPP

#include <nlohmann/json.hpp>

#include <string_view>

namespace ign::io {

/// Deepest nesting that parse_json accepts. Printing, copying and comparing are recursive: deeper nesting could exhaust the stack.
inline constexpr int json_depth_limit = 64;

/// Parses `text`. The result is_discarded() where it is not JSON or nested too deeply.
template <class Json = nlohmann::ordered_json>
Json parse_json(std::string_view text) {
  bool deep = false;
  auto const shallow = [&deep](int depth, typename Json::parse_event_t, Json&) {
    deep = deep || depth > json_depth_limit;
    return !deep;
  };
  auto value = Json::parse(text, shallow, false);
  return deep ? Json(Json::value_t::discarded) : value;
}

}  // namespace ign::io

#endif  // IGN_IO_JSON_HPP
