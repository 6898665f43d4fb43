// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Generates images from a checkpoint of `train`: one row per application of f.

#include "common.hpp"

int main(int argc, char* argv[]) {
  return examples::run(argc, argv, [&] {
    std::string checkpoint, out, data;
    int count = 0, applications = 0;
    std::uint64_t seed = 1;
    cxxopts::Options parser("generate", "Generates images from a checkpoint.");
    auto add = parser.add_options();
    add("checkpoint", "model or checkpoint that train wrote", cxxopts::value(checkpoint));
    add("out", "picture to write", cxxopts::value(out)->default_value("generated.png"));
    add("count", "images", cxxopts::value(count)->default_value("20"));
    add("applications", "rows: z, f(z), … up to f applied so often", cxxopts::value(applications)->default_value("2"));
    add("seed", "of the noise", cxxopts::value(seed)->default_value("1"));
    add("data", "also evaluate on the images of this folder", cxxopts::value(data));
    if (!examples::parse(parser, argc, argv)) return 0;
    ign::require(!checkpoint.empty(), ign::Fault::option, 103, "--checkpoint is missing: a model or checkpoint that train wrote");
    ign::require(count >= 1 && applications >= 0, ign::Fault::option, 104, "--count ", count, ", --applications ", applications,
                 ", expected 1 or more and 0 or more");
    examples::Exec const exec;
    examples::with_checkpoint(exec, checkpoint, [&](auto& policy) {
      ign::Shape const shape = policy.image_shape();
      std::vector<ign::Tensor<float, examples::Exec>> owned;
      std::vector<examples::Window> rows;
      for (int k = 0; k <= applications; ++k) {
        owned.push_back(ign::make_tensor<float>(exec, "ign::generate::row", count, shape));
        rows.emplace_back(owned.back());
        policy.generate(exec, ign::Key{seed, ign::Stream::user}, k, rows.back());
      }
      exec.fence("generate: done");
      if (!data.empty()) {
        auto const test = examples::load_test(data, shape);
        auto const [reconstruction, idempotence] = examples::evaluate(exec, policy, test.images, ign::Mse{}, seed);
        std::cout << "evaluation mode, " << test.name() << ", mean squares: reconstruction " << reconstruction << ", idempotence "
                  << idempotence << '\n';
      }
      examples::write_rows(out, rows);
    });
    std::cout << out << ": " << count << " images, rows from z to f applied " << applications << " times\n";
    return 0;
  });
}
