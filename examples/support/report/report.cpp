// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "report.hpp"

#include <ign/core/error.hpp>
#include <ign/io/file.hpp>
#include <ign/io/png.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace examples {

namespace {

// The style sheet of reports: light, dark and print, from a phone's width on, in the fonts of the reader's system.
constexpr std::string_view report_style = R"(
:root{color-scheme:light dark;--paper:#fdfdfb;--ink:#1b1b19;--faint:#5d5d57;--rule:#dfdfd9;--strong:#8b8b84;--link:#005c94}
@media screen and (prefers-color-scheme:dark){
:root{--paper:#17181a;--ink:#e7e6e2;--faint:#a9a8a1;--rule:#37383c;--strong:#77777a;--link:#7cc0f0}}
@media print{:root{color-scheme:light;--paper:#fff}nav{display:none}figure,tr{break-inside:avoid}h2{break-after:avoid}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);overflow-wrap:break-word;
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:51.5rem;margin:0 auto;padding:3rem 14px 5rem}
h1,h2{font-family:Charter,"Bitstream Charter","Iowan Old Style",Palatino,Cambria,Georgia,serif;font-weight:500;line-height:1.2;text-wrap:balance}
h1{font-size:2.1rem;margin:0 0 .8rem}
h2{font-size:1.4rem;margin:3.2rem 0 .9rem;padding-top:1.1rem;border-top:1px solid var(--rule)}
p{max-width:40rem;margin:0 0 1rem}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.18em}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
nav{margin:1.4rem 0 0;font-size:.92rem}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;list-style:none;margin:0;padding:0}
nav a{display:inline-block;padding:.25rem 0}
figure{margin:1.3rem 0 2rem}
figcaption{max-width:40rem;color:var(--faint);font-size:.9rem;line-height:1.45;margin-top:.7rem}
figure.head figcaption{margin:0 0 .6rem}
img{display:block;max-width:100%;height:auto;image-rendering:pixelated}
.rows{display:grid;grid-template-columns:7rem minmax(0,1fr);gap:3px .5rem;align-items:center}
.rows span{font-size:.85rem;color:var(--faint);font-variant-numeric:tabular-nums lining-nums}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.93rem;border-top:1.5px solid var(--strong);border-bottom:1.5px solid var(--strong)}
th,td{padding:.34rem 1.6rem .34rem 0;text-align:left;vertical-align:baseline}
th:last-child,td:last-child{padding-right:0}
th{font-weight:600;border-bottom:1px solid var(--strong)}
tbody tr+tr td{border-top:1px solid var(--rule)}
.number{text-align:right;font-variant-numeric:tabular-nums lining-nums}
td.number{white-space:nowrap}
dl{display:grid;grid-template-columns:fit-content(11rem) minmax(0,1fr);gap:.34rem 1.6rem;margin:0 0 1.4rem;font-size:.93rem}
dt{color:var(--faint)}
dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums lining-nums}
svg{display:block;max-width:100%;height:auto}
.narrow{display:none}
@media (max-width:560px){
main{padding-top:1.6rem}h1{font-size:1.7rem}
.wide{display:none}.narrow{display:block}
.rows{grid-template-columns:minmax(0,1fr)}.rows span:not(:first-child){margin-top:.5rem}
th,td{padding-right:1.1rem}dl{grid-template-columns:fit-content(6.5rem) minmax(0,1fr);column-gap:1.1rem}}
)";

std::string anchor(std::size_t section) { return "section-" + std::to_string(section); }

void require_words(char const* what, std::string const& words) {
  ign::require(!words.empty(), ign::Fault::option, 302, "report: the ", what, " is empty, expected words");
}

