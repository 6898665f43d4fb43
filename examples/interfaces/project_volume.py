# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# project_volume.py <model>: fills a hole in a field of three dimensions.
import sys

import ign
import numpy

ign.initialize()
net = ign.Net(sys.argv[1])
depth, height, width, channels = net.shape
field = numpy.random.default_rng().uniform(-1, 1, net.shape).astype(numpy.float32)  # the simulation's values, scaled to [-1, 1]
known = numpy.ones((depth, height, width), numpy.float32)
known[depth // 2 :, :2] = 0
net.project(field, times=2, mask=known, out=field)
print("filled:", int((known == 0).sum()), "cells")
