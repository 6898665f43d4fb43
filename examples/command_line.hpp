// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Command line of a program: options by cxxopts, numbers read strictly, Kokkos' own arguments kept apart.
#ifndef IGN_EXAMPLES_COMMAND_LINE_HPP
#define IGN_EXAMPLES_COMMAND_LINE_HPP

#include <ign/core/error.hpp>

#ifndef CXXOPTS_NO_REGEX  // std::regex recurses for each character: a long argument would exhaust the stack
#define CXXOPTS_NO_REGEX
#endif
#include <cxxopts.hpp>

#include <charconv>
#include <concepts>
#include <functional>
#include <iomanip>
#include <limits>
#include <locale>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace examples {

/// Numbers that an option accepts.
struct Range {
  double least = std::numeric_limits<double>::lowest(), most = std::numeric_limits<double>::max();
  bool above = false;  ///< `least` itself is refused
  bool below = false;  ///< `most` itself is refused

  bool holds(double value) const { return (above ? value > least : value >= least) && (below ? value < most : value <= most); }
};

inline constexpr Range at_least(double least) { return {.least = least}; }
inline constexpr Range above(double least) { return {.least = least, .above = true}; }
inline constexpr Range between(double least, double most) { return {least, most}; }

namespace detail {

template <class T>
struct Element {
  using type = T;
};
template <class T>
struct Element<std::optional<T>> {
  using type = T;
};
template <class T>
struct Element<std::vector<T>> {
  using type = T;
};
/// The type of one value of an option.
template <class T>
using element_t = typename Element<T>::type;

template <class T>
inline constexpr bool is_list_v = std::same_as<T, std::vector<element_t<T>>>;

/// "a whole number from 1 to 10", for messages.
template <class T>
std::string expectation(Range const& range) {
  std::ostringstream text;
  if (std::integral<T>) text << std::setprecision(std::numeric_limits<double>::digits10);
  text << (std::integral<T> ? "a whole number" : "a finite number");
  bool const bounded = range.least > std::numeric_limits<double>::lowest(), ends = range.most < std::numeric_limits<double>::max();
  if (bounded) text << (range.above ? " above " : " from ") << range.least;
  if (ends)
    text << (range.below ? " and below " : bounded && !range.above ? " to " : " up to ") << range.most;
  else if (std::integral<T>)
    text << " to " << std::numeric_limits<T>::max();
  return text.str();
}

/// The number that the whole text is, or nothing. No text of ours depends on the locale.
template <class T>
std::optional<T> number(std::string const& text) {
  T value{};
  if constexpr (std::integral<T>) {
    auto const* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
  } else {  // std::from_chars of floating-point numbers is not everywhere
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    bool const whole = !text.starts_with('+') && in >> std::noskipws >> value && in.peek() == std::istringstream::traits_type::eof();
    bool const vanished = value == 0 && std::string_view(text).substr(0, text.find_first_of("eE")).find_first_of("123456789") != text.npos;
    return whole && !vanished ? std::optional(value) : std::nullopt;
  }
}

/// A text for a message, cut where it is long.
inline std::string shown(std::string const& text) { return text.size() <= 80 ? text : text.substr(0, 80) + " …"; }

/// One value of the option `name`.
/// \throws ign::Error [ign.option.104] with name, text and what was expected
template <class T>
T value_of(std::string const& name, std::string const& text, Range const& range) {
  if constexpr (std::same_as<T, std::string>) {
    return text;
  } else {
    auto const value = number<T>(text);
    ign::require(value && range.holds(static_cast<double>(*value)), ign::Fault::option, 104, "--", name, " is '", shown(text),
                 "', expected ", expectation<T>(range));
    return *value;
  }
}

/// A value as a default in the help.
template <class T>
std::string text_of(T const& value) {
  std::ostringstream text;
  if constexpr (is_list_v<T>) {
    for (std::size_t i = 0; i < value.size(); ++i) text << (i > 0 ? "," : "") << value[i];
  } else if constexpr (std::same_as<T, std::optional<element_t<T>>>) {
    if (value) text << *value;
  } else {
    text << value;
  }
  return text.str();
}

}  // namespace detail

