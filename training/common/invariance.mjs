// Checks in onnxruntime-node that a sample's output has the same bytes alone and in batches of 3 and 16,
// with one and with two threads.
//   node training/common/invariance.mjs media/models/fashion
import { createRequire } from "node:module";
import { readdirSync } from "node:fs";
import path from "node:path";
import process from "node:process";

const require = createRequire(path.join(process.env.DNB_ORT_ROOT ?? process.cwd(), "package.json"));
const ort = require("onnxruntime-node");
const COUNT = 16;

/** A reproducible filler: normal-looking floats, levels in (0, 1], small integers. */
function fill(meta, rank) {
  const shape = meta.shape.map((d, k) => (k === 0 ? COUNT : Number.isInteger(Number(d)) ? Number(d) : 32));
  const size = shape.reduce((a, b) => a * b, 1);
  if (meta.type === "int64")
    return { shape, data: BigInt64Array.from({ length: size }, (_, k) => BigInt(k % 10)) };
  const wave = (k) => Math.sin(k * 12.9898 + rank) * 1.3 + Math.cos(k * 0.7331) * 0.6;
  return {
    shape,
    data: Float32Array.from({ length: size }, (_, k) => (shape.length === 1 ? (k + 1) / size : wave(k))),
  };
}

const folder = process.argv[2];
let bad = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith(".onnx"))) {
  const outputs = [];
  for (const threads of [1, 2]) {
    const began = performance.now();
    const session = await ort.InferenceSession.create(path.join(folder, file), {
      intraOpNumThreads: threads,
    });
    const load = performance.now() - began;
    const full = session.inputMetadata.map(fill);
    for (const batch of [1, 3, 16]) {
      const parts = session.outputNames.map(() => []);
      const start = performance.now();
      for (let from = 0; from < COUNT; from += batch) {
        const to = Math.min(COUNT, from + batch);
        const feeds = {};
        session.inputMetadata.forEach((meta, k) => {
          const { shape, data } = full[k];
          const one = data.length / COUNT;
          feeds[meta.name] = new ort.Tensor(meta.type, data.slice(from * one, to * one), [
            to - from,
            ...shape.slice(1),
          ]);
        });
        const result = await session.run(feeds);
        session.outputNames.forEach((name, k) =>
          parts[k].push(Buffer.from(result[name].data.slice().buffer)),
        );
      }
      const ms = (performance.now() - start) / COUNT;
      outputs.push({ threads, batch, ms, load, bytes: Buffer.concat(parts.flat()), parts });
    }
    await session.release();
  }
  const key = (o) => o.parts.map((p) => Buffer.concat(p).toString("base64")).join("|");
  const same = outputs.every((o) => key(o) === key(outputs[0]));
  if (!same) bad += 1;
  const speed = outputs.map((o) => `${o.threads}t b${o.batch} ${o.ms.toFixed(2)} ms`).join(", ");
  console.log(`${same ? "identical" : "DIFFERS"} ${file}: load ${outputs[0].load.toFixed(0)} ms; ${speed}`);
}
process.exit(bad ? 1 : 0);
