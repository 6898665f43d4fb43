// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Arrays for NumPy, compared with the format's description byte by byte.

#include <boost/test/unit_test.hpp>

#include <ign/io/npy.hpp>
#include <ign_test/folder.hpp>

#include <array>
#include <cstring>
#include <vector>

using namespace ign;

BOOST_AUTO_TEST_SUITE(npy)

BOOST_AUTO_TEST_CASE(header_and_numbers_are_those_of_the_format) {
  ign_test::Folder const folder;
  auto const path = folder.path / "a.npy";
  for (auto const& [extents, shape] :
       {std::pair{std::vector<std::uint64_t>{2, 3}, "(2, 3, )"}, std::pair{std::vector<std::uint64_t>{6}, "(6, )"},
        std::pair{std::vector<std::uint64_t>{1, 1, 6, 1}, "(1, 1, 6, 1, )"}}) {
    io::NpyWriter file(path, extents);
    file.write(std::array{1.5f, -2.0f});
    file.write(std::array{3.0f, 4.0f, 5.0f, 1e-40f});
    file.commit();
    auto const bytes = ign_test::text_of(path);
    BOOST_TEST(bytes.substr(0, 8) == std::string("\x93NUMPY\1\0", 8));
    std::size_t const length = static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
    BOOST_TEST((10 + length) % 64 == 0u);
    BOOST_TEST(bytes[9 + length] == '\n');
    auto header = bytes.substr(10, length - 1);
    header.erase(header.find_last_not_of(' ') + 1);
    BOOST_TEST(header == std::string("{'descr': '<f4', 'fortran_order': False, 'shape': ") + shape + ", }");
    BOOST_REQUIRE(bytes.size() == 10 + length + 24);
    std::array<float, 6> numbers{};
    std::memcpy(numbers.data(), bytes.data() + 10 + length, 24);
    BOOST_TEST((numbers == std::array{1.5f, -2.0f, 3.0f, 4.0f, 5.0f, 1e-40f}));
  }
}

BOOST_AUTO_TEST_CASE(an_array_is_whole_or_not_there) {
  ign_test::Folder const folder;
  auto const path = folder.path / "a.npy";
  auto const is_444 = [](Error const& e) { return e.id() == "ign.option.444"; };
  {
    io::NpyWriter file(path, {3});
    file.write(std::array{1.0f, 2.0f});
    BOOST_CHECK_EXCEPTION(file.write(std::array{3.0f, 4.0f}), Error, is_444);
    BOOST_CHECK_EXCEPTION(file.commit(), Error, is_444);
  }
  BOOST_TEST(!std::filesystem::exists(path));
  BOOST_CHECK_EXCEPTION(io::NpyWriter(path, {std::uint64_t{1} << 40, std::uint64_t{1} << 40}), Error, is_444);
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path), std::filesystem::directory_iterator()) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
