# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Nets of several scripts of this folder, as include/ign/nets has them."""
from torch import nn

import ign_torch


def residual_dcgan(image, channels, latent):
    """A residual DCGAN for 8 × 8 pixels with `image` channels: two scales of `channels`, a residual block at each."""
    fine, coarse = channels

    def block(channels, activation):
        conv = lambda: nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        return ign_torch.Residual(conv(), nn.BatchNorm2d(channels), activation, conv(), nn.BatchNorm2d(channels)), activation

    leaky, relu = nn.LeakyReLU(0.2), nn.ReLU()
    return nn.Sequential(
        nn.Conv2d(image, fine, 4, 2, 1), leaky, *block(fine, leaky),
        nn.Conv2d(fine, coarse, 4, 2, 1, bias=False), nn.BatchNorm2d(coarse), leaky, *block(coarse, leaky),
        nn.Conv2d(coarse, latent, 2, 1, 0),
        nn.ConvTranspose2d(latent, coarse, 2, 1, 0, bias=False), nn.BatchNorm2d(coarse), relu, *block(coarse, relu),
        nn.ConvTranspose2d(coarse, fine, 4, 2, 1, bias=False), nn.BatchNorm2d(fine), relu, *block(fine, relu),
        nn.ConvTranspose2d(fine, image, 4, 2, 1), nn.Tanh(),
    )
