// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Machine-readable log of a run: one JSON object per line, flushed after each line, truncated at the resumed step.
#ifndef IGN_IO_LOG_HPP
#define IGN_IO_LOG_HPP

#include <ign/core/error.hpp>
#include <ign/io/file.hpp>
#include <ign/io/json.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "ign/core/finite.hpp"

namespace ign::io {

/// One line of a log. Fields keep their order.
using LogLine = nlohmann::ordered_json;

namespace detail {

/// The lines of a log before the first whose "step" exceeds `last_step`, and their text.
///
/// An incomplete last line, from a machine that stopped while writing, is skipped.
inline std::pair<std::vector<LogLine>, std::string> whole_log_lines(std::filesystem::path const& path,
                                                                    std::optional<std::uint64_t> last_step) {
  auto const bytes = read_file(path);
  std::string_view const text(reinterpret_cast<char const*>(bytes.data()), bytes.size());
  std::vector<LogLine> lines;
  std::size_t kept = 0;
  for (std::size_t end; (end = text.find('\n', kept)) != std::string_view::npos; kept = end + 1) {
    auto line = parse_json<LogLine>(text.substr(kept, end - kept));
    bool const torn = end + 1 == text.size() && !line.is_object();
    if (torn) break;
    bool const good = line.is_object() && (!line.contains("step") || line["step"].is_number_unsigned());
    require(good, Fault::format, 30, path.string(), ": line ", lines.size() + 1,
            " is not a log line, expected a JSON object whose \"step\" is a whole number, 0 or more");
    if (last_step && line.contains("step") && line["step"].get<std::uint64_t>() > *last_step) break;
    lines.push_back(std::move(line));
  }
  return {std::move(lines), std::string(text.substr(0, kept))};
}

}  // namespace detail

/// All whole lines of a log, oldest first. Numbers that were not finite are null.
/// \throws ign::Error [ign.format.30] when a line other than an incomplete last one is not a JSON object of this format;
///         [ign.file.1]–[ign.file.4] as read_file
inline std::vector<LogLine> read_log(std::filesystem::path const& path) { return detail::whole_log_lines(path, std::nullopt).first; }

namespace detail {

/// Replaces values that are not finite by null, since JSON has none. (nlohmann::json calls std::isfinite, which fails with -ffast-math.)
inline void finite_or_null(LogLine& value) {
  if (value.is_number_float()) {
    if (!is_finite(value.get<double>())) value = nullptr;
  } else if (value.is_structured()) {
    for (auto& part : value) finite_or_null(part);
  }
}

}  // namespace detail

/// Appends lines to a log. Each line has been passed to the system when write() returns.
///
/// Example: `auto log = Log::create("log.jsonl"); log.write({{"step", 100}, {"rec", 0.0123}});`
class Log {
 public:
  /// Creates a log. Replaces an existing file.
  /// \param run  name of the run (run_name in io/checkpoint.hpp), which becomes the first line, {"run": …}; empty: no such line
  /// \throws ign::Error [ign.file.2], [ign.file.5]–[ign.file.7] as AtomicFile
  static Log create(std::filesystem::path const& path, std::string const& run = "") {
    write_file(path, head(run));
    return Log(path);
  }

  /// Continues a log after `last_step`. Later lines and an incomplete last line are removed.
  ///
  /// A missing log is created, so that a checkpoint alone is enough to resume.
  /// \param run  name of the run; not compared with a log without a name
  /// \throws ign::Error [ign.format.443] when the log belongs to another run; it is left unchanged. Else as read_log and create
  static Log resume(std::filesystem::path const& path, std::uint64_t last_step, std::string const& run = "") {
    std::error_code unreadable;
    std::string text = head(run);
    if (std::filesystem::exists(path, unreadable)) {
      auto [lines, kept] = detail::whole_log_lines(path, last_step);
      auto const found = lines.empty() || !lines[0].contains("run") ? LogLine() : lines[0]["run"];
      require(run.empty() || found.is_null() || found == run, Fault::format, 443, path.string(), ": is the log of run ", found.dump(),
              ", the checkpoint is of run \"", run, "\": give the resumed run a folder without a log, or the folder of its own log");
      if (!kept.empty()) text = std::move(kept);
    }
    write_file(path, text);
    return Log(path);
  }

  std::filesystem::path const& path() const noexcept { return m_file.path(); }  ///< as given

  /// Writes one line. Numbers have enough digits to be read back exactly; NaN and infinities become null.
  /// \param line  an object, with the field "step" where it belongs to a step
  /// \throws ign::Error [ign.file.6] when the system cannot write the line
  void write(LogLine line) {
    detail::finite_or_null(line);
    m_file.write(line.dump(-1, ' ', false, LogLine::error_handler_t::replace) + '\n');
  }

 private:
  static std::string head(std::string const& run) { return run.empty() ? run : LogLine{{"run", run}}.dump() + '\n'; }
  explicit Log(std::filesystem::path const& path) : m_file(path, O_APPEND) {}

  OutputFile m_file;
};

}  // namespace ign::io

#endif  // IGN_IO_LOG_HPP
