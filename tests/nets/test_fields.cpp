// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Nets on grids of any size, their receptive fields, and fields in tiles.

#include <boost/test/unit_test.hpp>

#include <ign/core/receptive_field.hpp>
#include <ign/layers/avg_pool2d.hpp>
#include <ign/layers/conv3d.hpp>
#include <ign/layers/conv_transpose3d.hpp>
#include <ign/layers/group_norm.hpp>
#include <ign/layers/linear.hpp>
#include <ign/layers/max_pool2d.hpp>
#include <ign/layers/reshape.hpp>
#include <ign/layers/self_attention.hpp>
#include <ign/layers/upsample2d.hpp>
#include <ign/nets/field_net.hpp>
#include <ign/nets/field_net3d.hpp>
#include <ign/nets/frozen_projector.hpp>
#include <ign/nets/tiled_projector.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::fails;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(fields)

namespace {

constexpr PaddingMode modes[] = {PaddingMode::zeros, PaddingMode::periodic, PaddingMode::reflecting};

auto net_of(PaddingMode mode, int channels = 2) {
  return field_net<1>(FieldNetOptions<>{.channels = channels, .width = 5, .padding_mode = mode});
}
// Without strides: any extents, and tiles of any size.
auto plain_net(PaddingMode mode) {
  auto const conv = [&](int channels, int kernel) {
    return Conv2d{.channels = channels, .kernel = kernel, .padding = kernel / 2, .padding_mode = mode};
  };
  return sequential(conv(4, 3), Tanh{}, residual(conv(4, 5), LeakyRelu{}), conv(3, 3));
}
// The same in three dimensions, with fewer channels.
auto plain_volume_net(PaddingMode mode, int depth = 0) {
  auto const conv = [&](int channels, int kernel) {
    return Conv3d{.channels = channels, .kernel = kernel, .padding = kernel / 2, .depth = depth, .padding_mode = mode};
  };
  return sequential(conv(3, 3), Tanh{}, residual(conv(3, 3), LeakyRelu{}), conv(2, 3));
}
// One convolution of stride 2 and its transpose.
auto strided_volume_net(PaddingMode mode, int channels, int depth = 0) {
  Conv3d const down{.channels = 5, .kernel = 4, .stride = 2, .padding = 1, .depth = depth, .padding_mode = mode};
  ConvTranspose3d const up{.channels = channels, .kernel = 4, .stride = 2, .padding = 1, .depth = depth / 2, .padding_mode = mode};
  return sequential(down, BatchNorm{}, LeakyRelu{}, up);
}

// Numbers that make every factor and every role matter; a layer's outputs stay of the size of its inputs.
template <class Real, class Net>
Model<Net, Real, Exec> model_of(Net const& net, Shape in) {
  Model<Net, Real, Exec> const model(Exec(), net, in, 1);
  auto const noise = random_vector<double>(model.parameters().size(), 31, 0.15);
  for (std::size_t i = 0; i < noise.size(); ++i) model.parameters()(i) += static_cast<Real>(noise(i));
  auto const moments = random_vector<double>(model.statistics().size(), 32, 0.2);
  for (std::size_t i = 0; i < moments.size(); ++i) model.statistics()(i) = static_cast<Real>(0.7 + std::abs(moments(i)));
  return model;
}

template <class Real>
double largest(Vector<Real, Exec> const& v) {
  double most = 0;
  for (std::size_t i = 0; i < v.size(); ++i) most = std::max(most, std::abs(static_cast<double>(v(i))));
  return most;
}
template <class Real>
double largest_difference(Vector<Real, Exec> const& a, Vector<Real, Exec> const& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(static_cast<double>(a(i)) - static_cast<double>(b(i))));
  return most;
}

template <class Real, class Net>
void check_resized(Net const& net, Shape trained, Shape other, double tolerance) {
  BOOST_TEST_CONTEXT("extents " << other << ", trained on " << trained) {
    Exec const exec;
    auto const model = model_of<Real>(net, trained);
    FrozenProjector small(exec, model);
    auto large = small.resized(exec, other);
    BOOST_TEST((large.image_shape() == other));
    Model<Net, Real, Exec> const own(exec, net, other, 2);  // made for these extents, with the same parameters
    Kokkos::deep_copy(own.parameters(), model.parameters());
    Kokkos::deep_copy(own.statistics(), model.statistics());
    Tape<Real, Exec> tape(Retain::last);
    Workspace<Real, Exec> workspace;
    int const batch = 2;
    auto const x = random_vector<Real>(batch * other.size(), 33), y = random_vector<Real>(x.size(), 34),
               z = random_vector<Real>(x.size(), 35);
    large.apply(exec, Role::source, 1, as_tensor<Real>(x, batch, other), as_tensor<Real>(y, batch, other));
    own.forward(exec, pass_of(Role::source, Mode::evaluate), as_tensor<Real>(x, batch, other), tape, workspace);
    Kokkos::deep_copy(exec, as_tensor<Real>(z, batch, other), tape.result());
    exec.fence();
    double const size = largest(z), error = largest_difference(y, z);
    BOOST_TEST(error <= tolerance * size, "error " << error << " of " << size);
  }
}

