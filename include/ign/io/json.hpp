// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// JSON from files that nobody vouches for.
#ifndef IGN_IO_JSON_HPP
#define IGN_IO_JSON_HPP

#include <nlohmann/json.hpp>

#include <string_view>

namespace ign::io {

/// The deepest nesting that parse_json takes. Printing, copying and comparing walk down recursively: deeper ones could exhaust the stack.
inline constexpr int json_depth_limit = 64;

/// The value that `text` is; where it is no JSON or nested too deeply, one whose is_discarded() is true.
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
