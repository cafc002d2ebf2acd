// The engine of searches: what it costs beside the model and the verifiers that it calls.
import { build } from "esbuild";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { median, report, timed } from "./figures.mjs";

const BATCH = 16;

export default async function bench() {
  const dnb = await library();
  const folder = join(process.env.DNB_MODELS || resolve("media/models"), "emoji");
  const { share, filled } = await onTheModel(dnb, folder);
  const { perCandidate, onTheProcessor, exponent, growth, times } = await onTheAnalyticModel(dnb);
  return report([
    {
      name: "engine's share of a random search, batch 16",
      value: 100 * share,
      unit: "%",
      target: 3,
      beside: "the rest is calls of model and verifiers",
    },
    { name: "batches filled across branches", value: 100 * filled, unit: "%", target: 90, at: "least" },
    {
      name: "a candidate on the analytic model",
      value: perCandidate,
      unit: "us",
      target: 60,
      beside: `${onTheProcessor.toFixed(0)} us of processor time, all threads`,
    },
    {
      name: "growth from 100 to 100,000 candidates",
      value: exponent,
      unit: "exp",
      target: 1.1,
      beside: `${growth.toFixed(2)} in processor time; ${times.map(({ count, ms }) => `${count}: ${ms.toFixed(0)} ms`).join(", ")}`,
    },
    {
      name: "another verifier on 1,000 candidates, speed",
      value: await rescoring(dnb, folder),
      unit: "x",
      target: 20,
      at: "least",
      beside: "searching again",
    },
  ]);
}

/** Search and models as the engine worker has them. */
async function library() {
  mkdirSync("out/bench", { recursive: true });
  const outfile = resolve("out/bench/search.cjs");
  const contents = `export * from "./src/search/index.js"; export { openModel } from "./src/search/onnx/openModel.js";`;
  await build({
    stdin: { contents, resolveDir: process.cwd(), loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["onnxruntime-node"],
    logLevel: "error",
  });
  return createRequire(import.meta.url)(outfile);
}

const problem = { condition: "octopus", verifier: "alignment", heldOut: ["judge-concept"] };

/** Time in the denoiser is measured around each call; time in the verifiers by scoring the same images once more, bare. */
async function onTheModel({ openModel, Session, randomSearch }, folder) {
  let inModel = 0;
  let rows = 0;
  let calls = 0;
  const watch = (denoiser) => ({
    ...bound(denoiser),
    async velocity(...given) {
      const started = performance.now();
      const answer = await denoiser.velocity(...given);
      inModel += performance.now() - started;
      rows += given[1];
      calls++;
      return answer;
    },
  });
  const engine = await openModel(folder, { batch: BATCH }, watch);
  const session = new Session(engine);
  const search = (seed) =>
    session.search(randomSearch({ candidates: 64, perRound: BATCH }), {
      ...problem,
      seed,
      budget: { nfe: 1e6 },
    });
  await search(1).run();
  const shares = [];
  for (let seed = 2; seed < 7; seed++) {
    inModel = rows = calls = 0;
    const run = search(seed);
    const whole = await timed(() => run.run());
    const images = await Promise.all(run.candidates.map((candidate) => candidate.image()));
    const scoring = await timed(() => session.score(images, ["alignment", "judge-concept"], "octopus"));
    shares.push(Math.max(0, whole - inModel - scoring) / whole);
  }
  const filled = rows / (calls * BATCH);
  await session.dispose();
  return { share: median(shares), filled };
}

async function onTheAnalyticModel({ gaussianMixture, randomSearch, Session }) {
  const mixture = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [-2]], variances: [0.25, 0.25] });
  const search = async (candidates, seed) => {
    const session = new Session(mixture.open());
    const problem = { seed, steps: 8, verifier: "linear", budget: { nfe: 1e9 } };
    const run = session.search(randomSearch({ candidates, perRound: Math.min(candidates, 1000) }), problem);
    const before = process.cpuUsage();
    const ms = await timed(() => run.run());
    const { user, system } = process.cpuUsage(before);
    return { ms, us: user + system };
  };
  for (let seed = 1; seed <= 3; seed++) await search(2000, seed);
  const times = [];
  for (const count of [100, 1000, 10_000, 100_000]) {
    const repeats = Math.max(1, Math.min(9, 20_000 / count));
    const all = [];
    for (let i = 0; i < repeats; i++) all.push(await search(count, 10 + i));
    times.push({ count, ms: median(all.map(({ ms }) => ms)), us: median(all.map(({ us }) => us)) });
  }
  const exponent = Math.log10(times.at(-1).ms / times[0].ms) / 3;
  const growth = Math.log10(times.at(-1).us / times[0].us) / 3;
  const [, , { ms, us, count }] = times;
  return { perCandidate: (1000 * ms) / count, onTheProcessor: us / count, exponent, growth, times };
}

/** The same noises with another verifier: everything but its scores comes from the cache. */
async function rescoring({ openModel, Session, randomSearch }, folder) {
  const session = new Session(await openModel(folder, { batch: BATCH }));
  const search = (verifier) =>
    session.search(randomSearch({ candidates: 1000, perRound: 200 }), {
      condition: "octopus",
      seed: 3,
      verifier,
      budget: { nfe: 1e6 },
    });
  const first = await timed(() => search("alignment").run());
  const second = await timed(() => search("concept").run());
  await session.dispose();
  return first / second;
}

const bound = (object) => ({
  velocity: object.velocity.bind(object),
  dispose: object.dispose.bind(object),
  ...(object.posterior ? { posterior: object.posterior.bind(object) } : {}),
});
