// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Gradients of both nets against differences of the objectives, written out with plain logarithms.

#include <boost/test/unit_test.hpp>

#include <ign/layers/minibatch_stddev.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/policies/gan.hpp>
#include <ign/policies/policy.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(gan)

namespace {

constexpr int batch = 6;
constexpr Shape image = {4, 4, 2}, latent = {1, 1, 3};
constexpr std::size_t numbers = batch * image.size();
constexpr std::uint64_t step = 3;

template <class Norm>
constexpr DcganOptions<2, Norm> small(Norm const& norm) {
  return {.image_channels = 2, .stages = {{{3, 2, 2, 0}, {4, 3, 1, 1}}}, .latent = {3, 2, 1, 0}, .norm = norm};
}

// found = ∂objective/∂θ for every third parameter.
template <class M, class Objective>
void check_differences(M const& model, std::vector<double> const& found, Objective const& objective) {
  double largest = 0;
  for (std::size_t i = 0; i < found.size(); i += 3) {
    double& parameter = model.parameters()(i);
    double const old = parameter, h = 1e-6;
    parameter = old + h;
    double const above = objective();
    parameter = old - h;
    double const below = objective();
    parameter = old;
    largest = std::max(largest, std::abs(found[i]));
    BOOST_TEST(std::abs((above - below) / (2 * h) - found[i]) <= 1e-7,
               "parameter " << i << ": " << found[i] << ", differences " << (above - below) / (2 * h));
  }
  BOOST_TEST(largest > 1e-3);
}

template <class Norm, class Layer>
void check(Norm const& norm, Layer const& before_latent) {
  Exec const exec;
  auto const generator = dcgan_generator(small(norm));
  auto const discriminator = dcgan_discriminator(small(norm), before_latent);
  using Policy = Gan<std::remove_const_t<decltype(generator)>, std::remove_const_t<decltype(discriminator)>, double, Exec>;
  Policy p(exec, generator, discriminator, latent, image, {}, ign_test::seed());
  auto const& g = p.model();
  auto const& d = p.discriminator();
  fill_gaussian(exec, ign_test::key(20), 0.4, VectorRef<double, Exec>(g.parameters()));
  fill_gaussian(exec, ign_test::key(21), 0.4, VectorRef<double, Exec>(d.parameters()));
  auto const x = ign_test::random_vector<double>(numbers, 22, 0.5), z = ign_test::random_vector<double>(batch * latent.size(), 23);
  sample(exec, Gaussian{}, Key{ign_test::seed(), RandomStream::noise, step}, as_tensor<double>(z, batch, latent));

  Tape<double, Exec> tape_g, tape_d;
  Workspace<double, Exec> workspace;
  Pass pass;
  pass.update_statistics = false;
  // Mean of log σ(D(in)), or of log(1 - σ(D(in))), in a pass of its own.
  auto const mean_log = [&](TensorRef<double, Exec> const& in, bool real) {
    d.forward(exec, pass, in, tape_d, workspace);
    exec.fence();
    double sum = 0;
    for (std::size_t n = 0; n < batch; ++n) {
      double const probability = 1 / (1 + std::exp(-tape_d.result().data()[n]));
      sum += std::log(real ? probability : 1 - probability) / batch;
    }
    return sum;
  };
  auto const generated = [&] {
    g.forward(exec, pass, as_tensor<double>(z, batch, latent), tape_g, workspace);
    return tape_g.result();
  };
  auto const objective_d = [&] { return -mean_log(as_tensor<double>(x, batch, image), true) - mean_log(generated(), false); };
  auto const objective_g = [&] { return -mean_log(generated(), true); };
  auto const copy = [](Vector<double, Exec> const& v) { return std::vector<double>(v.data(), v.data() + v.size()); };

  p.discriminator_gradients(exec, as_tensor<double>(x, batch, image), step);
  exec.fence();
  double const loss_d = objective_d();
  check_differences(d, copy(d.gradients()), objective_d);

  // The generator's are those against a discriminator that has moved, whose own gradients they leave alone.
  for (std::size_t i = 0; i < d.parameters().size(); ++i) d.parameters()(i) -= 0.1 * d.gradients()(i);
  auto const before = copy(d.gradients());
  p.generator_gradients(exec, step);
  exec.fence();
  BOOST_TEST(copy(d.gradients()) == before, boost::test_tools::per_element());
  check_differences(g, copy(g.gradients()), objective_g);
  auto const losses = p.losses(exec);
  BOOST_TEST(std::abs(losses.discriminator - loss_d) < 1e-12);
  BOOST_TEST(std::abs(losses.generator - objective_g()) < 1e-12);
  BOOST_TEST(std::abs(losses.total - losses.discriminator - losses.generator) < 1e-12);
}

}  // namespace

