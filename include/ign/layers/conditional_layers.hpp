// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Layers of conditional nets f(x | c): ConditionChannels appends the condition as channels, ConditionalScale (FiLM) computes scale and
/// shift of each channel from it. core/condition.hpp has the conditions themselves, nets/conditional.hpp the functions of a conditional
/// net.
#ifndef IGN_LAYERS_CONDITIONAL_LAYERS_HPP
#define IGN_LAYERS_CONDITIONAL_LAYERS_HPP

#include <vector>

#include "ign/core/condition.hpp"
#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/layers/layer.hpp"

namespace ign {

/// Appends the K values of the sample's condition to the channels of each pixel, as constant channels: (h, w, c) becomes (h, w, c + K).
/// \source Mirza and Osindero, "Conditional generative adversarial nets", arXiv 1411.1784
struct ConditionChannels {
  int length = 10;  ///< K, such as the number of classes
};

/// FiLM: scale and shift of each channel by the sample's condition c, y = x (1 + Σ_k c_k S_k) + Σ_k c_k T_k, with trained S and T
/// (K, channels), which are 0 at first. Insert it after a normalisation.
/// \source Perez et al., "FiLM: visual reasoning with a general conditioning layer", arXiv 1709.07871, equation 2, with γ = 1 + Sᵀ c;
///         for classes it is conditional BatchNorm, de Vries et al., arXiv 1707.00683
struct ConditionalScale {
  int length = 10;  ///< K, such as the number of classes
};

namespace detail {

inline void check_condition_length(char const* layer, int length) {
  require(length >= 1 && length <= 65'536, Fault::option, 540, layer, ": conditions of length ", length, ", expected 1 to 65536");
}

/// y = x with the condition as further channels.
template <class Real>
struct AppendCondition {
  ConditionRows<Real> condition;
  Real const* x;
  Real* y;
  std::size_t channels, length, pixels;

  KOKKOS_FUNCTION void operator()(std::size_t n, std::size_t first, std::size_t last) const {
    std::size_t const both = channels + length;
    Real const* const own = condition.row(n);
    Real const* const in = x + n * pixels * channels;
    Real* const out = y + n * pixels * both;
    std::size_t pixel = first / both, c = first % both;
    for (std::size_t i = first; i < last; ++i) {
      out[i] = c < channels ? in[pixel * channels + c] : own[c - channels];
      if (++c == both) {
        c = 0;
        ++pixel;
      }
    }
  }
};

/// dx = the first channels of dy.
template <class Real>
struct RemoveCondition {
  Real const* dy;
  Real* dx;
  std::size_t channels, length;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    for (std::size_t i = first; i < last; ++i) {
      std::size_t const pixel = i / channels;
      dx[i] = dy[i + pixel * length];
    }
    static_cast<void>(row);
  }
};

/// Scale and shift of sample n, whose condition is C(n, k): scratch(n, 0, c) = 1 + Σ_k C(n, k) S(k, c) and
/// scratch(n, 1, c) = Σ_k C(n, k) T(k, c).
template <class Real>
struct ConditionAffine {
  ConditionRows<Real> condition;
  Real const* scales;  // S, followed by T
  std::size_t channels, length;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t n, std::size_t first, std::size_t last) const {
    Real const* const own = condition.row(n);
    Real const* const shifts = scales + length * channels;
    Real* const scale = out + 2 * n * channels;
    Real* const shift = scale + channels;
    for (std::size_t c = first; c < last; ++c) scale[c] = 1, shift[c] = 0;
    for (std::size_t k = 0; k < length; ++k) {
      Real const factor = own[k];
      IGN_IVDEP
      for (std::size_t c = first; c < last; ++c) {
        scale[c] += factor * scales[k * channels + c];
        shift[c] += factor * shifts[k * channels + c];
      }
    }
  }
};

/// out = scale · in + shift, or scale · in without the shift, per channel of each sample.
template <class Real>
struct ApplyAffine {
  Real const* affine;  // as ConditionAffine writes it
  Real shifted;        // 1, or 0 without the shift
  Real const* in;
  Real* out;
  std::size_t channels, size;

