// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward, input gradient and weight gradient of a convolution on devices: dispatch to kernels, with as few launches as possible.
///
/// Algorithms:
///  - direct: team products (math/conv/device/kernels.hpp, math/conv/device/weight_gradient_kernels.hpp), one launch per call where
///    possible; on matrix units in training with bf16 or tf32, where the device has them (FragmentUse);
///  - few fine channels: math/conv/device/few_channels.hpp for the input gradient;
///  - Winograd: math/winograd/device.hpp;
///  - dense geometries in training: cuBLAS or rocBLAS, where the build has them (math/gemm/vendor.hpp).
///
/// Layout: images (n, y, x, channel), weights (k, k, F, C).
#ifndef IGN_MATH_CONV_DEVICE_DISPATCH_HPP
#define IGN_MATH_CONV_DEVICE_DISPATCH_HPP

#include <algorithm>

#include "ign/core/elementwise.hpp"
#include "ign/math/conv/device/few_channels.hpp"
#include "ign/math/conv/device/weight_gradient_kernels.hpp"
#include "ign/math/winograd/device.hpp"

namespace ign::math::device {

/// Selects matrix or vector units for the direct convolutions of an execution space in training, for Precision::bf16 and Precision::tf32.
/// The default is what the hardware has. Specialise it with a member set to false where vector units are measured to be faster.
template <class Exec>
struct FragmentUse {
  static constexpr bool bf16 = has_fragments_v<Exec, Bf16Factors>, tf32 = has_fragments_v<Exec, Tf32Factors>;
};

/// Arguments common to all operations: execution space, geometry, pass and memory.
template <class Real, class Exec, class Fragments = FragmentUse<Exec>>
struct Context {
  Exec const& exec;                ///< on which the kernels run
  ConvGeometry g;                  ///< geometry
  std::size_t batch;               ///< samples
  bool is_winograd;                ///< Winograd (math/winograd/device.hpp) instead of the direct algorithm
  Mode mode;                       ///< of the pass
  Precision precision;             ///< of the pass
  VectorRef<Real, Exec> scratch;   ///< of scratch_size elements
  ArrivalCounters<Exec> counters;  ///< zero before and after a kernel; may be empty

