// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Umbrella header of the parts for training and inference, which need only Kokkos and Random123. ign/io and ign/data read and write files;
/// ign/metrics has measures of quality, and ign/nets/features.hpp the feature net for them.
#ifndef IGN_IGN_HPP
#define IGN_IGN_HPP

// Core: tensors, errors, passes, tapes
#include "ign/core/condition.hpp"
#include "ign/core/description.hpp"
#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/key.hpp"
#include "ign/core/launch.hpp"
#include "ign/core/padding_mode.hpp"
#include "ign/core/parameters.hpp"
#include "ign/core/pass.hpp"
#include "ign/core/ranks.hpp"
#include "ign/core/receptive_field.hpp"
#include "ign/core/scalar.hpp"
#include "ign/core/schedule.hpp"
#include "ign/core/shape.hpp"
#include "ign/core/step_values.hpp"
#include "ign/core/tape.hpp"
#include "ign/core/tensor.hpp"
#include "ign/core/workspace.hpp"
#include "ign/fwd.hpp"
#include "ign/layers/layer.hpp"
#include "ign/version.hpp"

// Randomness
#include "ign/random/counter.hpp"
#include "ign/random/fill.hpp"
#include "ign/random/initializers.hpp"
#include "ign/random/permutation.hpp"

// Layers
#include "ign/layers/activations.hpp"
#include "ign/layers/batch_norm.hpp"
#include "ign/layers/conditional_layers.hpp"
#include "ign/layers/conv2d.hpp"
#include "ign/layers/conv3d.hpp"
#include "ign/layers/conv_transpose2d.hpp"
#include "ign/layers/conv_transpose3d.hpp"
#include "ign/layers/dropout.hpp"
#include "ign/layers/group_norm.hpp"
#include "ign/layers/linear.hpp"
#include "ign/layers/max_pool2d.hpp"
#include "ign/layers/minibatch_stddev.hpp"
#include "ign/layers/reshape.hpp"
#include "ign/layers/residual.hpp"
#include "ign/layers/sequential.hpp"

// Nets
#include "ign/nets/channel_normalisation.hpp"
#include "ign/nets/conditional.hpp"
#include "ign/nets/conditional_dcgan.hpp"
#include "ign/nets/dcgan.hpp"
#include "ign/nets/dcgan3d.hpp"
#include "ign/nets/field_net.hpp"
#include "ign/nets/field_net3d.hpp"
#include "ign/nets/frozen.hpp"
#include "ign/nets/frozen_projector.hpp"
#include "ign/nets/linear_operator.hpp"
#include "ign/nets/mlp.hpp"
#include "ign/nets/model.hpp"
#include "ign/nets/physical_projector.hpp"
#include "ign/nets/projection.hpp"
#include "ign/nets/tiled_projector.hpp"
#include "ign/nets/widen.hpp"

// Losses, sources, optimizers
#include "ign/losses/binary_cross_entropy.hpp"
#include "ign/losses/cross_entropy.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/l1.hpp"
#include "ign/losses/mse.hpp"
#include "ign/losses/named_loss.hpp"
#include "ign/losses/tightness.hpp"
#include "ign/optimizers/adam.hpp"
#include "ign/optimizers/clip.hpp"
#include "ign/optimizers/ema.hpp"
#include "ign/optimizers/muon.hpp"
#include "ign/optimizers/optimizer.hpp"
#include "ign/optimizers/sgd.hpp"
#include "ign/sources/gaussian.hpp"
#include "ign/sources/source.hpp"
#include "ign/sources/spectral.hpp"

// Corruptions
#include "ign/corruptions/corruption.hpp"
#include "ign/corruptions/filters.hpp"
#include "ign/corruptions/masks.hpp"
#include "ign/corruptions/mixture.hpp"
#include "ign/corruptions/noise.hpp"
#include "ign/corruptions/operators.hpp"

// Policies and training
#include "ign/policies/classification.hpp"
#include "ign/policies/distillation.hpp"
#include "ign/policies/gan.hpp"
#include "ign/policies/idempotent.hpp"
#include "ign/policies/imle.hpp"
#include "ign/policies/loss_sums.hpp"
#include "ign/policies/model_with_workspace.hpp"
#include "ign/policies/policy.hpp"
#include "ign/policies/single_model_policy.hpp"
#include "ign/train/averaged_weights.hpp"
#include "ign/train/batches.hpp"
#include "ign/train/captured_graph.hpp"
#include "ign/train/collapse_guard.hpp"
#include "ign/train/distill.hpp"
#include "ign/train/progress.hpp"
#include "ign/train/recipes.hpp"
#include "ign/train/run.hpp"
#include "ign/train/run_properties.hpp"
#include "ign/train/stop_after.hpp"
#include "ign/train/trainer.hpp"

#endif  // IGN_IGN_HPP
