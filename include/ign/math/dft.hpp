// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Two-dimensional discrete Fourier transform of real images and its inverse, on hosts and devices.
///
/// Algorithm: two small matrix products per image and channel, along the width and along the height. Dense products suffice for the image
/// extents of this library; no FFT library is needed.
///
/// X(k, l) = Σ u(y, x) exp(-2πi (k y / h + l x / w)). The inverse has the factor 1 / (h w), as in NumPy. For real images u, X(-k, -l) is
/// the conjugate of X(k, l): only the columns l = 0 … w/2 are stored, as in NumPy's rfft2. Layout: images (n, h, w, c), spectra (n, 2, h,
/// w/2 + 1, c) with real parts first, then imaginary parts.
#ifndef IGN_MATH_DFT_HPP
#define IGN_MATH_DFT_HPP

#include <cmath>
#include <numbers>
#include <vector>

#include "ign/core/elementwise.hpp"

namespace ign::math {

/// cos(2π j / n), with exact zeros and ones.
inline double cos_turn(std::size_t j, std::size_t n) {
  std::size_t m = 2 * (j % n);  // the angle is π m / n
  if (m > n) m = 2 * n - m;
  if (2 * m > n) return -cos_turn(n - m, 2 * n);
  auto const half_turns = static_cast<double>(n);
  if (4 * m > n) return std::sin(std::numbers::pi * static_cast<double>(n - 2 * m) / (2 * half_turns));
  return std::cos(std::numbers::pi * static_cast<double>(m) / half_turns);
}

/// sin(2π j / n), with exact zeros and ones.
inline double sin_turn(std::size_t j, std::size_t n) { return cos_turn(4 * (j % n) + 3 * n, 4 * n); }

/// Tables of cosines and sines for images of one shape.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
class Dft {
 public:
  /// Computes the tables on the host and copies them to the memory of `exec`. Fences `exec`.
  Dft(Exec const& exec, Shape image)
      : m_image(image), m_tables(make_vector<Real>(exec, "ign::dft::tables", 2 * height_size() + 4 * width_size())) {
    auto const h = static_cast<std::size_t>(image.height), w = static_cast<std::size_t>(image.width), half = columns();
    std::vector<Real> tables;
    tables.reserve(m_tables.size());
    for (auto* turn : {&cos_turn, &sin_turn})
      for (std::size_t k = 0; k < h; ++k)
        for (std::size_t y = 0; y < h; ++y) tables.push_back(static_cast<Real>(turn(k * y, h)));
    for (auto* turn : {&cos_turn, &sin_turn})
      for (std::size_t x = 0; x < w; ++x)
        for (std::size_t l = 0; l < half; ++l) tables.push_back(static_cast<Real>(turn(x * l, w)));
    for (auto* turn : {&cos_turn, &sin_turn}) {
      for (std::size_t l = 0; l < half; ++l) {
        // A stored column also stands for its conjugate column, unless it is its own conjugate.
        double const weight = (own_conjugate(l) ? 1.0 : 2.0) / static_cast<double>(h * w);
        for (std::size_t x = 0; x < w; ++x) tables.push_back(static_cast<Real>(weight * turn(x * l, w)));
      }
    }
    Kokkos::View<Real const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(tables.data(), tables.size());
    Kokkos::deep_copy(exec, m_tables, host);
    exec.fence("ign::dft: the tables have been read");
  }

  Shape image() const { return m_image; }  ///< shape of a sample
  /// Number of columns of a spectrum, w/2 + 1.
  std::size_t columns() const { return static_cast<std::size_t>(m_image.width) / 2 + 1; }
  /// True if column -l is column l.
  bool own_conjugate(std::size_t column) const { return 2 * column % static_cast<std::size_t>(m_image.width) == 0; }
  /// Size of the spectrum of one sample, in elements.
  std::size_t spectrum_size() const {
    return 2 * static_cast<std::size_t>(m_image.height) * columns() * static_cast<std::size_t>(m_image.channels);
  }

