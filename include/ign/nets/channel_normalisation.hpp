// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Normalisation of physical fields by channel, (x - mean) / stddev, and back.
#ifndef IGN_NETS_CHANNEL_NORMALISATION_HPP
#define IGN_NETS_CHANNEL_NORMALISATION_HPP

#include <cmath>
#include <cstddef>
#include <vector>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/tensor.hpp"

namespace ign {

/// Mean and standard deviation of each channel, in the units of the fields. A value on the host; ChannelScaling applies it.
///
/// A channel of standard deviation 0 is constant: it becomes 0, and on the way back its mean, whatever f makes of it.
struct ChannelNormalisation {
  std::vector<double> mean;    ///< of each channel
  std::vector<double> stddev;  ///< of each channel, 0 or more

  /// True if all values are equal.
  friend bool operator==(ChannelNormalisation const&, ChannelNormalisation const&) = default;
};

namespace detail {

/// Sums of a block of cells: sums(block, 2 c) = Σ (x - pivot), sums(block, 2 c + 1) = Σ (x - pivot)².
template <class Real>
struct ChannelSums {
  Real const* x;
  double const* pivots;
  double* sums;
  std::size_t cells, channels, blocks;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const block = index / channels, c = index % channels;
    double sum = 0, square = 0;
    for (std::size_t i = cells * block / blocks; i < cells * (block + 1) / blocks; ++i) {
      double const d = static_cast<double>(x[i * channels + c]) - pivots[c];
      sum += d;
      square += d * d;
    }
    sums[2 * index] = sum;
    sums[2 * index + 1] = square;
  }
};

template <class Real>
struct ApplyChannelScaling {
  Real const* before;  // subtracted from x
  Real const* factor;  // 0: the channel is constant, whatever x has, NaN included
  Real const* after;   // added to the product
  std::size_t channels;
  Real const* x;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    Real const* const from = x + row * channels;
    Real* const to = out + row * channels;
    IGN_IVDEP
    for (std::size_t c = first; c < last; ++c) to[c] = factor[c] == 0 ? after[c] : (from[c] - before[c]) * factor[c] + after[c];
  }
};

}  // namespace detail

/// Sums for the normalisation of fields that come in several batches. Sums are in double, bitwise identical for any number of threads.
class ChannelMoments {
 public:
  /// Adds all cells of x (n, h, w, c). Waits for the result.
  /// \throws Error [ign.shape.482] when x has other channels than before, or no cells, [ign.numeric.480] when a channel is not finite; the
  ///         sums are unchanged then
  template <class Exec, class View>
  void add(Exec const& exec, View const& view) {
    auto const x = tensor_ref<Exec>(view);
    using Real = typename View::non_const_value_type;
    constexpr std::size_t blocks = 256;  // fixed, so that the order of the sums is
    std::size_t const channels = x.extent(3), cells = x.size() / (channels > 0 ? channels : 1);
    require(cells > 0 && (m_count == 0 || channels == m_pivots.size()), Fault::shape, 482, "channel_moments: ", cells, " cells of ",
            channels, " channels, expected one cell or more", m_count == 0 ? "" : ", of as many channels as before");
    Vector<double, Exec> const sums(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::channel_moments::sums"),
                                    2 * blocks * channels);
    Vector<double, Exec> const pivots(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::channel_moments::pivots"), channels);
    std::vector<double> begin(m_pivots);
    if (m_count == 0) {  // of the first cell: near the mean, and exact for a constant channel
      std::vector<Real> first(channels);
      Kokkos::deep_copy(
          exec,
          Kokkos::View<Real*, Kokkos::LayoutRight, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(first.data(), channels),
          VectorRef<Real, Exec>(x.data(), channels));
      exec.fence("ign::channel_moments: the first cell has been copied");
      for (std::size_t c = 0; c < channels; ++c) begin.push_back(static_cast<double>(first[c]));
    }
    using Host = Kokkos::View<double*, Kokkos::LayoutRight, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
    Kokkos::deep_copy(exec, pivots, Host(begin.data(), channels));
    Kokkos::parallel_for("ign::channel_moments", range_policy(exec, blocks * channels),
                         detail::ChannelSums<Real>{x.data(), pivots.data(), sums.data(), cells, channels, blocks});
    std::vector<double> all(sums.size());
    Kokkos::deep_copy(exec, Host(all.data(), all.size()), sums);
    exec.fence("ign::channel_moments");
    std::vector<double> total(m_sums);
    total.resize(2 * channels);
    for (std::size_t i = 0; i < all.size(); ++i) total[i % (2 * channels)] += all[i];
    for (std::size_t i = 0; i < total.size(); ++i)
      require(is_finite(total[i]), Fault::numeric, 480, "channel_moments: channel ", i / 2,
              " has a number that is not finite, expected finite fields");
    m_pivots = begin;
    m_sums = total;
    m_count += static_cast<double>(cells);
  }

  /// Mean and standard deviation of all cells so far.
  /// \throws Error [ign.state.480] when there are none
  ChannelNormalisation normalisation() const {
    require(m_count > 0, Fault::state, 480, "channel_moments: no fields have been added, expected one cell or more");
    ChannelNormalisation result;
    for (std::size_t c = 0; c < m_pivots.size(); ++c) {
      double const shift = m_sums[2 * c] / m_count, variance = m_sums[2 * c + 1] / m_count - shift * shift;
      result.mean.push_back(m_pivots[c] + shift);
      result.stddev.push_back(variance > 0 ? std::sqrt(variance) : 0);
    }
    return result;
  }

 private:
  double m_count = 0;
  std::vector<double> m_pivots, m_sums;
};

/// Mean and standard deviation of the channels of x (n, h, w, c). Waits for the result.
/// \throws Error as ChannelMoments::add
template <class Exec, class View>
ChannelNormalisation channel_normalisation(Exec const& exec, View const& x) {
  ChannelMoments moments;
  moments.add(exec, x);
  return moments.normalisation();
}

/// A ChannelNormalisation in the memory of Exec.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
class ChannelScaling {
 public:
  using Ref = TensorRef<Real, Exec>;  ///< fields, (n, h, w, c)

