// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program of somebody else that starts and ends Kokkos itself and has Views, kernels and a layout of its own: noise of ours goes onto
// its field.

#include <Kokkos_Core.hpp>
#include <ign/corruptions/noise.hpp>

#include <cstdio>

namespace {

using Exec = Kokkos::DefaultExecutionSpace;
using Field = Kokkos::View<float****, Kokkos::LayoutRight, Exec>;

double mean_square(Exec const& exec, Field const& field) {
  double sum = 0;
  Kokkos::parallel_reduce(
      "consumer::mean_square", Kokkos::RangePolicy<Exec>(exec, 0, static_cast<long>(field.size())),
      KOKKOS_LAMBDA(long i, double& part) { part += static_cast<double>(field.data()[i]) * static_cast<double>(field.data()[i]); }, sum);
  return sum / static_cast<double>(field.size());
}

bool noise_is_on_our_field() {
  Exec const exec;
  Field const clean("consumer::clean", 4, 32, 32, 1), noisy("consumer::noisy", 4, 32, 32, 1);
  using Ref = ign::TensorRef<float, Exec>;
  ign::add_noise(exec, ign::Key{.seed = 7}, 0.5, Ref(clean), Ref(noisy));
  double const found = mean_square(exec, noisy);
  std::printf("mean square of noise with standard deviation 0.5: %.4f\n", found);
  return found > 0.23 && found < 0.27 && mean_square(exec, clean) == 0.0;
}

}  // namespace

int main(int argc, char* argv[]) {
  Kokkos::initialize(argc, argv);
  bool const good = noise_is_on_our_field();
  bool const still_ours = Kokkos::is_initialized() && !Kokkos::is_finalized();
  Kokkos::finalize();
  return good && still_ours ? 0 : 1;
}
