// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Linear corruptions with their adjoints: missing pixels, means over blocks, Gaussian blur.
///
/// They model the contract of nets/linear_operator.hpp. `restore` inverts them with a net as the prior.
#ifndef IGN_CORRUPTIONS_OPERATORS_HPP
#define IGN_CORRUPTIONS_OPERATORS_HPP

#include "ign/corruptions/filters.hpp"
#include "ign/corruptions/masks.hpp"

namespace ign {

/// Missing pixels: A x is x in known pixels and 0 in missing ones, and Aᵀ = A. Missing pixels of a measurement may hold any number.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
struct MaskOperator {
  TensorRef<Real, Exec> mask;  ///< (n, h, w, 1), not 0 where a pixel is known; must outlive the operator
};

/// Low resolution: means over blocks of factor × factor pixels. Blocks at the lower and right border end with the image.
///
/// x is (n, h, w, c), and y has ⌈h / factor⌉ rows and ⌈w / factor⌉ columns.
struct BlockMeanOperator {
  int factor = 2;  ///< side of a block, pixels

  /// Extents of y for images x.
  /// \throws Error [ign.option.471] if the factor is below 1
  Shape measured(Shape image) const {
    require(factor >= 1, Fault::option, 471, "block means: factor ", factor, ", expected 1 or more");
    return {(image.height - 1) / factor + 1, (image.width - 1) / factor + 1, image.channels};
  }
};

/// Gaussian blur with mirrored borders, as gaussian_blur.
struct BlurOperator {
  GaussianWindow window = {};  ///< the filter
};

namespace detail {

/// Blocks of images (n, height, width, channels).
template <class Real>
struct Blocks {
  int factor, height, width, channels, rows, columns;

  /// Returns the end of a block along an axis.
  KOKKOS_FUNCTION int end(int block, int size) const {
    int const first = block * factor;
    return size - first > factor ? first + factor : size;
  }
  /// Returns the number of pixels in a block.
  KOKKOS_FUNCTION Real pixels(int row, int column) const {
    return static_cast<Real>((end(row, height) - row * factor) * (end(column, width) - column * factor));
  }
};

template <class Real>
struct BlockMeans {
  Blocks<Real> blocks;
  Real const* x;
  Real* y;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {  // of y
    std::size_t const channels = blocks.channels, block = index / channels;
    int const column = static_cast<int>(block % blocks.columns), row = static_cast<int>(block / blocks.columns % blocks.rows);
    std::size_t const n = block / blocks.columns / blocks.rows;
    Shape const image = {blocks.height, blocks.width, blocks.channels};
    y[index] = block_mean(x + n * image.size(), image, blocks.factor, row, column, static_cast<int>(index % channels));
  }
};

/// Adjoint of BlockMeans: each pixel gets its share of its block.
template <class Real>
struct BlockShares {
  Blocks<Real> blocks;
  Real const* y;
  Real* x;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {  // of x
    std::size_t const channels = blocks.channels, pixel = index / channels;
    int const column = static_cast<int>(pixel % blocks.width) / blocks.factor;
    int const row = static_cast<int>(pixel / blocks.width % blocks.height) / blocks.factor;
    std::size_t const n = pixel / blocks.width / blocks.height;
    x[index] = y[((n * blocks.rows + row) * blocks.columns + column) * channels + index % channels] / blocks.pixels(row, column);
  }
};

/// to = from, times `factor` in rows and columns at a border; factor² at corners. An axis of one pixel has no border.
template <class Real>
struct ScaleBorder {
  Real factor;
  Real const* from;
  Real* to;
  int height, width, channels;

