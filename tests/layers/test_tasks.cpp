// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Many threads: kernels divide their work into enough tasks, and the tasks of any number of threads have bitwise identical results.

#include <boost/test/unit_test.hpp>

#include <ign/layers/batch_norm.hpp>
#include <ign/math/conv/host/tasks.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/nets/dcgan3d.hpp>
#include <ign/random/fill.hpp>
#include <ign_test/layer_check.hpp>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(tasks)

namespace {

using math::Operation;

constexpr Operation operations[] = {Operation::forward, Operation::input_gradient, Operation::weight_gradient};

char const* name_of(Operation operation) {
  return operation == Operation::forward ? "forward" : operation == Operation::input_gradient ? "input gradient" : "weight gradient";
}

// Calls visitor(case, net, input, samples of a joint pass) for the nets of docs/performance.md.
template <class Visitor>
void visit_nets(Visitor const& visitor) {
  DcganOptions<3> const middle{.image_channels = 1, .stages = {{{32}, {64}, {128}}}, .latent = {128, 4, 1, 0}};
  visitor("S", mnist_small_net(), Shape{32, 32, 1}, 256);
  visitor("M", dcgan(middle), Shape{32, 32, 1}, 256);
  visitor("L", dcgan64_net(), Shape{64, 64, 3}, 128);
  visitor("voxel", voxel_net(), volume_shape(32, 32, 32, 1), 32);
}

// Calls visitor(case and number of the layer, geometry, samples) for each of their convolutions.
template <class Visitor>
void visit_convolutions(Visitor const& visitor) {
  visit_nets([&](std::string const& net_name, auto const& net, Shape input, std::size_t batch) {
    auto const all = shapes(net, input);
    for_each_layer(net, [&](std::size_t i, auto const& layer) {
      if constexpr (requires { ign::geometry(layer, all[i]); })
        visitor(net_name + ", layer " + std::to_string(i), ign::geometry(layer, all[i]), batch);
    });
  });
}

bool identical(Vector<float, Exec> const& a, Vector<float, Exec> const& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Operands of a convolution, and the results of the three operations.
struct Operands {
  math::ConvGeometry g;
  std::size_t batch;
  Vector<float, Exec> x = random_vector<float>(batch * g.fine_size(), 1), y = random_vector<float>(batch * g.coarse_size(), 2);
  Vector<float, Exec> weights = random_vector<float>(g.weight_size(), 3), scale = random_vector<float>(batch, 4);
};
struct Results {
  Vector<float, Exec> coarse, fine, gradient;
};

Results results_of(Operands const& from, Exec const& exec) {
  auto const& [g, batch, x, y, weights, scale] = from;
  auto const tensor = [samples = static_cast<int>(from.batch)](Vector<float, Exec> const& memory) {
    return as_tensor<float>(memory, samples, Shape{1, 1, static_cast<int>(memory.size()) / samples});
  };
  math::ConvPlan const plan = math::select_algorithm<Exec>(g, Pass{});
  auto const scratch = make_vector<float>(exec, "ign::test", math::conv_scratch_size<float>(g, batch, workers_of(exec)));
  Kokkos::deep_copy(exec, scratch, 7.f);
  Results const to = {make_vector<float>(exec, "ign::test", y.size()), make_vector<float>(exec, "ign::test", x.size()),
                      make_vector<float>(exec, "ign::test", weights.size())};
  VectorRef<float, Exec> const memory = scratch;
  math::conv_forward(exec, g, plan, tensor(x), {weights.data()}, {}, tensor(to.coarse), memory);
  math::conv_input_gradient(exec, g, plan, tensor(y), {weights.data()}, {}, tensor(to.fine), memory);
  math::conv_weight_gradient(exec, g, plan, tensor(x), tensor(y), static_cast<float const*>(scale.data()), to.gradient.data(), memory);
  exec.fence();
  return to;
}

}  // namespace

// docs/performance.md has the table. Layers with less work, the latent ones of `voxel`, have 16 tasks or more.
BOOST_AUTO_TEST_CASE(convolutions_keep_64_threads_busy, *boost::unit_test::precondition(ign_test::runs_host_kernels)) {
  visit_convolutions([&](std::string const& layer, math::ConvGeometry const& g, std::size_t batch) {
    auto const algorithm = math::select_algorithm<Exec>(g, Pass{}).algorithm;
    double const products = static_cast<double>(batch * g.weight_size() * g.coarse_pixels());
    for (Operation operation : operations) {
      auto const of = math::conv_tasks<float>(g, operation, algorithm, batch, 64);
      std::string const what = layer + ", " + name_of(operation);
      BOOST_TEST_MESSAGE(what << ": " << 1e-6 * products << " million products, " << of.tasks << " tasks, " << of.busy()
                              << " busy workers, speed-up by balance " << of.speedup());
      bool const small = products < 1e7;
      BOOST_TEST(of.busy() >= (small ? 16u : 64u), what);
      BOOST_TEST(of.speedup() >= (small ? 16 : 48), what);
    }
  });
}

// As many samples as threads. A part of a Winograd weight gradient has 64 tiles or more. In the second layer of S that is the whole batch,
// so that 4 groups of channels are all tasks.
BOOST_AUTO_TEST_CASE(small_batches_keep_threads_busy, *boost::unit_test::precondition(ign_test::runs_host_kernels)) {
  visit_convolutions([&](std::string const& layer, math::ConvGeometry const& g, std::size_t) {
    auto const algorithm = math::select_algorithm<Exec>(g, Pass{}).algorithm;
    for (Operation operation : operations) {
      auto const of = math::conv_tasks<float>(g, operation, algorithm, 16, 16);
      BOOST_TEST(of.speedup() >= (operation == Operation::weight_gradient ? 4 : 8),
                 layer << ", " << name_of(operation) << ": " << of.tasks << " tasks for " << of.workers << " workers");
    }
  });
}

BOOST_AUTO_TEST_CASE(little_work_has_few_workers) {
  BOOST_TEST(workers_for(64, 0) == 1u);
  BOOST_TEST(workers_for(64, multiply_adds_per_worker - 1) == 1u);
  BOOST_TEST(workers_for(64, multiply_adds_per_worker) == 2u);
  BOOST_TEST(workers_for(64, 1000 * multiply_adds_per_worker) == 64u);
  BOOST_TEST(workers_for(1, 1000 * multiply_adds_per_worker) == 1u);
}

BOOST_AUTO_TEST_CASE(normalisation_keeps_64_threads_busy, *boost::unit_test::precondition(ign_test::runs_host_kernels)) {
  visit_nets([&](std::string const& net_name, auto const& net, Shape input, std::size_t batch) {
    auto const all = shapes(net, input);
    for_each_layer(net, [&](std::size_t i, auto const& layer) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(layer)>, BatchNorm>) {
        auto const partition = detail::norm_partition(2, all[i], static_cast<int>(batch));
        std::size_t const tasks = detail::norm_task_count(partition), elements = batch * all[i].size();
        BOOST_TEST_MESSAGE(net_name << ", layer " << i << ", normalisation: " << elements << " elements, " << tasks << " tasks");
        // 8192 elements are the largest task.
        BOOST_TEST(tasks >= std::min<std::size_t>(64, elements / 8192), net_name << ", layer " << i);
      }
    });
  });
}

