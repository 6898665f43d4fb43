// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Parts of a trained net: bitwise identical to the whole in evaluation, with shared state; and an IGN on the codes between them against the
// separate application of its nets.

#include <boost/test/unit_test.hpp>

#include <ign/layers/residual.hpp>
#include <ign/nets/latent_projector.hpp>
#include <ign/nets/split.hpp>
#include <ign/sources/gaussian.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/latent.hpp>
#include <ign_test/layer_check.hpp>

#include <cstring>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::KokkosCounter;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(latent)

namespace {

using Reals = std::tuple<float, double>;

using namespace ign_test::latent;

template <class Net, class Real>
Vector<Real, Exec> applied(Model<Net, Real, Exec> const& model, Vector<Real, Exec> const& x, int batch) {
  Exec const exec;
  Tape<Real, Exec> tape(Retain::last);
  Workspace<Real, Exec> workspace;
  auto const y = random_vector<Real>(static_cast<std::size_t>(batch) * model.output_shape().size(), 90);
  model.forward(exec, pass_of(Role::data, Mode::evaluate), as_tensor<Real>(x, batch, model.input_shape()), tape, workspace);
  Kokkos::deep_copy(exec, as_tensor<Real>(y, batch, model.output_shape()), tape.result());
  exec.fence();
  return y;
}

template <class Net, class Real>
Vector<Real, Exec> applied_frozen(Model<Net, Real, Exec> const& model, Vector<Real, Exec> const& x, int batch) {
  Exec const exec;
  Frozen<Net, Real, Exec> frozen(exec, model);
  auto const y = random_vector<Real>(static_cast<std::size_t>(batch) * model.output_shape().size(), 90);
  frozen.forward(exec, Role::data, as_tensor<Real>(x, batch, model.input_shape()), as_tensor<Real>(y, batch, model.output_shape()));
  exec.fence();
  return y;
}

template <class Real>
bool identical(Vector<Real, Exec> const& a, Vector<Real, Exec> const& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Real)) == 0;
}

template <std::size_t layers, class Real>
void check_split(Model<Whole, Real, Exec> const& model) {
  auto const [first, second] = split<layers>(model);
  BOOST_TEST(first.parameters().size() + second.parameters().size() == model.parameters().size());
  BOOST_TEST(first.statistics().size() + second.statistics().size() == model.statistics().size());
  for (int const batch : {1, 5}) {
    auto const x = random_vector<Real>(static_cast<std::size_t>(batch) * image.size(), 91);
    BOOST_TEST(identical(applied(second, applied(first, x, batch), batch), applied(model, x, batch)), "split behind " << layers);
  }
}

template <class Real, std::size_t... I>
void check_all_splits(Model<Whole, Real, Exec> const& model, std::index_sequence<I...>) {
  (check_split<I + 1>(model), ...);
}

// The code of x, normalised or back, by a plain loop.
template <class Real>
void scale(ChannelNormalisation const& normalisation, Vector<Real, Exec> const& c, bool back) {
  for (std::size_t i = 0; i < c.size(); ++i) {
    auto const mean = static_cast<Real>(normalisation.mean[i % 5]), stddev = static_cast<Real>(normalisation.stddev[i % 5]);
    c(i) = back ? c(i) * stddev + mean : stddev > 0 ? (c(i) - mean) / stddev : Real(0);
  }
}

template <class Real>
double largest_difference(Vector<Real, Exec> const& a, Vector<Real, Exec> const& b) {
  double largest = a.size() == b.size() ? 0 : 1e9;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) largest = std::max(largest, static_cast<double>(std::abs(a(i) - b(i))));
  return largest;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(parts_are_bitwise_identical_to_the_whole, Real, Reals) {
  Exec const exec;
  Model<Whole, Real, Exec> const model(exec, whole_net(), image, 1);
  scatter(model, 40);
  check_all_splits(model, std::make_index_sequence<Whole::size - 1>());
  // Three parts.
  auto const x = random_vector<Real>(3 * image.size(), 91);
  auto const a = model.template part<0, 2>(), b = model.template part<2, 7>(), c = model.template part<7, Whole::size>();
  BOOST_TEST(identical(applied(c, applied(b, applied(a, x, 3), 3), 3), applied(model, x, 3)));
  // The code is no place where Frozen folds layers.
  auto const [e, d] = split<Encoder::size>(model);
  BOOST_TEST(identical(applied_frozen(d, applied_frozen(e, x, 3), 3), applied_frozen(model, x, 3)));
}

