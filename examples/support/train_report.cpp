// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "train_report.hpp"

#include <ign/corruptions/filters.hpp>
#include <ign/corruptions/masks.hpp>
#include <ign/corruptions/noise.hpp>
#include <ign/sources/gaussian.hpp>
#include <ign/train/batches.hpp>

#include <algorithm>
#include <functional>
#include <utility>

#include "sliced_meter.hpp"

namespace examples {

namespace {

std::string schedule_text(nlohmann::ordered_json const& schedule) {
  auto const number = [&](char const* field) { return number_text(schedule[field].get<double>()); };
  auto const count = [&](char const* field) { return count_text(schedule[field].get<std::uint64_t>()); };
  auto const kind = schedule["kind"].get<std::string>();
  std::string text = number("start");
  if (kind != "constant") text += " to " + number("end") + ", " + kind + " over " + count("total") + " steps";
  if (schedule["warmup"] != 0) text += ", after " + count("warmup") + " steps of warm-up";
  return text;
}

// A field name as text.
std::string words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

// A field of a recipe as text.
std::string words(nlohmann::ordered_json const& value) {
  auto const is_schedule = [&] {
    for (char const* field : {"kind", "start", "end", "total", "warmup"})
      if (!value.contains(field)) return false;
    return true;
  };
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return number_text(value.get<double>(), 6);
  if (!value.is_structured()) return value.dump();
  if (value.is_object() && is_schedule()) return schedule_text(value);
  std::string text;
  for (auto const& [name, field] : value.items())
    text += (text.empty() ? "" : ", ") + (value.is_object() ? words(name) + ' ' : "") + words(field);
  return text;
}

std::string duration(double seconds) {
  if (seconds < 100) return number_text(seconds, 3) + " s";
  auto const whole = static_cast<std::uint64_t>(seconds + 0.5);
  return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
}

// A corruption by name.
struct Corruption {
  char const* name;
  std::function<void(Ref const& x, Ref const& noise, Ref const& y)> apply;
};

// Corruptions with fixed amounts. `mask` is memory for masks, (n, h, w, 1).
std::vector<Corruption> corruptions(Exec const& exec, Ref const& mask, ign::Buffer<float, Exec>& scratch) {
  auto const missing = [&exec, mask](ign::MaskOptions const& kind) {
    return [&exec, mask, kind](Ref const& x, Ref const& noise, Ref const& y) {
      Kokkos::deep_copy(exec, y, noise);
      ign::make_mask(exec, kind, ign::Key{1, ign::RandomStream::user}, mask);
      ign::keep_known(exec, mask, x, y);
    };
  };
  return {
      {"as they are", [&exec](Ref const& x, Ref const&, Ref const& y) { Kokkos::deep_copy(exec, y, x); }},
      {"noise 0.15",
       [&exec](Ref const& x, Ref const&, Ref const& y) {
         ign::add_noise(exec, ign::Key{2, ign::RandomStream::user}, 0.15, x, y);
       }},
      {"blur 1.5", [&exec, &scratch](Ref const& x, Ref const&, Ref const& y) { ign::gaussian_blur(exec, {.sigma = 1.5}, x, scratch, y); }},
      {"an eighth of the pixels missing", missing({ign::MaskKind::pixels, 0.125})},
      {"centre missing", missing({ign::MaskKind::centre, 0.0625})}};
}

// Pictures and distances of corrupted images before and after f.
void add_projections(Report& report, Exec const& exec, AnyProjector& f, TrainingRun const& run, PictureOptions const& scale) {
  int const count = static_cast<int>(std::min<std::size_t>(100, run.test.images.count));
  auto const shape = f.image_shape();
  ign::Batches<Exec> const batches(exec, run.test.images, {count, 1, shape});
  auto const tensor = [&] { return ign::make_tensor<float>(exec, "ign::train::projections", count, shape); };
  auto const clean = tensor(), damaged = tensor(), once = tensor(), twice = tensor(), noise = tensor();
  auto const distances = ign::make_vector<float>(exec, "ign::train::distances", static_cast<std::size_t>(count));
  batches.gather_range(exec, 0, Ref(clean));
  ign::sample(exec, ign::Gaussian{}, ign::Key{run.seed, ign::RandomStream::user, std::uint64_t{1} << 32}, Ref(noise));
  exec.fence("train: images and noise");
  auto const strip = [](Ref const& images) { return first_tiles(images); };
  auto const distance = [&](Ref const& images) {
    sample_distances(exec, run.distance, images, Ref(clean), ign::VectorRef<float, Exec>(distances));
    exec.fence("train: distances");
    auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), distances);
    double sum = 0;
    for (std::size_t n = 0; n < host.size(); ++n) sum += static_cast<double>(host(n));
    return sum / count;
  };

