// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The C interface in a program that runs its own Kokkos: the numbers of the C++ functions, and what is refused. A program in C of its own,
// without a Kokkos, is tests/consumer/c/lifecycle.c.

#include <boost/test/unit_test.hpp>

#include <ign/c/ign.h>
#include <ign/corruptions/masks.hpp>
#include <ign/io/inference.hpp>
#include <ign/io/runtime_projector.hpp>
#include <ign/policies/imle.hpp>
#include <ign_test/environment.hpp>
#include <ign_test/exec.hpp>
#include <ign_test/folder.hpp>

#include <array>
#include <cstring>
#include <fstream>
#include <limits>
#include <thread>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(c_interface)

using Ref = TensorRef<float, Exec>;
using Numbers = std::vector<float>;

namespace {

std::string golden(std::string const& net) { return IGN_GOLDEN_DIR "/exchange_" + net + ".safetensors"; }

constexpr Shape image = {8, 8, 2};  // of the net "batch_norm"
constexpr std::size_t size = 128;

// A net for fields in their own units, and its model.
auto const net_of_fields = sequential(Conv2d{.channels = 2, .kernel = 3, .padding = 1}, BatchNorm{});
ChannelNormalisation const units_of_fields = {{300, -2}, {20, 0.5}};
auto model_of_fields(Exec const& exec) {
  return Model<std::remove_const_t<decltype(net_of_fields)>, float, Exec>(exec, net_of_fields, image, 3);
}

Ref tensor(Numbers& numbers, Shape shape = image) {
  return Ref(numbers.data(), numbers.size() / shape.size(), shape.height, shape.width, shape.channels);
}

// n images in (-1, 1).
Numbers images(int n) {
  Exec const exec;
  Numbers x(static_cast<std::size_t>(n) * size);
  fill_gaussian(exec, Key{.seed = 11}, 0.3, VectorRef<float, Exec>(x.data(), x.size()));
  exec.fence();
  return x;
}

// Every third pixel is missing.
Numbers mask(int n) {
  Numbers known(static_cast<std::size_t>(n) * 64);
  for (std::size_t i = 0; i < known.size(); ++i) known[i] = i % 3 == 0 ? 0.0f : 1.0f;
  return known;
}

class Net {
 public:
  explicit Net(std::string const& net = "batch_norm") { BOOST_REQUIRE_EQUAL(ign_load(golden(net).c_str(), &m_net), IGN_OK); }
  ~Net() { BOOST_TEST(ign_free(m_net) == IGN_OK); }
  Net(Net const&) = delete;
  Net& operator=(Net const&) = delete;
  operator ign_net*() const { return m_net; }

 private:
  ign_net* m_net = nullptr;
};

bool identical(Numbers const& a, Numbers const& b) { return a.size() == b.size() && std::memcmp(a.data(), b.data(), 4 * a.size()) == 0; }

bool error_begins(std::string const& text) { return std::string(ign_last_error()).find(text) == 0; }

}  // namespace

BOOST_AUTO_TEST_CASE(version_and_extents) {
  BOOST_TEST(std::string(ign_version()) == version_string);
  BOOST_TEST(ign_is_initialized() == 1);
  Net const net("residual");
  int height = 0, width = 0, channels = 0;
  BOOST_TEST(ign_extents(net, &height, &width, &channels) == IGN_OK);
  BOOST_TEST((Shape{height, width, channels} == Shape{5, 4, 2}));
  BOOST_TEST(ign_extents(net, nullptr, nullptr, nullptr) == IGN_OK);
}

