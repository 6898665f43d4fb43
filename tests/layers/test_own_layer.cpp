// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A layer or activation that lives in a namespace of its own and knows no file of ours but the contract passes the checks of ours.

#include <boost/test/unit_test.hpp>

#include <ign/layers/activations.hpp>
#include <ign/layers/conv2d.hpp>
#include <ign/layers/residual.hpp>
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

/// y = x / (1 + |x|), with the two functions of an activation and none of the contract.
struct Softsign {
  template <class Real>
  KOKKOS_FUNCTION Real value(Real x) const {
    return x / (1 + Kokkos::abs(x));
  }
  template <class Real>
  KOKKOS_FUNCTION Real gradient(Real y, Real dy) const {
    Real const root = 1 - Kokkos::abs(y);
    return dy * root * root;
  }
};

}  // namespace somebody

template <>
inline constexpr bool ign::is_activation_v<somebody::Softsign> = true;

BOOST_AUTO_TEST_CASE(a_layer_of_ones_own) {
  static_assert(ign::Layer<somebody::Square, double, ign_test::Exec>);
  ign_test::check_gradients(somebody::Square{}, {3, 2, 2}, 2);
  ign_test::check_batch_independence<float>(somebody::Square{}, {3, 2, 2}, 3);
}

BOOST_AUTO_TEST_CASE(an_activation_of_ones_own) {
  using somebody::Softsign;
  static_assert(ign::Layer<Softsign, double, ign_test::Exec>);
  BOOST_TEST(ign::layer::in_place_of(Softsign{}));
  BOOST_TEST((ign::layer::receptive_field_of(Softsign{}) == ign::ReceptiveField{}));
  ign_test::check_gradients(Softsign{}, {3, 2, 2}, 2);
  ign_test::check_batch_independence<float>(Softsign{}, {3, 2, 2}, 3);
  // Behind a convolution it works in place, or is fused with it on a device.
  ign::Conv2d const conv = {.channels = 2, .padding = 1, .init_std = 0.3};
  ign_test::check_gradients(ign::residual(conv, Softsign{}, conv, Softsign{}), {3, 2, 2}, 2);
}
