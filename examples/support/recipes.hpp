// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The recipes of ign/train/recipes.hpp by name, in one table.
#ifndef IGN_EXAMPLES_SUPPORT_RECIPES_HPP
#define IGN_EXAMPLES_SUPPORT_RECIPES_HPP

#include <ign/core/error.hpp>
#include <ign/train/recipes.hpp>

#include <array>
#include <string>
#include <variant>

#include "nets.hpp"

namespace examples {

/// All recipes of a net are of one of these types.
template <class Net>
using AnyRecipe =
    std::variant<ign::Recipe<Net, ign::Mse, ign::Gaussian, ign::Muon>, ign::Recipe<Net, ign::Mse, ign::Gaussian, ign::Adam, ign::Muon>,
                 ign::Recipe<Net, ign::Mse>, ign::Recipe<Net, ign::L1>>;

template <class Net>
struct RecipeEntry {
  char const* name;  ///< as Recipe::name
  AnyRecipe<Net> (*make)(Net const& net, ign::Shape image);
};

// A new recipe is added here and nowhere else; tests/examples compares the table with ign/train/recipes.hpp.
template <class Net>
inline constexpr std::array recipes = {
    RecipeEntry<Net>{"mnist-small", [](Net const& net, ign::Shape image) -> AnyRecipe<Net> { return ign::mnist_small_recipe(net, image); }},
    RecipeEntry<Net>{"mnist-small-adam",
                     [](Net const& net, ign::Shape image) -> AnyRecipe<Net> { return ign::mnist_small_adam_recipe(net, image); }},
    RecipeEntry<Net>{"mnist-widened",
                     [](Net const& net, ign::Shape image) -> AnyRecipe<Net> { return ign::mnist_widened_recipe(net, image); }},
    RecipeEntry<Net>{"mnist-wide", [](Net const& net, ign::Shape image) -> AnyRecipe<Net> { return ign::mnist_wide_recipe(net, image); }},
    RecipeEntry<Net>{"mnist-small-projector",
                     [](Net const& net, ign::Shape image) -> AnyRecipe<Net> { return ign::mnist_small_projector_recipe(net, image); }},
    RecipeEntry<Net>{"faces", [](Net const& net, ign::Shape image) -> AnyRecipe<Net> { return ign::faces_recipe(net, image); }},
    RecipeEntry<Net>{"paper-a", [](Net const& net, ign::Shape image) -> AnyRecipe<Net> { return ign::paper_a_recipe(net, image); }},
    RecipeEntry<Net>{"paper-b", [](Net const& net, ign::Shape image) -> AnyRecipe<Net> { return ign::paper_b_recipe(net, image); }},
    RecipeEntry<Net>{"kth-mnist", [](Net const& net, ign::Shape image) -> AnyRecipe<Net> { return ign::kth_mnist_recipe(net, image); }},
    RecipeEntry<Net>{"kth-celeba", [](Net const& net, ign::Shape image) -> AnyRecipe<Net> { return ign::kth_celeba_recipe(net, image); }},
};

/// The names do not depend on the net.
inline constexpr auto const& any_recipes = recipes<std::variant_alternative_t<0, AnyNet>>;

/// Calls visitor(recipe) with the recipe of that name for that net.
/// \throws ign::Error [ign.option.101] on another name
template <class Net, class Visitor>
void with_recipe(std::string const& name, Net const& net, ign::Shape image, Visitor const& visitor) {
  for (auto const& entry : recipes<Net>)
    if (name == entry.name) return std::visit(visitor, entry.make(net, image));
  ign::fail(ign::Fault::option, 101, "recipe '", name, "', expected ", names_of(recipes<Net>, " or "));
}

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_RECIPES_HPP
