# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# other_extents.py <model>: projects a periodic field of twice the height and width of those that the net was trained on.
import sys

import ign
import numpy

ign.initialize()
net = ign.Net(sys.argv[1])
height, width, channels = net.shape
large = net.resized((2 * height, 2 * width), padding="periodic")
field = numpy.random.default_rng().uniform(-1, 1, large.shape).astype(numpy.float32)  # the simulation's values, scaled to [-1, 1]
large.project(field, out=field)  # in place
print("projected:", field.shape)
