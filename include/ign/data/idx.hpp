// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reads and writes IDX files (the format of MNIST), raw or, for reading, compressed with gzip.
#ifndef IGN_DATA_IDX_HPP
#define IGN_DATA_IDX_HPP

#include <ign/core/error.hpp>
#include <ign/core/shape.hpp>
#include <ign/io/checked.hpp>
#include <ign/io/file.hpp>
#include <ign/io/gzip.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace ign::data {

/// The element types that we read and write: unsigned bytes (images, labels) and 32-bit integers.
template <class Value>
concept IdxValue = std::same_as<Value, std::uint8_t> || std::same_as<Value, std::int32_t>;

/// An array as an IDX file holds it, last extent fastest.
template <IdxValue Value>
struct IdxArray {
  std::vector<std::uint32_t> extents;  ///< 1 to 4 of them, outermost first
  std::vector<Value> data;             ///< as many as the product of the extents
};

/// A set of images with one byte per value, in the order (count, height, width, channels).
struct ImageSet {
  std::size_t count = 0;             ///< images
  std::size_t height = 0;            ///< rows of an image
  std::size_t width = 0;             ///< columns of an image
  std::size_t channels = 0;          ///< numbers of a pixel
  std::vector<std::uint8_t> pixels;  ///< (count, height, width, channels)
};

/// The extents of an image of the set.
/// \throws ign::Error [ign.format.17] when one of them is above 65535
inline Shape image_shape(ImageSet const& set) {
  require(std::max({set.height, set.width, set.channels}) <= 65'535, Fault::format, 17, "images of ", set.height, " x ", set.width, " x ",
          set.channels, ", expected at most 65535 rows, columns and channels");
  return {static_cast<int>(set.height), static_cast<int>(set.width), static_cast<int>(set.channels)};
}

namespace detail {

/// The third byte of an IDX file that holds `Value`.
template <IdxValue Value>
inline constexpr unsigned idx_type_code = std::same_as<Value, std::uint8_t> ? 0x08 : 0x0c;

/// "0x0d (f32)", for messages.
inline std::string idx_type_name(unsigned code) {
  constexpr char const* digits = "0123456789abcdef";
  constexpr std::array names = {"u8", "i8", "unknown", "i16", "i32", "f32", "f64"};  // 0x08 … 0x0e
  std::string const hex = {'0', 'x', digits[code / 16], digits[code % 16]};
  return hex + " (" + (code >= 0x08 && code <= 0x0e ? names[code - 0x08] : "unknown") + ')';
}

/// Turns big-endian bytes, lying in `value`, into the number, and back.
template <IdxValue Value>
constexpr Value swap_big_endian(Value value) {
  if constexpr (sizeof(Value) == 1 || std::endian::native == std::endian::big) {
    return value;
  } else {
    auto const bits = static_cast<std::uint32_t>(value);
    return static_cast<Value>(bits >> 24 | (bits >> 8 & 0xff00u) | (bits << 8 & 0xff0000u) | bits << 24);
  }
}

}  // namespace detail

