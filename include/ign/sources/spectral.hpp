// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Noise with the spectrum of the data: Gaussian real and imaginary parts with the data's mean and standard deviation at each frequency.
///
/// The published method draws both parts of all frequencies independently and takes the real part of the inverse transform. At frequency
/// (k, l) the result is the mean of two draws, that of (k, l) and the conjugate of that of (-k, -l). Its variance is half of the data's,
/// unless the frequency is its own conjugate. The Hermitian variant draws conjugate frequencies together and has the full variance.
///
/// This implementation draws only the half spectrum of a real image. The factor on the data's standard deviation is
///  - 1 (Hermitian) or 1/√2 (published) in a column that also stands for its conjugate column: one draw replaces two;
///  - √2 (Hermitian) or 1 (published) in a column that is its own conjugate: rows k and -k are drawn independently, and only their mean
///    remains. It is 1 in both variants for a row k that equals -k.
///
/// The distributions equal those of the definitions, with half of the random numbers; tests/sources compares them.
#ifndef IGN_SOURCES_SPECTRAL_HPP
#define IGN_SOURCES_SPECTRAL_HPP

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "ign/core/finite.hpp"
#include "ign/core/parameters.hpp"
#include "ign/core/workspace.hpp"
#include "ign/math/dft.hpp"
#include "ign/random/fill.hpp"

namespace ign {

/// Variant of spectral noise.
struct SpectralOptions {
  bool hermitian = false;  ///< draw conjugate frequencies together: z has the variance of the data, not half of it
  bool per_batch = false;  ///< use the statistics of the current batch in training, and those of the last one afterwards

  /// True if both options are equal.
  friend bool operator==(SpectralOptions const&, SpectralOptions const&) = default;
};

/// Name of the variant: "spectral", "spectral-hermitian", "spectral-batch" or "spectral-hermitian-batch".
inline std::string name(SpectralOptions const& options) {
  return std::string("spectral") + (options.hermitian ? "-hermitian" : "") + (options.per_batch ? "-batch" : "");
}

/// Returns the variant with this name, or nullopt if there is none.
inline std::optional<SpectralOptions> spectral_options(std::string const& text) {
  for (SpectralOptions const options : {SpectralOptions{false, false}, {true, false}, {false, true}, {true, true}})
    if (name(options) == text) return options;
  return std::nullopt;
}

namespace detail {
struct SpectralTransform;
}

/// Source of spectral noise for images of one shape. Copies share the statistics, as Views do.
/// \source Shocher et al., "Idempotent Generative Network", arXiv 2311.01462, appendix; statistics per batch as in the reproduction
///         github.com/abdelahmed0/KTH-DD2412-Idempotent-GenNets
template <Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Spectral {
 public:
  /// A source without statistics: `gather_statistics`, `observe` or a checkpoint sets them.
  Spectral(Exec const& exec, Shape image, SpectralOptions const& options = {})
      : m_options(options),
        m_dft(exec, image),
        m_statistics(make_vector<Real>(exec, "ign::spectral::statistics", 2 * m_dft.spectrum_size())),
        m_moments(make_vector<double>(exec, "ign::spectral::moments", 2 * m_dft.spectrum_size())),
        m_state(std::make_shared<State>()) {}

  SpectralOptions const& options() const { return m_options; }  ///< as given
  Shape image() const { return m_dft.image(); }                 ///< extents of the images
  /// Number of real values in the spectrum of an image.
  std::size_t spectrum_size() const { return m_dft.spectrum_size(); }
  /// Number of images added since the last `reset`.
  std::uint64_t images() const { return m_state->added; }
  /// True if there are statistics, from `finish` or `restore`.
  bool ready() const { return m_state->ready; }

  /// Means and standard deviations of the real and imaginary parts. In files they have the layout of torch.fft.rfft2, (c, h, w/2 + 1).
  std::vector<ArrayInfo> arrays() const {
    std::vector<ArrayInfo> all;
    for (char const* text : {"mean_real", "mean_imag", "std_real", "std_imag"})
      all.push_back({text, {image().height, static_cast<int>(m_dft.columns()), image().channels}, {}, {2, 0, 1}});
    return all;
  }
  Vector<Real, Exec> const& state() const { return m_statistics; }  ///< elements of all arrays, one after the other

  /// Sets the statistics to those of a file and discards the images added so far.
  /// \throws Error [ign.shape.252] if their count is wrong, [ign.format.250] if they cannot be statistics; the source is then unchanged
  void restore(std::vector<Real> const& statistics) const {
    require(statistics.size() == m_statistics.size(), Fault::shape, 252, "spectral: ", statistics.size(), " statistics, expected ",
            m_statistics.size());
    for (std::size_t i = 0; i < statistics.size(); ++i) {
      bool const deviation = i >= statistics.size() / 2;
      require(is_finite(statistics[i]) && (!deviation || statistics[i] >= 0), Fault::format, 250,
              "spectral: ", deviation ? "standard deviation " : "mean ", i % (statistics.size() / 2), " is ", statistics[i],
              ", expected finite means and finite standard deviations of 0 or more");
    }
    Kokkos::View<Real const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(statistics.data(), statistics.size());
    Kokkos::deep_copy(m_statistics, host);
    Kokkos::deep_copy(m_moments, 0.0);
    *m_state = {0, true};
  }

  /// Discards the images added so far.
  void reset(Exec const& exec) const {
    Kokkos::deep_copy(exec, m_moments, 0.0);
    m_state->added = 0;
  }
  /// Adds images (n, h, w, c) to the statistics. Each frequency sums over the images in their order and in double, so that the statistics
  /// depend neither on the number of threads nor on the division into batches.
  void add(Exec const& exec, TensorRef<Real, Exec> const& x, Buffer<Real, Exec>& scratch) const;
  /// Computes the statistics of the images added since the last `reset`.
  /// \throws Error [ign.state.250] if there are none
  void finish(Exec const& exec) const;

 private:
  friend struct detail::SpectralTransform;

  struct State {
    std::uint64_t added = 0;  // images since the last reset
    bool ready = false;       // there are statistics
  };

  SpectralOptions m_options;
  math::Dft<Real, Exec> m_dft;
  Vector<Real, Exec> m_statistics;  // mean (2, h, w/2 + 1, c), standard deviation
  Vector<double, Exec> m_moments;   // mean, sum of squared differences from it
  std::shared_ptr<State> m_state;   // shared by copies, as the Views are
};

/// Name of the source in files, that of its variant.
template <Scalar Real, class Exec>
std::string name(Spectral<Real, Exec> const& source) {
  return name(source.options());
}

/// True: samples are drawn by their global index. False for statistics of each batch, which ranks do not share.
template <Scalar Real, class Exec>
bool draws_by_global_index(Spectral<Real, Exec> const& source) {
  return !source.options().per_batch;
}

namespace detail {

/// \source Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962)
template <class Real>
struct AddMoments {
  Real const* spectra;
  std::size_t size, count;  // elements of a spectrum, number of spectra
  double seen;              // number of images added before
  double* mean;
  double* square;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    for (std::size_t n = 0; n < count; ++n) {
      double const weight = 1 / (seen + static_cast<double>(n + 1));
      Real const* const x = spectra + n * size;
      IGN_IVDEP
      for (std::size_t i = first; i < last; ++i) {
        double const value = static_cast<double>(x[i]);
        double const difference = value - mean[i];
        mean[i] += weight * difference;
        square[i] += difference * (value - mean[i]);
      }
    }
  }
};

template <class Real>
struct FinishMoments {
  double const* moments;
  std::size_t size;
  double images;
  Real* statistics;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    for (std::size_t i = first; i < last; ++i) {
      statistics[i] = static_cast<Real>(moments[i]);
      statistics[size + i] = static_cast<Real>(Kokkos::sqrt(moments[size + i] / images));
    }
  }
};

