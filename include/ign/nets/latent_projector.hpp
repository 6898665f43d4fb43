// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// An IGN on the code of an autoencoder: sampling and projection of images by one call.
#ifndef IGN_NETS_LATENT_PROJECTOR_HPP
#define IGN_NETS_LATENT_PROJECTOR_HPP

#include <utility>

#include "ign/nets/channel_normalisation.hpp"
#include "ign/nets/frozen_projector.hpp"
#include "ign/nets/projection.hpp"

namespace ign {

/// Encoder e, decoder d and an f that was trained on normalised codes (e(x) - mean) / stddev: samples d(f^k(z)) and projections
/// d(f^k(e(x))). Normalisation and its inverse stand between the nets.
///
/// Encoder and decoder work in Role::data, in which the autoencoder was trained. Repeated application stays among codes: d∘f^k∘e, not
/// (d∘f∘e)^k, and k = 0 is the autoencoder alone. Drifts of the base class are those of images, D(d(f(e(x))), x), and contain the error of
/// the autoencoder; `code_drift_scores` has those of codes.
///
/// All functions allocate at the first call, and when the batch or, on a host, the concurrency of the instance grows; calls that do not
/// allocate do not wait. They are batch-invariant. Can be moved, but not copied.
/// \source arXiv 2311.01462, section 6: the direction "two-step training", an autoencoder before the IGN
template <class Encoder, class Decoder, class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class LatentProjector : public InferenceInterface<LatentProjector<Encoder, Decoder, Net, Real, Exec>, Real, Exec> {
  using Inference = InferenceInterface<LatentProjector, Real, Exec>;

 public:
  using Ref = TensorRef<Real, Exec>;  ///< images or codes, (n, h, w, c)

  /// Shares the state of the models: call `update` after it has changed.
  /// \param encoder, decoder  of images and their codes; of a trained autoencoder: see nets/split.hpp
  /// \param f                 on normalised codes
  /// \param normalisation     of the codes of the data, by channel: see train/codes.hpp
  /// \throws Error [ign.shape.640] when the extents of the nets do not fit, [ign.shape.483] when the number of channels does not; errors of
  ///         ChannelScaling
  LatentProjector(Exec const& exec, Model<Encoder, Real, Exec> const& encoder, Model<Decoder, Real, Exec> const& decoder,
                  Model<Net, Real, Exec> const& f, ChannelNormalisation const& normalisation)
      : m_encoder(exec, encoder), m_decoder(exec, decoder), m_f(exec, f), m_scaling(exec, normalisation) {
    require(encoder.output_shape() == f.input_shape() && decoder.input_shape() == f.input_shape() &&
                decoder.output_shape() == encoder.input_shape(),
            Fault::shape, 640, "latent_projector: the encoder maps ", encoder.input_shape(), " to ", encoder.output_shape(), ", f takes ",
            f.input_shape(), ", the decoder maps ", decoder.input_shape(), " to ", decoder.output_shape(),
            ", expected codes of equal extents, and images of equal extents");
    require(m_scaling.channels() == code_shape().channels, Fault::shape, 483, "latent_projector: a normalisation of ", m_scaling.channels(),
            " channels for codes of ", code_shape(), ", expected one mean and one standard deviation for each channel");
  }

  Shape image_shape() const { return m_encoder.model().input_shape(); }                    ///< extents of the images
  Shape code_shape() const { return m_f.image_shape(); }                                   ///< extents of the codes
  Model<Encoder, Real, Exec> const& encoder() const { return m_encoder.model(); }          ///< e
  Model<Decoder, Real, Exec> const& decoder() const { return m_decoder.model(); }          ///< d
  Model<Net, Real, Exec> const& code_model() const { return m_f.model(); }                 ///< f on normalised codes
  FrozenProjector<Net, Real, Exec>& codes() { return m_f; }                                ///< f with all functions of its own, for codes
  ChannelNormalisation const& normalisation() const { return m_scaling.normalisation(); }  ///< of the codes

  /// Prepares all nets again after the state of the models, which is shared, has changed.
  void update(Exec const& exec) const {
    m_encoder.update(exec);
    m_decoder.update(exec);
    m_f.update(exec);
  }

  /// code = normalised e(x).
  /// \param x     (n, h, w, c), images
  /// \param code  (n, h, w, c) of code_shape()
  /// \throws Error [ign.shape.3] on wrong extents
  void encode(Exec const& exec, Ref const& x, Ref const& code) {
    m_encoder.forward(exec, Role::data, x, code);
    m_scaling.normalise(exec, code, code);
  }

  /// out = d(mean + deviation · code), images (n, h, w, c), for normalised codes; `code` is not changed.
  /// \throws Error [ign.shape.3] on wrong extents
  void decode(Exec const& exec, Ref const& code, Ref const& out) {
    Ref const scaled = reserve_like(exec, m_scaled, code);
    m_scaling.denormalise(exec, code, scaled);
    m_decoder.forward(exec, Role::data, scaled, out);
  }

  /// out = d(f^applications(e(x))) for images x (n, h, w, c); d(e(x)) for 0 applications. out may be x.
  ///
  /// \param input_role  the role in which f is applied to the code of x
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void apply(Exec const& exec, Role input_role, int applications, Ref const& x, Ref const& out) {
    detail::check_application<Real, Exec>(image_shape(), applications, x, out);
    Ref const code = reserve_tensor(exec, m_code, batch_of(x), code_shape());
    encode(exec, x, code);
    m_f.apply(exec, input_role, applications, code, code);
    decode(exec, code, out);
  }

  /// Draws samples: out = d(f^applications(z)), with noise z from `source` for the random key `key`. A sample does not depend on the
  /// rest of `out`.
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  template <class Source>
  void generate(Exec const& exec, Source const& source, Key const& key, int applications, Ref const& out) {
    detail::check_application<Real, Exec>(image_shape(), applications, out, out);
    Ref const code = reserve_tensor(exec, m_code, batch_of(out), code_shape());
    m_f.generate(exec, source, key, applications, code);
    decode(exec, code, out);
  }

  /// Drift of the normalised code of each image: scores(n) = D(f(e(x)), e(x)). Leaves out what the autoencoder loses.
  /// \throws Error [ign.shape.3] on wrong extents, [ign.shape.205] when the number of scores is not that of samples
  template <Distance D = Mse>
  void code_drift_scores(Exec const& exec, Ref const& x, VectorRef<Real, Exec> const& scores, D const& distance = {},
                         Role role = Role::data) {
    detail::check_application<Real, Exec>(image_shape(), 1, x, x);
    Ref const code = reserve_tensor(exec, m_code, batch_of(x), code_shape());
    encode(exec, x, code);
    m_f.drift_scores(exec, code, scores, distance, role);
  }

 private:
  Frozen<Encoder, Real, Exec> m_encoder;
  Frozen<Decoder, Real, Exec> m_decoder;
  FrozenProjector<Net, Real, Exec> m_f;
  ChannelScaling<Real, Exec> m_scaling;
  Buffer<Real, Exec> m_code{"ign::latent_projector::code"};
  Buffer<Real, Exec> m_scaled{"ign::latent_projector::scaled"};
};

}  // namespace ign

#endif  // IGN_NETS_LATENT_PROJECTOR_HPP
