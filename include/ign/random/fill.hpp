// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Uniform and Gaussian random numbers for Views, bitwise identical on every backend and for every number of threads.
#ifndef IGN_RANDOM_FILL_HPP
#define IGN_RANDOM_FILL_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/tensor.hpp"
#include "ign/random/counter.hpp"

namespace ign {

namespace random {

/// Returns log(u) for u in (0, 1), with a relative error below 3e-7. Uses only exact, correctly rounded and explicit fma operations, so
/// that all compilers produce bitwise identical results.
KOKKOS_INLINE_FUNCTION float log_unit(float u) {
  std::uint32_t const word = Kokkos::bit_cast<std::uint32_t>(u);
  // u = 2^exponent * m, m in [sqrt(1/2), sqrt(2)).
  std::uint32_t const shifted = word - 0x3f3504f3u;
  auto const exponent = static_cast<float>(static_cast<std::int32_t>(shifted) >> 23);
  float const m = Kokkos::bit_cast<float>((shifted & 0x007fffffu) + 0x3f3504f3u);
  // log m = 2 atanh(s), s = (m - 1) / (m + 1).
  float const s = (m - 1.0f) / (m + 1.0f);
  float const q = s * s;
  float p = Kokkos::fma(q, 0.11111111f, 0.14285715f);
  p = Kokkos::fma(q, p, 0.2f);
  p = Kokkos::fma(q, p, 0.33333334f);
  float const twice = s + s;
  float const log_m = Kokkos::fma(twice, q * p, twice);
  return Kokkos::fma(exponent, 0.69314718f, log_m);
}

/// Computes cos(2πv) and sin(2πv) for v in (0, 1), with an absolute error below 2e-7. All compilers produce bitwise identical results, as
/// for log_unit.
KOKKOS_INLINE_FUNCTION void cos_sin_turn(float v, float& cosine, float& sine) {
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): lround does not fix its operations
  auto const quarter = static_cast<std::int32_t>(v * 4.0f + 0.5f);  // the product is exact: no fma can change it
  float const t = (v - static_cast<float>(quarter) * 0.25f) * 6.2831855f;
  float const q = t * t;
  float c = Kokkos::fma(q, -2.7557319e-7f, 2.4801587e-5f);
  c = Kokkos::fma(q, c, -1.3888889e-3f);
  c = Kokkos::fma(q, c, 4.1666668e-2f);
  c = Kokkos::fma(q, c, -0.5f);
  c = Kokkos::fma(q, c, 1.0f);
  float s = Kokkos::fma(q, 2.7557319e-6f, -1.984127e-4f);
  s = Kokkos::fma(q, s, 8.333333e-3f);
  s = Kokkos::fma(q, s, -0.16666667f);
  s = Kokkos::fma(t, q * s, t);
  bool const odd = (quarter & 1) != 0;
  float const x = odd ? s : c;
  float const y = odd ? c : s;
  cosine = quarter == 1 || quarter == 2 ? -x : x;
  sine = quarter == 2 || quarter == 3 ? -y : y;
}

/// Computes two independent values from N(0, 1) of two words of random bits.
/// \source Box and Muller, "A note on the generation of random normal deviates", Ann. Math. Stat. 29 (1958)
KOKKOS_INLINE_FUNCTION void gaussian_pair(std::uint32_t a, std::uint32_t b, float& first, float& second) {
  float const radius = Kokkos::sqrt(-2.0f * log_unit(uniform(a)));
  float cosine = 0;
  float sine = 0;
  cos_sin_turn(uniform(b), cosine, sine);
  first = radius * cosine;
  second = radius * sine;
}

}  // namespace random

namespace detail {

/// Blocks of four values per index: enough for loops to vectorise on a host.
template <class Exec>
inline constexpr std::size_t fill_blocks_v = uses_host_kernels_v<Exec> ? 64 : 1;

/// Computes the values of `blocks` blocks of a key's sequence, from the block with index `block` on. Inline, so that the instances of
/// ign::kernels are not linked with the copy of a unit that is compiled without optimisation.
template <bool gaussian, std::size_t blocks>
KOKKOS_FORCEINLINE_FUNCTION void draw_values(Key const& key, std::size_t block, float (&values)[4][blocks]) {
  std::uint32_t words[4][blocks];
  if constexpr (blocks > 1) {
    random::bits_of_blocks(key, static_cast<std::uint32_t>(block), words);
  } else {
    auto const four = random::bits(key, static_cast<std::uint32_t>(block));
    for (std::size_t k = 0; k < 4; ++k) words[k][0] = four[k];
  }
  for (std::size_t k = 0; k < 4; k += gaussian ? 2 : 1) {
    for (std::size_t b = 0; b < blocks; ++b) {
      if constexpr (gaussian)
        random::gaussian_pair(words[k][b], words[k + 1][b], values[k][b], values[k + 1][b]);
      else
        values[k][b] = (random::uniform(words[k][b]) - 0.5f) * 2.0f;
    }
  }
}

template <class Real, bool gaussian, std::size_t blocks>
struct Fill {
  Key key;
  Real scale;
  Real* out;
  std::size_t size;

  KOKKOS_FUNCTION void operator()(std::size_t group) const {
    float values[4][blocks];
    draw_values<gaussian>(key, group * blocks, values);
    std::size_t const first = 4 * group * blocks;
    for (std::size_t i = 0; i < 4 * blocks && first + i < size; ++i) out[first + i] = scale * static_cast<Real>(values[i % 4][i / 4]);
  }
};

/// Draws for samples of `size` elements, each with the part of the key's sequence that belongs to its global index, and calls
/// store(index of the element, value).
template <bool gaussian, std::size_t blocks, class Store>
struct DrawSamples {
  Key key;
  Store store;
  std::size_t size;