/// Options of a program, each bound to a variable whose value is the default.
///
/// A variable is a std::string, a bool (a flag), a number, a std::optional of these for an option whose absence means something of its own,
/// or a std::vector of them (a list with commas). Arguments that begin with `--kokkos-` are Kokkos' own and are left to it.
///
///     CommandLine line("refine", "Applies f again and again.");
///     line.add("count", "samples", options.count, at_least(2));
class CommandLine {
 public:
  CommandLine(std::string const& program, std::string const& description) : m_parser(program, description) {
    m_parser.custom_help("[options]");
  }

  /// \param variable  must outlive `parse`
  /// \param range  of each number
  template <class T>
  void add(std::string const& name, std::string const& help, T& variable, Range range = {}) {
    using Value = detail::element_t<T>;
    if constexpr (std::integral<Value>) {
      range.least = std::max(range.least, static_cast<double>(std::numeric_limits<Value>::min()));
      if (range.most == std::numeric_limits<double>::max() && sizeof(Value) <= 4)
        range.most = static_cast<double>(std::numeric_limits<Value>::max());
    }
    if constexpr (std::same_as<T, bool>) {
      m_parser.add_options()(name, help, cxxopts::value<bool>());
      m_options.emplace_back(name, [&variable](cxxopts::OptionValue const& value) { variable = value.as<bool>(); });
    } else {
      auto form = cxxopts::value<std::string>();  // whose numbers cxxopts would read as far as they look like one
      if (auto const text = detail::text_of(variable); !text.empty()) form->default_value(text);
      m_parser.add_options()(name, help, form);
      m_options.emplace_back(name, [name, range, &variable](cxxopts::OptionValue const& value) {
        auto const& text = value.as<std::string>();
        if constexpr (detail::is_list_v<T>) {
          variable.clear();
          std::istringstream parts(text + ',');
          for (std::string part; std::getline(parts, part, ',');) variable.push_back(detail::value_of<Value>(name, part, range));
        } else {
          variable = detail::value_of<Value>(name, text, range);
        }
      });
    }
  }

  /// Sets the variables of the options that are given. Returns false, and prints the help to `out`, where --help is among them.
  /// \throws ign::Error [ign.option.102] on an argument that is no option, [ign.option.104] on a value outside its range,
  ///         [ign.option.105] on an option that is given twice; cxxopts' own on an unknown option and a missing value
  bool parse(int argc, char const* const* argv, std::ostream& out) {
    if (!m_has_help) m_parser.add_options()("help", "this text");
    m_has_help = true;
    std::vector<char const*> own;
    for (int i = 0; i < argc; ++i)
      if (i == 0 || !is_kokkos_argument(argv[i])) own.push_back(argv[i]);
    auto const parsed = m_parser.parse(static_cast<int>(own.size()), own.data());
    if (parsed.count("help") > 0) {
      out << m_parser.help() << "\nOptions of Kokkos, such as --kokkos-num-threads=2, are taken, too: --kokkos-help lists them.\n";
      return false;
    }
    ign::require(parsed.unmatched().empty(), ign::Fault::option, 102, "unknown argument '",
                 parsed.unmatched().empty() ? "" : parsed.unmatched()[0], "'");
    for (auto const& [name, set] : m_options)
      if (parsed.count(name) > 0) {
        ign::require(parsed.count(name) == 1, ign::Fault::option, 105, "--", name, " is given more than once");
        set(parsed[name]);
      }
    return true;
  }

  static bool is_kokkos_argument(std::string_view argument) { return argument.starts_with("--kokkos-"); }

 private:
  cxxopts::Options m_parser;
  std::vector<std::pair<std::string, std::function<void(cxxopts::OptionValue const&)>>> m_options;  // name, and what sets the variable
  bool m_has_help = false;
};

/// The command as it was typed, for reports.
inline std::string command_line(int argc, char const* const* argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) text += (i > 0 ? " " : "") + std::string(argv[i]);
  return text;
}

}  // namespace examples

#endif
