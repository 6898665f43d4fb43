// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Corrupts held-out images and projects them back: by the nearest training image, by principal components and, with a checkpoint of
// `train`, by the net. Prints mean errors, and writes a picture with one row each.
// Test: --data rectangles --corruption centre --count 8 --out example_project.png

#include "baselines.hpp"
#include "common.hpp"

#include <cmath>
#include <functional>
#include <optional>

namespace {

struct Options {
  std::string data, checkpoint, corruption, out;
  double amount = 0;
  int count = 0, applications = 1;
  std::size_t components = 0;
  std::uint64_t seed = 1;
  bool keep_known = false;
};

using Exec = examples::Exec;
using examples::Window;

// y = corrupted x; for masks also fills `mask` and returns true.
bool corrupt(Exec const& exec, Options const& o, Window const& x, Window const& y, Window const& mask) {
  ign::Buffer<float, Exec> scratch("ign::project::scratch");
  ign::Key const key{o.seed, ign::Stream::user};
  auto const amount = [&](double usual) { return o.amount > 0 ? o.amount : usual; };
  auto const masked = [&](ign::MaskKind kind) {
    ign::make_mask(exec, {kind, amount(0.25)}, key, mask);
    ign::apply_mask(exec, mask, x, -1, y);
    return true;
  };
  if (o.corruption == "centre") return masked(ign::MaskKind::centre);
  if (o.corruption == "lower") return masked(ign::MaskKind::lower);
  if (o.corruption == "blocks") return masked(ign::MaskKind::blocks);
  if (o.corruption == "pixels") return masked(ign::MaskKind::pixels);
  if (o.corruption == "noise")
    ign::add_noise(exec, key, amount(0.3), x, y);
  else if (o.corruption == "grey")
    ign::grey(exec, x, y);
  else if (o.corruption == "sketch")
    ign::sketch(exec, x, scratch, y);
  else if (o.corruption == "blur")
    ign::gaussian_blur(exec, {.deviation = amount(1.5)}, x, scratch, y);
  else if (o.corruption == "low-resolution")
    ign::low_resolution(exec, static_cast<int>(amount(2)), ign::Upscaling::bilinear, x, y);
  else
    ign::fail(ign::Fault::option, 335, "corruption '", o.corruption,
              "', expected noise, grey, sketch, blur, low-resolution, centre, lower, blocks or pixels");
  exec.fence("project: scratch is freed");
  return false;
}

std::vector<float> to_host(Window const& tensor) {
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), tensor);
  return {host.data(), host.data() + host.size()};
}

// y = f^k(x); with a mask, which may be absent, known pixels are put back each time.
using Net = std::function<void(Window const& x, Window const& mask, Window const& y)>;