BOOST_AUTO_TEST_CASE(parts_of_nested_layers) {
  Exec const exec;
  Conv2d const conv = {.channels = 3, .kernel = 3, .stride = 1, .padding = 1};
  auto const net = sequential(conv, residual(conv, BatchNorm{}, Relu{}, residual(conv, Tanh{})), BatchNorm{}, LeakyRelu{}, conv);
  Model<std::remove_const_t<decltype(net)>, float, Exec> const model(exec, net, image, 1);
  scatter(model, 40);
  auto const [first, second] = split<2>(model);
  auto const x = random_vector<float>(3 * image.size(), 91);
  BOOST_TEST(identical(applied(second, applied(first, x, 3), 3), applied(model, x, 3)));
}

BOOST_AUTO_TEST_CASE(parts_share_parameters_gradients_and_statistics) {
  Exec const exec;
  Model<Whole, double, Exec> const model(exec, whole_net(), image, 1);
  auto const [e, d] = split<Encoder::size>(model);
  BOOST_TEST(e.parameters().data() == model.parameters().data());
  BOOST_TEST(d.parameters().data() == model.parameters().data() + e.parameters().size());
  BOOST_TEST(d.gradients().data() == model.gradients().data() + e.parameters().size());
  BOOST_TEST(d.gradients().size() == d.parameters().size());
  BOOST_TEST(d.statistics().data() == model.statistics().data() + e.statistics().size());
  BOOST_TEST((e.output_shape() == code && d.input_shape() == code && d.output_shape() == image));
  BOOST_TEST(e.parameter_arrays().back().info.name == model.parameter_arrays()[e.parameter_arrays().size() - 1].info.name);
  BOOST_TEST(d.parameter_arrays().front().info.name == "0.weight");
  // The memory stays as long as a part of it is used.
  auto const part = [&] { return Model<Whole, double, Exec>(exec, whole_net(), image, 7).part<0, 1>(); }();
  Model<Whole, double, Exec> const same(exec, whole_net(), image, 7);
  for (std::size_t i = 0; i < part.parameters().size(); ++i) BOOST_TEST(part.parameters()(i) == same.parameters()(i));
  // A copy has its own.
  auto const copy = copy_of(exec, d);
  exec.fence();
  BOOST_TEST(copy.parameters().data() != d.parameters().data());
  BOOST_TEST(copy.gradients().size() == 0u);
  for (std::size_t i = 0; i < copy.parameters().size(); ++i) BOOST_TEST(copy.parameters()(i) == d.parameters()(i));
  for (std::size_t i = 0; i < copy.statistics().size(); ++i) BOOST_TEST(copy.statistics()(i) == d.statistics()(i));
  // A model without gradients has parts without them.
  Model<Whole, double, Exec> const inference(exec, whole_net(), image);
  BOOST_TEST((inference.part<1, 3>().gradients().size() == 0u));
}