  std::vector<PictureRow> rows = {{"x", strip(Ref(clean))}};
  std::vector<std::vector<Cell>> table;
  auto const mask = ign::make_tensor<float>(exec, "ign::train::mask", count, ign::Shape{shape.height, shape.width, 1});
  ign::Buffer<float, Exec> scratch("ign::train::scratch");
  for (auto const& corruption : corruptions(exec, Ref(mask), scratch)) {
    corruption.apply(Ref(clean), Ref(noise), Ref(damaged));
    f.project(exec, Ref(damaged), 1, Ref(once));
    f.project(exec, Ref(damaged), 2, Ref(twice));
    exec.fence("train: projections");
    bool const plain = table.empty();
    if (!plain) rows.push_back({corruption.name, strip(Ref(damaged))});
    rows.push_back({plain ? "f(x)" : "f of that", strip(Ref(once))});
    table.push_back({corruption.name, distance(Ref(damaged)), distance(Ref(once)), distance(Ref(twice))});
  }
  std::string const images = run.test.name;
  report.text(std::string(run.recipe.contains("distillation")
                              ? "In its second phase f was trained on random corruptions of other images; the recipe below has their kinds."
                              : "f was trained on whole images and on noise, never on these corruptions.") +
              " Applied to a corrupted image, it projects onto what it has learned.");
  report.picture(
      "Images x that are left as they are, with Gaussian noise of standard deviation 0.15, with a Gaussian blur of 1.5 pixels, with an "
      "eighth of the pixels and with the centre replaced by noise; below each f of them. First ten " +
          images + '.',
      rows, scale);
  report.table({"images", "before", "after f", "after f²"}, table,
               "Distance to x per element, mean of " + std::to_string(count) + ' ' + images);
}

}  // namespace

SampleRows::SampleRows(Exec const& exec, ign::Shape image, std::uint64_t seed, std::uint64_t steps)
    : m_exec(exec), m_seed(seed), m_steps(steps), m_row(ign::make_tensor<float>(exec, "ign::train::samples", report_columns, image)) {}

void SampleRows::step(std::uint64_t step) {
  for (int k = 0; k <= 6; ++k) {
    if (m_steps >> k != step) continue;
    keep(step);
    break;
  }
}

void SampleRows::keep(std::uint64_t step) {
  m_f->generate(m_exec, ign::Key{m_seed, ign::RandomStream::user}, 1, Ref(m_row));
  m_exec.fence("train: samples");
  m_rows.push_back({"step " + count_text(step), tiles(Ref(m_row))});
  m_last = step;
}

SlicedFigures sliced_figures(Exec const& exec, AnyProjector& f, DataSet const& data, std::uint64_t seed) {
  SlicedMeter const meter(exec, data, f.image_shape(), 1000);
  return {meter.count(), meter.names(), meter.of_samples(exec, f, seed), meter.reference()};
}

std::vector<Curve> loss_curves(std::vector<ign::io::LogLine> const& log) {
  std::vector<Curve> curves;
  for (auto const& [field, name] : {std::pair("rec", "reconstruction"), std::pair("idem", "idempotence")}) {
    Curve curve{name, {}, {}};
    for (auto const& line : log) {
      if (!line.contains(field) || !line[field].is_number() || line[field].get<double>() <= 0) continue;
      curve.x.push_back(line["step"].get<double>());
      curve.y.push_back(line[field].get<double>());
    }
    if (!curve.x.empty()) curves.push_back(std::move(curve));
  }
  return curves;
}