  /// The operations by Winograd's algorithm.
  winograd::DeviceConvolution<Real, Exec> winograd() const { return {exec, g, batch, mode, precision, scratch, counters}; }
  /// True if the factors of products are rounded to bfloat16.
  bool rounds() const { return mode == Mode::train && precision == Precision::bf16; }
  /// Calls run(constant) with the precision of the pass as an integral constant; full where no fragments support it.
  template <class Run>
  void visit_precision(Run const& run) const {
    if constexpr (std::is_same_v<Real, float> && (Fragments::bf16 || Fragments::tf32)) {
      if (mode == Mode::train && precision == Precision::bf16) return run(std::integral_constant<Precision, Precision::bf16>{});
      if (mode == Mode::train && precision == Precision::tf32) return run(std::integral_constant<Precision, Precision::tf32>{});
    }
    run(std::integral_constant<Precision, Precision::full>{});
  }
  /// True if the operations are products of plain matrices that the vendor's BLAS library computes.
  bool uses_vendor() const { return vendor::serves_v<Real, Exec> && mode == Mode::train && g.is_dense(); }
};

/// True if Winograd is faster than the direct algorithm, as in layers with many channels. A tile saves 56 F C operations; its transforms
/// write and read 72 (4 F + C) bytes that the direct algorithm does not. The balance of operations per byte was measured on an H200
/// (docs/backends.md).
inline bool winograd_pays(ConvGeometry const& g) {
  constexpr std::size_t balance = 8;
  auto const f = static_cast<std::size_t>(g.fine.channels), c = static_cast<std::size_t>(g.coarse.channels);
  return 56 * f * c >= balance * 72 * (4 * f + c);
}

/// Gradients to compute, and the weight of each sample. nullptr skips a gradient.
template <class Real>
struct Gradients {
  Real* weights;               ///< (k, k, F, C), added to
  Real* bias;                  ///< per channel, added to
  Real const* sample_weights;  ///< factor of each sample in `weights` and `bias`, or nullptr: 1
  Real* input;                 ///< overwritten
};

namespace detail {

/// out = in, each row times its sample's weight. One index per element.
template <class Real>
struct ScaleRows {
  Real const* in;
  Real const* sample_weights;
  std::size_t columns;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t i) const { out[i] = sample_weights[i / columns] * in[i]; }
};

/// The product on the fragments that support the precision, or as it is.
///
/// A weight gradient needs more digits than bf16 has: for Precision::bf16 it uses tf32, or full precision where there is none.
template <class Fragments, Precision precision, bool is_weight_gradient, class P>
auto on_fragments(P const& product) {
  constexpr bool rounds_to_bf16 = precision == Precision::bf16 && !is_weight_gradient;
  if constexpr (rounds_to_bf16 && Fragments::bf16)
    return OnFragments<Bf16Factors, P>(product);
  else if constexpr (precision != Precision::full && !rounds_to_bf16 && Fragments::tf32)
    return OnFragments<Tf32Factors, P>(product);
  else
    return product;
}

/// Computes one product in one launch, with the precision of the pass.
template <bool is_weight_gradient, class Real, class Exec, class Fragments, class P>
void launch(char const* label, Context<Real, Exec, Fragments> const& context, P product) {
  if constexpr (!is_weight_gradient) product.rounded = context.rounds();
  context.visit_precision([&](auto precision) {
    team_products(label, context.exec, context.scratch, context.counters,
                  on_fragments<Fragments, decltype(precision)::value, is_weight_gradient>(product));
  });
}

/// Computes the gradients of weights and bias and of the input in one launch. That of the bias is always in full precision.
template <class Real, class Exec, class Fragments, class W, class B, class P>
void launch_gradients(Context<Real, Exec, Fragments> const& context, W const& weights, B const& bias, P input) {
  input.rounded = context.rounds();
  context.visit_precision([&](auto precision) {
    constexpr Precision chosen = decltype(precision)::value;
    team_products("ign::conv_backward direct", context.exec, context.scratch, context.counters,
                  on_fragments<Fragments, chosen, true>(weights), bias, on_fragments<Fragments, chosen, false>(input));
  });
}

}  // namespace detail

/// Forward: coarse = epilogue(windows of fine · weights).
template <class Real, class Exec, class Fragments, class FineLoader, class Activation>
void conv_forward(Context<Real, Exec, Fragments> const& context, FineLoader const& fine, Real const* weights,
                  DeviceEpilogue<Real, Activation> const& epilogue, Real* coarse) {
  ConvGeometry const& g = context.g;
  auto const channels = static_cast<std::size_t>(g.coarse.channels);
  if (context.is_winograd) return context.winograd().conv_forward(fine, weights, epilogue, coarse);
  if constexpr (vendor::serves_v<Real, Exec> && std::is_same_v<FineLoader, PlainLoader<Real>>) {
    if (context.uses_vendor()) {
      MatrixProduct<Real, false, false, Activation> const product{
          {1, context.batch, channels, g.window_size()}, fine.data, weights, coarse, false, epilogue, channels};
      return matrix_products("ign::conv_forward direct", context.exec, context.mode, context.precision, product, context.scratch,
                             context.counters);
    }
  }
  std::size_t const chunk = g.is_dense() ? dense_samples : context.batch;
  for (std::size_t first = 0; first < context.batch; first += chunk) {
    detail::launch<false>(
        "ign::conv_forward direct", context,
        ConvForward<Real, FineLoader, Activation>{g, std::min(chunk, context.batch - first), fine, weights, epilogue, coarse, first});
  }
}

