// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Results of the program `study`, one JSON file per run, as a table and as curves over the weight of the tightness.
#ifndef IGN_EXAMPLES_SUPPORT_STUDY_TABLE_HPP
#define IGN_EXAMPLES_SUPPORT_STUDY_TABLE_HPP

#include <nlohmann/json.hpp>

#include <filesystem>

#include "images.hpp"

namespace examples {

using StudyRun = nlohmann::ordered_json;

/// Prints the table of all results in `folder`, and writes `report.html` and the curves as pictures there.
/// \param reference  figures of training images
/// \throws ign::Error [ign.format.64] on a file that is not a result
void write_study(std::filesystem::path const& folder, StudyRun const& reference, Exec const& exec);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_STUDY_TABLE_HPP
