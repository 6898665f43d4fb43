// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Data set in device memory, stored as bytes, and its shuffled batches with values in [-1, 1].
#ifndef IGN_TRAIN_BATCHES_HPP
#define IGN_TRAIN_BATCHES_HPP

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/tensor.hpp"
#include "ign/random/permutation.hpp"

namespace ign {

/// A set of images in host memory, such as data::ImageSet: `pixels` holds the bytes of `count` images, (count, h, w, c), and
/// `image_shape(set)`, found by argument-dependent lookup, returns the extents of one image.
template <class Set>
concept ImageCollection = requires(Set const& set) {
  std::span<std::uint8_t const>(set.pixels);
  { set.count } -> std::convertible_to<std::size_t>;
  { image_shape(set) } -> std::convertible_to<Shape>;
};

/// A set of images with one label each, such as data::LabelledImages: members `images` and `labels`.
template <class Set>
concept LabelledCollection = requires(Set const& set) {
  requires ImageCollection<decltype(set.images)>;
  std::span<std::uint8_t const>(set.labels);
};

namespace detail {

/// Indices of the images of a batch: either consecutive from `first`, or those of batch number `step` in the shuffled order.
struct BatchIndices {
  std::uint64_t first = 0;  ///< used if not shuffled
  bool shuffled = false;    ///< use the order of the step's epoch
  StepArgument<std::uint64_t> step{};
  std::uint64_t seed = 0, count = 0, batches_per_epoch = 1, global_batch = 0;
  GlobalSampleIndices shard{};
  bool flip = false;

  KOKKOS_FUNCTION std::uint64_t operator()(std::size_t n) const {
    if (!shuffled) return first + n;
    std::uint64_t const number = step.get();
    Permutation const order(Key{seed, RandomStream::order, number / batches_per_epoch}, count);
    return order(number % batches_per_epoch * global_batch + shard.of(n));
  }

  /// True if sample n is mirrored: one random bit per epoch and position in its order.
  KOKKOS_FUNCTION bool flips(std::size_t n) const {
    if (!flip) return false;
    std::uint64_t const number = step.get();
    Key const key{seed, RandomStream::order, number / batches_per_epoch, 8};  // the permutation uses the substreams 0 to 7
    return (random::bits(key, static_cast<std::uint32_t>(number % batches_per_epoch * global_batch + shard.of(n)))[0] & 1) != 0;
  }
};

template <class Real, class Exec>
struct Gather {
  Kokkos::View<std::uint8_t const*, typename Exec::memory_space> bytes;
  Shape from;
  int top, left;  // position of the image within the padded one
  BatchIndices indices;
  TensorRef<Real, Exec> out;

  /// Rows of pixels per index: on a host a whole image, so that its position in the order is computed once.
  static std::size_t rows(std::size_t height) { return uses_host_kernels_v<Exec> ? height : 1; }

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const height = out.extent(1);
    std::size_t const count = uses_host_kernels_v<Exec> ? height : 1;
    std::size_t const n = index * count / height;
    std::uint64_t const image = indices(n);
    bool const flipped = indices.flips(n);
    for (std::size_t y = index * count % height, k = 0; k < count; ++k) row(n, y + k, image, flipped);
  }

 private:
  static KOKKOS_FUNCTION Real value(std::uint8_t byte) { return static_cast<Real>(byte) / Real(127.5) - Real(1); }

