// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// load_projector: round trip, batch invariance, and files of other nets.

#include <boost/test/unit_test.hpp>

#include <ign/io/inference.hpp>
#include <ign_test/folder.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(inference)

namespace {

constexpr Shape image = {64, 64, 2};

// In evaluation, some of its convolutions are made directly, some with fewer multiplications.
auto net(double slope = 0.2, int latent = 7) {
  return dcgan(DcganOptions<4>{
      .image_channels = 2, .stages = {{{16}, {17}, {10}, {12}}}, .latent = {latent, 4, 1, 0}, .bias_before_norm = false, .slope = slope});
}
using Net = decltype(net());

// A model whose parameters are not the initial ones.
Model<Net, float, Exec> model() {
  Model<Net, float, Exec> const made(Exec(), net(), image, 3);
  Kokkos::deep_copy(made.parameters(), random_vector<float>(made.parameters().size(), 1, 0.15));
  auto const moments = random_vector<float>(made.statistics().size(), 2);
  for (std::size_t i = 0; i < moments.size(); ++i) made.statistics()(i) = 0.3f + std::abs(moments(i));
  return made;
}

struct Written {
  ign_test::Folder folder;
  std::filesystem::path path = folder.path / "model.safetensors";
  Written() { io::write_model(Exec(), path, model()); }
};

// The file with other metadata.
void rewrite(std::filesystem::path const& path, std::map<std::string, std::string> const& metadata) {
  auto const file = io::read_safetensors(path);
  std::vector<io::SafeTensorEntry> entries;
  for (auto const& [name, tensor] : file.tensors()) entries.push_back({name, tensor});
  io::write_safetensors(path.string() + ".new", entries, metadata);
  std::filesystem::rename(path.string() + ".new", path);
}

bool same(Vector<float, Exec> const& a, std::size_t first, Vector<float, Exec> const& b, std::size_t count) {
  return std::equal(b.data(), b.data() + count, a.data() + first);
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_net_that_was_written_is_applied, Written) {
  auto f = io::load_projector(Exec(), path, net(), image);
  BOOST_TEST(f.model().gradients().size() == 0u);
  FrozenProjector expected(Exec(), model());
  for (Role role : {Role::data, Role::source, Role::generated}) {
    auto const x = random_vector<float>(3 * image.size(), 5), y = random_vector<float>(x.size(), 6), z = random_vector<float>(x.size(), 7);
    f.apply(Exec(), role, 2, as_tensor<float>(x, 3, image), as_tensor<float>(y, 3, image));
    expected.apply(Exec(), role, 2, as_tensor<float>(x, 3, image), as_tensor<float>(z, 3, image));
    Exec().fence();
    BOOST_TEST(same(y, 0, z, z.size()), "role " << name(role));
  }
}

// Bitwise equal alone, in any batch, at any position in it, and with one thread.
BOOST_FIXTURE_TEST_CASE(is_batch_invariant, Written) {
  int direct = 0, fewer = 0;
  auto const shapes_of = shapes(net(), image);
  for_each_layer(net(), [&](std::size_t i, auto const& layer) {
    if constexpr (requires { ign::geometry(layer, shapes_of[i]); }) {
      auto const way = math::select_algorithm<Exec>(ign::geometry(layer, shapes_of[i]), pass_of(Role::data, Mode::evaluate));
      (way.algorithm == math::Algorithm::direct ? direct : fewer) += 1;
    }
  });
  BOOST_TEST(direct > 0);
  BOOST_TEST(fewer > 0);

  auto f = io::load_projector(Exec(), path, net(), image);
  constexpr int most = 9;
  std::size_t const size = image.size(), pixels = image.pixels();
  auto const x = random_vector<float>(most * size, 5), mask = random_vector<float>(most * pixels, 6);
  for (std::size_t i = 0; i < mask.size(); ++i) mask(i) = mask(i) > 0 ? 1.0f : 0.0f;
  auto const run = [&](Exec const& exec, int first, int count) {  // f²(x), masked projections, drift
    auto const n = static_cast<std::size_t>(count);
    std::array<Vector<float, Exec>, 3> out = {make_vector<float>(exec, "ign::test", n * size),
                                              make_vector<float>(exec, "ign::test", n * size), make_vector<float>(exec, "ign::test", n)};
    auto const part = batch_range(as_tensor<float>(x, most, image), first, count);
    auto const known = batch_range(as_tensor<float>(mask, most, {image.height, image.width, 1}), first, count);
    f.project(exec, part, 2, as_tensor<float>(out[0], count, image));
    f.inpaint(exec, known, part, 3, as_tensor<float>(out[1], count, image));
    f.drift_scores(exec, part, VectorRef<float, Exec>(out[2]));
    exec.fence();
    return out;
  };
  auto const all = run(Exec(), 0, most);
  for (int count : {1, 2, 3, 8})
    for (int first : {0, 1, most - count}) {
      auto const some = run(Exec(), first, count);
      for (std::size_t k = 0; k < 3; ++k)
        BOOST_TEST(same(all[k], static_cast<std::size_t>(first) * (k < 2 ? size : 1), some[k], some[k].size()),
                   count << " samples from " << first << ", output " << k);
    }
  auto const one_thread = run(ign_test::one_thread(), 0, most), again = run(Exec(), 0, most);
  for (std::size_t k = 0; k < 3; ++k) {
    BOOST_TEST(same(all[k], 0, one_thread[k], all[k].size()), "one thread, output " << k);
    BOOST_TEST(same(all[k], 0, again[k], all[k].size()), "again, output " << k);
  }
}

BOOST_FIXTURE_TEST_CASE(files_of_other_nets_are_errors_that_name_the_layer, Written) {
  auto const refused = [&](auto const& other, Shape shape, char const* id, std::string const& words) {
    BOOST_CHECK_EXCEPTION(io::load_projector(Exec(), path, other, shape), Error, [&](Error const& e) {
      BOOST_TEST_MESSAGE(e.what());
      std::string const text = e.what();
      return e.id() == id && text.find(words) != std::string::npos && text.find(path.string()) != std::string::npos;
    });
  };
  refused(net(0.1), image, "ign.format.161", "layer 1: 'negative_slope' is 0.2, this net has 0.1");
  refused(net(0.2, 8), image, "ign.format.161", "layer 11: 'out_channels' is 7, this net has 8");
  refused(sequential(net(), Tanh{}), image, "ign.format.161", "the number of layers is 26, this net has 27");
  refused(sequential(Conv2d{.channels = 2, .kernel = 1}), image, "ign.format.161", "the last layer of this net is number 0");
  rewrite(path, {});  // without a description only names and shapes are compared
  io::load_projector(Exec(), path, net(0.1), image);
  refused(net(0.2, 8), image, "ign.format.60", "its shape is (7, 12, 4, 4), the net's is (8, 12, 4, 4)");
  refused(sequential(Conv2d{.channels = 2, .kernel = 1}), image, "ign.format.161", "the last layer of this net is number 0");
  refused(sequential(net(), Conv2d{.channels = 2, .kernel = 1}), image, "ign.format.26", "'26.weight' is missing");
  for (std::string const note : {"", "x", "[]", "{}", R"({"input":[64,64,2],"layers":1})"}) {
    rewrite(path, {{"net", note}});
    refused(net(), image, "ign.format.160", "metadata 'net'");
  }
  rewrite(path, {{"net", R"({"input":[64,64,2],"layers":[1,2,3]})"}});
  refused(net(), image, "ign.format.161", "the number of layers is 3");
}

// A user-defined layer without a description is not compared.
BOOST_FIXTURE_TEST_CASE(a_layer_without_a_description_is_taken_on_trust, Written) {
  auto note = nlohmann::ordered_json::parse(io::read_safetensors(path).metadata_field("net"));
  for (std::size_t i : {1, 4, 7, 10}) note["layers"][i] = nullptr;
  rewrite(path, {{"net", note.dump()}});
  io::load_projector(Exec(), path, net(0.1), image);
  note["layers"][3]["eps"] = 0.5;
  rewrite(path, {{"net", note.dump()}});
  BOOST_CHECK_EXCEPTION(io::load_projector(Exec(), path, net(0.1), image), Error,
                        [](Error const& e) { return e.id() == "ign.format.161"; });
}

BOOST_AUTO_TEST_SUITE_END()