// Also with more images than are computed at a time, and with arrays that begin anywhere.
BOOST_AUTO_TEST_CASE(gives_the_numbers_of_cxx) {
  Exec const exec;
  Net const net;
  auto f = io::load_runtime_projector(exec, golden("batch_norm"));
  for (int const n : {1, 3, 200}) {
    Numbers x = images(n), known = mask(n), expected(x.size()), scores(static_cast<std::size_t>(n));
    auto const compare = [&](Numbers const& found) {
      exec.fence();
      BOOST_TEST(identical(found, expected), n);
    };
    Numbers shifted(x.size() + 1);
    auto const from_shifted = [&] { return Numbers(shifted.begin() + 1, shifted.end()); };

    f.project(exec, tensor(x), 1, tensor(expected));
    BOOST_TEST(ign_apply(net, n, x.data(), shifted.data() + 1) == IGN_OK);
    compare(from_shifted());
    f.project(exec, tensor(x), 3, tensor(expected));
    BOOST_TEST(ign_project(net, n, 3, nullptr, x.data(), shifted.data() + 1) == IGN_OK);
    compare(from_shifted());
    BOOST_TEST(ign_project(net, n, 0, nullptr, x.data(), shifted.data() + 1) == IGN_OK);
    BOOST_TEST(identical(from_shifted(), x));

    f.inpaint(exec, tensor(known, {8, 8, 1}), tensor(x), 2, tensor(expected));
    BOOST_TEST(ign_project(net, n, 2, known.data(), x.data(), shifted.data() + 1) == IGN_OK);
    compare(from_shifted());
    bool stays = true;
    for (std::size_t i = 0; i < x.size(); ++i) stays = stays && (known[i / 2] == 0 || shifted[i + 1] == x[i]);
    BOOST_TEST(stays);

    Numbers right(scores.size());
    f.drift_scores(exec, tensor(x), VectorRef<float, Exec>(right.data(), right.size()));
    exec.fence();
    BOOST_TEST(ign_drift(net, n, nullptr, x.data(), scores.data()) == IGN_OK);
    BOOST_TEST(identical(scores, right));
    f.masked_drift_scores(exec, tensor(known, {8, 8, 1}), tensor(x), VectorRef<float, Exec>(right.data(), right.size()));
    exec.fence();
    BOOST_TEST(ign_drift(net, n, known.data(), x.data(), scores.data()) == IGN_OK);
    BOOST_TEST(identical(scores, right));

    f.generate(exec, Key{.seed = 5}, 1, tensor(expected));
    Numbers found(x.size());
    BOOST_TEST(ign_generate(net, 5, n, found.data()) == IGN_OK);
    compare(found);
  }
}

// The noise of a checkpoint is that of its training.
BOOST_AUTO_TEST_CASE(generates_with_spectral_noise) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = (folder.path / "spectral.safetensors").string();
  auto const net = dcgan(DcganOptions<2, BatchNorm>{.image_channels = 2, .stages = {{{4, 4, 2, 1}, {6, 4, 2, 1}}}, .latent = {5, 2, 1, 0}});
  Model<std::remove_const_t<decltype(net)>, float, Exec> const model(exec, net, image, 3);
  Spectral<float, Exec> const source(exec, image);
  Buffer<float, Exec> scratch("scratch");
  Numbers data = images(10);
  source.reset(exec);
  source.add(exec, tensor(data), scratch);
  source.finish(exec);
  io::write_model(exec, path, model, source, {{"source", "spectral"}});
  FrozenProjector f(exec, model);
  Numbers expected(3 * size), found(3 * size);
  f.generate(exec, source, Key{.seed = 9}, 1, tensor(expected));
  exec.fence();
  ign_net* loaded = nullptr;
  BOOST_REQUIRE_EQUAL(ign_load(path.c_str(), &loaded), IGN_OK);
  BOOST_TEST(ign_generate(loaded, 9, 3, found.data()) == IGN_OK);
  BOOST_TEST(identical(found, expected));
  ign_net* larger = nullptr;
  BOOST_REQUIRE_EQUAL(ign_resize(loaded, 1, 16, 8, IGN_PADDING_OF_NET, &larger), IGN_OK);
  Numbers wide(2 * size);
  BOOST_TEST(ign_apply(larger, 1, wide.data(), wide.data()) == IGN_OK);
  BOOST_TEST(ign_generate(larger, 9, 1, wide.data()) == IGN_ERROR_SHAPE);  // its statistics are those of other extents
  BOOST_TEST(error_begins("[ign.shape.250]"), ign_last_error());
  ign_free(larger);
  ign_free(loaded);
}

// A file with a normalisation by channel: arrays are in their own units, scores in normalised ones.
BOOST_AUTO_TEST_CASE(fields_have_their_own_units) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = (folder.path / "fields.safetensors").string();
  auto const model = model_of_fields(exec);
  io::write_model(exec, path, model, units_of_fields);
  auto f = io::load_physical_projector(exec, path, net_of_fields, image);
  ign_net* loaded = nullptr;
  BOOST_REQUIRE_EQUAL(ign_load(path.c_str(), &loaded), IGN_OK);

  int const n = 140;
  Numbers x = images(n), known = mask(n), expected(x.size()), found(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(units_of_fields.mean[i % 2] + units_of_fields.stddev[i % 2] * x[i]);
  f.project(exec, tensor(x), 2, tensor(expected));
  exec.fence();
  BOOST_TEST(ign_project(loaded, n, 2, nullptr, x.data(), found.data()) == IGN_OK);
  BOOST_TEST(identical(found, expected));
  BOOST_TEST(std::abs(found[0] - 300) < 200);  // normalised, it would be about 0
  f.inpaint(exec, tensor(known, {8, 8, 1}), tensor(x), 2, tensor(expected));
  exec.fence();
  BOOST_TEST(ign_project(loaded, n, 2, known.data(), x.data(), found.data()) == IGN_OK);
  BOOST_TEST(identical(found, expected));
  BOOST_TEST((found[2] == x[2] && found[0] != x[0]));
  f.generate(exec, Gaussian{}, Key{.seed = 4}, 1, tensor(expected));
  exec.fence();
  BOOST_TEST(ign_generate(loaded, 4, n, found.data()) == IGN_OK);
  BOOST_TEST(identical(found, expected));
  Numbers right(static_cast<std::size_t>(n)), scores(right.size());
  f.drift_scores(exec, tensor(x), VectorRef<float, Exec>(right.data(), right.size()));
  exec.fence();
  BOOST_TEST(ign_drift(loaded, n, nullptr, x.data(), scores.data()) == IGN_OK);
  BOOST_TEST(identical(scores, right));
  f.masked_drift_scores(exec, tensor(known, {8, 8, 1}), tensor(x), VectorRef<float, Exec>(right.data(), right.size()));
  exec.fence();
  BOOST_TEST(ign_drift(loaded, n, known.data(), x.data(), scores.data()) == IGN_OK);
  BOOST_TEST(identical(scores, right));
  BOOST_TEST(ign_free(loaded) == IGN_OK);

  ign_net* none = nullptr;
  io::write_model(exec, path, model, {{0, 0, 0}, {1, 1, 1}});
  BOOST_TEST(ign_load(path.c_str(), &none) == IGN_ERROR_SHAPE);
  BOOST_TEST(error_begins("[ign.shape.483]"), ign_last_error());
  BOOST_TEST(none == nullptr);
}

