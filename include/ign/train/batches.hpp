// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A data set on the device, stored as bytes, and its shuffled batches with values in [-1, 1].
#ifndef IGN_TRAIN_BATCHES_HPP
#define IGN_TRAIN_BATCHES_HPP

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "ign/core/error.hpp"
#include "ign/core/runs.hpp"
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

/// Which images a batch holds.
struct BatchPlaces {
  std::uint64_t first = 0;  ///< image, in the data set's own order; or
  bool shuffled = false;    ///< those of batch number `step`, in the order of its epoch
  Deferred<std::uint64_t> step{};
  std::uint64_t seed = 0, count = 0, batches_per_epoch = 1, batch = 0;

  KOKKOS_FUNCTION std::uint64_t operator()(std::size_t n) const {
    if (!shuffled) return first + n;
    std::uint64_t const number = step.get();
    Permutation const order(Key{seed, Stream::order, number / batches_per_epoch}, count);
    return order(number % batches_per_epoch * batch + n);
  }
};

template <class Real, class Exec>
struct Gather {
  Kokkos::View<std::uint8_t const*, typename Exec::memory_space> bytes;
  Shape from;
  int top, left;  // of the image within the padded one
  BatchPlaces places;
  TensorWindow<Real, Exec> out;

  /// Rows of pixels that one index makes: on a host a whole image, whose place in the order is looked up once.
  static std::size_t rows(std::size_t height) { return is_host_v<Exec> ? height : 1; }

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const height = out.extent(1);
    std::size_t const count = is_host_v<Exec> ? height : 1;
    std::size_t const n = index * count / height;
    std::uint64_t const image = places(n);
    for (std::size_t y = index * count % height, k = 0; k < count; ++k) row(n, y + k, image);
  }

 private:
  KOKKOS_FUNCTION void row(std::size_t n, std::size_t y, std::uint64_t image) const {
    int const from_y = static_cast<int>(y) - top;
    bool const inside = from_y >= 0 && from_y < from.height;
    auto const line = static_cast<std::size_t>(from.width) * from.channels;
    std::uint8_t const* const in = bytes.data() + (image * from.height + (inside ? from_y : 0)) * line;
    Real* const to = &out(n, y, 0, 0);
    auto const width = out.extent(2) * out.extent(3);
    auto const skip = inside ? static_cast<std::size_t>(left) * from.channels : width;
    auto const end = inside ? skip + line : width;
    for (std::size_t i = 0; i < skip; ++i) to[i] = Real(-1);  // the value of byte 0
    for (std::size_t i = skip; i < end; ++i) to[i] = static_cast<Real>(in[i - skip]) / Real(127.5) - Real(1);
    for (std::size_t i = end; i < width; ++i) to[i] = Real(-1);
  }
};

template <class Exec>
struct GatherLabels {
  Kokkos::View<std::uint8_t const*, typename Exec::memory_space> bytes;
  BatchPlaces places;
  VectorWindow<int, Exec> out;

  KOKKOS_FUNCTION void operator()(std::size_t n) const { out(n) = bytes(places(n)); }
};

/// A collection as the arguments of Batches' other constructor.
struct ImageBytes {
  std::span<std::uint8_t const> pixels;
  std::size_t count = 0;
  Shape image;
  std::span<std::uint8_t const> labels{};
};

