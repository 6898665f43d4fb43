// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Perceptual distance: differences of pixels and of the features of a constant net.
///
/// \source Johnson, Alahi, Fei-Fei, "Perceptual losses for real-time style transfer and super-resolution", arXiv 1603.08155, the feature
///         reconstruction loss; Zhang et al., "The unreasonable effectiveness of deep features as a perceptual metric", arXiv 1801.03924,
///         for features of several layers (here without their normalisation over channels)
#ifndef IGN_NETS_PERCEPTUAL_HPP
#define IGN_NETS_PERCEPTUAL_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Profiling_ScopedRegion.hpp>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "ign/core/finite.hpp"
#include "ign/core/workspace.hpp"
#include "ign/losses/image_distance.hpp"
#include "ign/losses/mse.hpp"
#include "ign/nets/model.hpp"

namespace ign {

/// Weight w of the output of one layer.
struct FeatureWeight {
  std::size_t layer = 0;  ///< index of the layer, from 0
  double weight = 0;      ///< w, 0 or more
};

/// Weights of Perceptual.
struct PerceptualOptions {
  std::vector<FeatureWeight> layers;  ///< layers whose outputs are compared; weights of the same layer add up
  double pixel_weight = 1;            ///< weight of the elementwise distance, 0 or more
};

namespace detail {

/// out(n) = Σ_k factors[k] · terms(k, n), in this order.
template <class Real, std::size_t most>
struct SumTerms {
  Kokkos::Array<double, most> factors;
  std::size_t terms, batch;
  Real const* values;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    double sum = 0;
    for (std::size_t k = 0; k < terms; ++k) sum += factors[k] * static_cast<double>(values[k * batch + n]);
    out[n] = static_cast<Real>(sum);
  }
};

}  // namespace detail

