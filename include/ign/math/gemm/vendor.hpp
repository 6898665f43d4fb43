// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Batched matrix products on GPUs by the vendor's BLAS library: cuBLAS (IGN_ENABLE_CUBLAS) or rocBLAS (IGN_ENABLE_ROCBLAS).
///
/// The CMake option IGN_ENABLE_VENDOR_BLAS defines these macros. Without them `multiply` does not exist, and math/gemm/team.hpp computes
/// all products. Matrices are stored row by row; those of a batch are contiguous.
///
/// Calls are asynchronous on the stream of the execution-space instance. Handles are created at the first call, one per host thread, device
/// and stream, and kept until Kokkos is finalised, even if their stream or thread has ended before: use the same few instances for a whole
/// run. Each cuBLAS handle has a workspace of 32 MiB: without one cuBLAS may allocate memory during a call, which a captured graph does not
/// allow (train/captured_graph.hpp).
#ifndef IGN_MATH_GEMM_VENDOR_HPP
#define IGN_MATH_GEMM_VENDOR_HPP

#include <Kokkos_Core.hpp>
#include <cstddef>
#include <type_traits>

#include "ign/core/error.hpp"
#include "ign/core/pass.hpp"

#if defined(IGN_ENABLE_CUBLAS) && defined(KOKKOS_ENABLE_CUDA)
#include <cublas_v2.h>
#define IGN_VENDOR_SPACE Kokkos::Cuda
#elif defined(IGN_ENABLE_ROCBLAS) && defined(KOKKOS_ENABLE_HIP)
#include <rocblas/rocblas.h>
#define IGN_VENDOR_SPACE Kokkos::HIP
#endif
#ifdef IGN_VENDOR_SPACE
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>
#endif

namespace ign::math::vendor {

/// True where `multiply` exists.
template <class Real, class Exec>
inline constexpr bool serves_v = false;

/// Extents of a batch of products: c = left · right, or c += left · right with `add`.
struct Product {
  bool left_transposed;       ///< the left factor is stored as (inner × rows)
  bool right_transposed;      ///< the right factor is stored as (columns × inner)
  std::size_t batch;          ///< products
  std::size_t rows, columns;  ///< of c
  std::size_t inner;          ///< terms of a sum
  bool add;                   ///< add to c instead of overwriting it
};

/// Without a vendor library there is no product.
template <class Real, class Exec>
void multiply(Exec const&, Precision, Product const&, Real const*, Real const*, Real*) = delete;

#ifdef IGN_VENDOR_SPACE

template <>
inline constexpr bool serves_v<float, IGN_VENDOR_SPACE> = true;
template <>
inline constexpr bool serves_v<double, IGN_VENDOR_SPACE> = true;

namespace detail {

#ifdef IGN_ENABLE_CUBLAS
using Handle = cublasHandle_t;
using Status = cublasStatus_t;
using DeviceStream = cudaStream_t;
inline constexpr char const* library = "cuBLAS";
inline constexpr char const* runtime = "CUDA";
inline constexpr std::size_t workspace_bytes = std::size_t{32} << 20;  // as the cuBLAS manual advises for Hopper
inline DeviceStream stream_of(Kokkos::Cuda const& exec) { return exec.cuda_stream(); }
inline int device_of(Kokkos::Cuda const& exec) { return exec.cuda_device(); }
inline Status make(Handle& handle) { return cublasCreate(&handle); }
inline Status set_stream(Handle handle, DeviceStream stream) { return cublasSetStream(handle, stream); }
inline Status set_workspace(Handle handle, void* memory) { return cublasSetWorkspace(handle, memory, workspace_bytes); }
inline void destroy(Handle handle) { cublasDestroy(handle); }
inline cudaError_t current_device(int& device) { return cudaGetDevice(&device); }
inline cudaError_t set_device(int device) { return cudaSetDevice(device); }
#else
using Handle = rocblas_handle;
using Status = rocblas_status;
using DeviceStream = hipStream_t;
inline constexpr char const* library = "rocBLAS";
inline constexpr char const* runtime = "HIP";
inline constexpr std::size_t workspace_bytes = 0;  // rocBLAS allocates its memory with the handle
inline DeviceStream stream_of(Kokkos::HIP const& exec) { return exec.hip_stream(); }
inline int device_of(Kokkos::HIP const& exec) { return exec.hip_device(); }
inline Status make(Handle& handle) { return rocblas_create_handle(&handle); }
inline Status set_stream(Handle handle, DeviceStream stream) { return rocblas_set_stream(handle, stream); }
inline Status set_workspace(Handle, void*) { return rocblas_status_success; }
inline void destroy(Handle handle) { rocblas_destroy_handle(handle); }
inline hipError_t current_device(int& device) { return hipGetDevice(&device); }
inline hipError_t set_device(int device) { return hipSetDevice(device); }
#endif

/// \param status  Status of the library, or the status of a call of the device's runtime, which numbers its errors differently
/// \param from    `library` or `runtime`, whose status it is
/// \throws Error [ign.state.175] unless the status is 0
template <class AnyStatus>
void check(AnyStatus status, char const* what, char const* from = library) {
  require(static_cast<int>(status) == 0, Fault::state, 175, from, ": ", what, " failed with status ", static_cast<int>(status),
          ", expected 0");
}

/// Scope guard that sets the device of the thread, to which the library binds handles and calls, to that of an execution-space instance.
class OnDevice {
 public:
  explicit OnDevice(int device) {
    check(current_device(m_before), "reading the device of the thread", runtime);
    if (device == m_before) return;
    check(set_device(device), "setting the device of the thread", runtime);
    m_changed = true;
  }
  ~OnDevice() {
    if (m_changed) static_cast<void>(set_device(m_before));
  }
  OnDevice(OnDevice const&) = delete;
  OnDevice& operator=(OnDevice const&) = delete;