// With tasks of another size, or more workers than tasks. Odd batches: ranges end within samples.
BOOST_AUTO_TEST_CASE(bitwise_identical_with_1_3_16_and_64_threads, *boost::unit_test::precondition(ign_test::runs_on_host_threads)) {
  std::set<std::size_t> seen;  // decoders have the layers of the encoders
  visit_convolutions([&](std::string const& layer, math::ConvGeometry const& g, std::size_t) {
    if (!seen.insert(1000 * g.weight_size() + g.fine_size()).second) return;
    std::size_t const products = g.weight_size() * g.coarse_pixels();
    std::size_t const batch = std::clamp<std::size_t>((std::size_t{1} << 24) / products, 3, 37);
    Operands const operands{g, batch};
    Results const one = results_of(operands, ign_test::one_thread());
    for (int threads : {3, 16, 64}) {
      Exec const exec = ign_test::with_threads(threads);
      BOOST_TEST_REQUIRE(ign_test::has_threads(exec, threads));
      Results const found = results_of(operands, exec);
      BOOST_TEST(identical(found.coarse, one.coarse), layer << ", forward, " << threads << " threads, batch " << batch);
      BOOST_TEST(identical(found.fine, one.fine), layer << ", input gradient, " << threads << " threads, batch " << batch);
      BOOST_TEST(identical(found.gradient, one.gradient), layer << ", weight gradient, " << threads << " threads, batch " << batch);
    }
  });
}

BOOST_AUTO_TEST_SUITE_END()