/// Input gradient: fine = epilogue(adjoint of the forward operation, applied to coarse).
template <class Real, class Exec, class Fragments, class CoarseLoader, class Activation>
void conv_input_gradient(Context<Real, Exec, Fragments> const& context, CoarseLoader const& coarse, Real const* weights,
                         DeviceEpilogue<Real, Activation> const& epilogue, Real* fine) {
  ConvGeometry const& g = context.g;
  if (context.is_winograd) return context.winograd().conv_input_gradient(coarse, weights, epilogue, fine);
  if constexpr (vendor::serves_v<Real, Exec> && std::is_same_v<CoarseLoader, PlainLoader<Real>>) {
    if (context.uses_vendor()) {
      MatrixProduct<Real, false, true, Activation> const product{
          {1, context.batch, g.fine_size(), static_cast<std::size_t>(g.coarse.channels)},
          coarse.data,
          weights,
          fine,
          false,
          epilogue,
          static_cast<std::size_t>(g.fine.channels)};
      return matrix_products("ign::conv_input_gradient direct", context.exec, context.mode, context.precision, product, context.scratch,
                             context.counters);
    }
  }
  if (has_few_channels(g))
    few_channels_input_gradient(context.exec, g, context.batch, context.rounds(), coarse, weights, epilogue, fine);
  else if (g.is_dense())
    detail::launch<false>("ign::conv_input_gradient direct", context,
                          DenseInputGradient<Real, CoarseLoader, Activation>{g, context.batch, coarse, weights, epilogue, fine});
  else
    detail::launch<false>("ign::conv_input_gradient direct", context,
                          ConvInputGradient<Real, CoarseLoader, Activation>{g, context.batch, coarse, weights, epilogue, fine});
}

/// True if the product can compute the moments of its output: each team holds complete sums, and every row of a tile is a pixel.
template <class Real, class Exec, class Fragments>
bool makes_moments(Context<Real, Exec, Fragments> const& context, bool is_forward) {
  ConvGeometry const& g = context.g;
  bool const divisible = g.fine.height % g.stride == 0 && g.fine.width % g.stride == 0 && g.depth.fine % g.depth.stride == 0;
  return !context.is_winograd && !context.uses_vendor() && context.counters.size() > 0 &&
         (g.is_dense() ? !is_forward : is_forward || divisible);
}

/// Tile layout of a product with moments, for the sink (WithMoments). All products of the batch have the same number of row tiles.
struct MomentsLayout {
  std::size_t phases;         ///< products per segment
  std::size_t rows, columns;  ///< of a product
  std::size_t tile_rows;      ///< rows of a tile

  /// Row tiles of a product.
  KOKKOS_FUNCTION std::size_t row_tiles() const { return team::tiles(rows, tile_rows); }
  /// Rows of a row tile that lie within the product.
  KOKKOS_FUNCTION std::size_t rows_of(std::size_t row_tile) const {
    std::size_t const remaining = rows - row_tile * tile_rows;
    return remaining < tile_rows ? remaining : tile_rows;
  }
};

/// Forward with a bias and with the moments of the output per segment of the batch. `sink_of(layout)` returns the sink.
template <class Real, class Exec, class Fragments, class SinkOf>
void conv_forward_with_moments(Context<Real, Exec, Fragments> const& context, Real const* fine, Real const* weights, Real const* bias,
                               Real* coarse, std::size_t segments, SinkOf const& sink_of) {
  ConvForward<Real, PlainLoader<Real>> const product{context.g, context.batch, {fine}, weights, {{bias}}, coarse, 0, segments};
  auto const e = product.extents();
  detail::launch<false>("ign::conv_forward direct", context,
                        WithMoments(product, sink_of(MomentsLayout{1, e.rows, e.columns, team::tile_rows(e)})));
}

