// Sampling through a cell, the kernel and its engine, beside the bare loop of InferenceSession.run over the same batches.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { median, report, startKernel, timed } from "./figures.mjs";

const COUNT = 64;
const BATCH = 16;
const STEPS = 8;
const TURNS = 7;

export default async function bench() {
  const folder = join(process.env.DNB_MODELS || resolve("media/models"), "fashion");
  const card = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const session = await InferenceSession.create(readFileSync(join(folder, card.denoiser.file)), {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  // Guidance asks for both passes, which go as one batch of twice the size.
  const rows = 2 * BATCH;
  const size = card.image.reduce((product, side) => product * side, rows);
  const feeds = {
    x: new Tensor(
      "float32",
      Float32Array.from({ length: size }, () => Math.random() - 0.5),
      [rows, ...card.image],
    ),
    t: new Tensor("float32", new Float32Array(rows).fill(0.5), [rows]),
    y: new Tensor("int64", new BigInt64Array(rows), [rows]),
  };
  const bare = async () => {
    for (let i = 0; i < (COUNT / BATCH) * STEPS; i++) await session.run(feeds);
  };

  const kernel = await startKernel();
  await kernel.run(
    "import { openSession } from 'dnb'; const session = await openSession('fashion'); let next = 0",
  );
  const sample = () =>
    kernel.run(
      `await session.sample({ condition: session.model.labels![3]!, steps: ${STEPS}, guidance: 2, seeds: Array.from({ length: ${COUNT} }, () => next++) }); void 0`,
    );
  await bare();
  await sample();
  const times = { bare: [], kernel: [] };
  // In turns, so that whatever else the machine does burdens both.
  for (let i = 0; i < TURNS; i++) {
    times.bare.push(await timed(bare));
    times.kernel.push(await timed(sample));
  }
  kernel.close();
  await session.release();
  const rate = (milliseconds) => (COUNT / milliseconds) * 1000;
  const ratios = times.bare.map((milliseconds, i) => milliseconds / times.kernel[i]);
  return report([
    {
      name: `samples a second, ${STEPS} guided steps, in a cell`,
      value: rate(median(times.kernel)),
      unit: "/ s",
      beside: `bare loop ${rate(median(times.bare)).toFixed(1)} / s`,
    },
    {
      name: "throughput relative to the bare loop, median",
      value: median(ratios),
      unit: "",
      target: 0.9,
      at: "least",
    },
  ]);
}