  /// Groups of blocks per sample. A sample may begin and end within a block.
  KOKKOS_FUNCTION std::size_t groups() const { return (size / 4 + 2 + blocks - 1) / blocks; }
  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const n = index / groups(), begin = key.samples.of(n) * size;
    std::size_t const block = begin / 4 + index % groups() * blocks;
    float values[4][blocks];
    draw_values<gaussian>(key, block, values);
    for (std::size_t i = 0; i < 4 * blocks; ++i) {
      std::size_t const element = 4 * block + i;
      if (element >= begin && element < begin + size) store(n * size + (element - begin), values[i % 4][i / 4]);
    }
  }
};

/// Stores scaled values.
template <class Real>
struct StoreScaled {
  Real scale;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t i, float value) const { out[i] = scale * static_cast<Real>(value); }
};

/// Stores y = x + deviation · value.
template <class Real>
struct StoreNoisy {
  Real deviation;
  Real const* x;
  Real* y;

  KOKKOS_FUNCTION void operator()(std::size_t i, float value) const { y[i] = Kokkos::fma(deviation, static_cast<Real>(value), x[i]); }
};

/// A key's sequence has 2^34 values, since the index of a block of four has 32 bits: later ones would repeat the first.
/// \throws Error [ign.option.663] if samples of `size` elements need more
inline void check_sequence(Key const& key, std::size_t samples, std::size_t size) {
  // In double: sums of indices of 64 bits may overflow.
  double const before = static_cast<double>(samples > 0 ? samples - 1 : 0) * static_cast<double>(key.samples.stride);
  double const last = static_cast<double>(key.samples.first) + before;
  require((last + 1) * static_cast<double>(size) <= 0x1p34, Fault::option, 663, "random numbers: sample ", last, " of ", size,
          " elements ends beyond the 2^34 values of a key, expected a smaller index of the sample: use several keys");
}

/// Draws `samples` samples of `size` elements by their global indices, and calls store(index of the element, value).
/// \throws Error [ign.option.663] beyond the 2^34 values of a key
template <bool gaussian, class Exec, class Store>
void draw_samples(char const* label, Exec const& exec, Key const& key, std::size_t samples, std::size_t size, Store const& store) {
  check_sequence(key, samples, size);
  DrawSamples<gaussian, fill_blocks_v<Exec>, Store> const body{key, store, size};
  Kokkos::parallel_for(label, range_policy(exec, samples * body.groups()), body);
}

template <bool gaussian, Scalar Real, class Exec>
void fill(char const* label, Exec const& exec, Key const& key, double scale, VectorRef<Real, Exec> const& out, std::size_t sample) {
  constexpr std::size_t blocks = fill_blocks_v<Exec>;
  if (out.size() == 0) return;
  if (!key.samples.is_identity()) {
    std::size_t const size = sample > 0 ? sample : out.size();
    draw_samples<gaussian>(label, exec, key, out.size() / size, size, StoreScaled<Real>{static_cast<Real>(scale), out.data()});
    return;
  }
  check_sequence({}, 1, out.size());
  Kokkos::parallel_for(label, range_policy(exec, (out.size() + 4 * blocks - 1) / (4 * blocks)),
                       Fill<Real, gaussian, blocks>{key, static_cast<Real>(scale), out.data(), out.size()});
}

}  // namespace detail

/// Fills `out` with values from N(0, deviation²). Element i does not depend on the length of `out`. All are drawn in float, so that tensors
/// of double get the same values.
/// \param deviation  standard deviation
/// \param sample  elements per sample, for the `samples` of the key; 0: `out` is one sample
/// \throws Error [ign.option.663] beyond the 2^34 values of a key
template <Scalar Real, class Exec>
void fill_gaussian(Exec const& exec, Key const& key, double deviation, VectorRef<Real, Exec> const& out, std::size_t sample = 0) {
  detail::fill<true>("ign::fill_gaussian", exec, key, deviation, out, sample);
}

/// Fills `out` with values uniform in (-half_width, half_width). Values do not depend on the length or type of `out`.
/// \param sample  elements per sample, for the `samples` of the key; 0: `out` is one sample
template <Scalar Real, class Exec>
void fill_uniform(Exec const& exec, Key const& key, double half_width, VectorRef<Real, Exec> const& out, std::size_t sample = 0) {
  detail::fill<false>("ign::fill_uniform", exec, key, half_width, out, sample);
}

///@{
/// Fills the samples of `out`, (n, h, w, c), with the values that they have in the global batch.
template <Scalar Real, class Exec>
void fill_gaussian(Exec const& exec, Key const& key, double deviation, TensorRef<Real, Exec> const& out) {
  fill_gaussian(exec, key, deviation, VectorRef<Real, Exec>(out.data(), out.size()), shape_of(out).size());
}
template <Scalar Real, class Exec>
void fill_uniform(Exec const& exec, Key const& key, double half_width, TensorRef<Real, Exec> const& out) {
  fill_uniform(exec, key, half_width, VectorRef<Real, Exec>(out.data(), out.size()), shape_of(out).size());
}
///@}

}  // namespace ign

#ifdef IGN_COMPILED_KERNELS
#include "ign/random/detail/fill_instances.hpp"
#endif

#endif  // IGN_RANDOM_FILL_HPP