// A field of three dimensions is an image of all rows of its slices.
BOOST_AUTO_TEST_CASE(serves_volumes) {
  Exec const exec;
  for (std::string const name : {"volume", "volume_padding"}) {
    Net const net(name);
    auto f = io::load_runtime_projector(exec, golden(name));
    int const slices = name == "volume" ? 4 : 6;
    Shape const shape = f.image_shape();
    BOOST_TEST(f.depth() == slices);
    int depth = 0, height = 0, width = 0, channels = 0;
    BOOST_TEST(ign_volume_extents(net, &depth, &height, &width, &channels) == IGN_OK);
    BOOST_TEST((depth == slices && height == 4 && width == 4 && channels == 2));
    BOOST_TEST(ign_volume_extents(net, nullptr, nullptr, nullptr, nullptr) == IGN_OK);
    BOOST_TEST(ign_extents(net, &height, &width, &channels) == IGN_OK);
    BOOST_TEST((Shape{height, width, channels} == shape));

    auto x = io::read_safetensors(golden(name)).values<float>("x");
    auto const n = static_cast<int>(x.size() / shape.size());
    Numbers known(x.size() / 2), expected(x.size()), found(x.size());
    for (std::size_t i = 0; i < known.size(); ++i) known[i] = i % 3 == 0 ? 0.0f : 1.0f;
    f.inpaint(exec, tensor(known, {shape.height, shape.width, 1}), tensor(x, shape), 2, tensor(expected, shape));
    exec.fence();
    BOOST_TEST(ign_project(net, n, 2, known.data(), x.data(), found.data()) == IGN_OK);
    BOOST_TEST(identical(found, expected));
    Numbers right(static_cast<std::size_t>(n)), scores(right.size());
    f.drift_scores(exec, tensor(x, shape), VectorRef<float, Exec>(right.data(), right.size()));
    exec.fence();
    BOOST_TEST(ign_drift(net, n, nullptr, x.data(), scores.data()) == IGN_OK);
    BOOST_TEST(identical(scores, right));
  }
  int depth = 0, height = 0;
  BOOST_TEST(ign_volume_extents(Net("residual"), &depth, &height, nullptr, nullptr) == IGN_OK);
  BOOST_TEST((depth == 1 && height == 5));
  BOOST_TEST(ign_volume_extents(nullptr, nullptr, nullptr, nullptr, nullptr) == IGN_ERROR_OPTION);
}

namespace {

// A net with BatchNorm statistics that are not the initial ones, in a file; what ign_resize makes of it, and C++.
template <class Net>
void check_resized(Net const& net, Shape trained, std::array<int, 3> extents, ChannelNormalisation const& units = {}) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = (folder.path / "fields.safetensors").string();
  Model<Net, float, Exec> const model(exec, net, trained, 3);
  for (std::size_t i = 0; i < model.statistics().size(); ++i) model.statistics()(i) = 0.5f + 0.01f * static_cast<float>(i);
  auto const [depth, height, width] = extents;
  Shape const other = volume_shape(depth, height, width, trained.channels);
  bool const physical = !units.mean.empty();
  if (physical)
    io::write_model(exec, path, model, units);
  else
    io::write_model(exec, path, model);

