// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Values from NumPy (make_dft.py): spectra of real images, and the images from them.

#include <boost/test/unit_test.hpp>

#include <ign/io/safetensors.hpp>
#include <ign/math/dft.hpp>
#include <ign_test/golden.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(numpy)

BOOST_AUTO_TEST_CASE(spectra_of_images) {
  Exec const exec;
  auto const file = io::read_safetensors(ign_test::golden_dir() / "dft.safetensors");
  for (std::string name : {"even", "odd", "tall", "flat"}) {
    auto const& extents = file.at(name + ".x").shape;
    Shape const shape = {static_cast<int>(extents[1]), static_cast<int>(extents[2]), static_cast<int>(extents[3])};
    int const batch = static_cast<int>(extents[0]);
    math::Dft<double, Exec> const plan(exec, shape);
    std::vector<double> x(static_cast<std::size_t>(batch) * shape.size()), expected(static_cast<std::size_t>(batch) * plan.spectrum_size());
    file.copy<double>(name + ".x", x);
    file.copy<double>(name + ".spectrum", expected);
    std::vector<double> spectra(expected.size(), 7), scratch(expected.size(), 7), back(x.size(), 7);
    using Flat = VectorRef<double, Exec>;
    auto const tensor = [&](std::vector<double>& v) {
      return TensorRef<double, Exec>(v.data(), extents[0], extents[1], extents[2], extents[3]);
    };
    math::dft(exec, plan, tensor(x), Flat(spectra.data(), spectra.size()), Flat(scratch.data(), scratch.size()));
    exec.fence();
    for (std::size_t i = 0; i < spectra.size(); ++i) BOOST_TEST(std::abs(spectra[i] - expected[i]) <= 1e-13, name << " number " << i);
    math::inverse_dft(exec, plan, Flat(expected.data(), expected.size()), tensor(back), Flat(scratch.data(), scratch.size()));
    exec.fence();
    for (std::size_t i = 0; i < x.size(); ++i) BOOST_TEST(std::abs(back[i] - x[i]) <= 1e-14, name << " pixel " << i);
  }
}

BOOST_AUTO_TEST_SUITE_END()
