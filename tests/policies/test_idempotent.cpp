// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The step's gradient against the published definition with two parameter buffers and four passes, and against differences.

#include <boost/test/unit_test.hpp>

#include <ign/corruptions/masks.hpp>
#include <ign/layers/conditional_layers.hpp>
#include <ign/layers/group_norm.hpp>
#include <ign/layers/residual.hpp>
#include <ign/losses/l1.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/nets/perceptual.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::Exec;
using ign_test::SharedVector;

BOOST_AUTO_TEST_SUITE(idempotent)

namespace {

using Flat = VectorRef<double, Exec>;
using Image = TensorRef<double, Exec>;

constexpr int batch = 5;
constexpr Shape image = {4, 4, 2};
constexpr std::size_t numbers = batch * image.size();

template <class Norm>
auto small_net(Norm const& norm) {
  return dcgan(DcganOptions<2, Norm>{
      .image_channels = 2, .stages = {{{3, 2, 2, 0}, {4, 3, 1, 1}}}, .latent = {3, 2, 1, 0}, .norm = norm, .bias_before_norm = true});
}

// A distance of whole images. Its net is smooth, for differences, and its layers have other extents than images.
template <class Pixel>
auto perceptual(Pixel const& pixel) {
  Exec const exec;
  auto const net = sequential(Conv2d{3, 3, 1, 1}, Tanh{}, Conv2d{4, 3, 2, 1}, BatchNorm{}, Sigmoid{});
  Model<std::remove_const_t<decltype(net)>, double, Exec> const model(exec, net, image, 40);
  fill_gaussian(exec, ign_test::key(41), 0.5, Flat(model.parameters()));
  exec.fence();
  return Perceptual(model, {.layers = {{1, 0.7}, {4, 1.5}}, .pixel_weight = 0.8}, pixel);
}

// The objective with everything that is detached held apart: the constant net θ', y, and the reference distances R.
template <class Net, class D>
struct Definition {
  Exec exec{};
  IdempotentOptions<D> options;
  Model<Net, double, Exec> model, constant;
  SharedVector<double> x, z, y, reference;
  SharedVector<double> of_x, of_z;  // conditions
  Workspace<double, Exec> workspace;

  Definition(Net const& net, IdempotentOptions<D> const& o) : options(o), model(exec, net, image, 1), constant(exec, net, image, 2) {}

  static Image view(SharedVector<double>& v) { return Image(v.data(), batch, 4, 4, 2); }

  SharedVector<double> apply(Model<Net, double, Exec> const& f, SharedVector<double>& in, Tape<double, Exec>& tape) {
    Pass pass;
    pass.update_statistics = false;
    SharedVector<double>& condition = &in == &x ? of_x : of_z;
    int const length = condition_length(f.net());
    f.forward(exec, pass, view(in), tape, workspace, length > 0 ? Image(condition.data(), batch, 1, 1, length) : Image{});
    exec.fence();
    return {tape.result().data(), tape.result().data() + numbers};
  }
  SharedVector<double> apply(Model<Net, double, Exec> const& f, SharedVector<double>& in) {
    Tape<double, Exec> tape;
    return apply(f, in, tape);
  }
  SharedVector<double> distances(SharedVector<double> const& a, SharedVector<double> const& b) const {
    SharedVector<double> d(batch, 0);
    if constexpr (ImageDistance<D>) {  // against plain loops in nets/test_perceptual.cpp
      DistanceMemory<D> memory;
      auto p = a, q = b;
      sample_distances(exec, options.distance, view(p), view(q), Flat(d.data(), d.size()), memory);
      exec.fence();
    } else {
      for (std::size_t i = 0; i < numbers; ++i) d[i / image.size()] += options.distance.value(a[i], b[i]) / image.size();
    }
    return d;
  }
  // Derivative of the distance of each sample.
  SharedVector<double> derivative(Argument argument, SharedVector<double> const& a, SharedVector<double> const& b) const {
    SharedVector<double> g(numbers);
    if constexpr (ImageDistance<D>) {
      DistanceMemory<D> memory;
      auto p = a, q = b;
      distance_gradient(exec, options.distance, view(p), view(q), argument, 1.0, Flat{}, view(g), memory);
      exec.fence();
    } else {
      for (std::size_t i = 0; i < numbers; ++i)
        g[i] =
            (argument == Argument::first ? options.distance.derivative_first(a[i], b[i]) : options.distance.derivative_second(a[i], b[i])) /
            static_cast<double>(image.size());
    }
    return g;
  }
  static double mean(SharedVector<double> const& v) {
    double sum = 0;
    for (double value : v) sum += value / static_cast<double>(v.size());
    return sum;
  }

