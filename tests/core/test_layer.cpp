// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/core/parameters.hpp>
#include <ign/core/pass.hpp>
#include <ign/layers/layer.hpp>
#include <ign_test/exec.hpp>

using namespace ign;
using ign_test::Exec;

namespace other_library {

// The two functions and the shape that every layer has.
struct Least {};
inline Shape output_shape(Least const&, Shape in) { return {in.height, in.width, 2 * in.channels}; }
template <class Memory, class Tensor>
void forward(Exec const&, Least const&, Pass const&, Memory const& memory, Tensor const& x, Tensor const& y) {
  y(0, 0, 0, 0) = x(0, 0, 0, 0) + static_cast<float>(memory.substream);
}
template <class Memory, class Tensor>
void backward(Exec const&, Least const&, Pass const&, Memory const&, Tensor const&, Tensor const&, Tensor const& dy, Tensor const& dx) {
  dx(0, 0, 0, 0) = 2 * dy(0, 0, 0, 0);
}

// Every optional function as well, with answers that are not the defaults.
struct Most : Least {};
inline std::vector<ArrayInfo> parameters(Most const&, Shape in) { return {{"weight", {in.channels}, {}}}; }
inline std::vector<ArrayInfo> statistics(Most const&, Shape) { return {{"mean", {3}, {}}, {"variance", {3}, {}}}; }
inline std::size_t saved_size(Most const&, Shape in, int batch) { return in.size() * static_cast<std::size_t>(batch); }
inline std::size_t scratch_size(Most const&, Shape, int batch, int workers) { return static_cast<std::size_t>(10 * batch + workers); }
inline bool in_place(Most const&) { return true; }
inline bool needs_output(Most const&) { return false; }
inline bool couples_samples(Most const&, Pass const& pass) { return pass.mode == Mode::train; }
inline std::uint32_t substream_count(Most const&) { return 3; }

struct NoBackward {};
inline Shape output_shape(NoBackward const&, Shape in) { return in; }
template <class Memory, class Tensor>
void forward(Exec const&, NoBackward const&, Pass const&, Memory const&, Tensor const&, Tensor const&) {}

}  // namespace other_library

using other_library::Least;
using other_library::Most;

static_assert(Layer<Least, float, Exec> && Layer<Most, float, Exec>);
static_assert(!Layer<other_library::NoBackward, float, Exec> && !Layer<int, float, Exec>);
static_assert(!fuses_v<float, Exec, Least, Most> && !fuses_v<float, Exec, Least, Most, Least>);

BOOST_AUTO_TEST_SUITE(layer_contract)

BOOST_AUTO_TEST_CASE(omitted_functions_have_defaults) {
  Least const layer;
  Shape const in = {2, 3, 4};
  BOOST_TEST(ign::layer::parameters_of(layer, in).empty());
  BOOST_TEST(ign::layer::statistics_of(layer, in).empty());
  BOOST_TEST(ign::layer::description_of(layer, in).name.empty());
  BOOST_TEST(ign::layer::saved_size_of(layer, in, 5) == 0u);
  BOOST_TEST(ign::layer::scratch_size_of(layer, in, 5, 2) == 0u);
  BOOST_TEST(!ign::layer::in_place_of(layer));
  BOOST_TEST(ign::layer::needs_output_of(layer));
  BOOST_TEST(!ign::layer::couples_samples_of(layer, pass_of(Role::data, Mode::train)));
  BOOST_TEST(ign::layer::substream_count_of(layer) == 1u);
}

BOOST_AUTO_TEST_CASE(defined_functions_are_found_by_argument_dependent_lookup) {
  Most const layer;
  Shape const in = {2, 3, 4};
  BOOST_TEST(ign::layer::parameters_of(layer, in).size() == 1u);
  BOOST_TEST(total_size(ign::layer::statistics_of(layer, in)) == 6u);
  BOOST_TEST(ign::layer::saved_size_of(layer, in, 5) == 120u);
  BOOST_TEST(ign::layer::scratch_size_of(layer, in, 5, 2) == 52u);
  BOOST_TEST(ign::layer::in_place_of(layer));
  BOOST_TEST(!ign::layer::needs_output_of(layer));
  BOOST_TEST(ign::layer::couples_samples_of(layer, pass_of(Role::data, Mode::train)));
  BOOST_TEST(ign::layer::substream_count_of(layer) == 3u);
  BOOST_TEST(!ign::layer::couples_samples_of(layer, pass_of(Role::data, Mode::evaluate)));
}

BOOST_AUTO_TEST_CASE(calls_reach_the_layer, *boost::unit_test::precondition(ign_test::runs_on_host_threads)) {
  Exec const exec;
  auto const x = make_tensor<float>(exec, "ign::test", 1, {}), y = make_tensor<float>(exec, "ign::test", 1, {});
  LayerMemory<float, Exec> memory;
  memory.substream = 4;
  BOOST_TEST(absent(memory.gradients));
  auto const in = tensor_ref<Exec>(x), out = tensor_ref<Exec>(y);
  in(0, 0, 0, 0) = 3;
  ign::layer::forward_of<Least, float, Exec>(exec, Least{}, Pass{}, memory, in, out);
  BOOST_TEST(out(0, 0, 0, 0) == 7);
  ign::layer::backward_of<Least, float, Exec>(exec, Least{}, Pass{}, memory, in, out, out, in);
  BOOST_TEST(in(0, 0, 0, 0) == 14);
}

BOOST_AUTO_TEST_SUITE_END()
