/* SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/** \file
    C interface: apply a trained net to memory of the caller. C99.

        ign_net* net = NULL;
        if (ign_initialize() || ign_load("model.safetensors", &net) || ign_project(net, n, 1, NULL, field, field))
          fprintf(stderr, "%s\n", ign_last_error());
        ign_free(net);
        ign_finalize();

    Arrays     Images are arrays of n * height * width * channels floats, `x[((i * height + row) * width + column) * channels + channel]`.
               Fields of three dimensions are images of depth * height rows, one slice below the other: (n, depth, height, width, channels).
               The net was trained on values in [-1, 1]: scale yours likewise. A net whose file has a normalisation by channel takes
               and gives fields in their own units: all calls normalise and scale back. In Fortran the same memory is an array
               x(channels, width, height, n), or x(channels, width, height, depth, n).
    Memory     The caller owns all arrays. No call keeps a pointer to them. A host array is used where it lies, if Kokkos' default
               execution space runs on the host; see ign_set_memory for devices.
    Kokkos     The library uses the Kokkos of the program if it is initialised. Otherwise call ign_initialize and ign_finalize.
               Nothing is initialised when the library is loaded.
    Errors     Functions return IGN_OK, which is 0, or another ign_status. A function that returns another status has changed
               nothing, unless its comment says otherwise. ign_last_error has the text. No C++ exception leaves the library.
    Threads    Every function may be called by any thread. Calls wait for each other: one at a time runs, on all threads of Kokkos. Do not
               call from within a parallel region of OpenMP or Kokkos. A net must not be freed while another call uses it.
    Waiting    Functions return when their results are there. On a device, wait for your own kernels before you pass their memory.      */
#ifndef IGN_C_IGN_H
#define IGN_C_IGN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define IGN_API __attribute__((visibility("default")))
#else
#define IGN_API
#endif

/** Results of functions. The values do not change in later versions; docs/errors.md explains the ids in the texts. */
typedef enum ign_status {
  IGN_OK = 0,            /**< success */
  IGN_ERROR_SHAPE = 1,   /**< extents do not fit each other or the net */
  IGN_ERROR_OPTION = 2,  /**< an argument is outside its range, a null pointer for example */
  IGN_ERROR_FILE = 3,    /**< a file cannot be opened or read */
  IGN_ERROR_FORMAT = 4,  /**< the contents of a file are invalid */
  IGN_ERROR_NUMERIC = 5, /**< a number is not finite */
  IGN_ERROR_STATE = 6,   /**< the call is not allowed now: Kokkos is not running, for example */
  IGN_ERROR_MEMORY = 7,  /**< out of memory; output arrays may be filled in part */
  IGN_ERROR_INTERNAL = 8 /**< any other failure, such as one of a GPU; output arrays may be filled in part */
} ign_status;

/** Where arrays lie. */
typedef enum ign_memory {
  IGN_HOST = 0,  /**< memory of the host. With a GPU, it is copied to the GPU and back. */
  IGN_DEVICE = 1 /**< memory of the GPU of Kokkos' default execution space. Refused where that space runs on the host. */
} ign_memory;

/** Distribution of the images that are passed to a net. */
typedef enum ign_role {
  IGN_ROLE_DATA = 0,  /**< images that lie near the training data */
  IGN_ROLE_SOURCE = 1 /**< noise, or for a net that was trained with damaged data as its noise, damaged data */
} ign_role;

/** Continuation of images outside their extents, in the convolutions of a net. */
typedef enum ign_padding {
  IGN_PADDING_OF_NET = 0,    /**< as it is */
  IGN_PADDING_ZEROS = 1,     /**< by 0 */
  IGN_PADDING_PERIODIC = 2,  /**< the image repeats */
  IGN_PADDING_REFLECTING = 3 /**< the image is mirrored at its outermost pixels, which are not repeated */
} ign_padding;

/** A net with its weights. Made by ign_load and ign_resize. */
typedef struct ign_net ign_net;

/** @name Library
    @{ */

/** Returns the version of the library, such as "0.1.0". */
IGN_API const char* ign_version(void);

/** Returns the text of this thread's last error, such as "[ign.file.1] …"; empty if there was none. The text is valid until the thread's
    next call that fails. */
IGN_API const char* ign_last_error(void);

/** Initialises Kokkos, unless it is running. Kokkos reads its environment variables, such as OMP_NUM_THREADS and KOKKOS_DEVICE_ID.
    Further calls count: as many calls of ign_finalize must follow.
    \returns IGN_ERROR_STATE if Kokkos has been finalised already: it cannot be initialised twice in a process */
IGN_API ign_status ign_initialize(void);

/** Undoes a call of ign_initialize; the last one finalises Kokkos if the first one initialised it.
    \returns IGN_ERROR_STATE if no call of ign_initialize is open, or if this call would finalise Kokkos while nets or arrays of the library
             are in use: free them first */
IGN_API ign_status ign_finalize(void);

/** Returns 1 if Kokkos is running, whoever initialised it, else 0. */
IGN_API int ign_is_initialized(void);
/** @} */

/** @name Nets
    @{ */

