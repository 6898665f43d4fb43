// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A user-defined callback: ends a run when it is good enough.
#ifndef IGN_EXAMPLES_EXTEND_CALLBACK_HPP
#define IGN_EXAMPLES_EXTEND_CALLBACK_HPP

// [callback]
#include <ign/train/trainer.hpp>

#include <string>
#include <utility>

namespace mine {

/// Ends the run after the first report in which the loss of that name, such as "rec", is below `target`.
class StopAt {
 public:
  StopAt(std::string loss, double target) : m_loss(std::move(loss)), m_target(target) {}

  template <class Trainer>
  void on_report(Trainer const&, ign::Report const& report) {
    m_reached = ign::value_of(report.losses, m_loss) < m_target;
  }
  template <class Trainer>
  bool on_step(Trainer const&) const {
    return !m_reached;  // false ends the run
  }

 private:
  std::string m_loss;
  double m_target;
  bool m_reached = false;
};

}  // namespace mine
// [/callback]

#endif
