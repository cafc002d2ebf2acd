// Sampling through a cell, the kernel and its engine, beside the bare loop of InferenceSession.run over the same batches.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { median, report, startKernel, timed } from "./figures.mjs";

const STEPS = 8;
const TURNS = 5;
// Batches with the samples that are taken in them: about as long for each.
const BATCHES = [
  { batch: 1, count: 4 },
  { batch: 4, count: 8 },
  { batch: 16, count: 16 },
];
const SOLVERS = [
  { solver: "euler", evaluations: STEPS },
  { solver: "heun", evaluations: 2 * STEPS - 1 },
  { solver: "dpmpp-2m", evaluations: STEPS },
];

export default async function bench() {
  const folder = join(process.env.DNB_MODELS || resolve("media/models"), "fashion");
  const card = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const session = await InferenceSession.create(readFileSync(join(folder, card.denoiser.file)), {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  const kernel = await startKernel();
  await kernel.run("import { openSession } from 'dnb'; let next = 0");
  const figures = [];
  for (const { batch, count } of BATCHES) {
    const feeds = feedsOf(card, batch);
    await kernel.run(
      `const session${batch} = await openSession('fashion', { batch: ${batch}, device: 'cpu', threads: 1 })`,
    );
    for (const { solver, evaluations } of SOLVERS) {
      const bare = async () => {
        for (let i = 0; i < (count / batch) * evaluations; i++) await session.run(feeds);
      };
      const sample = () =>
        kernel.run(
          `await session${batch}.sample({ condition: session${batch}.model.labels![3]!, solver: "${solver}", steps: ${STEPS}, guidance: 2, seeds: Array.from({ length: ${count} }, () => next++) }); void 0`,
        );
      await bare();
      await sample();
      const ratios = [];
      const rates = [];
      // In turns, so that whatever else the machine does burdens both; a bare loop before and after each.
      let before = await timed(bare);
      for (let i = 0; i < TURNS; i++) {
        const own = await timed(sample);
        const after = await timed(bare);
        ratios.push((before + after) / 2 / own);
        rates.push((1000 * count) / own);
        before = after;
      }
      figures.push({
        name: `${solver}, batch ${batch}, guided: of the bare loop's speed`,
        value: median(ratios),
        unit: "",
        target: 0.97,
        at: "least",
        beside: `${median(rates).toFixed(1)} samples a second of ${STEPS} steps`,
      });
    }
  }
  kernel.close();
  await session.release();
  return report(figures);
}

/** Guidance asks for both passes, which go as one batch of twice the size. */
function feedsOf(card, batch) {
  const rows = 2 * batch;
  const size = card.image.reduce((product, side) => product * side, rows);
  return {
    x: new Tensor(
      "float32",
      Float32Array.from({ length: size }, () => Math.random() - 0.5),
      [rows, ...card.image],
    ),
    t: new Tensor("float32", new Float32Array(rows).fill(0.5), [rows]),
    y: new Tensor("int64", new BigInt64Array(rows), [rows]),
  };
}
