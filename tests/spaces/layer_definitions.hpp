// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Definitions of the layers as plain loops over values in double. Their gradients follow by differences.

#ifndef IGN_TEST_LAYER_DEFINITIONS_HPP
#define IGN_TEST_LAYER_DEFINITIONS_HPP

#include <ign/core/pass.hpp>
#include <ign/layers/dropout.hpp>
#include <ign/layers/gaussian_noise.hpp>
#include <ign/layers/self_attention.hpp>
#include <ign/random/fill.hpp>
#include <ign_test/padding.hpp>

#include <functional>
#include <limits>

#include "on_space.hpp"

namespace ign_test::space {

/// y of x and the parameters.
using Definition = std::function<Values(Values const& x, Values const& parameters)>;

/// The substream that the layers under test get.
inline constexpr std::uint32_t layer_substream = 3;

/// Conditions, and running statistics, of the layers under test.
inline Values conditions(int batch, int length) { return distinct_values(static_cast<std::size_t>(batch) * length, 4, 1); }
inline Values running_statistics(std::size_t size) {
  Values values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = 0.5 + 0.125 * static_cast<double>(i % 7);
  return values;
}

/// Output element (n, i) of f(n, i) for each.
template <class F>
Values each_output(int batch, std::size_t size, F const& f) {
  Values y(static_cast<std::size_t>(batch) * size);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = f(i / size, i % size);
  return y;
}

/// y(i) = f(x(i)).
inline Definition elementwise(std::function<double(double)> const& f) {
  return [=](Values x, Values const&) {
    for (double& value : x) value = f(value);
    return x;
  };
}

/// Convolutions and transposed convolutions in two and three dimensions.
template <class Layer>
Definition convolution(Layer const& layer, ign::Shape in, int batch) {
  constexpr bool volume = requires { layer.depth; };
  constexpr bool transposed = requires { layer.output_padding; };
  int const in_depth = volume ? in.height / in.width : 1;
  ign::Shape const out = output_shape(layer, in);
  int const out_depth = volume ? out.height / out.width : 1;  // slices are square
  auto const meets = [layer](int o, int k, int extent) {
    int i = 0;
    bool const one = transposed ? conv_transpose_meets(layer, o, k, i) : conv_meets(layer, o, k, i);
    return one ? continued(layer.padding_mode, i, extent) : -1;
  };
  return [=](Values const& x, Values const& p) {
    int const in_rows = in.height / in_depth, out_rows = out.height / out_depth, k = layer.kernel, c = in.channels;
    std::size_t const weights = static_cast<std::size_t>(volume ? k * k * k : k * k) * c * layer.channels;
    return each_output(batch, out.size(), [&](std::size_t n, std::size_t element) {
      int const o = static_cast<int>(element) % out.channels, pixel = static_cast<int>(element) / out.channels;
      int const column = pixel % out.width, row = pixel / out.width % out_rows, slice = pixel / out.width / out_rows;
      double sum = layer.bias ? p[weights + o] : 0;
      for (int tap = 0; tap < (volume ? k * k * k : k * k); ++tap) {
        int const z = volume ? meets(slice, tap / k / k, in_depth) : 0;
        int const i = meets(row, tap / k % k, in_rows), j = meets(column, tap % k, in.width);
        if (z < 0 || i < 0 || j < 0) continue;
        for (int ci = 0; ci < c; ++ci)
          sum += x[((n * in.height + z * in_rows + i) * in.width + j) * c + ci] *
                 p[transposed ? (tap * layer.channels + o) * c + ci : (tap * c + ci) * layer.channels + o];
      }
      return sum;
    });
  };
}

/// y = x W + b, W (in, out).
inline Definition linear(int in, int out, int batch) {
  return [=](Values const& x, Values const& p) {
    return each_output(batch, out, [&](std::size_t n, std::size_t o) {
      double sum = p[static_cast<std::size_t>(in) * out + o];
      for (std::size_t i = 0; i < static_cast<std::size_t>(in); ++i) sum += x[n * in + i] * p[i * out + o];
      return sum;
    });
  };
}

struct Moments {
  double mean = 0, variance = 0;  // of the population
};
/// Moments of the elements for which `belongs`.
template <class Belongs>
Moments moments_where(Values const& x, Belongs const& belongs) {
  Moments m;
  double count = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (belongs(i)) {
      m.mean += x[i];
      ++count;
    }
  m.mean /= count;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (belongs(i)) m.variance += (x[i] - m.mean) * (x[i] - m.mean) / count;
  return m;
}

/// y = weight (x - mean) / √(variance + ε) + bias, with moments(x, n, c).
template <class MomentsOf>
Definition normalised(ign::Shape in, int batch, double epsilon, MomentsOf const& moments) {
  return [=](Values const& x, Values const& p) {
    std::vector<Moments> all;  // of each sample and channel
    for (int n = 0; n < batch; ++n)
      for (int c = 0; c < in.channels; ++c) all.push_back(moments(x, n, c));
    return each_output(batch, in.size(), [&](std::size_t n, std::size_t i) {
      std::size_t const c = i % in.channels;
      auto const [mean, variance] = all[n * in.channels + c];
      return p[c] * (x[n * in.size() + i] - mean) / std::sqrt(variance + epsilon) + p[in.channels + c];
    });
  };
}
inline Definition batch_norm(ign::Shape in, int batch, double epsilon) {
  return normalised(in, batch, epsilon, [=](Values const& x, int, int c) {
    return moments_where(x, [&](std::size_t i) { return static_cast<int>(i % in.channels) == c; });
  });
}
inline Definition batch_norm_in_evaluation(ign::Shape in, int batch, double epsilon) {
  return normalised(in, batch, epsilon, [=](Values const&, int, int c) {
    auto const running = running_statistics(2 * in.channels);  // of data
    return Moments{running[c], running[in.channels + c]};
  });
}
inline Definition group_norm(ign::Shape in, int batch, int groups, double epsilon) {
  return normalised(in, batch, epsilon, [=](Values const& x, int n, int c) {
    int const width = in.channels / groups;
    return moments_where(
        x, [&](std::size_t i) { return static_cast<int>(i / in.size()) == n && static_cast<int>(i % in.channels) / width == c / width; });
  });
}

/// Windows of kernel × kernel pixels, combined by f(sum or maximum so far, x), beginning with `first`.
template <class Layer, class F>
Definition pooled(Layer const& layer, ign::Shape in, int batch, double first, double factor, F const& f) {
  ign::Shape const out = output_shape(layer, in);
  return [=](Values const& x, Values const&) {
    return each_output(batch, out.size(), [&](std::size_t n, std::size_t element) {
      std::size_t const c = element % in.channels, column = element / in.channels % out.width, row = element / in.channels / out.width;
      double value = first;
      for (int k = 0; k < layer.kernel * layer.kernel; ++k) {
        std::size_t const i = row * layer.stride + k / layer.kernel, j = column * layer.stride + k % layer.kernel;
        value = f(value, x[((n * in.height + i) * in.width + j) * in.channels + c]);
      }
      return factor * value;
    });
  };
}

inline Definition upsampled(int factor, ign::Shape in, int batch) {
  std::size_t const width = in.width * factor, channels = in.channels;
  return [=](Values const& x, Values const&) {
    return each_output(batch, in.size() * factor * factor, [&](std::size_t n, std::size_t element) {
      std::size_t const c = element % channels, column = element / channels % width, row = element / channels / width;
      return x[((n * in.height + row / factor) * in.width + column / factor) * channels + c];
    });
  };
}

/// (h, w, c) to the order (c, h, w), or back to an image.
inline Definition permuted(ign::Shape image, int batch, bool back) {
  return [=](Values const& x, Values const&) {
    return each_output(batch, image.size(), [&](std::size_t n, std::size_t i) {
      std::size_t const channels = image.channels, pixels = image.pixels();
      std::size_t const from = back ? i % channels * pixels + i / channels : i % pixels * channels + i / pixels;
      return x[n * image.size() + from];
    });
  };
}

inline Definition dropped(ign::Dropout const& layer, ign::Key key) {
  key.substream = layer_substream;
  return [=](Values x, Values const&) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      bool const drop = ign::random::uniform(ign::random::bits(key, static_cast<std::uint32_t>(i / 4))[i % 4]) < layer.probability;
      x[i] *= drop ? 0 : 1 / (1 - layer.probability);
    }
    return x;
  };
}

