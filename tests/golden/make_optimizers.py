# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes optimizers.safetensors with PyTorch, in double:  python3 make_optimizers.py

Eight steps of Adam behind clip_grad_norm_, with an AveragedModel beside it; of two parameters that lie one after the other.
"""

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import safetensors_file

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
model = torch.nn.Linear(6, 5)
flat = lambda m: torch.cat([p.detach().flatten() for p in m.parameters()])
average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
average.update_parameters(model)  # the first call copies: the average begins with the initial weights
adam = torch.optim.Adam(model.parameters(), lr=0.01, betas=(0.5, 0.999))
out = {"initial": flat(model)}
rows = {"gradients": [], "norms": [], "parameters": [], "averages": []}
for step in range(8):
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter) * (0.05, 3.0)[step % 2]  # below and above the limit by turns
    rows["gradients"].append(torch.cat([p.grad.flatten() for p in model.parameters()]))
    rows["norms"].append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.5))
    adam.step()
    average.update_parameters(model)
    rows["parameters"].append(flat(model))
    rows["averages"].append(flat(average.module))
out |= {name: torch.stack(row) for name, row in rows.items()}

safetensors_file.write("optimizers.safetensors", out, {"torch": torch.__version__})
