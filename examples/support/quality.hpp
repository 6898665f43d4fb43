// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Quality of samples in the features of a net that the program `features` has trained.
#ifndef IGN_EXAMPLES_SUPPORT_QUALITY_HPP
#define IGN_EXAMPLES_SUPPORT_QUALITY_HPP

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data_sets.hpp"
#include "images.hpp"

namespace examples {

/// Metadata in the file of a feature net that was trained on quarter turns instead of labels.
inline constexpr char const *task_field = "task", *quarter_turns_task = "quarter turns";

/// Feature nets that a figure accepts.
enum class FeatureTask {
  labels,  ///< only classifiers of the data's labels
  any,     ///< those that learned from quarter turns, too
};

/// Figures of a set of samples against the held-out images.
struct Quality {
  double frechet = 0;  ///< Fréchet distance of the features (FD-C, or FD-R of a net that learned from quarter turns)
  double kernel = 0;   ///< unbiased MMD² of the features, cubic kernel
  double precision = 0, recall = 0, density = 0, coverage = 0;
  double class_kl = 0;      ///< KL divergence of the class shares from those of the held-out images
  double rarest_class = 0;  ///< share of the rarest class
  double memorisation = 0;  ///< median distance to the nearest training image, over that of the held-out images; NaN for training images

  nlohmann::ordered_json json() const;
};

/// Measures samples against the features of training and held-out images.
class QualityMeter {
 public:
  /// \param features  file of the program `features`
  /// \param count  number of held-out images, training images and samples to compare; the smallest set limits it
  /// \param shape  extents of the samples, which must be those that the net takes; images are padded to them
  /// \throws ign::Error [ign.option.664] on a net for other images, [ign.option.661] on one that `task` does not allow; as
  ///         ign::io::read_features
  QualityMeter(Exec const& exec, std::filesystem::path const& features, ign::data::ImageSet const& training,
               ign::data::ImageSet const& held_out, ign::Shape shape, std::size_t count, FeatureTask task = FeatureTask::labels);
  /// The same for a data set. If it has labels, a net that has learned labels must know as many classes.
  /// \throws ign::Error [ign.option.572] when the net has learned another number of classes
  QualityMeter(Exec const& exec, std::filesystem::path const& features, DataSet const& data, ign::Shape shape, std::size_t count,
               FeatureTask task = FeatureTask::labels);
  QualityMeter(QualityMeter&&) noexcept;
  ~QualityMeter();

  std::size_t count() const;
  /// True if the feature net has learned labels of the data, so that its classes are those of the data.
  bool labelled() const;
  /// "FD-C" in the features of a classifier of labels, "FD-R" in those of a net that tells how images are rotated.
  char const* frechet_name() const { return labelled() ? "FD-C" : "FD-R"; }
  /// The feature net, to be reported with every figure.
  nlohmann::ordered_json facts() const;

  /// Figures of as many training images: the score of a perfect generator.
  Quality reference(Exec const& exec) const;

  /// Figures of the samples that `make(first, x)` writes to x, `chunk` at a time.
  Quality of(Exec const& exec, int chunk, std::function<void(std::size_t first, Ref const& x)> const& make);

  /// Figures of the first count() images.
  Quality of(Exec const& exec, Ref const& images);

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

/// A feature net as a classifier.
class Classifier {
 public:
  /// \throws ign::Error [ign.option.661] on a net that did not learn labels; as ign::io::read_features
  Classifier(Exec const& exec, std::filesystem::path const& features);
  ~Classifier();

  /// Checks the number of classes of the data.
  /// \throws ign::Error [ign.option.572] when the net has learned another one
  void require_classes(int classes) const;
  /// The class of each image.
  std::vector<int> predict(Exec const& exec, Ref const& images);
  /// Checksum and test accuracy.
  std::string facts() const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_QUALITY_HPP
