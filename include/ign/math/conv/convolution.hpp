// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward, input gradient and weight gradient of a convolution on any execution space: the operations of all convolution layers and of
/// Linear.
///
/// This file selects the algorithm, sizes the scratch memory, packs weights and dispatches to the kernels:
///  - host, direct: math/conv/host/direct.hpp, and math/conv/host/few_channels.hpp for few channels;
///  - host, Winograd (kernel 4 or 3, stride 2, padding 1; kernel 3, stride 1): math/winograd/host.hpp and
///    math/winograd/host_weight_gradient.hpp;
///  - host, three dimensions: math/conv/host/direct.hpp, math/conv/host/few_channels_volume.hpp, math/winograd/volume.hpp and
///    math/winograd/volume_weight_gradient.hpp;
///  - device, both algorithms: math/conv/device/dispatch.hpp.
///
/// Forward maps the fine image to the coarse one, the input gradient is its adjoint (coarse to fine); a transposed convolution swaps the
/// two. Layout: images (n, y, x, channel), weights (k, k, F, C); in three dimensions (n, z, y, x, channel) and (k, k, k, F, C), with an
/// image of depth · height rows as its tensor. math/conv/reference.hpp defines the results.
#ifndef IGN_MATH_CONV_CONVOLUTION_HPP
#define IGN_MATH_CONV_CONVOLUTION_HPP

#include <algorithm>
#include <type_traits>

#include "ign/core/error.hpp"
#include "ign/core/pass.hpp"
#include "ign/math/column_sums.hpp"
#include "ign/math/conv/device/dispatch.hpp"
#include "ign/math/conv/host/direct.hpp"
#include "ign/math/conv/host/few_channels.hpp"
#include "ign/math/conv/host/few_channels_volume.hpp"
#include "ign/math/winograd/host.hpp"
#include "ign/math/winograd/host_weight_gradient.hpp"
#include "ign/math/winograd/volume.hpp"
#include "ign/math/winograd/volume_weight_gradient.hpp"

namespace ign::math {

/// Algorithm of a convolution.
enum class Algorithm {
  direct,         ///< sums of products as in the definition
  winograd,       ///< tiles of 2 × 2 coarse pixels
  winograd_bf16,  ///< tiles of 2 × 2; the factors are rounded to bfloat16, except in the weight gradient
  winograd_large  ///< tiles of 4 × 4
};

/// An algorithm, and the mode and precision of the pass. Host kernels read the algorithm only.
struct ConvPlan {
  Algorithm algorithm = Algorithm::direct;  ///< of hosts and devices
  Mode mode = Mode::train;                  ///< of the pass
  Precision precision = Precision::full;    ///< of the factors of products on devices

