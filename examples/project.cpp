// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Corrupts held-out images in many ways and projects them back: by the nearest training image, by principal components and, with a
// checkpoint of `train`, by the net. Linear corruptions are also restored with the net as the prior. Prints errors and writes a report with
// tables and pictures. With several checkpoints, such as runs with different seeds, the figures of the net are mean ± std.
// Test: --data rectangles --checkpoint example_train/model.safetensors --features example_features.safetensors --count 20
// Needs: train features

#include "support/baselines.hpp"
#include "support/data_sets.hpp"
#include "support/inputs.hpp"
#include "support/program.hpp"
#include "support/projector.hpp"
#include "support/quality.hpp"
#include "support/spread.hpp"

#include <ign/corruptions/filters.hpp>
#include <ign/corruptions/masks.hpp>
#include <ign/corruptions/noise.hpp>
#include <ign/corruptions/operators.hpp>
#include <ign/metrics/drift.hpp>
#include <ign/metrics/image_quality.hpp>
#include <ign/nets/projection.hpp>
#include <ign/random/fill.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace {

using Exec = examples::Exec;
using examples::Ref;
namespace metrics = ign::metrics;

using Use = examples::Inputs::Use;

struct Options {
  examples::Inputs inputs = {.out = "project.html",
                             .checkpoint_use = Use::optional,
                             .features_use = Use::optional,
                             .data_use = Use::needed,
                             .compares_runs = true,
                             .data_help =
                                 "folder of IDX files or of PNG and JPEG pictures, an IDX file, or 'rectangles'; with --features "
                                 "a folder of IDX files with labels beside the images (t10k-labels-idx1-ubyte), or 'rectangles'"};
  std::string corruption = "all";
  std::optional<double> amount;  // absent: a usual one
  std::string fill = "noise";    // of missing pixels
  int iterations = 10;           // of a restoration
  int count = 1000;
  std::optional<std::size_t> components;  // absent: as many as explain 95 % of the variance
  std::uint64_t seed = 1;
};

// A corruption with its amount: standard deviation of noise or blur, factor of low resolution, or missing share.
struct Corruption {
  std::string kind;
  double amount = 0;

  std::string name() const { return amount > 0 ? kind + ' ' + examples::number_text(amount) : kind; }
};

std::vector<Corruption> corruptions(Options const& o, int channels) {
  std::vector<Corruption> all = {{"noise", 0.15},       {"noise", 0.3},   {"sketch"},      {"blur", 1.5},   {"low-resolution", 2},
                                 {"low-resolution", 4}, {"centre", 0.25}, {"lower", 0.25}, {"blocks", 0.25}};
  if (channels > 1) all.push_back({"grey"});
  for (double const share : ign::mask_shares) all.push_back({"pixels", share});
  if (o.corruption == "all") return all;
  for (auto const& usual : all)
    if (usual.kind == o.corruption) return {{usual.kind, o.amount.value_or(usual.amount)}};
  ign::fail(ign::Fault::option, 335, "corruption '", o.corruption,
            "', expected all, noise, grey (of colours), sketch, blur, low-resolution, centre, lower, blocks or pixels");
}

// y = corrupted x. For masks it fills `mask` and returns true.
bool corrupt(Exec const& exec, Corruption const& corruption, Options const& o, Ref const& x, Ref const& y, Ref const& mask) {
  ign::Buffer<float, Exec> scratch("ign::project::scratch");
  ign::Key const key{o.seed, ign::RandomStream::user};
  auto const& [kind, amount] = corruption;
  for (auto const& [name, which] : {std::pair{"centre", ign::MaskKind::centre}, std::pair{"lower", ign::MaskKind::lower},
                                    std::pair{"blocks", ign::MaskKind::blocks}, std::pair{"pixels", ign::MaskKind::pixels}}) {
    if (kind != name) continue;
    ign::make_mask(exec, {which, amount}, key, mask);
    if (o.fill == "noise") {
      ign::fill_gaussian(exec, ign::Key{o.seed, ign::RandomStream::user, 0, 1}, 1, ign::VectorRef<float, Exec>(y.data(), y.size()));
      ign::keep_known(exec, mask, x, y);
    } else {
      ign::apply_mask(exec, mask, x, -1, y);
    }
    return true;
  }
  if (kind == "noise")
    ign::add_noise(exec, key, amount, x, y);
  else if (kind == "grey")
    ign::grey(exec, x, y);
  else if (kind == "sketch")
    ign::sketch(exec, x, scratch, y);
  else if (kind == "blur")
    ign::gaussian_blur(exec, {.sigma = amount}, x, scratch, y);
  else
    ign::low_resolution(exec, static_cast<int>(amount), ign::Upscaling::bilinear, x, y);
  exec.fence("project: before scratch is freed");
  return false;
}