  Real const* height_cos() const { return m_tables.data(); }                            ///< (k, y)
  Real const* height_sin() const { return height_cos() + height_size(); }               ///< (k, y)
  Real const* width_cos() const { return height_sin() + height_size(); }                ///< (x, l)
  Real const* width_sin() const { return width_cos() + width_size(); }                  ///< (x, l)
  Real const* inverse_width_cos() const { return width_sin() + width_size(); }          ///< (l, x), weighted
  Real const* inverse_width_sin() const { return inverse_width_cos() + width_size(); }  ///< (l, x), weighted

 private:
  std::size_t height_size() const { return static_cast<std::size_t>(m_image.height) * static_cast<std::size_t>(m_image.height); }
  std::size_t width_size() const { return static_cast<std::size_t>(m_image.width) * columns(); }

  Shape m_image;
  Vector<Real, Exec> m_tables;
};

namespace detail {

/// Splits a chunk into blocks of constant length, whose sums stay in registers. The division follows from the extents, not from the number
/// of threads.
template <class Body>
struct DftBlocks {
  Body body;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    for (; first + 16 <= last; first += 16) body.template block<16>(row, first);
    for (; first + 4 <= last; first += 4) body.template block<4>(row, first);
    for (; first < last; ++first) body.template block<1>(row, first);
  }
};

/// Complex to complex along the height. Rows: (sample, k); elements: (l, c).
template <class Real>
struct DftHeight {
  Real const* cosine;
  Real const* sine;
  Real sign;  // sign of the exponent
  std::size_t height, size;
  Real const* in;
  Real* out;

  template <std::size_t count>
  KOKKOS_FUNCTION void block(std::size_t row, std::size_t first) const {
    std::size_t const k = row % height;
    std::size_t const sample = row / height * 2 * height * size;
    Real const* const real = in + sample + first;
    Real const* const imag = real + height * size;
    Real a[count] = {};
    Real b[count] = {};
    for (std::size_t y = 0; y < height; ++y) {
      Real const c = cosine[k * height + y];
      Real const s = sign * sine[k * height + y];
      for (std::size_t i = 0; i < count; ++i) {
        a[i] += c * real[y * size + i] - s * imag[y * size + i];
        b[i] += c * imag[y * size + i] + s * real[y * size + i];
      }
    }
    Real* const to = out + sample + k * size + first;
    for (std::size_t i = 0; i < count; ++i) to[i] = a[i];
    for (std::size_t i = 0; i < count; ++i) to[height * size + i] = b[i];
  }
};

/// Extents of transforms along the width, and the first elements of their rows (sample, y, c).
struct DftRows {
  std::size_t height, width, columns, channels;

  /// Elements of the real, and of the imaginary part of a sample's spectrum.
  KOKKOS_FUNCTION std::size_t part() const { return height * columns * channels; }
  KOKKOS_FUNCTION std::size_t of_images(std::size_t row) const { return row / channels * width * channels + row % channels; }
  /// In the real part.
  KOKKOS_FUNCTION std::size_t of_spectra(std::size_t row) const {
    std::size_t const image_row = row / channels;
    return image_row / height * 2 * part() + image_row % height * columns * channels + row % channels;
  }
};

/// Real to complex along the width. Elements: l.
template <class Real>
struct DftWidth {
  Real const* cosine;
  Real const* sine;
  DftRows rows;
  Real const* in;
  Real* out;

  template <std::size_t count>
  KOKKOS_FUNCTION void block(std::size_t row, std::size_t first) const {
    std::size_t const columns = rows.columns, channels = rows.channels;
    Real const* const from = in + rows.of_images(row);
    Real a[count] = {};
    Real b[count] = {};
    for (std::size_t x = 0; x < rows.width; ++x) {
      Real const value = from[x * channels];
      for (std::size_t i = 0; i < count; ++i) {
        a[i] += value * cosine[x * columns + first + i];
        b[i] -= value * sine[x * columns + first + i];
      }
    }
    Real* const real = out + rows.of_spectra(row) + first * channels;
    Real* const imag = real + rows.part();
    for (std::size_t i = 0; i < count; ++i) real[i * channels] = a[i];
    for (std::size_t i = 0; i < count; ++i) imag[i * channels] = b[i];
  }
};

/// Real part of complex to complex along the width. Elements: x.
template <class Real>
struct InverseDftWidth {
  Real const* cosine;
  Real const* sine;
  DftRows rows;
  Real const* in;
  Real* out;