template <class Real, class Net>
void check_tiles(Net const& net, Shape field, TileOptions const& options, double tolerance, Shape window = {0, 0, 0}) {
  BOOST_TEST_CONTEXT("field " << field << ", tiles of " << options.tile << ", " << options.batch << " at a time") {
    Exec const exec;
    auto const model = model_of<Real>(net, field);
    FrozenProjector whole(exec, model);
    TiledProjector tiled(exec, model, field, options);
    if (window.size() > 0) BOOST_TEST((tiled.window_shape() == window));
    int const batch = 2;
    auto const x = random_vector<Real>(batch * field.size(), 33), y = random_vector<Real>(x.size(), 34),
               z = random_vector<Real>(x.size(), 35);
    auto const in = as_tensor<Real>(x, batch, field), out = as_tensor<Real>(y, batch, field), expected = as_tensor<Real>(z, batch, field);
    whole.apply(exec, Role::source, 1, in, expected);
    tiled.apply(exec, Role::source, 1, in, out);
    exec.fence();
    double const size = largest(z), error = largest_difference(y, z);
    BOOST_TEST(size > 0.1);
    BOOST_TEST(error <= tolerance * size, "error " << error << " of " << size);
    whole.project(exec, in, 2, expected);
    tiled.project(exec, in, 2, in);  // in place
    exec.fence();
    BOOST_TEST(largest_difference(x, z) <= 4 * tolerance * largest(z), "two applications in place");
  }
}

