// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// f(x) by ONNX Runtime, through its package for Node.js.
import { createRequire } from "node:module";

const ort = createRequire(process.env.ORT_FROM)("onnxruntime-node");
const [model, ...numbers] = process.argv.slice(2);
const [n, height, width, channels, repeats] = numbers.map(Number);
const threads = Number(process.env.OMP_NUM_THREADS ?? 1);
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: threads, interOpNumThreads: 1 });
const elements = new Float32Array(n * channels * height * width);
let i = 0;
for (let s = 0; s < n; ++s)
  for (let c = 0; c < channels; ++c)
    for (let h = 0; h < height; ++h)
      for (let w = 0; w < width; ++w) elements[i++] = Math.sin(0.3 * s + 0.2 * h + 0.1 * w + 0.7 * c);
const x = new ort.Tensor("float32", elements, [n, channels, height, width]);
const times = [];
let y;
for (let repeat = 0; repeat < repeats; ++repeat) {
  const start = performance.now();
  y = await session.run({ x });
  times.push(performance.now() - start);
}
times.sort((a, b) => a - b);
const out = y[session.outputNames[0]].data;
const magnitude = out.reduce((sum, value) => sum + Math.abs(value), 0) / out.length;
console.log(JSON.stringify({ ms: times[repeats >> 1], magnitude }));
