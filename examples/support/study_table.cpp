// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "study_table.hpp"

#include <ign/core/error.hpp>
#include <ign/core/finite.hpp>
#include <ign/io/file.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "report/report.hpp"
#include "spread.hpp"

namespace examples {

namespace {

// A column of the table: its header, and the JSON pointer to the value.
struct StudyColumn {
  char const* header;
  char const* path;
};

constexpr std::array study_columns = {StudyColumn{"FD-C", "/evaluation/fd"},
                                      StudyColumn{"precision", "/evaluation/precision"},
                                      StudyColumn{"recall", "/evaluation/recall"},
                                      StudyColumn{"coverage", "/evaluation/coverage"},
                                      StudyColumn{"rarest class", "/evaluation/rarest_class"},
                                      StudyColumn{"NN distance ratio", "/evaluation/memorisation"},
                                      StudyColumn{"reconstruction", "/rec"},
                                      StudyColumn{"idempotence", "/idem"},
                                      StudyColumn{"FD-C of f(f(z))", "/twice/fd"},
                                      StudyColumn{"FD-C, train mode", "/train_mode/fd"},
                                      StudyColumn{"seconds", "/seconds"}};

// The number at a JSON pointer; NaN where there is none.
double number_at(StudyRun const& run, char const* path) {
  auto const pointer = StudyRun::json_pointer(path);
  return run.contains(pointer) && run[pointer].is_number() ? run[pointer].get<double>() : ign::quiet_nan<double>();
}

// All results in a folder, by setting.
std::map<std::string, std::vector<StudyRun>> read_study(std::filesystem::path const& folder) {
  std::vector<std::filesystem::path> files;
  for (auto const& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::map<std::string, std::vector<StudyRun>> settings;
  for (auto const& file : files) {
    auto const bytes = ign::io::read_file(file);
    auto const* text = reinterpret_cast<char const*>(bytes.data());
    auto run = StudyRun::parse(text, text + bytes.size(), nullptr, false);
    ign::require(run.is_object() && run.contains("name") && run["name"].is_string(), ign::Fault::format, 64, file.string(),
                 ": not a result of `study`, expected a JSON object with a text in the field 'name'");
    settings[run["name"].get<std::string>()].push_back(std::move(run));
  }
  return settings;
}

// Names of curves: the fields, except the weight of the tightness, in which the settings of Idempotent differ.
class StudySeries {
 public:
  explicit StudySeries(std::map<std::string, std::vector<StudyRun>> const& settings) {
    for (auto const& [name, runs] : settings)
      for (auto const& run : runs)
        if (is_idempotent(run))
          for (auto const* field : fields) m_values[field].insert(value(run, field));
  }

  static bool is_idempotent(StudyRun const& run) { return run.value("policy", "") == "idempotent" && run.contains("tightness"); }

  std::string name(StudyRun const& run) const {
    std::string words;
    for (auto const* field : fields)
      if (auto const text = value(run, field); m_values.at(field).size() > 1 && text != "–")
        words += (words.empty() ? "" : ", ") + std::string(field) + ' ' + text;
    return words;
  }

 private:
  static constexpr std::array fields = {"data",
                                        "smoothing",
                                        "a",
                                        "equilibrium",
                                        "floor",
                                        "gain",
                                        "source",
                                        "final_tightness",
                                        "width",
                                        "batch",
                                        "steps",
                                        "learning_rate",
                                        "final_learning_rate",
                                        "ema",
                                        "minibatch_stddev",
                                        "distance",
                                        "reconstruction",
                                        "idempotence"};

  static std::string value(StudyRun const& run, std::string const& field) {
    if (field == "equilibrium" && run.value(field, 0.0) == 0) return "none";
    if ((field == "floor" || field == "gain") && run.value("equilibrium", 0.0) == 0) return "–";
    if (field == "a" && run.value("smoothing", "none") == "none") return "–";
    if (field == "final_tightness" && run.value(field, 0.0) == run.value("tightness", 0.0)) return "constant";
    if (!run.contains(field) || run[field] == false) return "–";
    return run[field].is_string() ? run[field].get<std::string>() : run[field].dump();
  }

  std::map<std::string, std::set<std::string>> m_values;
};

// Mean and standard deviation of the values at each x.
Curve mean_curve(std::string const& name, std::map<double, std::vector<double>> const& places, Mark mark = Mark::line) {
  Curve curve{.name = name, .x = {}, .y = {}, .mark = mark};
  for (auto const& [place, values] : places) {
    auto const [mean, deviation] = spread(values);
    curve.x.push_back(place);
    curve.y.push_back(mean);
    curve.deviation.push_back(values.size() > 1 ? deviation : 0);
  }
  return curve;
}

// A figure over λ_t: one curve, with the standard deviation over seeds, for each series of at least two weights.
std::vector<Curve> study_curves(std::map<std::string, std::vector<StudyRun>> const& settings, char const* path) {
  StudySeries const series(settings);
  std::map<std::string, std::map<double, std::vector<double>>> places;
  for (auto const& [name, runs] : settings)
    for (auto const& run : runs)
      if (StudySeries::is_idempotent(run)) places[series.name(run)][number_at(run, "/tightness")].push_back(number_at(run, path));
  std::vector<Curve> curves;
  for (auto const& [name, weights] : places)
    if (weights.size() > 1) curves.push_back(mean_curve(name, weights, Mark::line_and_points));
  return curves;
}

// True if all x are positive, as a logarithmic axis requires.
bool above_zero(std::span<Curve const> curves) {
  return std::ranges::all_of(curves, [](auto const& curve) { return std::ranges::all_of(curve.x, [](double x) { return x > 0; }); });
}

// Ratio of idempotence to reconstruction over the epochs of training: one curve for each setting of Idempotent, with the standard deviation
// over seeds.
std::vector<Curve> balance_curves(std::map<std::string, std::vector<StudyRun>> const& settings) {
  std::vector<Curve> curves;
  for (auto const& [name, runs] : settings) {
    std::map<double, std::vector<double>> places;  // ratios by epoch
    for (auto const& run : runs)
      if (StudySeries::is_idempotent(run) && run.contains("curve"))
        for (auto const& point : run["curve"])
          places[number_at(point, "/epoch")].push_back(number_at(point, "/idem") / number_at(point, "/rec"));
    if (places.size() > 1) curves.push_back(mean_curve(name, places));
  }
  return curves;
}

}  // namespace

void write_study(std::filesystem::path const& folder, StudyRun const& reference, Exec const& exec) {
  auto const settings = read_study(folder);
  std::vector<std::string> headers = {"setting", "seeds"};
  for (auto const& column : study_columns) headers.push_back(column.header);
  std::vector<std::vector<Cell>> rows;
  auto const add = [&](std::string const& name, std::vector<StudyRun> const& runs) {
    auto& row = rows.emplace_back();
    row = {name, static_cast<std::uint64_t>(runs.size())};
    for (auto const& column : study_columns) {
      std::vector<double> values;
      for (auto const& run : runs) values.push_back(number_at(run, column.path));
      auto const [mean, deviation] = spread(values);
      if (!ign::is_finite(mean))
        row.push_back("–");
      else
        row.push_back(runs.size() > 1 ? Cell::spread(mean, deviation) : Cell(mean));
    }
  };
  add("training images (reference)", {StudyRun{{"evaluation", reference}}});
  for (auto const& [name, runs] : settings) add(name, runs);
  for (auto const& header : headers) std::cout << "| " << header << ' ';
  std::cout << "|\n";
  for (std::size_t i = 0; i < headers.size(); ++i) std::cout << "|---";
  std::cout << "|\n";
  for (auto const& row : rows) {
    for (auto const& cell : row) std::cout << "| " << cell.text << ' ';
    std::cout << "|\n";
  }

  Report report("Policies, measured");
  report.text(
      "Samples in evaluation mode against held-out images, in the features of a classifier; mean ± std over seeds. "
      "The reference is the score of as many training images.");
  report.table(headers, rows, "Same nets, data and budget");
  report.section("By the weight of the tightness");
  bool drawn = false;
  for (auto const& [file, title, path, log] :
       {std::tuple{"fd.svg", "FD-C of f(z)", "/evaluation/fd", true}, std::tuple{"coverage.svg", "Coverage", "/evaluation/coverage", false},
        std::tuple{"rec.svg", "Held-out reconstruction, mean of (f(x) − x)²", "/rec", true},
        std::tuple{"idem.svg", "Idempotence, mean of (f(f(z)) − f(z))²", "/idem", true}}) {
    auto const curves = study_curves(settings, path);
    if (curves.empty()) continue;
    CurveOptions const options = {.title = title, .x_label = "weight of the tightness, λ_t", .log_y = log, .log_x = above_zero(curves)};
    report.chart(curves, options);
    write_curves(folder / file, curves, options);
    drawn = true;
  }
  if (!drawn) report.text("No setting was run with two weights.");
  if (auto const curves = balance_curves(settings); !curves.empty()) {
    report.section("Balance during training");
    CurveOptions const options = {.title = "Idempotence over reconstruction: D(f(f(z)), f(z)) / D(f(x), x)", .x_label = "epoch"};
    report.chart(curves, options);
    write_curves(folder / "balance.svg", curves, options);
  }
  report.section("Machine");
  report.facts(report_facts(exec));
  report.write(folder / "report.html");
}

}  // namespace examples
