// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "noise.hpp"

#include <ign/core/error.hpp>

namespace examples {

Noise::Noise(std::string const& name, Exec const& exec, ign::Shape image) {
  if (auto const options = ign::spectral_options(name)) {
    m_source = Spectral(exec, image, *options);
    return;
  }
  ign::require(name == ign::Gaussian::name, ign::Fault::option, 253, "source '", name,
               "', expected gaussian, spectral, spectral-hermitian, spectral-batch or spectral-hermitian-batch");
}

std::vector<ign::ArrayInfo> Noise::arrays() const { return is_gaussian() ? std::vector<ign::ArrayInfo>{} : spectral()->arrays(); }

ign::Vector<float, Noise::Exec> Noise::state() const { return is_gaussian() ? ign::Vector<float, Exec>{} : spectral()->state(); }

void Noise::restore(std::vector<float> const& elements) const {
  if (!is_gaussian()) spectral()->restore(elements);
}

std::string name(Noise const& noise) { return noise.is_gaussian() ? ign::Gaussian::name : name(*noise.spectral()); }

void sample(Noise::Exec const& exec, Noise const& noise, ign::Key const& key, ign::TensorRef<float, Noise::Exec> const& z,
            ign::Buffer<float, Noise::Exec>& scratch) {
  if (noise.is_gaussian())
    ign::sample(exec, ign::Gaussian{}, key, z);
  else
    ign::sample(exec, *noise.spectral(), key, z, scratch);
}

void observe(Noise::Exec const& exec, Noise const& noise, ign::TensorRef<float, Noise::Exec> const& x,
             ign::Buffer<float, Noise::Exec>& scratch) {
  if (!noise.is_gaussian()) ign::observe(exec, *noise.spectral(), x, scratch);
}

bool draws_by_global_index(Noise const& noise) { return noise.is_gaussian() || ign::draws_by_global_index(*noise.spectral()); }

void gather_statistics(Noise::Exec const& exec, Noise const& noise, ign::Batches<Noise::Exec> const& batches) {
  if (!noise.is_gaussian()) ign::gather_statistics(exec, *noise.spectral(), batches);
}

}  // namespace examples
