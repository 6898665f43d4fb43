// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "command_line.hpp"

#include <ign/core/error.hpp>
#include <ign/io/excerpt.hpp>

#define CXXOPTS_NO_REGEX  // std::regex recurses once per character: a long argument would exhaust the stack
#include <cxxopts.hpp>

#include <charconv>
#include <cstdint>
#include <iomanip>
#include <locale>
#include <ostream>
#include <sstream>
#include <utility>

namespace examples {

namespace detail {

namespace {

// "a whole number from 1 to 10", for messages.
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

// The number that the whole text spells, or nothing. Independent of the locale.
template <class T>
std::optional<T> number(std::string const& text) {
  T value{};
  if constexpr (std::integral<T>) {
    auto const* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
  } else {  // some standard libraries lack std::from_chars for floating-point numbers
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    bool const whole = !text.starts_with('+') && in >> std::noskipws >> value && in.peek() == std::istringstream::traits_type::eof();
    bool const vanished = value == 0 && std::string_view(text).substr(0, text.find_first_of("eE")).find_first_of("123456789") != text.npos;
    return whole && !vanished ? std::optional(value) : std::nullopt;
  }
}

}  // namespace

template <class T>
T value_of(std::string const& name, std::string const& text, Range const& range) {
  if constexpr (std::same_as<T, std::string>) {
    // As of an unset variable of the shell, which must not look like an option that is not given.
    ign::require(!text.empty(), ign::Fault::option, 104, "--", name, " is empty, expected a value, or no such option");
    return text;
  } else {
    auto const value = number<T>(text);
    ign::require(value && range.holds(static_cast<double>(*value)), ign::Fault::option, 104, "--", name, " is '", ign::io::excerpt(text),
                 "', expected ", expectation<T>(range));
    return *value;
  }
}

template <class T>
std::string text_of(T const& value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

template std::string value_of(std::string const&, std::string const&, Range const&);
template int value_of(std::string const&, std::string const&, Range const&);
template std::uint64_t value_of(std::string const&, std::string const&, Range const&);
template double value_of(std::string const&, std::string const&, Range const&);
template std::string text_of(std::string const&);
template std::string text_of(int const&);
template std::string text_of(std::uint64_t const&);
template std::string text_of(double const&);

std::vector<std::string> split(std::string const& text) {
  std::vector<std::string> all;
  std::istringstream parts(text + ',');
  for (std::string part; std::getline(parts, part, ',');) all.push_back(part);
  return all;
}

}  // namespace detail

struct CommandLine::Parser {
  cxxopts::Options options;
  std::vector<std::pair<std::string, std::function<void(cxxopts::OptionValue const&)>>> setters;  // by the option's name
  bool has_help = false;
};

CommandLine::CommandLine(std::string const& program, std::string const& description)
    : m_parser(new Parser{cxxopts::Options(program, description), {}}) {
  m_parser->options.custom_help("[options]");
}
CommandLine::CommandLine(CommandLine&&) noexcept = default;
CommandLine::~CommandLine() = default;

void CommandLine::add_flag(std::string const& name, std::string const& help, bool& variable) {
  m_parser->options.add_options()(name, help, cxxopts::value<bool>());
  m_parser->setters.emplace_back(name, [&variable](cxxopts::OptionValue const& value) { variable = value.as<bool>(); });
}

void CommandLine::add_value(std::string const& name, std::string const& help, std::string const& initial,
                            std::function<void(std::string const&)> const& set) {
  auto form = cxxopts::value<std::string>();  // cxxopts would accept a number with text behind it
  if (!initial.empty()) form->default_value(initial);
  m_parser->options.add_options()(name, help, form);
  m_parser->setters.emplace_back(name, [set](cxxopts::OptionValue const& value) { set(value.as<std::string>()); });
}

bool CommandLine::parse(int argc, char const* const* argv, std::ostream& out) {
  if (!m_parser->has_help) m_parser->options.add_options()("help", "print this text");
  m_parser->has_help = true;
  std::vector<char const*> own;
  for (int i = 0; i < argc; ++i)
    if (i == 0 || !is_kokkos_argument(argv[i])) own.push_back(argv[i]);
  auto const parsed = [&] {
    try {
      return m_parser->options.parse(static_cast<int>(own.size()), own.data());
    } catch (cxxopts::exceptions::exception const& error) {
      throw UsageError(error.what());
    }
  }();
  if (parsed.count("help") > 0) {
    out << m_parser->options.help()
        << "\nParentheses at the end of a line hold the default. Options of Kokkos, such as --kokkos-num-threads=2, are accepted as well: "
           "--kokkos-help lists them.\n";
    return false;
  }
  ign::require(parsed.unmatched().empty(), ign::Fault::option, 102, "unknown argument '",
               parsed.unmatched().empty() ? "" : parsed.unmatched()[0], "', expected options that begin with --");
  for (auto const& [name, set] : m_parser->setters)
    if (parsed.count(name) > 0) {
      ign::require(parsed.count(name) == 1, ign::Fault::option, 105, "--", name, " is given more than once");
      set(parsed[name]);
    }
  return true;
}

std::string command_line(int argc, char const* const* argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) {
    if (i > 0) text += ' ';
    text += argv[i];
  }
  return text;
}

}  // namespace examples
