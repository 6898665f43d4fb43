// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Values from PyTorch: the perceptual distance and its gradients (make_perceptual.py).

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/io/model.hpp>
#include <ign_test/golden.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(pytorch_perceptual)

namespace {

template <class Real>
void check(double tolerance) {
  Exec const exec;
  Shape const image = {6, 5, 2};
  auto const file = io::read_safetensors(ign_test::golden_dir() / "perceptual.safetensors");
  auto const values = [&](std::string const& name) {
    std::vector<double> v(file.at(name).bytes.size() / sizeof(double));
    file.copy<double>(name, v);
    return v;
  };
  auto const vector = [&](std::string const& name) {
    auto const from = values(name);
    auto const to = make_vector<Real>(exec, "ign::test", from.size());
    exec.fence();
    for (std::size_t i = 0; i < from.size(); ++i) to(i) = static_cast<Real>(from[i]);
    return to;
  };
  auto const net = sequential(Conv2d{3, 3, 1, 1}, Relu{}, MaxPool2d{}, Conv2d{4, 3, 1, 1}, LeakyRelu{0.2}, BatchNorm{}, Flatten{},
                              Linear{5}, Tanh{}, Linear{3});
  Model<std::remove_const_t<decltype(net)>, Real, Exec> const model(exec, net, image);
  exec.fence();
  auto const copy_in = [&](std::vector<ModelArray> const& arrays, Vector<Real, Exec> const& to) {
    for (auto const& array : arrays) {
      std::string name = array.info.name;
      if (name.find("running") != std::string::npos && name.find("data") == std::string::npos) continue;  // of other roles
      if (auto const role = name.find(".data"); role != std::string::npos) name.erase(role, 5);
      auto const from = values("f." + name);
      std::vector<double> ordered(from.size());
      io::detail::permute(array.info, from.data(), ordered.data(), false);
      for (std::size_t i = 0; i < ordered.size(); ++i) to(array.offset + i) = static_cast<Real>(ordered[i]);
    }
  };
  copy_in(model.parameter_arrays(), model.parameters());
  copy_in(model.statistic_arrays(), model.statistics());
  auto const a = vector("a"), b = vector("b"), scale = vector("scale");
  auto const out = make_vector<Real>(exec, "ign::test", 3), g = make_vector<Real>(exec, "ign::test", a.size());
  auto const of = [&](Vector<Real, Exec> const& v) { return ign_test::as_tensor<Real>(v, 3, image); };
  auto const same = [&](Vector<Real, Exec> const& found, std::string const& name) {
    exec.fence();
    auto const expected = values(name);
    BOOST_REQUIRE(found.size() == expected.size());
    double largest = 0, error = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      largest = std::max(largest, std::abs(expected[i]));
      error = std::max(error, std::abs(static_cast<double>(found(i)) - expected[i]));
    }
    BOOST_TEST(largest > 0);
    BOOST_TEST(error <= tolerance * largest, name << ": error " << error << " of " << largest);
  };
  auto const compare = [&](auto const& pixel, std::string const& name) {
    Perceptual const distance(model, {.layers = {{1, 0.8}, {4, 1.3}, {8, 0.4}}, .pixel_weight = 0.6}, pixel);
    DistanceMemory<std::remove_const_t<decltype(distance)>> memory;
    sample_distances(exec, distance, of(a), of(b), VectorRef<Real, Exec>(out), memory);
    same(out, name);
    distance_gradient(exec, distance, of(a), of(b), Argument::first, 1, VectorRef<Real, Exec>(scale), of(g), memory);
    same(g, name + ".da");
    distance_gradient(exec, distance, of(a), of(b), Argument::second, 1, VectorRef<Real, Exec>(scale), of(g), memory);
    same(g, name + ".db");
  };
  compare(Mse{}, "mse");
  compare(L1{}, "l1");
}

}  // namespace

BOOST_AUTO_TEST_CASE(perceptual_distance_in_double) { check<double>(1e-13); }
BOOST_AUTO_TEST_CASE(perceptual_distance_in_float) { check<float>(1e-5); }

BOOST_AUTO_TEST_SUITE_END()
