// The embedded model `emoji`: how long it takes to open and to draw, and how large everything embedded is.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { median, report, startKernel } from "./figures.mjs";

const STARTS = 5;
const BATCH = 16;
const TURNS = 5;

export default async function bench() {
  const cold = [];
  const warm = [];
  for (let i = 0; i < STARTS; i++) {
    const kernel = await startKernel();
    await kernel.run('import { openSession } from "dnb";');
    const times = await kernel.ask(`{
      const opened = async () => { const began = performance.now(); await openSession(); return performance.now() - began; };
      console.log(JSON.stringify([await opened(), await opened()]));
    }`);
    cold.push(times[0]);
    warm.push(times[1]);
    kernel.close();
  }
  const kernel = await startKernel();
  await kernel.run(`import { openSession } from "dnb"; let next = 0;
    const session = await openSession("emoji", { batch: ${BATCH}, device: "cpu", threads: 1 });`);
  const drawing = async (steps, guidance) => {
    const times = await kernel.ask(`{
      const times: number[] = [];
      for (let i = 0; i <= ${TURNS}; i++) {
        const seeds = Array.from({ length: ${BATCH} }, () => next++);
        const began = performance.now();
        await session.sample({ condition: { label: "octopus", style: "noto" }, steps: ${steps}, guidance: ${guidance}, seeds });
        times.push((performance.now() - began) / ${BATCH});
      }
      console.log(JSON.stringify(times.slice(1)));
    }`);
    return median(times);
  };
  const figures = [
    { name: "openSession() in a new kernel, median of 5", value: median(cold), unit: "ms", target: 1500 },
    { name: "openSession() again", value: median(warm), unit: "ms", target: 10 },
    {
      name: "an image, 16 guided steps, batch 16, one thread",
      value: await drawing(16, 2.5),
      unit: "ms",
      target: 250,
    },
    { name: "an image, 8 steps without guidance", value: await drawing(8, 1), unit: "ms" },
    { name: "all embedded models", value: bytesOf("media/models") / 1e6, unit: "MB", target: 40 },
  ];
  kernel.close();
  return report(figures);
}

function bytesOf(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
