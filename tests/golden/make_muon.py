# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes muon.safetensors with PyTorch, in double:  python3 make_muon.py

Six steps of Muon on three matrices, one of them wider than high, and of Adam on a vector; all lie one after the other. torch.optim.Muon
orthogonalises in bfloat16: here its formula is computed in double, and compared with torch.optim.Muon to two digits.
"""

import torch

import safetensors_file

SHAPES = [(24, 5), (7,), (6, 40), (9, 9)]
RATE, DECAY, MOMENTUM = 0.01, 0.1, 0.9


def orthogonalised(matrix):
    x = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.775 * gram + 2.0315 * gram @ gram) @ x
    return x if matrix.shape[0] <= matrix.shape[1] else x.T


torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
parameters = [torch.nn.Parameter(torch.randn(shape)) for shape in SHAPES]
reference = [torch.nn.Parameter(p.detach().clone()) for p in parameters if p.ndim == 2]
buffers = [torch.zeros_like(p) for p in parameters]
flat = lambda tensors: torch.cat([t.detach().flatten() for t in tensors])
out = {"initial": flat(parameters)}
rows = {"gradients": [], "parameters": []}
adam = torch.optim.Adam([p for p in parameters if p.ndim == 1], lr=RATE, betas=(0.5, 0.999))
muon = torch.optim.Muon(reference, lr=RATE, weight_decay=DECAY, momentum=MOMENTUM, adjust_lr_fn="match_rms_adamw")
for step in range(6):
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter) * (1e-4, 3.0)[step % 2]
    rows["gradients"].append(flat([p.grad for p in parameters]))
    for copy, parameter in zip(reference, [p for p in parameters if p.ndim == 2]):
        copy.grad = parameter.grad.clone()
    with torch.no_grad():
        for parameter, buffer in zip(parameters, buffers):
            if parameter.ndim == 1:
                continue
            buffer.lerp_(parameter.grad, 1 - MOMENTUM)
            update = orthogonalised(parameter.grad.lerp(buffer, MOMENTUM))
            parameter.mul_(1 - RATE * DECAY).sub_(RATE * 0.2 * max(parameter.shape) ** 0.5 * update)
    adam.step()
    muon.step()
    rows["parameters"].append(flat(parameters))
for copy, parameter in zip(reference, [p for p in parameters if p.ndim == 2]):
    assert (copy - parameter).abs().max() < 0.02 * 6 * RATE * max(copy.shape) ** 0.5, "differs from torch.optim.Muon"
out |= {name: torch.stack(row) for name, row in rows.items()}

safetensors_file.write("muon.safetensors", out, {"torch": torch.__version__})