void write_report(std::filesystem::path const& path, Exec const& exec, AnyProjector& f, TrainingRun const& run) {
  ign::Shape const shape = f.image_shape();
  PictureOptions const scale = picture_scale(shape);
  double const epochs = static_cast<double>(run.steps) / static_cast<double>(run.steps_per_epoch);
  auto const net = run.recipe.value("net", "");
  auto const images = count_text(run.images);
  auto const generated = [&](int count, std::uint64_t key, int applications) {
    auto const out = ign::make_tensor<float>(exec, "ign::train::generated", count, shape);
    f.generate(exec, ign::Key{run.seed, ign::RandomStream::user, key}, applications, Ref(out));
    exec.fence("train: generated");
    return tiles(Ref(out));
  };

  Report report("Idempotent Generative Network " + net);
  auto const steps = [](std::uint64_t count) { return count_text(count) + (count == 1 ? " step" : " steps"); };
  std::string const resumed = run.first_step > 0 ? " for the last " + steps(run.steps - run.first_step) + ", since it was resumed" : "";
  report.text("One network f with f(f(z)) = f(z), trained on " + images + " images: " + steps(run.steps) + " of " +
              std::to_string(run.batch) + " images, " + number_text(epochs, 3) + " epochs, in " + duration(run.seconds) + resumed + '.');
  if (run.averaged)
    report.text("The net has the average of its weights over training. The pictures over training show the weights of that step.");
  auto const last = [&](char const* field) -> Cell {
    bool const known = !run.log.empty() && run.log.back().contains(field) && run.log.back()[field].is_number();
    return known ? Cell(run.log.back()[field].get<double>()) : Cell("");
  };
  report.table(
      {"error per element", run.test.name, "last steps of training"},
      {{"reconstruction, f(x) to x", run.evaluation.reconstruction, last("rec")},
       {"idempotence, f(f(z)) to f(z)", run.evaluation.idempotence, last("idem")}},
      "In evaluation mode on " + count_text(run.test.images.count) + ' ' + run.test.name + " and as many noises; in training on batches");

  if (!run.sliced.names.empty()) {
    std::vector<std::string> headers = {"images"};
    headers.insert(headers.end(), run.sliced.names.begin(), run.sliced.names.end());
    auto const row = [](char const* of, std::vector<double> const& figures) {
      std::vector<Cell> cells = {of};
      cells.insert(cells.end(), figures.begin(), figures.end());
      return cells;
    };
    report.table(headers, {row("f(z)", run.sliced.samples), row("training images (reference)", run.sliced.reference)},
                 "Sliced Wasserstein distance (SWD) to " + run.test.name + ", " + count_text(run.sliced.count) +
                     " of each, mean of all levels and by level");
  }

  report.section("Samples");
  report.picture("f(z) for sixty noises z, not selected.", generated(6 * report_columns, std::uint64_t{1} << 33, 1), scale);
  report.section("Over training");
  report.picture("f(z) for the same ten z over training" + std::string(run.first_step > 0 ? ", since it was resumed." : "."), run.samples,
                 scale);
  report.section("Repeated application");
  std::vector<PictureRow> refined;
  for (auto const& [applications, label] : {std::pair(0, "z"), std::pair(1, "f(z)"), std::pair(2, "f²(z)"), std::pair(3, "f³(z)"),
                                            std::pair(5, "f⁵(z)"), std::pair(10, "f¹⁰(z)")})
    refined.push_back({label, generated(report_columns, 0, applications)});
  report.picture("f applied repeatedly to the same ten z. An exactly idempotent f changes nothing after the first application.", refined,
                 scale);
  report.section("Projection");
  add_projections(report, exec, f, run, scale);

  report.section("Losses");
  auto const curves = loss_curves(run.log);
  if (!curves.empty())
    report.chart(curves, {.title = "Losses of training by step, before their weights; mean per element since the last report"});
  report.section("Recipe");
  std::vector<Fact> recipe = {{"parameters", run.parameters}};
  for (auto const& [name, value] : run.recipe.items()) {
    recipe.push_back({words(name), words(value)});
  }
  report.facts(recipe);
  report.section("Machine");
  auto facts = report_facts(exec);
  facts.push_back({"data", run.data});
  facts.push_back({"command", run.command});
  facts.push_back({"wall time of training", duration(run.seconds) + resumed});
  report.facts(facts);
  report.write(path);
}

}  // namespace examples
