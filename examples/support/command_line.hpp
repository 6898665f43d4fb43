// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Command line of a program: options bound to variables, with strict parsing of numbers. Options of Kokkos are left to Kokkos.
#ifndef IGN_EXAMPLES_SUPPORT_COMMAND_LINE_HPP
#define IGN_EXAMPLES_SUPPORT_COMMAND_LINE_HPP

#include <algorithm>
#include <concepts>
#include <functional>
#include <iosfwd>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// The range of numbers that an option accepts.
struct Range {
  double least = std::numeric_limits<double>::lowest(), most = std::numeric_limits<double>::max();
  bool above = false;  ///< `least` is excluded
  bool below = false;  ///< `most` is excluded

  bool holds(double value) const { return (above ? value > least : value >= least) && (below ? value < most : value <= most); }
};

inline constexpr Range at_least(double least) { return {.least = least}; }
inline constexpr Range above(double least) { return {.least = least, .above = true}; }
inline constexpr Range between(double least, double most) { return {least, most}; }

/// A command line that does not have the form of one: an unknown option, or an option without its value.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

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

/// One value of the option `name`. Instantiated for std::string, int, std::uint64_t and double.
/// \throws ign::Error [ign.option.104] with the name, the text and the expected range
template <class T>
T value_of(std::string const& name, std::string const& text, Range const& range);

/// A value as the default in --help. Instantiated for the same types.
template <class T>
std::string text_of(T const& value);

/// The parts of a list with commas.
std::vector<std::string> split(std::string const& text);

}  // namespace detail

/// Options of a program, each bound to a variable that holds the default.
///
/// A variable is a bool (a flag), a std::string, an int, a std::uint64_t or a double, a std::optional of these where absence has a meaning
/// of its own, or a std::vector of them (a list with commas). Arguments that begin with `--kokkos-` are skipped.
///
///     CommandLine line("refine", "Applies f again and again.");
///     line.add("count", "number of samples", options.count, at_least(2));
class CommandLine {
 public:
  CommandLine(std::string const& program, std::string const& description);
  CommandLine(CommandLine&&) noexcept;
  ~CommandLine();

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
      add_flag(name, help, variable);
    } else if constexpr (detail::is_list_v<T>) {
      std::string initial;
      for (auto const& value : variable) {
        if (!initial.empty()) initial += ',';
        initial += detail::text_of<Value>(value);
      }
      add_value(name, help, initial, [name, range, &variable](std::string const& text) {
        variable.clear();
        for (auto const& part : detail::split(text)) variable.push_back(detail::value_of<Value>(name, part, range));
      });
    } else {
      std::string initial;
      if constexpr (std::same_as<T, Value>)
        initial = detail::text_of<Value>(variable);
      else if (variable)
        initial = detail::text_of<Value>(*variable);
      add_value(name, help, initial,
                [name, range, &variable](std::string const& text) { variable = detail::value_of<Value>(name, text, range); });
    }
  }

  /// Sets the variables of the options that are given. With --help it prints the help to `out` and returns false.
  /// \throws UsageError on an unknown option and a missing value; ign::Error [ign.option.102] on an argument that is no option,
  ///         [ign.option.104] on a value outside its range, [ign.option.105] on an option that is given twice
  bool parse(int argc, char const* const* argv, std::ostream& out);

  static bool is_kokkos_argument(std::string_view argument) { return argument.starts_with("--kokkos-"); }

 private:
  void add_flag(std::string const& name, std::string const& help, bool& variable);
  void add_value(std::string const& name, std::string const& help, std::string const& initial,
                 std::function<void(std::string const&)> const& set);

  struct Parser;
  std::unique_ptr<Parser> m_parser;
};

/// The command as it was typed.
std::string command_line(int argc, char const* const* argv);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_COMMAND_LINE_HPP