/// Turns Gaussian values into spectra, in place. Rows are (sample, part, k), their elements (l, c).
template <class Real>
struct DrawSpectra {
  Real const* mean;
  Real const* deviation;
  std::size_t height, size;
  std::size_t from, to;  // range of the elements in columns that are not their own conjugates
  Real inner, outer;     // factor within this range; factor outside, unless row k equals row -k
  Real* spectra;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    std::size_t const element = row % (2 * height) * size;
    Real const edge = 2 * (row % height) % height == 0 ? Real(1) : outer;
    Real* const out = spectra + row * size;
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) {
      Real const factor = i >= from && i < to ? inner : edge;
      out[i] = mean[element + i] + factor * deviation[element + i] * out[i];
    }
  }
};

/// \throws Error [ign.shape.250] if images do not have the source's extents
template <Scalar Real, class Exec>
void check_spectral(Spectral<Real, Exec> const& source, Shape found) {
  require(found == source.image(), Fault::shape, 250, "spectral: images of ", found, ", expected ", source.image());
}

}  // namespace detail

template <Scalar Real, class Exec>
void Spectral<Real, Exec>::add(Exec const& exec, TensorRef<Real, Exec> const& x, Buffer<Real, Exec>& scratch) const {
  detail::check_spectral(*this, shape_of(x));
  std::size_t const size = m_dft.spectrum_size();
  std::size_t const all = x.extent(0) * size;
  auto const memory = scratch.reserve(exec, 2 * all);
  VectorRef<Real, Exec> const spectra(memory.data(), all);
  math::dft(exec, m_dft, x, spectra, VectorRef<Real, Exec>(memory.data() + all, all));
  for_each_chunk("ign::spectral::moments", exec, 1, size,
                 detail::AddMoments<Real>{spectra.data(), size, x.extent(0), static_cast<double>(images()), m_moments.data(),
                                          m_moments.data() + size});
  m_state->added += x.extent(0);
}