  // Holds θ' = θ, y = f(z) and the reference distances at their present values.
  void detach() {
    Kokkos::deep_copy(constant.parameters(), model.parameters());
    y = apply(model, z);
    auto const rec = distances(apply(model, x), x);
    reference.assign(batch, mean(rec));
    if (options.smoothing.kind == SmoothingKind::own_noise) reference = distances(y, z);
  }

  // Each form by its formula.
  TightnessTerm term(double t, double rec, double mean_t, double r) const {
    auto const& s = options.smoothing;
    if (s.kind == SmoothingKind::none) return {-t, -1, 0};
    if (s.kind == SmoothingKind::paired) {
      double const e = std::exp((rec - t) / r);
      return {r * std::log(1 + e), -e / (1 + e), e / (1 + e)};
    }
    if (s.kind == SmoothingKind::exponential) return {s.a * r * std::exp(-t / (s.a * r)), -std::exp(-t / (s.a * r)), 0};
    bool const through = s.kind == SmoothingKind::data_sample;
    if (through) r = rec;
    if (s.kind == SmoothingKind::batch) t = mean_t;
    double const u = t / (s.a * r), slope = 1 - std::tanh(u) * std::tanh(u);
    return {-s.a * r * std::tanh(u), -slope, through ? -s.a * std::tanh(u) + s.a * u * slope : 0};
  }

  double objective() {
    auto const fx = apply(model, x);
    auto fz = apply(model, z);
    auto const rec = distances(fx, x), idem = distances(apply(constant, fz), fz), tight = distances(apply(model, y), y);
    double sum = 0;
    for (std::size_t n = 0; n < batch; ++n)
      sum += options.reconstruction.start * rec[n] + options.idempotence.start * idem[n] +
             options.tightness.start * term(tight[n], rec[n], mean(tight), reference[n]).value;
    return sum / batch;
  }