BOOST_AUTO_TEST_CASE(gradients_are_those_of_the_definition) {
  check(sequential(), sequential());
  check(BatchNorm{}, sequential());
  check(BatchNorm{}, MinibatchStddev{.group = 2});
}

BOOST_AUTO_TEST_CASE(a_step_updates_the_discriminator_first) {
  Exec const exec;
  auto const options = mnist_small_options();
  Gan policy(exec, dcgan_generator(options), dcgan_discriminator(options), {1, 1, 64}, {32, 32, 1});
  static_assert(TrainingPolicy<decltype(policy)>);
  auto const x = ign_test::random_vector<float>(3 * 1024, 1);
  std::vector<std::size_t> order;
  policy::step_of(exec, policy, as_tensor<float>(x, 3, {32, 32, 1}), policy::step_values_of(policy, 0),
                  [&](std::size_t i) { order.push_back(i); });
  BOOST_TEST(order == (std::vector<std::size_t>{0, 1}), boost::test_tools::per_element());
  std::vector<std::string> names;
  policy::for_each_model_of(policy, [&](std::string const& name, auto const&) { names.push_back(name); });
  BOOST_TEST(names == (std::vector<std::string>{"discriminator.", "generator."}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(both_nets_have_as_many_parameters_as_the_one_of_an_ign) {
  Exec const exec;
  auto const options = mnist_small_options();
  Gan const policy(exec, dcgan_generator(options), dcgan_discriminator(options), {1, 1, 64}, {32, 32, 1});
  BOOST_TEST(policy.model().parameters().size() + policy.discriminator().parameters().size() == 214001u);
}

BOOST_AUTO_TEST_CASE(a_generated_image_does_not_depend_on_its_batch) {
  Exec const exec;
  auto const options = mnist_small_options();
  Gan policy(exec, dcgan_generator(options), dcgan_discriminator(options), {1, 1, 64}, {32, 32, 1});
  auto const all = ign_test::random_vector<float>(17 * 1024, 1), few = ign_test::random_vector<float>(2 * 1024, 2);
  policy.generate(exec, Key{}, 1, as_tensor<float>(all, 17, {32, 32, 1}));
  policy.generate(exec, Key{}, 1, as_tensor<float>(few, 2, {32, 32, 1}));
  exec.fence();
  for (std::size_t i = 0; i < few.size(); ++i)
    if (few(i) != all(i)) BOOST_ERROR("number " << i << ": " << few(i) << ", " << all(i));
}

BOOST_AUTO_TEST_CASE(bad_input_is_an_error) {
  Exec const exec;
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  auto const options = mnist_small_options();
  auto const generator = dcgan_generator(options);
  auto const discriminator = dcgan_discriminator(options);
  BOOST_CHECK_EXCEPTION(Gan(exec, generator, discriminator, {2, 2, 64}, {32, 32, 1}), Error, id("ign.shape.276"));
  BOOST_CHECK_EXCEPTION(Gan(exec, generator, mnist_small_net(), {1, 1, 64}, {32, 32, 1}), Error, id("ign.shape.277"));
  Gan policy(exec, generator, discriminator, {1, 1, 64}, {32, 32, 1});
  auto const x = ign_test::random_vector<float>(28 * 28, 1);
  auto const ref = as_tensor<float>(x, 1, {28, 28, 1});
  BOOST_CHECK_EXCEPTION(policy.generator_gradients(exec, 0), Error, id("ign.state.275"));
  BOOST_CHECK_EXCEPTION(policy.discriminator_gradients(exec, ref, 0), Error, id("ign.shape.3"));
  BOOST_CHECK_EXCEPTION(policy.generate(exec, Key{}, 1, ref), Error, id("ign.shape.3"));
  BOOST_CHECK_EXCEPTION(policy.generate(exec, Key{}, 2, ref), Error, id("ign.option.278"));
}

BOOST_AUTO_TEST_SUITE_END()
