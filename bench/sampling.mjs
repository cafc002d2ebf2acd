// Sampling in a cell, through the kernel's engine, beside the bare loop of InferenceSession.run over the same batches in the same cell.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { BARE, besideBare, median, report, startKernel, timed } from "./figures.mjs";

const STEPS = 8;
const TURNS = 9;
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
  const kernel = await startKernel();
  await kernel.run(BARE);
  await kernel.run(
    `import { openSession } from "dnb"; let next = 0; const bare = await bareGraph(${JSON.stringify(join(folder, card.denoiser.file))})`,
  );
  const figures = [];
  for (const { batch, count } of BATCHES) {
    // Guidance asks for both passes, which go as one batch of twice the size.
    const rows = 2 * batch;
    await kernel.run(`const session${batch} = await openSession("fashion", { batch: ${batch}, device: "cpu", threads: 1 });
      const feeds${batch} = { x: chance(${JSON.stringify([rows, ...card.image])}), t: new Tensor("float32", new Float32Array(${rows}).fill(0.5), [${rows}]), y: new Tensor("int64", new BigInt64Array(${rows}), [${rows}]) };`);
    for (const { solver, evaluations } of SOLVERS) {
      const times = await kernel.ask(`{
        const model = session${batch}.model;
        const loop = () => bare(feeds${batch}, ${(count / batch) * evaluations});
        const sample = () => timed(() => session${batch}.sample({ condition: model.labels![3]!, solver: "${solver}", steps: ${STEPS}, guidance: 2, seeds: Array.from({ length: ${count} }, () => next++) }));
        console.log(JSON.stringify(await inTurns(sample, loop, ${TURNS})));
      }`);
      figures.push({
        name: `${solver}, batch ${batch}, guided: of the bare loop's speed`,
        value: besideBare(times),
        unit: "",
        target: 0.97,
        at: "least",
        beside: `${median(times.own.map((time) => (1000 * count) / time)).toFixed(1)} samples a second of ${STEPS} steps`,
      });
    }
  }
  const cells = [];
  for (let i = 0; i < 20; i++) cells.push(await timed(() => kernel.run("void 0")));
  figures.push({
    name: "a cell that does nothing",
    value: median(cells),
    unit: "ms",
    beside: "comes once to what a cell samples",
  });
  kernel.close();
  return report(figures);
}
