// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Reports and charts: text with markup characters, numbers at the ends of their range, and charts with few values.
// tests/browser opens a whole report in a browser.

#include <boost/test/unit_test.hpp>

#include "../../examples/support/report/report.hpp"

#include <ign/core/error.hpp>
#include <ign/io/file.hpp>
#include <ign/io/png.hpp>
#include <ign_test/environment.hpp>
#include <ign_test/folder.hpp>

#include <unistd.h>

#include <fstream>
#include <regex>
#include <set>

using namespace ign;
namespace fs = std::filesystem;

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

auto id(std::string const& expected) {
  return [expected](Error const& error) { return error.id() == expected; };
}

std::size_t count_of(std::string const& text, std::string const& word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

bool has(std::string const& text, std::string const& word) { return text.find(word) != std::string::npos; }

std::string svg_of(std::vector<examples::Curve> const& curves, examples::CurveOptions const& options = {}) {
  return examples::chart_svg(curves, options, "d");
}

/// The numbers of the path data of a class: "line k0".
std::vector<double> places(std::string const& svg, std::string const& style) {
  std::vector<double> numbers;
  std::smatch found;
  if (!std::regex_search(svg, found, std::regex("class=\"" + style + "\" d=\"([^\"]*)\""))) return numbers;
  std::string const way = found[1];
  std::regex const number("-?[0-9]+\\.[0-9]");
  for (std::sregex_iterator i(way.begin(), way.end(), number), end; i != end; ++i) numbers.push_back(std::stod(i->str()));
  return numbers;
}

/// The labels of all ticks: those of the y axis, then those of the x axis.
std::vector<std::string> ticks(std::string const& svg) {
  std::vector<std::string> labels;
  std::regex const tick("class=\"tick\">([^<]*)<");
  for (std::sregex_iterator i(svg.begin(), svg.end(), tick), end; i != end; ++i) labels.push_back((*i)[1]);
  return labels;
}

io::Image grey(std::size_t height, std::size_t width) { return {height, width, 1, std::vector<std::uint8_t>(height * width, 7)}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(report)

BOOST_AUTO_TEST_CASE(words_are_escaped) {
  BOOST_TEST(examples::escape("<script>alert('&\"')</script>") == "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;");
  BOOST_TEST(examples::escape("f²(z) → 𝒳 ÿ") == "f²(z) → 𝒳 ÿ");
  BOOST_TEST(examples::escape("a\tb\nc") == "a\tb\nc");
  std::string const bad = "\xef\xbf\xbd";
  BOOST_TEST(examples::escape(std::string_view("a\0b\x1b\r\x7f", 6)) == "a" + bad + "b" + bad + bad + bad);
  // Neither broken, overlong, surrogate, too large, non-character nor C1 sequences of bytes pass, and the text behind them is kept.
  for (std::string const lie : {"\x80", "\xc3", "\xc0\xbc", "\xe0\x80\xbc", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
                                "\xf0\x80\x80\xbc", "\xe2\x82", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xc2\x85", "\xff"}) {
    auto const out = examples::escape(lie + '<');
    BOOST_TEST(out.substr(0, 3) == bad);
    BOOST_TEST(out.substr(out.size() - 4) == "&lt;");
    BOOST_TEST(count_of(out, bad) * 3 + 4 == out.size());
  }
}

BOOST_AUTO_TEST_CASE(base_64_of_the_standard) {  // RFC 4648, section 10
  std::vector<std::pair<std::string, std::string>> const pairs = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (auto const& [plain, coded] : pairs) BOOST_TEST(examples::base64(std::as_bytes(std::span(plain))) == coded);
  std::array const high = {std::byte{0xff}, std::byte{0xfe}, std::byte{0xfb}};
  BOOST_TEST(examples::base64(high) == "//77");
}

BOOST_AUTO_TEST_CASE(numbers_at_the_ends_of_their_range) {
  ign_test::AllowNan const allow;
  std::vector<std::pair<double, std::string>> const pairs = {{0, "0"},
                                                             {-0.0, "0"},
                                                             {1, "1"},
                                                             {-2, "−2"},
                                                             {0.25, "0.25"},
                                                             {-0.00971234, "−0.009712"},
                                                             {1e-4, "0.0001"},
                                                             {9.99949e-5, "9.999×10⁻⁵"},
                                                             {9.99999e-5, "0.0001"},
                                                             {1.5e-9, "1.5×10⁻⁹"},
                                                             {1e-300, "10⁻³⁰⁰"},
                                                             {5e-324, "4.941×10⁻³²⁴"},
                                                             {9.99996, "10"},
                                                             {1234.56, "1235"},
                                                             {12345.6, "12,346"},
                                                             {128000, "128,000"},
                                                             {-9999999, "−9,999,999"},
                                                             {1e7, "10⁷"},
                                                             {1.7976931348623157e308, "1.798×10³⁰⁸"},
                                                             {nan_value, "NaN"},
                                                             {infinity, "∞"},
                                                             {-infinity, "−∞"}};
  for (auto const& [value, text] : pairs) BOOST_TEST(examples::number_text(value) == text);
  BOOST_TEST(examples::count_text(0) == "0");
  BOOST_TEST(examples::count_text(9999) == "9999");
  BOOST_TEST(examples::count_text(10000) == "10,000");
  BOOST_TEST(examples::count_text(~std::uint64_t{0}) == "18,446,744,073,709,551,615");
  BOOST_TEST(examples::Cell(std::numeric_limits<std::int64_t>::min()).text == "−9,223,372,036,854,775,808");
  BOOST_TEST(examples::Cell(std::int8_t{-128}).text == "−128");
  BOOST_TEST(examples::spread_text(0.00971, 0.00123) == "0.0097\u202f±\u202f0.0012");
  BOOST_TEST(examples::spread_text(-31.416, 12.3) == "−31\u202f±\u202f12");
  BOOST_TEST(examples::spread_text(1, 0) == "1\u202f±\u202f0");
  BOOST_TEST(examples::spread_text(nan_value, infinity) == "NaN\u202f±\u202f∞");
}

BOOST_AUTO_TEST_CASE(a_document_holds_what_it_was_given) {
  examples::Report report("Title <b>");
  report.text("paragraph & more");
  report.facts({{"name <i>", "value </dd>"}, {"count", 12345}});
  report.table({"what", "value"}, {{"<td>", 0.5}, {"", examples::Cell::spread(1, 0.1)}}, "numbers \"here\"");
  std::vector<examples::Curve> const curves = {{"a<b", {1, 2, 3}, {1, 0.1, 0.01}}, {"c", {1, 2, 3}, {2, 2, 2}}};
  report.chart(curves, {.title = "chart <c>"});
  report.picture("picture' onerror='x", grey(3, 5), {.scale = 4});
  report.picture("rows", std::vector<examples::PictureRow>{{"<z>", grey(2, 2)}, {"f(z)", grey(2, 2)}});
  auto const html = report.html();
  BOOST_TEST(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  BOOST_TEST(has(html, "<meta charset=\"utf-8\">"));
  BOOST_TEST(has(html, "name=\"viewport\" content=\"width=device-width"));
  BOOST_TEST(has(html, "default-src 'none'"));
  BOOST_TEST(has(html, "<h1>Title &lt;b&gt;</h1>"));
  BOOST_TEST(has(html, "<p>paragraph &amp; more</p>"));
  BOOST_TEST(has(html, "<dt>name &lt;i&gt;</dt><dd>value &lt;/dd&gt;</dd>"));
  BOOST_TEST(has(html, "<dt>count</dt><dd>12,345</dd>"));
  BOOST_TEST(has(html, "<tr><th>what</th><th class=\"number\">value</th></tr>"));
  BOOST_TEST(has(html, "<tr><td>&lt;td&gt;</td><td class=\"number\">0.5</td></tr>"));
  BOOST_TEST(has(html, "aria-label=\"numbers &quot;here&quot;\""));
  BOOST_TEST(has(html, "alt=\"picture&#39; onerror=&#39;x\""));
  BOOST_TEST(has(html, "<img width=\"20\" height=\"12\""));
  BOOST_TEST(has(html, "alt=\"&lt;z&gt;: rows\""));
  BOOST_TEST(has(html, "a&lt;b: from 1 at step 1 to 0.01 at 3."));
  BOOST_TEST(count_of(html, "<svg ") == 2u);  // for a page and for a phone
  BOOST_TEST(count_of(html, "<img ") == 3u);
  BOOST_TEST(count_of(html, "<figcaption>") == count_of(html, "<figure"));
  BOOST_TEST(count_of(html, "<script") == 0u);
  BOOST_TEST(count_of(html, "http") == 3u);  // http-equiv, and twice the name of SVG
  for (std::string const tag : {"figure", "div", "table", "dl", "tr", "td", "svg", "p"})
    BOOST_TEST(count_of(html, '<' + tag + '>') + count_of(html, '<' + tag + ' ') == count_of(html, "</" + tag + '>'), tag);
}

BOOST_AUTO_TEST_CASE(contents_from_three_sections_on) {
  examples::Report report("T");
  report.text("summary");
  report.section("One");
  report.section("Two & a half");
  BOOST_TEST(!has(report.html(), "<nav"));
  report.section("Three");
  auto const html = report.html();
  BOOST_TEST(has(html, "<a href=\"#section-2\">Two &amp; a half</a>"));
  BOOST_TEST(has(html, "<h2 id=\"section-2\">Two &amp; a half</h2>"));
  BOOST_TEST(html.find("summary") < html.find("<nav"));
  BOOST_TEST(html.find("<nav") < html.find("<h2"));
}

BOOST_AUTO_TEST_CASE(a_report_replaces_its_file_as_a_whole) {
  fs::path const folder = fs::temp_directory_path() / ("ign_test_report_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  io::write_file(folder / "report.html", "old");
  examples::Report("New").write(folder / "report.html");
  std::ifstream in(folder / "report.html");
  std::string const text{std::istreambuf_iterator<char>(in), {}};
  BOOST_TEST((text == examples::Report("New").html()));
  BOOST_TEST(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 1);
  BOOST_CHECK_EXCEPTION(examples::Report("New").write(folder / "no" / "report.html"), Error, id("ign.file.5"));
  fs::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(what_a_report_refuses) {
  ign_test::AllowNan const allow;
  BOOST_CHECK_EXCEPTION(examples::Report(""), Error, id("ign.option.302"));
  examples::Report report("T");
  auto const before = report.html();
  BOOST_CHECK_EXCEPTION(report.section(""), Error, id("ign.option.302"));
  BOOST_CHECK_EXCEPTION(report.table({"a"}, {}, ""), Error, id("ign.option.302"));
  BOOST_CHECK_EXCEPTION(report.table({}, {}, "c"), Error, id("ign.option.301"));
  BOOST_CHECK_EXCEPTION(report.table({"a", "b"}, {{1, 2}, {1}}, "c"), Error, id("ign.option.301"));
  BOOST_CHECK_EXCEPTION(report.picture("", grey(1, 1)), Error, id("ign.option.302"));
  BOOST_CHECK_EXCEPTION(report.picture("c", grey(1, 1), {.scale = 0}), Error, id("ign.option.303"));
  BOOST_CHECK_EXCEPTION(report.picture("c", grey(1, 1), {.scale = nan_value}), Error, id("ign.option.303"));
  BOOST_CHECK_EXCEPTION(report.picture("c", grey(1, 1), {.scale = 1e9}), Error, id("ign.option.303"));
  BOOST_CHECK_EXCEPTION(report.picture("c", std::vector<examples::PictureRow>{}), Error, id("ign.option.303"));
  BOOST_CHECK_EXCEPTION(report.picture("c", std::vector<examples::PictureRow>{{"", grey(1, 1)}}), Error, id("ign.option.303"));
  BOOST_CHECK_EXCEPTION(report.picture("c", grey(0, 1)), Error, id("ign.option.42"));
  BOOST_CHECK_EXCEPTION(report.picture("c", io::Image{2, 2, 1, {1, 2, 3}}), Error, id("ign.option.42"));
  BOOST_CHECK_EXCEPTION(report.picture("c", io::Image{1, 1, 5, {1, 2, 3, 4, 5}}), Error, id("ign.option.42"));
  auto png = io::encode_png(grey(2, 3));
  BOOST_CHECK_EXCEPTION(report.picture("c", std::span(png).first(23)), Error, id("ign.format.304"));
  png[1] = std::byte{'X'};
  BOOST_CHECK_EXCEPTION(report.picture("c", std::span(png)), Error, id("ign.format.304"));
  std::vector<examples::Curve> const curves = {{"a", {1}, {-1}}};
  BOOST_CHECK_EXCEPTION(report.chart(curves, {.title = "t"}), Error, id("ign.option.300"));
  BOOST_CHECK_EXCEPTION(report.chart(curves, {.log_y = false}), Error, id("ign.option.302"));
  BOOST_TEST((report.html() == before));
}

BOOST_AUTO_TEST_CASE(a_transparent_margin) {
  std::vector<float> const values = {-1, 1};
  auto const image = io::image_grid<float>(values, {2, 1, 1, 1}, {.columns = 2, .margin = 1, .transparent = true});
  BOOST_TEST(image.channels == 2u);
  std::vector<std::uint8_t> const middle = {255, 0, 0, 255, 255, 0, 255, 255, 255, 0};
  BOOST_TEST((std::vector<std::uint8_t>(image.pixels.begin() + 10, image.pixels.begin() + 20)) == middle);
  BOOST_TEST(io::encode_png(image).size() > 24u);
  ign_test::AllowNan const allow;
  std::vector<float> const broken = {-1, std::numeric_limits<float>::quiet_NaN()};
  auto const coloured = io::image_grid<float>(broken, {2, 1, 1, 1}, {.columns = 2, .margin = 0, .transparent = true});
  BOOST_TEST(coloured.pixels == (std::vector<std::uint8_t>{0, 0, 0, 255, 255, 0, 255, 255}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(chart)

BOOST_AUTO_TEST_CASE(curves_have_gaps_and_ticks) {
  ign_test::Folder const folder;
  auto const path = folder.path / "c.svg";
  std::vector<examples::Curve> const curves = {{"a<b", {0, 1, 2, 3}, {1, 0.1, nan_value, 0.01}}};
  examples::write_curves(path, curves, {.title = "T"});
  auto const bytes = ign::io::read_file(path);
  std::string const svg(reinterpret_cast<char const*>(bytes.data()), bytes.size());
  BOOST_TEST(svg.find("a&lt;b") != std::string::npos);
  BOOST_TEST(svg.find("nan") == std::string::npos);
  BOOST_TEST(svg.find("</svg>") != std::string::npos);
  BOOST_CHECK_THROW(examples::write_curves(path, {}), Error);
}

BOOST_AUTO_TEST_CASE(ends_of_a_curve_stand_at_the_ends_of_the_axes) {
  auto const svg = svg_of({{"a", {0, 50, 100}, {0, 1, 2}}}, {.log_y = false});
  auto const line = places(svg, "line k0");
  auto const axis = places(svg, "axis");
  BOOST_REQUIRE(line.size() == 6u);
  BOOST_TEST(line[0] == axis[0]);  // M left bottom H right
  BOOST_TEST(line[4] == axis[2]);
  BOOST_TEST(line[2] == (line[0] + line[4]) / 2, boost::test_tools::tolerance(1e-3));  // to a tenth of a pixel
  BOOST_TEST(line[3] == (line[1] + line[5]) / 2, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(line[1] < axis[1]);  // a twentieth of room
  BOOST_TEST(line[1] > line[5]);
  BOOST_TEST(ticks(svg) == (std::vector<std::string>{"0.0", "0.5", "1.0", "1.5", "2.0", "0", "20", "40", "60", "80", "100"}));
}

BOOST_AUTO_TEST_CASE(logarithmic_axes) {
  auto svg = svg_of({{"a", {1, 10, 100}, {1e-6, 1e-3, 1}}}, {.log_x = true});
  auto const line = places(svg, "line k0");
  BOOST_REQUIRE(line.size() == 6u);
  BOOST_TEST(line[2] == (line[0] + line[4]) / 2, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(line[3] == (line[1] + line[5]) / 2, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(ticks(svg) == (std::vector<std::string>{"10⁻⁶", "0.0001", "0.01", "1", "1", "2", "5", "10", "20", "50", "100"}));
  svg = svg_of({{"a", {0, 1}, {0.011, 0.019}}});  // within a decade: round values
  BOOST_TEST(ticks(svg) == (std::vector<std::string>{"0.012", "0.014", "0.016", "0.018", "0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}));
  for (double const bad : {0.0, -1.0}) {
    BOOST_CHECK_EXCEPTION(svg_of({{"a", {1, 2}, {1, bad}}}), Error, id("ign.option.300"));
    BOOST_CHECK_EXCEPTION(svg_of({{"a", {1, bad}, {1, 1}}}, {.log_y = false, .log_x = true}), Error, id("ign.option.300"));
  }
  BOOST_CHECK_NO_THROW(svg_of({{"a", {-1, 0}, {1, 2}}}));
}

BOOST_AUTO_TEST_CASE(a_single_point_and_constant_curves) {
  for (bool const log : {false, true}) {
    auto const svg = svg_of({{"a", {7}, {3}}}, {.log_y = log, .log_x = log});
    auto const dot = places(svg, "line dots k0");
    auto const axis = places(svg, "axis");
    BOOST_REQUIRE(dot.size() == 2u);
    BOOST_TEST(dot[0] == (axis[0] + axis[2]) / 2, boost::test_tools::tolerance(1e-3));
    BOOST_TEST(dot[1] < axis[1]);
    BOOST_TEST(ticks(svg).size() >= 4u);
  }
  for (double const value : {0.0, 5.0, -1e-12, 1e15, 1e299, -3e-310}) {
    auto const svg = svg_of({{"a", {0, 1, 2}, {value, value, value}}}, {.log_y = false});
    auto const line = places(svg, "line k0");
    BOOST_REQUIRE(line.size() == 6u);
    BOOST_TEST(line[1] == line[5]);
    BOOST_TEST(!has(svg, "nan"));
    BOOST_TEST(!has(svg, "inf"));
    BOOST_TEST(ticks(svg).size() >= 5u);
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_leaves_a_gap) {
  ign_test::AllowNan const allow;
  auto const svg = svg_of({{"a", {0, 1, 2, 3, 4, 5}, {1, 2, nan_value, 3, infinity, 4}}}, {.log_y = false});
  BOOST_TEST(places(svg, "line k0").size() == 8u);
  BOOST_TEST(places(svg, "line dots k0").size() == 4u);  // two values that have no neighbour
  BOOST_TEST(!has(svg, "nan"));
  BOOST_TEST(!has(svg, "inf"));
  BOOST_CHECK_EXCEPTION(svg_of({{"a", {0, 1}, {nan_value, infinity}}}), Error, id("ign.option.43"));
  BOOST_CHECK_EXCEPTION(svg_of({}), Error, id("ign.option.43"));
  BOOST_CHECK_EXCEPTION(svg_of({{"a", {0, 1}, {1}}}), Error, id("ign.option.43"));
  BOOST_CHECK_EXCEPTION(svg_of({{"a", {0, 1}, {1, 2}, {0.1}}}), Error, id("ign.option.43"));
  BOOST_CHECK_NO_THROW(svg_of({{"a", {0, 1, 2}, {-1e308, 1e308, 1}}}, {.log_y = false}));
}

BOOST_AUTO_TEST_CASE(bands_and_points) {
  auto svg = svg_of({{"a", {0, 1}, {1, 3}, {1, 0}, examples::Mark::line_and_points}}, {.log_y = false});
  auto const line = places(svg, "line k0"), band = places(svg, "band k0"), dots = places(svg, "line dots k0");
  BOOST_REQUIRE(band.size() == 8u);  // along the upper edge, and back along the lower one
  BOOST_TEST(dots == line);
  BOOST_TEST(line[1] == (band[1] + band[7]) / 2, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(band[1] < line[1]);
  BOOST_TEST(band[3] == band[5]);
  svg = svg_of({{"a", {1, 2}, {1, 1}, {0.5, 2}}});  // the edge of a logarithmic axis, for values below 0
  BOOST_TEST(places(svg, "band k0")[5] == places(svg, "axis")[1]);
  svg = svg_of({{"a", {1, 2}, {1, 1}, {}, examples::Mark::points}});
  BOOST_TEST(places(svg, "line k0").empty());
  BOOST_CHECK_EXCEPTION(svg_of({{"a", {1}, {1}, {-0.5}}}), Error, id("ign.option.300"));
}

BOOST_AUTO_TEST_CASE(names_that_need_room) {
  std::string const name = "a rather long name of a curve";
  std::vector<examples::Curve> curves;
  for (int k = 0; k < 8; ++k) curves.push_back({name, {0, 1}, {1, 2}});
  auto const svg = examples::chart_svg(curves, {.title = "T & <t>"}, "d\"", {332, 300});
  std::set<std::string> lines;
  std::regex const place("y=\"([0-9.]+)\" text-anchor=\"start\" class=\"name\"");
  for (std::sregex_iterator i(svg.begin(), svg.end(), place), end; i != end; ++i) lines.insert((*i)[1]);
  BOOST_TEST(lines.size() == 8u);
  BOOST_TEST(has(svg, "T &amp; &lt;t&gt;"));
  BOOST_TEST(has(svg, "aria-label=\"d&quot;\""));
}

BOOST_AUTO_TEST_SUITE_END()
