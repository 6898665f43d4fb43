// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A random corruption for each sample: noise, blur, low resolution, missing pixels, grey or sketch, of random strength.
#ifndef IGN_CORRUPTIONS_MIXTURE_HPP
#define IGN_CORRUPTIONS_MIXTURE_HPP

#include <cmath>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "ign/corruptions/filters.hpp"
#include "ign/random/fill.hpp"

namespace ign {

/// Kind of a corruption in a CorruptionMixture.
enum class CorruptionKind {
  none,            ///< y = x
  noise,           ///< add_noise
  blur,            ///< gaussian_blur
  low_resolution,  ///< low_resolution, from the nearest block or bilinear with equal probability
  box,             ///< a missing rectangle at a random position inside the image
  pixels,          ///< missing pixels at random
  grey,            ///< grey
  sketch,          ///< sketch
};
/// All kinds.
inline constexpr CorruptionKind all_corruption_kinds[] = {CorruptionKind::none,           CorruptionKind::noise, CorruptionKind::blur,
                                                          CorruptionKind::low_resolution, CorruptionKind::box,   CorruptionKind::pixels,
                                                          CorruptionKind::grey,           CorruptionKind::sketch};
inline constexpr std::size_t corruption_kinds = std::size(all_corruption_kinds);  ///< number of kinds

/// Name of a kind, as in files.
constexpr char const* name(CorruptionKind kind) {
  constexpr char const* names[] = {"none", "noise", "blur", "low_resolution", "box", "pixels", "grey", "sketch"};
  return names[static_cast<std::size_t>(kind)];
}

/// Options of random corruptions. Each sample gets one kind, with a probability proportional to its weight, and an amount that is uniform
/// between the smallest one (0; factor 2 for low resolution; `box_min` for boxes) and the largest.
struct CorruptionMixture {
  double none_weight = 2;              ///< weight of no corruption, ≥ 0
  double noise_weight = 1;             ///< weight of noise, ≥ 0
  double blur_weight = 0.5;            ///< weight of blur, ≥ 0
  double low_resolution_weight = 0.5;  ///< weight of low resolution, ≥ 0
  double box_weight = 1;               ///< weight of a missing rectangle, ≥ 0
  double pixels_weight = 1;            ///< weight of missing pixels, ≥ 0
  double grey_weight = 0;              ///< weight of grey, ≥ 0
  double sketch_weight = 0;            ///< weight of sketch, ≥ 0

  double max_noise_std = 0.4;         ///< largest standard deviation of the noise, ≥ 0
  double max_blur_sigma = 2;          ///< largest standard deviation of the blur, pixels, in [0.001, 10]
  int max_low_resolution_factor = 4;  ///< largest factor of low resolution, ≥ 2
  double box_min = 0.2;               ///< smallest side of a rectangle, as share of the image's side, in [0, box_max]
  double box_max = 0.5;               ///< largest side of a rectangle, in [box_min, 1]
  double max_pixel_share = 0.5;       ///< largest share of missing pixels, in [0, 1]