/// Reads an IDX file whose elements are of type `Value`.
///
/// The header is believed only as far as the file bears it out: a raw file's size is compared with the extents before
/// memory is taken, and of a compressed file memory grows with what arrives.
/// \param limit  most bytes of data to take
/// \throws ign::Error [ign.format.10]–[ign.format.15] naming file, header field, what was found and what was expected;
///         [ign.file.1]–[ign.file.4] and [ign.format.1]–[ign.format.3] as io::ByteReader
/// \source http://yann.lecun.com/exdb/mnist (the IDX file format)
template <IdxValue Value>
IdxArray<Value> read_idx(std::filesystem::path const& path, std::uint64_t limit = io::default_read_limit) {
  io::ByteReader reader(path);
  std::string const where = path.string() + ": IDX ";

  std::array<std::uint8_t, 4> magic{};
  std::size_t got = reader.read(std::as_writable_bytes(std::span(magic)));
  require(got == magic.size(), Fault::format, 10, where, "magic number has ", got, " bytes, expected 4: the file is truncated");
  require(magic[0] == 0 && magic[1] == 0, Fault::format, 11, where, "magic number starts with ", int{magic[0]}, ' ', int{magic[1]},
          ", expected 0 0: this is no IDX file");
  require(magic[2] == detail::idx_type_code<Value>, Fault::format, 12, where, "type code is ", detail::idx_type_name(magic[2]),
          ", expected ", detail::idx_type_name(detail::idx_type_code<Value>));
  require(magic[3] >= 1 && magic[3] <= 4, Fault::format, 13, where, "rank is ", int{magic[3]}, ", expected 1 to 4");

  IdxArray<Value> array;
  array.extents.resize(magic[3]);
  got = reader.read(std::as_writable_bytes(std::span(array.extents)));
  std::size_t const head = 4 * array.extents.size();
  require(got == head, Fault::format, 10, where, "extents have ", got, " bytes, expected ", head, ": the file is truncated");
  std::string product;
  for (auto& extent : array.extents) {
    extent = static_cast<std::uint32_t>(detail::swap_big_endian(static_cast<std::int32_t>(extent)));
    product += (product.empty() ? "" : " x ") + std::to_string(extent);
  }
  auto const bytes = io::checked_product(array.extents, sizeof(Value));
  require(bytes.has_value(), Fault::format, 14, where, "extents ", product, " overflow, expected a product below 2^64");
  require(*bytes <= limit, Fault::file, 3, where, "extents ", product, " ask for ", *bytes, " bytes of data, expected at most ", limit);

  auto const count = static_cast<std::size_t>(*bytes / sizeof(Value));
  auto const check_end = [&](std::uint64_t found, bool more) {
    require(found >= *bytes, Fault::format, 14, where, "extents ", product, " ask for ", *bytes, " bytes of data, found ", found,
            ": the file is truncated or its extents are wrong");
    require(found == *bytes && !more, Fault::format, 15, where, "data go on after the ", *bytes, " bytes that the extents ", product,
            " ask for");
  };
  if (auto const size = reader.size()) {
    check_end(*size - magic.size() - head, false);
    array.data.reserve(count);
  }
  constexpr std::size_t piece = std::size_t{1} << 20;
  while (array.data.size() < count) {
    std::size_t const old = array.data.size();
    array.data.resize(std::min(count, old + piece));
    auto const fresh = std::as_writable_bytes(std::span(array.data).subspan(old));
    got = reader.read(fresh);
    if (got < fresh.size()) check_end(old * sizeof(Value) + got, false);
  }
  std::byte extra{};
  check_end(*bytes, reader.read(std::span(&extra, 1)) > 0);
  for (auto& value : array.data) value = detail::swap_big_endian(value);
  return array;
}

/// Reads images: bytes of rank 3 (count, height, width), with one channel, or of rank 4 (count, height, width, channels).
/// \throws ign::Error [ign.format.16] when the rank is another or an extent is 0; else as read_idx
inline ImageSet read_idx_images(std::filesystem::path const& path, std::uint64_t limit = io::default_read_limit) {
  auto array = read_idx<std::uint8_t>(path, limit);
  auto const& extents = array.extents;
  require(extents.size() >= 3, Fault::format, 16, path.string(), ": IDX rank is ", extents.size(),
          ", expected 3 (count, height, width) or 4 (… channels) of images");
  require(std::find(extents.begin(), extents.end(), 0u) == extents.end(), Fault::format, 16, path.string(),
          ": an IDX extent is 0, expected at least 1 for images");
  return {extents[0], extents[1], extents[2], extents.size() == 4 ? extents[3] : 1, std::move(array.data)};
}

/// Reads labels: bytes of rank 1.
/// \throws ign::Error [ign.format.16] when the rank is another; else as read_idx
inline std::vector<std::uint8_t> read_idx_labels(std::filesystem::path const& path, std::uint64_t limit = io::default_read_limit) {
  auto array = read_idx<std::uint8_t>(path, limit);
  require(array.extents.size() == 1, Fault::format, 16, path.string(), ": IDX rank is ", array.extents.size(), ", expected 1 for labels");
  return std::move(array.data);
}