  KOKKOS_FUNCTION void row(std::size_t n, std::size_t y, std::uint64_t image, bool flipped) const {
    int const from_y = static_cast<int>(y) - top;
    bool const inside = from_y >= 0 && from_y < from.height;
    auto const row_size = static_cast<std::size_t>(from.width) * from.channels;
    std::uint8_t const* const in = bytes.data() + (image * from.height + (inside ? from_y : 0)) * row_size;
    Real* const to = &out(n, y, 0, 0);
    auto const width = out.extent(2) * out.extent(3);
    auto const skip = inside ? static_cast<std::size_t>(left) * from.channels : width;
    auto const end = inside ? skip + row_size : width;
    for (std::size_t i = 0; i < skip; ++i) to[i] = Real(-1);  // the value of byte 0
    if (flipped) {
      std::size_t const channels = from.channels;
      for (std::size_t i = skip; i < end; ++i)
        to[i] = value(in[row_size - (i - skip) / channels * channels - channels + (i - skip) % channels]);
    } else {
      for (std::size_t i = skip; i < end; ++i) to[i] = value(in[i - skip]);
    }
    for (std::size_t i = end; i < width; ++i) to[i] = Real(-1);
  }
};

/// Conditions of a batch: rows of `vectors`, or one-hot rows of `labels` if there are no vectors.
template <class Real, class Exec>
struct GatherConditions {
  Kokkos::View<std::uint8_t const*, typename Exec::memory_space> labels;
  Kokkos::View<float const*, typename Exec::memory_space> vectors;
  BatchIndices indices;
  TensorRef<Real, Exec> out;

  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    std::size_t const length = out.extent(3), image = indices(n);
    for (std::size_t k = 0; k < length; ++k)
      out(n, 0, 0, k) = vectors.size() > 0 ? static_cast<Real>(vectors(image * length + k)) : labels(image) == k ? Real(1) : Real(0);
  }
};

template <class Exec>
struct GatherLabels {
  Kokkos::View<std::uint8_t const*, typename Exec::memory_space> bytes;
  BatchIndices indices;
  VectorRef<int, Exec> out;

  KOKKOS_FUNCTION void operator()(std::size_t n) const { out(n) = bytes(indices(n)); }
};

/// Contents of a collection, as arguments for the constructor of Batches.
struct ImageBytes {
  std::span<std::uint8_t const> pixels;
  std::size_t count = 0;
  Shape image;
  std::span<std::uint8_t const> labels{};
};

template <class Set>
ImageBytes image_bytes(Set const& set) {
  static_assert(ImageCollection<Set> || LabelledCollection<Set>,
                "ign::Batches: a set of images has the members `pixels` and `count` and a function `image_shape(set)`, a labelled set the "
                "members `images` and `labels`, as in ign/data; for bytes only, pass count and shape as well: "
                "Batches(exec, pixels, count, shape, options)");
  if constexpr (ImageCollection<Set>) {
    return {set.pixels, static_cast<std::size_t>(set.count), image_shape(set)};
  } else if constexpr (LabelledCollection<Set>) {
    ImageBytes bytes = image_bytes(set.images);
    bytes.labels = set.labels;
    return bytes;
  } else {
    return {};
  }
}

}  // namespace detail

/// Options of Batches.
struct BatchOptions {
  int batch = 128;         ///< number of samples in a batch
  std::uint64_t seed = 1;  ///< seed of the shuffled order
  Shape pad_to{0, 0, 0};   ///< extents to pad images to, centred, with byte 0; {0, 0, 0}: no padding
  /// Samples of the global batch that this process takes, if the ranks of a run see the same data: Ranks::shard(). `batch` is then the
  /// number of samples of one rank. Default: the whole batch, also for ranks with data of their own.
  GlobalSampleIndices shard{};
  /// Random horizontal flip of each sample of a shuffled batch, with a probability of 1/2, drawn anew in each epoch by seed, epoch and
  /// position in its order. gather_range gives the images as they are.
  bool flip = false;
};

/// Data set in the memory of Exec, and its batches. Batch number `step` belongs to epoch step / batches_per_epoch(). An incomplete batch at
/// the end of an epoch is dropped. The order of an epoch is a function of seed and epoch.
template <class Exec = Kokkos::DefaultExecutionSpace>
class Batches {
 public:
  /// Copies a set of images, with or without labels, to the device. Fences, so that the set may be destroyed afterwards. Example:
  /// `Batches batches(exec, data::read_idx_images("train-images-idx3-ubyte"), {.batch = 64});`
  /// \param set  an ImageCollection or a LabelledCollection, such as the results of the readers in ign/data
  /// \throws Error as the other constructor and `image_shape(set)`
  template <class Set>
  explicit Batches(Exec const& exec, Set const& set, BatchOptions const& options = {}) : Batches(exec, detail::image_bytes(set), options) {}