  /// Weight of a kind.
  double& weight(CorruptionKind kind) {
    double* const weights[corruption_kinds] = {&none_weight, &noise_weight,  &blur_weight, &low_resolution_weight,
                                               &box_weight,  &pixels_weight, &grey_weight, &sketch_weight};
    return *weights[static_cast<std::size_t>(kind)];
  }
  /// Weight of a kind.
  double weight(CorruptionKind kind) const { return CorruptionMixture(*this).weight(kind); }
};

/// The mixture of no corruption and noise of a standard deviation up to `max_noise_std`, with equal weights: for data that are no images.
inline CorruptionMixture noise_mixture(double max_noise_std) {
  CorruptionMixture mixture;
  for (auto const kind : all_corruption_kinds) mixture.weight(kind) = 0;
  mixture.none_weight = mixture.noise_weight = 1;
  mixture.max_noise_std = max_noise_std;
  return mixture;
}

/// Names and values of the options, as in files: a weight has the name of its kind, such as "noise", and an amount its own without "max_",
/// such as "noise_std".
inline std::vector<std::pair<std::string, double>> describe(CorruptionMixture const& mixture) {
  std::vector<std::pair<std::string, double>> options;
  for (auto const kind : all_corruption_kinds) options.emplace_back(name(kind), mixture.weight(kind));
  options.insert(options.end(), {{"noise_std", mixture.max_noise_std},
                                 {"blur_sigma", mixture.max_blur_sigma},
                                 {"low_resolution_factor", mixture.max_low_resolution_factor},
                                 {"box_min", mixture.box_min},
                                 {"box_max", mixture.box_max},
                                 {"pixel_share", mixture.max_pixel_share}});
  return options;
}

/// True: kind and amount follow from the global index of the sample.
inline bool draws_by_global_index(CorruptionMixture const&) { return true; }

/// Checks the options.
/// \throws Error [ign.option.455] on a weight that is negative or not finite, weights that are all 0, or amounts outside their ranges
inline void validate(CorruptionMixture const& mixture) {
  double total = 0;
  for (auto const kind : all_corruption_kinds) {
    double const weight = mixture.weight(kind);
    require(is_finite(weight) && weight >= 0, Fault::option, 455, "corruptions: weight ", weight, " of ", name(kind),
            ", expected a finite weight of at least 0");
    total += weight;
  }
  require(is_finite(total) && total > 0, Fault::option, 455, "corruptions: sum of weights ", total,
          ", expected at least one positive weight and a finite sum");
  auto const in_range = [](char const* what, double value, double least, double most) {
    require(value >= least && value <= most, Fault::option, 455, "corruptions: ", what, ' ', value, ", expected ", least, " to ", most);
  };
  in_range("max_noise_std", mixture.max_noise_std, 0, 1e30);
  in_range("max_blur_sigma", mixture.max_blur_sigma, 1e-3, 10);
  in_range("max_low_resolution_factor", mixture.max_low_resolution_factor, 2, 1 << 20);
  in_range("box_max", mixture.box_max, 0, 1);
  in_range("box_min", mixture.box_min, 0, mixture.box_max);
  in_range("max_pixel_share", mixture.max_pixel_share, 0, 1);
}

namespace detail {

/// Kind and amount for one sample.
struct DrawnCorruption {
  CorruptionKind kind;
  double amount;                 ///< standard deviation of noise or blur; share of missing pixels
  int factor;                    ///< of low resolution
  bool nearest;                  ///< interpolation of low resolution
  int top, bottom, left, right;  ///< missing rectangle
};

/// Draws kind and amount for each sample of a batch.
struct DrawCorruption {
  Key key;
  Kokkos::Array<double, corruption_kinds> cumulative{};
  double noise, blur, box_min, box_max, pixels;
  int factor, height, width;

  DrawCorruption(CorruptionMixture const& mixture, Key const& drawn_key, Shape image)
      : key(drawn_key),
        noise(mixture.max_noise_std),
        blur(mixture.max_blur_sigma),
        box_min(mixture.box_min),
        box_max(mixture.box_max),
        pixels(mixture.max_pixel_share),
        factor(mixture.max_low_resolution_factor),
        height(image.height),
        width(image.width) {
    double sum = 0;
    for (auto const kind : all_corruption_kinds) cumulative[static_cast<std::size_t>(kind)] = sum += mixture.weight(kind);
  }

