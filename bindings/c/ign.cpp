// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The functions of ign/c/ign.h.

#include <ign/c/ign.h>
#include <ign/io/runtime_projector.hpp>
#include <ign/nets/physical_projector.hpp>
#include <ign/version.hpp>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <variant>

#include "guard.hpp"

using Exec = Kokkos::DefaultExecutionSpace;
using Ref = ign::TensorRef<float, Exec>;
using ign::Fault;
using ign::require;

namespace {

constexpr bool on_host = ign::runs_on_host_v<Exec>;

/// Images per application of f: bounds the memory of activations, whatever n and the extents are.
int chunk_of(ign::Shape image) {
  constexpr std::size_t pixels = std::size_t{1} << 21;  // of a chunk
  return static_cast<int>(std::clamp<std::size_t>(pixels / image.pixels(), 1, 128));
}

using Projector = ign::io::RuntimeProjector<float, Exec>;
/// The second one for a file with a normalisation of its fields.
using AnyProjector = std::variant<Projector, ign::PhysicalProjector<Projector>>;

AnyProjector load(Exec const& exec, char const* path) {
  auto const file = ign::io::read_safetensors(path);
  Projector f = ign::io::load_runtime_projector(exec, file);
  if (!ign::io::has_normalisation(file)) return AnyProjector(std::move(f));
  bool const physical = f.roles().source_is_physical;
  return AnyProjector(ign::PhysicalProjector<Projector>(exec, std::move(f), ign::io::read_normalisation(file), physical));
}

/// The f of a net for fields in the units of its training.
Projector const& normalised(AnyProjector const& f) {
  if (auto const* const plain = std::get_if<Projector>(&f)) return *plain;
  return std::get<ign::PhysicalProjector<Projector>>(f).normalised();
}

AnyProjector resized(Exec const& exec, AnyProjector const& f, ign::Shape image, int depth, std::optional<ign::PaddingMode> padding) {
  Projector other = normalised(f).resized(exec, image, depth, padding);
  auto const* const physical = std::get_if<ign::PhysicalProjector<Projector>>(&f);
  if (physical == nullptr) return AnyProjector(std::move(other));
  return AnyProjector(ign::PhysicalProjector<Projector>(exec, std::move(other), physical->normalisation(), physical->source_is_physical()));
}

std::optional<ign::PaddingMode> padding_mode(ign_padding padding) {
  switch (padding) {
    case IGN_PADDING_OF_NET:
      return {};
    case IGN_PADDING_ZEROS:
      return ign::PaddingMode::zeros;
    case IGN_PADDING_PERIODIC:
      return ign::PaddingMode::periodic;
    case IGN_PADDING_REFLECTING:
      return ign::PaddingMode::reflecting;
  }
  ign::fail(Fault::option, 530, "ign_resize: padding is ", static_cast<int>(padding), ", expected a value of ign_padding");
}

}  // namespace

struct ign_net {
  Exec exec;
  AnyProjector f;
  ign_memory memory = IGN_HOST;
  ign_role role = IGN_ROLE_DATA;
  // On a device, copies of arrays of the host: in, out, mask, scores.
  std::array<ign::Buffer<float, Exec>, 4> staged = {ign::Buffer<float, Exec>("ign::c::in"), ign::Buffer<float, Exec>("ign::c::out"),
                                                    ign::Buffer<float, Exec>("ign::c::mask"), ign::Buffer<float, Exec>("ign::c::scores")};

  ign::Shape image() const {
    return std::visit([](auto const& any) { return any.image_shape(); }, f);
  }
  ign::Role input_role() const { return role == IGN_ROLE_SOURCE ? ign::Role::source : ign::Role::data; }
  // 1 for images.
  int depth() const { return std::max(1, normalised(f).depth()); }
};

namespace ign::c {

Library& library() {
  static Library* const the_library = new Library;  // never destroyed: calls at the end of the process find it
  return *the_library;
}

// A kernel: nvcc wants no unnamed namespace around it.
struct FirstNotFinite {
  float const* numbers;
  KOKKOS_FUNCTION void operator()(std::size_t i, std::size_t& first) const {
    if (!is_finite(numbers[i]) && i < first) first = i;
  }
};

namespace {

thread_local char last_error[2048] = "";

/// An array of the caller.
struct Array {
  char const* name;
  float const* data;
  std::size_t size;

