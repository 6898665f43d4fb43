// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Processor time of each thread of an OpenMP instance: how evenly it divides work, also with more threads than processors. With
// OMP_WAIT_POLICY=passive a thread that waits takes none.
#ifndef IGN_BENCHMARKS_THREAD_CLOCKS_HPP
#define IGN_BENCHMARKS_THREAD_CLOCKS_HPP

#include <omp.h>
#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace benchmarks {

/// Least processor time of each of the first `threads` threads over several runs. `most` may be below that of any single run.
class ThreadClocks {
 public:
  explicit ThreadClocks(int threads) : m_clocks(static_cast<std::size_t>(threads)), m_least(m_clocks.size(), 1e9) {
    int found = 0;
#pragma omp parallel num_threads(threads) reduction(+ : found)
    found += pthread_getcpuclockid(pthread_self(), &m_clocks[static_cast<std::size_t>(omp_get_thread_num())]) == 0;
    if (found != threads) throw std::runtime_error("OpenMP starts fewer threads than requested: unset OMP_THREAD_LIMIT and OMP_DYNAMIC");
  }
  /// Calls run(), which must wait for its work, and keeps the least time of each thread.
  template <class Run>
  void measure(Run const& run) {
    std::vector<double> const before = now();
    run();
    std::vector<double> const after = now();
    for (std::size_t i = 0; i < m_least.size(); ++i) m_least[i] = std::min(m_least[i], after[i] - before[i]);
  }
  /// Milliseconds of all threads.
  double sum() const { return std::accumulate(m_least.begin(), m_least.end(), 0.0); }
  /// Milliseconds of the thread that has most.
  double most() const { return *std::max_element(m_least.begin(), m_least.end()); }

 private:
  std::vector<double> now() const {
    std::vector<double> times;
    for (clockid_t clock : m_clocks) {
      timespec t{};
      clock_gettime(clock, &t);
      times.push_back(1e3 * static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_nsec));
    }
    return times;
  }

  std::vector<clockid_t> m_clocks;
  std::vector<double> m_least;
};

}  // namespace benchmarks

#endif