  KOKKOS_FUNCTION static bool at_border(int index, int size) { return size > 1 && (index == 0 || index == size - 1); }
  KOKKOS_FUNCTION void operator()(std::size_t pixel) const {
    int const column = static_cast<int>(pixel % width), row = static_cast<int>(pixel / width % height);
    Real const scale = (at_border(row, height) ? factor : Real(1)) * (at_border(column, width) ? factor : Real(1));
    for (std::size_t i = pixel * channels; i < (pixel + 1) * channels; ++i) to[i] = scale * from[i];
  }
};

template <Scalar Real, class Exec>
void scale_border(Exec const& exec, double factor, TensorRef<Real, Exec> const& from, TensorRef<Real, Exec> const& to) {
  auto const [height, width, channels] = shape_of(from);
  Kokkos::parallel_for("ign::blur::scale_border", range_policy(exec, from.extent(0) * from.extent(1) * from.extent(2)),
                       ScaleBorder<Real>{static_cast<Real>(factor), from.data(), to.data(), height, width, channels});
}

/// Returns the blocks of x, and checks that y has their extents.
/// \throws Error [ign.option.471], [ign.shape.470]
template <Scalar Real, class Exec>
Blocks<Real> blocks_of(BlockMeanOperator const& a, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  Shape const image = shape_of(x), measured = a.measured(image);
  require(x.extent(0) == y.extent(0) && shape_of(y) == measured, Fault::shape, 470, "block means: ", x.extent(0), " images of ", image,
          ", and y has ", y.extent(0), " samples of ", shape_of(y), ", expected ", x.extent(0), " of ", measured);
  return {a.factor, image.height, image.width, image.channels, measured.height, measured.width};
}

}  // namespace detail

///@{
/// Missing pixels as a linear operator (nets/linear_operator.hpp). y has the extents of x.
/// \throws Error [ign.shape.316] if extents do not match
template <Scalar Real, class Exec>
void apply(Exec const& exec, MaskOperator<Real, Exec> const& a, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y,
           Buffer<Real, Exec>&) {
  detail::select<Real, Exec>("ign::mask::apply", exec, a.mask, x, nullptr, 0, y);
}
template <Scalar Real, class Exec>
void apply_adjoint(Exec const& exec, MaskOperator<Real, Exec> const& a, TensorRef<Real, Exec> const& y, TensorRef<Real, Exec> const& x,
                   Buffer<Real, Exec>&) {
  detail::select<Real, Exec>("ign::mask::apply_adjoint", exec, a.mask, y, nullptr, 0, x);
}
///@}

///@{
/// Block means as a linear operator (nets/linear_operator.hpp). The step is the number of pixels in the smallest block, which is 1 / ‖A‖²:
/// with equal blocks a step reproduces y exactly.
/// \throws Error [ign.option.471] if the factor is below 1, [ign.shape.470] if extents do not match
template <Scalar Real, class Exec>
void apply(Exec const& exec, BlockMeanOperator const& a, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y,
           Buffer<Real, Exec>&) {
  auto const blocks = detail::blocks_of<Real, Exec>(a, x, y);
  Kokkos::parallel_for("ign::block_mean::apply", range_policy(exec, y.size()), detail::BlockMeans<Real>{blocks, x.data(), y.data()});
}
template <Scalar Real, class Exec>
void apply_adjoint(Exec const& exec, BlockMeanOperator const& a, TensorRef<Real, Exec> const& y, TensorRef<Real, Exec> const& x,
                   Buffer<Real, Exec>&) {
  auto const blocks = detail::blocks_of<Real, Exec>(a, x, y);
  Kokkos::parallel_for("ign::block_mean::apply_adjoint", range_policy(exec, x.size()),
                       detail::BlockShares<Real>{blocks, y.data(), x.data()});
}
inline double step_size(BlockMeanOperator const& a, Shape image) {
  Shape const blocks = a.measured(image);  // the last block of an axis is the smallest
  return static_cast<double>(image.height - (blocks.height - 1) * a.factor) * (image.width - (blocks.width - 1) * a.factor);
}
///@}

///@{
/// Gaussian blur as a linear operator (nets/linear_operator.hpp). y has the extents of x, and scratch grows to that size. ‖A‖² is
/// below 1.6 (tests/corruptions/test_operators.cpp), so the default step of 1 is below 2 / ‖A‖².
///
/// The adjoint differs from the blur next to borders. Mirrored at both ends, an axis is an even and periodic signal, in which an inner
/// pixel occurs twice per period and an end pixel once. A symmetric filter is self-adjoint there, hence C A = Aᵀ C with C = diag(½, 1, …,
/// 1, ½), and Aᵀ = C A C⁻¹ along each axis.
/// \throws Error [ign.shape.315] if x and y differ in extents, [ign.option.318] if the window is impossible
template <Scalar Real, class Exec>
void apply(Exec const& exec, BlurOperator const& a, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y,
           Buffer<Real, Exec>& scratch) {
  gaussian_blur(exec, a.window, x, scratch, y);
}
template <Scalar Real, class Exec>
void apply_adjoint(Exec const& exec, BlurOperator const& a, TensorRef<Real, Exec> const& y, TensorRef<Real, Exec> const& x,
                   Buffer<Real, Exec>& scratch) {
  detail::require_same_extents("adjoint of gaussian_blur", x, y);
  detail::WindowWeights<Real> const weights(a.window);
  detail::scale_border<Real, Exec>(exec, 2, y, x);
  detail::blur<false>(exec, weights, 0, x, scratch, x);
  detail::scale_border<Real, Exec>(exec, 0.5, x, x);
}
///@}

}  // namespace ign

#endif  // IGN_CORRUPTIONS_OPERATORS_HPP
