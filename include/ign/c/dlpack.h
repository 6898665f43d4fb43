/* SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/** \file
    Arrays of floats that are shared with other programs through DLPack, without a copy. For language bindings: python/ign.py uses it.

    A managed tensor is passed as void*: a DLManagedTensor, or a DLManagedTensorVersioned where `versioned` is 1. ign_array_to_dlpack waits
    for all work of Kokkos. Errors and threads: see ign.h. */
#ifndef IGN_C_DLPACK_H
#define IGN_C_DLPACK_H

#include <ign/c/ign.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Largest number of dimensions of an array. */
#define IGN_ARRAY_MAX_RANK 5

/** An array of floats, with the last extent fastest: a View of its own, or the memory of a DLPack tensor. */
typedef struct ign_array ign_array;

/** Makes an array of zeros in the memory space of Kokkos' default execution space.
    \param rank     1 to IGN_ARRAY_MAX_RANK
    \param extents  rank numbers, 0 or more
    \returns IGN_ERROR_OPTION on another rank, a negative extent or a null pointer, IGN_ERROR_STATE without Kokkos, IGN_ERROR_MEMORY */
IGN_API ign_status ign_array_new(int rank, const int64_t* extents, ign_array** array);

/** Makes an array on the memory of a DLPack tensor. On success it owns the tensor, and calls its deleter when it is freed. On an error the
    tensor is still the caller's.
    \returns IGN_ERROR_OPTION on a null pointer, a major version of DLPack other than 1, elements other than float, or memory that Kokkos'
             default execution space cannot use; IGN_ERROR_SHAPE on gaps between elements, another order, or another rank than 1 to
             IGN_ARRAY_MAX_RANK; IGN_ERROR_STATE without Kokkos */
IGN_API ign_status ign_array_from_dlpack(void* tensor, int versioned, ign_array** array);

/** Makes a DLPack tensor on the memory of an array of ign_array_new, which lives until both are freed, in any order. Call the tensor's
    deleter once.
    \returns IGN_ERROR_OPTION on a null pointer, or for an array of ign_array_from_dlpack: ask its producer for another tensor;
             IGN_ERROR_STATE without Kokkos */
IGN_API ign_status ign_array_to_dlpack(const ign_array* array, int versioned, void** tensor);

/** Properties of an array. Null pointers are allowed for those that are not needed.
    \param[out] extents    IGN_ARRAY_MAX_RANK numbers, of which the first `rank` are set
    \param[out] read_only  1 if the producer of the memory forbids writing, else 0
    \param[out] device     type and number of its device, as in DLPack: 1 and 0 for the host
    \returns IGN_ERROR_OPTION if `array` is a null pointer */
IGN_API ign_status ign_array_describe(const ign_array* array, int* rank, int64_t* extents, float** data, int* read_only, int32_t device[2]);

/** Frees an array; NULL is allowed. Its memory lives as long as a tensor of ign_array_to_dlpack.
    \returns IGN_ERROR_STATE if Kokkos is not running: its memory is then gone, or cannot be freed */
IGN_API ign_status ign_array_free(ign_array* array);

#ifdef __cplusplus
}
#endif

#endif /* IGN_C_DLPACK_H */