  ign_net *small = nullptr, *large = nullptr;
  BOOST_REQUIRE_EQUAL(ign_load(path.c_str(), &small), IGN_OK);
  BOOST_REQUIRE_MESSAGE(ign_resize(small, depth, height, width, IGN_PADDING_OF_NET, &large) == IGN_OK, ign_last_error());
  int d = 0, h = 0, w = 0;
  BOOST_TEST(ign_volume_extents(large, &d, &h, &w, nullptr) == IGN_OK);
  BOOST_TEST((std::array{d, h, w} == extents));
  Numbers x(2 * other.size()), expected(x.size()), found(x.size());
  fill_gaussian(exec, Key{.seed = 11}, 0.3, VectorRef<float, Exec>(x.data(), x.size()));
  auto const compare = [&](auto&& f) {
    f.project(exec, tensor(x, other), 2, tensor(expected, other));
    exec.fence();
    BOOST_TEST(ign_project(large, 2, 2, nullptr, x.data(), found.data()) == IGN_OK);
    BOOST_TEST(identical(found, expected));
    f.generate(exec, Gaussian{}, Key{.seed = 5}, 1, tensor(expected, other));
    exec.fence();
    BOOST_TEST(ign_generate(large, 5, 2, found.data()) == IGN_OK);
    BOOST_TEST(identical(found, expected));
  };
  FrozenProjector<Net, float, Exec> trained_f(exec, model);
  BOOST_TEST(ign_free(small) == IGN_OK);  // the weights live as long as one of the nets
  if (physical)
    compare(PhysicalProjector(exec, trained_f.resized(exec, other), units));
  else
    compare(trained_f.resized(exec, other));
  BOOST_TEST(ign_free(large) == IGN_OK);
}

}  // namespace

BOOST_AUTO_TEST_CASE(resizes_to_the_numbers_of_cxx) {
  Conv2d const down{.channels = 4, .kernel = 4, .stride = 2, .padding = 1, .padding_mode = PaddingMode::periodic};
  ConvTranspose2d const up{.channels = 2, .kernel = 4, .stride = 2, .padding = 1, .padding_mode = PaddingMode::periodic};
  Conv2d const same{.channels = 4, .padding = 1};
  auto const images_net = sequential(down, BatchNorm{}, LeakyRelu{0.2}, residual(same, BatchNorm{}, Tanh{}), up);
  check_resized(images_net, {8, 8, 2}, {1, 12, 6});
  check_resized(images_net, {8, 8, 2}, {1, 2, 40}, {{300, -2}, {20, 0.5}});
  // Slices that follow from the rows, and others, which C++ states in the layers.
  Conv3d const first{.channels = 3, .kernel = 4, .stride = 2, .padding = 1};
  ConvTranspose3d const last{.channels = 2, .kernel = 4, .stride = 2, .padding = 1};
  check_resized(sequential(first, BatchNorm{}, Relu{}, last), volume_shape(4, 4, 4, 2), {6, 8, 8});
}

// As the file of a net for these extents.
BOOST_AUTO_TEST_CASE(resizes_volumes_with_any_slices_and_padding) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const net_of = [](int depth, PaddingMode mode) {
    int const half = depth / 2;
    return sequential(Conv3d{.channels = 3, .kernel = 4, .stride = 2, .padding = 1, .depth = depth, .padding_mode = mode}, BatchNorm{},
                      residual(Conv3d{.channels = 3, .padding = 1, .depth = half, .padding_mode = mode}, Tanh{}),
                      ConvTranspose3d{.channels = 2, .kernel = 4, .stride = 2, .padding = 1, .depth = half, .padding_mode = mode});
  };
  auto const small = net_of(4, PaddingMode::reflecting), large = net_of(8, PaddingMode::periodic);
  using Net = std::remove_const_t<decltype(small)>;
  Shape const trained = volume_shape(4, 6, 8, 2), other = volume_shape(8, 4, 12, 2);
  Model<Net, float, Exec> const model(exec, small, trained, 3), same(exec, large, other, 4);
  exec.fence();
  Kokkos::deep_copy(same.parameters(), model.parameters());
  FrozenProjector<Net, float, Exec> f(exec, same);
  auto const path = (folder.path / "fields.safetensors").string();
  io::write_model(exec, path, model);

  ign_net *net = nullptr, *resized = nullptr;
  BOOST_REQUIRE_EQUAL(ign_load(path.c_str(), &net), IGN_OK);
  BOOST_REQUIRE_MESSAGE(ign_resize(net, 8, 4, 12, IGN_PADDING_PERIODIC, &resized) == IGN_OK, ign_last_error());
  Numbers x(3 * other.size()), expected(x.size()), found(x.size());
  fill_gaussian(exec, Key{.seed = 11}, 0.3, VectorRef<float, Exec>(x.data(), x.size()));
  f.project(exec, tensor(x, other), 1, tensor(expected, other));
  exec.fence();
  BOOST_TEST(ign_apply(resized, 3, x.data(), found.data()) == IGN_OK);
  BOOST_TEST(identical(found, expected));

  // Back to the first extents, and the first padding: the padding of a resized net stays until another is named.
  ign_net *back = nullptr, *again = nullptr;
  BOOST_REQUIRE_EQUAL(ign_resize(resized, 4, 6, 8, IGN_PADDING_REFLECTING, &back), IGN_OK);
  BOOST_REQUIRE_EQUAL(ign_resize(back, 4, 6, 8, IGN_PADDING_OF_NET, &again), IGN_OK);
  BOOST_TEST(ign_free(resized) == IGN_OK);
  std::size_t const count = trained.size();
  BOOST_TEST(ign_apply(net, 1, x.data(), expected.data()) == IGN_OK);
  for (ign_net* const one : {back, again}) {
    BOOST_TEST(ign_apply(one, 1, x.data(), found.data()) == IGN_OK);
    BOOST_TEST(std::memcmp(found.data(), expected.data(), 4 * count) == 0);
    BOOST_TEST(ign_free(one) == IGN_OK);
  }
  BOOST_TEST(ign_free(net) == IGN_OK);
}

