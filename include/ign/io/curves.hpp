// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Curves as a picture: self-contained SVG, value over step.
#ifndef IGN_IO_CURVES_HPP
#define IGN_IO_CURVES_HPP

#include <filesystem>
#include <span>
#include <string>

#include "ign/io/chart.hpp"
#include "ign/io/file.hpp"

namespace ign::io {

/// Writes the curves as a file of their own, atomically.
/// \throws ign::Error as chart_svg; [ign.file.*] as AtomicFile
inline void write_curves(std::filesystem::path const& path, std::span<Curve const> curves, CurveOptions const& options = {}) {
  std::string svg = chart_svg(curves, options, options.title);
  std::string const background =
      "<style>" + escape(chart_style) +
      ".ign-chart{background:#fff}@media screen and (prefers-color-scheme:dark){.ign-chart{background:#17181a}}</style>\n";
  svg.insert(svg.find('\n') + 1, background);
  write_file(path, svg);
}

}  // namespace ign::io

#endif  // IGN_IO_CURVES_HPP
