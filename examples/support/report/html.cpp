// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "html.hpp"

#include <ign/core/finite.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace examples {

namespace {

/// Bytes of the UTF-8 character at the beginning of `text` that XML and HTML may hold; 0 where there is none.
/// \source RFC 3629, section 4; XML 1.0, section 2.2
std::size_t markup_character(std::string_view text) {
  auto const byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  unsigned const first = byte(0);
  if (first < 0x80) return (first >= 0x20 && first != 0x7f) || first == '\t' || first == '\n' ? 1 : 0;
  std::size_t const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  unsigned const low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;   // below: a longer form than needed
  unsigned const high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;  // above: a surrogate, or past U+10FFFF
  if (byte(1) < low || byte(1) > high) return 0;
  bool const c1 = first == 0xc2 && byte(1) < 0xa0;                                 // control characters
  bool const none = first == 0xef && byte(1) == 0xbf && (byte(2) & 0xfe) == 0xbe;  // U+FFFE, U+FFFF
  return c1 || none ? 0 : size;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t const size = markup_character(text);
    switch (size == 1 ? text[0] : 'a') {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += size > 0 ? text.substr(0, size) : std::string_view("\xef\xbf\xbd");
    }
    text.remove_prefix(size > 0 ? size : 1);
  }
  return out;
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

std::string base64(std::span<std::byte const> bytes) {
  constexpr char const* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto const byte = [&](std::size_t k) { return i + k < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0u; };
    std::uint32_t const three = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? digits[three >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string count_text(std::uint64_t count) {
  std::string const digits = std::to_string(count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits.size() > 4 && i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string number_text(double value, int digits) {
  if (ign::is_nan(value)) return "NaN";
  if (!ign::is_finite(value)) return value < 0 ? "\u2212\u221e" : "\u221e";
  if (value == 0) return "0";
  std::string const sign = value < 0 ? "\u2212" : "";
  if (value == std::trunc(value) && std::abs(value) < 1e7) return sign + count_text(static_cast<std::uint64_t>(std::abs(value)));
  char text[64];
  std::snprintf(text, sizeof text, "%.*e", digits - 1, std::abs(value));
  std::string mantissa = text;
  auto const e = mantissa.find('e');
  int const exponent = std::atoi(mantissa.c_str() + e + 1);  // after rounding: 9999.9 has 4 with four digits
  auto const trimmed = [](std::string number) {
    if (number.find('.') != std::string::npos) {
      number.erase(number.find_last_not_of('0') + 1);
      if (number.back() == '.') number.pop_back();
    }
    return number;
  };
  if (exponent >= -4 && exponent < 7) {
    if (exponent >= digits - 1) return sign + count_text(static_cast<std::uint64_t>(std::llround(std::abs(value))));
    std::snprintf(text, sizeof text, "%.*f", digits - 1 - exponent, std::abs(value));
    return sign + trimmed(text);
  }
  constexpr char const* superscripts[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                          "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
  mantissa = trimmed(mantissa.substr(0, e));
  std::string power = exponent < 0 ? "\u207b" : "";
  for (char digit : std::to_string(std::abs(exponent))) power += superscripts[digit - '0'];
  return sign + (mantissa == "1" ? "" : mantissa + "\u00d7") + "10" + power;
}

std::string spread_text(double mean, double deviation) {
  std::string const between = "\u202f\u00b1\u202f";
  bool const plain = ign::is_finite(mean) && ign::is_finite(deviation) && deviation >= 1e-6 && deviation < 1e6 && std::abs(mean) < 1e6;
  if (!plain) return number_text(mean) + between + number_text(deviation);
  int const decimals = std::max(0, 1 - static_cast<int>(std::floor(std::log10(deviation))));
  char text[64];
  std::snprintf(text, sizeof text, "%.*f%s%.*f", decimals, std::abs(mean), between.c_str(), decimals, deviation);
  return (mean < 0 ? "\u2212" : "") + std::string(text);
}

}  // namespace examples