  bool overlaps(Array const& other) const {
    auto const begin = reinterpret_cast<std::uintptr_t>(data), others = reinterpret_cast<std::uintptr_t>(other.data);
    return begin < others + other.size * sizeof(float) && others < begin + size * sizeof(float);
  }
};

void require_array(char const* function, Array const& array) {
  require_pointer(array.data, function, array.name);
  require(reinterpret_cast<std::uintptr_t>(array.data) % alignof(float) == 0, Fault::option, 526, function, ": the address of ", array.name,
          " is not a multiple of ", alignof(float));
}

void require_apart(char const* function, Array const& a, Array const& b) {
  require(!a.overlaps(b), Fault::option, 525, function, ": ", a.name, " and ", b.name, " overlap, expected separate arrays");
}

/// Index of the first number that is not finite, or `size`.
std::size_t first_not_finite(float const* numbers, std::size_t size) {
  constexpr std::uint32_t exponent = 0x7f800000u;
  constexpr std::size_t block = 1024;
  for (std::size_t begin = 0; begin < size; begin += block) {
    std::size_t const end = std::min(size, begin + block);
    std::uint32_t found = 0;
    for (std::size_t i = begin; i < end; ++i) found |= (std::bit_cast<std::uint32_t>(numbers[i]) & exponent) == exponent ? 1u : 0u;
    for (std::size_t i = begin; found != 0 && i < end; ++i)
      if ((std::bit_cast<std::uint32_t>(numbers[i]) & exponent) == exponent) return i;
  }
  return size;
}

using HostNumbers = Kokkos::View<float*, Kokkos::LayoutRight, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

/// The arrays of one call, on the device or where the caller has them.
class Call {
 public:
  Call(char const* function, ign_net* net, int n) : m_function(function), m_net(net), m_n(n) {
    require_pointer(net, function, "net");
    require(n >= 0, Fault::option, 526, function, ": n is ", n, ", expected 0 or more");
    require_kokkos();
  }

  int n() const { return m_n; }
  std::size_t image_size() const { return m_net->image().size(); }
  std::size_t mask_size() const { return m_net->image().pixels(); }
  Array images(char const* name, float const* data) const { return array(name, data, image_size()); }
  Array masks(float const* data) const { return array("mask", data, mask_size()); }
  Array scores(float const* data) const { return array("scores", data, 1); }

  void require_finite(Array const& array) const {
    std::size_t first = array.size;
    if (on_host || m_net->memory == IGN_HOST) {
      first = first_not_finite(array.data, array.size);
    } else {
      Kokkos::parallel_reduce("ign::c::finite", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(m_net->exec, 0, array.size),
                              FirstNotFinite{array.data}, Kokkos::Min<std::size_t>(first));
      first = std::min(first, array.size);
    }
    require(first == array.size, Fault::numeric, 521, m_function, ": number ", first, " of ", array.name, " (image ", first / image_size(),
            ") is not finite");
  }

  /// `count` samples from `first` on, as memory of the execution space. Slot 0 to 3: in, out, mask, scores.
  Ref input(std::size_t slot, float const* data, int first, int count, Shape shape) const {
    Ref const there(const_cast<float*>(data) + static_cast<std::size_t>(first) * shape.size(), count, shape.height, shape.width,
                    shape.channels);
    if constexpr (on_host) return there;
    if (m_net->memory == IGN_DEVICE) return there;
    auto const copy = reserve_tensor(m_net->exec, m_net->staged[slot], count, shape);
    Kokkos::deep_copy(m_net->exec, VectorRef<float, Exec>(copy.data(), copy.size()), HostNumbers(there.data(), there.size()));
    return copy;
  }
  Ref output(std::size_t slot, float* data, int first, int count, Shape shape) const {
    if (on_host || m_net->memory == IGN_DEVICE)
      return Ref(data + static_cast<std::size_t>(first) * shape.size(), count, shape.height, shape.width, shape.channels);
    return reserve_tensor(m_net->exec, m_net->staged[slot], count, shape);
  }
  /// Copies a result of `output` to the host, where it is not there already.
  void give_back(Ref const& result, float* data, int first) const {
    if constexpr (on_host) return;
    if (m_net->memory == IGN_DEVICE) return;
    float* const to = data + static_cast<std::size_t>(first) * (result.size() / result.extent(0));
    Kokkos::deep_copy(m_net->exec, HostNumbers(to, result.size()), VectorRef<float, Exec>(result.data(), result.size()));
  }

  /// Calls `body(first, count)` for chunks of the images, and waits for the end.
  template <class Body>
  void run(Body const& body) const {
    int const chunk = chunk_of(m_net->image());
    for (int first = 0; first < m_n; first += std::min(chunk, m_n - first)) body(first, std::min(chunk, m_n - first));
    m_net->exec.fence("ign::c: the results are there");
  }

 private:
  Array array(char const* name, float const* data, std::size_t of_one) const {
    return {name, data, static_cast<std::size_t>(m_n) * of_one};
  }

