// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A report as one HTML file with text, facts, tables, charts and pictures. It needs no network and runs no script.
#ifndef IGN_EXAMPLES_SUPPORT_REPORT_REPORT_HPP
#define IGN_EXAMPLES_SUPPORT_REPORT_REPORT_HPP

#include <ign/io/image.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chart.hpp"
#include "html.hpp"

namespace examples {

/// A table cell: text, or a number, which is aligned to the right.
struct Cell {
  std::string text;        ///< as it is shown
  bool is_number = false;  ///< aligned to the right

  Cell(std::string words) : text(std::move(words)) {}                                  ///< text
  Cell(char const* words) : text(words) {}                                             ///< text
  Cell(std::string words, bool number) : text(std::move(words)), is_number(number) {}  ///< text, or a number that is formatted already
  /// A number, formatted by number_text.
  template <std::floating_point Number>
  Cell(Number value) : Cell(number_text(static_cast<double>(value)), true) {}
  /// A whole number, formatted by count_text.
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) Cell(Number value) : is_number(true) {
    auto const bits = static_cast<std::uint64_t>(value);
    text = std::cmp_less(value, 0) ? "\u2212" + count_text(0 - bits) : count_text(bits);
  }
  /// "0.0097 ± 0.0012"
  static Cell spread(double mean, double deviation) { return {spread_text(mean, deviation), true}; }
};

/// A name with its value.
struct Fact {
  std::string name;  ///< in front of the value
  Cell value;        ///< behind the name
};

/// A picture with a label in front of it.
struct PictureRow {
  std::string label;     ///< in front of the picture
  ign::io::Image image;  ///< the pixels
};

/// Display options of a picture.
struct PictureOptions {
  double scale = 2;   ///< CSS pixels per pixel, in both directions, where there is room
  std::string alt{};  ///< text for readers who cannot see the picture; empty: the caption
};

/// An HTML document that grows from top to bottom. All text is escaped.
///
/// Example, for a `std::vector<Curve> curves`: `Report report("Training"); report.section("Losses"); report.chart(curves, {.title = "By
/// step"}); report.write("report.html");`
class Report {
 public:
  /// \throws ign::Error [ign.option.302] when the title is empty
  explicit Report(std::string title);

  /// Begins a section. Three or more sections are listed below the title.
  /// \throws ign::Error [ign.option.302] when the heading is empty
  void section(std::string const& heading);

  /// Adds a paragraph.
  void text(std::string_view paragraph);

  /// Adds a list of names and values.
  void facts(std::vector<Fact> const& facts);

  /// Adds a table. A column is aligned to the right when its first cell that is not empty is a number.
  /// \throws ign::Error [ign.option.301] when there is no column, or a row has not as many cells as there are headers;
  ///         [ign.option.302] when the caption is empty
  void table(std::vector<std::string> const& headers, std::vector<std::vector<Cell>> const& rows, std::string const& caption);

  /// Adds a chart in two widths, for a page and for a phone. The title becomes the caption.
  /// \throws ign::Error as chart_svg; [ign.option.302] when the title is empty
  void chart(std::span<Curve const> curves, CurveOptions options);

  /// Adds a picture from the bytes of a PNG file.
  /// \throws ign::Error [ign.format.304] when the bytes do not begin as a PNG file does; [ign.option.302] when the caption is empty,
  ///         [ign.option.303] when the scale is not in (0, 64]
  void picture(std::string const& caption, std::span<std::byte const> png, PictureOptions const& options = {});
  /// Adds a picture.
  /// \throws ign::Error as encode_png and as above
  void picture(std::string const& caption, ign::io::Image const& pixels, PictureOptions const& options = {});

  /// Adds labelled pictures below each other. The label stands next to its picture, on a phone above it.
  /// \throws ign::Error as encode_png and as above; [ign.option.303] when there is no row, or a row has no label
  void picture(std::string const& caption, std::vector<PictureRow> const& rows, PictureOptions const& options = {});

  /// The whole document.
  std::string html() const;

  /// Writes the document, atomically.
  /// \throws ign::Error [ign.file.*] as AtomicFile
  void write(std::filesystem::path const& path) const;

 private:
  void figure(std::string const& caption, std::string const& contents);

  std::string m_title;
  std::vector<std::string> m_headings;
  std::string m_body;
};

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_REPORT_REPORT_HPP
