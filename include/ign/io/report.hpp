// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A report as one HTML file: text, facts, tables, charts and pictures. It opens without a network and runs no script.
#ifndef IGN_IO_REPORT_HPP
#define IGN_IO_REPORT_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ign/core/error.hpp"
#include "ign/io/chart.hpp"
#include "ign/io/file.hpp"
#include "ign/io/html.hpp"
#include "ign/io/png.hpp"
#include "ign/io/report_style.hpp"

namespace ign::io {

/// What stands in a place of a table: words, or a number, which is aligned to the right.
struct Cell {
  std::string text;        ///< what the reader sees
  bool is_number = false;  ///< whether it is aligned to the right

  Cell(std::string words) : text(std::move(words)) {}                                  ///< words
  Cell(char const* words) : text(words) {}                                             ///< words
  Cell(std::string words, bool number) : text(std::move(words)), is_number(number) {}  ///< words, or a number that is written already
  /// A number, as number_text writes it.
  template <std::floating_point Number>
  Cell(Number value) : Cell(number_text(static_cast<double>(value)), true) {}
  /// A whole number, as count_text writes it.
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) Cell(Number value) : is_number(true) {
    auto const bits = static_cast<std::uint64_t>(value);
    text = std::cmp_less(value, 0) ? "\u2212" + count_text(0 - bits) : count_text(bits);
  }
  /// "0.0097 ± 0.0012"
  static Cell spread(double mean, double deviation) { return {spread_text(mean, deviation), true}; }
};

/// A line of facts.
struct Fact {
  std::string name;  ///< what the value is of
  Cell value;        ///< the value
};

/// A picture with the words before it.
struct PictureRow {
  std::string label;  ///< the words
  Image image;        ///< the picture
};

/// How a picture is shown.
struct PictureOptions {
  double scale = 2;   ///< CSS pixels, in both directions, that show one pixel where there is room
  std::string alt{};  ///< for those who do not see the picture; empty: the caption
};

/// Grows from top to bottom. All words are escaped.
///
/// Example, for a `std::vector<Curve> curves`: `Report report("Training"); report.section("Losses"); report.chart(curves, {.title = "By
/// step"}); report.write("report.html");`
class Report {
 public:
  /// \throws ign::Error [ign.option.302] when the title is empty
  explicit Report(std::string title) : m_title(std::move(title)) { require_words("title", m_title); }

  /// Begins a section; from three on a list of them stands below the title.
  /// \throws ign::Error [ign.option.302] when the heading is empty
  void section(std::string const& heading) {
    require_words("heading", heading);
    m_headings.push_back(heading);
    m_body += "<h2 id=\"" + anchor(m_headings.size()) + "\">" + escape(heading) + "</h2>\n";
  }

  /// Adds a paragraph.
  void text(std::string_view paragraph) { m_body += "<p>" + escape(paragraph) + "</p>\n"; }

  /// Adds a list of names and values.
  void facts(std::vector<Fact> const& facts) {
    m_body += "<dl>\n";
    for (auto const& fact : facts) m_body += "<dt>" + escape(fact.name) + "</dt><dd>" + escape(fact.value.text) + "</dd>\n";
    m_body += "</dl>\n";
  }

  /// A column is aligned to the right when its first cell that is not empty is a number.
  /// \throws ign::Error [ign.option.301] when there is no column, or a row has not as many cells as there are headers;
  ///         [ign.option.302] when the caption is empty
  void table(std::vector<std::string> const& headers, std::vector<std::vector<Cell>> const& rows, std::string const& caption) {
    require_words("caption of a table", caption);
    require(!headers.empty(), Fault::option, 301, "report: table '", caption, "' has no column");
    std::vector<bool> numbers(headers.size(), false);
    for (std::size_t r = rows.size(); r-- > 0;) {
      require(rows[r].size() == headers.size(), Fault::option, 301, "report: row ", r, " of table '", caption, "' has ", rows[r].size(),
              " cells, expected ", headers.size());
      for (std::size_t c = 0; c < headers.size(); ++c)
        if (!rows[r][c].text.empty()) numbers[c] = rows[r][c].is_number;
    }
    auto const line = [&](char const* tag, auto const& words) {
      m_body += "<tr>";
      for (std::size_t c = 0; c < headers.size(); ++c)
        m_body += '<' + std::string(tag) + (numbers[c] ? " class=\"number\">" : ">") + escape(words(c)) + "</" + tag + '>';
      m_body += "</tr>\n";
    };
    // The box scrolls where the table is wider; the keyboard reaches it.
    m_body += "<figure class=\"head\"><figcaption>" + escape(caption) +
              "</figcaption>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
              "aria-label=\"" +
              escape(caption) + "\"><table>\n<thead>";
    line("th", [&](std::size_t c) -> std::string const& { return headers[c]; });
    m_body += "</thead>\n<tbody>\n";
    for (auto const& row : rows) line("td", [&](std::size_t c) -> std::string const& { return row[c].text; });
    m_body += "</tbody></table></div></figure>\n";
  }