  char const* m_function;
  ign_net* m_net;
  int m_n;
};

void project(char const* function, ign_net* net, int n, int times, float const* mask, float const* in, float* out) {
  Call const call(function, net, n);
  require(times >= 0, Fault::option, 90, function, ": ", times, " applications, expected 0 or more");
  if (n == 0) return;
  auto const from = call.images("in", in), to = call.images("out", out), known = call.masks(mask);
  require_array(function, from);
  require_array(function, to);
  if (in != out) require_apart(function, from, to);
  if (mask != nullptr) {
    require_array(function, known);
    require_apart(function, known, to);
  }
  call.require_finite(from);
  Shape const image = net->image();
  call.run([&](int first, int count) {
    Ref const x = call.input(0, in, first, count, image);
    Ref const y = in == out ? x : call.output(1, out, first, count, image);
    auto const apply = [&](auto& f) {
      if (mask == nullptr)
        f.apply(net->exec, net->input_role(), times, x, y);
      else
        f.inpaint(net->exec, call.input(2, mask, first, count, {image.height, image.width, 1}), x, times, y, net->input_role());
    };
    std::visit(apply, net->f);
    call.give_back(y, out, first);
  });
}

}  // namespace

ign_status remember(ign_status status, char const* text) noexcept {
  char const* const kind = status == IGN_ERROR_MEMORY ? "[ign.memory] " : status == IGN_ERROR_INTERNAL ? "[ign.internal] " : "";
  std::snprintf(last_error, sizeof(last_error), "%s%s", kind, text);
  return status;
}

ign_status status_of(Fault fault) noexcept {
  switch (fault) {
    case Fault::shape:
      return IGN_ERROR_SHAPE;
    case Fault::option:
      return IGN_ERROR_OPTION;
    case Fault::file:
      return IGN_ERROR_FILE;
    case Fault::format:
      return IGN_ERROR_FORMAT;
    case Fault::numeric:
      return IGN_ERROR_NUMERIC;
    case Fault::state:
      return IGN_ERROR_STATE;
  }
  return IGN_ERROR_INTERNAL;
}

}  // namespace ign::c

using namespace ign::c;