BOOST_AUTO_TEST_CASE(refuses_other_extents_where_a_net_has_one_size) {
  Net const fields, linear("mlp"), volumes("volume");
  ign_net* other = nullptr;
  auto const refused = [&](ign_status status, ign_status expected, std::string const& text) {
    BOOST_TEST(status == expected, ign_last_error());
    BOOST_TEST(error_begins(text), ign_last_error());
    BOOST_TEST(other == nullptr);
  };
  Numbers x(12, 0.5f), before(12), after(12);
  BOOST_TEST(ign_apply(linear, 1, x.data(), before.data()) == IGN_OK);
  refused(ign_resize(linear, 1, 6, 2, IGN_PADDING_OF_NET, &other), IGN_ERROR_SHAPE, "[ign.shape.480]");
  BOOST_TEST(ign_apply(linear, 1, x.data(), after.data()) == IGN_OK);  // the net is as it was
  BOOST_TEST(identical(before, after));
  refused(ign_resize(fields, 1, 9, 8, IGN_PADDING_OF_NET, &other), IGN_ERROR_SHAPE, "[ign.shape.");
  refused(ign_resize(fields, 2, 8, 8, IGN_PADDING_OF_NET, &other), IGN_ERROR_OPTION, "[ign.option.529]");
  refused(ign_resize(volumes, 3, 4, 4, IGN_PADDING_OF_NET, &other), IGN_ERROR_SHAPE, "[ign.shape.");
  refused(ign_resize(volumes, 0, 4, 4, IGN_PADDING_OF_NET, &other), IGN_ERROR_OPTION, "[ign.option.526] ign_resize: extents of 0");
  refused(ign_resize(fields, 1, -8, 8, IGN_PADDING_OF_NET, &other), IGN_ERROR_OPTION, "[ign.option.526]");
  refused(ign_resize(volumes, 1 << 16, 1 << 16, 4, IGN_PADDING_OF_NET, &other), IGN_ERROR_OPTION, "[ign.option.526]");
  refused(ign_resize(fields, 1, 1 << 30, 1 << 30, IGN_PADDING_OF_NET, &other), IGN_ERROR_SHAPE, "[ign.shape.6]");
  refused(ign_resize(fields, 1, 8, 8, static_cast<ign_padding>(4), &other), IGN_ERROR_OPTION, "[ign.option.530] ign_resize");
  refused(ign_resize(nullptr, 1, 8, 8, IGN_PADDING_OF_NET, &other), IGN_ERROR_OPTION, "[ign.option.524]");
  refused(ign_resize(fields, 1, 8, 8, IGN_PADDING_OF_NET, nullptr), IGN_ERROR_OPTION, "[ign.option.524]");
}

