// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::Trainer::train: a callback has on_report(trainer, report), on_step(trainer) or on_end(trainer): see ign/train/trainer.hpp

#include <ign/layers/activations.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/train/trainer.hpp>

namespace mine {
struct Callback {
  template <class Trainer>
  void onReport(Trainer const&, ign::Report const&) {}
};
}  // namespace mine

using Policy = ign::Idempotent<decltype(ign::sequential(ign::Tanh{}))>;
void wrong(ign::Trainer<Policy, ign::Adam, ign::Batches<>>& trainer) { trainer.train(mine::Callback{}); }