extern "C" {

char const* ign_version(void) { return ign::version_string; }

char const* ign_last_error(void) { return last_error; }

int ign_is_initialized(void) { return Kokkos::is_initialized() && !Kokkos::is_finalized() ? 1 : 0; }

ign_status ign_initialize(void) {
  return guarded([] {
    auto& state = library();
    require(
        !Kokkos::is_finalized(), Fault::state, 521,
        "ign_initialize: Kokkos has been finalised, and cannot be initialised twice in a process: finalise it at the end of the program");
    if (!Kokkos::is_initialized()) {
      Kokkos::initialize();
      state.initialised = true;
    }
    ++state.opened;
  });
}

ign_status ign_finalize(void) {
  return guarded([] {
    auto& state = library();
    require(state.opened > 0, Fault::state, 523, "ign_finalize: there are as many calls of ign_finalize as of ign_initialize already");
    bool const last = state.opened == 1 && state.initialised && !Kokkos::is_finalized();
    long const objects = state.objects;
    require(!last || objects == 0, Fault::state, 524, "ign_finalize: ", objects,
            " nets or arrays of the library are in use, expected none: free them before");
    --state.opened;
    if (last) Kokkos::finalize();
  });
}

ign_status ign_load(char const* path, ign_net** net) {
  return guarded([&] {
    require_pointer(path, "ign_load", "path");
    require_pointer(net, "ign_load", "net");
    require_kokkos();
    Exec const exec;
    *net = new ign_net{exec, load(exec, path)};
    ++library().objects;
  });
}

ign_status ign_free(ign_net* net) {
  return guarded([&] {
    if (net == nullptr) return;
    require_kokkos();
    delete net;
    --library().objects;
  });
}

ign_status ign_extents(ign_net const* net, int* height, int* width, int* channels) {
  return guarded([&] {
    require_pointer(net, "ign_extents", "net");
    ign::Shape const image = net->image();
    if (height != nullptr) *height = image.height;
    if (width != nullptr) *width = image.width;
    if (channels != nullptr) *channels = image.channels;
  });
}

ign_status ign_volume_extents(ign_net const* net, int* depth, int* height, int* width, int* channels) {
  return guarded([&] {
    require_pointer(net, "ign_volume_extents", "net");
    ign::Shape const image = net->image();
    if (depth != nullptr) *depth = net->depth();
    if (height != nullptr) *height = image.height / net->depth();
    if (width != nullptr) *width = image.width;
    if (channels != nullptr) *channels = image.channels;
  });
}

ign_status ign_resize(ign_net const* net, int depth, int height, int width, ign_padding padding, ign_net** resized_net) {
  return guarded([&] {
    require_pointer(net, "ign_resize", "net");
    require_pointer(resized_net, "ign_resize", "resized");
    require_kokkos();
    require(depth >= 1 && height >= 1 && width >= 1 && height <= std::numeric_limits<int>::max() / depth, Fault::option, 526,
            "ign_resize: extents of ", depth, ", ", height, " and ", width, ", expected 1 or more, and fewer than 2^31 rows of all slices");
    ign::Shape const image = ign::volume_shape(depth, height, width, net->image().channels);
    auto f = resized(net->exec, net->f, image, depth, padding_mode(padding));
    net->exec.fence("ign_resize: the weights have been prepared");
    *resized_net = new ign_net{net->exec, std::move(f), net->memory, net->role};
    ++library().objects;
  });
}

ign_status ign_set_role(ign_net* net, ign_role role) {
  return guarded([&] {
    require_pointer(net, "ign_set_role", "net");
    require(role == IGN_ROLE_DATA || role == IGN_ROLE_SOURCE, Fault::option, 530, "ign_set_role: role is ", static_cast<int>(role),
            ", expected IGN_ROLE_DATA or IGN_ROLE_SOURCE");
    net->role = role;
  });
}

ign_status ign_set_memory(ign_net* net, ign_memory memory) {
  return guarded([&] {
    require_pointer(net, "ign_set_memory", "net");
    require(memory == IGN_HOST || memory == IGN_DEVICE, Fault::option, 527, "ign_set_memory: memory is ", static_cast<int>(memory),
            ", expected IGN_HOST or IGN_DEVICE");
    require(memory == IGN_HOST || !on_host, Fault::option, 527, "ign_set_memory: IGN_DEVICE, but the default execution space, ",
            Exec::name(), ", runs on the host, expected IGN_HOST");
    net->memory = memory;
  });
}

ign_status ign_apply(ign_net* net, int n, float const* in, float* out) {
  return guarded([&] { project("ign_apply", net, n, 1, nullptr, in, out); });
}

ign_status ign_project(ign_net* net, int n, int times, float const* mask, float const* in, float* out) {
  return guarded([&] { project("ign_project", net, n, times, mask, in, out); });
}

ign_status ign_drift(ign_net* net, int n, float const* mask, float const* in, float* scores) {
  return guarded([&] {
    Call const call("ign_drift", net, n);
    if (n == 0) return;
    auto const from = call.images("in", in), to = call.scores(scores), known = call.masks(mask);
    require_array("ign_drift", from);
    require_array("ign_drift", to);
    require_apart("ign_drift", from, to);
    if (mask != nullptr) {
      require_array("ign_drift", known);
      require_apart("ign_drift", known, to);
    }
    call.require_finite(from);
    ign::Shape const image = net->image();
    call.run([&](int first, int count) {
      Ref const x = call.input(0, in, first, count, image);
      Ref const result = call.output(3, scores, first, count, {1, 1, 1});
      ign::VectorRef<float, Exec> const values(result.data(), result.size());
      auto const score = [&](auto& f) {
        if (mask == nullptr)
          f.drift_scores(net->exec, x, values, ign::Mse{}, net->input_role());
        else
          f.masked_drift_scores(net->exec, call.input(2, mask, first, count, {image.height, image.width, 1}), x, values, ign::Mse{},
                                net->input_role());
      };
      std::visit(score, net->f);
      call.give_back(result, scores, first);
    });
  });
}

ign_status ign_generate(ign_net* net, std::uint64_t seed, int n, float* out) {
  return guarded([&] {
    Call const call("ign_generate", net, n);
    if (n == 0) return;
    require_array("ign_generate", call.images("out", out));
    ign::Shape const image = net->image();
    // The numbers of an image follow from its place among all n, so all noise is drawn at once.
    Ref const z = call.output(1, out, 0, n, image);
    auto const draw = [&]<class F>(F& f) {
      if constexpr (std::same_as<F, Projector>)
        f.generate(net->exec, ign::Key{.seed = seed}, 0, z);
      else
        f.normalised().generate(net->exec, ign::Key{.seed = seed}, 0, z);
    };
    std::visit(draw, net->f);
    call.run([&](int first, int count) {
      Ref const some = ign::batch_range(z, first, count);
      std::visit([&](auto& f) { f.apply(net->exec, ign::Role::source, 1, some, some); }, net->f);
    });
    call.give_back(z, out, 0);
    net->exec.fence("ign::c: the images are there");
  });
}

}  // extern "C"