// `image` {0, 0, 0}: the data's own extents.
void project(Exec const& exec, Options const& o, ign::Shape image, Net const& net) {
  ign::Shape const picture = image.height > 0 ? image : ign::Shape{32, 32, 1};
  auto const images = examples::load(o.data, picture);
  if (image.height == 0) image = {static_cast<int>(images.height), static_cast<int>(images.width), static_cast<int>(images.channels)};
  std::vector<ign::Tensor<float, Exec>> owned;
  auto const make = [&](std::size_t count, ign::Shape shape) {
    owned.push_back(ign::make_tensor<float>(exec, "ign::project", static_cast<int>(count), shape));
    return Window(owned.back());
  };
  auto const on_device = [&](ign::data::ImageSet const& set, std::size_t count) {
    ign::Shape const shape = {static_cast<int>(set.height), static_cast<int>(set.width), static_cast<int>(set.channels)};
    auto const x = make(count, image);
    ign::Batches<Exec>(exec, set.pixels, set.count, shape, {1, 1, image}).gather_range(exec, 0, x);
    exec.fence("project: the bytes are freed");
    return x;
  };
  auto const training = to_host(on_device(images, images.count));
  auto const x = on_device(examples::load_test(o.data, picture), static_cast<std::size_t>(o.count));
  auto const mask = make(x.extent(0), {image.height, image.width, 1});
  std::vector<Window> rows = {x, make(x.extent(0), image)};
  std::vector<std::string> names = {"x", "corrupted"};
  bool const masked = corrupt(exec, o, x, rows[1], mask);
  auto const corrupted = to_host(rows[1]);

  auto const add = [&](std::string const& name, auto const& fill) {
    auto const y = make(x.extent(0), image);
    fill(y);
    if (masked && o.keep_known) ign::keep_known(exec, mask, x, y);
    rows.push_back(y);
    names.push_back(name);
  };
  auto const add_host = [&](std::string const& name, std::vector<float> const& values) {
    add(name, [&](Window const& y) {
      Kokkos::deep_copy(exec, y,
                        Kokkos::View<float const****, Kokkos::LayoutRight, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(
                            values.data(), y.extent(0), y.extent(1), y.extent(2), y.extent(3)));
      exec.fence("project: the values have been read");
    });
  };
  examples::Samples const samples{training, image.size()}, queries{corrupted, image.size()};
  std::vector<float> answer;
  for (auto const& neighbour : examples::nearest_neighbours(samples, queries))
    answer.insert(answer.end(), samples.row(neighbour.index), samples.row(neighbour.index) + samples.dimension);
  add_host("nearest training image", answer);
  examples::PrincipalSubspace const subspace(samples, {.components = o.components});
  subspace.project(queries, answer);
  add_host(std::to_string(subspace.components()) + " principal components", answer);
  if (net) add("net", [&](Window const& y) { net(rows[1], masked && o.keep_known ? mask : Window{}, y); });

  auto const truth = to_host(x);
  std::cout << "mean error per pixel of " << o.count << " images, corruption " << o.corruption << ":\n";
  for (std::size_t k = 1; k < rows.size(); ++k) {
    double absolute = 0, square = 0;
    auto const values = to_host(rows[k]);
    for (std::size_t i = 0; i < values.size(); ++i) {
      double const difference = static_cast<double>(values[i]) - static_cast<double>(truth[i]);
      absolute += std::abs(difference) / static_cast<double>(values.size());
      square += difference * difference / static_cast<double>(values.size());
    }
    std::cout << "  " << names[k] << ": L1 " << absolute << ", MSE " << square << ", PSNR " << 10 * std::log10(4 / square) << " dB\n";
  }
  examples::write_rows(o.out, rows);
  std::cout << o.out << ": rows are x";
  for (std::size_t k = 1; k < names.size(); ++k) std::cout << ", " << names[k];
  std::cout << '\n';
}

}  // namespace

int main(int argc, char* argv[]) {
  return examples::run(argc, argv, [&] {
    Options o;
    cxxopts::Options parser("project", "Projects corrupted images back onto the data.");
    auto add = parser.add_options();
    add("data", "folder with IDX files or with PNG and JPEG pictures, an IDX file, or 'rectangles'", cxxopts::value(o.data));
    add("checkpoint", "file that train wrote, to compare its net", cxxopts::value(o.checkpoint));
    add("corruption", "noise, grey, sketch, blur, low-resolution, centre, lower, blocks, pixels",
        cxxopts::value(o.corruption)->default_value("noise"));
    add("amount", "deviation, factor or share that is missing (a usual one)", cxxopts::value(o.amount));
    add("count", "images", cxxopts::value(o.count)->default_value("20"));
    add("components", "principal components; 0: as many as explain 95 % of the variance", cxxopts::value(o.components)->default_value("0"));
    add("keep-known", "put the pixels back that a mask has left", cxxopts::value(o.keep_known));
    add("applications", "of the net; with --keep-known known pixels are put back after each",
        cxxopts::value(o.applications)->default_value("1"));
    add("seed", "of noise and masks", cxxopts::value(o.seed)->default_value("1"));
    add("out", "picture to write", cxxopts::value(o.out)->default_value("projected.png"));
    if (!examples::parse(parser, argc, argv)) return 0;
    ign::require(!o.data.empty(), ign::Fault::option, 103, "--data is missing: a folder with IDX files or pictures (make data gets MNIST)");
    ign::require(o.count >= 1 && o.applications >= 1, ign::Fault::option, 104, "--count ", o.count, ", --applications ", o.applications,
                 ", expected 1 or more of both");
    Exec const exec;
    if (o.checkpoint.empty()) {
      project(exec, o, {0, 0, 0}, nullptr);
      return 0;
    }
    examples::with_checkpoint(exec, o.checkpoint, false, [&](auto& f) {
      project(exec, o, f.image_shape(), [&](Window const& x, Window const& mask, Window const& y) {
        if (ign::absent(mask))
          f.project(exec, x, o.applications, y);
        else
          f.inpaint(exec, mask, x, o.applications, y);
      });
    });
    return 0;
  });
}
