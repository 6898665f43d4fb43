// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Checks of the documents: their code is code that a test runs, links and paths exist, and each error has a cause and a fix.
//
// A block of C++, C, Fortran, Python or CMake below a line `<!-- from <file> -->` is that file from end to end, without its licence. Below
// `<!-- from <file> [<mark>] -->` it is the part of that file between `// [<mark>]` and `// [/<mark>]` (`# [<mark>]` in CMake), without the
// common indentation. A whole program, and a whole CMakeLists.txt, must be a whole file of a project that tests/consumer builds against an
// installed library, so that a reader can copy it. With IGN_WRITE_SNIPPETS=1 in the environment, this test rewrites the blocks.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
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
  Lines all = {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/other_libraries/README.md", "examples/README.md"};
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

/// The lines between the marks of a source, as a document shows them; empty: there are no such marks.
Lines marked(Lines const& source, std::string const& mark) {
  Lines found;
  bool inside = false;
  std::size_t indent = std::string::npos;
  for (auto const& line : source) {
    auto const text = trimmed(line);
    if (text == "// [/" + mark + "]" || text == "# [/" + mark + "]") inside = false;
    if (inside) {
      found.push_back(text.empty() ? "" : line);
      if (!text.empty()) indent = std::min(indent, line.find_first_not_of(' '));
    }
    if (text == "// [" + mark + "]" || text == "# [" + mark + "]") inside = true;
  }
  for (auto& line : found) line = line.empty() ? line : line.substr(indent);
  return found;
}

/// A source from end to end, less the lines of its licence and the empty one below them.
Lines without_licence(Lines source) {
  auto first = source.begin();
  while (first != source.end() && first->find("SPDX-") != std::string::npos) ++first;
  if (first != source.begin() && first != source.end() && first->empty()) ++first;
  source.erase(source.begin(), first);
  return source;
}

/// The file and the mark that a line `<!-- from <file> [<mark>] -->` names; without a mark it is empty.
struct Origin {
  std::string file, mark;

  explicit Origin(std::string const& line) {
    std::istringstream words(line);
    std::string open, from, what;
    if (!(words >> open >> from >> what) || open != "<!--" || from != "from" || !fs::exists(root / what)) return;
    file = what;
    if (words >> what && what.size() > 2 && what.front() == '[' && what.back() == ']') mark = what.substr(1, what.size() - 2);
  }

  Lines lines() const {
    if (file.empty()) return {};
    auto const source = read_lines(root / file);
    return mark.empty() ? without_licence(source) : marked(source, mark);
  }
};

/// True if a reader would copy the block into a file of its own.
bool is_whole(Lines const& block) {
  return std::any_of(block.begin(), block.end(), [](auto const& line) {
    return starts_with(line, "int main(") || starts_with(line, "cmake_minimum_required(") || starts_with(line, "project(");
  });
}

/// True if tests/consumer builds the file as it stands, by a CMakeLists.txt beside it.
bool is_built(std::string const& file) {
  auto const contains = [](fs::path const& path, std::string const& text) {
    auto const lines = read_lines(path);
    return std::any_of(lines.begin(), lines.end(), [&](auto const& line) { return line.find(text) != std::string::npos; });
  };
  auto const folder = fs::path(file).parent_path();
  auto const name = fs::path(file).filename().string();
  std::string const copied = "${SOURCE}/" + folder.string() + "/";
  return fs::exists(root / folder / "CMakeLists.txt") &&
         (contains(root / "tests/consumer/run.cmake", copied) || contains(root / "tests/consumer/c/run.cmake", copied)) &&
         (name == "CMakeLists.txt" || contains(root / folder / "CMakeLists.txt", " " + name + ")"));
}

/// Name of a heading in links, as GitHub makes it.
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

/// All files of the sources, relative to the root.
Lines source_files() {
  Lines all;
  for (auto const& top : fs::directory_iterator(root)) {
    auto const name = top.path().filename().string();
    if (name == "build" || name == ".git") continue;
    if (top.is_regular_file()) all.push_back(name);
    if (!top.is_directory()) continue;
    for (auto const& entry : fs::recursive_directory_iterator(top.path()))
      if (entry.is_regular_file()) all.push_back(fs::relative(entry.path(), root).string());
  }
  return all;
}

/// True if a file of the sources has this path, or a path that ends with it.
bool is_source(Lines const& files, std::string const& path) {
  return std::any_of(files.begin(), files.end(), [&](auto const& file) {
    return file == path || (file.size() > path.size() && file.compare(file.size() - path.size() - 1, std::string::npos, '/' + path) == 0);
  });
}

/// All matches of the first group of a pattern.
Lines matches(std::string const& line, std::regex const& pattern) {
  Lines found;
  for (std::sregex_iterator at(line.begin(), line.end(), pattern), end; at != end; ++at) found.push_back((*at)[1]);
  return found;
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
      bool const cpp = lines[i] == "```cpp" || lines[i] == "```c" || lines[i] == "```fortran" || lines[i] == "```python";
      if (!cpp && lines[i] != "```cmake") continue;
      ++blocks;
      auto const where = document + ", line " + std::to_string(i + 1);
      Origin const origin(i > 0 ? lines[i - 1] : "");
      Lines shown;
      for (++i; i < lines.size() && lines[i] != "```"; ++i) shown.push_back(lines[i]);
      Lines const expected = origin.lines();
      bool const whole = is_whole(shown);
      BOOST_TEST((!origin.file.empty() || (!cpp && !whole)), where << ": the line above does not say which file the code is from");
      BOOST_TEST((origin.file.empty() || !expected.empty()), where << ": " << origin.file << " has no [" << origin.mark << ']');
      BOOST_TEST((!whole || (origin.mark.empty() && is_built(origin.file))),
                 where << ": a whole program, but not a whole file that tests/consumer builds");
      if (!write && !expected.empty())
        BOOST_TEST(shown == expected,
                   where << ": not the code of " << origin.file << " [" << origin.mark << "]: see tests/docs/test_docs.cpp");
      Lines const& kept = expected.empty() ? shown : expected;
      rewritten.insert(rewritten.end(), kept.begin(), kept.end());
      rewritten.emplace_back("```");
    }
    if (write && rewritten != lines) {
      std::ofstream file(root / document);
      for (auto const& line : rewritten) file << line << '\n';
    }
  }
  BOOST_TEST(blocks >= 15u);
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

