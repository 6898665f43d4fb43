// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Noise with the spectrum of the data: Gaussian real and imaginary parts with the data's mean and deviation at every frequency.
///
/// As published, both parts of all frequencies are drawn independently, and the real part of the inverse transform is kept. What
/// that leaves of frequency (k, l) is the mean of its own draw and the conjugate of (-k, -l)'s: half the data's variance, unless
/// the frequency is its own conjugate. The Hermitian variant draws conjugates together, and has all of the variance.
/// Here only the half of the frequencies is drawn that a real image has, so that
///  - in a column that stands for its conjugate column as well, one draw takes the place of two: its deviation is the data's, or,
///    as published, 1/√2 of it;
///  - in a column that is its own conjugate, rows k and -k are drawn apart, and only their mean is left: the deviation is √2 of
///    the data's, or, as published, the data's.
/// The distributions are those of the definitions, with half of the numbers; tests/sources has the definitions.
#ifndef IGN_SOURCES_SPECTRAL_HPP
#define IGN_SOURCES_SPECTRAL_HPP

#include <algorithm>
#include <cstdint>
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

/// Which spectral noise.
struct SpectralOptions {
  bool hermitian = false;  ///< conjugate frequencies are drawn together: z has the data's variance, not half of it
  bool per_batch = false;  ///< in training the statistics are the batch's; in use those of the last batch that was trained with

  /// Equal in both.
  friend bool operator==(SpectralOptions const&, SpectralOptions const&) = default;
};

/// "spectral", "spectral-hermitian", "spectral-batch" or "spectral-hermitian-batch".
inline std::string name(SpectralOptions const& options) {
  return std::string("spectral") + (options.hermitian ? "-hermitian" : "") + (options.per_batch ? "-batch" : "");
}

/// The options of that name, or nothing where it is none.
inline std::optional<SpectralOptions> spectral_options(std::string const& text) {
  for (SpectralOptions const options : {SpectralOptions{false, false}, {true, false}, {false, true}, {true, true}})
    if (name(options) == text) return options;
  return std::nullopt;
}

/// z ~ noise with the statistics of images of one shape. Copies share the statistics, as Views do.
/// \source Shocher et al., "Idempotent Generative Network", arXiv 2311.01462, appendix; the reproduction's per batch:
///         github.com/abdelahmed0/KTH-DD2412-Idempotent-GenNets
template <Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Spectral {
 public:
  /// Without statistics yet: they come from `gather_statistics`, from `observe`, or from a checkpoint.
  Spectral(Exec const& exec, Shape image, SpectralOptions const& options = {})
      : m_options(options),
        m_dft(exec, image),
        m_numbers(make_vector<Real>(exec, "ign::spectral::statistics", 2 * m_dft.spectrum_size())),
        m_moments(make_vector<double>(exec, "ign::spectral::moments", 2 * m_dft.spectrum_size())),
        m_state("ign::spectral::state") {}

  SpectralOptions const& options() const { return m_options; }  ///< as given
  Shape image() const { return m_dft.image(); }                 ///< extents that the statistics are of
  math::Dft<Real, Exec> const& dft() const { return m_dft; }    ///< the transform between images and spectra
  /// Images added since the last `reset`.
  std::uint64_t images() const { return m_state(added); }
  /// Whether there are statistics: of `finish`, or of `restore`.
  bool ready() const { return m_state(known) > 0; }

  /// Mean and standard deviation of real and imaginary parts, in files as torch.fft.rfft2 has them: (c, h, w/2 + 1).
  std::vector<ArrayInfo> arrays() const {
    std::vector<ArrayInfo> all;
    for (char const* text : {"mean_real", "mean_imag", "std_real", "std_imag"})
      all.push_back({text, {image().height, static_cast<int>(m_dft.columns()), image().channels}, {}, {2, 0, 1}});
    return all;
  }
  Vector<Real, Exec> const& numbers() const { return m_numbers; }  ///< all arrays, one after the other

  /// Takes the numbers of a file over. What was added before counts no more.
  /// \throws Error [ign.shape.252] on another count, [ign.format.250] when they cannot be statistics; nothing is changed then
  void restore(std::vector<Real> const& numbers) const {
    require(numbers.size() == m_numbers.size(), Fault::shape, 252, "spectral: ", numbers.size(), " statistics, expected ",
            m_numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      bool const deviation = i >= numbers.size() / 2;
      require(is_finite(numbers[i]) && (!deviation || numbers[i] >= 0), Fault::format, 250,
              "spectral: ", deviation ? "deviation " : "mean ", i % (numbers.size() / 2), " is ", numbers[i],
              ", expected finite means and deviations from 0");
    }
    Kokkos::View<Real const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(numbers.data(), numbers.size());
    Kokkos::deep_copy(m_numbers, host);
    Kokkos::deep_copy(m_moments, 0.0);
    m_state(known) = 1;
    m_state(added) = 0;
  }

  /// Forgets the images seen so far.
  void reset(Exec const& exec) const {
    Kokkos::deep_copy(exec, m_moments, 0.0);
    m_state(added) = 0;
  }
  /// Adds images (n, h, w, c) to what `finish` makes statistics of. Each frequency sums over the images in their order and in double,
  /// so that neither threads nor the cut into batches change a bit.
  void add(Exec const& exec, TensorWindow<Real, Exec> const& x, Buffer<Real, Exec>& scratch) const;
  /// Makes the statistics of the images added since the last `reset`.
  /// \throws Error [ign.state.250] when there are none
  void finish(Exec const& exec) const;

 private:
  SpectralOptions m_options;
  math::Dft<Real, Exec> m_dft;
  Vector<Real, Exec> m_numbers;    // mean (2, h, w/2 + 1, c), deviation
  Vector<double, Exec> m_moments;  // mean, sum of squared differences from it
  static constexpr int added = 0, known = 1;
  Kokkos::View<std::uint64_t[2], Kokkos::HostSpace> m_state;  // a View, so that copies share it, too
};

