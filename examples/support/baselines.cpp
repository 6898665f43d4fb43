// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "baselines.hpp"

#include <ign/core/error.hpp>
#include <ign/core/finite.hpp>

#include <Eigen/Dense>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>

namespace examples {

namespace {

using Host = Kokkos::DefaultHostExecutionSpace;
template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<RowMajor<float> const> rows(Samples const& samples, std::size_t first, std::size_t count) {
  return {samples.row(first), static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(samples.dimension)};
}

// Eigen's threads would split sums, so that results depended on their number. Here threads split the work.
struct OneEigenThread {
  int before = Eigen::nbThreads();
  OneEigenThread() { Eigen::setNbThreads(1); }
  ~OneEigenThread() { Eigen::setNbThreads(before); }
  OneEigenThread(OneEigenThread const&) = delete;
  OneEigenThread& operator=(OneEigenThread const&) = delete;
};

template <class Body>
void for_each_task(char const* label, std::size_t tasks, Body const& body) {
  Host const host;
  Kokkos::parallel_for(label, Kokkos::RangePolicy<Host, Kokkos::Schedule<Kokkos::Dynamic>, Kokkos::IndexType<std::size_t>>(host, 0, tasks),
                       body);
  host.fence(label);
}

void check(Samples const& training, Samples const& queries) {
  auto const whole = [](Samples const& samples) { return samples.dimension >= 1 && samples.values.size() % samples.dimension == 0; };
  ign::require(whole(training) && whole(queries) && training.dimension == queries.dimension && training.count() >= 1, ign::Fault::option,
               330, "baselines: ", training.values.size(), " values of training samples of ", training.dimension, ", ",
               queries.values.size(), " of queries of ", queries.dimension, ", expected one or more whole samples of the same dimension");
  for (auto const& samples : {training, queries})
    for (float const value : samples.values)
      ign::require(ign::is_finite(value), ign::Fault::numeric, 330, "baselines: a sample holds ", value, ", expected finite values");
}

std::vector<double> squared_norms(Samples const& samples) {
  std::vector<double> norms(samples.count());
  for (std::size_t n = 0; n < norms.size(); ++n) norms[n] = rows(samples, n, 1).cast<double>().squaredNorm();
  return norms;
}

double squared_distance(float const* a, float const* b, std::size_t dimension) {
  double sum = 0;
  for (std::size_t k = 0; k < dimension; ++k) {
    double const difference = static_cast<double>(a[k]) - static_cast<double>(b[k]);
    sum += difference * difference;
  }
  return sum;
}

// Adds the lower triangle of aᵀ a. Each task owns columns of it, so that sums do not depend on the number of threads.
void add_products(Eigen::MatrixXd const& a, Eigen::MatrixXd& sums) {
  constexpr Eigen::Index columns = 64;
  Eigen::Index const size = a.cols();
  for_each_task("ign::baselines::products", static_cast<std::size_t>((size + columns - 1) / columns), [&](std::size_t task) {
    Eigen::Index const j = static_cast<Eigen::Index>(task) * columns, width = std::min(columns, size - j);
    sums.block(j, j, size - j, width).noalias() += a.rightCols(size - j).transpose() * a.middleCols(j, width);
  });
}

Eigen::RowVectorXd mean(Samples const& training) {
  Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(static_cast<Eigen::Index>(training.dimension));
  for (std::size_t n = 0; n < training.count(); ++n) sum += rows(training, n, 1).cast<double>();
  return sum / static_cast<double>(training.count());
}

RowMajor<double> centred(Samples const& samples, std::size_t first, std::size_t count, Eigen::RowVectorXd const& mean) {
  return rows(samples, first, count).cast<double>().rowwise() - mean;
}

Eigen::MatrixXd covariance(Samples const& training, Eigen::RowVectorXd const& mean) {
  constexpr std::size_t chunk = 1024;
  auto const size = static_cast<Eigen::Index>(training.dimension);
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(size, size);
  for (std::size_t first = 0; first < training.count(); first += chunk)
    add_products(centred(training, first, std::min(chunk, training.count() - first), mean), sums);
  return sums / static_cast<double>(training.count());
}

Eigen::MatrixXd inner_products(Eigen::MatrixXd const& columns) {
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(columns.cols(), columns.cols());
  add_products(columns, sums);
  return sums / static_cast<double>(columns.cols());
}

}  // namespace

std::vector<Neighbour> nearest_neighbours(Samples const& training, Samples const& queries) {
  check(training, queries);
  OneEigenThread const one;
  constexpr std::size_t query_block = 64, training_block = 512;
  auto const lengths = squared_norms(training), query_lengths = squared_norms(queries);
  // An inner product of n numbers in float has an error of at most n·eps·|a||b| in any order. It enters twice, and is rounded itself.
  double const error = 2 * static_cast<double>(training.dimension + 2) * static_cast<double>(std::numeric_limits<float>::epsilon());
  std::vector<Neighbour> nearest(queries.count());
  for_each_task("ign::baselines::nearest", (queries.count() + query_block - 1) / query_block, [&](std::size_t task) {
    std::size_t const first = task * query_block, count = std::min(query_block, queries.count() - first);
    RowMajor<float> products;
    for (std::size_t j = 0; j < training.count(); j += training_block) {
      std::size_t const candidates = std::min(training_block, training.count() - j);
      products.noalias() = rows(queries, first, count) * rows(training, j, candidates).transpose();
      for (std::size_t q = 0; q < count; ++q) {
        auto& best = nearest[first + q];
        for (std::size_t c = 0; c < candidates; ++c) {
          double const product = static_cast<double>(products(static_cast<Eigen::Index>(q), static_cast<Eigen::Index>(c)));
          double const estimate = query_lengths[first + q] + lengths[j + c] - 2 * product;
          if (estimate - error * std::sqrt(query_lengths[first + q] * lengths[j + c]) > best.squared_distance) continue;
          double const distance = squared_distance(queries.row(first + q), training.row(j + c), training.dimension);
          if (distance < best.squared_distance) best = {j + c, distance};
        }
      }
    }
  });
  return nearest;
}

PrincipalSubspace::PrincipalSubspace(Samples const& all, PrincipalOptions const& options) {
  check(all, {{}, all.dimension});
  ign::require(options.largest >= 1, ign::Fault::option, 331, "principal subspace: matrices of 0 rows at most, expected 1 or more");
  m_samples = all.dimension > options.largest ? std::min(all.count(), options.largest) : all.count();
  Samples const training{all.values.first(m_samples * all.dimension), all.dimension};
  std::size_t const most = std::min(m_samples, training.dimension);
  ign::require(options.components <= most && options.explained > 0 && options.explained <= 1, ign::Fault::option, 331,
               "principal subspace: ", options.components, " components, explained ", options.explained, ", expected at most ", most,
               " and a share in (0, 1]");
  bool const few = m_samples < training.dimension;
  OneEigenThread const one;
  m_mean = mean(training);
  Eigen::MatrixXd const columns = few ? Eigen::MatrixXd(centred(training, 0, m_samples, m_mean).transpose()) : Eigen::MatrixXd();
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> const solver(few ? inner_products(columns)
                                                                  : covariance(training, m_mean));  // of lower triangles
  ign::require(solver.info() == Eigen::Success, ign::Fault::numeric, 331, "principal subspace: the eigenvalues do not converge");
  Eigen::VectorXd const variances = solver.eigenvalues().cwiseMax(0).reverse();  // in descending order
  Eigen::Index const available = few ? (variances.array() > 1e-12 * variances(0)).count() : variances.size();
  auto kept = static_cast<Eigen::Index>(options.components);
  ign::require(kept <= available, ign::Fault::option, 331, "principal subspace: ", kept, " components, expected at most ", available,
               ", the directions in which the samples vary");
  double const total = variances.sum();
  double sum = variances.head(kept).sum();
  if (options.components == 0)
    while (kept < available && sum < options.explained * total) sum += variances(kept++);
  m_explained = total > 0 ? sum / total : 1;
  auto const vectors = solver.eigenvectors().rightCols(kept);
  if (few)
    m_axes = columns * vectors * (solver.eigenvalues().tail(kept) * static_cast<double>(m_samples)).cwiseSqrt().cwiseInverse().asDiagonal();
  else
    m_axes = vectors;
}

void PrincipalSubspace::project(Samples const& queries, std::span<float> out) const {
  ign::require(queries.dimension == static_cast<std::size_t>(m_mean.size()) && out.size() == queries.values.size(), ign::Fault::option, 332,
               "principal subspace: queries of ", queries.dimension, " values, ", out.size(), " values to write, expected ", m_mean.size(),
               " and ", queries.values.size());
  constexpr std::size_t block = 64;
  OneEigenThread const one;
  for_each_task("ign::baselines::project", (queries.count() + block - 1) / block, [&](std::size_t task) {
    std::size_t const first = task * block, count = std::min(block, queries.count() - first);
    RowMajor<double> const projected = ((centred(queries, first, count, m_mean) * m_axes) * m_axes.transpose()).rowwise() + m_mean;
    Eigen::Map<RowMajor<float>>(out.data() + first * queries.dimension, projected.rows(), projected.cols()) = projected.cast<float>();
  });
}

}  // namespace examples