// The changelog is left out: it names what has been renamed.
BOOST_AUTO_TEST_CASE(every_path_in_a_document_exists) {
  Lines const files = source_files();
  std::regex const quoted("`([^`]+)`"), file("[A-Za-z0-9_./-]+\\.(hpp|cpp|cmake|py|sh|md|html|txt)"),
      folder("(benchmarks|cmake|docs|examples|ign|include|packaging|python|tests)/[A-Za-z0-9_/-]+");
  Lines const others = {"app.cpp", "report.html", "project.html", "Kokkos_Core.hpp", "sycl/sycl.hpp"};  // of users, programs and libraries
  std::size_t paths = 0;
  for (auto const& document : documents()) {
    if (document == "CHANGELOG.md") continue;
    bool code = false;
    for (auto const& line : read_lines(root / document)) {
      if (starts_with(line, "```")) code = !code;
      if (code) continue;
      for (auto const& text : matches(line, quoted)) {
        bool const is_file = std::regex_match(text, file);
        if ((!is_file && !std::regex_match(text, folder)) || starts_with(text, "build/")) continue;
        ++paths;
        bool const exists = is_file ? is_source(files, text) : fs::exists(root / text) || fs::exists(root / "include" / text);
        BOOST_TEST((exists || std::count(others.begin(), others.end(), text) == 1),
                   document << ": `" << text << "` is not a path of the sources");
      }
    }
  }
  BOOST_TEST(paths >= 50u);
}

BOOST_AUTO_TEST_CASE(every_path_in_a_header_exists) {
  Lines const files = source_files();
  std::regex const path("([a-z0-9_]+(?:/[a-z0-9_]+)+\\.(?:hpp|cpp|md|cmake))");
  std::size_t paths = 0;
  for (auto const& header : files) {
    if (!starts_with(header, "include/ign/")) continue;
    for (auto const& line : read_lines(root / header)) {
      if (starts_with(trimmed(line), "#")) continue;
      for (auto const& text : matches(line, path)) {
        ++paths;
        BOOST_TEST(is_source(files, text), header << ": " << text << " is not a path of the sources");
      }
    }
  }
  BOOST_TEST(paths >= 50u);
}

BOOST_AUTO_TEST_CASE(every_error_has_a_cause_and_a_fix) {
  std::size_t rows = 0;
  std::map<std::string, int> last;  // number of the previous row, by kind of fault
  for (auto const& line : read_lines(root / "docs/errors.md")) {
    if (starts_with(line, "## ")) last.clear();
    if (!starts_with(line, "| ign.")) continue;
    ++rows;
    auto const id = trimmed(line.substr(1, line.find('|', 1) - 1));
    auto const dot = id.rfind('.') + 1;
    int const number = std::stoi(id.substr(dot));
    int& previous = last[id.substr(0, dot)];
    BOOST_TEST(number > previous, "docs/errors.md: " << id << " follows " << previous << ": sort the rows of a section by number");
    previous = number;
    std::istringstream row(line.substr(1));
    Lines cells;
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(trimmed(cell));
    bool const full = cells.size() == 3 && std::none_of(cells.begin(), cells.end(), [](auto const& cell) { return cell.empty(); });
    BOOST_TEST(full, "docs/errors.md: " << line);
  }
  BOOST_TEST(rows >= 100u);
}
