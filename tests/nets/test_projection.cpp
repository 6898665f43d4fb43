// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Projection, with and without a mask, and drift: on every object that has them, against loops over f as the model evaluates it.

#include <boost/test/unit_test.hpp>

#include <ign/corruptions/masks.hpp>
#include <ign/losses/l1.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/nets/frozen_projector.hpp>
#include <ign/policies/model_with_workspace.hpp>
#include <ign/sources/gaussian.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(projection)

namespace {

constexpr Shape image = {8, 8, 2};
constexpr Shape one_channel = {8, 8, 1};
constexpr int batch = 5;
constexpr std::size_t numbers = batch * image.size();

auto net() { return dcgan(DcganOptions<2>{.image_channels = 2, .stages = {{{16, 4, 2, 1}, {8, 4, 2, 1}}}, .latent = {6, 2, 1, 0}}); }
using Net = decltype(net());

// A model whose running statistics differ from role to role, so that the wrong role is seen.
template <class Real>
Model<Net, Real, Exec> model() {
  Exec const exec;
  Model<Net, Real, Exec> const made(exec, net(), image, 3);
  auto const weights = random_vector<Real>(made.parameters().size(), 1, 0.3);
  for (std::size_t i = 0; i < weights.size(); ++i) made.parameters()(i) += weights(i);
  auto const moments = random_vector<Real>(made.statistics().size(), 2);
  for (std::size_t i = 0; i < moments.size(); ++i) made.statistics()(i) = Real(0.2) + std::abs(moments(i));
  return made;
}

template <class Real>
using Numbers = std::vector<Real>;

template <class Real>
Numbers<Real> copy(Vector<Real, Exec> const& v) {
  return {v.data(), v.data() + v.size()};
}

// f(x) by the model, in one role.
template <class Real>
Numbers<Real> reference(Model<Net, Real, Exec> const& f, Role role, Numbers<Real>& x) {
  Exec const exec;
  Tape<Real, Exec> tape(Retain::last);
  Workspace<Real, Exec> workspace;
  f.forward(exec, pass_of(role, Mode::evaluate), TensorRef<Real, Exec>(x.data(), x.size() / image.size(), 8, 8, 2), tape, workspace);
  exec.fence();
  return {tape.result().data(), tape.result().data() + x.size()};
}

template <class Real>
void check_near(Vector<Real, Exec> const& found, Numbers<Real> const& expected, std::string const& what) {
  Exec().fence();
  double error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) error = std::max(error, static_cast<double>(std::abs(found(i) - expected[i])));
  BOOST_TEST(error <= (sizeof(Real) == 8 ? 1e-12 : 1e-4), what << ": error " << error);
}

template <class Real>
FrozenProjector<Net, Real, Exec> frozen_projector(Role images = Role::generated) {
  return {Exec(), model<Real>(), images};
}
template <class Real>
ModelWithWorkspace<Net, Real, Exec> model_with_workspace(Role images = Role::generated) {
  Exec const exec;
  ModelWithWorkspace<Net, Real, Exec> made(exec, net(), image, 9, images);
  Kokkos::deep_copy(exec, made.model().parameters(), model<Real>().parameters());
  Kokkos::deep_copy(exec, made.model().statistics(), model<Real>().statistics());
  exec.fence();
  return made;
}

// Calls visitor(name, what projects) for both of them.
template <class Real, class Visitor>
void with_both(Visitor const& visitor) {
  auto frozen = frozen_projector<Real>();
  visitor("frozen", frozen);
  auto training = model_with_workspace<Real>();
  visitor("model", training);
}

// Each sample has pixels that are known and pixels that are missing.
template <class Real>
Vector<Real, Exec> half_known() {
  Exec const exec;
  auto const mask = make_vector<Real>(exec, "ign::test::mask", batch * one_channel.size());
  make_mask<Real, Exec>(exec, {MaskKind::pixels, 0.5}, ign_test::key(7), as_tensor<Real>(mask, batch, one_channel));
  exec.fence();
  return mask;
}

