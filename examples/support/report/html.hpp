// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Text, numbers and bytes in HTML and SVG.
#ifndef IGN_EXAMPLES_SUPPORT_REPORT_HTML_HPP
#define IGN_EXAMPLES_SUPPORT_REPORT_HTML_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace examples {

/// `text` escaped for the contents of an element or a quoted attribute. Bytes that XML and HTML do not allow become U+FFFD.
std::string escape(std::string_view text);

/// Number of characters of a UTF-8 text.
std::size_t character_count(std::string_view text);

/// Base 64, as in data URIs. \source RFC 4648, section 4
std::string base64(std::span<std::byte const> bytes);

/// A whole number, with commas between groups of three digits from 10,000 on.
std::string count_text(std::uint64_t count);

/// A number with at most `digits` significant digits and a true minus sign; a power of ten from 10^7 on and below 10^-4.
///
/// Example: 0.25, 31.42, −2, 128,000, 1.5×10⁻⁹, NaN, ∞.
std::string number_text(double value, int digits = 4);

/// A mean and its standard deviation, with two digits of the deviation and as many decimals of the mean. Example: 0.0097 ± 0.0012.
std::string spread_text(double mean, double deviation);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_REPORT_HTML_HPP
