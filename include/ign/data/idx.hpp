// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reader and writer of IDX files, the format of MNIST. Files to be read may be compressed with gzip.
#ifndef IGN_DATA_IDX_HPP
#define IGN_DATA_IDX_HPP

#include <ign/core/error.hpp>
#include <ign/core/shape.hpp>
#include <ign/io/checked_arithmetic.hpp>
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

/// Element types of the IDX files that can be read and written: unsigned bytes (images, labels) and 32-bit integers.
template <class Value>
concept IdxValue = std::same_as<Value, std::uint8_t> || std::same_as<Value, std::int32_t>;

/// Array of an IDX file, last extent fastest.
template <IdxValue Value>
struct IdxArray {
  std::vector<std::uint32_t> extents;  ///< 1 to 4 extents, outermost first
  std::vector<Value> data;             ///< elements; their number is the product of the extents
};

/// Set of images with one byte per value.
struct ImageSet {
  std::size_t count = 0;             ///< number of images
  std::size_t height = 0;            ///< rows of pixels
  std::size_t width = 0;             ///< columns of pixels
  std::size_t channels = 0;          ///< values per pixel
  std::vector<std::uint8_t> pixels;  ///< (count, height, width, channels)
};

/// Returns the extents of one image of the set.
/// \throws ign::Error [ign.format.17] if one of them is above 65535
inline Shape image_shape(ImageSet const& set) {
  require(std::max({set.height, set.width, set.channels}) <= 65'535, Fault::format, 17, "images of ", set.height, " x ", set.width, " x ",
          set.channels, ", expected at most 65535 rows, columns and channels");
  return {static_cast<int>(set.height), static_cast<int>(set.width), static_cast<int>(set.channels)};
}