  /// Curves, drawn for a page and, apart, for a phone. Their title is the caption.
  /// \throws ign::Error as chart_svg; [ign.option.302] when the title is empty
  void chart(std::span<Curve const> curves, CurveOptions options) {
    std::string const caption = std::exchange(options.title, {});
    require_words("title of a chart", caption);
    std::string description = caption + '.';
    for (auto const& curve : curves)
      if (!curve.y.empty() && curve.y.size() == curve.x.size())
        description += ' ' + curve.name + ": from " + number_text(curve.y.front()) + " at " + options.x_label + ' ' +
                       number_text(curve.x.front()) + " to " + number_text(curve.y.back()) + " at " + number_text(curve.x.back()) + '.';
    std::string const wide = chart_svg(curves, options, description, {790, 380});
    std::string const narrow = chart_svg(curves, options, description, {332, 300});
    m_body += "<figure class=\"head\"><figcaption>" + escape(caption) + "</figcaption>\n<div class=\"wide\">" + wide +
              "</div>\n<div class=\"narrow\">" + narrow + "</div></figure>\n";
  }

  /// The picture in a PNG file's bytes.
  /// \throws ign::Error [ign.format.304] when they do not begin as a PNG file does; [ign.option.302] when the caption is empty,
  ///         [ign.option.303] when the scale is not in (0, 64]
  void picture(std::string const& caption, std::span<std::byte const> png, PictureOptions const& options = {}) {
    figure(caption, image(png, options.alt.empty() ? caption : options.alt, options));
  }
  /// \throws ign::Error as encode_png and as above
  void picture(std::string const& caption, Image const& pixels, PictureOptions const& options = {}) {
    picture(caption, encode_png(pixels), options);
  }

  /// Pictures below each other, each with words before it (on a phone: above it).
  /// \throws ign::Error as encode_png and as above; [ign.option.303] when there is no row, or a row has no label
  void picture(std::string const& caption, std::vector<PictureRow> const& rows, PictureOptions const& options = {}) {
    require(!rows.empty(), Fault::option, 303, "report: picture '", caption, "' has no rows");
    std::string body = "<div class=\"rows\">\n";
    for (auto const& row : rows) {
      require(!row.label.empty(), Fault::option, 303, "report: a row of picture '", caption, "' has no label");
      std::string const alt = row.label + ": " + (options.alt.empty() ? caption : options.alt);
      body += "<span>" + escape(row.label) + "</span>" + image(encode_png(row.image), alt, options);
    }
    figure(caption, body + "</div>");
  }

  /// The whole document.
  std::string html() const {
    std::string contents;
    if (m_headings.size() >= 3) {
      contents = "<nav aria-label=\"Contents\"><ul>\n";
      for (std::size_t i = 0; i < m_headings.size(); ++i)
        contents += "<li><a href=\"#" + anchor(i + 1) + "\">" + escape(m_headings[i]) + "</a></li>\n";
      contents += "</ul></nav>\n";
    }
    // What comes before the first section is the summary; the contents follow it.
    auto const begin = std::min(m_body.find("<h2 id=\"section-1\">"), m_body.size());
    // The policy makes sure that nothing is fetched and no script runs, whatever the contents.
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
           "<link rel=\"icon\" href=\"data:,\">\n<title>" +
           escape(m_title) + "</title>\n<style>" + std::string(report_style) + std::string(chart_style) +
           "</style>\n</head>\n<body>\n<main>\n<h1>" + escape(m_title) + "</h1>\n" + m_body.substr(0, begin) + contents +
           m_body.substr(begin) + "</main>\n</body>\n</html>\n";
  }

  /// Writes the document, atomically.
  /// \throws ign::Error [ign.file.*] as AtomicFile
  void write(std::filesystem::path const& path) const { write_file(path, html()); }

 private:
  static std::string anchor(std::size_t section) { return "section-" + std::to_string(section); }

  static void require_words(char const* what, std::string const& words) {
    require(!words.empty(), Fault::option, 302, "report: the ", what, " is empty, expected words");
  }

  void figure(std::string const& caption, std::string const& contents) {
    require_words("caption of a picture", caption);
    m_body += "<figure>" + contents + "<figcaption>" + escape(caption) + "</figcaption></figure>\n";
  }

  static std::string image(std::span<std::byte const> png, std::string const& alt, PictureOptions const& options) {
    require(options.scale > 0 && options.scale <= 64, Fault::option, 303, "report: picture '", alt, "' has the scale ", options.scale,
            ", expected more than 0 and at most 64");
    // The signature, then the length and name of the first chunk, which holds width and height in network order.
    constexpr std::array<unsigned char, 16> magic = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
    bool const is_png = png.size() >= 24 &&
                        std::equal(magic.begin(), magic.end(), png.begin(), [](unsigned char a, std::byte b) { return std::byte{a} == b; });
    require(is_png, Fault::format, 304, "report: picture '", alt, "' has ", png.size(), " bytes that do not begin as a PNG file does");
    auto const extent = [&](std::size_t place) {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(png[place + i]);
      return std::to_string(std::llround(options.scale * value));
    };
    return "<img width=\"" + extent(16) + "\" height=\"" + extent(20) + "\" alt=\"" + escape(alt) + "\" src=\"data:image/png;base64," +
           base64(png) + "\">\n";
  }

  std::string m_title;
  std::vector<std::string> m_headings;
  std::string m_body;
};

}  // namespace ign::io

#endif  // IGN_IO_REPORT_HPP
