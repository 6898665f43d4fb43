// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Noise by name: one source type for the programs, so that nothing has to be compiled once for each source.
#ifndef IGN_EXAMPLES_SUPPORT_NOISE_HPP
#define IGN_EXAMPLES_SUPPORT_NOISE_HPP

#include <ign/sources/gaussian.hpp>
#include <ign/sources/source.hpp>
#include <ign/sources/spectral.hpp>
#include <ign/train/batches.hpp>

#include <string>
#include <variant>
#include <vector>

namespace examples {

/// A Gaussian or Spectral source, chosen at run time. Models the contract of sources/source.hpp.
class Noise {
 public:
  using Exec = Kokkos::DefaultExecutionSpace;
  using Spectral = ign::Spectral<float, Exec>;

  /// Gaussian.
  Noise() = default;
  /// The source of that name. A spectral source has no statistics yet.
  /// \throws ign::Error [ign.option.253] on another name
  Noise(std::string const& name, Exec const& exec, ign::Shape image);

  bool is_gaussian() const { return spectral() == nullptr; }
  /// The spectral source, or null.
  Spectral const* spectral() const { return std::get_if<Spectral>(&m_source); }

  /// @name Statistics, none of Gaussian noise
  ///@{
  std::vector<ign::ArrayInfo> arrays() const;
  ign::Vector<float, Exec> state() const;
  void restore(std::vector<float> const& elements) const;
  ///@}

 private:
  std::variant<ign::Gaussian, Spectral> m_source;
};

/// @name Source contract
///@{
std::string name(Noise const& noise);
void sample(Noise::Exec const& exec, Noise const& noise, ign::Key const& key, ign::TensorRef<float, Noise::Exec> const& z,
            ign::Buffer<float, Noise::Exec>& scratch);
void observe(Noise::Exec const& exec, Noise const& noise, ign::TensorRef<float, Noise::Exec> const& x,
             ign::Buffer<float, Noise::Exec>& scratch);
///@}

/// True unless the source has statistics per batch: see sources/source.hpp.
bool draws_by_global_index(Noise const& noise);

/// Gathers the statistics of a spectral source from all images.
void gather_statistics(Noise::Exec const& exec, Noise const& noise, ign::Batches<Noise::Exec> const& batches);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_NOISE_HPP
