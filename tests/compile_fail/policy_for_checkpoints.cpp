// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::io: a policy whose run is kept in checkpoints has `loss_sums()`, `summed_steps()` and `set_summed_steps(count)`: see
// ign/policies/policy.hpp

#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>

namespace mine {
struct Policy {
  using scalar_type = float;
  using execution_space = Kokkos::DefaultExecutionSpace;
  struct Losses {
    double total = 0;
    std::vector<ign::NamedLoss> named() const { return {}; }
  };
  using Net = decltype(ign::sequential(ign::Tanh{}));

  ign::Model<Net> net;

  ign::Shape image_shape() const { return net.input_shape(); }
  Losses losses(execution_space const&) const { return {}; }
  void reset_losses(execution_space const&) {}
  ign::Model<Net> const& model() const { return net; }
  void gradients(execution_space const&, ign::TensorRef<float> const&, std::uint64_t) {}
};
}  // namespace mine

void wrong(ign::Trainer<mine::Policy, ign::Adam, ign::Batches<>> const& trainer) { ign::io::write_checkpoint("run", trainer, {}); }
