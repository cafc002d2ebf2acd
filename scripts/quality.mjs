// What search adds on the embedded model `emoji`: `npm run quality`, an hour of two quiet cores. Writes docs/quality.md.
// Goes on where it was stopped (out/quality.ndjson); `--page` writes the page of what is there. With DNB_TRAINING_DIR also what needs the pictures of the training set: see
// scripts/quality/pictures.mjs.
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { startKernel } from "../bench/figures.mjs";
import { jobs, keyOf, prompts } from "./quality/jobs.mjs";
import { page } from "./quality/page.mjs";
import { trainingPictures } from "./quality/pictures.mjs";

const KEPT = "out/quality.ndjson";

mkdirSync("out", { recursive: true });
const model = fingerprint(JSON.parse(readFileSync("media/models/emoji/model.json", "utf8")));
const lines = existsSync(KEPT) ? readFileSync(KEPT, "utf8").split("\n").filter(Boolean) : [];
// What was measured with other weights is measured again.
const kept = lines.map((line) => JSON.parse(line)).filter((row) => (row.model ?? model) === model);
const done = new Map(kept.map((row) => [keyOf(row), row]));

/** Of the files that a row depends on. */
function fingerprint({ denoiser, text, verifiers }) {
  const hashes = [denoiser, text, ...verifiers].map(({ sha256 }) => sha256);
  return createHash("sha256").update(hashes.join()).digest("hex").slice(0, 12);
}

const kernels = await Promise.all(Array.from({ length: availableParallelism() }, () => startKernel()));
const only = process.argv.includes("--page") ? [] : jobs;
await Promise.all(kernels.map((kernel, which) => work(kernel, which)));

/** All jobs of a prompt in one kernel: what one method has sampled another need not. */
async function work(kernel, which) {
  await kernel.run(readFileSync("scripts/quality/cell.mjs", "utf8"));
  for (const job of only) {
    if (job.prompt % kernels.length !== which || done.has(keyOf(job))) continue;
    const { label, style } = prompts[job.prompt];
    const condition = style ? { label, style } : { label };
    const { method, times, seed } = job;
    // Seeds of different prompts differ, so that no noise is drawn twice.
    const ask = [method, times, condition, 1000 * job.prompt + seed].map((value) => JSON.stringify(value));
    const row = { ...job, model, found: await kernel.ask(`await measure(${ask.join(", ")});`) };
    done.set(keyOf(job), row);
    appendFileSync(KEPT, `${JSON.stringify(row)}\n`);
    process.stdout.write(
      `\r${jobs.filter((one) => done.has(keyOf(one))).length} of ${jobs.length}: ${keyOf(job)}        `,
    );
  }
}

const rows = jobs.map((job) => done.get(keyOf(job))).filter((row) => row?.found);
const training = trainingPictures(process.env.DNB_TRAINING_DIR);
const text = await page({ rows, prompts, training, kernel: kernels[0] });
await Promise.all(kernels.map((kernel) => kernel.close()));
writeFileSync("docs/quality.md", text);
console.log(`\n${text}`);