namespace detail {

/// The names that a file of an IDX data set goes by: with a dash before "idx", or with a dot as in some copies of MNIST; each raw, then
/// .gz.
inline std::vector<std::string> idx_names(std::string const& name) {
  std::vector<std::string> names = {name, name + ".gz"};
  auto const place = name.rfind("idx");
  if (place != std::string::npos && place > 0 && (name[place - 1] == '-' || name[place - 1] == '.')) {
    std::string other = name;
    other[place - 1] = name[place - 1] == '-' ? '.' : '-';
    names.insert(names.end(), {other, other + ".gz"});
  }
  return names;
}

}  // namespace detail

/// The file of find_idx, or nothing where a folder does not hold it.
inline std::optional<std::filesystem::path> find_idx_if(std::filesystem::path const& folder, std::string const& name) {
  for (auto const& known : detail::idx_names(name)) {
    std::error_code unreadable;  // and folders of that name, which some archives unpack to, are passed over
    if (std::filesystem::is_regular_file(folder / known, unreadable)) return folder / known;
  }
  return std::nullopt;
}

/// The file `name` in `folder`, raw or with ".gz", and with a dash or a dot before "idx": "train-images.idx3-ubyte" is found as
/// "train-images-idx3-ubyte", too. Example: `find_idx("build/data", "train-images-idx3-ubyte")`.
/// \throws ign::Error [ign.file.8] when none of these is there; says what was looked for and how to get it
inline std::filesystem::path find_idx(std::filesystem::path const& folder, std::string const& name) {
  if (auto const found = find_idx_if(folder, name)) return *found;
  std::string names;
  for (auto const& known : detail::idx_names(name)) names += (names.empty() ? "" : ", ") + known;
  fail(Fault::file, 8, folder.string(), ": the data set is missing, found none of the files ", names,
       ": name the folder that holds it; `make data` gets MNIST, `make demo` gets it and trains");
}

/// Images with a label each.
struct LabelledImages {
  ImageSet images;                   ///< of a folder
  std::vector<std::uint8_t> labels;  ///< one for each image
};

/// Reads `part`-images-idx3-ubyte and `part`-labels-idx1-ubyte of a folder, under any of the names of find_idx. MNIST's parts are
/// "train" and "t10k".
/// \throws ign::Error [ign.format.230] when there are not as many labels as images; else as find_idx, read_idx_images and read_idx_labels
inline LabelledImages read_labelled_images(std::filesystem::path const& folder, std::string const& part) {
  auto const label_path = find_idx(folder, part + "-labels-idx1-ubyte");
  LabelledImages set = {read_idx_images(find_idx(folder, part + "-images-idx3-ubyte")), read_idx_labels(label_path)};
  require(set.labels.size() == set.images.count, Fault::format, 230, label_path.string(), ": ", set.labels.size(), " labels, expected ",
          set.images.count, ", as many as there are images beside it");
  return set;
}

/// Writes an array as a raw IDX file, atomically.
/// \param extents  1 to 4, outermost first; their product is the number of values
/// \throws ign::Error [ign.option.40] when rank or product do not fit; [ign.file.2], [ign.file.5]–[ign.file.7] as io::AtomicFile
template <IdxValue Value>
void write_idx(std::filesystem::path const& path, std::vector<std::uint32_t> const& extents, std::span<Value const> values) {
  require(!extents.empty() && extents.size() <= 4, Fault::option, 40, path.string(), ": IDX rank is ", extents.size(), ", expected 1 to 4");
  require(io::checked_product(extents) == values.size(), Fault::option, 40, path.string(), ": IDX data have ", values.size(),
          " values, expected the product of the extents");
  std::vector<std::int32_t> head = {static_cast<std::int32_t>(detail::idx_type_code<Value> << 8 | extents.size())};
  head.insert(head.end(), extents.begin(), extents.end());
  io::AtomicFile file(path);
  auto const write = [&file](auto piece) {
    for (auto& value : piece) value = detail::swap_big_endian(value);
    file.write(std::as_bytes(std::span(piece)));
  };
  write(head);
  for (constexpr std::size_t step = std::size_t{1} << 16; !values.empty(); values = values.subspan(std::min(step, values.size()))) {
    auto const piece = values.first(std::min(step, values.size()));
    write(std::vector<Value>(piece.begin(), piece.end()));
  }
  file.commit();
}

}  // namespace ign::data

#endif  // IGN_DATA_IDX_HPP
