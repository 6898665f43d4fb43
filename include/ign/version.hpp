// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Version of the library. CMake reads it from the definitions of major, minor and patch.

#ifndef IGN_VERSION_HPP
#define IGN_VERSION_HPP

#define IGN_VERSION_MAJOR 0
#define IGN_VERSION_MINOR 1
#define IGN_VERSION_PATCH 0

/// Version as one number, for comparisons in the preprocessor: 0.1.0 is 100, 1.2.3 is 10203.
#define IGN_VERSION (IGN_VERSION_MAJOR * 10000 + IGN_VERSION_MINOR * 100 + IGN_VERSION_PATCH)

namespace ign {

#define IGN_TEXT_OF(number) #number
#define IGN_TEXT(number) IGN_TEXT_OF(number)
/// Version as text, "major.minor.patch".
inline constexpr char const* version_string = IGN_TEXT(IGN_VERSION_MAJOR) "." IGN_TEXT(IGN_VERSION_MINOR) "." IGN_TEXT(IGN_VERSION_PATCH);
#undef IGN_TEXT
#undef IGN_TEXT_OF

}  // namespace ign

#endif