/// D(a, b) = p · Pixel(a, b) + Σ_l w_l · mean over (h, w, c) of (φ_l(a) - φ_l(b))².
///
/// φ_l is the output of layer l of a constant net φ in evaluation mode, with the running statistics of data: a classifier that this library
/// has trained (nets/features.hpp), say. p and w_l are `pixel_weight` and the weights of `layers`. Pixel is an elementwise Distance. Layers
/// after the last one with a weight are not applied.
///
///     ign::Perceptual const distance(features.model(), {.layers = {{1, 0.1}, {4, 0.1}, {7, 0.1}}});
///
/// Cheap to copy: copies share the parameters of φ, which must not change while they are in use. It is an ImageDistance
/// (losses/image_distance.hpp): memory is the caller's. The features of B pairs cost 2 B forward passes of φ, the gradient about B more.
template <class Net, class Pixel = Mse, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Perceptual {
  static_assert(distance::complete<Pixel>());

 public:
  using Ref = TensorRef<Real, Exec>;                 ///< images, (n, h, w, c)
  static constexpr char const* name = "perceptual";  ///< name in files

  /// A batch of images with the outputs of φ's layers.
  struct Features {
    Ref images;               ///< as given, no copy
    Tape<Real, Exec> tape{};  ///< outputs of the layers
  };
  /// Scratch memory of all functions.
  struct Workspace {
    ign::Workspace<Real, Exec> passes{};                            ///< passes of φ
    Buffer<Real, Exec> terms{"ign::perceptual::terms of samples"};  ///< (term, n)
  };

  /// \param model  φ, which need not have gradients
  /// \throws Error [ign.option.650] on weights that are negative, not finite, or all 0; [ign.option.651] on a layer that φ does not have,
  ///         or whose output the next layer overwrites; [ign.option.652] on a φ with conditions, or whose samples depend on each other
  Perceptual(Model<Net, Real, Exec> model, PerceptualOptions const& options, Pixel pixel = {})
      : m_model(std::move(model)), m_pixel(std::move(pixel)), m_pixel_weight(options.pixel_weight) {
    auto const check_weight = [](double weight) {
      require(is_finite(static_cast<Real>(weight)) && weight >= 0, Fault::option, 650, "perceptual: a weight of ", weight,
              ", expected 0 or more, in the range of the net's numbers");
      return weight > 0;
    };
    bool some = check_weight(m_pixel_weight);
    for (auto const& [layer, weight] : options.layers) {
      require(layer < Net::size && m_model.keeps_output(layer), Fault::option, 651, "perceptual: the output of layer ", layer, " of ",
              Net::size, " layers cannot be compared, ",
              layer < Net::size ? "since the next layer overwrites it, expected another layer, such as the next"
                                : "expected a layer of the net, from 0");
      some = check_weight(weight) || some;
      m_weights[layer] += weight;
      check_weight(m_weights[layer]);
      if (weight > 0) m_layers = std::max(m_layers, layer + 1);
    }
    require(some, Fault::option, 650, "perceptual: all weights are 0, expected one above 0");
    require(condition_length(m_model.net()) == 0 && !couples_samples(m_model.net(), pass()), Fault::option, 652,
            "perceptual: the net has conditions, or its samples depend on each other in evaluation mode, expected neither");
  }

  Model<Net, Real, Exec> const& model() const { return m_model; }             ///< φ
  std::array<double, Net::size> const& weights() const { return m_weights; }  ///< w_l of each layer
  double pixel_weight() const { return m_pixel_weight; }                      ///< p

  ///@{
  /// ImageDistance contract (losses/image_distance.hpp).
  Pixel const& pixel_distance() const { return m_pixel; }

  void require_images(Shape image) const {
    require(image == m_model.input_shape(), Fault::shape, 650, "perceptual: images of ", image, ", expected ", m_model.input_shape(),
            ", which the feature net takes");
  }

  void extract(Exec const& exec, Ref const& images, Features& features, Workspace& workspace) const {
    Kokkos::Profiling::ScopedRegion const region("ign::perceptual::extract");
    require_images(shape_of(images));
    features.images = images;
    if (m_layers > 0) m_model.forward_to(exec, pass(), m_layers - 1, images, features.tape, workspace.passes);
  }

  void sample_distances(Exec const& exec, Features const& a, Features const& b, VectorRef<Real, Exec> const& out,
                        Workspace& workspace) const {
    std::size_t const batch = out.size();
    VectorRef<Real, Exec> const terms = workspace.terms.reserve(exec, (m_layers + 1) * batch);
    detail::SumTerms<Real, Net::size + 1> sum{{}, 0, batch, terms.data(), out.data()};
    auto const add = [&](double weight, auto const& distance, Ref const& of_a, Ref const& of_b) {
      if (weight == 0) return;
      ign::sample_distances(exec, distance, of_a, of_b, VectorRef<Real, Exec>(terms.data() + sum.terms * batch, batch));
      sum.factors[sum.terms++] = weight;
    };
    add(m_pixel_weight, m_pixel, a.images, b.images);
    for (std::size_t l = 0; l < m_layers; ++l)
      if (m_weights[l] != 0) add(m_weights[l], Mse{}, a.tape.output(l), b.tape.output(l));
    Kokkos::parallel_for("ign::perceptual::sum of terms", range_policy(exec, batch), sum);
  }

  void gradient(Exec const& exec, Argument argument, Features const& a, Features const& b, double factor,
                VectorRef<Real, Exec> const& scale, Ref const& out, Workspace& workspace) const {
    Kokkos::Profiling::ScopedRegion const region("ign::perceptual::gradient");
    if (m_layers == 0) return ign::distance_gradient(exec, m_pixel, a.images, b.images, argument, factor * m_pixel_weight, scale, out);
    auto const& tape = argument == Argument::first ? a.tape : b.tape;
    auto const seed = [&](std::size_t layer, Ref const& dy, bool is_last) {
      if (m_weights[layer] == 0) return;
      auto const queue =
          is_last ? detail::queue_distance_gradient<false, Mse, Real, Exec> : detail::queue_distance_gradient<true, Mse, Real, Exec>;
      queue("ign::perceptual::feature gradient", exec, Mse{}, a.tape.output(layer), b.tape.output(layer), argument,
            factor * m_weights[layer], scale, dy);
    };
    m_model.backward_from(exec, tape, m_layers - 1, seed, out, workspace.passes);
    if (m_pixel_weight != 0)
      detail::queue_distance_gradient<true>("ign::perceptual::pixel gradient", exec, m_pixel, a.images, b.images, argument,
                                            factor * m_pixel_weight, scale, out);
  }
  ///@}

 private:
  static Pass pass() { return pass_of(Role::data, Mode::evaluate); }

  Model<Net, Real, Exec> m_model;
  Pixel m_pixel;
  double m_pixel_weight;
  std::array<double, Net::size> m_weights{};
  std::size_t m_layers = 0;  // number of layers up to the last one with a weight
};

}  // namespace ign

#endif  // IGN_NETS_PERCEPTUAL_HPP