  // Four forward and four backward passes, weight gradients of `model` only where the definition lets them be.
  SharedVector<double> gradient() {
    Kokkos::deep_copy(model.gradients(), 0.0);
    Kokkos::deep_copy(constant.gradients(), 0.0);
    Tape<double, Exec> tape_x, tape_z, tape_constant, tape_y;
    auto const fx = apply(model, x, tape_x);
    auto fz = apply(model, z, tape_z);
    auto const v = apply(constant, fz, tape_constant), w = apply(model, y, tape_y);
    auto const rec = distances(fx, x), tight = distances(w, y);
    SharedVector<double> dx(numbers), dv(numbers), dz(numbers), dw(numbers);
    double const unit = 1.0 / batch;
    auto const d_fx = derivative(Argument::first, fx, x), d_v = derivative(Argument::first, v, fz), d_w = derivative(Argument::first, w, y);
    auto const d_fz = derivative(Argument::second, v, fz);
    for (std::size_t i = 0; i < numbers; ++i) {
      std::size_t const n = i / image.size();
      TightnessTerm const now = term(tight[n], rec[n], mean(tight), reference[n]);
      dx[i] = unit * (options.reconstruction.start + options.tightness.start * now.derivative_reconstruction) * d_fx[i];
      dv[i] = unit * options.idempotence.start * d_v[i];
      dw[i] = unit * options.tightness.start * now.derivative_tightness * d_w[i];
    }
    Image const none{};
    model.backward(exec, tape_x, view(dx), none, workspace);
    constant.backward(exec, tape_constant, view(dv), view(dz), workspace);  // its weight gradients are thrown away
    for (std::size_t i = 0; i < numbers; ++i) dz[i] += unit * options.idempotence.start * d_fz[i];
    model.backward(exec, tape_z, view(dz), none, workspace);
    model.backward(exec, tape_y, view(dw), none, workspace);
    exec.fence();
    return {model.gradients().data(), model.gradients().data() + model.gradients().size()};
  }
};

template <class Net, class D>
void check(Net const& net, IdempotentOptions<D> const& options, bool differences) {
  Exec const exec;
  Definition<Net, D> definition(net, options);
  Idempotent<Net, double, Exec, D> policy(exec, net, image, options, ign_test::seed());
  fill_gaussian(exec, ign_test::key(20), 0.4, Flat(policy.model().parameters()));
  Kokkos::deep_copy(definition.model.parameters(), policy.model().parameters());
  auto const data = ign_test::random_vector<double>(numbers, 21, 0.5);
  auto const noise = make_vector<double>(exec, "ign::test", numbers);
  std::uint64_t const step = 3;
  sample(exec, Gaussian{}, Key{ign_test::seed(), RandomStream::noise, step}, ign_test::as_tensor<double>(noise, batch, image));
  definition.x.assign(data.data(), data.data() + numbers);
  definition.z.assign(noise.data(), noise.data() + numbers);
  auto const length = static_cast<std::size_t>(condition_length(net));
  auto const conditions = ign_test::random_vector<double>(batch * length, 22);
  definition.of_x.assign(conditions.data(), conditions.data() + conditions.size());
  definition.of_z = definition.of_x;
  auto const mismatched = static_cast<std::size_t>(std::lround(options.mismatched_share * batch));
  for (std::size_t n = 0; n < mismatched; ++n) {  // z = x, c moved by 1 to K - 1 places
    Key const key{ign_test::seed(), RandomStream::condition, step};
    auto const places = 1 + random::bits(key, static_cast<std::uint32_t>(n))[0] % (length - 1);
    for (std::size_t i = n * image.size(); i < (n + 1) * image.size(); ++i) definition.z[i] = definition.x[i];
    for (std::size_t k = 0; k < length; ++k) definition.of_z[n * length + (k + places) % length] = definition.of_x[n * length + k];
  }
  definition.detach();

  Image const condition = length > 0 ? ign_test::as_tensor<double>(conditions, batch, {1, 1, static_cast<int>(length)}) : Image{};
  policy.gradients(exec, ign_test::as_tensor<double>(data, batch, image), step, condition);
  auto const losses = policy.losses(exec);
  auto const expected = definition.gradient();
  auto const& found = policy.model().gradients();
  double largest = 0, error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    error = std::max(error, std::abs(found(i) - expected[i]));
  }
  BOOST_TEST(largest > 1e-6);
  BOOST_TEST(error <= 1e-10 * largest, "error " << error << " of " << largest);
  BOOST_TEST(std::abs(losses.total - definition.objective()) <= 1e-12 * std::max(1.0, std::abs(losses.total)));

  if (!differences) return;
  for (std::size_t i = 0; i < expected.size(); i += 7) {
    double& place = definition.model.parameters()(i);
    double const old = place, h = 1e-6;
    place = old + h;
    double const above = definition.objective();
    place = old - h;
    double const below = definition.objective();
    place = old;
    BOOST_TEST(std::abs((above - below) / (2 * h) - found(i)) <= 1e-6 * std::max(largest, 0.1),
               "parameter " << i << ": " << found(i) << ", differences " << (above - below) / (2 * h));
  }
}

