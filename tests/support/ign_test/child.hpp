// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Programs as processes, for tests of what they do when they are killed, interrupted or short of disk.
#ifndef IGN_TEST_CHILD_HPP
#define IGN_TEST_CHILD_HPP

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace ign_test {

/// A program that runs beside the test; its output goes to a file.
class Child {
 public:
  Child(std::vector<std::string> arguments, std::filesystem::path const& says, rlim_t file_size = RLIM_INFINITY) {
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::setenv("OMP_NUM_THREADS", "1", 1);  // of the child: threads that wait for others would cost more on a busy machine than they bring
    m_id = ::fork();
    BOOST_REQUIRE(m_id >= 0);
    if (m_id > 0) return;
    int const out = ::open(says.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::rlimit const limit{file_size, file_size};
    if (file_size != RLIM_INFINITY) ::setrlimit(RLIMIT_FSIZE, &limit);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  Child(Child const&) = delete;
  Child& operator=(Child const&) = delete;
  ~Child() { kill(); }

  pid_t id() const { return m_id; }
  bool running() {
    if (m_id > 0 && ::waitpid(m_id, &m_status, WNOHANG) == m_id) m_id = 0;
    return m_id > 0;
  }
  /// Its exit code, or minus the signal that ended it.
  int wait() {
    if (m_id > 0) ::waitpid(std::exchange(m_id, 0), &m_status, 0);
    return WIFEXITED(m_status) ? WEXITSTATUS(m_status) : -WTERMSIG(m_status);
  }
  void signal(int number) const {
    if (m_id > 0) ::kill(m_id, number);
  }
  int kill() {
    signal(SIGKILL);
    return wait();
  }

 private:
  pid_t m_id = 0;
  int m_status = 0;
};

}  // namespace ign_test

#endif
