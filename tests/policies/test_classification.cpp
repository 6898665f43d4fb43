// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Gradients of the classifier by differences; that it learns; and the feature net's outputs.

#include <boost/test/unit_test.hpp>

#include <ign/layers/dropout.hpp>
#include <ign/nets/features.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/classification.hpp>
#include <ign/train/trainer.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;
using ign_test::SharedVector;

namespace {

using Labels = VectorRef<int, Exec>;

auto small_net(int classes) {
  return sequential(Conv2d{3, 3, 1, 1}, Relu{}, MaxPool2d{}, Flatten{}, Dropout{0.3}, Linear{5}, Relu{}, Linear{classes});
}

// Small images of four classes: a bright bar in one of four places and directions, over noise.
struct Bars {
  static constexpr Shape shape = {8, 8, 1};
  std::vector<std::uint8_t> pixels, labels;

  Bars(std::size_t count, std::uint32_t substream) : pixels(count * shape.size()), labels(count) {
    for (std::size_t n = 0; n < count; ++n) {
      labels[n] = static_cast<std::uint8_t>(random::bits(ign_test::key(substream), static_cast<std::uint32_t>(n))[0] % 4);
      for (std::size_t i = 0; i < shape.size(); ++i) {
        std::size_t const line = labels[n] < 2 ? i / 8 : i % 8;
        auto const noise = random::bits(ign_test::key(substream + 1), static_cast<std::uint32_t>(n * 64 + i))[0] % 100;
        pixels[n * 64 + i] = static_cast<std::uint8_t>(noise + (line == (labels[n] % 2 == 0 ? 2 : 5) ? 120 : 0));
      }
    }
  }
};

struct LastReport {
  std::vector<NamedLoss> losses;
  void on_report(auto const&, Report const& report) { losses = report.losses; }
};

// A run on bars that owns its parts.
struct Run {
  using Net = decltype(small_net(4));
  Exec exec;
  Bars bars{512, 50};
  Batches<Exec> batches;
  Classification<Net, float, Exec> policy;
  Trainer<Classification<Net, float, Exec>, Adam, Batches<Exec>> trainer;

  explicit Run(Exec const& e = {}, std::uint64_t steps = 120)
      : exec(e),
        batches(exec, bars.pixels, 512, Bars::shape, {32, 3}, bars.labels),
        policy(exec, net(), Bars::shape, {}, 7),
        trainer(exec, policy, Adam{.beta1 = 0.9}, batches, {steps, steps, Schedule::constant(3e-3)}) {}

