// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Values from PyTorch: Adam behind clip_grad_norm_, with an average of the weights (make_optimizers.py), and Muon (make_muon.py).

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/io/safetensors.hpp>
#include <ign_test/golden.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(pytorch_optimizers)

namespace {

std::vector<double> doubles(io::SafeTensorsFile const& file, std::string const& name) {
  std::vector<double> v(file.at(name).bytes.size() / sizeof(double));
  file.copy<double>(name, v);
  return v;
}

template <class Real>
void check(double tolerance) {
  Exec const exec;
  auto const file = io::read_safetensors(ign_test::golden_dir() / "optimizers.safetensors");
  auto const values = [&](std::string const& name) { return doubles(file, name); };
  auto const initial = values("initial"), all_gradients = values("gradients"), norms = values("norms"), expected = values("parameters"),
             averages = values("averages");
  std::size_t const n = initial.size();
  Ema const optimizer{Clip(exec, Adam{.beta1 = 0.5}, 1.5), 0.9, false};
  auto const parameters = make_vector<Real>(exec, "ign::test", n), gradients = make_vector<Real>(exec, "ign::test", n),
             state = make_vector<Real>(exec, "ign::test", 3 * n);
  for (std::size_t i = 0; i < n; ++i) parameters(i) = static_cast<Real>(initial[i]);
  using Flat = VectorRef<Real, Exec>;
  for (std::size_t step = 0; step < norms.size(); ++step) {
    for (std::size_t i = 0; i < n; ++i) gradients(i) = static_cast<Real>(all_gradients[step * n + i]);
    update(exec, optimizer, 0.01, step + 1, Flat(parameters), Flat(gradients), Flat(state));
    exec.fence();
    BOOST_TEST(std::abs(optimizer.optimizer.norm(exec) - norms[step]) <= tolerance * norms[step]);
    auto const average = ign::average<Clip<Adam, Exec>, Real, Exec>(optimizer, Flat(state));
    for (std::size_t i = 0; i < n; ++i) {
      BOOST_TEST(std::abs(static_cast<double>(parameters(i)) - expected[step * n + i]) <= tolerance, "step " << step << " number " << i);
      BOOST_TEST(std::abs(static_cast<double>(average(i)) - averages[step * n + i]) <= tolerance, "step " << step << " average " << i);
    }
  }
}

template <class Real>
void check_muon(double tolerance) {
  Exec const exec;
  auto const file = io::read_safetensors(ign_test::golden_dir() / "muon.safetensors");
  auto const values = [&](std::string const& name) { return doubles(file, name); };
  auto const initial = values("initial"), all_gradients = values("gradients"), expected = values("parameters");
  std::size_t const n = initial.size(), steps = expected.size() / n;
  std::vector<ModelArray> const arrays = {{{"a", {24, 5}}, 0}, {{"b", {7}}, 120}, {{"c", {6, 40}}, 127}, {{"d", {3, 3, 9}}, 367}};
  Muon const optimizer{.momentum = 0.9, .weight_decay = 0.1, .others = {.beta1 = 0.5}};
  auto const parameters = make_vector<Real>(exec, "ign::test", n), gradients = make_vector<Real>(exec, "ign::test", n),
             state = make_vector<Real>(exec, "ign::test", 2 * n);
  for (std::size_t i = 0; i < n; ++i) parameters(i) = static_cast<Real>(initial[i]);
  using Flat = VectorRef<Real, Exec>;
  auto const workspace = optimizer::workspace_of(exec, optimizer, Flat(parameters), arrays);
  for (std::size_t step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < n; ++i) gradients(i) = static_cast<Real>(all_gradients[step * n + i]);
    update(exec, optimizer, 0.01, step + 1, Flat(parameters), Flat(gradients), Flat(state), workspace);
    exec.fence();
    for (std::size_t i = 0; i < n; ++i)
      BOOST_TEST(std::abs(static_cast<double>(parameters(i)) - expected[step * n + i]) <= tolerance, "step " << step << " number " << i);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(muon_in_double) { check_muon<double>(1e-11); }
BOOST_AUTO_TEST_CASE(muon_in_float) { check_muon<float>(2e-5); }
BOOST_AUTO_TEST_CASE(clip_adam_and_average_in_double) { check<double>(1e-12); }
BOOST_AUTO_TEST_CASE(clip_adam_and_average_in_float) { check<float>(3e-6); }

BOOST_AUTO_TEST_SUITE_END()