 private:
  int m_before = 0;
  bool m_changed = false;
};

/// Extent as the library's integer type. \throws Error [ign.shape.175] if it is 2^31 or more
inline int to_int(std::size_t n) {
  require(n <= static_cast<std::size_t>(std::numeric_limits<int>::max()), Fault::shape, 175, library, ": a product has an extent of ", n,
          ", expected fewer than 2^31");
  return static_cast<int>(n);
}

/// Library handles of the program. Kokkos::finalize destroys them.
class Handles {
 public:
  static Handle of(IGN_VENDOR_SPACE const& exec) {
    static Handles all;
    std::lock_guard const lock(all.m_mutex);
    if (all.m_handles.empty()) Kokkos::push_finalize_hook([] { all.clear(); });
    auto const key = std::make_tuple(std::this_thread::get_id(), device_of(exec), stream_of(exec));
    if (auto const known = all.m_handles.find(key); known != all.m_handles.end()) return known->second->handle;
    auto own = std::make_unique<Own>();
    check(make(own->handle), "creating a handle");
    check(set_stream(own->handle, stream_of(exec)), "setting the stream");
    own->workspace = Memory(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::vendor::workspace"), workspace_bytes);
    check(set_workspace(own->handle, own->workspace.data()), "setting the workspace");
    return all.m_handles.emplace(key, std::move(own)).first->second->handle;
  }

 private:
  using Memory = Kokkos::View<unsigned char*, IGN_VENDOR_SPACE::memory_space>;
  struct Own {
    Handle handle = nullptr;
    Memory workspace{};

    Own() = default;
    ~Own() {
      if (handle != nullptr) destroy(handle);
    }
    Own(Own const&) = delete;
    Own& operator=(Own const&) = delete;
  };

  void clear() { m_handles.clear(); }

  std::mutex m_mutex;
  std::map<std::tuple<std::thread::id, int, DeviceStream>, std::unique_ptr<Own>> m_handles;
};

#ifdef IGN_ENABLE_CUBLAS

template <class Real>
void multiply(Kokkos::Cuda const& exec, Precision precision, Product const& p, Real const* left, Real const* right, Real* c) {
  OnDevice const device(device_of(exec));
  Handle const handle = Handles::of(exec);
  Real const one = 1, before = p.add ? 1 : 0;
  constexpr bool single = std::is_same_v<Real, float>;
  constexpr cudaDataType_t type = single ? CUDA_R_32F : CUDA_R_64F;
  // Tensor cores round the factors; the sums have the full type.
  cublasComputeType_t const compute = !single                        ? CUBLAS_COMPUTE_64F
                                      : precision == Precision::tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32
                                      : precision == Precision::bf16 ? CUBLAS_COMPUTE_32F_FAST_16BF
                                                                     : CUBLAS_COMPUTE_32F;
  auto const stride = [](std::size_t m, std::size_t n) { return static_cast<long long>(m * n); };
  // cuBLAS is column-major: it computes the transposed product, right times left.
  check(cublasGemmStridedBatchedEx(handle, p.right_transposed ? CUBLAS_OP_T : CUBLAS_OP_N, p.left_transposed ? CUBLAS_OP_T : CUBLAS_OP_N,
                                   to_int(p.columns), to_int(p.rows), to_int(p.inner), &one, right, type,
                                   to_int(p.right_transposed ? p.inner : p.columns), stride(p.inner, p.columns), left, type,
                                   to_int(p.left_transposed ? p.rows : p.inner), stride(p.rows, p.inner), &before, c, type,
                                   to_int(p.columns), stride(p.rows, p.columns), to_int(p.batch), compute, CUBLAS_GEMM_DEFAULT),
        "a matrix product");
}

#else

template <class Real>
void multiply(Kokkos::HIP const& exec, Precision precision, Product const& p, Real const* left, Real const* right, Real* c) {
  OnDevice const device(device_of(exec));
  Handle const handle = Handles::of(exec);
  // xf32 is AMD's tf32, on GPUs that have it. rocBLAS has no bf16 products of 32-bit factors: bf16 runs in full precision.
  check(rocblas_set_math_mode(handle, precision == Precision::tf32 ? rocblas_xf32_xdl_math_op : rocblas_default_math),
        "setting the precision");
  Real const one = 1, before = p.add ? 1 : 0;
  constexpr rocblas_datatype type = std::is_same_v<Real, float> ? rocblas_datatype_f32_r : rocblas_datatype_f64_r;
  auto const stride = [](std::size_t m, std::size_t n) { return static_cast<rocblas_stride>(m * n); };
  // rocBLAS is column-major: it computes the transposed product, right times left.
  check(rocblas_gemm_strided_batched_ex(handle, p.right_transposed ? rocblas_operation_transpose : rocblas_operation_none,
                                        p.left_transposed ? rocblas_operation_transpose : rocblas_operation_none, to_int(p.columns),
                                        to_int(p.rows), to_int(p.inner), &one, right, type,
                                        to_int(p.right_transposed ? p.inner : p.columns), stride(p.inner, p.columns), left, type,
                                        to_int(p.left_transposed ? p.rows : p.inner), stride(p.rows, p.inner), &before, c, type,
                                        to_int(p.columns), stride(p.rows, p.columns), c, type, to_int(p.columns), stride(p.rows, p.columns),
                                        to_int(p.batch), type, rocblas_gemm_algo_standard, 0, 0),
        "a matrix product");
}

#endif
}  // namespace detail

/// Computes the products, asynchronously on `exec`.
/// \throws Error [ign.state.175] if the library or the device's runtime reports a failure, [ign.shape.175] if an extent is 2^31 or more
template <class Real>
void multiply(IGN_VENDOR_SPACE const& exec, Precision precision, Product const& p, Real const* left, Real const* right, Real* c) {
  detail::multiply(exec, precision, p, left, right, c);
}

#undef IGN_VENDOR_SPACE
#endif

}  // namespace ign::math::vendor

#endif  // IGN_MATH_GEMM_VENDOR_HPP