// True if `restore` knows the adjoint of a corruption.
bool has_adjoint(Corruption const& corruption, bool masked) {
  return masked || corruption.kind == "blur" || corruption.kind == "low-resolution";
}

// Restores the corrupted images y from a measurement of x with f as the prior, for corruptions with an adjoint.
void restore(Exec const& exec, examples::AnyProjector& f, Corruption const& corruption, bool masked, int iterations, Ref const& x,
             Ref const& mask, Ref const& y) {
  ign::RestoreScratch<float, Exec> scratch;
  auto const from = [&]<class A>(A const& a, ign::Shape measured) {
    auto const measurement = ign::make_tensor<float>(exec, "ign::project::measurement", ign::batch_of(x), measured);
    apply(exec, a, x, Ref(measurement), scratch.operator_scratch);
    ign::restore<examples::AnyProjector, A, float, Exec>(exec, f, a, Ref(measurement), {.iterations = iterations}, y, scratch);
    exec.fence("project: before the measurement is freed");
  };
  if (masked) return from(ign::MaskOperator<float, Exec>{mask}, ign::shape_of(x));
  if (corruption.kind == "blur") return from(ign::BlurOperator{{.sigma = corruption.amount}}, ign::shape_of(x));
  ign::BlockMeanOperator const means{static_cast<int>(corruption.amount)};
  from(means, means.measured(ign::shape_of(x)));
}

// AUROC of the drift of missing pixels against known ones, if there are both.
std::optional<double> pixel_auroc(Exec const& exec, examples::AnyProjector& f, Ref const& corrupted, Ref const& mask) {
  auto const known = metrics::to_host(exec, mask);
  auto const missing = std::count(known.begin(), known.end(), 0.0f);
  if (missing == 0 || missing == std::ssize(known)) return std::nullopt;
  auto const map = ign::make_tensor<float>(exec, "ign::project::drift_map", ign::batch_of(mask), ign::shape_of(mask));
  ign::Buffer<float, Exec> scratch("ign::project::scratch");
  ign::drift_map<examples::AnyProjector, ign::L1, float, Exec>(exec, f, ign::L1{}, ign::Role::data, corrupted, Ref(map), scratch);
  return metrics::pixel_auroc<float, Exec>(exec, Ref(map), mask);
}

double mean(Exec const& exec, std::function<void(ign::VectorRef<float, Exec> const&)> const& fill, int count) {
  auto const values = ign::make_vector<float>(exec, "ign::project::values", static_cast<std::size_t>(count));
  fill(ign::VectorRef<float, Exec>(values));
  auto const numbers = metrics::to_host(exec, ign::VectorRef<float, Exec>(values));
  double sum = 0;
  for (float const number : numbers) sum += static_cast<double>(number);
  return sum / count;
}

// A classifier with the labels of the held-out images.
class Classes {
 public:
  Classes(Exec const& exec, examples::Inputs const& inputs)
      : m_classifier(exec, inputs.features), m_labels(examples::load_labelled(inputs.data, "t10k").labels) {
    m_classifier.require_classes(examples::label_classes(inputs.data).value());  // the data have labels
  }

  // Share of the images, the first held-out ones, that are assigned the class of their label.
  double right(Exec const& exec, Ref const& images) {
    auto const found = m_classifier.predict(exec, images);
    double hits = 0;
    for (std::size_t n = 0; n < found.size(); ++n) hits += found[n] == m_labels[n] ? 1 : 0;
    return hits / static_cast<double>(found.size());
  }
  std::string facts() const { return m_classifier.facts(); }

 private:
  examples::Classifier m_classifier;
  std::vector<std::uint8_t> m_labels;
};

// A figure: the value of one run, or mean ± std over several.
examples::Cell cell_of(std::vector<double> const& values) {
  if (values.size() == 1) return values.front();
  auto const [mean, deviation] = examples::spread(values);
  return examples::Cell::spread(mean, deviation);
}

using Nets = std::vector<std::unique_ptr<examples::AnyProjector>>;

