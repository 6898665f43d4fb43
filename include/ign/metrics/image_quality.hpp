// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Image similarity per sample: mean absolute error, PSNR, SSIM.
#ifndef IGN_METRICS_IMAGE_QUALITY_HPP
#define IGN_METRICS_IMAGE_QUALITY_HPP

#include <cmath>

#include "ign/core/elementwise.hpp"
#include "ign/core/finite.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/l1.hpp"
#include "ign/losses/mse.hpp"

namespace ign::metrics {

namespace detail {

/// \throws Error [ign.shape.205] when the tensors differ in extents or are empty, or when `out` does not have one number per sample
template <class Real, class Exec>
void check_images(char const* measure, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b, VectorRef<Real, Exec> const& out) {
  require(shape_of(a) == shape_of(b) && a.extent(0) == b.extent(0) && out.extent(0) == a.extent(0) && shape_of(a).size() > 0, Fault::shape,
          205, measure, ": ", a.extent(0), " samples of ", shape_of(a), " and ", b.extent(0), " of ", shape_of(b), " to ", out.extent(0),
          " elements, expected equal extents, at least 1 element per sample, and one result per sample");
}

inline void check_range(char const* measure, double range) {
  require(is_finite(range) && range > 0, Fault::option, 207, measure, ": the data range is ", range, ", expected a positive number");
}

template <class Real>
struct ToPsnr {
  double range;
  Real* values;  // mean squared errors, replaced by PSNR

  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    auto const error = static_cast<double>(values[n]);
    values[n] = static_cast<Real>(error > 0 ? 10 * Kokkos::log10(range * range / error) : Kokkos::Experimental::infinity_v<double>);
  }
};

inline constexpr int ssim_window = 11;

/// Sum of SSIM over the windows and channels of one row of windows; one index per sample and row.
template <class Real, std::size_t block>
struct SsimRows {
  Real const* a;
  Real const* b;
  std::size_t width, channels, rows;  // width = pixels · channels
  std::size_t sample;                 // elements per sample
  Kokkos::Array<double, ssim_window> weights;
  double c1, c2;
  double* sums;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const offset = index / rows * sample + index % rows * width;
    std::size_t const count = width - (ssim_window - 1) * channels;
    double sum = 0;
    for (std::size_t first = 0; first < count; first += block)
      sum += sum_of(a + offset + first, b + offset + first, count - first < block ? count - first : block);
    sums[index] = sum;
  }

 private:
  KOKKOS_FUNCTION double sum_of(Real const* x, Real const* y, std::size_t count) const {
    double mean_x[block] = {}, mean_y[block] = {}, square_x[block] = {}, square_y[block] = {}, product[block] = {};
    for (int dy = 0; dy < ssim_window; ++dy) {
      for (int dx = 0; dx < ssim_window; ++dx) {
        double const weight = weights[dy] * weights[dx];
        Real const* const p = x + dy * width + dx * channels;
        Real const* const q = y + dy * width + dx * channels;
        for (std::size_t i = 0; i < count; ++i) {
          auto const u = static_cast<double>(p[i]);
          auto const v = static_cast<double>(q[i]);
          mean_x[i] += weight * u;
          mean_y[i] += weight * v;
          square_x[i] += weight * u * u;
          square_y[i] += weight * v * v;
          product[i] += weight * u * v;
        }
      }
    }
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      double const means = mean_x[i] * mean_y[i];
      double const mean_squares = mean_x[i] * mean_x[i] + mean_y[i] * mean_y[i];
      double const variances = square_x[i] + square_y[i] - mean_squares;
      sum += (2 * means + c1) * (2 * (product[i] - means) + c2) / ((mean_squares + c1) * (variances + c2));
    }
    return sum;
  }
};

template <class Real>
struct MeanOfRows {
  double const* sums;
  std::size_t rows;
  double count;  // windows · channels per sample
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    double sum = 0;
    for (std::size_t row = 0; row < rows; ++row) sum += sums[n * rows + row];
    out[n] = static_cast<Real>(sum / count);
  }
};