  /// Copies the values. Waits for the copy.
  /// \throws Error [ign.option.483] when means and standard deviations differ in number, are not finite, or one of the latter is
  ///         negative or too small
  ChannelScaling(Exec const& exec, ChannelNormalisation const& normalisation) : m_normalisation(normalisation) {
    auto const& [mean, stddev] = normalisation;
    std::size_t const channels = mean.size();
    require(channels > 0 && stddev.size() == channels, Fault::option, 483, "channel_scaling: ", channels, " means and ", stddev.size(),
            " standard deviations, expected one of each for each channel");
    std::vector<Real> values(4 * channels);
    for (std::size_t c = 0; c < channels; ++c) {
      bool const constant = stddev[c] == 0;
      values[c] = static_cast<Real>(mean[c]);
      values[channels + c] = static_cast<Real>(constant ? 0 : 1 / stddev[c]);
      values[2 * channels + c] = static_cast<Real>(stddev[c]);
      bool const good = is_finite(values[c]) && is_finite(values[channels + c]) && is_finite(values[2 * channels + c]);
      require(good && stddev[c] >= 0 && (constant || values[2 * channels + c] > 0), Fault::option, 483, "channel_scaling: channel ", c,
              " has mean ", mean[c], " and standard deviation ", stddev[c],
              ", expected finite values, and a standard deviation of 0 or more");
    }
    m_values = make_vector<Real>(exec, "ign::channel_scaling", values.size());
    using Host = Kokkos::View<Real*, Kokkos::LayoutRight, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
    Kokkos::deep_copy(exec, m_values, Host(values.data(), values.size()));
    exec.fence("ign::channel_scaling");
  }

  ChannelNormalisation const& normalisation() const { return m_normalisation; }   ///< the values of the constructor
  int channels() const { return static_cast<int>(m_normalisation.mean.size()); }  ///< of the fields

  /// out = (x - mean) / stddev, and 0 in a constant channel. out may be x.
  /// \throws Error [ign.shape.483] when x or out have other extents
  void normalise(Exec const& exec, Ref const& x, Ref const& out) const { apply("ign::normalise", exec, 0, 1, 3, x, out); }
  /// out = x · stddev + mean. out may be x.
  /// \throws Error [ign.shape.483] when x or out have other extents
  void denormalise(Exec const& exec, Ref const& x, Ref const& out) const { apply("ign::denormalise", exec, 3, 2, 0, x, out); }

 private:
  // Rows of m_values: mean, 1 / stddev, stddev, 0.
  void apply(char const* label, Exec const& exec, std::size_t before, std::size_t factor, std::size_t after, Ref const& x,
             Ref const& out) const {
    auto const size = static_cast<std::size_t>(channels());
    require(x.extent(3) == size && x.extent(0) == out.extent(0) && shape_of(x) == shape_of(out), Fault::shape, 483,
            "channel_scaling: ", x.extent(0), " fields of ", shape_of(x), " into ", out.extent(0), " of ", shape_of(out),
            ", expected equal extents with ", size, " channels");
    Real const* const values = m_values.data();
    for_each_chunk(label, exec, x.size() / size, size,
                   detail::ApplyChannelScaling<Real>{values + before * size, values + factor * size, values + after * size, size, x.data(),
                                                     out.data()});
  }

  ChannelNormalisation m_normalisation;
  Vector<Real, Exec> m_values;
};

}  // namespace ign

#endif  // IGN_NETS_CHANNEL_NORMALISATION_HPP
