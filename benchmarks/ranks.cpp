// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Time of a training step on the ranks of MPI, of its reductions alone, and their sizes: one line of JSON per case, which ranks.py reads.
//   mpirun -n 2 ranks [S L]

#include <ign/mpi/run.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "cases.hpp"

namespace {

using Exec = Kokkos::DefaultExecutionSpace;

template <class Body>
double median_ms(Exec const& exec, int rounds, Body const& body) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    Kokkos::Timer const timer;
    body();
    exec.fence("ranks: one round");
    times.push_back(1e3 * timer.seconds());
  }
  std::nth_element(times.begin(), times.begin() + rounds / 2, times.end());
  return times[static_cast<std::size_t>(rounds / 2)];
}

void measure(ign::mpi::Communicator const& world, std::string const& name, ign::BatchNormStatistics moments) {
  Exec const exec;
  ign::Ranks const ranks(world, moments);
  benchmarks::with_trainer(
      exec, name, ign::Precision::full, {},
      [&](auto& trainer, auto const&, int batch) {
        for (int i = 0; i < 3; ++i) trainer.step();
        exec.fence("ranks: warm-up");
        int const rounds = name == "L" ? 9 : 41;
        double const step = median_ms(exec, rounds, [&] { trainer.step(); });
        ign::VectorRef<float, Exec> const gradients(trainer.policy().model().gradients());
        double const reduction = median_ms(exec, 21, [&] { ranks.average(exec, gradients); });
        if (!ranks.is_root()) return;
        std::size_t norms = 0, channels = 0;
        for (auto const& array : trainer.policy().model().statistic_arrays())
          if (array.info.name.ends_with("data.running_mean")) ++norms, channels += array.info.size();
        std::cout << R"({"case": ")" << name << R"(", "ranks": )" << ranks.size() << R"(, "over_ranks": )"
                  << (moments == ign::BatchNormStatistics::over_ranks ? "true" : "false") << R"(, "batch": )" << batch << R"(, "step_ms": )"
                  << step << R"(, "gradients_ms": )" << reduction << R"(, "gradient_bytes": )" << gradients.size() * sizeof(float)
                  << R"(, "statistic_bytes": )" << trainer.policy().model().statistics().size() * sizeof(float) << R"(, "norms": )" << norms
                  << R"(, "channels": )" << channels << "}" << std::endl;
      },
      ranks);
}

}  // namespace

int main(int argc, char* argv[]) {
  ign::mpi::Environment const mpi(argc, argv);
  Kokkos::ScopeGuard const kokkos(argc, argv);
  std::vector<std::string> cases(argv + std::min(argc, 1), argv + argc);
  if (cases.empty()) cases = {"S", "L"};
  ign::mpi::Communicator const world(MPI_COMM_WORLD);
  return ign::mpi::run_together(
      world,
      [&] {
        for (auto const& name : cases)
          for (auto const moments : {ign::BatchNormStatistics::per_rank, ign::BatchNormStatistics::over_ranks})
            measure(world, name, moments);
        return 0;
      },
      std::cerr);
}
