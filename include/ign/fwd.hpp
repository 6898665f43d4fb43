// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward declarations of the public types most often passed on. This header is cheap to include: it needs neither Kokkos nor
/// another large header.
///
/// Default template arguments are part of the definitions, so code that includes this header only must state all arguments:
///
///     #include <ign/fwd.hpp>
///     template <class Net, class Exec>
///     void show(ign::Model<Net, float, Exec> const& model);
#ifndef IGN_FWD_HPP
#define IGN_FWD_HPP

#include <cstddef>

#include "ign/core/scalar.hpp"

namespace ign {

// Core
class Error;
struct ArrayInfo;
struct GlobalSampleIndices;
struct Key;
enum class PaddingMode;
struct Pass;
class Ranks;
struct ReceptiveField;
struct Schedule;
struct Shape;
template <Scalar Real, class Exec>
class Buffer;
template <Scalar Real, class Exec>
struct LayerMemory;
template <class T>
class StepArgument;
template <Scalar Real, class Exec>
class Tape;
template <Scalar Real, class Exec>
struct Workspace;

// Layers
struct AvgPool2d;
struct BatchNorm;
struct ConditionChannels;
struct ConditionalScale;
struct Conv2d;
struct Conv3d;
struct ConvTranspose2d;
struct ConvTranspose3d;
struct Dropout;
struct Flatten;
struct GaussianNoise;
struct GroupNorm;
struct LeakyRelu;
struct Linear;
struct MaxPool2d;
struct MinibatchStddev;
struct Relu;
struct Reshape;
struct SelfAttention;
struct Sigmoid;
struct Tanh;
struct Upsample2d;
template <class... Layers>
class Residual;
template <class... Layers>
class Sequential;

// Nets
template <class Net, Scalar Real, class Exec>
class Model;
template <class Net, Scalar Real, class Exec>
class Frozen;
template <class Net, Scalar Real, class Exec>
class FrozenProjector;
template <class F, Scalar Real, class Exec>
class Given;
struct ChannelNormalisation;
class ChannelMoments;
template <Scalar Real, class Exec>
class ChannelScaling;
template <class F, Scalar Real, class Exec>
class PhysicalProjector;
template <class Encoder, class Decoder, class Net, Scalar Real, class Exec>
class LatentProjector;
template <class Net, Scalar Real, class Exec>
class TiledProjector;
template <class Norm>
struct FieldNetOptions;
template <std::size_t Stages, class Norm>
struct DcganOptions;
template <Scalar Real, class Exec>
class FeatureNet;

// Losses, sources, optimizers
struct BinaryCrossEntropy;
struct L1;
struct Mse;
struct NamedLoss;
template <class Net, class Pixel, Scalar Real, class Exec>
class Perceptual;
struct PerceptualOptions;
struct Equilibrium;
struct Smoothing;
struct Gaussian;
struct SpectralOptions;
template <Scalar Real, class Exec>
class Spectral;
struct Adam;
struct Muon;
struct Sgd;
template <class Optimizer, class Exec>
class Clip;
template <class Optimizer>
struct Ema;

// Policies
template <class Generator, class Discriminator, Scalar Real, class Exec, class Source>
class Gan;
template <class Source>
struct GanOptions;
template <class Net, Scalar Real, class Exec>
class Classification;
template <class Net, Scalar Real, class Exec, class Distance, class Source, class TightnessForm>
class Idempotent;
template <class Distance, class Source, class TightnessForm>
struct IdempotentOptions;
template <class Net, Scalar Real, class Exec, class Distance, class Source>
class Imle;
template <class Distance, class Source>
struct ImleOptions;
template <class Net, Scalar Real, class Exec>
class ModelWithWorkspace;
template <class Net, Scalar Real, class Exec, class Distance, class Source, class Corruption>
class Distillation;
template <class Distance, class Source, class Corruption>
struct DistillationOptions;
template <class Net, Scalar Real, class Exec, class Distance, class Corruption>
class Reconstruction;
template <class Distance, class Corruption>
struct ReconstructionOptions;

// Corruptions
struct CorruptionMixture;
struct MaskOptions;

// Training
struct BatchOptions;
struct Report;
struct RunOptions;
struct TrainerOptions;
template <class Exec>
class Batches;
template <Scalar Real, class Exec>
class CollapseGuard;
template <class Net, class Distance, class Source, class Optimizer, class SecondOptimizer>
struct Recipe;
template <class Policy, class Optimizer, class Batches>
class Trainer;

}  // namespace ign

namespace ign::data {

struct ImageSet;
struct LabelledImages;
class GaussianMixture;
template <class Exec>
class PointBatches;

}  // namespace ign::data

namespace ign::io {

class Log;
class SafeTensorsFile;
struct Image;
struct SafeTensor;
template <Scalar Real, class Exec>
struct FeatureFile;
template <Scalar Real, class Exec>
class RuntimeProjector;

}  // namespace ign::io

#endif  // IGN_FWD_HPP
