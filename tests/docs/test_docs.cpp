// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The documents: their C++ is code that a test runs, their links lead somewhere, and each error has a cause and a cure.
//
// A block of C++ in a document stands below a line `<!-- from <file> [<mark>] -->` and has the lines of that file between `// [<mark>]` and
// `// [/<mark>]`, less those between `// [hide]` and `// [/hide]`, and less the indentation that all of them have. After an edit of the
// code, IGN_WRITE_SNIPPETS=1 in the environment has this test write the blocks anew.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

fs::path const root = fs::path(IGN_GOLDEN_DIR).parent_path().parent_path();

Lines read_lines(fs::path const& path) {
  std::ifstream file(path);
  BOOST_REQUIRE_MESSAGE(file, path.string() + " cannot be read");
  Lines lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

Lines documents() {
  Lines all = {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/peers/README.md", "examples/README.md"};
  for (auto const& entry : fs::directory_iterator(root / "docs"))
    if (entry.path().extension() == ".md") all.push_back("docs/" + entry.path().filename().string());
  std::sort(all.begin(), all.end());
  return all;
}

std::string trimmed(std::string const& text) {
  auto const first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool starts_with(std::string const& text, std::string const& head) { return text.compare(0, head.size(), head) == 0; }

/// What stands between the marks of a source, as a document shows it; empty: there are no such marks.
Lines marked(Lines const& source, std::string const& mark) {
  Lines found;
  bool inside = false;
  int hidden = 0;  // blocks about this line, of those that begin within the marks
  std::size_t indent = std::string::npos;
  for (auto const& line : source) {
    auto const text = trimmed(line);
    if (text == "// [" + mark + "]") inside = true;
    if (text == "// [/" + mark + "]") inside = false;
    if (inside && text == "// [hide]") ++hidden;
    bool const shown = inside && hidden == 0 && !(starts_with(text, "// [") && text.back() == ']');
    if (inside && text == "// [/hide]") --hidden;
    if (!shown || (text.empty() && (found.empty() || found.back().empty()))) continue;
    found.push_back(text.empty() ? "" : line);
    if (!text.empty()) indent = std::min(indent, line.find_first_not_of(' '));
  }
  while (!found.empty() && found.back().empty()) found.pop_back();
  for (auto& line : found) line = line.empty() ? line : line.substr(indent);
  return found;
}

/// How GitHub names a heading in links.
std::string anchor(std::string const& heading) {
  std::string name;
  for (char const c : heading) {
    auto const byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '-' || c == '_' || byte >= 128) name += static_cast<char>(std::tolower(byte));
    if (c == ' ') name += '-';
  }
  return name;
}

bool has_anchor(fs::path const& document, std::string const& name) {
  for (auto const& line : read_lines(document)) {
    auto const text = line.find_first_not_of('#');
    if (starts_with(line, "#") && text != std::string::npos && anchor(trimmed(line.substr(text))) == name) return true;
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_code_of_documents_is_code_that_runs) {
  bool const write = std::getenv("IGN_WRITE_SNIPPETS") != nullptr;
  std::size_t blocks = 0;
  for (auto const& document : documents()) {
    Lines const lines = read_lines(root / document);
    Lines rewritten;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      rewritten.push_back(lines[i]);
      if (lines[i] != "```cpp") continue;
      ++blocks;
      auto const where = document + ", line " + std::to_string(i + 1);
      std::istringstream words(i > 0 ? lines[i - 1] : "");
      std::string open, from, file, mark;
      words >> open >> from >> file >> mark;
      bool const named = open == "<!--" && from == "from" && mark.size() > 2 && fs::exists(root / file);
      BOOST_TEST(named, where << ": the line above does not say which file the code is from");
      Lines shown;
      for (++i; i < lines.size() && lines[i] != "```"; ++i) shown.push_back(lines[i]);
      Lines const expected = named ? marked(read_lines(root / file), mark.substr(1, mark.size() - 2)) : Lines{};
      BOOST_TEST((!named || !expected.empty()), where << ": " << file << " has no " << mark);
      if (!write) BOOST_TEST(shown == expected, where << ": not the code of " << file << ' ' << mark << ": see tests/docs/test_docs.cpp");
      Lines const& kept = named && !expected.empty() ? expected : shown;
      rewritten.insert(rewritten.end(), kept.begin(), kept.end());
      rewritten.emplace_back("```");
    }
    if (write && rewritten != lines) {
      std::ofstream file(root / document);
      for (auto const& line : rewritten) file << line << '\n';
    }
  }
  BOOST_TEST(blocks >= 10u);
}

BOOST_AUTO_TEST_CASE(every_link_of_a_document_leads_somewhere) {
  std::size_t links = 0;
  for (auto const& document : documents()) {
    bool code = false;
    for (auto const& line : read_lines(root / document)) {
      if (starts_with(line, "```")) code = !code;
      for (auto at = line.find("]("); !code && at != std::string::npos; at = line.find("](", at + 1)) {
        std::string const target = line.substr(at + 2, line.find(')', at) - at - 2);
        if (starts_with(target, "http://") || starts_with(target, "https://")) continue;
        ++links;
        auto const hash = target.find('#');
        fs::path const file = hash == 0 ? root / document : root / fs::path(document).parent_path() / target.substr(0, hash);
        BOOST_TEST(fs::exists(file), document << ": " << target << " is not there");
        if (hash != std::string::npos && fs::exists(file))
          BOOST_TEST(has_anchor(file, target.substr(hash + 1)), document << ": " << target << " has no such heading");
      }
    }
  }
  BOOST_TEST(links >= 20u);
}

BOOST_AUTO_TEST_CASE(every_error_has_a_cause_and_a_cure) {
  std::size_t rows = 0;
  for (auto const& line : read_lines(root / "docs/errors.md")) {
    if (!starts_with(line, "| ign.")) continue;
    ++rows;
    std::istringstream row(line.substr(1));
    Lines cells;
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(trimmed(cell));
    bool const full = cells.size() == 3 && std::none_of(cells.begin(), cells.end(), [](auto const& cell) { return cell.empty(); });
    BOOST_TEST(full, "docs/errors.md: " << line);
  }
  BOOST_TEST(rows >= 100u);
}
