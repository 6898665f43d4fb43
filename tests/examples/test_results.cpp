// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The picture docs/images/second-application.svg shows the runs of second-application.csv, whose figures are those of docs/results.md. With
// IGN_WRITE_SNIPPETS=1 in the environment, this test draws it.

#include <boost/test/unit_test.hpp>

#include "../../examples/support/report/chart.hpp"

#include <ign_test/folder.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(results)

namespace fs = std::filesystem;
using ign_test::text_of;

fs::path const documents = fs::path(IGN_GOLDEN_DIR).parent_path().parent_path() / "docs";

/// A line of the file: the kind of the run, then its figures as they are written.
struct Run {
  std::string kind, fd, fd_of_second, idempotence;

  double root_of_idempotence() const { return std::sqrt(std::stod(idempotence)); }
  double rise() const { return std::sqrt(std::stod(fd_of_second)) - std::sqrt(std::stod(fd)); }
};

std::vector<Run> read_runs() {
  std::vector<Run> runs;
  std::istringstream lines(text_of(documents / "images" / "second-application.csv"));
  std::regex const form("\"([^\"]+)\",([0-9.]+),([0-9.]+),([0-9.]+)");
  std::string line;
  std::getline(lines, line);  // names of the columns
  while (std::getline(lines, line)) {
    std::smatch found;
    BOOST_REQUIRE_MESSAGE(std::regex_match(line, found, form), "second-application.csv: " + line);
    runs.push_back({found[1], found[2], found[3], found[4]});
  }
  return runs;
}

/// True if `number` is in the text, not as a part of a longer number.
bool has_number(std::string const& text, std::string const& number) {
  auto const is_part = [](char c) { return c == '.' || (c >= '0' && c <= '9'); };
  for (auto at = text.find(number); at != std::string::npos; at = text.find(number, at + 1)) {
    auto const end = at + number.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
  }
  return false;
}

/// A curve for each kind of run: points (√T, √FD(f²) - √FD(f)), with the slope of the best line through the origin in its name.
std::vector<examples::Curve> curves_of(std::vector<Run> runs) {
  std::stable_sort(runs.begin(), runs.end(), [](Run const& a, Run const& b) { return a.root_of_idempotence() < b.root_of_idempotence(); });
  std::vector<examples::Curve> curves;
  for (std::string const kind : {"one phase, mnist-small", "one phase, mnist-wide", "two phases, mnist-small", "two phases, mnist-wide",
                                 "two phases, mnist-large"}) {
    examples::Curve curve = {.name = kind, .x = {}, .y = {}, .mark = examples::Mark::points};
    for (auto const& run : runs) {
      if (run.kind != kind) continue;
      curve.x.push_back(run.root_of_idempotence());
      curve.y.push_back(run.rise());
    }
    double const slope = std::inner_product(curve.x.begin(), curve.x.end(), curve.y.begin(), 0.0) /
                         std::inner_product(curve.x.begin(), curve.x.end(), curve.x.begin(), 0.0);
    curve.name += ": " + std::to_string(std::lround(slope)) + " √T";
    curves.push_back(curve);
  }
  return curves;
}

BOOST_AUTO_TEST_CASE(the_picture_of_second_applications_shows_the_runs_of_the_results) {
  auto const runs = read_runs();
  auto const curves = curves_of(runs);
  std::size_t points = 0;
  for (auto const& curve : curves) points += curve.x.size();
  BOOST_TEST(points == runs.size(), "second-application.csv has a kind of run that is not drawn");

  std::istringstream lines(text_of(documents / "results.md"));
  std::vector<std::string> results;
  for (std::string line; std::getline(lines, line);) results.push_back(line);
  for (auto const& run : runs) {
    bool const found = std::any_of(results.begin(), results.end(),
                                   [&](std::string const& line) { return has_number(line, run.fd) && has_number(line, run.fd_of_second); });
    BOOST_TEST(found, "no line of results.md has the figures " << run.fd << " and " << run.fd_of_second);
  }

  ign_test::Folder const folder;
  auto const drawn = folder.path / "second-application.svg", kept = documents / "images" / "second-application.svg";
  examples::write_curves(drawn, curves,
                         {.title = "What the second application adds to the root of FD-C",
                          .x_label = "√T, root of the idempotence loss",
                          .log_y = false,
                          .y_label = "√FD(f²) − √FD(f)"});
  if (std::getenv("IGN_WRITE_SNIPPETS")) fs::copy_file(drawn, kept, fs::copy_options::overwrite_existing);
  BOOST_TEST((text_of(drawn) == text_of(kept)),
             "second-application.svg does not show second-application.csv: run this test with IGN_WRITE_SNIPPETS=1");
}

BOOST_AUTO_TEST_SUITE_END()