  /// Copies the bytes of images and, optionally, their labels to the device. Fences, so that the caller may free the memory afterwards.
  /// \param pixels  (count, h, w, c), where `image` is (h, w, c)
  /// \param labels  one label per image, or none
  /// \throws Error [ign.shape.85] if the sizes do not match, [ign.shape.233] if the number of labels is neither `count` nor 0,
  ///         [ign.option.85] if there are fewer images than in a batch
  Batches(Exec const& exec, std::span<std::uint8_t const> pixels, std::size_t count, Shape image, BatchOptions const& options,
          std::span<std::uint8_t const> labels = {})
      : m_options(options), m_image(image), m_count(count) {
    if (options.pad_to == Shape{0, 0, 0}) m_options.pad_to = image;
    Shape const& to = m_options.pad_to;
    require(pixels.size() == count * image.size() && count > 0, Fault::shape, 85, "batches: ", pixels.size(), " bytes for ", count,
            " images of ", image, ", expected ", count * image.size(), ", and at least one image");
    require(to.height >= image.height && to.width >= image.width && to.channels == image.channels, Fault::shape, 85, "batches: images of ",
            image, " padded to ", to, ", expected no smaller sides and the same channels");
    require(options.shard.first < options.shard.stride, Fault::option, 85, "batches: shard ", options.shard.first, " of ",
            options.shard.stride, ", expected an index below their number");
    require(options.batch >= 1 && global_batch() <= count, Fault::option, 85, "batches: batch of ", options.batch,
            options.shard.stride > 1 ? " on each of " + std::to_string(options.shard.stride) + " ranks" : std::string(),
            ", expected 1 to the ", count, " images of the data set");
    require(labels.empty() || labels.size() == count, Fault::shape, 233, "batches: ", labels.size(), " labels for ", count,
            " images, expected one label per image, or none");
    m_bytes = to_device(exec, "ign::batches::bytes", pixels);
    if (!labels.empty()) {
      m_labels = to_device(exec, "ign::batches::labels", labels);
      m_classes = 1 + *std::max_element(labels.begin(), labels.end());
    }
    exec.fence("ign::batches: the caller's pixels and labels have been read");
  }

  /// Gives each image a condition of length K, for a conditional net f(x | c), in place of the one-hot row of its label. Copies them to
  /// the device and fences.
  ///
  /// \param vectors  (count, K), finite
  /// \throws Error [ign.shape.543] when their number is not count · K
  void set_conditions(Exec const& exec, std::span<float const> vectors, int length) {
    require(length >= 1 && vectors.size() == m_count * static_cast<std::size_t>(length), Fault::shape, 543, "batches: ", vectors.size(),
            " values as conditions of length ", length, " for ", m_count, " images, expected ", length, " for each image, at least 1");
    if (m_conditions.size() != vectors.size())
      m_conditions = to_device(exec, "ign::batches::conditions", vectors);
    else  // in place, since a captured graph may read them
      copy_to_device(exec, vectors, m_conditions);
    m_condition_length = length;
    exec.fence("ign::batches: the caller's conditions have been read");
  }

  BatchOptions const& options() const { return m_options; }                     ///< as given, with `pad_to` set
  std::size_t count() const { return m_count; }                                 ///< number of images
  Shape shape() const { return m_options.pad_to; }                              ///< extents of a sample
  int classes() const { return m_classes; }                                     ///< labels are from 0 to classes() - 1; 0: no labels
  std::uint64_t batches_per_epoch() const { return m_count / global_batch(); }  ///< whole batches in an epoch

  /// K, the length of each image's condition: as set, or classes().
  int condition_length() const { return m_condition_length > 0 ? m_condition_length : m_classes; }

  /// Fills x (batch, h, w, c) with batch number `step` of the shuffled data.
  /// \throws Error [ign.shape.86] on other extents
  template <Scalar Real>
  void gather(Exec const& exec, StepArgument<std::uint64_t> const& step, TensorRef<Real, Exec> const& x) const {
    require(batch_of(x) == m_options.batch, Fault::shape, 86, "batches: x has ", x.extent(0), " samples, expected ", m_options.batch);
    gather(exec, indices(step), x);
  }

