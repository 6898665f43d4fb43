// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Progress bar for terminals; for files, one line per tenth of the run or phase.
#ifndef IGN_TRAIN_PROGRESS_HPP
#define IGN_TRAIN_PROGRESS_HPP

#include <cstdint>
#include <cstdio>
#include <ostream>
#include <string>

#include "ign/train/trainer.hpp"

namespace ign {

/// Callback that writes a bar, the first two losses, images per second and the time left at every report. Example:
/// `trainer.train(Progress(std::cout));`
class Progress {
 public:
  /// A callback that writes to `out`.
  /// \param rewrite  true: one line, overwritten at each report, for terminals; false: a new line for each tenth of the run
  explicit Progress(std::ostream& out, bool rewrite = true) : m_out(out), m_rewrite(rewrite) {}

  ///@{
  /// Callback functions, see train/trainer.hpp.
  template <class T>
  void on_report(T const&, Report const& report) {
    std::uint64_t const done = report.step - report.first_step, steps = report.steps - report.first_step;
    std::uint64_t const tenth = 10 * done / steps;
    if (!m_rewrite && tenth == m_tenth) return;
    m_tenth = tenth;
    constexpr std::size_t width = 24;
    auto const full = static_cast<std::size_t>(width * done / steps);
    m_out << (m_rewrite ? "\r[" : "[") << std::string(full, '=') << std::string(width - full, ' ');
    char text[100];
    auto const write = [&](char const* format, auto... values) {
      std::snprintf(text, sizeof text, format, values...);
      m_out << text;
    };
    write("] %3.0f%%  epoch %5.1f", 100.0 * static_cast<double>(done) / static_cast<double>(steps), report.epoch);
    for (std::size_t i = 0; i < report.losses.size() && i < 2; ++i) write("  %s %.4f", report.losses[i].name, report.losses[i].value);
    write("  %6.0f images/s  %4.0f s left", report.images_per_second, report.seconds_left);
    m_out << (m_rewrite ? " " : "\n") << std::flush;
  }
  template <class T>
  void on_end(T const&) {
    if (m_rewrite) m_out << '\n';
  }
  ///@}

 private:
  std::ostream& m_out;
  bool m_rewrite;
  std::uint64_t m_tenth = 0;
};

}  // namespace ign

#endif  // IGN_TRAIN_PROGRESS_HPP