/// Of the source contract: the name of its options.
template <Scalar Real, class Exec>
std::string name(Spectral<Real, Exec> const& source) {
  return name(source.options());
}

namespace detail {

/// \source Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962)
template <class Real>
struct AddMoments {
  Real const* spectra;
  std::size_t size, count;  // numbers of a spectrum, spectra
  double seen;              // images before these
  double* mean;
  double* square;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    for (std::size_t n = 0; n < count; ++n) {
      double const weight = 1 / (seen + static_cast<double>(n + 1));
      Real const* const x = spectra + n * size;
      IGN_INDEPENDENT
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
  Real* numbers;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    for (std::size_t i = first; i < last; ++i) {
      numbers[i] = static_cast<Real>(moments[i]);
      numbers[size + i] = static_cast<Real>(Kokkos::sqrt(moments[size + i] / images));
    }
  }
};

/// Spectra in place of Gaussian numbers; row = (sample, part, k), numbers = (l, c).
template <class Real>
struct DrawSpectra {
  Real const* mean;
  Real const* deviation;
  std::size_t height, size;
  std::size_t from, to;  // numbers of the columns that are not their own conjugates
  Real inner, outer;     // factors there, and elsewhere unless row k is row -k
  Real* spectra;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    std::size_t const place = row % (2 * height) * size;
    Real const edge = 2 * (row % height) % height == 0 ? Real(1) : outer;
    Real* const out = spectra + row * size;
    IGN_INDEPENDENT
    for (std::size_t i = first; i < last; ++i) {
      Real const factor = i >= from && i < to ? inner : edge;
      out[i] = mean[place + i] + factor * deviation[place + i] * out[i];
    }
  }
};

/// \throws Error [ign.shape.250] when images do not have the source's extents
template <Scalar Real, class Exec>
void check_spectral(Spectral<Real, Exec> const& source, Shape found) {
  require(found == source.image(), Fault::shape, 250, "spectral: images of ", found, ", expected ", source.image());
}

}  // namespace detail

template <Scalar Real, class Exec>
void Spectral<Real, Exec>::add(Exec const& exec, TensorWindow<Real, Exec> const& x, Buffer<Real, Exec>& scratch) const {
  detail::check_spectral(*this, shape_of(x));
  std::size_t const size = m_dft.spectrum_size();
  std::size_t const all = x.extent(0) * size;
  auto const memory = scratch.reserve(exec, 2 * all);
  VectorWindow<Real, Exec> const spectra(memory.data(), all);
  math::dft(exec, m_dft, x, spectra, VectorWindow<Real, Exec>(memory.data() + all, all));
  for_each_run("ign::spectral::moments", exec, 1, size,
               detail::AddMoments<Real>{spectra.data(), size, x.extent(0), static_cast<double>(images()), m_moments.data(),
                                        m_moments.data() + size});
  m_state(added) += x.extent(0);
}

