// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// SIGINT and SIGTERM as a request to end a run after the current step.
#ifndef IGN_EXAMPLES_SUPPORT_INTERRUPTS_HPP
#define IGN_EXAMPLES_SUPPORT_INTERRUPTS_HPP

#include <csignal>

namespace examples {

/// Ends a run after the step in which SIGINT or SIGTERM arrives; a second signal ends the process at once. Callback.
///
/// Only one object at a time, since signal handlers belong to the process. The destructor restores the previous handlers.
class Interrupts {
 public:
  Interrupts() : m_interrupt(std::signal(SIGINT, note)), m_terminate(std::signal(SIGTERM, note)) { s_signal = 0; }
  ~Interrupts() {
    std::signal(SIGINT, m_interrupt);
    std::signal(SIGTERM, m_terminate);
  }
  Interrupts(Interrupts const&) = delete;
  Interrupts& operator=(Interrupts const&) = delete;

  /// The signal that has arrived, or 0.
  int signal() const { return s_signal; }

  template <class T>
  bool on_step(T const&) const {
    return s_signal == 0;
  }

 private:
  static void note(int number) {
    s_signal = number;
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
  }

  inline static volatile std::sig_atomic_t s_signal = 0;
  void (*m_interrupt)(int);
  void (*m_terminate)(int);
};

}  // namespace examples

#endif