/// Value i of fill_gaussian with deviation 1.
inline double gaussian_value(ign::Key const& key, std::size_t i) {
  auto const words = ign::random::bits(key, static_cast<std::uint32_t>(i / 4));
  float pair[2];
  ign::random::gaussian_pair(words[i % 4 / 2 * 2], words[i % 4 / 2 * 2 + 1], pair[0], pair[1]);
  return static_cast<double>(pair[i % 2]);
}
inline Definition with_noise(ign::GaussianNoise const& layer, ign::Key key) {
  key.substream = layer_substream;
  return [=](Values x, Values const&) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += layer.stddev * gaussian_value(key, i);
    return x;
  };
}

/// Mean over the elements of a sample of their standard deviation over the batch, which is one group.
inline double spread_of(Values const& x, int batch, double epsilon) {
  std::size_t const size = x.size() / batch;
  double sum = 0;
  for (std::size_t e = 0; e < size; ++e)
    sum += std::sqrt(moments_where(x, [&](std::size_t i) { return i % size == e; }).variance + epsilon);
  return sum / static_cast<double>(size);
}
inline Definition minibatch_stddev(ign::Shape in, int batch, double epsilon) {
  return [=](Values const& x, Values const&) {
    double const spread = spread_of(x, batch, epsilon);
    std::size_t const channels = in.channels;
    return each_output(batch, in.pixels() * (channels + 1), [&](std::size_t n, std::size_t i) {
      std::size_t const c = i % (channels + 1);
      return c == channels ? spread : x[n * in.size() + i / (channels + 1) * channels + c];
    });
  };
}