namespace detail {

/// Type code of `Value`, the third byte of an IDX file.
template <IdxValue Value>
inline constexpr unsigned idx_type_code = std::same_as<Value, std::uint8_t> ? 0x08 : 0x0c;

/// Name of a type code in error texts, such as "0x0d (f32)".
inline std::string idx_type_name(unsigned code) {
  constexpr char const* digits = "0123456789abcdef";
  constexpr std::array names = {"u8", "i8", "unknown", "i16", "i32", "f32", "f64"};  // 0x08 … 0x0e
  std::string const hex = {'0', 'x', digits[code / 16], digits[code % 16]};
  return hex + " (" + (code >= 0x08 && code <= 0x0e ? names[code - 0x08] : "unknown") + ')';
}

/// Converts a number from big-endian to native byte order, and back.
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
/// The extents in the header are not trusted. For a raw file they are checked against the file's size before memory is allocated; for a
/// compressed file memory grows with the data that have been read.
/// \param limit  largest size of the data in bytes
/// \throws ign::Error [ign.format.10]–[ign.format.15] if header or data are invalid; the text names file and header field.
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
          ", expected 0 0: this is not an IDX file");
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
  require(*bytes <= limit, Fault::file, 3, where, "extents ", product, " need ", *bytes, " bytes of data, expected at most ", limit);

  auto const count = static_cast<std::size_t>(*bytes / sizeof(Value));
  auto const check_end = [&](std::uint64_t found, bool more) {
    require(found >= *bytes, Fault::format, 14, where, "extents ", product, " need ", *bytes, " bytes of data, found ", found,
            ": the file is truncated or its extents are wrong");
    require(found == *bytes && !more, Fault::format, 15, where, "data continue after the ", *bytes, " bytes that the extents ", product,
            " need, expected the end of the file");
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

/// Reads images: bytes of rank 3 (count, height, width), which have one channel, or of rank 4 (count, height, width, channels).
/// \throws ign::Error [ign.format.16] if the rank is another or an extent is 0; otherwise as read_idx
inline ImageSet read_idx_images(std::filesystem::path const& path, std::uint64_t limit = io::default_read_limit) {
  auto array = read_idx<std::uint8_t>(path, limit);
  auto const& extents = array.extents;
  require(extents.size() >= 3, Fault::format, 16, path.string(), ": IDX rank is ", extents.size(),
          ", expected 3 (count, height, width) or 4 (… channels) for images");
  require(std::find(extents.begin(), extents.end(), 0u) == extents.end(), Fault::format, 16, path.string(),
          ": an IDX extent is 0, expected at least 1 for images");
  return {extents[0], extents[1], extents[2], extents.size() == 4 ? extents[3] : 1, std::move(array.data)};
}

/// Reads labels: bytes of rank 1.
/// \throws ign::Error [ign.format.16] if the rank is another; otherwise as read_idx
inline std::vector<std::uint8_t> read_idx_labels(std::filesystem::path const& path, std::uint64_t limit = io::default_read_limit) {
  auto array = read_idx<std::uint8_t>(path, limit);
  require(array.extents.size() == 1, Fault::format, 16, path.string(), ": IDX rank is ", array.extents.size(), ", expected 1 for labels");
  return std::move(array.data);
}

namespace detail {

/// Possible names of a file of an IDX data set: as given, and with a dot for the dash before "idx" or the reverse, as in some copies of
/// MNIST. Each raw, then with ".gz".
inline std::vector<std::string> idx_names(std::string const& name) {
  std::vector<std::string> names = {name, name + ".gz"};
  auto const found = name.rfind("idx");
  if (found != std::string::npos && found > 0 && (name[found - 1] == '-' || name[found - 1] == '.')) {
    std::string other = name;
    other[found - 1] = name[found - 1] == '-' ? '.' : '-';
    names.insert(names.end(), {other, other + ".gz"});
  }
  return names;
}

}  // namespace detail

/// Returns the file as find_idx does, or nullopt if the folder does not contain it.
inline std::optional<std::filesystem::path> find_idx_if(std::filesystem::path const& folder, std::string const& name) {
  for (auto const& known : detail::idx_names(name)) {
    std::error_code unreadable;  // skip unreadable files, and folders of that name, which some archives unpack to
    if (std::filesystem::is_regular_file(folder / known, unreadable)) return folder / known;
  }
  return std::nullopt;
}

/// Returns the path of the file `name` in `folder`, raw or with ".gz", and with a dash or a dot before "idx": the name
/// "train-images-idx3-ubyte" also finds "train-images.idx3-ubyte.gz". Example: `find_idx("build/data/mnist", "train-images-idx3-ubyte")`.
/// \throws ign::Error [ign.file.8] if there is no such file; the text lists the names and says how to get MNIST
inline std::filesystem::path find_idx(std::filesystem::path const& folder, std::string const& name) {
  if (auto const found = find_idx_if(folder, name)) return *found;
  std::string names;
  for (auto const& known : detail::idx_names(name)) names += (names.empty() ? "" : ", ") + known;
  fail(Fault::file, 8, folder.string(), ": the data set is missing, expected one of the files ", names,
       "; pass the folder that contains it, or download MNIST with `make data`");
}

/// Images with one label each.
struct LabelledImages {
  ImageSet images;                   ///< the images
  std::vector<std::uint8_t> labels;  ///< one label per image
};

/// Reads `part`-images-idx3-ubyte and `part`-labels-idx1-ubyte of a folder, under any name that find_idx accepts. The parts of MNIST are
/// "train" and "t10k".
/// \throws ign::Error [ign.format.230] if the numbers of labels and images differ; otherwise as find_idx, read_idx_images and
///         read_idx_labels
inline LabelledImages read_labelled_images(std::filesystem::path const& folder, std::string const& part) {
  auto const label_path = find_idx(folder, part + "-labels-idx1-ubyte");
  LabelledImages set = {read_idx_images(find_idx(folder, part + "-images-idx3-ubyte")), read_idx_labels(label_path)};
  require(set.labels.size() == set.images.count, Fault::format, 230, label_path.string(), ": ", set.labels.size(), " labels, expected ",
          set.images.count, ", one for each image");
  return set;
}

/// Writes an array as a raw IDX file, atomically.
/// \param extents  1 to 4, outermost first; their product is the number of values
/// \throws ign::Error [ign.option.40] if the rank or the number of values is wrong;
///         [ign.file.2], [ign.file.5]–[ign.file.7] as io::AtomicFile
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
