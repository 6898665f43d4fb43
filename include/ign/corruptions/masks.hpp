// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Masks of missing pixels. A mask is a tensor, so that known pixels can be restored after a projection.
#ifndef IGN_CORRUPTIONS_MASKS_HPP
#define IGN_CORRUPTIONS_MASKS_HPP

#include <array>
#include <cmath>

#include "ign/core/detail/select.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/tensor.hpp"
#include "ign/random/counter.hpp"

namespace ign {

/// Pattern of missing pixels.
enum class MaskKind {
  centre,  ///< a rectangle in the centre with the image's proportions
  lower,   ///< the lower part of the image
  blocks,  ///< square blocks at random
  pixels,  ///< pixels at random
};

/// Pattern and amount of missing pixels.
struct MaskOptions {
  MaskKind kind = MaskKind::centre;  ///< pattern of missing pixels
  double missing = 0.25;             ///< share of the area; for blocks and pixels the probability of each
  int block = 4;                     ///< side of a block, pixels
};

/// Shares of missing pixels for comparisons of projectors.
inline constexpr std::array mask_shares = {0.0625, 0.125, 0.25, 0.5};

namespace detail {

template <class Real>
struct RectangleMask {
  int height, width, top, bottom, left, right;
  Real* mask;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    int const x = static_cast<int>(index % width), y = static_cast<int>(index / width % height);
    mask[index] = y >= top && y < bottom && x >= left && x < right ? Real(0) : Real(1);
  }
};

template <class Real>
struct RandomMask {
  Key key;
  float missing;
  int height, width, block;
  Real* mask;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    int const rows = (height + block - 1) / block, columns = (width + block - 1) / block;
    int const x = static_cast<int>(index % width), y = static_cast<int>(index / width % height);
    std::size_t const n = key.samples.of(index / width / height);
    std::size_t const element = (n * rows + y / block) * columns + x / block;
    auto const words = random::bits(key, static_cast<std::uint32_t>(element / 4));
    mask[index] = random::uniform(words[element % 4]) < missing ? Real(0) : Real(1);
  }
};

}  // namespace detail

/// Writes a mask: 1 for known pixels, 0 for missing ones.
///
/// Random masks differ from sample to sample. The mask of a sample follows from the key and its global index, `key.samples`, and does not
/// depend on n. The other masks are equal for all samples and ignore `key`; their sides are rounded to whole pixels.
/// \param mask  (n, h, w, 1)
/// \throws Error [ign.shape.316] if the mask has more than one channel, [ign.option.320] if `missing` is not in [0, 1] or `block` is
///         below 1
template <Scalar Real, class Exec>
void make_mask(Exec const& exec, MaskOptions const& options, Key const& key, TensorRef<Real, Exec> const& mask) {
  auto const [height, width, channels] = shape_of(mask);
  require(channels == 1, Fault::shape, 316, "make_mask: mask of ", shape_of(mask), ", expected one channel");
  require(is_finite(options.missing) && options.missing >= 0 && options.missing <= 1 && options.block >= 1, Fault::option, 320,
          "make_mask: missing ", options.missing, ", block ", options.block, ", expected a share in [0, 1] and a block of 1 or more");
  auto const pixels = range_policy(exec, mask.size());
  auto const part = [](double share, int side) { return static_cast<int>(std::lround(share * side)); };
  if (options.kind == MaskKind::centre) {
    int const rows = part(std::sqrt(options.missing), height), columns = part(std::sqrt(options.missing), width);
    int const top = (height - rows) / 2, left = (width - columns) / 2;
    Kokkos::parallel_for("ign::make_mask", pixels,
                         detail::RectangleMask<Real>{height, width, top, top + rows, left, left + columns, mask.data()});
  } else if (options.kind == MaskKind::lower) {
    int const top = height - part(options.missing, height);
    Kokkos::parallel_for("ign::make_mask", pixels, detail::RectangleMask<Real>{height, width, top, height, 0, width, mask.data()});
  } else {
    int const block = options.kind == MaskKind::blocks ? options.block : 1;
    Kokkos::parallel_for("ign::make_mask", pixels,
                         detail::RandomMask<Real>{key, static_cast<float>(options.missing), height, width, block, mask.data()});
  }
}

/// Sets y to x at known pixels and to `fill` at missing ones. y may be x.
/// \param mask  (n, h, w, 1)
/// \param x, y  (n, h, w, c)
/// \throws Error [ign.shape.316] if extents do not match
template <Scalar Real, class Exec>
void apply_mask(Exec const& exec, TensorRef<Real, Exec> const& mask, TensorRef<Real, Exec> const& x, double fill,
                TensorRef<Real, Exec> const& y) {
  detail::select<Real, Exec>("ign::apply_mask", exec, mask, x, nullptr, fill, y);
}

/// Sets y to x at known pixels and leaves it unchanged at missing ones. Restores known pixels after a projection.
/// \param mask  (n, h, w, 1)
/// \param x, y  (n, h, w, c)
/// \throws Error [ign.shape.316] if extents do not match
template <Scalar Real, class Exec>
void keep_known(Exec const& exec, TensorRef<Real, Exec> const& mask, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  detail::select<Real, Exec>("ign::keep_known", exec, mask, x, y.data(), 0, y);
}

}  // namespace ign

#endif  // IGN_CORRUPTIONS_MASKS_HPP
