#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Runs the tests, sanitizers and benchmarks of one or more bundles (device_bundle.py), and PyTorch for comparison, on the machine with the GPU:
#
#   build/cuda/device_bundle/device_check.sh                      the bundle that it lies in
#   benchmarks/device_check.sh BUNDLE... --out report --total 300
#
# Writes report.md, report.json and log.txt into the folder named by --out. Exit status 1: a part failed or was not finished. See --help.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-python3}
command -v "$python" >/dev/null || { echo "device_check: $python not found, expected Python 3.9 or newer (PYTHON names another)" >&2; exit 2; }
exec "$python" "$here/device_check.py" "$@"