template <class Norm, class D>
void check_all(Norm const& norm, D const& distance) {
  for (auto kind : smoothing_kinds) {
    BOOST_TEST_CONTEXT("smoothing " << name(kind)) {
      IdempotentOptions<D> options = {.distance = distance};
      options.reconstruction = Schedule::constant(1.3);
      options.idempotence = Schedule::constant(0.7);
      options.tightness = Schedule::constant(0.4);
      options.smoothing = {kind, 1.1};
      check(small_net(norm), options, !std::is_same_v<D, L1>);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(gradient_is_that_of_four_passes_without_norm) {
  check_all(sequential(), Mse{});
  check_all(sequential(), L1{});
}
BOOST_AUTO_TEST_CASE(gradient_is_that_of_four_passes_with_group_norm) {
  check_all(GroupNorm{.groups = 1}, Mse{});
  check_all(GroupNorm{.groups = 1}, L1{});
}
BOOST_AUTO_TEST_CASE(gradient_is_that_of_four_passes_with_batch_norm) {
  check_all(BatchNorm{}, Mse{});
  check_all(BatchNorm{}, L1{});
}

BOOST_AUTO_TEST_CASE(gradient_is_that_of_four_passes_with_a_perceptual_distance) {
  check_all(sequential(), perceptual(Mse{}));
  check_all(BatchNorm{}, perceptual(Mse{}));
}

// Wide enough for Winograd's algorithm.
BOOST_AUTO_TEST_CASE(gradient_is_that_of_four_passes_with_fewer_multiplications) {
  auto const net = dcgan(DcganOptions<2>{.image_channels = 2, .stages = {{{8}, {10}}}, .latent = {3, 1, 1, 0}});
  for (auto kind : {SmoothingKind::none, SmoothingKind::own_noise}) {
    IdempotentOptions<Mse> options;
    options.smoothing = {kind, 1.1};
    check(net, options, true);
  }
}

// Blocks with norms, a fused activation and another block within.
BOOST_AUTO_TEST_CASE(gradient_is_that_of_four_passes_with_residual_blocks) {
  auto const conv = [](int channels) { return Conv2d{.channels = channels, .kernel = 3, .stride = 1, .padding = 1}; };
  auto const net = sequential(conv(3), residual(conv(2), BatchNorm{}, LeakyRelu{}, residual(Tanh{}), conv(3), BatchNorm{}), LeakyRelu{},
                              conv(2), residual(conv(2), Tanh{}));
  for (auto kind : {SmoothingKind::none, SmoothingKind::own_noise, SmoothingKind::data_sample}) {
    IdempotentOptions<Mse> options;
    options.reconstruction = Schedule::constant(1.3);
    options.idempotence = Schedule::constant(0.7);
    options.tightness = Schedule::constant(0.4);
    options.smoothing = {kind, 1.1};
    check(net, options, true);
  }
}

// f(x | c), f(z | c), f(f(z) | c), each with the condition of its sample; mismatched pairs take the place of noise.
BOOST_AUTO_TEST_CASE(gradient_is_that_of_four_passes_with_conditions) {
  auto const scaled = small_net(sequential(BatchNorm{}, ConditionalScale{3}));
  auto const appended = sequential(ConditionChannels{3}, small_net(sequential()));
  auto const both = sequential(residual(ConditionalScale{3}, Tanh{}), ConditionChannels{3}, small_net(sequential()));
  for (double share : {0.0, 0.5}) {
    for (auto kind : {SmoothingKind::none, SmoothingKind::own_noise}) {
      BOOST_TEST_CONTEXT("share " << share << ", smoothing " << name(kind)) {
        IdempotentOptions<Mse> options;
        options.tightness = Schedule::constant(0.4);
        options.smoothing = {kind, 1.1};
        options.mismatched_share = share;
        check(scaled, options, true);
        check(appended, options, true);
        check(both, options, false);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(products_in_bf16_change_the_gradient_a_little) {
  Exec const exec;
  auto const x = ign_test::random_vector<float>(32 * 1024, 40, 0.5);
  auto const gradient = [&](Precision precision) {
    Idempotent<decltype(mnist_small_net()), float, Exec> policy(exec, mnist_small_net(), {32, 32, 1}, {.precision = precision});
    policy.gradients(exec, ign_test::as_tensor<float>(x, 32, {32, 32, 1}), 0);
    exec.fence();
    auto const& g = policy.model().gradients();
    return SharedVector<double>(g.data(), g.data() + g.size());
  };
  auto const full = gradient(Precision::full), rounded = gradient(Precision::bf16);
  double norm = 0, difference = 0;
  for (std::size_t i = 0; i < full.size(); ++i) {
    norm += full[i] * full[i];
    difference += (full[i] - rounded[i]) * (full[i] - rounded[i]);
  }
  double const relative = std::sqrt(difference / norm);
  BOOST_TEST_MESSAGE("relative difference of the gradient " << relative);
  if (math::uses_bf16_v<Exec>) {
    BOOST_TEST(relative > 1e-5);
    BOOST_TEST(relative < 0.1);
  } else {
    BOOST_TEST(relative == 0, "rounded where that is slower");
  }
}

// The weight that each step's tightness has follows from the means of the steps before.
BOOST_AUTO_TEST_CASE(equilibrium_steers_the_weight_of_the_tightness) {
  Exec const exec;
  auto const net = small_net(BatchNorm{});
  auto const same_sums =
      boost::test_tools::tolerance(runs_on_host_v<Exec> ? 0.0 : 1e-9);  // where a multiplication and an addition may be one
  for (auto kind : smoothing_kinds) {
    for (auto const& [ratio, floor] : {std::pair(0.001, 1e-6), std::pair(0.05, 1e-6), std::pair(3.0, 1e-6), std::pair(0.001, 1e3)}) {
      BOOST_TEST_CONTEXT("smoothing " << name(kind) << ", ratio " << ratio << ", floor " << floor) {
        IdempotentOptions<Mse> options;
        options.tightness = Schedule::constant(0.8);
        options.smoothing = {kind, 1.1};
        auto steered = options;
        steered.equilibrium = {ratio, floor, 0.3};
        Idempotent<decltype(small_net(BatchNorm{})), double, Exec> policy(exec, net, image, steered, ign_test::seed());
        fill_gaussian(exec, ign_test::key(20), 0.4, Flat(policy.model().parameters()));
        auto const data = ign_test::random_vector<double>(numbers, 21, 0.5);
        auto const x = ign_test::as_tensor<double>(data, batch, image);
        double w = 0;
        for (std::uint64_t step = 0; step < 6; ++step) {
          auto plain = options;  // the same step with the weight that it should have
          plain.tightness = Schedule::constant(0.8 * w);
          Idempotent<decltype(small_net(BatchNorm{})), double, Exec> expected(exec, net, image, plain, ign_test::seed());
          Kokkos::deep_copy(expected.model().parameters(), policy.model().parameters());
          expected.gradients(exec, x, step);
          policy.gradients(exec, x, step);
          auto const losses = expected.losses(exec);
          for (std::size_t i = 0; i < policy.model().gradients().size(); ++i)
            BOOST_TEST_REQUIRE(policy.model().gradients()(i) == expected.model().gradients()(i), same_sums);
          w = std::clamp(w + 0.3 * (ratio - losses.idempotence / std::max(losses.reconstruction, floor)), 0.0, 1.0);
          BOOST_TEST(policy.losses(exec).w.value() == w, same_sums);
          BOOST_TEST(policy.losses(exec).total == losses.total, same_sums);
          policy.reset_losses(exec);  // which is no business of the weight
        }
        // T / R is about 0.01 here.
        BOOST_TEST((ratio > 1 ? w == 1 : ratio > 0.01 || floor > 1 ? 0 < w && w < 1 : w == 0));
      }
    }
  }
}

// -c T / (1 + T): a form of the tightness that the library does not have.
struct Saturating {
  double c = 1;
  KOKKOS_FUNCTION TightnessTerm term(TightnessInputs const& in) const {
    double const t = in.tightness;
    return {-c * t / (1 + t), -c / ((1 + t) * (1 + t)), 0};
  }
};

BOOST_AUTO_TEST_CASE(a_form_of_the_tightness_may_be_the_users_own) {
  Exec const exec;
  auto const net = small_net(sequential());
  Idempotent policy(exec, net, image, IdempotentOptions<Mse, Gaussian, Saturating>{.smoothing = {3}}, ign_test::seed());
  using Policy = Idempotent<decltype(small_net(sequential())), float, Exec, Mse, Gaussian, Saturating>;
  static_assert(std::is_same_v<decltype(policy), Policy>);
  auto const data = ign_test::random_vector<float>(numbers, 21, 0.5);
  policy.gradients(exec, ign_test::as_tensor<float>(data, batch, image), 3);
  auto const losses = policy.losses(exec);
  // Of one sample, the term follows from T.
  Idempotent one(exec, net, image, IdempotentOptions<Mse, Gaussian, Saturating>{.smoothing = {3}}, ign_test::seed());
  one.gradients(exec, ign_test::as_tensor<float>(data, 1, image), 3);
  double const t = one.losses(exec).idempotence;
  BOOST_TEST(std::abs(one.losses(exec).tightness + 3 * t / (1 + t)) < 1e-6);
  BOOST_TEST(losses.tightness < 0);
}

// One term at a time: differences of an objective whose other parts are detached see only the θ that the term may move.
BOOST_AUTO_TEST_CASE(each_term_reaches_only_its_parameters) {
  for (int term = 0; term < 3; ++term) {
    BOOST_TEST_CONTEXT("term " << term) {
      IdempotentOptions<Mse> options;
      options.reconstruction = Schedule::constant(term == 0);
      options.idempotence = Schedule::constant(term == 1);
      options.tightness = Schedule::constant(term == 2);
      check(small_net(BatchNorm{}), options, true);
    }
  }
}

BOOST_AUTO_TEST_CASE(evaluation_gives_the_same_image_alone_and_in_any_batch) {
  Exec const exec;
  Idempotent<decltype(mnist_small_net()), float, Exec> policy(exec, mnist_small_net(), {32, 32, 1});
  auto const x = ign_test::random_vector<float>(37 * 1024, 30), all = ign_test::random_vector<float>(37 * 1024, 31);
  policy.project(exec, ign_test::as_tensor<float>(x, 37, {32, 32, 1}), 2, ign_test::as_tensor<float>(all, 37, {32, 32, 1}));
  auto const one = ign_test::random_vector<float>(1024, 32);
  for (std::size_t n : {0, 1, 17, 36}) {
    TensorRef<float, Exec> const in(x.data() + n * 1024, 1, 32, 32, 1);
    policy.project(exec, in, 2, ign_test::as_tensor<float>(one, 1, {32, 32, 1}));
    exec.fence();
    for (std::size_t i = 0; i < 1024; ++i)
      if (one(i) != all(n * 1024 + i)) BOOST_ERROR("sample " << n << " differs at " << i);
  }
}

// Role and distance of projections by the policy: those of the data and the policy's own. tests/nets tests the projections themselves.
BOOST_AUTO_TEST_CASE(masked_projection_and_drift_are_those_of_data) {
  Exec const exec;
  auto const net = small_net(BatchNorm{});
  Idempotent<decltype(small_net(BatchNorm{})), double, Exec, L1> policy(exec, net, image);
  auto const& statistics = policy.model().statistics();
  for (std::size_t i = 0; i < statistics.size(); ++i) statistics(i) += 0.1 * static_cast<double>(i % 7);
  auto const vector = [](std::uint32_t substream) { return ign_test::random_vector<double>(numbers, substream); };
  auto const x = vector(1), y = vector(2), expected = vector(3), mask = ign_test::random_vector<double>(batch * image.pixels(), 4);
  auto const as_image = [](Vector<double, Exec> const& v) { return ign_test::as_tensor<double>(v, batch, image); };
  Image const known = ign_test::as_tensor<double>(mask, batch, {4, 4, 1});
  make_mask<double, Exec>(exec, {MaskKind::pixels, 0.5}, Key{}, known);
  policy.project(exec, as_image(x), 1, as_image(expected));
  keep_known<double, Exec>(exec, known, as_image(x), as_image(expected));
  policy.inpaint(exec, known, as_image(x), 1, as_image(y));
  exec.fence();
  for (std::size_t i = 0; i < numbers; ++i) BOOST_TEST_REQUIRE(y(i) == expected(i));
  auto const scores = ign_test::random_vector<double>(batch, 5), distances = ign_test::random_vector<double>(batch, 6);
  policy.project(exec, as_image(x), 1, as_image(y));
  sample_distances<L1, double, Exec>(exec, L1{}, as_image(y), as_image(x), Flat(distances));
  policy.drift_scores(exec, as_image(x), Flat(scores));
  exec.fence();
  for (std::size_t n = 0; n < batch; ++n) BOOST_TEST_REQUIRE(scores(n) == distances(n));
  masked_sample_distances<L1, double, Exec>(exec, L1{}, known, as_image(y), as_image(x), Flat(distances));
  policy.masked_drift_scores(exec, known, as_image(x), Flat(scores));
  exec.fence();
  for (std::size_t n = 0; n < batch; ++n) BOOST_TEST_REQUIRE(scores(n) == distances(n));
}

// Scores by the features; parts of images by the elementwise distance within it.
BOOST_AUTO_TEST_CASE(drift_with_a_perceptual_distance) {
  Exec const exec;
  auto const net = small_net(BatchNorm{});
  auto const distance = perceptual(L1{});
  using D = std::remove_const_t<decltype(distance)>;
  Idempotent<decltype(small_net(BatchNorm{})), double, Exec, D> policy(exec, net, image, {.distance = distance});
  auto const vector = [](std::uint32_t substream) { return ign_test::random_vector<double>(numbers, substream); };
  auto const x = vector(1), y = vector(2), mask = ign_test::random_vector<double>(batch * image.pixels(), 4);
  auto const scores = ign_test::random_vector<double>(batch, 5), expected = ign_test::random_vector<double>(batch, 6);
  auto const as_image = [](Vector<double, Exec> const& v) { return ign_test::as_tensor<double>(v, batch, image); };
  auto const same = [&] {
    exec.fence();
    for (std::size_t n = 0; n < batch; ++n) BOOST_TEST_REQUIRE(scores(n) == expected(n));
  };
  policy.project(exec, as_image(x), 1, as_image(y));
  DistanceMemory<D> memory;
  sample_distances(exec, distance, as_image(y), as_image(x), Flat(expected), memory);
  policy.drift_scores(exec, as_image(x), Flat(scores));
  same();
  DistanceMemory<D> other;
  policy.drift_scores(exec, as_image(x), Flat(scores), distance, other);
  same();
  Image const known = ign_test::as_tensor<double>(mask, batch, {4, 4, 1});
  make_mask<double, Exec>(exec, {MaskKind::pixels, 0.5}, Key{}, known);
  masked_sample_distances<L1, double, Exec>(exec, L1{}, known, as_image(y), as_image(x), Flat(expected));
  policy.masked_drift_scores(exec, known, as_image(x), Flat(scores));
  same();
  BOOST_CHECK_EXCEPTION((Idempotent<decltype(small_net(BatchNorm{})), double, Exec, D>(exec, net, {8, 8, 2}, {.distance = distance})),
                        Error, [](Error const& e) { return e.id() == "ign.shape.650"; });
}

BOOST_AUTO_TEST_CASE(sizes_of_the_nets) {
  Exec const exec;
  BOOST_TEST((Model<decltype(mnist_small_net()), float, Exec>(exec, mnist_small_net(), {32, 32, 1}, 1).parameters().size() == 214001u));
  BOOST_TEST((Model<decltype(mnist_wide_net()), float, Exec>(exec, mnist_wide_net(), {32, 32, 1}, 1).parameters().size() == 382409u));
  BOOST_TEST((Model<decltype(mnist_large_net()), float, Exec>(exec, mnist_large_net(), {32, 32, 1}, 1).parameters().size() == 1378401u));
  BOOST_TEST((Model<decltype(dcgan64_net()), float, Exec>(exec, dcgan64_net(), {64, 64, 3}, 1).parameters().size() == 13905923u));
  BOOST_TEST((Model<decltype(dcgan64_small_net()), float, Exec>(exec, dcgan64_small_net(), {64, 64, 3}, 1).parameters().size() == 870963u));
}

BOOST_AUTO_TEST_CASE(bad_input_is_an_error) {
  Exec const exec;
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  using Policy = Idempotent<decltype(mnist_small_net()), float, Exec>;
  BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {36, 36, 1}), Error, id("ign.shape.5"));
  BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {8, 8, 1}), Error, id("ign.shape.70"));
  BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {32, 32, 1}, {.smoothing = {SmoothingKind::own_noise, -1}}), Error,
                        id("ign.option.83"));
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  ign_test::AllowNan const allow;
  BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {32, 32, 1}, {.smoothing = {SmoothingKind::own_noise, 1, infinity}}), Error,
                        id("ign.option.83"));
  for (double bad : {-1.0, nan}) {
    auto const weight = Schedule::constant(bad);
    BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {32, 32, 1}, {.reconstruction = weight}), Error, id("ign.option.80"));
    BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {32, 32, 1}, {.idempotence = weight}), Error, id("ign.option.80"));
    BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {32, 32, 1}, {.tightness = weight}), Error, id("ign.option.80"));
  }
  BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {32, 32, 1}, {.equilibrium = {-1}}), Error, id("ign.option.86"));
  BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {32, 32, 1}, {.equilibrium = {1.1, 0}}), Error, id("ign.option.86"));
  BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {32, 32, 1}, {.equilibrium = {1.1, 1e-6, 0}}), Error, id("ign.option.86"));
  Policy policy(exec, mnist_small_net(), {32, 32, 1});
  auto const x = ign_test::random_vector<float>(28 * 28, 1);
  auto const ref = ign_test::as_tensor<float>(x, 1, {28, 28, 1});
  for (double share : {0.5, -0.1, 1.1})  // a net without conditions
    BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {32, 32, 1}, {.mismatched_share = share}), Error, id("ign.option.542"));
  BOOST_CHECK_EXCEPTION(policy.gradients(exec, ref, 0), Error, id("ign.shape.3"));
  BOOST_CHECK_EXCEPTION(policy.project(exec, ref, 1, ref), Error, id("ign.shape.3"));
  BOOST_CHECK_EXCEPTION(policy.project(exec, ref, -1, ref), Error, id("ign.option.90"));
  auto const before = x(5);
  BOOST_CHECK_EXCEPTION(policy.generate(exec, Key{}, -1, ref), Error, id("ign.option.90"));
  BOOST_CHECK_EXCEPTION(policy.generate(exec, Key{}, 1, ref), Error, id("ign.shape.3"));
  BOOST_TEST(x(5) == before);
}

BOOST_AUTO_TEST_SUITE_END()
