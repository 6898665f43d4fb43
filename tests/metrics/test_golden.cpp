// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Values from NumPy and PyTorch (tests/golden/make_metrics.py), of features in float and in double.

#include <ign/io/safetensors.hpp>
#include <ign/metrics/drift.hpp>
#include <ign/metrics/frechet.hpp>
#include <ign/metrics/histogram.hpp>
#include <ign/metrics/image_quality.hpp>
#include <ign/metrics/kernel_distance.hpp>
#include <ign/metrics/memorisation.hpp>
#include <ign/metrics/precision_recall.hpp>
#include <ign_test/features.hpp>
#include <ign_test/golden.hpp>

using namespace ign;
using ign_test::Exec;
using ign_test::FeatureSet;

BOOST_AUTO_TEST_SUITE(golden_metrics)

namespace {

template <class Real>
struct Golden {
  io::SafeTensorsFile file = io::read_safetensors(ign_test::golden_dir() / "metrics.safetensors");

  FeatureSet<Real> features(char const* name) const {
    auto const numbers = file.values<double>(name);
    auto const& shape = file.at(name).shape;
    FeatureSet<Real> const set("ign::test", shape[0], shape[1]);
    for (std::size_t i = 0; i < numbers.size(); ++i) set.data()[i] = static_cast<Real>(numbers[i]);
    return set;
  }
  double value(char const* name, std::size_t i = 0) const { return file.values<double>(name)[i]; }
};

template <class Real>
void check_features() {
  Exec const exec;
  Golden<Real> const golden;
  auto const real = golden.features("real"), fake = golden.features("fake"), few = golden.features("few");
  auto const close = boost::test_tools::tolerance(1e-11);
  BOOST_TEST(metrics::frechet_distance(exec, real, fake) == golden.value("frechet"), close);
  BOOST_TEST(metrics::frechet_distance(exec, real, few) == golden.value("frechet_singular"), boost::test_tools::tolerance(1e-7));
  BOOST_TEST(metrics::kernel_distance(exec, real, fake) == golden.value("kernel_distance"), boost::test_tools::tolerance(1e-10));
  auto const found = metrics::precision_recall(exec, real, fake);
  BOOST_TEST(found.precision == golden.value("precision"), close);
  BOOST_TEST(found.recall == golden.value("recall"), close);
  BOOST_TEST(found.density == golden.value("density"), close);
  BOOST_TEST(found.coverage == golden.value("coverage"), close);
  auto const memorisation = metrics::memorisation(exec, fake, few, real);
  BOOST_TEST(memorisation.generated_mean == golden.value("memorisation", 0), close);
  BOOST_TEST(memorisation.generated_median == golden.value("memorisation", 1), close);
  BOOST_TEST(memorisation.held_out_mean == golden.value("memorisation", 2), close);
  BOOST_TEST(memorisation.held_out_median == golden.value("memorisation", 3), close);
}

template <class Real>
void check_images(double tolerance) {
  Exec const exec;
  Golden<Real> const golden;
  auto const tensor = [&](char const* name, Vector<Real, Exec> const& memory) {
    auto const numbers = golden.file.template values<double>(name);
    for (std::size_t i = 0; i < numbers.size(); ++i) memory(i) = static_cast<Real>(numbers[i]);
    return ign_test::as_tensor<Real>(memory, 3, {14, 17, 2});
  };
  auto const memory_a = make_vector<Real>(exec, "ign::test", 3 * 14 * 17 * 2),
             memory_b = make_vector<Real>(exec, "ign::test", 3 * 14 * 17 * 2);
  auto const a = tensor("image_a", memory_a), b = tensor("image_b", memory_b);
  auto const found = make_vector<Real>(exec, "ign::test", 3);
  VectorRef<Real, Exec> const out(found);
  auto const compare = [&](char const* name) {
    exec.fence();
    for (std::size_t n = 0; n < 3; ++n)
      BOOST_TEST(static_cast<double>(found(n)) == golden.value(name, n), boost::test_tools::tolerance(tolerance));
  };
  metrics::mean_l1(exec, a, b, out);
  compare("l1");
  metrics::psnr(exec, a, b, 2, out);
  compare("psnr");
  metrics::ssim(exec, a, b, 2, out);
  compare("ssim");
}

}  // namespace

BOOST_AUTO_TEST_CASE(features) {
  check_features<double>();
  check_features<float>();
}

BOOST_AUTO_TEST_CASE(images) {
  check_images<double>(1e-12);
  check_images<float>(1e-5);
}

BOOST_AUTO_TEST_CASE(numbers) {
  Golden<double> const golden;
  auto const u = golden.file.values<double>("u"), v = golden.file.values<double>("v");
  BOOST_TEST(metrics::wasserstein1(u, v) == golden.value("wasserstein1"), boost::test_tools::tolerance(1e-13));
  BOOST_TEST(metrics::auroc(u, v) == golden.value("auroc"), boost::test_tools::tolerance(1e-13));
}

BOOST_AUTO_TEST_SUITE_END()
