// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Second of two units that include everything. It declares a function with the forward declarations alone, and defines it once it knows
// the types.

#include <ign/fwd.hpp>
#ifdef KOKKOS_VERSION
#error "ign/fwd.hpp has brought Kokkos along"
#endif

template <class Policy, class Optimizer, class Batches>
std::size_t steps_of(ign::Trainer<Policy, Optimizer, Batches> const& trainer);
template <class Net, ign::Scalar Real, class Exec>
std::size_t size_of(ign::Model<Net, Real, Exec> const& model, ign::Shape const& image, ign::io::SafeTensorsFile const* file);
std::size_t size_of_small_model();
int sum_below(int n);

#include "everything.hpp"

template <class Net, ign::Scalar Real, class Exec>
std::size_t size_of(ign::Model<Net, Real, Exec> const& model, ign::Shape const& image, ign::io::SafeTensorsFile const* file) {
  return model.parameters().size() + image.size() + (file == nullptr ? 0 : 1);
}

std::size_t size_of_small_model() {
  ign::Shape const image{2, 2, 1};
  ign::Model const model(Kokkos::DefaultExecutionSpace{}, ign::mlp(image, std::array{3}), image, 1);
  return size_of(model, image, nullptr);
}

int sum_below(int n) {
  int sum = 0;
  Kokkos::parallel_reduce(
      "consumer::sum", n, KOKKOS_LAMBDA(int i, int& part) { part += i; }, sum);
  return sum;
}
