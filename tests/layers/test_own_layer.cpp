// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A layer that lives in a namespace of its own and knows no file of ours but the contract passes the checks of ours.

#include <boost/test/unit_test.hpp>

#include <ign_test/layer_check.hpp>

namespace somebody {

/// y = x²; its backward reads x.
struct Square {};

inline ign::Shape output_shape(Square const&, ign::Shape in) { return in; }

template <class Real, class Exec>
void forward(Exec const& exec, Square const&, ign::Pass const&, ign::LayerMemory<Real, Exec> const&, ign::TensorRef<Real, Exec> const& x,
             ign::TensorRef<Real, Exec> const& y) {
  Kokkos::parallel_for(
      "somebody::square", Kokkos::RangePolicy<Exec>(exec, 0, x.size()), KOKKOS_LAMBDA(int i) { y.data()[i] = x.data()[i] * x.data()[i]; });
}

template <class Real, class Exec>
void backward(Exec const& exec, Square const&, ign::Pass const&, ign::LayerMemory<Real, Exec> const&, ign::TensorRef<Real, Exec> const& x,
              ign::TensorRef<Real, Exec> const&, ign::TensorRef<Real, Exec> const& dy, ign::TensorRef<Real, Exec> const& dx) {
  if (ign::absent(dx)) return;
  Kokkos::parallel_for(
      "somebody::square backward", Kokkos::RangePolicy<Exec>(exec, 0, x.size()),
      KOKKOS_LAMBDA(int i) { dx.data()[i] = 2 * x.data()[i] * dy.data()[i]; });
}

}  // namespace somebody

BOOST_AUTO_TEST_CASE(a_layer_of_ones_own) {
  static_assert(ign::Layer<somebody::Square, double, ign_test::Exec>);
  ign_test::check_gradients(somebody::Square{}, {3, 2, 2}, 2);
  ign_test::check_batch_independence<float>(somebody::Square{}, {3, 2, 2}, 3);
}
