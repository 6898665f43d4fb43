// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The code of docs/ranks.md: ranks of a simulation, each with fields of its own.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign_test/exec.hpp>

#include "../../examples/support/states.hpp"
#include "world.hpp"

BOOST_AUTO_TEST_SUITE(mpi_in_situ)

namespace {

using Exec = ign_test::Exec;
using examples::States;

}  // namespace

BOOST_AUTO_TEST_CASE(ranks_train_one_net_on_fields_of_their_own) {
  ign_test::world();
  Exec const exec;
  Kokkos::View<float***, Kokkos::LayoutRight, Exec> const memory("fields", 6, 8, 8);
  for (std::size_t i = 0; i < memory.size(); ++i)
    memory.data()[i] = static_cast<float>((i + static_cast<std::size_t>(ign_test::world().rank())) % 5) / 2.5f - 1;
  auto net = ign::dcgan(ign::DcganOptions<1>{.image_channels = 1, .stages = {{{4}}}, .latent = {8, 4, 1, 0}});
  // [train]
  ign::mpi::Communicator const world(MPI_COMM_WORLD);  // duplicates it: our messages do not meet yours
  ign::Ranks const ranks(world, ign::BatchNormStatistics::over_ranks);

  States<Exec> const states{memory};
  ign::Idempotent policy(exec, net, states.shape());  // the same seed on all ranks
  policy.set_ranks(ranks);                            // before the trainer is constructed
  ign::Trainer trainer(exec, policy, ign::Adam{}, states, {.steps = 20, .report_every = 10});
  ign::mpi::require_agreement(world, trainer);
  trainer.train();  // all ranks now have the same network; rank 0 may write it
  // [/train]
  ign::mpi::require_agreement(world, ign::run_properties_of(trainer));
  BOOST_TEST(trainer.steps_done() == 20u);
}

BOOST_AUTO_TEST_SUITE_END()