// An Imle applies f to its own output in the role of the data, and its file says so.
BOOST_AUTO_TEST_CASE(the_role_of_the_output_is_that_of_the_file) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = (folder.path / "imle.safetensors").string();
  auto const net = sequential(Conv2d{.channels = 2, .kernel = 3, .padding = 1}, BatchNorm{}, Tanh{});
  Imle policy(exec, net, image);
  Numbers x = images(16), expected(3 * size), found(3 * size);
  for (std::uint64_t step = 0; step < 5; ++step) policy.gradients(exec, tensor(x), step);
  FrozenProjector f(exec, policy.model(), policy.generated_role());
  auto const generated = [&](auto& of) {
    Numbers y(3 * size);
    of.generate(exec, Gaussian{}, Key{.seed = 9}, 2, tensor(y));
    exec.fence();
    return y;
  };
  expected = generated(f);

  io::write_model(exec, path, policy.model());  // as an older version: without the role
  auto old = io::load_runtime_projector(exec, path);
  BOOST_TEST(!identical(generated(old), expected));

  io::write_model(exec, path, policy.model(), io::roles_of(policy));
  auto runtime = io::load_runtime_projector(exec, path);
  BOOST_TEST((runtime.roles() == io::ModelRoles{Role::data}));
  BOOST_TEST(identical(generated(runtime), expected));
  auto loaded = io::load_projector(exec, path, net, image);
  BOOST_TEST(identical(generated(loaded), expected));
  auto overridden = io::load_projector(exec, path, net, image, {.generated_role = Role::generated});
  BOOST_TEST(identical(generated(overridden), generated(old)));

  // C: z has the role of the source, and f(z) that of the file.
  ign_net* c = nullptr;
  BOOST_REQUIRE_EQUAL(ign_load(path.c_str(), &c), IGN_OK);
  f.generate(exec, Gaussian{}, Key{.seed = 9}, 0, tensor(found));
  exec.fence();
  BOOST_TEST(ign_set_role(c, IGN_ROLE_SOURCE) == IGN_OK);
  BOOST_TEST(ign_project(c, 3, 2, nullptr, found.data(), found.data()) == IGN_OK);
  BOOST_TEST(identical(found, expected));
  Numbers right(3), scores(3);
  f.drift_scores(exec, tensor(expected), VectorRef<float, Exec>(right.data(), 3), Mse{}, Role::source);
  exec.fence();
  BOOST_TEST(ign_drift(c, 3, nullptr, expected.data(), scores.data()) == IGN_OK);
  BOOST_TEST(identical(scores, right));
  BOOST_TEST(ign_set_role(c, IGN_ROLE_DATA) == IGN_OK);
  f.project(exec, tensor(expected), 1, tensor(expected));
  exec.fence();
  BOOST_TEST(ign_generate(c, 9, 3, found.data()) == IGN_OK);
  BOOST_TEST(ign_apply(c, 3, found.data(), found.data()) == IGN_OK);
  BOOST_TEST(ign_apply(c, 3, found.data(), found.data()) == IGN_OK);
  BOOST_TEST(identical(found, expected));
  BOOST_TEST(ign_set_role(c, static_cast<ign_role>(2)) == IGN_ERROR_OPTION);
  BOOST_TEST(error_begins("[ign.option.530] ign_set_role"));
  BOOST_TEST(ign_set_role(nullptr, IGN_ROLE_DATA) == IGN_ERROR_OPTION);
  BOOST_TEST(ign_free(c) == IGN_OK);
}

// Fields of the source are in their own units where the file says so.
BOOST_AUTO_TEST_CASE(the_source_is_physical_where_the_file_says_so) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = (folder.path / "fields.safetensors").string();
  auto const model = model_of_fields(exec);
  Numbers x = images(3), known = mask(3), expected(x.size()), found(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(units_of_fields.mean[i % 2] + units_of_fields.stddev[i % 2] * x[i]);
  for (bool const physical : {true, false}) {
    io::write_model(exec, path, model, units_of_fields, {.generated_role = Role::data, .source_is_physical = physical});
    auto f = io::load_physical_projector(exec, path, net_of_fields, image);
    BOOST_TEST(f.source_is_physical() == physical);
    BOOST_TEST((f.normalised().generated_role() == Role::data));
    ign_net *c = nullptr, *same = nullptr;
    BOOST_REQUIRE_EQUAL(ign_load(path.c_str(), &c), IGN_OK);
    BOOST_TEST(ign_set_role(c, IGN_ROLE_SOURCE) == IGN_OK);
    BOOST_REQUIRE_EQUAL(ign_resize(c, 1, 8, 8, IGN_PADDING_OF_NET, &same), IGN_OK);  // has the role, too
    for (ign_net* const one : {c, same}) {
      f.apply(exec, Role::source, 2, tensor(x), tensor(expected));
      exec.fence();
      BOOST_TEST(ign_project(one, 3, 2, nullptr, x.data(), found.data()) == IGN_OK);
      BOOST_TEST(identical(found, expected));
      f.inpaint(exec, tensor(known, {8, 8, 1}), tensor(x), 2, tensor(expected), Role::source);
      exec.fence();
      BOOST_TEST(ign_project(one, 3, 2, known.data(), x.data(), found.data()) == IGN_OK);
      BOOST_TEST(identical(found, expected));
      // The library cannot draw damaged fields.
      BOOST_TEST(ign_generate(one, 1, 3, found.data()) == (physical ? IGN_ERROR_OPTION : IGN_OK));
      BOOST_TEST((!physical || error_begins("[ign.option.528]")));
      BOOST_TEST(ign_free(one) == IGN_OK);
    }
  }
}

BOOST_AUTO_TEST_CASE(works_in_place) {
  Net const net;
  Numbers const x = images(140), known = mask(140);
  for (float const* const m : {static_cast<float const*>(nullptr), known.data()}) {
    Numbers expected(x.size()), found = x;
    BOOST_TEST(ign_project(net, 140, 2, m, x.data(), expected.data()) == IGN_OK);
    BOOST_TEST(ign_project(net, 140, 2, m, found.data(), found.data()) == IGN_OK);
    BOOST_TEST(identical(found, expected));
  }
}

