// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The report of a training run, one HTML file: samples, projections, losses, recipe and machine.
#ifndef IGN_EXAMPLES_SUPPORT_TRAIN_REPORT_HPP
#define IGN_EXAMPLES_SUPPORT_TRAIN_REPORT_HPP

#include <ign/io/log.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data_sets.hpp"
#include "projector.hpp"

namespace examples {

/// Sliced Wasserstein distances to test images; without names: not measured.
struct SlicedFigures {
  std::size_t count = 0;                       ///< images
  std::vector<std::string> names{};            ///< of the figures
  std::vector<double> samples{}, reference{};  ///< of f(z) and of training images
};

/// Measures the samples of a run on data without labels, 1,000 at most.
SlicedFigures sliced_figures(Exec const& exec, AnyProjector& f, DataSet const& data, std::uint64_t seed);

/// A run that has ended.
struct TrainingRun {
  std::string command{};                ///< as it was typed
  std::string data{};                   ///< --data
  double seconds = 0;                   ///< training time since the start or the resumption
  std::uint64_t first_step = 0;         ///< 0, or where the run was resumed
  std::uint64_t steps = 0;              ///< done
  std::uint64_t steps_per_epoch = 1;    ///< batches in a pass over the data
  std::size_t images = 0;               ///< to train on
  int batch = 0;                        ///< samples
  std::uint64_t seed = 1;               ///< of weights and noise
  std::size_t parameters = 0;           ///< of the net
  bool averaged = false;                ///< the net has the average of its weights
  AnyDistance distance{};               ///< of the objective
  TestImages test{};                    ///< images of the evaluation
  nlohmann::ordered_json recipe{};      ///< as in the checkpoint
  std::vector<PictureRow> samples{};    ///< f(z) by step
  Evaluation evaluation{};              ///< on `test`
  SlicedFigures sliced{};               ///< of data without labels
  std::vector<ign::io::LogLine> log{};  ///< of all reports
};

/// Keeps f(z) of the same few z after 1/64, 1/32, … 1/2 and all of the steps. Callback.
class SampleRows {
 public:
  SampleRows(Exec const& exec, ign::Shape image, std::uint64_t seed, std::uint64_t steps);

  /// Takes the samples of the next steps from f, which must outlive the call of `release_net`.
  void sample_from(AnyProjector& f) { m_f = &f; }
  void release_net() { m_f = nullptr; }

  template <class T>
  bool on_step(T const& trainer) {
    step(trainer.steps_done());
    return true;
  }
  template <class T>
  void on_end(T const& trainer) {
    if (m_last != trainer.steps_done()) keep(trainer.steps_done());  // the run was cut short
  }

  std::vector<PictureRow> const& rows() const { return m_rows; }

 private:
  void step(std::uint64_t step);
  void keep(std::uint64_t step);

  Exec m_exec;
  AnyProjector* m_f = nullptr;
  std::uint64_t m_seed, m_steps, m_last = 0;
  ign::Tensor<float, Exec> m_row;
  std::vector<PictureRow> m_rows;
};

/// The losses of a log over the steps.
std::vector<Curve> loss_curves(std::vector<ign::io::LogLine> const& log);

/// Writes the report of a run that has ended.
void write_report(std::filesystem::path const& path, Exec const& exec, AnyProjector& f, TrainingRun const& run);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_TRAIN_REPORT_HPP