  template <std::size_t count>
  KOKKOS_FUNCTION void block(std::size_t row, std::size_t first) const {
    std::size_t const width = rows.width, channels = rows.channels;
    Real const* const real = in + rows.of_spectra(row);
    Real const* const imag = real + rows.part();
    Real a[count] = {};
    for (std::size_t l = 0; l < rows.columns; ++l) {
      Real const p = real[l * channels];
      Real const q = imag[l * channels];
      for (std::size_t i = 0; i < count; ++i) a[i] += p * cosine[l * width + first + i] - q * sine[l * width + first + i];
    }
    Real* const to = out + rows.of_images(row) + first * channels;
    for (std::size_t i = 0; i < count; ++i) to[i * channels] = a[i];
  }
};

/// Checks the extents of images, spectra and scratch. \throws Error [ign.shape.251] on a mismatch
template <Scalar Real, class Exec>
void check_dft(Dft<Real, Exec> const& dft, TensorRef<Real, Exec> const& images, VectorRef<Real, Exec> const& spectra,
               VectorRef<Real, Exec> const& scratch) {
  std::size_t const expected = images.extent(0) * dft.spectrum_size();
  require(shape_of(images) == dft.image() && spectra.size() == expected && scratch.size() == expected, Fault::shape, 251,
          "dft: ", images.extent(0), " images of ", shape_of(images), ", ", spectra.size(), " elements of spectra and ", scratch.size(),
          " of scratch, expected images of ", dft.image(), " and ", expected, " elements of each");
}

}  // namespace detail

/// spectra (n, 2, h, w/2 + 1, c) = DFT of images (n, h, w, c). `scratch` has the size of `spectra`.
/// \throws Error [ign.shape.251] if the extents do not match
template <Scalar Real, class Exec>
void dft(Exec const& exec, Dft<Real, Exec> const& plan, TensorRef<Real, Exec> const& images, VectorRef<Real, Exec> const& spectra,
         VectorRef<Real, Exec> const& scratch) {
  detail::check_dft(plan, images, spectra, scratch);
  auto const n = images.extent(0), h = images.extent(1), w = images.extent(2), c = images.extent(3), half = plan.columns();
  for_each_chunk(
      "ign::dft width", exec, n * h * c, half,
      detail::DftBlocks<detail::DftWidth<Real>>{{plan.width_cos(), plan.width_sin(), {h, w, half, c}, images.data(), scratch.data()}});
  for_each_chunk("ign::dft height", exec, n * h, half * c,
                 detail::DftBlocks<detail::DftHeight<Real>>{
                     {plan.height_cos(), plan.height_sin(), Real(-1), h, half * c, scratch.data(), spectra.data()}});
}

/// images = real part of the inverse DFT of the full spectrum, whose columns beyond w/2 are the conjugates of the stored ones. In a column
/// that is its own conjugate, rows k and -k need not be conjugates of each other. Extents as in `dft`.
/// \throws Error [ign.shape.251] if the extents do not match
template <Scalar Real, class Exec>
void inverse_dft(Exec const& exec, Dft<Real, Exec> const& plan, VectorRef<Real, Exec> const& spectra, TensorRef<Real, Exec> const& images,
                 VectorRef<Real, Exec> const& scratch) {
  detail::check_dft(plan, images, spectra, scratch);
  auto const n = images.extent(0), h = images.extent(1), w = images.extent(2), c = images.extent(3), half = plan.columns();
  for_each_chunk("ign::inverse_dft height", exec, n * h, half * c,
                 detail::DftBlocks<detail::DftHeight<Real>>{
                     {plan.height_cos(), plan.height_sin(), Real(1), h, half * c, spectra.data(), scratch.data()}});
  for_each_chunk("ign::inverse_dft width", exec, n * h * c, w,
                 detail::DftBlocks<detail::InverseDftWidth<Real>>{
                     {plan.inverse_width_cos(), plan.inverse_width_sin(), {h, w, half, c}, scratch.data(), images.data()}});
}

}  // namespace ign::math

#endif  // IGN_MATH_DFT_HPP