// A refused call writes nothing.
BOOST_AUTO_TEST_CASE(refuses_wrong_arguments) {
  Net const net;
  Numbers x = images(2), known = mask(2), memory(5 * size, 7.0f);
  Numbers const before = memory;
  float* const out = memory.data();
  auto const refused = [&](ign_status status, ign_status expected, std::string const& text) {
    BOOST_TEST(status == expected, ign_last_error());
    BOOST_TEST(error_begins(text), ign_last_error());
    BOOST_TEST(identical(memory, before));
  };
  refused(ign_apply(nullptr, 2, x.data(), out), IGN_ERROR_OPTION, "[ign.option.524] ign_apply: net");
  refused(ign_apply(net, 2, nullptr, out), IGN_ERROR_OPTION, "[ign.option.524] ign_apply: in");
  refused(ign_apply(net, 2, x.data(), nullptr), IGN_ERROR_OPTION, "[ign.option.524] ign_apply: out");
  refused(ign_apply(net, -1, x.data(), out), IGN_ERROR_OPTION, "[ign.option.526]");
  refused(ign_project(net, 2, -1, nullptr, x.data(), out), IGN_ERROR_OPTION, "[ign.option.90] ign_project: -1");
  refused(ign_drift(net, 2, nullptr, nullptr, out), IGN_ERROR_OPTION, "[ign.option.524] ign_drift: in");
  refused(ign_drift(net, 2, nullptr, x.data(), nullptr), IGN_ERROR_OPTION, "[ign.option.524] ign_drift: scores");
  refused(ign_generate(net, 1, 2, nullptr), IGN_ERROR_OPTION, "[ign.option.524] ign_generate: out");
  refused(ign_extents(nullptr, nullptr, nullptr, nullptr), IGN_ERROR_OPTION, "[ign.option.524] ign_extents");
  refused(ign_apply(net, 2, reinterpret_cast<float*>(reinterpret_cast<char*>(x.data()) + 1), out), IGN_ERROR_OPTION, "[ign.option.526]");

  refused(ign_apply(net, 2, out, out + 1), IGN_ERROR_OPTION, "[ign.option.525] ign_apply: in and out overlap");
  refused(ign_apply(net, 2, out + 2 * size - 1, out), IGN_ERROR_OPTION, "[ign.option.525]");
  refused(ign_project(net, 2, 1, out + 2 * size - 1, x.data(), out), IGN_ERROR_OPTION, "[ign.option.525] ign_project: mask and out");
  refused(ign_drift(net, 2, nullptr, out, out + 1), IGN_ERROR_OPTION, "[ign.option.525]");
  refused(ign_drift(net, 2, out, x.data(), out + 127), IGN_ERROR_OPTION, "[ign.option.525]");

  for (float const bad : {quiet_nan<float>(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    Numbers odd = x;
    odd[size + 5] = bad;
    refused(ign_apply(net, 2, odd.data(), out), IGN_ERROR_NUMERIC, "[ign.numeric.521] ign_apply: number 133 of in (image 1)");
    refused(ign_project(net, 2, 2, known.data(), odd.data(), out), IGN_ERROR_NUMERIC, "[ign.numeric.521]");
    refused(ign_drift(net, 2, nullptr, odd.data(), out), IGN_ERROR_NUMERIC, "[ign.numeric.521]");
    refused(ign_apply(net, 1, odd.data() + size, odd.data() + size), IGN_ERROR_NUMERIC, "[ign.numeric.521]");
  }
  BOOST_TEST(ign_apply(net, 0, nullptr, nullptr) == IGN_OK);
  BOOST_TEST(ign_generate(net, 1, 0, nullptr) == IGN_OK);
  BOOST_TEST(ign_drift(net, 0, nullptr, nullptr, nullptr) == IGN_OK);
  BOOST_TEST(ign_apply(net, 2, out, out + 2 * size) == IGN_OK);  // side by side is apart
}

BOOST_AUTO_TEST_CASE(refuses_wrong_files) {
  ign_test::Folder const folder;
  ign_net* net = nullptr;
  BOOST_TEST(ign_load(nullptr, &net) == IGN_ERROR_OPTION);
  BOOST_TEST(ign_load(golden("mlp").c_str(), nullptr) == IGN_ERROR_OPTION);
  BOOST_TEST(ign_load((folder.path / "none").c_str(), &net) == IGN_ERROR_FILE);
  BOOST_TEST(error_begins("[ign.file.1]"));
  auto const text = folder.path / "text";
  std::ofstream(text) << "Some text, and not a checkpoint at all.";
  BOOST_TEST(ign_load(text.c_str(), &net) == IGN_ERROR_FORMAT);
  BOOST_TEST(ign_load(IGN_GOLDEN_DIR "/layers.safetensors", &net) == IGN_ERROR_FORMAT);
  BOOST_TEST(error_begins("[ign.format.520]"));

  // One weight is not finite.
  Exec const exec;
  auto const chain = sequential(Conv2d{.channels = 1, .kernel = 1});
  Model<std::remove_const_t<decltype(chain)>, float, Exec> const model(exec, chain, {4, 4, 1}, 3);
  exec.fence();
  Kokkos::deep_copy(model.parameters(), std::numeric_limits<float>::infinity());
  io::write_model(exec, folder.path / "diverged", model);
  BOOST_TEST(ign_load((folder.path / "diverged").c_str(), &net) == IGN_ERROR_NUMERIC);
  BOOST_TEST(error_begins("[ign.numeric.520]"));

  // f maps to another shape.
  auto const smaller = sequential(Conv2d{.channels = 2, .kernel = 1});
  Model<std::remove_const_t<decltype(smaller)>, float, Exec> const other(exec, smaller, {4, 4, 1}, 3);
  io::write_model(exec, folder.path / "smaller", other);
  BOOST_TEST(ign_load((folder.path / "smaller").c_str(), &net) == IGN_ERROR_SHAPE);
  BOOST_TEST(net == nullptr);
}

BOOST_AUTO_TEST_CASE(device_memory_needs_a_device) {
  Net const net;
  bool const device = !runs_on_host_v<Kokkos::DefaultExecutionSpace>;
  BOOST_TEST(ign_set_memory(net, IGN_DEVICE) == (device ? IGN_OK : IGN_ERROR_OPTION));
  BOOST_TEST((device || error_begins("[ign.option.527]")));
  BOOST_TEST(ign_set_memory(net, static_cast<ign_memory>(2)) == IGN_ERROR_OPTION);
  BOOST_TEST(ign_set_memory(net, IGN_HOST) == IGN_OK);
  BOOST_TEST(ign_set_memory(nullptr, IGN_HOST) == IGN_ERROR_OPTION);
}

// Kokkos is the program's: the library uses it and leaves it running.
BOOST_AUTO_TEST_CASE(uses_the_kokkos_of_the_program) {
  BOOST_TEST(ign_initialize() == IGN_OK);
  BOOST_TEST(ign_initialize() == IGN_OK);
  {
    Net const net;
    BOOST_TEST(ign_finalize() == IGN_OK);
    BOOST_TEST(ign_finalize() == IGN_OK);  // with a net in use: nothing is finalised
  }
  BOOST_TEST(ign_finalize() == IGN_ERROR_STATE);
  BOOST_TEST(error_begins("[ign.state.523]"));
  BOOST_TEST(Kokkos::is_initialized());
}

// All threads share one net, and each has another of its own.
BOOST_AUTO_TEST_CASE(serves_several_threads) {
  Net const shared;
  Numbers const x = images(4);
  Numbers expected(x.size());
  BOOST_TEST(ign_apply(shared, 4, x.data(), expected.data()) == IGN_OK);
  std::vector<int> wrong(4, 0);
  std::vector<std::string> texts(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      ign_net* own = nullptr;
      wrong[t] += ign_load(golden("batch_norm").c_str(), &own) == IGN_OK ? 0 : 1;
      for (int k = 0; k < 20; ++k) {
        Numbers a(x.size()), b(x.size());
        wrong[t] += ign_apply(shared, 4, x.data(), a.data()) == IGN_OK && identical(a, expected) ? 0 : 1;
        wrong[t] += ign_apply(own, 4, x.data(), b.data()) == IGN_OK && identical(b, expected) ? 0 : 1;
        wrong[t] += ign_apply(own, -static_cast<int>(t) - 1, x.data(), b.data()) == IGN_ERROR_OPTION ? 0 : 1;
      }
      texts[t] = ign_last_error();  // of this thread
      wrong[t] += ign_free(own) == IGN_OK ? 0 : 1;
    });
  for (auto& thread : threads) thread.join();
  for (std::size_t t = 0; t < 4; ++t) {
    BOOST_TEST(wrong[t] == 0);
    BOOST_TEST(texts[t].find("n is -" + std::to_string(t + 1)) != std::string::npos);
  }
}

#ifdef _OPENMP
BOOST_AUTO_TEST_CASE(refuses_parallel_regions) {
  Net const net;
  Numbers const x = images(1);
  int refused = 0;
#pragma omp parallel num_threads(2) reduction(+ : refused)
  {
    Numbers y(x.size());
    refused += ign_apply(net, 1, x.data(), y.data()) == IGN_ERROR_STATE ? 1 : 0;
  }
  BOOST_TEST(refused == 2);
}
#endif

BOOST_AUTO_TEST_SUITE_END()