template <Scalar Real, class Exec>
void Spectral<Real, Exec>::finish(Exec const& exec) const {
  require(images() > 0, Fault::state, 250, "spectral: no images were added that statistics could be of");
  for_each_run("ign::spectral::statistics", exec, 1, m_dft.spectrum_size(),
               detail::FinishMoments<Real>{m_moments.data(), m_dft.spectrum_size(), static_cast<double>(images()), m_numbers.data()});
  m_state(known) = 1;
}

/// Makes the statistics of all images of a data set such as Batches: anything with count(), shape() and gather_range().
/// \throws Error [ign.shape.250] when the images do not have the source's extents
template <Scalar Real, class Exec, class Data>
void gather_statistics(Exec const& exec, Spectral<Real, Exec> const& source, Data const& data) {
  detail::check_spectral(source, data.shape());
  int const chunk = static_cast<int>(std::min<std::size_t>(data.count(), 128));
  auto const x = make_tensor<Real>(exec, "ign::spectral::x", chunk, data.shape());
  Buffer<Real, Exec> scratch("ign::spectral::scratch");
  source.reset(exec);
  for (std::size_t first = 0; first < data.count(); first += static_cast<std::size_t>(chunk)) {
    auto const left = static_cast<int>(std::min(data.count() - first, static_cast<std::size_t>(chunk)));
    auto const window = samples<Real, Exec>(x, 0, left);
    data.gather_range(exec, first, window);
    source.add(exec, window, scratch);
  }
  source.finish(exec);
}

/// A source with the statistics of all images of `data`.
template <Scalar Real = float, class Exec, class Data>
Spectral<Real, Exec> spectral_of(Exec const& exec, Data const& data, SpectralOptions const& options = {}) {
  Spectral<Real, Exec> const source(exec, data.shape(), options);
  gather_statistics(exec, source, data);
  return source;
}

/// A training step shows its batch: with `per_batch` the statistics become the batch's.
/// \throws Error [ign.shape.250] when the images do not have the source's extents
template <Scalar Real, class Exec>
void observe(Exec const& exec, Spectral<Real, Exec> const& source, TensorWindow<Real, Exec> const& x, Buffer<Real, Exec>& scratch) {
  if (!source.options().per_batch) return;
  source.reset(exec);
  source.add(exec, x, scratch);
  source.finish(exec);
}

namespace detail {

/// z from Gaussian numbers, as many as its spectra have: they become the spectra. scratch is as long.
template <Scalar Real, class Exec>
void color(Exec const& exec, Spectral<Real, Exec> const& source, VectorWindow<Real, Exec> const& numbers, TensorWindow<Real, Exec> const& z,
           VectorWindow<Real, Exec> const& scratch) {
  auto const& plan = source.dft();
  auto const c = z.extent(3), size = plan.columns() * c;
  bool const hermitian = source.options().hermitian;
  for_each_run("ign::spectral::draw", exec, z.extent(0) * 2 * z.extent(1), size,
               DrawSpectra<Real>{source.numbers().data(), source.numbers().data() + plan.spectrum_size(), z.extent(1), size, c,
                                 plan.own_conjugate(plan.columns() - 1) ? size - c : size,
                                 static_cast<Real>(hermitian ? 1 : std::numbers::sqrt2 / 2),
                                 static_cast<Real>(hermitian ? std::numbers::sqrt2 : 1), numbers.data()});
  math::inverse_dft(exec, plan, numbers, z, scratch);
}

}  // namespace detail

/// Fills z, extents (n, h, w, c). The first samples do not depend on how many follow.
/// \throws Error [ign.state.250] without statistics, [ign.shape.250] when z does not have the source's extents
template <Scalar Real, class Exec>
void sample(Exec const& exec, Spectral<Real, Exec> const& source, Key const& key, TensorWindow<Real, Exec> const& z,
            Buffer<Real, Exec>& scratch) {
  require(source.ready(), Fault::state, 250, "spectral: no statistics yet; call gather_statistics with the data, or read a checkpoint");
  detail::check_spectral(source, shape_of(z));
  std::size_t const all = z.extent(0) * source.dft().spectrum_size();
  auto const memory = scratch.reserve(exec, 2 * all);
  VectorWindow<Real, Exec> const numbers(memory.data(), all);
  fill_gaussian(exec, key, 1.0, numbers);
  detail::color(exec, source, numbers, z, VectorWindow<Real, Exec>(memory.data() + all, all));
}

}  // namespace ign

#endif  // IGN_SOURCES_SPECTRAL_HPP