/// y = x + gamma · out · Σ_j softmax_j(scale · query(x_i) · key(x_j)) value(x_j).
inline Definition self_attention(ign::SelfAttention const& layer, ign::Shape in, int batch) {
  return [=](Values const& x, Values const& p) {
    std::size_t const pixels = in.pixels(), channels = in.channels, keys = layer.key_channels, values = layer.value_channels;
    auto const projected = [&](std::size_t first, std::size_t rows, std::size_t n) {  // (pixel, row)
      Values result(pixels * rows);
      for (std::size_t i = 0; i < result.size(); ++i)
        for (std::size_t c = 0; c < channels; ++c)
          result[i] += p[first + i % rows * channels + c] * x[(n * pixels + i / rows) * channels + c];
      return result;
    };
    double const* const out = p.data() + (2 * keys + values) * channels;
    Values y = x;
    for (int n = 0; n < batch; ++n) {
      auto const q = projected(0, keys, n), k = projected(keys * channels, keys, n), v = projected(2 * keys * channels, values, n);
      for (std::size_t i = 0; i < pixels; ++i) {
        Values weights(pixels), mean(values);
        double total = 0;
        for (std::size_t j = 0; j < pixels; ++j) {
          double score = 0;
          for (std::size_t a = 0; a < keys; ++a) score += layer.scale * q[i * keys + a] * k[j * keys + a];
          total += weights[j] = std::exp(score);
        }
        for (std::size_t j = 0; j < pixels; ++j)
          for (std::size_t b = 0; b < values; ++b) mean[b] += weights[j] / total * v[j * values + b];
        for (std::size_t c = 0; c < channels; ++c)
          for (std::size_t b = 0; b < values; ++b) y[(n * pixels + i) * channels + c] += p.back() * out[c * values + b] * mean[b];
      }
    }
    return y;
  };
}

inline Definition condition_channels(ign::Shape in, int batch, int length) {
  auto const condition = conditions(batch, length);
  std::size_t const channels = in.channels, all = channels + length;
  return [=](Values const& x, Values const&) {
    return each_output(batch, in.pixels() * all, [&](std::size_t n, std::size_t i) {
      std::size_t const c = i % all;
      return c < channels ? x[n * in.size() + i / all * channels + c] : condition[n * length + c - channels];
    });
  };
}
inline Definition conditional_scale(ign::Shape in, int batch, int length) {
  auto const condition = conditions(batch, length);
  return [=](Values const& x, Values const& p) {
    return each_output(batch, in.size(), [&](std::size_t n, std::size_t i) {
      double scale = 1, shift = 0;
      for (int k = 0; k < length; ++k) {
        std::size_t const at = k * in.channels + i % in.channels;
        scale += condition[n * length + k] * p[at];
        shift += condition[n * length + k] * p[length * in.channels + at];
      }
      return x[n * in.size() + i] * scale + shift;
    });
  };
}

/// y = x + f(x).
inline Definition residual(Definition const& f) {
  return [=](Values const& x, Values const& p) {
    Values y = f(x, p);
    for (std::size_t i = 0; i < x.size(); ++i) y[i] += x[i];
    return y;
  };
}

}  // namespace ign_test::space

#endif