/// Input gradient with a bias and with the moments of its result per segment: forward of a transposed convolution.
template <class Real, class Exec, class Fragments, class SinkOf>
void conv_input_gradient_with_moments(Context<Real, Exec, Fragments> const& context, Real const* coarse, Real const* weights,
                                      Real const* bias, Real* fine, std::size_t segments, SinkOf const& sink_of) {
  auto const run = [&](auto const& product) {
    auto const e = product.extents();
    detail::launch<false>("ign::conv_input_gradient direct", context,
                          WithMoments(product, sink_of(MomentsLayout{e.batch / segments, e.rows, e.columns, team::tile_rows(e)})));
  };
  if (context.g.is_dense())
    run(DenseInputGradient<Real, PlainLoader<Real>>{context.g, context.batch, {coarse}, weights, {{bias}}, fine, segments});
  else
    run(ConvInputGradient<Real, PlainLoader<Real>>{context.g, context.batch, {coarse}, weights, {{bias}}, fine, segments});
}

/// Weight gradient: gradient += Σ_n sample_weights(n) (windows of fine)ᵀ coarse.
template <class Real, class Exec, class Fragments, class FineLoader, class CoarseLoader>
void conv_weight_gradient(Context<Real, Exec, Fragments> const& context, FineLoader const& fine, CoarseLoader const& coarse,
                          Real const* sample_weights, Real* gradient) {
  if (context.is_winograd) return context.winograd().conv_weight_gradient(fine, coarse, sample_weights, gradient);
  ConvGeometry const& g = context.g;
  if constexpr (vendor::serves_v<Real, Exec> && std::is_same_v<FineLoader, PlainLoader<Real>> &&
                std::is_same_v<CoarseLoader, PlainLoader<Real>>) {
    if (context.uses_vendor()) {
      auto const channels = static_cast<std::size_t>(g.coarse.channels);
      Real const* right = coarse.data;
      if (sample_weights != nullptr) {
        std::size_t const size = context.batch * channels;
        Kokkos::parallel_for("ign::conv_weight_gradient direct scale", range_policy(context.exec, size),
                             detail::ScaleRows<Real>{coarse.data, sample_weights, channels, context.scratch.data()});
        right = context.scratch.data();
      }
      MatrixProduct<Real, true> const product{{1, g.window_size(), channels, context.batch}, fine.data, right, gradient, true};
      Precision const precision = context.precision == Precision::bf16 ? Precision::full : context.precision;
      return matrix_products("ign::conv_weight_gradient direct", context.exec, context.mode, precision, product, context.scratch,
                             context.counters);
    }
  }
  detail::launch<true>("ign::conv_weight_gradient direct", context,
                       ConvWeightGradient<Real, FineLoader, CoarseLoader>{g, context.batch, fine, coarse, sample_weights, gradient});
}

/// All gradients of a convolution layer: x is fine, dy coarse. One launch with the direct algorithm, and one more for the gradient of an
/// input of few channels. Winograd and vendor libraries need several.
template <class Real, class Exec, class Fragments, class FineLoader, class CoarseLoader>
void conv_backward(Context<Real, Exec, Fragments> const& context, FineLoader const& x, CoarseLoader const& dy, Real const* weights,
                   Gradients<Real> const& to) {
  ConvGeometry const& g = context.g;
  bool const together = !context.is_winograd && !context.uses_vendor();
  std::size_t const weight_batch = together && to.weights != nullptr ? context.batch : 0;
  std::size_t const input_batch = together && to.input != nullptr && !has_few_channels(g) ? context.batch : 0;
  ColumnSums<Real, CoarseLoader> const bias{to.bias != nullptr ? context.batch : 0,
                                            g.coarse_pixels(),
                                            static_cast<std::size_t>(g.coarse.channels),
                                            dy,
                                            to.sample_weights,
                                            to.bias};
  ConvWeightGradient<Real, FineLoader, CoarseLoader> const gradient{g, weight_batch, x, dy, to.sample_weights, to.weights};
  if (g.is_dense())
    detail::launch_gradients(context, gradient, bias, DenseInputGradient<Real, CoarseLoader>{g, input_batch, dy, weights, {}, to.input});
  else
    detail::launch_gradients(context, gradient, bias, ConvInputGradient<Real, CoarseLoader>{g, input_batch, dy, weights, {}, to.input});
  if (!together && to.weights != nullptr) conv_weight_gradient(context, x, dy, to.sample_weights, to.weights);
  if ((!together || has_few_channels(g)) && to.input != nullptr)
    conv_input_gradient(context, dy, weights, DeviceEpilogue<Real>{}, to.input);
}