  KOKKOS_FUNCTION DrawnCorruption of(std::size_t n) const {
    std::uint64_t const sample = key.samples.of(n);
    auto const first = random::bits(key, static_cast<std::uint32_t>(2 * sample));
    auto const unit = [&](std::size_t word) { return static_cast<double>(random::uniform(first[word])); };
    double const weight = unit(0) * cumulative[corruption_kinds - 1];
    std::size_t kind = 0;
    while (kind + 1 < corruption_kinds && weight >= cumulative[kind]) ++kind;
    DrawnCorruption drawn = {static_cast<CorruptionKind>(kind), unit(1), 1, (first[2] & 1u) != 0, 0, 0, 0, 0};
    switch (drawn.kind) {
      case CorruptionKind::noise:
        drawn.amount *= noise;
        break;
      case CorruptionKind::blur:
        drawn.amount *= blur;
        break;
      case CorruptionKind::pixels:
        drawn.amount *= pixels;
        break;
      case CorruptionKind::low_resolution:
        drawn.factor = 2 + static_cast<int>(drawn.amount * (factor - 1));
        break;
      case CorruptionKind::box: {
        auto const second = random::bits(key, static_cast<std::uint32_t>(2 * sample + 1));
        range(height, second[0], second[1], drawn.top, drawn.bottom);
        range(width, second[2], second[3], drawn.left, drawn.right);
        break;
      }
      default:
        break;
    }
    return drawn;
  }

 private:
  // A random range within [0, side).
  KOKKOS_FUNCTION void range(int side, std::uint32_t length_bits, std::uint32_t begin_bits, int& begin, int& end) const {
    double const share = box_min + (box_max - box_min) * static_cast<double>(random::uniform(length_bits));
    auto const length = static_cast<int>(share * side + 0.5);  // NOLINT(bugprone-incorrect-roundings): share and side are not negative
    begin = static_cast<int>(static_cast<double>(random::uniform(begin_bits)) * (side - length + 1));
    end = begin + length;
  }
};

/// Images, one sample at a time.
template <class Real>
struct CorruptedImages {
  DrawCorruption draw;
  Real const* x;
  Real const* z;
  Real* between;
  Real* y;
  int height, width, channels;
  int blur_radius;

  static constexpr GaussianWindow sketch_window{};

  KOKKOS_FUNCTION std::size_t row_size() const { return static_cast<std::size_t>(width) * channels; }
  KOKKOS_FUNCTION std::size_t row_of(std::size_t row) const { return row * row_size(); }
  /// Number of a row in the global batch, which determines its random numbers.
  KOKKOS_FUNCTION std::size_t drawn_row(std::size_t row) const {
    auto const rows = static_cast<std::size_t>(height);
    return draw.key.samples.of(row / rows) * rows + row % rows;
  }
  /// Weights of the filter of a sample. On a device every thread computes them for its one element, 2 radius + 1 exponentials in double: a
  /// step launches each pass once, so this is not worth an array of weights per sample (docs/backends.md).
  KOKKOS_FUNCTION WindowWeights<Real> window(DrawnCorruption const& drawn) const {
    return drawn.kind == CorruptionKind::blur ? WindowWeights<Real>(blur_radius, drawn.amount)
                                              : WindowWeights<Real>(sketch_window.taps / 2, sketch_window.sigma);
  }
  KOKKOS_FUNCTION Real grey(Real const* pixel) const {
    Real sum = 0;
    for (int c = 0; c < channels; ++c) sum += pixel[c];
    return sum / static_cast<Real>(channels);
  }
};

/// First pass over rows (n·h, w·c): filters along w, and means over the blocks of a low resolution.
template <class Real>
struct PrepareCorruption : CorruptedImages<Real> {
  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    DrawnCorruption const drawn = this->draw.of(row / this->height);
    Real* const to = this->between + this->row_of(row);
    if (drawn.kind == CorruptionKind::blur || drawn.kind == CorruptionKind::sketch)
      filter(drawn, this->x + this->row_of(row), to, first, last);
    else if (drawn.kind == CorruptionKind::low_resolution)
      average(drawn.factor, row, to, first, last);
  }

