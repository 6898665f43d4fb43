// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Sums over ranks, and the check that all ranks run the same.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/train/run_properties.hpp>
#include <ign_test/layer_check.hpp>

#include <sstream>

#include "world.hpp"

using namespace ign;
using ign_test::Exec;
using ign_test::world;

BOOST_AUTO_TEST_SUITE(mpi_agreement)

namespace {

std::string message_of(RunProperties const& properties) {
  try {
    mpi::require_agreement(world(), properties);
  } catch (mpi::CommonError const& error) {
    BOOST_TEST(error.id() == "ign.state.494");
    return error.what();
  }
  return {};
}

bool contains(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(sums_and_means_are_those_of_all_ranks, Real, decltype(std::tuple<float, double>())) {
  Exec const exec;
  Ranks const ranks(world());
  int const size = world().size();
  auto const numbers = make_vector<Real>(exec, "numbers", 5);
  for (std::size_t i = 0; i < 5; ++i) numbers(i) = static_cast<Real>(10 * i + static_cast<std::size_t>(world().rank()));
  ranks.sum(exec, VectorRef<Real, Exec>(numbers));
  exec.fence();
  Real const of_ranks = static_cast<Real>(size * (size - 1) / 2);
  for (std::size_t i = 0; i < 5; ++i) BOOST_TEST(numbers(i) == static_cast<Real>(10 * i) * static_cast<Real>(size) + of_ranks);
  ranks.average(exec, VectorRef<Real, Exec>(numbers));
  exec.fence();
  BOOST_TEST(numbers(1) == Real(10) * static_cast<Real>(size) + of_ranks, boost::test_tools::tolerance(Real(1e-6)));
  BOOST_TEST(ranks.any(world().rank() == size - 1));
  BOOST_TEST(!ranks.any(false));
  BOOST_TEST(ranks.is_root() == (world().rank() == 0));
}

BOOST_AUTO_TEST_CASE(texts_and_extremes_are_shared) {
  int const size = world().size(), rank = world().rank();
  BOOST_TEST(world().broadcast(std::string(static_cast<std::size_t>(rank + 3), 'a'), size - 1) ==
             std::string(static_cast<std::size_t>(size + 2), 'a'));
  BOOST_TEST(world().broadcast(rank == 0 ? std::string() : "text").empty());
  BOOST_TEST(world().smallest(rank - 5) == -5);
  BOOST_TEST(world().largest(rank - 5) == size - 6);
}

BOOST_AUTO_TEST_CASE(a_difference_is_named_on_all_ranks) {
  int const size = world().size(), rank = world().rank();
  BOOST_TEST(message_of({{"seed", "1"}, {"data", "x"}}).empty());
  if (size == 1) return;
  std::string const last = std::to_string(size - 1);
  bool const odd = rank == size - 1;
  auto versions = version_properties();
  BOOST_TEST(versions.front().second == version_string);
  if (odd) versions.front().second = "0.0.9";
  versions.emplace_back("seed", odd ? "2" : "1");
  auto const version = message_of(versions);
  BOOST_TEST(contains(version, "rank " + last + " has version of the library 0.0.9, rank 0 has version of the library " + version_string),
             version);
  auto const seed = message_of({{"version", "0.1.0"}, {"seed", odd ? "2" : "1"}, {"data", "x"}});
  BOOST_TEST(contains(seed, "rank " + last + " has seed 2, rank 0 has seed 1"), seed);
  auto const missing = odd ? message_of({{"seed", "1"}}) : message_of({{"seed", "1"}, {"data", "x:y"}});
  BOOST_TEST(contains(missing, "rank " + last + " has data none, rank 0 has data x:y"), missing);
  auto const more = odd ? message_of({{"seed", "1"}, {"data", ""}}) : message_of({{"seed", "1"}});
  BOOST_TEST(contains(more, "rank " + last + " has data , rank 0 has data none"), more);
}

BOOST_AUTO_TEST_CASE(trainers_are_compared_down_to_their_weights) {
  Exec const exec;
  Ranks const ranks(world());
  auto net = dcgan(DcganOptions<1, BatchNorm>{.image_channels = 1, .stages = {{{2, 2, 2, 0}}}, .latent = {2, 2, 1, 0}});
  std::vector<std::uint8_t> const bytes(40 * 16, 7);
  auto const message = [&](int batch, std::uint64_t steps, std::uint64_t seed, double beta1 = 0.9) {
    Batches<Exec> const batches(exec, bytes, 40, {4, 4, 1}, {.batch = batch});
    Idempotent<decltype(net), float, Exec> policy(exec, net, {4, 4, 1}, {}, seed);
    policy.set_ranks(ranks);
    Trainer const trainer(exec, policy, Adam{.beta1 = beta1}, batches, {.steps = steps});
    return message_of(run_properties_of(trainer));
  };
  bool const odd = world().rank() == 1;
  BOOST_TEST(message(4, 10, 1).empty());
  if (world().size() == 1) return;
  BOOST_TEST(contains(message(odd ? 5 : 4, 10, 1), "rank 1 has batch per rank 5, rank 0 has batch per rank 4"));
  BOOST_TEST(contains(message(4, odd ? 11 : 10, 1), "rank 1 has steps 11"));
  BOOST_TEST(contains(message(4, 10, odd ? 2 : 1), "rank 1 has weights (hash)"));
  BOOST_TEST(contains(message(4, 10, 1, odd ? 0.5 : 0.9), "rank 1 has optimizer adam beta1 0.5"));
  Batches<Exec> const batches(exec, bytes, 40, {4, 4, 1}, {.batch = 4});
  Idempotent<decltype(net), float, Exec> alone(exec, net, {4, 4, 1});  // without ranks: each would train its own net
  Trainer const trainer(exec, alone, Adam{}, batches, {});
  BOOST_CHECK_EXCEPTION(mpi::require_agreement(world(), trainer), Error, [](Error const& e) { return e.id() == "ign.state.498"; });
}

BOOST_AUTO_TEST_CASE(an_error_of_all_ranks_is_written_once) {
  std::ostringstream err;
  int const code = mpi::run_together(
      world(), []() -> int { throw mpi::CommonError(Fault::state, 494, "all of us"); }, err);
  BOOST_TEST(code == 1);
  BOOST_TEST(err.str() == (world().rank() == 0 ? "[ign.state.494] all of us\n" : ""));
  BOOST_TEST(mpi::run_together(
                 world(), [] { return 3; }, err) == 3);
}

BOOST_AUTO_TEST_CASE(mpi_must_allow_the_threads_of_kernels) {
  BOOST_CHECK_EXCEPTION(mpi::detail::require_thread_level(MPI_THREAD_SINGLE, false), Error,
                        [](Error const& e) { return e.id() == "ign.state.499"; });
  mpi::detail::require_thread_level(MPI_THREAD_SINGLE, true);  // Serial: there is one thread
  for (int const level : {MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED, MPI_THREAD_MULTIPLE})
    for (bool const serial : {false, true}) mpi::detail::require_thread_level(level, serial);
}

BOOST_AUTO_TEST_SUITE_END()
