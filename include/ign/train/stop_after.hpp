// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Time limit for runs.
#ifndef IGN_TRAIN_STOP_AFTER_HPP
#define IGN_TRAIN_STOP_AFTER_HPP

#include <Kokkos_Core.hpp>

namespace ign {

/// Callback that ends a run after a given time. Fences after each step, to measure completed work rather than enqueued work.
class StopAfter {
 public:
  /// Starts the timer.
  explicit StopAfter(double seconds) : m_seconds(seconds) {}

  ///@{
  /// Callback function, see train/trainer.hpp.
  template <class T>
  bool on_step(T const& trainer) {
    trainer.exec().fence("ign::StopAfter");
    return m_timer.seconds() < m_seconds;
  }
  ///@}

 private:
  double m_seconds;
  Kokkos::Timer m_timer;
};

}  // namespace ign

#endif  // IGN_TRAIN_STOP_AFTER_HPP
