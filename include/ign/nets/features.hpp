// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Feature extractor for quality measures: a small classifier that this library trains itself.
#ifndef IGN_NETS_FEATURES_HPP
#define IGN_NETS_FEATURES_HPP

#include <algorithm>
#include <cmath>
#include <utility>

#include "ign/layers/activations.hpp"
#include "ign/layers/conv2d.hpp"
#include "ign/layers/linear.hpp"
#include "ign/layers/max_pool2d.hpp"
#include "ign/layers/reshape.hpp"
#include "ign/losses/cross_entropy.hpp"
#include "ign/nets/model.hpp"

namespace ign {

/// Number of features of an image: the activations after the last ReLU.
inline constexpr int feature_count = 128;

/// Three blocks of 3×3 convolution, ReLU and 2×2 max pooling (32, 64, 128 channels), a Linear of 128 with ReLU, and a Linear to the logits.
/// 356,234 parameters for images of 32×32×1.
///
/// Weights start as N(0, 2 / number of inputs), which preserves the scale of the activations under ReLU.
/// \source He et al., "Delving deep into rectifiers", ICCV 2015
inline auto feature_net(Shape image, int classes = 10) {
  auto const deviation = [](int inputs) { return std::sqrt(2.0 / inputs); };
  auto const stage = [&](int from, int to) {
    return sequential(Conv2d{.channels = to, .kernel = 3, .stride = 1, .padding = 1, .init_std = deviation(9 * from)}, Relu{}, MaxPool2d{});
  };
  int const flat = std::max(1, image.height / 8 * (image.width / 8) * 128);  // pooling reports images that are too small
  return sequential(stage(image.channels, 32), stage(32, 64), stage(64, 128), Flatten{},
                    Linear{.features = feature_count, .init_std = deviation(flat)}, Relu{},
                    Linear{.features = classes, .init_std = deviation(feature_count)});
}

/// A feature net with its state, for evaluation.
///
/// The features of an image do not depend on the other images or on the chunk size.
template <Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class FeatureNet {
 public:
  using Net = decltype(feature_net(Shape{}));  ///< type of the classifier
  using Ref = TensorRef<Real, Exec>;           ///< images, (n, h, w, c)
  /// (n, columns), one row per image.
  using Rows = Kokkos::View<Real**, Kokkos::LayoutRight, typename Exec::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

  /// Requested outputs of a pass. Absent Views are skipped.
  struct Outputs {
    Rows features{};                     ///< (n, feature_count)
    Rows logits{};                       ///< (n, classes)
    VectorRef<int, Exec> predictions{};  ///< (n), the class with the largest logit
  };

  /// Shares the state of `model`, for example of a Classification or read from a file.
  explicit FeatureNet(Model<Net, Real, Exec> model) : m_model(std::move(model)) {}
  /// Initialises the parameters.
  /// \throws Error [ign.shape.*] on images smaller than 8×8
  FeatureNet(Exec const& exec, Shape image, int classes = 10, std::uint64_t seed = 1)
      : m_model(exec, feature_net(image, classes), image, seed) {}

  Model<Net, Real, Exec> const& model() const { return m_model; }  ///< the classifier
  Shape image_shape() const { return m_model.input_shape(); }      ///< extents of an image
  int classes() const { return m_model.output_shape().channels; }  ///< number of logits

  /// Applies the net to `images` (n, h, w, c) with values in [-1, 1], `chunk` images at a time.
  ///
  /// Allocates at the first call and when chunks grow. Asynchronous on `exec`.
  /// \throws Error [ign.shape.3] on other images, [ign.shape.234] on outputs of other extents, [ign.option.233] when chunk < 1
  void apply(Exec const& exec, Ref const& images, Outputs const& out, int chunk = 200) {
    int const count = batch_of(images);
    require(chunk >= 1, Fault::option, 233, "features: chunks of ", chunk, " images, expected 1 or more");
    check(out.features, count, feature_count, "features");
    check(out.logits, count, classes(), "logits");
    require(absent(out.predictions) || out.predictions.size() == images.extent(0), Fault::shape, 234, "features: ", out.predictions.size(),
            " predictions for ", count, " images");
    for (int first = 0; first < count; first += chunk) {
      int const size = std::min(chunk, count - first);
      m_model.forward(exec, pass_of(Role::data, Mode::evaluate), batch_range(images, first, size), m_tape, m_workspace);
      copy(exec, m_tape.input(Net::size - 1), out.features, first);
      copy(exec, m_tape.result(), out.logits, first);
      if (!absent(out.predictions))
        predict(exec, m_tape.result(), VectorRef<int, Exec>(out.predictions.data() + first, static_cast<std::size_t>(size)));
    }
  }

 private:
  static void check(Rows const& rows, int count, int columns, char const* what) {
    bool const fits = rows.extent(0) == static_cast<std::size_t>(count) && rows.extent(1) == static_cast<std::size_t>(columns);
    require(absent(rows) || fits, Fault::shape, 234, "features: ", what, " have the extents (", rows.extent(0), ", ", rows.extent(1),
            "), expected (", count, ", ", columns, ')');
  }
  static void copy(Exec const& exec, Ref const& from, Rows const& rows, int first) {
    if (absent(rows)) return;
    VectorRef<Real, Exec> const to(rows.data() + static_cast<std::size_t>(first) * rows.extent(1), from.size());
    Kokkos::deep_copy(exec, to, VectorRef<Real, Exec>(from.data(), from.size()));
  }

  Model<Net, Real, Exec> m_model;
  Tape<Real, Exec> m_tape{Retain::last};  // keeps the input and output of the last layer, which apply copies
  Workspace<Real, Exec> m_workspace;
};

}  // namespace ign

#endif  // IGN_NETS_FEATURES_HPP
