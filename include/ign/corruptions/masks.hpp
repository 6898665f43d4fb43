// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Masks of missing pixels: a mask is a tensor, so that a projector can put the known pixels back.
#ifndef IGN_CORRUPTIONS_MASKS_HPP
#define IGN_CORRUPTIONS_MASKS_HPP

#include <array>
#include <cmath>

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/select.hpp"
#include "ign/core/tensor.hpp"
#include "ign/random/counter.hpp"

namespace ign {

/// Which pixels are missing.
enum class MaskKind {
  centre,  ///< a rectangle in the middle with the image's proportions
  lower,   ///< the lower part
  blocks,  ///< each square block, or not, at random
  pixels,  ///< each pixel, or not, at random
};

/// A kind of mask and its size.
struct Mask {
  MaskKind kind = MaskKind::centre;  ///< where pixels are missing
  double missing = 0.25;             ///< share of the area; for blocks and pixels each one's probability
  int block = 4;                     ///< side of a block, pixels
};

/// Shares of missing pixels to compare projectors at.
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
    std::size_t const n = index / width / height;
    std::size_t const number = (n * rows + y / block) * columns + x / block;
    auto const words = random::bits(key, static_cast<std::uint32_t>(number / 4));
    mask[index] = random::uniform(words[number % 4]) < missing ? Real(0) : Real(1);
  }
};

}  // namespace detail

/// mask = 1 where a pixel is known and 0 where it is missing.
///
/// Random masks differ from sample to sample, and a sample's does not depend on how many there are; the others are the same for all, with
/// sides rounded to nearest, and do not look at `key`.
/// \param mask  (n, h, w, 1)
/// \throws Error [ign.shape.316] when the mask has more than one channel, [ign.option.320] when `missing` is not in [0, 1] or `block` is
///         below 1
template <Scalar Real, class Exec>
void make_mask(Exec const& exec, Mask const& kind, Key const& key, TensorWindow<Real, Exec> const& mask) {
  auto const [height, width, channels] = shape_of(mask);
  require(channels == 1, Fault::shape, 316, "make_mask: mask of ", shape_of(mask), ", expected one channel");
  require(is_finite(kind.missing) && kind.missing >= 0 && kind.missing <= 1 && kind.block >= 1, Fault::option, 320, "make_mask: missing ",
          kind.missing, ", block ", kind.block, ", expected a share in [0, 1] and a block of 1 or more");
  Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>> const pixels(exec, 0, mask.size());
  auto const part = [](double share, int side) { return static_cast<int>(std::lround(share * side)); };
  if (kind.kind == MaskKind::centre) {
    int const rows = part(std::sqrt(kind.missing), height), columns = part(std::sqrt(kind.missing), width);
    int const top = (height - rows) / 2, left = (width - columns) / 2;
    Kokkos::parallel_for("ign::make_mask", pixels,
                         detail::RectangleMask<Real>{height, width, top, top + rows, left, left + columns, mask.data()});
  } else if (kind.kind == MaskKind::lower) {
    int const top = height - part(kind.missing, height);
    Kokkos::parallel_for("ign::make_mask", pixels, detail::RectangleMask<Real>{height, width, top, height, 0, width, mask.data()});
  } else {
    int const block = kind.kind == MaskKind::blocks ? kind.block : 1;
    Kokkos::parallel_for("ign::make_mask", pixels,
                         detail::RandomMask<Real>{key, static_cast<float>(kind.missing), height, width, block, mask.data()});
  }
}

/// y = x where the mask knows, `fill` where it does not. May be in place.
/// \param mask  (n, h, w, 1)
/// \param x, y  (n, h, w, c)
/// \throws Error [ign.shape.316] when extents do not fit
template <Scalar Real, class Exec>
void apply_mask(Exec const& exec, TensorWindow<Real, Exec> const& mask, TensorWindow<Real, Exec> const& x, double fill,
                TensorWindow<Real, Exec> const& y) {
  detail::select<Real, Exec>("ign::apply_mask", exec, mask, x, nullptr, fill, y);
}

/// y = x where the mask knows; elsewhere y stays: after a projection it puts the known pixels back.
/// \param mask  (n, h, w, 1)
/// \param x, y  (n, h, w, c)
/// \throws Error [ign.shape.316] when extents do not fit
template <Scalar Real, class Exec>
void keep_known(Exec const& exec, TensorWindow<Real, Exec> const& mask, TensorWindow<Real, Exec> const& x,
                TensorWindow<Real, Exec> const& y) {
  detail::select<Real, Exec>("ign::keep_known", exec, mask, x, y.data(), 0, y);
}

}  // namespace ign

#endif  // IGN_CORRUPTIONS_MASKS_HPP