  KOKKOS_FUNCTION void operator()(std::size_t n, std::size_t first, std::size_t last) const {
    Real const* const scale = affine + 2 * n * channels;
    Real const* const shift = scale + channels;
    Real const* const from = in + n * size;
    Real* const to = out + n * size;
    for (std::size_t i = first; i < last;) {
      std::size_t const c = i % channels, left = channels - c, count = left < last - i ? left : last - i;
      IGN_IVDEP
      for (std::size_t k = 0; k < count; ++k) to[i + k] = from[i + k] * scale[c + k] + shifted * shift[c + k];
      i += count;
    }
  }
};

/// sums(n, 0, c) = Σ dy x and sums(n, 1, c) = Σ dy over the pixels of sample n, times its weight.
template <class Real>
struct ConditionSums {
  Real const* x;
  Real const* dy;
  Real const* weights;  // of the samples; nullptr: 1
  std::size_t channels, pixels;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t n, std::size_t first, std::size_t last) const {
    Real* const products = out + 2 * n * channels;
    Real* const plain = products + channels;
    for (std::size_t c = first; c < last; ++c) products[c] = 0, plain[c] = 0;
    for (std::size_t p = 0; p < pixels; ++p) {
      std::size_t const row = (n * pixels + p) * channels;
      IGN_IVDEP
      for (std::size_t c = first; c < last; ++c) {
        products[c] += dy[row + c] * x[row + c];
        plain[c] += dy[row + c];
      }
    }
    if (weights == nullptr) return;
    for (std::size_t c = first; c < last; ++c) products[c] *= weights[n], plain[c] *= weights[n];
  }
};

/// Adds Σ_n C(n, k) sums(n) to row k of the gradients of S and T, with the condition C(n, k) of sample n.
template <class Real>
struct ConditionGradient {
  ConditionRows<Real> condition;
  Real const* sums;
  std::size_t batch, channels, length;
  Real* gradients;

  KOKKOS_FUNCTION void operator()(std::size_t k, std::size_t first, std::size_t last) const {
    Real* const of_scale = gradients + k * channels;
    Real* const of_shift = of_scale + length * channels;
    for (std::size_t n = 0; n < batch; ++n) {
      Real const factor = condition.row(n)[k];
      Real const* const products = sums + 2 * n * channels;
      Real const* const plain = products + channels;
      IGN_IVDEP
      for (std::size_t c = first; c < last; ++c) {
        of_scale[c] += factor * products[c];
        of_shift[c] += factor * plain[c];
      }
    }
  }
};

template <Scalar Real, class Exec>
void compute_affine(Exec const& exec, ConditionalScale const& layer, LayerMemory<Real, Exec> const& memory,
                    TensorRef<Real, Exec> const& x) {
  std::size_t const channels = x.extent(3);
  for_each_chunk("ign::conditional_scale affine", exec, x.extent(0), channels,
                 ConditionAffine<Real>{ConditionRows<Real>::of(memory.condition), memory.parameters.data(), channels,
                                       static_cast<std::size_t>(layer.length), memory.scratch.data()});
}

}  // namespace detail

/// \throws Error [ign.option.540] if the length is not from 1 to 65536
inline Shape output_shape(ConditionChannels const& layer, Shape in) {
  detail::check_condition_length("condition channels", layer.length);
  return {in.height, in.width, in.channels + layer.length};
}
///@{
/// Layer contract (layers/layer.hpp). No gradient with respect to the condition is computed.
inline int condition_length(ConditionChannels const& layer) { return layer.length; }
inline LayerDescription describe(ConditionChannels const& layer, Shape) { return {"ConditionChannels", {{"length", layer.length}}}; }
inline bool needs_output(ConditionChannels const&) { return false; }

