// What search adds on the embedded model `emoji`: `npm run quality`, about an hour of one core. Writes docs/quality.md.
// Goes on where it was stopped (out/quality.ndjson). With DNB_TRAINING_DIR also what needs the pictures of the training set: see
// scripts/quality/pictures.mjs.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { startKernel } from "../bench/figures.mjs";
import { trainingPictures } from "./quality/pictures.mjs";
import { page } from "./quality/page.mjs";

const KEPT = "out/quality.ndjson";
const TIMES = [1, 4, 8, 16, 32, 64];
/** Enough pictures of one arm for a Fréchet distance in 256 dimensions. */
const MANY = [1, 2, 3, 4, 5];
const FEW = [1, 2];
const METHODS = {
  "more steps": FEW,
  "random search": MANY,
  "zero-order search": FEW,
  "search over paths": FEW,
  "successive halving": FEW,
  "Feynman-Kac": FEW,
};

/** Every method beyond one sample, cheap ones first, so that an early end leaves whole budgets. */
const jobs = [];
const prompts = JSON.parse(readFileSync("scripts/quality/prompts.json", "utf8"));
for (const times of TIMES)
  for (const [method, seeds] of Object.entries(METHODS))
    for (const seed of times > 32 ? FEW : seeds)
      for (const prompt of prompts.keys())
        if (times > 1 || method === "random search") jobs.push({ method, times, seed, prompt });

mkdirSync("out", { recursive: true });
const keyOf = ({ method, times, seed, prompt }) => `${method} ${times} ${seed} ${prompt}`;
const kept = existsSync(KEPT)
  ? readFileSync(KEPT, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  : [];
const done = new Map(kept.map((row) => [keyOf(row), row]));

const kernel = await startKernel();
await kernel.run(readFileSync("scripts/quality/cell.mjs", "utf8"));
for (const [k, job] of jobs.entries()) {
  if (done.has(keyOf(job))) continue;
  const { kind: _, ...condition } = prompts[job.prompt];
  const { method, times, seed } = job;
  // Seeds of different prompts differ, so that no noise is drawn twice.
  const found = await kernel.ask(
    `await measure(${JSON.stringify(method)}, ${times}, ${JSON.stringify(condition)}, ${1000 * job.prompt + seed});`,
  );
  const row = { ...job, found };
  done.set(keyOf(job), row);
  appendFileSync(KEPT, `${JSON.stringify(row)}\n`);
  process.stdout.write(`\r${k + 1} of ${jobs.length}: ${method}, ${times} times        `);
}

const rows = jobs.map((job) => done.get(keyOf(job))).filter(({ found }) => found);
const text = await page({ rows, prompts, training: trainingPictures(process.env.DNB_TRAINING_DIR), kernel });
await kernel.close();
writeFileSync("docs/quality.md", text);
console.log(`\n${text}`);
