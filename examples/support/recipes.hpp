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

#include "any_optimizer.hpp"
#include "nets.hpp"

namespace examples {

/// All recipes of a net are of one of these types. The optimizers are chosen at run time: each type more is one more trainer to compile for
/// each net and each phase.
template <class Net>
using AnyRecipe =
    std::variant<ign::Recipe<Net, ign::Mse, ign::Gaussian, AnyOptimizer>, ign::Recipe<Net, ign::L1, ign::Gaussian, AnyOptimizer>>;

/// The recipe with its own optimizers as AnyOptimizer.
template <class Net, class Distance, class Optimizer, class SecondOptimizer>
AnyRecipe<Net> any_recipe(ign::Recipe<Net, Distance, ign::Gaussian, Optimizer, SecondOptimizer> const& recipe) {
  AnyOptimizer const first = {recipe.optimizer};
  return ign::with_optimizer(recipe, first, recipe.distillation ? AnyOptimizer{recipe.distillation->optimizer} : AnyOptimizer{});
}

template <class Net>
struct RecipeEntry {
  char const* name;  ///< as Recipe::name
  AnyRecipe<Net> (*make)(Net const& net, ign::Shape image);
};

// A new recipe is added here and nowhere else; tests/examples compares the table with ign/train/recipes.hpp.
template <class Net>
inline constexpr std::array recipes = {
    RecipeEntry<Net>{"mnist-small", [](Net const& net, ign::Shape image) { return any_recipe(ign::mnist_small_recipe(net, image)); }},
    RecipeEntry<Net>{"mnist-small-adam",
                     [](Net const& net, ign::Shape image) { return any_recipe(ign::mnist_small_adam_recipe(net, image)); }},
    RecipeEntry<Net>{"mnist-widened", [](Net const& net, ign::Shape image) { return any_recipe(ign::mnist_widened_recipe(net, image)); }},
    RecipeEntry<Net>{"mnist-wide", [](Net const& net, ign::Shape image) { return any_recipe(ign::mnist_wide_recipe(net, image)); }},
    RecipeEntry<Net>{"mnist-small-projector",
                     [](Net const& net, ign::Shape image) { return any_recipe(ign::mnist_small_projector_recipe(net, image)); }},
    RecipeEntry<Net>{"faces", [](Net const& net, ign::Shape image) { return any_recipe(ign::faces_recipe(net, image)); }},
    RecipeEntry<Net>{"paper-a", [](Net const& net, ign::Shape image) { return any_recipe(ign::paper_a_recipe(net, image)); }},
    RecipeEntry<Net>{"paper-b", [](Net const& net, ign::Shape image) { return any_recipe(ign::paper_b_recipe(net, image)); }},
    RecipeEntry<Net>{"kth-mnist", [](Net const& net, ign::Shape image) { return any_recipe(ign::kth_mnist_recipe(net, image)); }},
    RecipeEntry<Net>{"kth-celeba", [](Net const& net, ign::Shape image) { return any_recipe(ign::kth_celeba_recipe(net, image)); }},
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