std::string image(std::span<std::byte const> png, std::string const& alt, PictureOptions const& options) {
  ign::require(options.scale > 0 && options.scale <= 64, ign::Fault::option, 303, "report: picture '", alt, "' has the scale ",
               options.scale, ", expected more than 0 and at most 64");
  // The signature, then the length and name of the first chunk, which holds width and height in network order.
  constexpr std::array<unsigned char, 16> magic = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
  bool const is_png = png.size() >= 24 &&
                      std::equal(magic.begin(), magic.end(), png.begin(), [](unsigned char a, std::byte b) { return std::byte{a} == b; });
  ign::require(is_png, ign::Fault::format, 304, "report: picture '", alt, "' has ", png.size(),
               " bytes that do not begin as a PNG file does");
  auto const extent = [&](std::size_t place) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(png[place + i]);
    return std::to_string(std::llround(options.scale * value));
  };
  return "<img width=\"" + extent(16) + "\" height=\"" + extent(20) + "\" alt=\"" + escape(alt) + "\" src=\"data:image/png;base64," +
         base64(png) + "\">\n";
}

}  // namespace

Report::Report(std::string title) : m_title(std::move(title)) { require_words("title", m_title); }

void Report::section(std::string const& heading) {
  require_words("heading", heading);
  m_headings.push_back(heading);
  m_body += "<h2 id=\"" + anchor(m_headings.size()) + "\">" + escape(heading) + "</h2>\n";
}

void Report::text(std::string_view paragraph) { m_body += "<p>" + escape(paragraph) + "</p>\n"; }

void Report::facts(std::vector<Fact> const& facts) {
  m_body += "<dl>\n";
  for (auto const& fact : facts) m_body += "<dt>" + escape(fact.name) + "</dt><dd>" + escape(fact.value.text) + "</dd>\n";
  m_body += "</dl>\n";
}

void Report::table(std::vector<std::string> const& headers, std::vector<std::vector<Cell>> const& rows, std::string const& caption) {
  require_words("caption of a table", caption);
  ign::require(!headers.empty(), ign::Fault::option, 301, "report: table '", caption, "' has no column");
  std::vector<bool> numbers(headers.size(), false);
  for (std::size_t r = rows.size(); r-- > 0;) {
    ign::require(rows[r].size() == headers.size(), ign::Fault::option, 301, "report: row ", r, " of table '", caption, "' has ",
                 rows[r].size(), " cells, expected ", headers.size());
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

void Report::chart(std::span<Curve const> curves, CurveOptions options) {
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

void Report::picture(std::string const& caption, std::span<std::byte const> png, PictureOptions const& options) {
  figure(caption, image(png, options.alt.empty() ? caption : options.alt, options));
}
void Report::picture(std::string const& caption, ign::io::Image const& pixels, PictureOptions const& options) {
  picture(caption, ign::io::encode_png(pixels), options);
}

void Report::picture(std::string const& caption, std::vector<PictureRow> const& rows, PictureOptions const& options) {
  ign::require(!rows.empty(), ign::Fault::option, 303, "report: picture '", caption, "' has no rows");
  std::string body = "<div class=\"rows\">\n";
  for (auto const& row : rows) {
    ign::require(!row.label.empty(), ign::Fault::option, 303, "report: a row of picture '", caption, "' has no label");
    std::string const alt = row.label + ": " + (options.alt.empty() ? caption : options.alt);
    body += "<span>" + escape(row.label) + "</span>" + image(ign::io::encode_png(row.image), alt, options);
  }
  figure(caption, body + "</div>");
}

std::string Report::html() const {
  std::string contents;
  if (m_headings.size() >= 3) {
    contents = "<nav aria-label=\"Contents\"><ul>\n";
    for (std::size_t i = 0; i < m_headings.size(); ++i)
      contents += "<li><a href=\"#" + anchor(i + 1) + "\">" + escape(m_headings[i]) + "</a></li>\n";
    contents += "</ul></nav>\n";
  }
  // The part before the first section is the summary; the contents follow it.
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

void Report::write(std::filesystem::path const& path) const { ign::io::write_file(path, html()); }

void Report::figure(std::string const& caption, std::string const& contents) {
  require_words("caption of a picture", caption);
  m_body += "<figure>" + contents + "<figcaption>" + escape(caption) + "</figcaption></figure>\n";
}

}  // namespace examples
