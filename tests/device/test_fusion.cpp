// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Fusion of layers does not depend on includes: units that include few headers do what those do that include all.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign_test/contract.hpp>
#include <ign_test/fusion.hpp>

namespace ign_test {

FusedRun run_with_few_headers();                   // test_fusion_few_headers.cpp
std::map<std::string, Contracts> all_contracts();  // made by CMake: of each header in ign/layers alone

}  // namespace ign_test

BOOST_AUTO_TEST_SUITE(fusion)

BOOST_AUTO_TEST_CASE(a_unit_with_few_headers_launches_and_computes_the_same) {
  auto const few = ign_test::run_with_few_headers(), all = ign_test::run_in_unit<2>();
  BOOST_TEST((few.kernels == all.kernels));
  for (auto const& [label, count] : few.kernels) BOOST_TEST_MESSAGE("few headers: " << count << " × " << label);
  for (auto const& [label, count] : all.kernels) BOOST_TEST_MESSAGE("ign.hpp:     " << count << " × " << label);
  BOOST_TEST(all.kernels.count("ign::batch_norm moments") == 0);  // so the three layers were fused
  BOOST_TEST((few.y == all.y));
  BOOST_TEST((few.dx == all.dx));
  BOOST_TEST((few.gradients == all.gradients));
}

// The header that completes a layer's type says all that the layer can do, alone and with any others.
BOOST_AUTO_TEST_CASE(every_layer_keeps_its_contract_with_its_own_header_alone) {
  auto const expected = ign_test::contracts_here();
  BOOST_TEST(expected.size() == +ign_test::contract::Layers::size);
  ign_test::Contracts seen;
  for (auto const& [header, contracts] : ign_test::all_contracts())
    for (auto const& [place, contract] : contracts) {
      BOOST_TEST_CONTEXT(header << ", layer " << place) BOOST_TEST(contract == expected.at(place));
      seen[place] = contract;
    }
  BOOST_TEST(seen.size() == expected.size());
}

BOOST_AUTO_TEST_SUITE_END()