using Reals = std::tuple<float, double>;

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(f_is_applied_in_the_role_of_each_application, Real, Reals) {
  auto const f = model<Real>();
  with_both<Real>([&](std::string const& name, auto& p) {
    for (Role first : {Role::data, Role::source, Role::generated})
      for (int k : {0, 1, 3}) {
        auto const x = random_vector<Real>(numbers, 11), y = random_vector<Real>(numbers, 12);
        auto expected = copy(x);
        for (int i = 0; i < k; ++i) expected = reference(f, i > 0 && first == Role::source ? Role::generated : first, expected);
        p.apply(Exec(), first, k, as_tensor<Real>(x, batch, image), as_tensor<Real>(y, batch, image));
        check_near(y, expected, name + ", role " + ign::name(first) + ", k " + std::to_string(k));
        p.apply(Exec(), first, k, as_tensor<Real>(x, batch, image), as_tensor<Real>(x, batch, image));
        check_near(x, expected, name + " in place");
      }
    auto const x = random_vector<Real>(numbers, 11), y = random_vector<Real>(numbers, 12);
    p.project(Exec(), as_tensor<Real>(x, batch, image), as_tensor<Real>(y, batch, image));
    auto once = copy(x);
    once = reference(f, Role::data, once);
    check_near(y, once, name + ", projected once");
  });
  auto as_data = frozen_projector<Real>(Role::data);
  auto const x = random_vector<Real>(numbers, 11), y = random_vector<Real>(numbers, 12);
  auto expected = copy(x);
  expected = reference(f, Role::data, expected = reference(f, Role::source, expected));
  as_data.apply(Exec(), Role::source, 2, as_tensor<Real>(x, batch, image), as_tensor<Real>(y, batch, image));
  check_near(y, expected, "images are data");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(known_pixels_are_kept_and_missing_ones_are_projected, Real, Reals) {
  auto const f = model<Real>();
  auto const mask = half_known<Real>();
  with_both<Real>([&](std::string const& name, auto& p) {
    for (int k : {0, 1, 4}) {
      auto const x = random_vector<Real>(numbers, 13), y = random_vector<Real>(numbers, 14);
      auto const x0 = copy(x);
      auto expected = x0;
      for (int i = 0; i < k; ++i) {  // x <- m x0 + (1 - m) f(x)
        auto const fx = reference(f, Role::data, expected);
        for (std::size_t j = 0; j < numbers; ++j) expected[j] = mask(j / 2) * x0[j] + (1 - mask(j / 2)) * fx[j];
      }
      p.inpaint(Exec(), as_tensor<Real>(mask, batch, one_channel), as_tensor<Real>(x, batch, image), k, as_tensor<Real>(y, batch, image));
      check_near(y, expected, name + ", k " + std::to_string(k));
      std::size_t changed = 0;
      for (std::size_t j = 0; j < numbers; ++j) changed += y(j) != x0[j] && mask(j / 2) != 0;
      BOOST_TEST(changed == 0u, name << ": " << changed << " known numbers have changed");
      BOOST_TEST((copy(x) == x0), name << ": x has changed");
      p.inpaint(Exec(), as_tensor<Real>(mask, batch, one_channel), as_tensor<Real>(x, batch, image), k, as_tensor<Real>(x, batch, image));
      BOOST_TEST((copy(x) == copy(y)), name << ": in place it is something else");
    }
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(drift_is_the_distance_that_f_moves_each_sample, Real, Reals) {
  auto const f = model<Real>();
  auto const check = [&](std::string const& name, auto& p, auto const& distance) {
    auto const x = random_vector<Real>(numbers, 15), scores = random_vector<Real>(batch, 16);
    auto x0 = copy(x);
    auto const fx = reference(f, Role::data, x0);
    Numbers<Real> expected(batch, 0);
    for (std::size_t j = 0; j < numbers; ++j) expected[j / image.size()] += distance.value(fx[j], x0[j]) / static_cast<Real>(image.size());
    p.drift_scores(Exec(), as_tensor<Real>(x, batch, image), VectorRef<Real, Exec>(scores), distance);
    check_near(scores, expected, name);
    BOOST_TEST((copy(x) == x0));
  };
  with_both<Real>([&](std::string const& name, auto& p) {
    check(name + " mse", p, Mse{});
    check(name + " l1", p, L1{});
  });
}

BOOST_AUTO_TEST_CASE(noise_is_the_sources_own) {
  auto p = frozen_projector<float>();
  auto const z = random_vector<float>(numbers, 1), y = random_vector<float>(numbers, 2);
  fill_gaussian(Exec(), Key{5}, 1, VectorRef<float, Exec>(z));
  p.apply(Exec(), Role::source, 2, as_tensor<float>(z, batch, image), as_tensor<float>(z, batch, image));
  p.generate(Exec(), Gaussian{}, Key{5}, 2, as_tensor<float>(y, batch, image));
  Exec().fence();
  BOOST_TEST((copy(y) == copy(z)));
}

// The caller's Views, as they are: owning ones of a smaller batch after a larger one, and no memory taken for them.
BOOST_AUTO_TEST_CASE(nothing_is_allocated_after_the_first_call) {
  Exec const exec;
  auto const x = make_tensor<float>(exec, "ign::test::x", batch, image),
             mask = make_tensor<float>(exec, "ign::test::mask", batch, one_channel);
  Kokkos::deep_copy(x, 0.5f);
  Kokkos::deep_copy(mask, 1.0f);
  auto const scores = make_vector<float>(exec, "ign::test::scores", batch);
  with_both<float>([&](std::string const& name, auto& p) {
    auto const all = [&](int count) {
      auto const part = batch_range(x, 0, count);
      p.apply(exec, Role::data, 2, part, part);
      p.inpaint(exec, batch_range(mask, 0, count), part, 2, part);
      p.drift_scores(exec, part, VectorRef<float, Exec>(scores.data(), static_cast<std::size_t>(count)));
    };
    all(batch);
    ign_test::KokkosCounter const counter;
    ign_test::KokkosCounter::counts.allocations = 0;
    all(batch);
    all(2);
    all(batch);
    BOOST_TEST(ign_test::KokkosCounter::counts.allocations == 0, name);
  });
  for (auto const& label : ign_test::KokkosCounter::bad_labels) BOOST_ERROR("label '" << label << "' does not start with ign::");
}

BOOST_AUTO_TEST_CASE(bad_extents_are_errors_and_leave_the_output) {
  auto p = frozen_projector<float>();
  auto const x = random_vector<float>(numbers, 1), y = random_vector<float>(numbers, 2), mask = random_vector<float>(numbers, 3);
  auto const before = copy(y);
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  auto const in = as_tensor<float>(x, batch, image), out = as_tensor<float>(y, batch, image);
  auto const good = as_tensor<float>(mask, batch, one_channel);
  BOOST_CHECK_EXCEPTION(p.inpaint(Exec(), good, in, -1, out), Error, id("ign.option.90"));
  BOOST_CHECK_EXCEPTION(p.inpaint(Exec(), good, in, 1, as_tensor<float>(y, batch - 1, image)), Error, id("ign.shape.3"));
  BOOST_CHECK_EXCEPTION(p.inpaint(Exec(), as_tensor<float>(mask, batch, image), in, 1, out), Error, id("ign.shape.316"));
  BOOST_CHECK_EXCEPTION(p.inpaint(Exec(), as_tensor<float>(mask, 1, one_channel), in, 1, out), Error, id("ign.shape.316"));
  BOOST_CHECK_EXCEPTION(p.inpaint(Exec(), as_tensor<float>(mask, 1, one_channel), in, 0, out), Error, id("ign.shape.316"));
  BOOST_CHECK_EXCEPTION(p.inpaint(Exec(), as_tensor<float>(mask, 2 * batch, {8, 4, 1}), as_tensor<float>(x, 2 * batch, {8, 4, 2}), 0,
                                  as_tensor<float>(y, 2 * batch, {8, 4, 2})),
                        Error, id("ign.shape.3"));
  BOOST_CHECK_EXCEPTION(p.drift_scores(Exec(), in, VectorRef<float, Exec>(y.data(), batch - 1)), Error, id("ign.shape.205"));
  BOOST_CHECK_EXCEPTION(p.project(Exec(), as_tensor<float>(x, 2 * batch, one_channel), 1, out), Error, id("ign.shape.3"));
  BOOST_CHECK_EXCEPTION(p.generate(Exec(), Gaussian{}, Key{}, -1, out), Error, id("ign.option.90"));
  BOOST_CHECK_EXCEPTION(p.generate(Exec(), Gaussian{}, Key{}, 1, as_tensor<float>(y, 2 * batch, one_channel)), Error, id("ign.shape.3"));
  BOOST_TEST((copy(y) == before));
  Model const widens(Exec(), sequential(Conv2d{.channels = 3}), image, 1);
  BOOST_CHECK_EXCEPTION(FrozenProjector(Exec(), widens), Error, id("ign.shape.5"));
}

BOOST_AUTO_TEST_CASE(arguments_are_checked_before_f_is_applied) {
  auto p = frozen_projector<float>();
  auto const x = random_vector<float>(numbers, 1), y = random_vector<float>(numbers, 2);
  auto const mask = half_known<float>();
  auto const in = as_tensor<float>(x, batch, image), out = as_tensor<float>(y, batch, image);
  auto const other = as_tensor<float>(mask, 1, one_channel);
  Exec const exec;
  exec.fence();
  auto const refused = [&](char const* id, auto const& call) {
    ign_test::KokkosCounter const counter;
    BOOST_CHECK_EXCEPTION(call(), Error, [&](Error const& e) { return e.id() == id; });
    BOOST_TEST(ign_test::KokkosCounter::counts.launches() == 0, id);
  };
  refused("ign.shape.316", [&] { p.inpaint(exec, other, in, 1, out); });
  refused("ign.shape.316", [&] { p.masked_drift_scores(exec, other, in, VectorRef<float, Exec>(y.data(), batch)); });
  refused("ign.shape.471", [&] { p.drift_map(exec, in, other); });
}

BOOST_AUTO_TEST_CASE(a_model_without_a_seed_has_no_gradients) {
  Exec const exec;
  Model<Net, float, Exec> const f(exec, net(), image);
  BOOST_TEST(f.gradients().size() == 0u);
  BOOST_TEST(f.parameters().size() == model<float>().parameters().size());
  auto const x = random_vector<float>(numbers, 1), dy = random_vector<float>(numbers, 2), dx = random_vector<float>(numbers, 3);
  Tape<float, Exec> tape;
  Workspace<float, Exec> workspace;
  f.forward(exec, Pass{}, as_tensor<float>(x, 4, image), tape, workspace);
  auto const backward = [&](bool weights) {
    f.backward(exec, tape, as_tensor<float>(dy, 4, image), as_tensor<float>(dx, 4, image), workspace, {.weights = weights});
  };
  BOOST_CHECK_EXCEPTION(backward(true), Error, [](Error const& e) { return e.id() == "ign.state.160"; });
  backward(false);
  exec.fence();
}

BOOST_AUTO_TEST_SUITE_END()
