// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Check that all ranks have the same version, trainer options, weights and statistics (train/run_properties.hpp), and the same further
/// properties that the program passes, such as those of the data: before the first step, and after the last. The error names the first one
/// that differs.
#ifndef IGN_MPI_AGREEMENT_HPP
#define IGN_MPI_AGREEMENT_HPP

#include <string>
#include <utility>

#include "ign/mpi/communicator.hpp"
#include "ign/train/run_properties.hpp"
#include "ign/train/trainer.hpp"

namespace ign::mpi {

/// Error that all ranks throw together. One of them should print it: see mpi/run.hpp.
class CommonError : public Error {
 public:
  using Error::Error;
};

namespace detail {

// Names and values as one text: each with its length.
inline std::string packed(RunProperties const& properties) {
  std::string text;
  for (auto const& [name, value] : properties)
    for (auto const* part : {&name, &value}) text += std::to_string(part->size()) + ':' + *part;
  return text;
}

inline RunProperties unpacked(std::string const& text) {
  RunProperties properties;
  std::size_t at = 0;
  auto const next = [&] {
    std::size_t const colon = text.find(':', at), size = std::stoull(text.substr(at, colon - at));
    at = colon + 1 + size;
    return text.substr(colon + 1, size);
  };
  while (at < text.size()) {
    std::string name = next();
    properties.emplace_back(std::move(name), next());
  }
  return properties;
}

inline std::string shortened(std::string const& value) {
  constexpr std::size_t most = 200;
  return value.size() <= most ? value : value.substr(0, most) + "… (" + std::to_string(value.size()) + " bytes)";
}

// The first difference of a rank from rank 0, as text; empty if there is none.
inline std::string difference(RunProperties const& own, RunProperties const& first, int rank) {
  std::string const here = "rank " + std::to_string(rank);
  auto const value_in = [](RunProperties const& properties, std::string const& name) {
    for (auto const& property : properties)
      if (property.first == name) return shortened(property.second);
    return std::string("none");
  };
  for (std::size_t i = 0; i < own.size() || i < first.size(); ++i) {
    if (i < own.size() && i < first.size() && own[i] == first[i]) continue;
    std::string const& name = i < first.size() ? first[i].first : own[i].first;
    return here + " has " + name + " " + value_in(own, name) + ", rank 0 has " + name + " " + value_in(first, name);
  }
  return {};
}

}  // namespace detail

/// Compares the properties of all ranks. Collective; all ranks return, or all throw.
/// \param advice  end of the error text: what to do
/// \throws CommonError [ign.state.494] with the first rank that differs from rank 0, the name of its first differing property and both
///         values
inline void require_agreement(Communicator const& communicator, RunProperties const& properties,
                              std::string const& advice = "start them with the same program, options and data") {
  std::string const own = detail::packed(properties);
  std::string const first = communicator.broadcast(own);
  bool const differs = own != first;
  long long const first_differing_rank = communicator.smallest(differs ? communicator.rank() : communicator.size());
  if (first_differing_rank == communicator.size()) return;
  std::string text = first_differing_rank == communicator.rank()
                         ? detail::difference(properties, detail::unpacked(first), communicator.rank())
                         : std::string();
  text = communicator.broadcast(std::move(text), static_cast<int>(first_differing_rank));
  throw CommonError(Fault::state, 494, "mpi: " + text + ", expected the same on all ranks: " + advice);
}

/// Compares the properties of a trainer (train/run_properties.hpp) and further ones. Collective, as above.
/// \throws Error [ign.state.498] if the policy does not have the ranks of the communicator; else as above
template <class Policy, class Optimizer, class Batches>
void require_agreement(Communicator const& communicator, Trainer<Policy, Optimizer, Batches> const& trainer,
                       RunProperties const& further = {}) {
  require(trainer.ranks().size() == communicator.size(), Fault::state, 498, "mpi: the trainer's policy has ", trainer.ranks().size(),
          " ranks, the communicator ", communicator.size(), ", expected the same: call set_ranks of the policy before the trainer is made");
  RunProperties properties = run_properties_of(trainer);
  properties.insert(properties.end(), further.begin(), further.end());
  require_agreement(communicator, properties);
}

}  // namespace ign::mpi

#endif  // IGN_MPI_AGREEMENT_HPP