// Without nets the report has the baselines only.
void project(Exec const& exec, Options const& o, Nets const& nets) {
  ign::Shape const picture = !nets.empty() ? nets.front()->image_shape() : ign::Shape{32, 32, 1};
  for (std::size_t i = 0; i < nets.size(); ++i)
    ign::require(nets[i]->image_shape() == picture, ign::Fault::shape, 475, o.inputs.checkpoints[i], ": has images of ",
                 nets[i]->image_shape(), ", expected ", picture, " as in ", o.inputs.checkpoints.front());
  auto const data = examples::load(o.inputs.data, picture);
  auto const& images = data.train;
  auto const& test = data.test;
  ign::Shape const image = !nets.empty() ? picture : image_shape(images);
  auto const training_memory = examples::to_device(exec, images, images.count, image);
  auto const training = metrics::to_host(exec, Ref(training_memory));
  auto const x_memory = examples::to_device(exec, test.images, static_cast<std::size_t>(o.count), image);
  Ref const x(x_memory);
  int const count = ign::batch_of(x);
  auto const mask = ign::make_tensor<float>(exec, "ign::project::mask", count, {image.height, image.width, 1});
  auto const corrupted = ign::make_tensor<float>(exec, "ign::project::corrupted", count, image);
  auto const answer = ign::make_tensor<float>(exec, "ign::project::answer", count, image);
  Ref const y(answer);
  std::optional<Classes> classes;
  if (!o.inputs.features.empty()) classes.emplace(exec, o.inputs);
  examples::Samples const samples{training, image.size()};
  examples::PrincipalSubspace const subspace(samples, {.components = o.components.value_or(0)});
  std::string const components =
      std::to_string(subspace.components()) + " principal components" +
      (subspace.samples() < images.count ? " of " + std::to_string(subspace.samples()) + " images" : std::string());
  auto const copy_to_answer = [&](std::vector<float> const& values) {
    auto const host = Kokkos::create_mirror_view(Kokkos::HostSpace(), answer);
    std::copy(values.begin(), values.end(), host.data());
    Kokkos::deep_copy(answer, host);
  };

  std::vector<std::string> headers = {"corruption", "projected by", "L1", "PSNR, dB", "SSIM"};
  if (classes) headers.push_back("accuracy");
  std::vector<std::vector<examples::Cell>> figures, drifts;
  std::vector<std::pair<std::string, std::vector<examples::PictureRow>>> pictures;
  // Figures of `answers` images, which make(i) writes to y, against x. One row of the table, and the picture of the first.
  auto const tell_of = [&](std::string const& corruption, std::string const& by, std::size_t answers,
                           std::function<void(std::size_t)> const& make) {
    std::vector<std::vector<double>> values(headers.size() - 2);
    for (std::size_t i = 0; i < answers; ++i) {
      make(i);
      values[0].push_back(mean(
          exec, [&](auto const& out) { metrics::mean_l1<float, Exec>(exec, y, x, out); }, count));
      double const square = mean(
          exec, [&](auto const& out) { ign::sample_distances(exec, ign::Mse{}, y, x, out); }, count);
      values[1].push_back(10 * std::log10(4 / square));
      values[2].push_back(mean(
          exec, [&](auto const& out) { metrics::ssim<float, Exec>(exec, y, x, 2, out); }, count));
      if (classes) values[3].push_back(classes->right(exec, y));
      if (i == 0) pictures.back().second.push_back({by, examples::first_tiles(y)});
    }
    auto& row = figures.emplace_back();
    row = {corruption, by};
    for (auto const& figure : values) row.push_back(cell_of(figure));
    std::cout << corruption << ", " << by << ":";
    for (std::size_t c = 2; c < headers.size(); ++c) std::cout << "  " << headers[c] << ' ' << row[c].text;
    std::cout << std::endl;
  };
  auto const tell = [&](std::string const& corruption, std::string const& by) { tell_of(corruption, by, 1, [](std::size_t) {}); };
  std::vector<std::vector<double>> clean_drifts;  // by net
  for (auto const& f : nets) clean_drifts.push_back(f->drift_scores(exec, ign::Role::data, x));
  for (auto const& corruption : corruptions(o, image.channels)) {
    std::string const name = corruption.name();
    bool const masked = corrupt(exec, corruption, o, x, Ref(corrupted), Ref(mask));
    pictures.push_back({name, {{"x", examples::first_tiles(x)}}});
    Kokkos::deep_copy(exec, y, Ref(corrupted));
    tell(name, "nothing");
    auto const spoiled = metrics::to_host(exec, Ref(corrupted));
    examples::Samples const queries{spoiled, image.size()};
    std::vector<float> values;
    for (auto const& neighbour : examples::nearest_neighbours(samples, queries))
      values.insert(values.end(), samples.row(neighbour.index), samples.row(neighbour.index) + samples.dimension);
    copy_to_answer(values);
    tell(name, "nearest training image");
    subspace.project(queries, values);
    copy_to_answer(values);
    tell(name, components);
    if (nets.empty()) continue;
    for (int const applications : {1, 2})
      tell_of(name, applications == 1 ? "f" : "f²", nets.size(),
              [&](std::size_t i) { nets[i]->project(exec, Ref(corrupted), applications, y); });
    if (has_adjoint(corruption, masked))
      tell_of(name, "restored", nets.size(), [&](std::size_t i) {
        Kokkos::deep_copy(exec, y, Ref(corrupted));
        restore(exec, *nets[i], corruption, masked, o.iterations, x, Ref(mask), y);
      });
    if (masked)
      tell_of(name, "f¹⁰, known pixels kept", nets.size(),
              [&](std::size_t i) { nets[i]->inpaint(exec, Ref(mask), Ref(corrupted), 10, y); });
    std::vector<double> drift, auroc, of_pixels;
    for (std::size_t i = 0; i < nets.size(); ++i) {
      auto const scores = nets[i]->drift_scores(exec, ign::Role::data, Ref(corrupted));
      drift.push_back(metrics::mean(scores));
      auroc.push_back(metrics::auroc(clean_drifts[i], scores));
      if (auto const pixels = masked ? pixel_auroc(exec, *nets[i], Ref(corrupted), Ref(mask)) : std::nullopt) of_pixels.push_back(*pixels);
    }
    drifts.push_back({name, cell_of(drift), cell_of(auroc), of_pixels.empty() ? examples::Cell("–") : cell_of(of_pixels)});
  }

  examples::Report report("Projection of corrupted images");
  report.text("Corrupted images, projected back onto the data. The net may have been trained with some of the corruptions. Mean over " +
              examples::count_text(static_cast<std::uint64_t>(count)) + ' ' + test.name +
              (test.held_out ? "" : ", each of which is its own nearest neighbour") +
              "; PSNR is computed from the mean squared error, for values from −1 to 1. Missing pixels are " +
              (o.fill == "noise" ? "noise from N(0, 1)." : "black."));
  if (nets.size() > 1)
    report.text("Figures of the net are mean ± standard deviation over " + examples::count_text(nets.size()) +
                " checkpoints; pictures are those of the first.");
  if (!nets.empty())
    report.text("Restored: x ← f(x − η Aᵀ(A x − y)), " + std::to_string(o.iterations) +
                " times from the corrupted image, for corruptions with a linear A and y = A x. At a low resolution, y are the means over "
                "blocks.");
  report.section("Figures");
  report.table(headers, figures, "Against the images before their corruption");
  if (!drifts.empty()) {
    report.section("Drift");
    std::vector<double> clean;
    for (auto const& scores : clean_drifts) clean.push_back(metrics::mean(scores));
    drifts.insert(drifts.begin(), {"none", cell_of(clean), "–", "–"});
    report.table({"corruption", "|f(x) − x|", "AUROC", "AUROC of pixels"}, drifts,
                 "Drift of an image under f; AUROC: probability that a corrupted image drifts further than an uncorrupted one, and that a "
                 "missing pixel drifts further than a known one");
    for (auto const& row : drifts) {
      std::cout << row[0].text << ": drift " << row[1].text << ", AUROC " << row[2].text;
      if (row[3].is_number) std::cout << ", of pixels " << row[3].text;
      std::cout << '\n';
    }
  }
  report.section("Pictures");
  for (auto const& [name, rows] : pictures) report.picture(name, rows, examples::picture_scale(image));
  report.section("Recipe");
  std::string checkpoints;
  for (auto const& checkpoint : o.inputs.checkpoints) checkpoints += (checkpoints.empty() ? "" : ", ") + checkpoint;
  report.facts({{"checkpoint", checkpoints.empty() ? "none" : checkpoints}, {"feature net", classes ? classes->facts() : "none"}});
  examples::add_machine(report, exec, o.inputs.command);
  report.write(o.inputs.out);
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line("project", "Projects corrupted images back onto the data.");
  o.inputs.add_to(line);
  line.add("corruption", "all, noise, grey, sketch, blur, low-resolution, centre, lower, blocks or pixels", o.corruption);
  line.add("amount", "amount of the corruption: standard deviation, factor or missing share (a usual one)", o.amount, examples::above(0));
  line.add("fill", "missing pixels: noise or black", o.fill);
  line.add("iterations", "iterations of `restore`, x <- f(x - step A^T(A x - y))", o.iterations, examples::at_least(0));
  line.add("count", "number of images", o.count, examples::at_least(1));
  line.add("components", "number of principal components (as many as explain 95 % of the variance)", o.components, examples::at_least(1));
  line.add("seed", "seed of noise and masks", o.seed);
  return examples::run(line, argc, argv, [&] {
    o.inputs.check(argc, argv);
    ign::require(o.fill == "noise" || o.fill == "black", ign::Fault::option, 472, "--fill is '", o.fill, "', expected noise or black");
    Exec const exec;
    Nets nets;
    for (auto const& checkpoint : o.inputs.checkpoints) nets.push_back(examples::load_projector(exec, checkpoint));
    project(exec, o, nets);
    return 0;
  });
}