// A part of a model trains: its gradients are those of the whole net.
BOOST_AUTO_TEST_CASE(backward_through_parts) {
  Exec const exec;
  Model<Whole, double, Exec> const model(exec, whole_net(), image, 1);
  scatter(model, 40);
  int const batch = 3;
  auto const x = random_vector<double>(batch * image.size(), 91), dy = random_vector<double>(x.size(), 92),
             dx = random_vector<double>(x.size(), 93);
  auto const copy_dy = random_vector<double>(x.size(), 92), dx_parts = random_vector<double>(x.size(), 94),
             dcode = random_vector<double>(batch * code.size(), 95);
  Pass const pass = pass_of(Role::data, Mode::evaluate);  // without noise
  Workspace<double, Exec> workspace;
  Tape<double, Exec> tape, of_e, of_d;
  model.forward(exec, pass, as_tensor<double>(x, batch, image), tape, workspace);
  Kokkos::deep_copy(exec, model.gradients(), 0.0);
  model.backward(exec, tape, as_tensor<double>(dy, batch, image), as_tensor<double>(dx, batch, image), workspace);
  exec.fence();
  std::vector<double> const expected(model.gradients().data(), model.gradients().data() + model.gradients().size());
  auto const [e, d] = split<Encoder::size>(model);
  Kokkos::deep_copy(exec, model.gradients(), 0.0);
  e.forward(exec, pass, as_tensor<double>(x, batch, image), of_e, workspace);
  d.forward(exec, pass, of_e.result(), of_d, workspace);
  d.backward(exec, of_d, as_tensor<double>(copy_dy, batch, image), as_tensor<double>(dcode, batch, code), workspace);
  e.backward(exec, of_e, as_tensor<double>(dcode, batch, code), as_tensor<double>(dx_parts, batch, image), workspace);
  exec.fence();
  double largest = 0, error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    error = std::max(error, std::abs(expected[i] - model.gradients()(i)));
  }
  BOOST_TEST(error <= 1e-12 * largest);
  BOOST_TEST(largest_difference(dx, dx_parts) <= 1e-12);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(projection_and_samples_are_those_of_the_separate_nets, Real, Reals) {
  Parts<Real> const parts;
  Exec const& exec = parts.exec;
  auto g = parts.projector();
  auto const halves = split<Encoder::size>(parts.whole);
  auto const& e = halves.encoder;
  auto const& d = halves.decoder;
  double const tolerance = std::is_same_v<Real, float> ? 2e-5 : 1e-13;
  BOOST_TEST((g.image_shape() == image && g.code_shape() == code));
  BOOST_TEST((g.normalisation() == parts.normalisation));
  for (int const batch : {1, 5}) {
    auto const count = static_cast<std::size_t>(batch);
    auto const x = random_vector<Real>(count * image.size(), 91), out = random_vector<Real>(x.size(), 92);
    auto const check = [&](Vector<Real, Exec> c, int applications, char const* what) {
      for (int k = 0; k < applications; ++k) c = applied(parts.f, c, batch);
      scale(parts.normalisation, c, true);
      auto const expected = applied(d, c, batch);
      exec.fence();
      BOOST_TEST(largest_difference(out, expected) <= tolerance, what << ", batch " << batch << ", applications " << applications);
    };
    for (int const k : {0, 1, 3}) {
      g.project(exec, as_tensor<Real>(x, batch, image), k, as_tensor<Real>(out, batch, image));
      auto const c = applied(e, x, batch);
      scale(parts.normalisation, c, false);
      check(c, k, "projection");
      Key const key = {.seed = 9};
      g.generate(exec, Gaussian{}, key, k, as_tensor<Real>(out, batch, image));
      auto const z = random_vector<Real>(count * code.size(), 93);
      fill_gaussian(exec, key, 1, as_tensor<Real>(z, batch, code));
      exec.fence();
      check(z, k, "samples");
    }
    // In place, and drifts of images and codes.
    g.project(exec, as_tensor<Real>(x, batch, image), as_tensor<Real>(out, batch, image));
    auto const place = random_vector<Real>(x.size(), 94), scores = random_vector<Real>(count, 95);
    Kokkos::deep_copy(exec, place, x);
    g.project(exec, as_tensor<Real>(place, batch, image), as_tensor<Real>(place, batch, image));
    g.drift_scores(exec, as_tensor<Real>(x, batch, image), VectorRef<Real, Exec>(scores));
    exec.fence();
    BOOST_TEST(identical(place, out));
    for (std::size_t n = 0; n < count; ++n) {
      double sum = 0;
      for (std::size_t i = n * image.size(); i < (n + 1) * image.size(); ++i)
        sum += std::pow(static_cast<double>(out(i)) - static_cast<double>(x(i)), 2);
      BOOST_TEST(std::abs(sum / static_cast<double>(image.size()) - static_cast<double>(scores(n))) <= tolerance * 10);
    }
    g.code_drift_scores(exec, as_tensor<Real>(x, batch, image), VectorRef<Real, Exec>(scores));
    auto const c = applied(e, x, batch);
    scale(parts.normalisation, c, false);
    auto const fc = applied(parts.f, c, batch);
    exec.fence();
    for (std::size_t n = 0; n < count; ++n) {
      double sum = 0;
      for (std::size_t i = n * 5; i < (n + 1) * 5; ++i) sum += std::pow(static_cast<double>(fc(i)) - static_cast<double>(c(i)), 2);
      BOOST_TEST(std::abs(sum / 5 - static_cast<double>(scores(n))) <= tolerance * (1 + sum));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) {
  Parts<float> const parts;
  Exec const& exec = parts.exec;
  auto g = parts.projector();
  int const batch = 7;
  auto const x = random_vector<float>(batch * image.size(), 91), all = random_vector<float>(x.size(), 92),
             some = random_vector<float>(x.size(), 93);
  g.project(exec, as_tensor<float>(x, batch, image), 2, as_tensor<float>(all, batch, image));
  for (auto const& [first, count] : std::vector<std::pair<int, int>>{{0, 1}, {1, 2}, {3, 4}})
    g.project(exec, batch_range(as_tensor<float>(x, batch, image), first, count), 2,
              batch_range(as_tensor<float>(some, batch, image), first, count));
  exec.fence();
  BOOST_TEST(identical(all, some));
  g.generate(exec, Gaussian{}, Key{.seed = 3}, 2, as_tensor<float>(all, batch, image));
  g.generate(exec, Gaussian{}, Key{.seed = 3}, 2, batch_range(as_tensor<float>(some, batch, image), 0, 4));
  exec.fence();
  BOOST_TEST(std::memcmp(all.data(), some.data(), 4 * image.size() * sizeof(float)) == 0);
}

BOOST_AUTO_TEST_CASE(no_allocation_and_no_fence_after_the_first_call) {
  Parts<float> const parts;
  Exec const& exec = parts.exec;
  auto g = parts.projector();
  auto const x = random_vector<float>(4 * image.size(), 91), y = random_vector<float>(x.size(), 92), scores = random_vector<float>(4, 93);
  auto const use = [&](int batch) {
    auto const in = as_tensor<float>(x, batch, image), out = as_tensor<float>(y, batch, image);
    g.project(exec, in, 2, out);
    g.generate(exec, Gaussian{}, Key{.seed = 3}, 2, out);
    VectorRef<float, Exec> const of_samples(scores.data(), static_cast<std::size_t>(batch));
    g.drift_scores(exec, in, of_samples);
    g.code_drift_scores(exec, in, of_samples);
  };
  use(4);
  exec.fence();
  KokkosCounter const counter;
  use(4);
  use(3);
  BOOST_TEST(KokkosCounter::counts.allocations == 0);
  BOOST_TEST(KokkosCounter::counts.fences == 0);
  for (auto const& label : KokkosCounter::bad_labels) BOOST_ERROR("label '" << label << "' does not start with ign::");
}

BOOST_AUTO_TEST_CASE(an_update_follows_the_shared_state) {
  Parts<float> const parts;
  Exec const& exec = parts.exec;
  auto g = parts.projector();
  auto const x = random_vector<float>(2 * image.size(), 91), before = random_vector<float>(x.size(), 92),
             after = random_vector<float>(x.size(), 93), fresh = random_vector<float>(x.size(), 94);
  g.project(exec, as_tensor<float>(x, 2, image), as_tensor<float>(before, 2, image));
  exec.fence();
  scatter(parts.whole, 60);
  scatter(parts.f, 70);
  g.update(exec);
  g.project(exec, as_tensor<float>(x, 2, image), as_tensor<float>(after, 2, image));
  parts.projector().project(exec, as_tensor<float>(x, 2, image), as_tensor<float>(fresh, 2, image));
  exec.fence();
  BOOST_TEST(!identical(before, after));
  BOOST_TEST(identical(after, fresh));
}

BOOST_AUTO_TEST_CASE(nets_that_do_not_fit_are_errors) {
  Parts<float> const parts;
  Exec const& exec = parts.exec;
  auto const halves = split<Encoder::size>(parts.whole);
  auto const& e = halves.encoder;
  auto const& d = halves.decoder;
  using Latent = LatentProjector<Encoder, Decoder, CodeNet, float, Exec>;
  ign_test::fails("ign.shape.483", [&] { Latent(exec, e, d, parts.f, {{0, 0}, {1, 1}}); });
  auto const other = mlp(Shape{1, 1, 4}, std::array{7, 9});
  Model<CodeNet, float, Exec> const f(exec, other, {1, 1, 4}, 1);
  ign_test::fails("ign.shape.640", [&] { Latent(exec, e, d, f, {{0, 0, 0, 0}, {1, 1, 1, 1}}); });
  auto g = parts.projector();
  auto const x = random_vector<float>(2 * image.size(), 91);
  auto const good = as_tensor<float>(x, 2, image), wrong = as_tensor<float>(x, 2, {8, 4, 6});
  ign_test::fails("ign.shape.3", [&] { g.project(exec, wrong, 1, wrong); });
  ign_test::fails("ign.shape.3", [&] { g.generate(exec, Gaussian{}, Key{}, 1, wrong); });
  ign_test::fails("ign.option.90", [&] { g.project(exec, good, -1, good); });
  ign_test::fails("ign.option.90", [&] { g.generate(exec, Gaussian{}, Key{}, -1, good); });
  ign_test::fails("ign.shape.205", [&] { g.code_drift_scores(exec, good, VectorRef<float, Exec>(x.data(), 3)); });
  ign_test::fails("ign.shape.3", [&] { g.encode(exec, good, good); });
}

BOOST_AUTO_TEST_SUITE_END()
