// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rest of what `make check-cuda` and `make check-hip` compile for a GPU: the metrics of generated samples, with Eigen, which asks nvcc
// for --expt-relaxed-constexpr.

#include <Kokkos_Core.hpp>
#include <ign/ign.hpp>
#include <ign/metrics/classes.hpp>
#include <ign/metrics/drift.hpp>
#include <ign/metrics/frechet.hpp>
#include <ign/metrics/image_quality.hpp>
#include <ign/metrics/kernel_distance.hpp>
#include <ign/metrics/memorisation.hpp>
#include <ign/metrics/modes.hpp>
#include <ign/metrics/precision_recall.hpp>
#include <ign/metrics/sliced_wasserstein.hpp>

namespace check_device {

using Exec = Kokkos::DefaultExecutionSpace;
static_assert(!ign::runs_on_host_v<Exec> && !ign::uses_host_kernels_v<Exec>,
              "the headers in front of Kokkos' have not switched the GPU on");

double measure(Exec const& exec, ign::TensorRef<float, Exec> const& a, ign::TensorRef<float, Exec> const& b,
               ign::VectorRef<float, Exec> const& out) {
  namespace metrics = ign::metrics;
  auto const x = metrics::as_features<float, Exec>(a);
  auto const y = metrics::as_features<float, Exec>(b);
  Kokkos::View<int*, Exec::memory_space> const labels("ign::check_device", x.extent(0));
  metrics::predict_classes(exec, x, labels);
  metrics::psnr(exec, a, b, 2, out);
  metrics::ssim(exec, a, b, 2, out);
  ign::Idempotent policy(exec, ign::dcgan64_net(3), ign::Shape{64, 64, 3});
  int const applications[] = {1, 5};
  return metrics::frechet_distance(exec, x, y) + metrics::kernel_distance(exec, x, y, metrics::SubsetOptions{}).mean +
         metrics::precision_recall(exec, x, y).density + metrics::memorisation(exec, x, y, y).mean_ratio() +
         metrics::mode_coverage(exec, x, metrics::ring_modes()).high_quality_share +
         metrics::mean_absolute_drift(exec, policy, ign::Role::source, a, applications).front() +
         metrics::sliced_wasserstein(exec, a, b).mean + metrics::rarest_class(metrics::class_histogram(exec, labels, 10)).share;
}

}  // namespace check_device