/// All gradients of a transposed convolution layer: x is coarse, dy fine.
template <class Real, class Exec, class Fragments, class CoarseLoader, class FineLoader>
void conv_transpose_backward(Context<Real, Exec, Fragments> const& context, CoarseLoader const& x, FineLoader const& dy,
                             Real const* weights, Gradients<Real> const& to) {
  ConvGeometry const& g = context.g;
  bool const together = !context.is_winograd && !context.uses_vendor();
  std::size_t const weight_batch = together && to.weights != nullptr ? context.batch : 0;
  std::size_t const input_batch = together && to.input != nullptr ? context.batch : 0;
  ColumnSums<Real, FineLoader> const bias{
      to.bias != nullptr ? context.batch : 0, g.fine_pixels(), static_cast<std::size_t>(g.fine.channels), dy, to.sample_weights, to.bias};
  detail::launch_gradients(context,
                           ConvWeightGradient<Real, FineLoader, CoarseLoader>{g, weight_batch, dy, x, to.sample_weights, to.weights}, bias,
                           ConvForward<Real, FineLoader>{g, input_batch, dy, weights, {}, to.input});
  if (together) return;
  if (to.weights != nullptr) conv_weight_gradient(context, dy, x, to.sample_weights, to.weights);
  if (to.input != nullptr) conv_forward(context, dy, weights, DeviceEpilogue<Real>{}, to.input);
}

/// Scratch size that suffices for each of these operations, in elements.
template <class Real>
std::size_t scratch_size(ConvGeometry const& g, std::size_t batch) {
  using P = PlainLoader<Real>;
  auto const parts_of = [](auto const& product) { return team::scratch_size(product.extents()); };
  auto const sums = [&](std::size_t pixels, int channels) {
    return parts_of(ColumnSums<Real, P>{batch, pixels, static_cast<std::size_t>(channels), {}, nullptr, nullptr});
  };
  std::size_t const gradients = parts_of(ConvWeightGradient<Real, P, P>{g, batch, {}, {}, nullptr, nullptr}) +
                                std::max(sums(g.fine_pixels(), g.fine.channels), sums(g.coarse_pixels(), g.coarse.channels));
  std::size_t const direct = gradients + parts_of(ConvForward<Real, P>{g, std::max(batch, dense_samples), {}, nullptr, {}, nullptr});
  std::size_t const scaled = batch * g.coarse_size();  // scaled copy for the weight gradient of a vendor library
  // Two elements per row tile and column. Segments and phases do not share tiles.
  auto const moments = [&](ProductExtents const& e) { return 2 * e.batch * (team::tiles(e.rows) + max_segments - 1) * e.columns; };
  std::size_t const of_tiles =
      std::max({moments(ConvForward<Real, P>{g, batch, {}, nullptr, {}, nullptr}.extents()),
                moments(ConvInputGradient<Real, P>{g, batch, {}, nullptr, {}, nullptr}.extents()),
                g.is_dense() ? moments(DenseInputGradient<Real, P>{g, batch, {}, nullptr, {}, nullptr}.extents()) : 0});
  return std::max({direct, scaled, of_tiles, winograd::fits_device(g) ? winograd::device_scratch_size(g, batch) : 0});
}

}  // namespace ign::math::device

#endif  // IGN_MATH_CONV_DEVICE_DISPATCH_HPP