/// Gaussian weights over the window, of standard deviation 1.5 pixels and sum 1.
inline Kokkos::Array<double, ssim_window> ssim_weights() {
  Kokkos::Array<double, ssim_window> weights{};
  double sum = 0;
  constexpr int middle = ssim_window / 2;
  for (int i = 0; i < ssim_window; ++i) {
    double const distance = (i - middle) / 1.5;
    weights[i] = std::exp(-0.5 * distance * distance);
    sum += weights[i];
  }
  for (int i = 0; i < ssim_window; ++i) weights[i] /= sum;
  return weights;
}

}  // namespace detail

/// Computes out(n) = mean |a - b| over the elements of sample n. Asynchronous on `exec`.
///
/// \throws Error [ign.shape.205] when the extents differ
template <class Real, class Exec>
void mean_l1(Exec const& exec, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b, VectorRef<Real, Exec> const& out) {
  detail::check_images<Real, Exec>("mean L1", a, b, out);
  sample_distances(exec, L1{}, a, b, out);
}

/// Computes the peak signal-to-noise ratio out(n) = 10 log10(range² / mean (a - b)²) in decibels, infinite for equal samples. Asynchronous
/// on `exec`.
///
/// \param range  difference of the largest and the smallest possible number, 2 for images in [-1, 1]
/// \throws Error [ign.shape.205] when the extents differ, [ign.option.207] when the range is not positive
template <class Real, class Exec>
void psnr(Exec const& exec, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b, double range,
          VectorRef<Real, Exec> const& out) {
  detail::check_images<Real, Exec>("PSNR", a, b, out);
  detail::check_range("PSNR", range);
  sample_distances(exec, Mse{}, a, b, out);
  Kokkos::parallel_for("ign::metrics::psnr", range_policy(exec, out.extent(0)), detail::ToPsnr<Real>{range, out.data()});
}

/// Computes the structural similarity of sample n: the mean over channels and over all windows inside the image, 1 for equal samples.
/// Fences `exec`.
///
/// Windows are 11×11 with Gaussian weights of standard deviation 1.5, K1 = 0.01, K2 = 0.03; variances are divided by the sum of weights.
/// \param range  difference of the largest and the smallest possible number, as for psnr
/// \source Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity", IEEE Transactions
///         on Image Processing 13 (2004), equations 13 to 17
/// \throws Error [ign.shape.205] when the extents differ, [ign.shape.206] when images are smaller than a window, [ign.option.207] when the
///         range is not positive
template <class Real, class Exec>
void ssim(Exec const& exec, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b, double range,
          VectorRef<Real, Exec> const& out) {
  detail::check_images<Real, Exec>("SSIM", a, b, out);
  detail::check_range("SSIM", range);
  Shape const shape = shape_of(a);
  require(shape.height >= detail::ssim_window && shape.width >= detail::ssim_window, Fault::shape, 206, "SSIM: images of ", shape,
          ", expected at least ", detail::ssim_window, " x ", detail::ssim_window, " pixels");
  auto const rows = static_cast<std::size_t>(shape.height - detail::ssim_window + 1);
  auto const channels = static_cast<std::size_t>(shape.channels);
  double const windows = static_cast<double>(rows) * (shape.width - detail::ssim_window + 1) * shape.channels;
  auto const sums = make_vector<double>(exec, "ign::metrics::ssim", a.extent(0) * rows);
  constexpr std::size_t block = uses_host_kernels_v<Exec> ? 32 : 1;
  using Rows = detail::SsimRows<Real, block>;
  Kokkos::parallel_for("ign::metrics::ssim", range_policy(exec, sums.size()),
                       Rows{a.data(), b.data(), shape.width * channels, channels, rows, shape.size(), detail::ssim_weights(),
                            1e-4 * range * range, 9e-4 * range * range, sums.data()});
  Kokkos::parallel_for("ign::metrics::ssim mean", range_policy(exec, out.extent(0)),
                       detail::MeanOfRows<Real>{sums.data(), rows, windows, out.data()});
  exec.fence("ign::metrics::ssim sums");  // `sums` is freed on return
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_IMAGE_QUALITY_HPP
