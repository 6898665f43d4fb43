# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# project_field.py <model>: projects the fields of an ensemble where they lie, and prints how far each was from the data.
import sys

import ign
import numpy

ign.initialize()
net = ign.Net(sys.argv[1])
field = numpy.random.default_rng().uniform(-1, 1, (4,) + net.shape).astype(numpy.float32)  # the simulation's values, scaled to [-1, 1]
drift = numpy.from_dlpack(net.drift(field))
net.project(field, out=field)  # in place
print("drift:", drift)
