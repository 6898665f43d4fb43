// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A run that ends after a time.
#ifndef IGN_TRAIN_STOP_AFTER_HPP
#define IGN_TRAIN_STOP_AFTER_HPP

#include <Kokkos_Core.hpp>

namespace ign {

/// Ends a run after a time, whatever step it is at. Callback. Waits for the device after each step.
class StopAfter {
 public:
  /// Counts from now on.
  explicit StopAfter(double seconds) : m_seconds(seconds) {}

  ///@{
  /// Of the callback contract.
  template <class T>
  bool on_step(T const& trainer) {
    trainer.exec().fence("ign::StopAfter");  // the time of work that is done, not of work that is queued
    return m_timer.seconds() < m_seconds;
  }
  ///@}

 private:
  double m_seconds;
  Kokkos::Timer m_timer;
};

}  // namespace ign

#endif  // IGN_TRAIN_STOP_AFTER_HPP
