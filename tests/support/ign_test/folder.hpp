// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A folder for the files of one test case, and whole files as strings.

#ifndef IGN_TEST_FOLDER_HPP
#define IGN_TEST_FOLDER_HPP

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace ign_test {

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("ign_test_folder_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
};

inline std::string text_of(std::filesystem::path const& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Writes a new file; some file systems wait for the disk when an old one is overwritten, and tests write thousands.
inline void put(std::filesystem::path const& path, std::string const& text) {
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace ign_test

#endif