  /// A plan for training. Precision::bf16 for `winograd_bf16`, otherwise full.
  ConvPlan(Algorithm a) : algorithm(a), precision(a == Algorithm::winograd_bf16 ? Precision::bf16 : Precision::full) {}
  /// A plan with the mode and precision of a pass.
  ConvPlan(Algorithm a, Pass const& pass) : algorithm(a), mode(pass.mode), precision(pass.precision) {}
};

/// True if Precision::bf16 rounds the factors of products on Exec. Hosts without a fast instruction for pairs of bfloat16 ignore it:
/// rounded factors would only be slower there.
template <class Exec>
inline constexpr bool uses_bf16_v = !uses_host_kernels_v<Exec> || simd::bf16_products_pay;

/// True if Exec has Winograd's algorithm for a geometry.
template <class Exec>
bool has_winograd(ConvGeometry const& g) {
  if constexpr (uses_host_kernels_v<Exec>) return winograd::fits(g) || winograd::fits_volume(g);
  return winograd::fits_device(g);
}

/// Selects the faster algorithm for a geometry and a pass. The choice does not depend on the batch size. In evaluation Winograd is selected
/// only where it is faster for a single sample in spite of the transformation of the weights. In three dimensions hosts have Winograd in
/// full precision only, and devices have the direct algorithm. Large tiles are for training on hosts, in full precision: where they pay
/// they are faster than products of bfloat16 in small ones. docs/decisions.md, "Selection of the convolution algorithm", has the
/// thresholds.
template <class Exec>
ConvPlan select_algorithm(ConvGeometry const& g, Pass const& pass) {
  constexpr std::size_t least_tiles = 64;
  // Channels beyond the last whole pack are transformed one by one: fewer channels than a pack has lanes never pay.
  int const least_channels = winograd::lacks_last_tap(g) ? 16 : std::max(8, static_cast<int>(simd::lanes_v<float>));
  bool const train = pass.mode == Mode::train;
  bool const wide =
      uses_host_kernels_v<Exec> ? g.fine.channels >= least_channels && g.coarse.channels >= least_channels : device::winograd_pays(g);
  bool const volume = uses_host_kernels_v<Exec> && winograd::fits_volume(g);
  std::size_t const tiles = winograd::coarse_tiles(g).per_sample() * (volume ? winograd::coarse_depth_tiles(g) : 1);
  bool const saves = volume || !uses_host_kernels_v<Exec> || winograd::tiles_save_products(g);
  bool const pays = saves && (train || (tiles >= least_tiles && !winograd::lacks_last_tap(g)));
  if (!has_winograd<Exec>(g) || !wide || !pays) return {Algorithm::direct, pass};
  if (volume) return {Algorithm::winograd, pass};
  if (uses_host_kernels_v<Exec> && train && winograd::large_tiles_pay(g)) return {Algorithm::winograd_large, pass};
  bool const even = g.fine.channels % 2 == 0 && g.coarse.channels % 2 == 0;
  bool const bf16 = train && uses_bf16_v<Exec> && pass.precision == Precision::bf16 && even;
  return {bf16 ? Algorithm::winograd_bf16 : Algorithm::winograd, pass};
}

namespace detail {

/// Calls visitor.template operator()<Scheme, Factor>() with the transforms and the type of the factors of a Winograd algorithm.
template <class Real, class Visitor>
void visit_winograd_variant(ConvGeometry const& g, Algorithm algorithm, Visitor const& visitor) {
  auto const of_schemes = [&]<class Small, class Large>(std::type_identity<Small>, std::type_identity<Large>) {
    if constexpr (std::is_same_v<Real, float>)
      if (algorithm == Algorithm::winograd_bf16) return visitor.template operator()<Small, simd::Bf16>();
    if (algorithm == Algorithm::winograd_large)
      visitor.template operator()<Large, Real>();
    else
      visitor.template operator()<Small, Real>();
  };
  using winograd::StrideOne, winograd::StrideTwo;
  if (winograd::fits_stride_one(g))
    of_schemes(std::type_identity<StrideOne<2>>{}, std::type_identity<StrideOne<4>>{});
  else
    of_schemes(std::type_identity<StrideTwo<2>>{}, std::type_identity<StrideTwo<4>>{});
}

/// Right factors of the products: the packed weights, or those that PackWeights computes in `memory`.
template <class PackWeights, class Factor, class Real, class Exec>
Factor const* right_factors(char const* label, Exec const& exec, ConvGeometry const& g, Weights<Real> const& weights, Real* memory) {
  if (weights.packed) return reinterpret_cast<Factor const*>(weights.data);
  auto* const packed = reinterpret_cast<Factor*>(memory);
  Kokkos::parallel_for(label, range_policy(exec, PackWeights::indices(g)), PackWeights{g, weights.data, packed});
  return packed;
}

/// out = epilogue(`Kernel` applied to in): an operation by Winograd's algorithm. The scratch memory `memory` begins with the right factors,
/// which PackWeights computes unless the weights are packed.
template <class PackWeights, class Kernel, class Factor, class Real, class Exec>
void run_winograd(char const* pack_label, char const* label, Exec const& exec, ConvGeometry const& g, TensorRef<Real, Exec> const& in,
                  Weights<Real> const& weights, Epilogue<Real> const& epilogue, TensorRef<Real, Exec> const& out, Real* memory,
                  std::size_t workers) {
  auto const* const u = right_factors<PackWeights, Factor>(pack_label, exec, g, weights, memory);
  Real* const own = memory + aligned_size<Real>(PackWeights::size(g));
  Kokkos::parallel_for(label, range_policy(exec, workers), Kernel{g, in.extent(0), in.data(), u, epilogue, out.data(), own, workers});
}

}  // namespace detail

/// The operations of a convolution. A layer applies one of the first two, which read its weights.
enum class Operation {
  forward,         ///< fine to coarse
  input_gradient,  ///< coarse to fine
  weight_gradient  ///< both to the gradient of the weights
};

namespace detail {

/// Kernels of hosts.
enum class HostKernel { direct, few_channels, few_channels_volume, winograd, winograd_volume };

/// Selects the kernel of an operation.
template <class Real>
HostKernel host_kernel(ConvGeometry const& g, Operation operation, Algorithm algorithm) {
  if (algorithm != Algorithm::direct) return g.is_volume() ? HostKernel::winograd_volume : HostKernel::winograd;
  bool const collects = operation == Operation::input_gradient;
  if (collects ? few_channels::ConvInputGradient<Real>::fits(g) : few_channels::fits(g)) return HostKernel::few_channels;
  if (collects ? few_channels::VolumeInputGradient<Real>::fits(g) : few_channels::fits_volume(g)) return HostKernel::few_channels_volume;
  return HostKernel::direct;
}

/// Calls visitor(packing) with the functor that packs the weights into `to`: a kernel with size(g), the elements it writes, and indices(g).
/// Where the operation reads the weights in their own layout, or none, the visitor is not called.
template <class Real, class Exec, class Visitor>
void visit_weight_packing(ConvGeometry const& g, Operation operation, Algorithm algorithm, Real const* weights, Real* to,
                          Visitor const& visitor) {
  if constexpr (uses_host_kernels_v<Exec>) {
    if (operation == Operation::weight_gradient) return;
    HostKernel const kernel = host_kernel<Real>(g, operation, algorithm);
    if (kernel == HostKernel::winograd_volume) {
      if (operation == Operation::forward)
        visitor(winograd::VolumeForwardWeights<Real>{g, weights, to});
      else
        visitor(winograd::VolumeInputGradientWeights<Real>{g, weights, to});
    } else if (kernel == HostKernel::winograd) {
      visit_winograd_variant<Real>(g, algorithm, [&]<class Scheme, class Factor>() {
        auto* const factors = reinterpret_cast<Factor*>(to);
        if (operation == Operation::forward)
          visitor(winograd::ForwardWeights<Scheme, Real, Factor>{g, weights, factors});
        else
          visitor(winograd::InputGradientWeights<Scheme, Real, Factor>{g, weights, factors});
      });
    } else if (kernel == HostKernel::direct) {
      if (operation == Operation::forward)
        visitor(host::ForwardPanels<Real>{g, weights, to});
      else
        visitor(host::InputGradientPanels<Real>{g, weights, to});
    }
  }
}

}  // namespace detail

/// Size of the weights packed for an operation, in elements. 0: the operation reads them in their own layout.
template <Scalar Real, class Exec>
std::size_t packed_size(ConvGeometry const& g, Operation operation, Algorithm algorithm) {
  std::size_t size = 0;
  detail::visit_weight_packing<Real, Exec>(g, operation, algorithm, nullptr, nullptr,
                                           [&]<class PackWeights>(PackWeights const&) { size = PackWeights::size(g); });
  return aligned_size<Real>(size);
}

/// Packs the weights for an operation into `to`, of packed_size elements, and returns them. Use it to run an operation repeatedly with the
/// same weights. With an empty `to` it returns the weights as they are.
template <Scalar Real, class Exec>
Weights<Real> pack_weights(Exec const& exec, ConvGeometry const& g, Operation operation, Algorithm algorithm, Real const* weights,
                           VectorRef<Real, Exec> const& to) {
  if (to.size() == 0) return {weights};
  detail::visit_weight_packing<Real, Exec>(g, operation, algorithm, weights, to.data(), [&]<class PackWeights>(PackWeights const& packing) {
    Kokkos::parallel_for(algorithm == Algorithm::direct ? "ign::pack_weights direct" : "ign::pack_weights winograd",
                         range_policy(exec, PackWeights::indices(g)), packing);
  });
  return {to.data(), true};
}

/// Scratch size that suffices for each of the operations, in elements. `workers`: threads of a host, or 0 for a device. `any_tiles`: true
/// if it must suffice for Algorithm::winograd_large also where select_algorithm does not select it.
template <Scalar Real>
std::size_t conv_scratch_size(ConvGeometry const& g, std::size_t batch, std::size_t workers, bool any_tiles = false) {
  if (workers == 0) return device::scratch_size<Real>(g, batch);
  // Scratch begins with memory shared by all workers, for transformed weights, products or sums of parts. Each worker's own memory follows.
  auto const needs = [&](std::size_t shared, std::size_t own) { return aligned_size<Real>(shared) + workers * worker_stride<Real>(own); };
  using Sums = host::ConvWeightGradient<Real>;
  bool const few = few_channels::fits(g);
  std::size_t direct =
      std::max({needs(0, host::ConvForward<Real>::worker_scratch_size(g)),
                needs(host::InputGradientProducts<Real>::shared_scratch_size(g), host::InputGradientProducts<Real>::worker_scratch_size(g)),
                needs(Sums::shared_scratch_size(g, batch),
                      std::max(Sums::worker_scratch_size(g), few ? few_channels::ConvWeightGradient<Real>::worker_scratch_size(g) : 0)),
                few ? needs(0, std::max(few_channels::ConvForward<Real>::worker_scratch_size(g),
                                        few_channels::ConvInputGradient<Real>::worker_scratch_size(g)))
                    : 0,
                column_sums_scratch_size(std::max(g.fine.channels, g.coarse.channels))});
  if (few_channels::fits_volume(g))
    direct = std::max(
        {direct, needs(0, few_channels::VolumeForward<Real>::worker_scratch_size(g)),
         few_channels::VolumeInputGradient<Real>::fits(g) ? needs(0, few_channels::VolumeInputGradient<Real>::worker_scratch_size(g)) : 0,
         needs(Sums::shared_scratch_size(g, batch), few_channels::VolumeWeightGradient<Real>::worker_scratch_size(g))});
  if (winograd::fits_volume(g)) {
    using Volume = winograd::VolumeWeightGradient<Real>;
    return std::max(
        {direct, needs(winograd::VolumeForwardWeights<Real>::size(g), winograd::VolumeForward<Real>::worker_scratch_size(g)),
         needs(winograd::VolumeInputGradientWeights<Real>::size(g), winograd::VolumeInputGradient<Real>::worker_scratch_size(g)),
         needs(Volume::shared_scratch_size(g, batch), Volume::worker_scratch_size(g, batch))});
  }
  if (!winograd::fits(g)) return direct;
  auto const of_algorithm = [&](Algorithm algorithm) {
    std::size_t size = 0;
    detail::visit_winograd_variant<Real>(g, algorithm, [&]<class Scheme, class Factor>() {
      using Products = winograd::ConvWeightGradient<Scheme, Real>;
      size = std::max(
          {needs(winograd::ForwardWeights<Scheme, Real>::size(g), winograd::ConvForward<Scheme, Real>::worker_scratch_size(g)),
           needs(winograd::InputGradientWeights<Scheme, Real>::size(g), winograd::ConvInputGradient<Scheme, Real>::worker_scratch_size(g)),
           needs(Products::shared_scratch_size(g, batch), Products::worker_scratch_size(g, batch))});
    });
    return size;
  };
  std::size_t const small = std::max(direct, of_algorithm(Algorithm::winograd));
  return any_tiles || winograd::large_tiles_pay(g) ? std::max(small, of_algorithm(Algorithm::winograd_large)) : small;
}

namespace detail {

/// Number of host workers. Checks that the scratch memory suffices for all threads. \throws Error [ign.shape.175] if it does not
template <class Real, class Exec>
std::size_t conv_workers(Exec const& exec, ConvGeometry const& g, ConvPlan const& plan, std::size_t batch,
                         VectorRef<Real, Exec> const& scratch) {
  auto const threads = static_cast<std::size_t>(exec.concurrency());
  std::size_t const least = conv_scratch_size<Real>(g, batch, threads, plan.algorithm == Algorithm::winograd_large);
  require(scratch.size() >= least, Fault::shape, 175, "convolution by ", threads, " threads with scratch of ", scratch.size(),
          " elements, expected ", least, " or more");
  return workers_for(threads, batch * g.weight_size() * g.coarse_pixels());
}

template <class Real, class Exec>
device::Context<Real, Exec> context(Exec const& exec, ConvGeometry const& g, ConvPlan const& plan, std::size_t batch,
                                    VectorRef<Real, Exec> const& scratch, ArrivalCounters<Exec> const& counters) {
  return {exec, g, batch, plan.algorithm != Algorithm::direct, plan.mode, plan.precision, scratch, counters};
}

}  // namespace detail

/// Forward: coarse = epilogue(windows of fine · weights). Devices use the arrival counters `counters`; without them no product is split,
/// which is slower.
/// \throws Error [ign.shape.175] on hosts if the scratch is smaller than conv_scratch_size for the concurrency of `exec`, on devices if the
///         products need more. conv_input_gradient and conv_weight_gradient throw it, too
template <Scalar Real, class Exec>
void conv_forward(Exec const& exec, ConvGeometry const& g, ConvPlan const& plan, TensorRef<Real, Exec> const& fine,
                  Weights<Real> const& weights, Epilogue<Real> const& epilogue, TensorRef<Real, Exec> const& coarse,
                  VectorRef<Real, Exec> const& scratch, [[maybe_unused]] ArrivalCounters<Exec> const& counters = {}) {
  if constexpr (uses_host_kernels_v<Exec>) {
    std::size_t const workers = detail::conv_workers<Real>(exec, g, plan, fine.extent(0), scratch);
    Real* const memory = scratch.data();
    auto const kernel = detail::host_kernel<Real>(g, Operation::forward, plan.algorithm);
    if (kernel == detail::HostKernel::winograd_volume) {
      detail::run_winograd<winograd::VolumeForwardWeights<Real>, winograd::VolumeForward<Real>, Real>(
          "ign::conv_forward winograd weights", "ign::conv_forward winograd volume", exec, g, fine, weights, epilogue, coarse, memory,
          workers);
    } else if (kernel == detail::HostKernel::winograd) {
      detail::visit_winograd_variant<Real>(g, plan.algorithm, [&]<class Scheme, class Factor>() {
        detail::run_winograd<winograd::ForwardWeights<Scheme, Real, Factor>, winograd::ConvForward<Scheme, Real, Factor>, Factor>(
            "ign::conv_forward winograd weights", "ign::conv_forward winograd", exec, g, fine, weights, epilogue, coarse, memory, workers);
      });
    } else if (kernel == detail::HostKernel::few_channels) {
      Kokkos::parallel_for(
          "ign::conv_forward few channels", range_policy(exec, workers),
          few_channels::ConvForward<Real>{g, fine.extent(0), fine.data(), weights.data, epilogue, coarse.data(), memory, workers});
    } else if (kernel == detail::HostKernel::few_channels_volume) {
      Kokkos::parallel_for(
          "ign::conv_forward few channels volume", range_policy(exec, workers),
          few_channels::VolumeForward<Real>{g, fine.extent(0), fine.data(), weights.data, epilogue, coarse.data(), memory, workers});
    } else {
      Kokkos::parallel_for("ign::conv_forward direct", range_policy(exec, workers),
                           host::ConvForward<Real>{g, fine.extent(0), fine.data(), weights, epilogue, coarse.data(), memory, workers});
    }
  } else {
    device::conv_forward(detail::context<Real>(exec, g, plan, fine.extent(0), scratch, counters), device::PlainLoader<Real>{fine.data()},
                         weights.data, DeviceEpilogue<Real>{epilogue}, coarse.data());
  }
}

/// Input gradient: fine = epilogue(adjoint of the forward operation, applied to coarse).
template <Scalar Real, class Exec>
void conv_input_gradient(Exec const& exec, ConvGeometry const& g, ConvPlan const& plan, TensorRef<Real, Exec> const& coarse,
                         Weights<Real> const& weights, Epilogue<Real> const& epilogue, TensorRef<Real, Exec> const& fine,
                         VectorRef<Real, Exec> const& scratch, [[maybe_unused]] ArrivalCounters<Exec> const& counters = {}) {
  if constexpr (uses_host_kernels_v<Exec>) {
    std::size_t const workers = detail::conv_workers<Real>(exec, g, plan, fine.extent(0), scratch);
    Real* const memory = scratch.data();
    auto const kernel = detail::host_kernel<Real>(g, Operation::input_gradient, plan.algorithm);
    if (kernel == detail::HostKernel::winograd_volume) {
      detail::run_winograd<winograd::VolumeInputGradientWeights<Real>, winograd::VolumeInputGradient<Real>, Real>(
          "ign::conv_input_gradient winograd weights", "ign::conv_input_gradient winograd volume", exec, g, coarse, weights, epilogue, fine,
          memory, workers);
    } else if (kernel == detail::HostKernel::winograd) {
      detail::visit_winograd_variant<Real>(g, plan.algorithm, [&]<class Scheme, class Factor>() {
        detail::run_winograd<winograd::InputGradientWeights<Scheme, Real, Factor>, winograd::ConvInputGradient<Scheme, Real, Factor>,
                             Factor>("ign::conv_input_gradient winograd weights", "ign::conv_input_gradient winograd", exec, g, coarse,
                                     weights, epilogue, fine, memory, workers);
      });
    } else if (kernel == detail::HostKernel::few_channels) {
      Kokkos::parallel_for(
          "ign::conv_input_gradient few channels", range_policy(exec, workers),
          few_channels::ConvInputGradient<Real>{g, fine.extent(0), coarse.data(), weights.data, epilogue, fine.data(), memory, workers});
    } else if (kernel == detail::HostKernel::few_channels_volume) {
      Kokkos::parallel_for(
          "ign::conv_input_gradient few channels volume", range_policy(exec, workers),
          few_channels::VolumeInputGradient<Real>{g, fine.extent(0), coarse.data(), weights.data, epilogue, fine.data(), memory, workers});
    } else {
      using Products = host::InputGradientProducts<Real>;
      Real* const own = memory + aligned_size<Real>(Products::shared_scratch_size(g));
      for (std::size_t first = 0; first < fine.extent(0); first += Products::samples(g)) {
        std::size_t const count = std::min(Products::samples(g), fine.extent(0) - first);
        Kokkos::parallel_for("ign::conv_input_gradient direct", range_policy(exec, workers),
                             Products{g, count, coarse.data() + first * g.coarse_size(), weights, memory, own, workers});
        Kokkos::parallel_for("ign::conv_input_gradient direct collect", range_policy(exec, count * g.depth.fine * g.fine.height),
                             host::InputGradientCollect<Real>{g, memory, epilogue, fine.data() + first * g.fine_size()});
      }
    }
  } else {
    device::conv_input_gradient(detail::context<Real>(exec, g, plan, fine.extent(0), scratch, counters),
                                device::PlainLoader<Real>{coarse.data()}, weights.data, DeviceEpilogue<Real>{epilogue}, fine.data());
  }
}

/// Weight gradient: gradient += Σ_n sample_weights(n) (windows of fine)ᵀ coarse. `sample_weights` may be nullptr: all factors are 1.
template <Scalar Real, class Exec>
void conv_weight_gradient(Exec const& exec, ConvGeometry const& g, ConvPlan const& plan, TensorRef<Real, Exec> const& fine,
                          TensorRef<Real, Exec> const& coarse, Real const* sample_weights, Real* gradient,
                          VectorRef<Real, Exec> const& scratch, [[maybe_unused]] ArrivalCounters<Exec> const& counters = {}) {
  if (fine.extent(0) == 0) return;
  if constexpr (uses_host_kernels_v<Exec>) {
    std::size_t const workers = detail::conv_workers<Real>(exec, g, plan, fine.extent(0), scratch);
    Real* const sums = scratch.data();
    auto const kernel = detail::host_kernel<Real>(g, Operation::weight_gradient, plan.algorithm);
    auto const add_parts = [&](char const* label, std::size_t parts) {
      Kokkos::parallel_for(label, range_policy(exec, g.window_size()), host::AddWeightGradient<Real>{g, parts, sums, gradient});
    };
    auto const run_winograd = [&]<class Kernel>(char const* label, std::type_identity<Kernel>) {
      Real* const memory = sums + aligned_size<Real>(Kernel::shared_scratch_size(g, fine.extent(0)));
      Kokkos::parallel_for(label, range_policy(exec, workers),
                           Kernel{g, fine.extent(0), fine.data(), coarse.data(), sample_weights, gradient, sums, memory, workers});
      if (std::size_t const parts = Kernel::parts(g, fine.extent(0)); parts > 1) add_parts("ign::conv_weight_gradient winograd sum", parts);
    };
    if (kernel == detail::HostKernel::winograd_volume) {
      run_winograd("ign::conv_weight_gradient winograd volume", std::type_identity<winograd::VolumeWeightGradient<Real>>{});
    } else if (kernel == detail::HostKernel::winograd) {
      detail::visit_winograd_variant<Real>(g, plan.algorithm, [&]<class Scheme, class Factor>() {
        run_winograd("ign::conv_weight_gradient winograd", std::type_identity<winograd::ConvWeightGradient<Scheme, Real>>{});
      });
    } else {
      using Sums = host::ConvWeightGradient<Real>;
      Real* const memory = sums + aligned_size<Real>(Sums::shared_scratch_size(g, fine.extent(0)));
      char const* sum_label = "ign::conv_weight_gradient few channels sum";
      if (kernel == detail::HostKernel::few_channels) {
        Kokkos::parallel_for(
            "ign::conv_weight_gradient few channels", range_policy(exec, workers),
            few_channels::ConvWeightGradient<Real>{g, fine.extent(0), fine.data(), coarse.data(), sample_weights, sums, memory, workers});
      } else if (kernel == detail::HostKernel::few_channels_volume) {
        sum_label = "ign::conv_weight_gradient few channels volume sum";
        Kokkos::parallel_for(
            "ign::conv_weight_gradient few channels volume", range_policy(exec, workers),
            few_channels::VolumeWeightGradient<Real>{g, fine.extent(0), fine.data(), coarse.data(), sample_weights, sums, memory, workers});
      } else {
        sum_label = "ign::conv_weight_gradient direct sum";
        Kokkos::parallel_for("ign::conv_weight_gradient direct", range_policy(exec, workers),
                             Sums{g, fine.extent(0), fine.data(), coarse.data(), sample_weights, sums, memory, workers});
      }
      add_parts(sum_label, Sums::parts(g, fine.extent(0)));
    }
  } else {
    device::conv_weight_gradient(detail::context<Real>(exec, g, plan, fine.extent(0), scratch, counters),
                                 device::PlainLoader<Real>{fine.data()}, device::PlainLoader<Real>{coarse.data()}, sample_weights,
                                 gradient);
  }
}

}  // namespace ign::math

#ifdef IGN_COMPILED_KERNELS
#include "ign/math/conv/instances.hpp"
#endif

#endif  // IGN_MATH_CONV_CONVOLUTION_HPP