/** Reads a net and its weights from a file of the library: a model or a checkpoint, of any unconditional net of the library's
    own layers.
    \param path      name of the file
    \param[out] net  the net; free it with ign_free. Unchanged on an error
    \returns IGN_ERROR_OPTION on a null pointer, or if an option of a layer in the file is outside its range; IGN_ERROR_STATE without
             Kokkos; IGN_ERROR_FILE, IGN_ERROR_FORMAT; IGN_ERROR_NUMERIC if a weight is not finite; IGN_ERROR_SHAPE if f does not map
             images to images of the same extents, or a normalisation has another number of channels */
IGN_API ign_status ign_load(const char* path, ign_net** net);

/** Frees a net. NULL is allowed.
    \returns IGN_ERROR_STATE if Kokkos is not running: its memory is then gone, or cannot be freed */
IGN_API ign_status ign_free(ign_net* net);

/** Extents of an image of the net. A null pointer is allowed for extents that are not needed. The height of a field of three dimensions is
    the number of rows of all its slices, so that an image always has height * width * channels values. */
IGN_API ign_status ign_extents(const ign_net* net, int* height, int* width, int* channels);

/** Extents of a field of three dimensions; null pointers as above. The depth of images, and of fields of a net that reshapes them, such as
    one of linear layers, is 1.
    \param[out] height  rows of one slice */
IGN_API ign_status ign_volume_extents(const ign_net* net, int* depth, int* height, int* width, int* channels);

/** Makes a net for images of other extents, with the same weights, which are in memory once for both. The first net does not change. Free
    both, in any order. Prepared weights and activations are those of each net.

    No layer may have parameters that depend on the extents, as linear layers do, and the strides of the net must divide the extents. Values
    of ign_set_memory and ign_set_role are taken over. A net that was trained on spectral noise generates no images of other extents.
    \param depth    slices of a field of three dimensions; 1 for images
    \param height   rows of an image, or of one slice
    \param padding  IGN_PADDING_OF_NET, or another continuation for all convolutions: a net that was trained on patches of a periodic
                    field is applied to the whole with IGN_PADDING_PERIODIC
    \param[out] resized  the net for these extents. Unchanged on an error
    \returns IGN_ERROR_SHAPE if the net does not take these extents; IGN_ERROR_OPTION on a null pointer, an extent below 1, a depth above 1
             for a net of images, or another padding than those of ign_padding; IGN_ERROR_STATE without Kokkos */
IGN_API ign_status ign_resize(const ign_net* net, int depth, int height, int width, ign_padding padding, ign_net** resized);

/** Says which distribution the images of further calls of ign_apply, ign_project and ign_drift have; at first IGN_ROLE_DATA. Normalisation
    layers keep running statistics of each. Fields of IGN_ROLE_SOURCE are in their own units if the file says that its source is physical;
    otherwise they are noise, which a normalisation by channel does not normalise.
    \returns IGN_ERROR_OPTION on a null pointer or another role */
IGN_API ign_status ign_set_role(ign_net* net, ign_role role);

/** Says where the arrays of all further calls with this net lie; at first on the host.
    \returns IGN_ERROR_OPTION for IGN_DEVICE where Kokkos' default execution space runs on the host */
IGN_API ign_status ign_set_memory(ign_net* net, ign_memory memory);
/** @} */

/** @name Calls of a net

    n is the number of images, 0 or more; with 0 nothing happens. `in` and `out` of ign_apply and ign_project may be the same array. Every
    other overlap of an output with another array is refused; inputs may overlap each other. All values of `in` must be finite. The result
    of an image does not depend on the others, and is bitwise identical for any number of threads.

    \returns IGN_ERROR_OPTION on a null pointer, an output that overlaps another array, or a number outside its range; IGN_ERROR_NUMERIC if
             a value of `in` is not finite; IGN_ERROR_STATE without Kokkos, or within a parallel region of OpenMP, if the library was built
             with OpenMP
    @{ */

/** out = f(in). The same as ign_project with times 1 and no mask. */
IGN_API ign_status ign_apply(ign_net* net, int n, const float* in, float* out);

/** Projects images that lie near the training data, or have the role of ign_set_role: applies f `times` times. With a mask, known pixels
    stay bitwise identical, and the others come from f.
    \param times  0 or more
    \param mask   n * height * width floats, not 0 where a pixel is known; NULL: no pixel is kept. Must not overlap `out`
    \param in     missing pixels are the starting point, and must be finite: noise, or the mean of the data */
IGN_API ign_status ign_project(ign_net* net, int n, int times, const float* mask, const float* in, float* out);

/** Drift of each image, the mean of (f(x) - x)² over its values: small for images like the data, larger for others. With a normalisation
    by channel it is that of the normalised image, in which all channels count equally.
    \param mask         as for ign_project: the mean is over known pixels, and 0 for an image without any; NULL: over all pixels
    \param[out] scores  n floats. Must not overlap `in` or `mask` */
IGN_API ign_status ign_drift(ign_net* net, int n, const float* mask, const float* in, float* scores);

/** Draws images: out = f(z), with the noise z that f was trained on. The same seed gives the same images, and the first ones do not depend
    on n. IGN_ERROR_OPTION for a net that was trained on noise that is not the library's, such as damaged data, and IGN_ERROR_SHAPE for a
    net of ign_resize with spectral noise.
    \param seed  z is bitwise identical to that of ign::Key{.seed = seed} in C++ */
IGN_API ign_status ign_generate(ign_net* net, uint64_t seed, int n, float* out);
/** @} */

#ifdef __cplusplus
}
#endif

#endif /* IGN_C_IGN_H */
