// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Ranks without MPI: shares of a batch, reductions through a communicator of one's own, and what is refused on several ranks.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign_test/exec.hpp>

#include <algorithm>
#include <cmath>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(ranks)

namespace {

/// Rank 0 of two that have the same numbers.
struct Twin {
  int ranks = 2;

  int rank() const { return 0; }
  int size() const { return ranks; }
  bool takes_device_memory() const { return true; }
  template <class Real>
  void sum(Real* numbers, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i) numbers[i] *= static_cast<Real>(ranks);
  }
};

struct Stubborn {  // draws all batches alike
  static constexpr char const* name = "stubborn";
};
template <class Real, class Exec>
void sample(Exec const& exec, Stubborn const&, Key const&, TensorRef<Real, Exec> const& z) {
  Kokkos::deep_copy(exec, z, Real(0));
}
template <class Real, class Exec>
void corrupt(Exec const& exec, Stubborn const&, Key const&, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const&,
             TensorRef<Real, Exec> const& y, Buffer<Real, Exec>&) {
  Kokkos::deep_copy(exec, y, x);
}

template <class Call>
std::string id_of(Call const& call) {
  try {
    call();
  } catch (Error const& error) {
    return error.id();
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_shard_has_the_values_of_the_global_batch) {
  Exec const exec;
  constexpr int count = 4, size = 3;
  for (Shape const shape : {Shape{1, 1, 1}, {3, 3, 1}, {5, 7, 3}, {32, 32, 1}}) {
    auto const whole = make_tensor<float>(exec, "whole", count * size, shape), own = make_tensor<float>(exec, "own", count, shape);
    for (bool const gaussian : {true, false}) {
      auto const draw = [&](GlobalSampleIndices const& indices, TensorRef<float, Exec> const& z) {
        Key const key = {7, RandomStream::noise, 3, 0, indices};
        gaussian ? fill_gaussian(exec, key, 1.0, z) : fill_uniform(exec, key, 1.0, z);
      };
      draw({}, whole);
      for (std::uint64_t rank = 0; rank < size; ++rank) {
        draw({rank, size}, own);
        exec.fence();
        std::size_t different = 0;
        for (std::size_t n = 0; n < count; ++n)
          for (std::size_t i = 0; i < shape.size(); ++i)
            different += own.data()[n * shape.size() + i] == whole.data()[(n * size + rank) * shape.size() + i] ? 0 : 1;
        BOOST_TEST(different == 0u, "shape " << shape << ", rank " << rank);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(shards_of_batches_partition_the_data) {
  Exec const exec;
  std::vector<std::uint8_t> bytes(24);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(10 * i);
  auto const images_of = [&](int batch, GlobalSampleIndices const& shard, std::uint64_t step) {
    Batches<Exec> const batches(exec, bytes, 24, {1, 1, 1}, {.batch = batch, .seed = 5, .shard = shard});
    BOOST_TEST(batches.batches_per_epoch() == 4u);
    auto const x = make_tensor<float>(exec, "x", batch, Shape{1, 1, 1});
    batches.gather(exec, step, TensorRef<float, Exec>(x));
    exec.fence();
    return std::vector<float>(x.data(), x.data() + batch);
  };
  for (std::uint64_t step = 0; step < 9; ++step) {
    auto const whole = images_of(6, {}, step), even = images_of(3, {0, 2}, step), odd = images_of(3, {1, 2}, step);
    for (std::size_t n = 0; n < 3; ++n) BOOST_TEST((even[n] == whole[2 * n] && odd[n] == whole[2 * n + 1]));
  }
  BOOST_TEST(id_of([&] { images_of(13, {0, 2}, 0); }) == "ign.option.85");
  BOOST_TEST(id_of([&] { images_of(3, {2, 2}, 0); }) == "ign.option.85");
}

BOOST_AUTO_TEST_CASE(one_process_reduces_nothing) {
  Exec const exec;
  auto const numbers = make_vector<double>(exec, "numbers", 3);
  Kokkos::deep_copy(numbers, 5.0);
  for (Ranks const& one : {Ranks(), Ranks(Twin{1}, BatchNormStatistics::over_ranks)}) {
    one.sum(exec, VectorRef<double, Exec>(numbers));
    BOOST_TEST((!one.is_distributed() && !one.syncs_batch_norm() && one.is_root() && one.shard().is_identity()));
    BOOST_TEST((one.any(true) && !one.any(false)));
  }
  BOOST_TEST(numbers(0) == 5);
  Ranks const two(Twin{});
  two.sum(exec, VectorRef<double, Exec>(numbers));
  BOOST_TEST(numbers(0) == 10);
  two.average(exec, VectorRef<double, Exec>(numbers));
  exec.fence();
  BOOST_TEST(numbers(2) == 10);
}

// With two ranks that have the same samples, the moments of both are those of one. On a device this is the path by way of the convolution's
// tiles, too.
BOOST_AUTO_TEST_CASE(moments_of_twins_are_those_of_one) {
  Exec const exec;
  Shape const image = {8, 8, 3};
  constexpr int batch = 4;
  auto net = sequential(Conv2d{.channels = 5, .kernel = 4, .stride = 2, .padding = 1}, BatchNorm{}, LeakyRelu{0.2},
                        ConvTranspose2d{.channels = 3, .kernel = 4, .stride = 2, .padding = 1}, BatchNorm{});
  auto const x = make_tensor<double>(exec, "x", 2 * batch, image), dy = make_tensor<double>(exec, "dy", 2 * batch, image);
  struct Result {
    std::vector<double> y, dx, gradients, statistics;
  };
  auto const run = [&](Ranks const& ranks) {
    Model<decltype(net), double, Exec> const model(exec, net, image, 3);
    Tape<double, Exec> tape;
    Workspace<double, Exec> workspace;
    auto const dx = make_tensor<double>(exec, "dx", 2 * batch, image);
    fill_gaussian(exec, Key{.seed = 4}, 2.0, TensorRef<double, Exec>(x));
    fill_gaussian(exec, Key{.seed = 5}, 1.0, TensorRef<double, Exec>(dy));
    Pass const pass = training_pass({Role::data, Role::source}, Precision::full, {1, RandomStream::dropout, 0}, ranks);
    Kokkos::deep_copy(exec, model.gradients(), 0.0);
    model.forward(exec, pass, x, tape, workspace);
    auto const copy = [&](auto const& of) {
      exec.fence();
      return std::vector<double>(of.data(), of.data() + of.size());
    };
    Result result{copy(tape.result()), {}, {}, copy(model.statistics())};
    model.backward(exec, tape, dy, dx, workspace);
    result.dx = copy(dx);
    result.gradients = copy(model.gradients());
    return result;
  };
  auto const one = run(Ranks()), twins = run(Ranks(Twin{}, BatchNormStatistics::over_ranks));
  auto const difference = [](std::vector<double> const& a, std::vector<double> const& b) {
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
    return a.size() == b.size() ? most : 1;
  };
  BOOST_TEST(difference(one.y, twins.y) <= 1e-12);
  BOOST_TEST(difference(one.dx, twins.dx) <= 1e-12);
  BOOST_TEST(difference(one.gradients, twins.gradients) <= 1e-10);
  // The unbiased variance is of twice as many samples: 127 / 128 · 256 / 255 of it at the first norm.
  BOOST_TEST(difference(one.statistics, twins.statistics) > 1e-6);
  BOOST_TEST(difference(one.statistics, twins.statistics) <= 1e-3);
}

BOOST_AUTO_TEST_CASE(what_ranks_cannot_share_is_refused) {
  Exec const exec;
  Ranks const two(Twin{});
  auto net = sequential(Conv2d{.channels = 1, .kernel = 3, .stride = 1, .padding = 1});
  Shape const image = {4, 4, 1};
  IdempotentOptions<Mse, Stubborn> stubborn;
  Idempotent<decltype(net), float, Exec, Mse, Stubborn> same_noise(exec, net, image, stubborn);
  BOOST_TEST(id_of([&] { same_noise.set_ranks(two); }) == "ign.option.490");
  BOOST_TEST(id_of([&] { same_noise.set_ranks(Ranks()); }).empty());

  Spectral<float, Exec> const per_batch(exec, image, {.per_batch = true});
  IdempotentOptions<Mse, Spectral<float, Exec>> const spectral{.source = per_batch};
  Idempotent<decltype(net), float, Exec, Mse, Spectral<float, Exec>> of_batches(exec, net, image, spectral);
  BOOST_TEST(id_of([&] { of_batches.set_ranks(two); }) == "ign.option.490");

  DistillationOptions<Mse, Gaussian, Stubborn> options;
  Distillation<decltype(net), float, Exec, Mse, Gaussian, Stubborn> same_corruption(exec, net, image, options);
  BOOST_TEST(id_of([&] { same_corruption.set_ranks(two); }) == "ign.option.491");

  std::vector<std::uint8_t> const bytes(64);
  Batches<Exec> const batches(exec, bytes, 4, image, {.batch = 2});
  Idempotent<decltype(net), float, Exec> policy(exec, net, image);
  policy.set_ranks(two);
  BOOST_TEST(id_of([&] { Trainer(exec, policy, Adam{}, batches, {.use_graph = true}); }) == "ign.option.492");
  BOOST_TEST(id_of([&] { Trainer(exec, policy, Adam{}, batches, {.steps = 2}).train(); }).empty());
}

BOOST_AUTO_TEST_SUITE_END()
