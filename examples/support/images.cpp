// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "images.hpp"

#include <ign/io/png.hpp>
#include <ign/train/batches.hpp>

#include <algorithm>
#include <span>

#include "machine.hpp"

namespace examples {

ign::Tensor<float, Exec> to_device(Exec const& exec, ign::data::ImageSet const& set, std::size_t count, ign::Shape shape) {
  auto const x = ign::make_tensor<float>(exec, "ign::images", static_cast<int>(std::min(count, set.count)), shape);
  ign::Batches<Exec>(exec, set, {1, 1, shape}).gather_range(exec, 0, Ref(x));
  exec.fence("images: before the bytes are freed");
  return x;
}

ign::io::Image tiles(Ref const& images) {
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), images);
  std::span<float const> const values(host.data(), host.size());
  ign::io::TileExtents const extents = {host.extent(0), host.extent(1), host.extent(2), host.extent(3)};
  return ign::io::image_grid(values, extents, {.columns = report_columns, .margin = 1, .transparent = true});
}

ign::io::Image first_tiles(Ref const& images) {
  return tiles(ign::batch_range(images, 0, std::min(report_columns, ign::batch_of(images))));
}

void write_rows(std::filesystem::path const& path, std::vector<Ref> const& rows) {
  std::vector<float> values;
  for (auto const& row : rows) {
    auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), row);
    values.insert(values.end(), host.data(), host.data() + host.size());
  }
  auto const& first = rows.front();
  ign::io::TileExtents const tiles = {rows.size() * first.extent(0), first.extent(1), first.extent(2), first.extent(3)};
  ign::io::write_png(path, ign::io::image_grid<float>(values, tiles, {.columns = first.extent(0), .scale = 2}));
}

std::vector<Fact> report_facts(Exec const& exec) {
  std::vector<Fact> facts;
  for (auto const& [name, value] : machine_facts(exec)) facts.push_back({name, value});
  return facts;
}

void add_machine(Report& report, Exec const& exec, std::string const& command) {
  report.section("Machine");
  auto facts = report_facts(exec);
  facts.push_back({"command", command});
  report.facts(facts);
}

}  // namespace examples