 private:
  KOKKOS_FUNCTION void filter(DrawnCorruption const& drawn, Real const* from, Real* to, std::size_t first, std::size_t last) const {
    WindowWeights<Real> const window = this->window(drawn);
    bool const sketch = drawn.kind == CorruptionKind::sketch;
    for (std::size_t i = first; i < last; ++i) {
      int const column = static_cast<int>(i / this->channels), c = static_cast<int>(i % this->channels);
      bool const inside = column >= window.radius && column + window.radius < this->width;
      Real sum = 0;
      for (int k = -window.radius; k <= window.radius; ++k) {
        Real const* const pixel = from + static_cast<std::size_t>(inside ? column + k : mirrored(column + k, this->width)) * this->channels;
        sum += window.weights[k + window.radius] * (sketch ? this->grey(pixel) + Real(1) : pixel[c]);
      }
      to[i] = sum;
    }
  }
  // Row y of `between` gets the blocks of row y at the low resolution.
  KOKKOS_FUNCTION void average(int factor, std::size_t row, Real* to, std::size_t first, std::size_t last) const {
    int const block_row = static_cast<int>(row % this->height);
    if (block_row * factor >= this->height) return;
    Real const* const image = this->x + this->row_of(row - static_cast<std::size_t>(block_row));
    for (std::size_t i = first; i < last; ++i) {
      int const column = static_cast<int>(i / this->channels), c = static_cast<int>(i % this->channels);
      if (column * factor >= this->width) return;
      to[i] = block_mean(image, Shape{this->height, this->width, this->channels}, factor, block_row, column, c);
    }
  }
};

/// Second pass over the same rows: everything else.
template <class Real>
struct FinishCorruption : CorruptedImages<Real> {
  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    DrawnCorruption const drawn = this->draw.of(row / this->height);
    int const v = static_cast<int>(row % this->height);
    Real const* const from = this->x + this->row_of(row);
    Real const* const fill = this->z + this->row_of(row);
    Real* const to = this->y + this->row_of(row);
    switch (drawn.kind) {
      case CorruptionKind::none:
        for (std::size_t i = first; i < last; ++i) to[i] = from[i];
        break;
      case CorruptionKind::noise:
        noise(static_cast<Real>(drawn.amount), row, from, to, first, last);
        break;
      case CorruptionKind::blur:
      case CorruptionKind::sketch:
        filter(drawn, row, from, to, first, last);
        break;
      case CorruptionKind::low_resolution:
        enlarge(drawn, row, to, first, last);
        break;
      case CorruptionKind::box:
        for (std::size_t i = first; i < last; ++i) {
          int const u = static_cast<int>(i / this->channels);
          bool const missing = v >= drawn.top && v < drawn.bottom && u >= drawn.left && u < drawn.right;
          to[i] = missing ? fill[i] : from[i];
        }
        break;
      case CorruptionKind::pixels:
        for (std::size_t i = first; i < last; ++i) {
          std::size_t const pixel = this->drawn_row(row) * this->width + i / this->channels;
          auto const words = random::bits(part(2), static_cast<std::uint32_t>(pixel / 4));
          to[i] = random::uniform(words[pixel % 4]) < static_cast<float>(drawn.amount) ? fill[i] : from[i];
        }
        break;
      case CorruptionKind::grey:
        for (std::size_t i = first; i < last; ++i) to[i] = this->grey(from + i / this->channels * this->channels);
        break;
    }
  }