template <class Set>
ImageBytes image_bytes(Set const& set) {
  static_assert(ImageCollection<Set> || LabelledCollection<Set>,
                "ign::Batches: a set of images has the members `pixels` and `count` and a function `image_shape(set)`, a labelled one the "
                "members `images` and `labels`, as those of ign/data have; for bytes alone state count and shape: "
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

/// How batches are made.
struct BatchOptions {
  int batch = 128;         ///< samples in a batch
  std::uint64_t seed = 1;  ///< of the order
  Shape padded{0, 0, 0};   ///< images are centred in this; {0, 0, 0}: as they are. The border has the value of byte 0
};

/// A data set in the memory of Exec. Batch `step` belongs to epoch step / batches_per_epoch(); the last, incomplete batch of
/// an epoch is dropped. The order of an epoch follows from seed and epoch alone.
template <class Exec = Kokkos::DefaultExecutionSpace>
class Batches {
 public:
  /// Copies a set of images to the device: what the readers of ign/data return, with or without labels. Waits for the device, so that the
  /// set may be destroyed. Example: `Batches batches(exec, data::read_idx_images("train-images-idx3-ubyte"), {.batch = 64});`
  /// \param set  an ImageCollection or a LabelledCollection
  /// \throws Error as the other constructor, and as `image_shape(set)`
  template <class Set>
  explicit Batches(Exec const& exec, Set const& set, BatchOptions const& options = {}) : Batches(exec, detail::image_bytes(set), options) {}

  /// Copies `pixels`, the bytes of `count` images of shape `image`, (count, h, w, c), to the device, and their `labels`, if there are any.
  /// Waits for the device, so that the caller's memory is free.
  /// \throws Error [ign.shape.85] when the sizes do not fit, [ign.shape.233] when there are other than `count` labels or none,
  ///         [ign.option.85] when there are fewer images than a batch has
  Batches(Exec const& exec, std::span<std::uint8_t const> pixels, std::size_t count, Shape image, BatchOptions const& options,
          std::span<std::uint8_t const> labels = {})
      : m_options(options), m_image(image), m_count(count) {
    if (options.padded == Shape{0, 0, 0}) m_options.padded = image;
    Shape const& to = m_options.padded;
    require(pixels.size() == count * image.size() && count > 0, Fault::shape, 85, "batches: ", pixels.size(), " bytes for ", count,
            " images of ", image, ", expected ", count * image.size(), ", and at least one image");
    require(to.height >= image.height && to.width >= image.width && to.channels == image.channels, Fault::shape, 85, "batches: images of ",
            image, " cannot be padded to ", to);
    require(options.batch >= 1 && static_cast<std::size_t>(options.batch) <= count, Fault::option, 85, "batches: batch of ", options.batch,
            ", expected 1 to the ", count, " images of the data set");
    require(labels.empty() || labels.size() == count, Fault::shape, 233, "batches: ", labels.size(), " labels for ", count,
            " images, expected one each, or none at all");
    m_bytes = to_device(exec, "ign::batches::bytes", pixels);
    if (!labels.empty()) {
      m_labels = to_device(exec, "ign::batches::labels", labels);
      m_classes = 1 + *std::max_element(labels.begin(), labels.end());
    }
    exec.fence("ign::batches: the caller's pixels and labels have been read");
  }

  BatchOptions const& options() const { return m_options; }  ///< as given, with `padded` filled in
  std::size_t count() const { return m_count; }              ///< images
  Shape shape() const { return m_options.padded; }           ///< of the samples of a batch
  int classes() const { return m_classes; }                  ///< labels go from 0 to classes() - 1; 0: there are none
  std::uint64_t batches_per_epoch() const { return m_count / static_cast<std::size_t>(m_options.batch); }  ///< whole batches in an epoch

  /// x = batch number `step` of the shuffled data, extents (batch, h, w, c).
  /// \throws Error [ign.shape.86] on other extents
  template <Scalar Real>
  void gather(Exec const& exec, Deferred<std::uint64_t> const& step, TensorWindow<Real, Exec> const& x) const {
    require(batch_of(x) == m_options.batch, Fault::shape, 86, "batches: x has ", x.extent(0), " samples, expected ", m_options.batch);
    gather(exec, places(step), x);
  }

  /// labels(n) = that of sample n of batch number `step`.
  /// \throws Error [ign.option.231] when the data set has no labels, [ign.shape.86] when there are not as many places as samples
  void gather_labels(Exec const& exec, Deferred<std::uint64_t> const& step, VectorWindow<int, Exec> const& labels) const {
    require(m_classes > 0, Fault::option, 231, "batches: labels are asked for, but the data set was given none");
    require(labels.size() == static_cast<std::size_t>(m_options.batch), Fault::shape, 86, "batches: room for ", labels.size(),
            " labels, expected ", m_options.batch);
    Kokkos::parallel_for("ign::batches::gather_labels", indices(exec, labels.size()),
                         detail::GatherLabels<Exec>{m_labels, places(step), labels});
  }

  /// x = the images from number `first` on, in the data set's own order.
  /// \throws Error [ign.shape.86] when x has other extents or more images than there are
  template <Scalar Real>
  void gather_range(Exec const& exec, std::size_t first, TensorWindow<Real, Exec> const& x) const {
    require(first + x.extent(0) <= m_count, Fault::shape, 86, "batches: images ", first, " to ", first + x.extent(0), " of ", m_count);
    gather(exec, detail::BatchPlaces{.first = first}, x);
  }

 private:
  Batches(Exec const& exec, detail::ImageBytes const& set, BatchOptions const& options)
      : Batches(exec, set.pixels, set.count, set.image, options, set.labels) {}

  using Bytes = Kokkos::View<std::uint8_t*, typename Exec::memory_space>;

  static Bytes to_device(Exec const& exec, std::string const& label, std::span<std::uint8_t const> bytes) {
    Bytes copy(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, label), bytes.size());
    Kokkos::View<std::uint8_t const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(bytes.data(), bytes.size());
    Kokkos::deep_copy(exec, copy, host);
    return copy;
  }

  detail::BatchPlaces places(Deferred<std::uint64_t> const& step) const {
    return {0, true, step, m_options.seed, m_count, batches_per_epoch(), static_cast<std::uint64_t>(m_options.batch)};
  }

  template <Scalar Real>
  void gather(Exec const& exec, detail::BatchPlaces const& places, TensorWindow<Real, Exec> const& x) const {
    require(shape_of(x) == shape(), Fault::shape, 86, "batches: x has samples of ", shape_of(x), ", expected ", shape());
    int const top = (shape().height - m_image.height) / 2;
    int const left = (shape().width - m_image.width) / 2;
    using Gather = detail::Gather<Real, Exec>;
    Kokkos::parallel_for("ign::batches::gather", indices(exec, x.extent(0) * x.extent(1) / Gather::rows(x.extent(1))),
                         Gather{m_bytes, m_image, top, left, places, x});
  }

  BatchOptions m_options;
  Shape m_image;
  std::size_t m_count;
  Bytes m_bytes;
  Bytes m_labels;     // empty: there are none
  int m_classes = 0;  // 1 + the largest label
};

}  // namespace ign

#endif  // IGN_TRAIN_BATCHES_HPP