  static Net net() {
    return sequential(Conv2d{3, 3, 1, 1, true, 0.3}, Relu{}, MaxPool2d{}, Flatten{}, Dropout{0.3}, Linear{5, true, 0.2}, Relu{},
                      Linear{4, true, 0.4});
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(classification)

BOOST_AUTO_TEST_CASE(gradient_equals_differences_of_the_mean_cross_entropy) {
  Exec const exec;
  int const batch = 4;
  Shape const image = {6, 5, 2};
  std::uint64_t const step = 9;
  auto const net = small_net(3);
  Classification<std::remove_const_t<decltype(net)>, double, Exec> policy(exec, net, image, {}, 5);
  auto const& model = policy.model();
  fill_gaussian(exec, ign_test::key(30), 0.5, VectorRef<double, Exec>(model.parameters()));
  auto const x = random_vector<double>(batch * image.size(), 31);
  SharedVector<int> labels = {2, 0, 1, 1};
  // The same dropout, and the loss by its definition.
  auto const objective = [&] {
    Tape<double, Exec> tape;
    Workspace<double, Exec> workspace;
    Pass pass;
    pass.key = {5, RandomStream::dropout, step};
    model.forward(exec, pass, as_tensor<double>(x, batch, image), tape, workspace);
    exec.fence();
    double mean = 0;
    for (int n = 0; n < batch; ++n) {
      double sum = 0;
      for (int i = 0; i < 3; ++i) sum += std::exp(tape.result()(n, 0, 0, i));
      mean += (std::log(sum) - tape.result()(n, 0, 0, labels[static_cast<std::size_t>(n)])) / batch;
    }
    return mean;
  };
  policy.gradients(exec, as_tensor<double>(x, batch, image), Labels(labels.data(), 4), step);
  auto const losses = policy.losses(exec);
  BOOST_TEST(std::abs(losses.cross_entropy - objective()) < 1e-13);
  BOOST_TEST(losses.total == losses.cross_entropy);
  double largest = 0;
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    double& place = model.parameters()(i);
    double const old = place, h = 1e-6;
    place = old + h;
    double const above = objective();
    place = old - h;
    double const below = objective();
    place = old;
    double const found = model.gradients()(i);
    largest = std::max(largest, std::abs(found));
    BOOST_TEST(std::abs(found - (above - below) / (2 * h)) < 1e-8, "parameter " << i);
  }
  BOOST_TEST(largest > 1e-2);
}

BOOST_AUTO_TEST_CASE(losses_are_means_over_steps) {
  Run run;
  auto const x = random_vector<float>(32 * 64, 1);
  SharedVector<int> labels(32, 1);
  double sum = 0;
  for (std::uint64_t step : {0, 1}) {
    run.policy.reset_losses(run.exec);
    run.policy.gradients(run.exec, as_tensor<float>(x, 32, Bars::shape), Labels(labels.data(), 32), step);
    sum += run.policy.losses(run.exec).cross_entropy;
  }
  run.policy.reset_losses(run.exec);
  for (std::uint64_t step : {0, 1}) run.policy.gradients(run.exec, as_tensor<float>(x, 32, Bars::shape), Labels(labels.data(), 32), step);
  BOOST_TEST(std::abs(run.policy.losses(run.exec).cross_entropy - sum / 2) < 1e-12);
  BOOST_TEST(run.policy.summed_steps() == 2u);
}

BOOST_AUTO_TEST_CASE(learns_bars_and_knows_new_ones) {
  Run run;
  run.trainer.train();
  Bars const fresh(200, 60);
  Batches<Exec> const data(run.exec, fresh.pixels, 200, Bars::shape, {200, 1});
  auto const x = random_vector<float>(200 * 64, 1);
  data.gather_range(run.exec, 0, as_tensor<float>(x, 200, Bars::shape));
  SharedVector<int> found(200, -1);
  run.policy.classify(run.exec, as_tensor<float>(x, 200, Bars::shape), Labels(found.data(), 200));
  run.exec.fence();
  int correct = 0;
  for (std::size_t n = 0; n < 200; ++n) correct += found[n] == fresh.labels[n];
  BOOST_TEST(correct >= 190);
}

// The labels must be those of the very images: with others there is nothing to be learnt, and the loss stays at log 4.
BOOST_AUTO_TEST_CASE(reports_have_its_losses) {
  LastReport last;
  Run run;
  run.trainer.train(last);
  BOOST_TEST_REQUIRE(last.losses.size() == 2u);
  BOOST_TEST(std::string(last.losses[0].name) == "cross_entropy");
  BOOST_TEST(last.losses[0].value < 1.0);
  BOOST_TEST(std::string(last.losses[1].name) == "accuracy");
  BOOST_TEST(last.losses[1].value > 0.6);
}

BOOST_AUTO_TEST_CASE(bitwise_identical_with_one_thread_and_with_all) {
  Run all(Exec{}), one(ign_test::one_thread());
  BOOST_TEST_REQUIRE(ign_test::as_parallel_as_can_be(all.exec));
  for (int i = 0; i < 5; ++i) {
    all.trainer.step();
    one.trainer.step();
  }
  all.exec.fence();
  one.exec.fence();
  auto const &a = all.policy.model().parameters(), &b = one.policy.model().parameters();
  std::size_t different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different += a(i) != b(i);
  BOOST_TEST(different == 0u);
  BOOST_TEST(all.policy.losses(all.exec).total == one.policy.losses(one.exec).total);
}

BOOST_AUTO_TEST_CASE(bad_input_is_an_error) {
  Exec const exec;
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  auto const images = sequential(Conv2d{3, 3, 1, 1});
  using Images = Classification<std::remove_const_t<decltype(images)>, float, Exec>;
  BOOST_CHECK_EXCEPTION(Images(exec, images, {4, 4, 1}), Error, id("ign.shape.231"));
  Run run;
  auto const x = random_vector<float>(32 * 64, 1);
  SharedVector<int> labels(31, 1);
  BOOST_CHECK_EXCEPTION(run.policy.gradients(exec, as_tensor<float>(x, 32, Bars::shape), Labels(labels.data(), 31), 0), Error,
                        id("ign.shape.232"));
  BOOST_CHECK_EXCEPTION(run.policy.gradients(exec, as_tensor<float>(x, 32, {4, 16, 1}), Labels(labels.data(), 31), 0), Error,
                        id("ign.shape.3"));
  using T = decltype(run.trainer);
  Batches<Exec> const bare(exec, run.bars.pixels, 512, Bars::shape, {32, 3});
  BOOST_CHECK_EXCEPTION(T(exec, run.policy, Adam{}, bare, {}), Error, id("ign.option.232"));
  run.bars.labels[17] = 4;
  Batches<Exec> const five(exec, run.bars.pixels, 512, Bars::shape, {32, 3}, run.bars.labels);
  BOOST_CHECK_EXCEPTION(T(exec, run.policy, Adam{}, five, {}), Error, id("ign.option.232"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(features)

BOOST_AUTO_TEST_CASE(outputs_are_the_layers_and_do_not_depend_on_chunks) {
  Exec const exec;
  Shape const image = {16, 16, 3};
  int const count = 7, classes = 6;
  FeatureNet<float, Exec> net(exec, image, classes, ign_test::seed());
  auto const x = random_vector<float>(count * image.size(), 1);
  auto const ref = as_tensor<float>(x, count, image);
  // A tape that keeps everything, one image after the other.
  SharedVector<float> features, logits;
  SharedVector<int> predictions;
  for (int n = 0; n < count; ++n) {
    Tape<float, Exec> tape;
    Workspace<float, Exec> workspace;
    net.model().forward(exec, pass_of(Role::data, Mode::evaluate), batch_range(ref, n, 1), tape, workspace);
    exec.fence();
    auto const& rectified = tape.output(11);
    features.insert(features.end(), rectified.data(), rectified.data() + feature_count);
    logits.insert(logits.end(), tape.result().data(), tape.result().data() + classes);
    predictions.push_back(static_cast<int>(std::max_element(tape.result().data(), tape.result().data() + classes) - tape.result().data()));
  }
  double smallest = 0, largest = 0;
  for (float f : features) smallest = std::min<double>(smallest, f), largest = std::max<double>(largest, f);
  BOOST_TEST(smallest == 0);  // behind a rectifier
  BOOST_TEST(largest > 0.1);
  using Rows = FeatureNet<float, Exec>::Rows;
  for (int chunk : {1, 3, 7, 200}) {
    SharedVector<float> f(features.size(), -1), l(logits.size(), -1);
    SharedVector<int> p(predictions.size(), -1);
    net.apply(exec, ref, {Rows(f.data(), count, feature_count), Rows(l.data(), count, classes), Labels(p.data(), count)}, chunk);
    exec.fence();
    BOOST_TEST((f == features), "chunks of " << chunk);
    BOOST_TEST((l == logits), "chunks of " << chunk);
    BOOST_TEST(p == predictions);
  }
  SharedVector<int> p(predictions.size(), -1);
  net.apply(exec, ref, {.predictions = Labels(p.data(), count)});
  exec.fence();
  BOOST_TEST(p == predictions);
}

BOOST_AUTO_TEST_CASE(size_start_and_errors) {
  Exec const exec;
  FeatureNet<float, Exec> net(exec, {32, 32, 1});
  BOOST_TEST(net.model().parameters().size() == 356234u);
  BOOST_TEST(net.model().output_shape() == (Shape{1, 1, 10}));
  // Signals keep about their size through the layers.
  auto const x = random_vector<float>(20 * 1024, 1);
  SharedVector<float> logits(200), features(20 * feature_count);
  using Rows = FeatureNet<float, Exec>::Rows;
  net.apply(exec, as_tensor<float>(x, 20, {32, 32, 1}), {Rows(features.data(), 20, feature_count), Rows(logits.data(), 20, 10)});
  exec.fence();
  double square = 0;
  for (float l : logits) square += static_cast<double>(l) * static_cast<double>(l) / 200;
  BOOST_TEST(square > 0.1);
  BOOST_TEST(square < 100);
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  auto const ref = as_tensor<float>(x, 20, {32, 32, 1});
  BOOST_CHECK_EXCEPTION(net.apply(exec, ref, {.features = Rows(features.data(), 19, feature_count)}), Error, id("ign.shape.234"));
  BOOST_CHECK_EXCEPTION(net.apply(exec, ref, {.logits = Rows(logits.data(), 20, 9)}), Error, id("ign.shape.234"));
  SharedVector<int> p(20);
  BOOST_CHECK_EXCEPTION(net.apply(exec, ref, {.predictions = Labels(p.data(), 19)}), Error, id("ign.shape.234"));
  BOOST_CHECK_EXCEPTION(net.apply(exec, ref, {}, 0), Error, id("ign.option.233"));
  BOOST_CHECK_EXCEPTION(net.apply(exec, as_tensor<float>(x, 5, {64, 64, 1}), {}), Error, id("ign.shape.3"));
  BOOST_CHECK_THROW((FeatureNet<float, Exec>(exec, {7, 7, 1})), Error);
}

BOOST_AUTO_TEST_SUITE_END()