 private:
  KOKKOS_FUNCTION Key part(std::uint32_t number) const {
    Key key = this->draw.key;
    key.substream += number;
    return key;
  }
  KOKKOS_FUNCTION void noise(Real deviation, std::size_t row, Real const* from, Real* to, std::size_t first, std::size_t last) const {
    Key const key = part(1);
    float values[4] = {};
    for (std::size_t i = first; i < last; ++i) {
      std::size_t const element = this->row_of(this->drawn_row(row)) + i;
      if (i == first || element % 4 == 0) {
        auto const words = random::bits(key, static_cast<std::uint32_t>(element / 4));
        random::gaussian_pair(words[0], words[1], values[0], values[1]);
        random::gaussian_pair(words[2], words[3], values[2], values[3]);
      }
      to[i] = Kokkos::fma(deviation, static_cast<Real>(values[element % 4]), from[i]);
    }
  }
  KOKKOS_FUNCTION void filter(DrawnCorruption const& drawn, std::size_t row, Real const* from, Real* to, std::size_t first,
                              std::size_t last) const {
    WindowWeights<Real> const window = this->window(drawn);
    int const v = static_cast<int>(row % this->height);
    std::size_t const top = row - static_cast<std::size_t>(v);
    for (std::size_t i = first; i < last; ++i) to[i] = 0;
    for (int k = -window.radius; k <= window.radius; ++k) {
      Real const weight = window.weights[k + window.radius];
      Real const* const source_row = this->between + this->row_of(top + static_cast<std::size_t>(mirrored(v + k, this->height)));
      for (std::size_t i = first; i < last; ++i) to[i] += weight * source_row[i];
    }
    if (drawn.kind != CorruptionKind::sketch) return;
    for (std::size_t i = first; i < last; ++i)
      to[i] = (this->grey(from + i / this->channels * this->channels) + Real(1)) / (to[i] + Real(1e-10)) - Real(1);
  }
  KOKKOS_FUNCTION void enlarge(DrawnCorruption const& drawn, std::size_t row, Real* to, std::size_t first, std::size_t last) const {
    int const v = static_cast<int>(row % this->height);
    BlockScale<Real> const scale{drawn.factor, drawn.nearest ? Upscaling::nearest : Upscaling::bilinear};
    Real down = 0;
    Real const* const upper = this->between + this->row_of(row - static_cast<std::size_t>(v) + scale.block_of(v, this->height, down));
    Real const* const lower = down > 0 ? upper + this->row_size() : upper;
    for (std::size_t i = first; i < last; ++i) {
      Real right = 0;
      int const left = scale.block_of(static_cast<int>(i / this->channels), this->width, right);
      std::size_t const element = static_cast<std::size_t>(left) * this->channels + i % this->channels;
      std::size_t const next = right > 0 ? element + this->channels : element;
      Real const above = upper[element] + right * (upper[next] - upper[element]);
      Real const below = lower[element] + right * (lower[next] - lower[element]);
      to[i] = above + down * (below - above);
    }
  }
};

}  // namespace detail

/// Computes y = A(x) with a random A for each sample. Missing pixels have the values of z.
///
/// The corruption of a sample depends on the key and its index alone. Random numbers are from the substreams `key.substream` to
/// `key.substream + 2`. Noise is not clipped to [-1, 1]. Asynchronous on `exec`; with a captured graph, new for each launch.
/// \param x, z, y  (n, h, w, c); y in other memory than x
/// \param scratch  grows to the size of x at first use
/// \throws Error [ign.shape.315] if extents differ, [ign.option.455] on invalid options, [ign.option.456] if x and y are the same memory
template <Scalar Real, class Exec>
void corrupt(Exec const& exec, CorruptionMixture const& mixture, Key const& key, TensorRef<Real, Exec> const& x,
             TensorRef<Real, Exec> const& z, TensorRef<Real, Exec> const& y, Buffer<Real, Exec>& scratch) {
  detail::require_same_extents("corrupt", x, z, "z");
  detail::require_same_extents("corrupt", x, y);
  validate(mixture);
  require(x.data() != y.data() || x.size() == 0, Fault::option, 456, "corrupt: x and y are the same memory, expected two tensors");
  auto const image = shape_of(x);
  auto const between = scratch.reserve(exec, x.size());
  detail::CorruptedImages<Real> const images = {detail::DrawCorruption(mixture, key, image),
                                                x.data(),
                                                z.data(),
                                                between.data(),
                                                y.data(),
                                                image.height,
                                                image.width,
                                                image.channels,
                                                static_cast<int>(std::ceil(3 * mixture.max_blur_sigma))};
  std::size_t const rows = x.extent(0) * x.extent(1), size = x.extent(2) * x.extent(3);
  for_each_chunk("ign::corrupt::prepare", exec, rows, size, detail::PrepareCorruption<Real>{images});
  for_each_chunk("ign::corrupt::finish", exec, rows, size, detail::FinishCorruption<Real>{images});
}

}  // namespace ign

#endif  // IGN_CORRUPTIONS_MIXTURE_HPP
