// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What samples are worth, in the features of a net that the program `features` has trained.
#ifndef IGN_EXAMPLES_QUALITY_HPP
#define IGN_EXAMPLES_QUALITY_HPP

#include "common.hpp"

#include <ign/core/finite.hpp>
#include <ign/io/features.hpp>
#include <ign/metrics/classes.hpp>
#include <ign/metrics/frechet.hpp>
#include <ign/metrics/kernel_distance.hpp>
#include <ign/metrics/manifold.hpp>
#include <ign/metrics/memorisation.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace examples {

/// Figures of a set of samples against the held-out images.
struct Quality {
  double frechet = 0;  ///< Fréchet distance of the features (FD-C)
  double kernel = 0;   ///< unbiased MMD² of the features, cubic kernel
  double precision = 0, recall = 0, density = 0, coverage = 0;
  double class_kl = 0;      ///< of the classes' shares to those of the held-out images
  double rarest_class = 0;  ///< share of the rarest class
  double memorisation = 0;  ///< median distance to the nearest training image, over that of the held-out images; NaN for training images

  nlohmann::ordered_json json() const {
    return {{"fd", frechet},
            {"kid", kernel},
            {"precision", precision},
            {"recall", recall},
            {"density", density},
            {"coverage", coverage},
            {"class_kl", class_kl},
            {"rarest_class", rarest_class},
            {"memorisation", memorisation}};
  }
};

/// Measures samples by the thousand; knows the features of training and held-out images.
class QualityMeter {
 public:
  /// \param count  held-out images, training images and samples that are compared; at most as many as there are
  QualityMeter(Exec const& exec, std::filesystem::path const& features, ign::data::ImageSet const& training,
               ign::data::ImageSet const& held_out, std::size_t count)
      : m_file(ign::io::read_features(exec, features)),
        m_count(std::min({count, training.count, held_out.count})),
        m_training(features_of(exec, training)),
        m_held_out(features_of(exec, held_out)) {}

  std::size_t count() const { return m_count; }
  /// What a figure must state of the feature net.
  nlohmann::ordered_json facts() const {
    return {{"sha256", m_file.sha256}, {"test_accuracy", m_file.facts.value("test_accuracy", 0.0)}, {"count", m_count}};
  }

  /// Of as many training images: what a perfect generator would reach.
  Quality floor(Exec const& exec) const { return measure(exec, m_training, false); }

  /// Of the samples that `make(first, x)` puts into x, `chunk` at a time.
  template <class Make>
  Quality of(Exec const& exec, int chunk, Make const& make) {
    auto const x = ign::make_tensor<float>(exec, "ign::quality::samples", chunk, m_file.net.image_shape());
    Set const set = new_set(exec);
    for (std::size_t first = 0; first < m_count; first += static_cast<std::size_t>(chunk)) {
      int const size = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(chunk), m_count - first));
      make(first, Window(x));
      add(exec, ign::samples<float, Exec>(Window(x), 0, size), first, set);
    }
    return measure(exec, set, true);
  }

  /// Of count() images that lie ready.
  Quality of(Exec const& exec, Window const& images) {
    Set const set = new_set(exec);
    add(exec, ign::samples<float, Exec>(images, 0, static_cast<int>(m_count)), 0, set);
    return measure(exec, set, true);
  }

 private:
  struct Set {
    Kokkos::View<float**, Kokkos::LayoutRight, Exec::memory_space> features;
    ign::Vector<int, Exec> classes;
  };

  Set new_set(Exec const& exec) const {
    return {decltype(Set::features)(Kokkos::view_alloc(exec, "ign::quality::features"), m_count, ign::feature_count),
            ign::Vector<int, Exec>(Kokkos::view_alloc(exec, "ign::quality::classes"), m_count)};
  }

  void add(Exec const& exec, Window const& x, std::size_t first, Set const& set) {
    using Rows = ign::FeatureNet<>::Rows;
    m_file.net.apply(exec, x,
                     {Rows(set.features.data() + first * ign::feature_count, x.extent(0), ign::feature_count), Rows{},
                      ign::VectorWindow<int, Exec>(set.classes.data() + first, x.extent(0))});
  }

  Set features_of(Exec const& exec, ign::data::ImageSet const& images) {
    constexpr int chunk = 200;
    ign::Batches<Exec> const batches(exec, images, {1, 1, m_file.net.image_shape()});
    Set const set = new_set(exec);
    for (std::size_t first = 0; first < m_count; first += chunk) {
      int const size = static_cast<int>(std::min<std::size_t>(chunk, m_count - first));
      auto const x = ign::make_tensor<float>(exec, "ign::quality::images", size, m_file.net.image_shape());
      batches.gather_range(exec, first, Window(x));
      add(exec, Window(x), first, set);
    }
    return set;
  }

  Quality measure(Exec const& exec, Set const& set, bool against_training) const {
    namespace metrics = ign::metrics;
    Quality q;
    q.frechet = metrics::frechet_distance(exec, set.features, m_held_out.features);
    q.kernel = metrics::kernel_distance(exec, set.features, m_held_out.features);
    auto const manifold = metrics::manifold_measures(exec, m_held_out.features, set.features);
    q.precision = manifold.precision;
    q.recall = manifold.recall;
    q.density = manifold.density;
    q.coverage = manifold.coverage;
    auto const classes = metrics::class_histogram(exec, set.classes, m_file.net.classes());
    q.class_kl = metrics::kl_divergence(classes, metrics::class_histogram(exec, m_held_out.classes, m_file.net.classes()));
    q.rarest_class = metrics::rarest_class(classes).share;
    q.memorisation = against_training ? metrics::memorisation(exec, set.features, m_held_out.features, m_training.features).median_ratio()
                                      : ign::quiet_nan<double>();
    return q;
  }

  ign::io::FeatureFile<float, Exec> m_file;
  std::size_t m_count;
  Set m_training, m_held_out;
};

}  // namespace examples

#endif  // IGN_EXAMPLES_QUALITY_HPP