// The cells of f(x) that change with one cell of x lie within the receptive field, and there are some at its ends, along each axis. A field
// of `depth` slices is one of three dimensions.
template <class Net>
void check_receptive_field(Net const& net, Shape field, int depth = 1) {
  Exec const exec;
  auto const model = model_of<double>(net, field);
  ReceptiveField const all = receptive_field(net);
  FrozenProjector f(exec, model);
  auto const x = random_vector<double>(field.size(), 33), y = random_vector<double>(x.size(), 34),
             moved = random_vector<double>(x.size(), 35);
  f.project(exec, as_tensor<double>(x, 1, field), 1, as_tensor<double>(y, 1, field));
  int const height = field.height / depth, first_axis = depth > 1 ? 0 : 1;
  auto const place = [&](int slice, int row, int column) {
    return (static_cast<std::size_t>(slice * height + row) * field.width + column) * field.channels;
  };
  double low[] = {0, 0, 0}, high[] = {0, 0, 0};
  for (int from = 0; from < all.period; ++from) {
    auto const inside = [&](int extent) { return extent / 2 / all.period * all.period + from; };
    int const cell[] = {depth > 1 ? inside(depth) : 0, inside(height), inside(field.width)};
    std::size_t const changed = place(cell[0], cell[1], cell[2]);
    double const old = x(changed);
    x(changed) += 1;
    f.project(exec, as_tensor<double>(x, 1, field), 1, as_tensor<double>(moved, 1, field));
    exec.fence();
    x(changed) = old;
    for (int slice = 0; slice < depth; ++slice)
      for (int row = 0; row < height; ++row)
        for (int column = 0; column < field.width; ++column)
          for (int c = 0; c < field.channels; ++c) {
            std::size_t const i = place(slice, row, column) + c;
            if (moved(i) == y(i)) continue;
            int const other[] = {slice, row, column};
            for (int axis = first_axis; axis < 3; ++axis) {
              low[axis] = std::min(low[axis], double(cell[axis] - other[axis]));
              high[axis] = std::max(high[axis], double(cell[axis] - other[axis]));
            }
          }
  }
  for (int axis = first_axis; axis < 3; ++axis) {
    BOOST_TEST(low[axis] >= all.low);
    BOOST_TEST(high[axis] <= all.high);
    BOOST_TEST(low[axis] <= all.low + all.period, "axis " << axis << ": cells from " << low[axis] << ", receptive field from " << all.low);
    BOOST_TEST(high[axis] >= all.high - all.period, "axis " << axis << ": cells to " << high[axis] << ", receptive field to " << all.high);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_net_of_convolutions_applies_to_any_grid) {
  for (PaddingMode mode : modes) {
    check_resized<double>(net_of(mode), {16, 16, 2}, {12, 28, 2}, 1e-12);
    check_resized<float>(net_of(mode), {16, 16, 2}, {40, 8, 2}, 1e-5);
    check_resized<double>(plain_net(mode), {9, 9, 3}, {7, 13, 3}, 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(a_resized_model_shares_its_elements) {
  Exec const exec;
  auto const model = model_of<double>(plain_net(PaddingMode::periodic), {8, 8, 3});
  auto const other = model.resized({5, 11, 3});
  BOOST_TEST(other.parameters().data() == model.parameters().data());
  BOOST_TEST(other.gradients().data() == model.gradients().data());
  BOOST_TEST((model.input_shape() == Shape{8, 8, 3} && other.input_shape() == Shape{5, 11, 3}));
  // It can be trained, and a tape belongs to one of both.
  Tape<double, Exec> tape;
  Workspace<double, Exec> workspace;
  auto const x = random_vector<double>(other.input_shape().size(), 1), dy = random_vector<double>(x.size(), 2);
  auto const in = as_tensor<double>(x, 1, other.input_shape()), out = as_tensor<double>(dy, 1, other.input_shape());
  other.forward(exec, pass_of(Role::data, Mode::train), in, tape, workspace);
  Kokkos::deep_copy(model.gradients(), 0.0);
  fails("ign.state.1", [&] { model.backward(exec, tape, out, TensorRef<double, Exec>{}, workspace); });
  other.backward(exec, tape, out, TensorRef<double, Exec>{}, workspace);
  exec.fence();
  BOOST_TEST(largest(model.gradients()) > 0);
}

BOOST_AUTO_TEST_CASE(a_net_for_one_size_is_not_resized) {
  Exec const exec;
  auto const flat = model_of<float>(sequential(Flatten{}, Linear{12}, Reshape{{2, 2, 3}}), {2, 2, 3});
  fails("ign.shape.480", [&] { flat.resized({4, 4, 3}); });
  auto const model = model_of<float>(net_of(PaddingMode::zeros), {16, 16, 2});
  fails("ign.shape.480", [&] { model.resized({16, 16, 3}); });                             // other channels
  fails("ign.shape.5", [&] { FrozenProjector(exec, model).resized(exec, {18, 16, 2}); });  // not divided by the strides
}

BOOST_AUTO_TEST_CASE(a_net_of_given_depth_takes_slices_that_are_not_square) {
  for (PaddingMode mode : modes) {
    auto const net = field_net3d<1>({.channels = 2, .width = 3, .padding_mode = mode, .depth = 8});
    check_resized<double>(net, volume_shape(8, 8, 12, 2), volume_shape(8, 20, 8, 2), 1e-12);
    // Square slices of that number: the net without a depth.
    Shape const square = volume_shape(8, 12, 12, 2);
    auto const free = field_net3d<1>({.channels = 2, .width = 3, .padding_mode = mode});
    Exec const exec;
    auto const model = model_of<double>(net, square), other = model_of<double>(free, square);
    FrozenProjector f(exec, model), g(exec, other);
    auto const x = random_vector<double>(square.size(), 33), y = random_vector<double>(x.size(), 34),
               z = random_vector<double>(x.size(), 35);
    f.project(exec, as_tensor<double>(x, 1, square), 1, as_tensor<double>(y, 1, square));
    g.project(exec, as_tensor<double>(x, 1, square), 1, as_tensor<double>(z, 1, square));
    exec.fence();
    BOOST_TEST(largest_difference(y, z) == 0);
  }
  // The smallest extents, a batch of 1 and of 2; as the branch of a residual layer, x + f(x).
  auto const net = [](auto const& norm, PaddingMode mode) {
    return field_net3d<1>(FieldNetOptions<std::remove_cvref_t<decltype(norm)>>{.width = 1, .padding_mode = mode, .norm = norm, .depth = 8});
  };
  ign_test::check_gradients(residual(net(GroupNorm{1}, PaddingMode::periodic)), volume_shape(8, 8, 12, 1), 1);
  ign_test::check_gradients(residual(net(BatchNorm{}, PaddingMode::reflecting)), volume_shape(8, 12, 8, 1), 2, {}, false);
  fails("ign.option.665", [] { field_net3d<1>({.depth = 10}); });
  fails("ign.option.665", [] { field_net3d<1>({.depth = 4}); });
  fails("ign.option.665", [] { field_net3d<1>({.depth = -8}); });
  fails("ign.option.665", [] { field_net<1>({.depth = 8}); });
}

BOOST_AUTO_TEST_CASE(the_receptive_field_of_a_net_is_exact) {
  check_receptive_field(net_of(PaddingMode::periodic, 1), {48, 48, 1});
  check_receptive_field(plain_net(PaddingMode::zeros), {16, 16, 3});
  Conv2d const down{.channels = 3, .kernel = 3, .stride = 3, .padding = 1};
  ConvTranspose2d const up{.channels = 2, .kernel = 5, .stride = 3, .padding = 1};
  check_receptive_field(sequential(down, Conv2d{.channels = 2, .padding = 1}, up), {36, 36, 2});
  check_receptive_field(sequential(ConvTranspose2d{.channels = 2, .kernel = 4, .stride = 2, .padding = 1}, MaxPool2d{}), {12, 12, 2});
  check_receptive_field(
      sequential(Upsample2d{3}, Conv2d{.channels = 2, .padding = 1}, AvgPool2d{3, 3}, Conv2d{.channels = 2, .padding = 1}), {12, 12, 2});
  ReceptiveField const net = receptive_field(field_net<2>());
  BOOST_TEST(net.period == 4);
  BOOST_TEST(net.low == -25);
  BOOST_TEST(net.halo() == 28);
  BOOST_TEST((net.periodic && !net.has_edges));
  BOOST_TEST(receptive_field(field_net<2>({.padding_mode = PaddingMode::zeros})).has_edges);
  fails("ign.option.489", [] { receptive_field(sequential(Conv2d{.stride = 1 << 16}, Conv2d{.stride = 1 << 16})); });
  fails("ign.option.480", [] { receptive_field(sequential(Conv2d{}, GroupNorm{1})); });
  fails("ign.option.480", [] { receptive_field(sequential(Conv2d{}, SelfAttention{})); });
  fails("ign.option.480", [] { receptive_field(sequential(residual(Flatten{}, Linear{4}, Reshape{{2, 2, 1}}))); });
}

BOOST_AUTO_TEST_CASE(the_receptive_field_in_three_dimensions_is_that_along_each_axis) {
  check_receptive_field(field_net3d<0>({.width = 3}), volume_shape(32, 28, 28, 1), 32);
  check_receptive_field(field_net3d<0>({.width = 3, .depth = 28}), volume_shape(28, 28, 36, 1), 28);
  check_receptive_field(plain_volume_net(PaddingMode::zeros), volume_shape(11, 9, 9, 2), 11);
  Conv3d const down{.channels = 2, .kernel = 3, .stride = 3, .padding = 1};
  ConvTranspose3d const up{.channels = 1, .kernel = 5, .stride = 3, .padding = 1};
  check_receptive_field(sequential(down, BatchNorm{}, up), volume_shape(15, 18, 18, 1), 15);
  check_receptive_field(strided_volume_net(PaddingMode::zeros, 1, 12), volume_shape(12, 14, 10, 1), 12);
  ReceptiveField flat = receptive_field(field_net<2>()), deep = receptive_field(field_net3d<2>());
  BOOST_TEST((deep.volume && !flat.volume));
  flat.volume = true;
  BOOST_TEST((deep == flat));
  ReceptiveField const given = receptive_field(sequential(BatchNorm{}, strided_volume_net(PaddingMode::zeros, 1, 12)));
  BOOST_TEST((given.volume && given.depth == 12 && given.period == 2));
  // Image layers of one pixel have no neighbours.
  BOOST_TEST(receptive_field(sequential(Conv2d{.channels = 3, .kernel = 1}, Conv3d{.padding = 1})).halo() == 1);
  fails("ign.option.488", [] { receptive_field(sequential(Conv3d{.padding = 1}, Conv2d{.padding = 1})); });
  fails("ign.option.488", [] { receptive_field(sequential(Conv2d{.padding = 1}, Conv3d{.kernel = 1})); });
  fails("ign.option.488", [] { receptive_field(sequential(Conv3d{.kernel = 1}, residual(Conv2d{.padding = 1}))); });
  fails("ign.option.488", [] { receptive_field(sequential(Upsample2d{2}, Conv3d{.kernel = 2, .stride = 2})); });
  fails("ign.option.488", [] { receptive_field(sequential(Conv3d{.padding = 1}, ConvTranspose3d{.padding = 1, .depth = 4})); });
}

BOOST_AUTO_TEST_CASE(tiles_make_the_field_that_the_whole_makes) {
  for (PaddingMode mode : modes) {
    check_tiles<double>(net_of(mode), {64, 88, 2}, {.tile = 16}, 1e-12);
    check_tiles<double>(net_of(mode), {20, 100, 2}, {.tile = 24, .batch = 3}, 1e-12);  // one window is as high as the field
    check_tiles<float>(net_of(mode), {96, 64, 2}, {.tile = 20, .batch = 4}, 2e-5);
    check_tiles<double>(plain_net(mode), {29, 43, 3}, {.tile = 7, .batch = 2}, 1e-12);
    check_tiles<double>(plain_net(mode), {9, 9, 3}, {.tile = 128}, 1e-12);  // a single tile
  }
}

BOOST_AUTO_TEST_CASE(tiles_of_three_dimensions_make_the_field_that_the_whole_makes) {
  for (PaddingMode mode : modes) {
    // A halo of 3, at odd extents that the tiles do not divide: windows of 10 cells divide all axes.
    check_tiles<double>(plain_volume_net(mode), volume_shape(17, 13, 13, 2), {.tile = 4}, 1e-12, volume_shape(10, 10, 10, 2));
    check_tiles<float>(plain_volume_net(mode), volume_shape(11, 15, 15, 2), {.tile = 5, .batch = 3}, 2e-5, volume_shape(11, 11, 11, 2));
    check_tiles<double>(plain_volume_net(mode), volume_shape(3, 5, 5, 2), {.tile = 128}, 1e-12, volume_shape(3, 5, 5, 2));  // one tile
    // Strides: a halo of 4.
    check_tiles<double>(strided_volume_net(mode, 2), volume_shape(22, 18, 18, 2), {.tile = 6, .batch = 5}, 1e-12,
                        volume_shape(14, 14, 14, 2));
    check_tiles<float>(strided_volume_net(mode, 1), volume_shape(14, 20, 20, 1), {.tile = 8}, 2e-5, volume_shape(14, 16, 16, 1));
    // Slices that are not square, all in each window.
    check_tiles<double>(plain_volume_net(mode, 5), volume_shape(5, 13, 22, 2), {.tile = 3, .batch = 4}, 1e-12, volume_shape(5, 9, 9, 2));
    check_tiles<double>(strided_volume_net(mode, 2, 6), volume_shape(6, 26, 12, 2), {.tile = 4}, 1e-12, volume_shape(6, 12, 12, 2));
  }
  // Slabs of a long field: rows and columns are as wide as a window.
  check_tiles<float>(field_net3d<0>({.channels = 2, .width = 4}), volume_shape(48, 16, 16, 2), {.tile = 8}, 2e-5,
                     volume_shape(32, 16, 16, 2));
  // Slices that are not square, all in each window.
  check_tiles<float>(field_net3d<0>({.channels = 2, .width = 4, .depth = 8}), volume_shape(8, 44, 36, 2), {.tile = 8}, 2e-5,
                     volume_shape(8, 32, 32, 2));
}

namespace {

std::size_t bytes_in_use = 0, most_bytes_in_use = 0;

void allocated(Kokkos_Profiling_SpaceHandle, char const*, void const*, std::uint64_t bytes) {
  bytes_in_use += bytes;
  most_bytes_in_use = std::max(most_bytes_in_use, bytes_in_use);
}
void freed(Kokkos_Profiling_SpaceHandle, char const*, void const*, std::uint64_t bytes) { bytes_in_use -= bytes; }

// Memory that f needs beside its arguments.
template <class MakeF>
std::size_t memory_of(Shape field, MakeF const& make) {
  Exec const exec;
  auto const x = random_vector<float>(field.size(), 1), y = random_vector<float>(field.size(), 2);
  bytes_in_use = most_bytes_in_use = 0;
  Kokkos::Tools::Experimental::set_allocate_data_callback(allocated);
  Kokkos::Tools::Experimental::set_deallocate_data_callback(freed);
  {
    auto f = make(exec);
    f.project(exec, as_tensor<float>(x, 1, field), 1, as_tensor<float>(y, 1, field));
    exec.fence();
  }
  Kokkos::Tools::Experimental::set_allocate_data_callback(nullptr);
  Kokkos::Tools::Experimental::set_deallocate_data_callback(nullptr);
  return most_bytes_in_use;
}

}  // namespace

BOOST_AUTO_TEST_CASE(tiles_bound_the_memory) {
  auto const model = model_of<float>(net_of(PaddingMode::periodic), {16, 16, 2});
  auto const tiles = [&](Shape field) {
    return memory_of(field, [&](Exec const& exec) { return TiledProjector(exec, model, field, {.tile = 16}); });
  };
  auto const whole = [&](Shape field) {
    return memory_of(field, [&](Exec const& exec) { return FrozenProjector(exec, model.resized(field)); });
  };
  Shape const small = {96, 96, 2}, large = {192, 240, 2};
  std::size_t const bytes[] = {tiles(small), tiles(large), whole(small), whole(large)};
  BOOST_TEST_MESSAGE("bytes: tiles " << bytes[0] << " and " << bytes[1] << ", whole " << bytes[2] << " and " << bytes[3]);
  BOOST_TEST(bytes[0] > 0u);
  BOOST_TEST(bytes[1] == bytes[0]);
  BOOST_TEST(bytes[3] > bytes[2] + sizeof(float) * (large.size() - small.size()));  // the count sees the activations
  auto const volumes = model_of<float>(strided_volume_net(PaddingMode::periodic, 1), volume_shape(8, 8, 8, 1));
  auto const cubes = [&](int side) {
    Shape const field = volume_shape(side, side + 4, side + 4, 1);
    return memory_of(field, [&](Exec const& exec) { return TiledProjector(exec, volumes, field, {.tile = 4}); });
  };
  std::size_t const of_cubes = cubes(16);
  BOOST_TEST(of_cubes > 0u);
  BOOST_TEST(cubes(34) == of_cubes);
}

BOOST_AUTO_TEST_CASE(tiles_that_cannot_equal_the_whole_are_errors) {
  Exec const exec;
  auto const model = model_of<float>(net_of(PaddingMode::periodic), {16, 16, 2});
  fails("ign.option.482", [&] { TiledProjector(exec, model, {64, 64, 2}, {.tile = 18}); });
  fails("ign.option.482", [&] { TiledProjector(exec, model, {64, 64, 2}, {.tile = 0}); });
  fails("ign.option.482", [&] { TiledProjector(exec, model, {64, 64, 2}, {.tile = 16, .batch = 0}); });
  fails("ign.shape.481", [&] { TiledProjector(exec, model, {64, 66, 2}, {.tile = 16}); });
  fails("ign.shape.480", [&] { TiledProjector(exec, model, {64, 64, 3}, {.tile = 16}); });
  Conv2d const periodic{.channels = 2, .padding = 1, .padding_mode = PaddingMode::periodic};
  auto const mixed = model_of<float>(sequential(periodic, Conv2d{.channels = 2, .padding = 1}), {8, 8, 2});
  fails("ign.option.481", [&] { TiledProjector(exec, mixed, {64, 64, 2}); });
  auto const shrinking = model_of<float>(sequential(Conv2d{.channels = 2}), {8, 8, 2});
  fails("ign.shape.5", [&] { TiledProjector(exec, shrinking, {64, 64, 2}); });
  auto const volumes = model_of<float>(strided_volume_net(PaddingMode::periodic, 1), volume_shape(8, 8, 8, 1));
  fails("ign.option.482", [&] { TiledProjector(exec, volumes, volume_shape(32, 32, 32, 1), {.tile = 5}); });
  fails("ign.shape.481", [&] { TiledProjector(exec, volumes, volume_shape(31, 32, 32, 1), {.tile = 8}); });
  fails("ign.shape.481", [&] { TiledProjector(exec, volumes, volume_shape(32, 31, 31, 1), {.tile = 8}); });
  fails("ign.shape.560", [&] { TiledProjector(exec, volumes, volume_shape(32, 30, 28, 1), {.tile = 8}); });  // slices are not square
  fails("ign.shape.560", [&] { TiledProjector(exec, volumes, {32, 0, 1}, {.tile = 8}); });
  auto const flat_parts = model_of<float>(sequential(Conv2d{.padding = 1}, Conv3d{.padding = 1}), volume_shape(8, 8, 8, 1));
  fails("ign.option.488", [&] { TiledProjector(exec, flat_parts, volume_shape(32, 32, 32, 1)); });
}

BOOST_AUTO_TEST_SUITE_END()