  /// Fills `labels` (batch) with the labels of batch number `step`.
  /// \throws Error [ign.option.231] if the data set has no labels, [ign.shape.86] on another length
  void gather_labels(Exec const& exec, StepArgument<std::uint64_t> const& step, VectorRef<int, Exec> const& labels) const {
    require(m_classes > 0, Fault::option, 231, "batches: the data set has no labels, expected one per image; pass them to the constructor");
    require(labels.size() == static_cast<std::size_t>(m_options.batch), Fault::shape, 86, "batches: labels has the length ", labels.size(),
            ", expected ", m_options.batch);
    Kokkos::parallel_for("ign::batches::gather_labels", range_policy(exec, labels.size()),
                         detail::GatherLabels<Exec>{m_labels, indices(step), labels});
  }

  /// Fills `condition` (batch, 1, 1, K) with the conditions of batch number `step`.
  /// \throws Error [ign.shape.86] on other extents, such as those of a data set without conditions and labels
  template <Scalar Real>
  void gather_conditions(Exec const& exec, StepArgument<std::uint64_t> const& step, TensorRef<Real, Exec> const& condition) const {
    require(batch_of(condition) == m_options.batch && shape_of(condition) == Shape{1, 1, condition_length()}, Fault::shape, 86,
            "batches: ", condition.extent(0), " conditions of ", shape_of(condition), ", expected ", m_options.batch, " of ",
            Shape{1, 1, condition_length()});
    Kokkos::parallel_for("ign::batches::gather_conditions", range_policy(exec, condition.extent(0)),
                         detail::GatherConditions<Real, Exec>{m_labels, m_conditions, indices(step), condition});
  }

  /// Fills x (n, h, w, c) with the images [first, first + n), not shuffled.
  /// \throws Error [ign.shape.86] if x has other extents, or there are fewer images
  template <Scalar Real>
  void gather_range(Exec const& exec, std::size_t first, TensorRef<Real, Exec> const& x) const {
    require(first <= m_count && x.extent(0) <= m_count - first, Fault::shape, 86, "batches: images [", first, ", ", first + x.extent(0),
            "), expected a range within the ", m_count, " images of the data set");
    gather(exec, detail::BatchIndices{.first = first}, x);
  }

 private:
  Batches(Exec const& exec, detail::ImageBytes const& set, BatchOptions const& options)
      : Batches(exec, set.pixels, set.count, set.image, options, set.labels) {}

  using Bytes = Kokkos::View<std::uint8_t*, typename Exec::memory_space>;

  template <class T>
  static auto to_device(Exec const& exec, std::string const& label, std::span<T const> values) {
    Kokkos::View<T*, typename Exec::memory_space> copy(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, label), values.size());
    copy_to_device(exec, values, copy);
    return copy;
  }

  template <class T, class View>
  static void copy_to_device(Exec const& exec, std::span<T const> values, View const& to) {
    Kokkos::View<T const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(values.data(), values.size());
    Kokkos::deep_copy(exec, to, host);
  }

  detail::BatchIndices indices(StepArgument<std::uint64_t> const& step) const {
    return {0, true, step, m_options.seed, m_count, batches_per_epoch(), global_batch(), m_options.shard, m_options.flip};
  }
  std::uint64_t global_batch() const { return static_cast<std::uint64_t>(m_options.batch) * m_options.shard.stride; }

  template <Scalar Real>
  void gather(Exec const& exec, detail::BatchIndices const& indices, TensorRef<Real, Exec> const& x) const {
    require(shape_of(x) == shape(), Fault::shape, 86, "batches: x has samples of ", shape_of(x), ", expected ", shape());
    int const top = (shape().height - m_image.height) / 2;
    int const left = (shape().width - m_image.width) / 2;
    using Gather = detail::Gather<Real, Exec>;
    Kokkos::parallel_for("ign::batches::gather", range_policy(exec, x.extent(0) * x.extent(1) / Gather::rows(x.extent(1))),
                         Gather{m_bytes, m_image, top, left, indices, x});
  }

  BatchOptions m_options;
  Shape m_image;
  std::size_t m_count;
  Bytes m_bytes;
  Bytes m_labels;     // empty if there are none
  int m_classes = 0;  // largest label + 1

  Kokkos::View<float*, typename Exec::memory_space> m_conditions;  // (count, K); empty: those of the labels
  int m_condition_length = 0;                                      // as set; 0: that of the labels
};

}  // namespace ign

#endif  // IGN_TRAIN_BATCHES_HPP