template <Scalar Real, class Exec>
void Spectral<Real, Exec>::finish(Exec const& exec) const {
  require(images() > 0, Fault::state, 250, "spectral: statistics of no images, expected at least one; call add before finish");
  for_each_chunk("ign::spectral::statistics", exec, 1, m_dft.spectrum_size(),
                 detail::FinishMoments<Real>{m_moments.data(), m_dft.spectrum_size(), static_cast<double>(images()), m_statistics.data()});
  m_state->ready = true;
}

/// Computes the statistics of all images of a data set, such as Batches: any type with count(), shape() and gather_range().
/// \throws Error [ign.shape.250] if the images do not have the source's extents
template <Scalar Real, class Exec, class Data>
void gather_statistics(Exec const& exec, Spectral<Real, Exec> const& source, Data const& data) {
  detail::check_spectral(source, data.shape());
  int const chunk = static_cast<int>(std::min<std::size_t>(data.count(), 128));
  auto const x = make_tensor<Real>(exec, "ign::spectral::x", chunk, data.shape());
  Buffer<Real, Exec> scratch("ign::spectral::scratch");
  source.reset(exec);
  for (std::size_t first = 0; first < data.count(); first += static_cast<std::size_t>(chunk)) {
    auto const left = static_cast<int>(std::min(data.count() - first, static_cast<std::size_t>(chunk)));
    auto const window = batch_range(x, 0, left);
    data.gather_range(exec, first, window);
    source.add(exec, window, scratch);
  }
  source.finish(exec);
}

/// Returns a source with the statistics of all images of `data`.
template <Scalar Real = float, class Exec, class Data>
Spectral<Real, Exec> spectral_of(Exec const& exec, Data const& data, SpectralOptions const& options = {}) {
  Spectral<Real, Exec> const source(exec, data.shape(), options);
  gather_statistics(exec, source, data);
  return source;
}

/// Sets the statistics to those of the batch x if the source has `per_batch`; otherwise does nothing.
/// \throws Error [ign.shape.250] if the images do not have the source's extents
template <Scalar Real, class Exec>
void observe(Exec const& exec, Spectral<Real, Exec> const& source, TensorRef<Real, Exec> const& x, Buffer<Real, Exec>& scratch) {
  if (!source.options().per_batch) return;
  source.reset(exec);
  source.add(exec, x, scratch);
  source.finish(exec);
}

namespace detail {

/// Access to the transform between images and spectra, an internal type.
struct SpectralTransform {
  template <Scalar Real, class Exec>
  static math::Dft<Real, Exec> const& of(Spectral<Real, Exec> const& source) {
    return source.m_dft;
  }
};

/// Computes z from Gaussian values, which become the spectra of z. `values` and `scratch` have the size of these spectra.
template <Scalar Real, class Exec>
void shape_spectrum(Exec const& exec, Spectral<Real, Exec> const& source, VectorRef<Real, Exec> const& values,
                    TensorRef<Real, Exec> const& z, VectorRef<Real, Exec> const& scratch) {
  auto const& plan = SpectralTransform::of(source);
  auto const c = z.extent(3), size = plan.columns() * c;
  bool const hermitian = source.options().hermitian;
  for_each_chunk("ign::spectral::draw", exec, z.extent(0) * 2 * z.extent(1), size,
                 DrawSpectra<Real>{source.state().data(), source.state().data() + plan.spectrum_size(), z.extent(1), size, c,
                                   plan.own_conjugate(plan.columns() - 1) ? size - c : size,
                                   static_cast<Real>(hermitian ? 1 : std::numbers::sqrt2 / 2),
                                   static_cast<Real>(hermitian ? std::numbers::sqrt2 : 1), values.data()});
  math::inverse_dft(exec, plan, values, z, scratch);
}

}  // namespace detail

/// Fills z (n, h, w, c). The first samples do not depend on n.
/// \throws Error [ign.state.250] if there are no statistics, [ign.shape.250] if z does not have the source's extents
template <Scalar Real, class Exec>
void sample(Exec const& exec, Spectral<Real, Exec> const& source, Key const& key, TensorRef<Real, Exec> const& z,
            Buffer<Real, Exec>& scratch) {
  require(source.ready(), Fault::state, 250, "spectral: no statistics yet; call gather_statistics with the data, or read a checkpoint");
  detail::check_spectral(source, shape_of(z));
  std::size_t const all = z.extent(0) * source.spectrum_size();
  auto const memory = scratch.reserve(exec, 2 * all);
  VectorRef<Real, Exec> const values(memory.data(), all);
  fill_gaussian(exec, key, 1.0, values, source.spectrum_size());
  detail::shape_spectrum(exec, source, values, z, VectorRef<Real, Exec>(memory.data() + all, all));
}

}  // namespace ign

#endif  // IGN_SOURCES_SPECTRAL_HPP