template <Scalar Real, class Exec>
void forward(Exec const& exec, ConditionChannels const& layer, Pass const&, LayerMemory<Real, Exec> const& memory,
             TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  for_each_chunk("ign::condition_channels", exec, y.extent(0), shape_of(y).size(),
                 detail::AppendCondition<Real>{detail::ConditionRows<Real>::of(memory.condition), x.data(), y.data(), x.extent(3),
                                               static_cast<std::size_t>(layer.length), static_cast<std::size_t>(shape_of(x).pixels())});
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, ConditionChannels const& layer, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const&,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  if (absent(dx)) return;
  for_each_chunk("ign::condition_channels backward", exec, 1, dx.size(),
                 detail::RemoveCondition<Real>{dy.data(), dx.data(), dx.extent(3), static_cast<std::size_t>(layer.length)});
}
///@}

/// \throws Error [ign.option.540] if the length is not from 1 to 65536
inline Shape output_shape(ConditionalScale const& layer, Shape in) {
  detail::check_condition_length("conditional scale", layer.length);
  return in;
}
///@{
/// Layer contract (layers/layer.hpp). No gradient with respect to the condition is computed. The scratch memory holds scale and shift of
/// each sample, and in backward the sums of their gradients.
inline int condition_length(ConditionalScale const& layer) { return layer.length; }
/// The layout is that of the weights of nn.Embedding in PyTorch.
inline std::vector<ArrayInfo> parameters(ConditionalScale const& layer, Shape in) {
  return {{"scale", {layer.length, in.channels}, Initial::constant(0)}, {"shift", {layer.length, in.channels}, Initial::constant(0)}};
}
inline std::size_t scratch_size(ConditionalScale const&, Shape in, int batch, int) {
  return 4 * static_cast<std::size_t>(batch) * static_cast<std::size_t>(in.channels);
}
/// PyTorch has no equivalent layer.
inline LayerDescription describe(ConditionalScale const& layer, Shape in) {
  return {"ConditionalScale", {{"num_features", in.channels}, {"length", layer.length}}};
}
inline bool needs_output(ConditionalScale const&) { return false; }

template <Scalar Real, class Exec>
void forward(Exec const& exec, ConditionalScale const& layer, Pass const&, LayerMemory<Real, Exec> const& memory,
             TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  detail::compute_affine(exec, layer, memory, x);
  for_each_chunk("ign::conditional_scale", exec, x.extent(0), shape_of(x).size(),
                 detail::ApplyAffine<Real>{memory.scratch.data(), 1, x.data(), y.data(), x.extent(3), shape_of(x).size()});
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, ConditionalScale const& layer, Pass const&, LayerMemory<Real, Exec> const& memory,
              TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy,
              TensorRef<Real, Exec> const& dx) {
  std::size_t const batch = x.extent(0), channels = x.extent(3), size = shape_of(x).size();
  if (!absent(memory.gradients)) {
    Real* const sums = memory.scratch.data() + 2 * batch * channels;
    for_each_chunk("ign::conditional_scale sums", exec, batch, channels,
                   detail::ConditionSums<Real>{x.data(), dy.data(), memory.sample_weights.data(), channels,
                                               static_cast<std::size_t>(shape_of(x).pixels()), sums});
    for_each_chunk("ign::conditional_scale gradient", exec, static_cast<std::size_t>(layer.length), channels,
                   detail::ConditionGradient<Real>{detail::ConditionRows<Real>::of(memory.condition), sums, batch, channels,
                                                   static_cast<std::size_t>(layer.length), memory.gradients.data()});
  }
  if (absent(dx)) return;
  detail::compute_affine(exec, layer, memory, x);
  for_each_chunk("ign::conditional_scale backward", exec, batch, size,
                 detail::ApplyAffine<Real>{memory.scratch.data(), 0, dy.data(), dx.data(), channels, size});
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_CONDITIONAL_LAYERS_HPP
