// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Check that all ranks run the same: version, options, data, net and weights, by name, before the first step.
#ifndef IGN_MPI_AGREEMENT_HPP
#define IGN_MPI_AGREEMENT_HPP

#include <string>
#include <utility>

#include "ign/mpi/communicator.hpp"
#include "ign/train/facts.hpp"
#include "ign/train/trainer.hpp"

namespace ign::mpi {

/// Error that all ranks throw together. One of them should print it: see mpi/run.hpp.
class CommonError : public Error {
 public:
  using Error::Error;
};

namespace detail {

// Names and values as one text: each with its length.
inline std::string packed(Facts const& facts) {
  std::string text;
  for (auto const& [name, value] : facts)
    for (auto const* part : {&name, &value}) text += std::to_string(part->size()) + ':' + *part;
  return text;
}

inline Facts unpacked(std::string const& text) {
  Facts facts;
  std::size_t at = 0;
  auto const next = [&] {
    std::size_t const colon = text.find(':', at), size = std::stoull(text.substr(at, colon - at));
    at = colon + 1 + size;
    return text.substr(colon + 1, size);
  };
  while (at < text.size()) {
    std::string name = next();
    facts.emplace_back(std::move(name), next());
  }
  return facts;
}

inline std::string shortened(std::string const& value) {
  constexpr std::size_t most = 200;
  return value.size() <= most ? value : value.substr(0, most) + "… (" + std::to_string(value.size()) + " bytes)";
}

// The first difference of a rank from rank 0, as text; empty if there is none.
inline std::string difference(Facts const& own, Facts const& first, int rank) {
  std::string const here = "rank " + std::to_string(rank);
  auto const value_in = [](Facts const& facts, std::string const& name) {
    for (auto const& fact : facts)
      if (fact.first == name) return shortened(fact.second);
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

/// Compares the facts of all ranks. Collective; all ranks return, or all throw.
/// \throws CommonError [ign.state.494] with the first rank that differs from rank 0, the name of its first differing fact and both values
inline void require_agreement(Communicator const& communicator, Facts const& facts) {
  std::string const own = detail::packed(facts);
  std::string const first = communicator.broadcast(own);
  bool const differs = own != first;
  long long const culprit = communicator.smallest(differs ? communicator.rank() : communicator.size());
  if (culprit == communicator.size()) return;
  std::string text =
      culprit == communicator.rank() ? detail::difference(facts, detail::unpacked(first), communicator.rank()) : std::string();
  text = communicator.broadcast(std::move(text), static_cast<int>(culprit));
  throw CommonError(Fault::state, 494,
                    "mpi: " + text + ", expected the same on all ranks: start them with the same program, options and data");
}

/// Compares the facts of a trainer (train/facts.hpp) and further ones. Collective, as above.
/// \throws Error [ign.state.498] if the policy does not have the ranks of the communicator; else as above
template <class Policy, class Optimizer, class Batches>
void require_agreement(Communicator const& communicator, Trainer<Policy, Optimizer, Batches> const& trainer, Facts const& further = {}) {
  require(trainer.ranks().size() == communicator.size(), Fault::state, 498, "mpi: the trainer's policy has ", trainer.ranks().size(),
          " ranks, the communicator ", communicator.size(), ", expected the same: call set_ranks of the policy before the trainer is made");
  Facts facts = facts_of(trainer);
  facts.insert(facts.end(), further.begin(), further.end());
  require_agreement(communicator, facts);
}

}  // namespace ign::mpi

#endif  // IGN_MPI_AGREEMENT_HPP
