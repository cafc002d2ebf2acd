// The cell that `npm run quality` runs in a kernel: a method on one prompt and seed, at so many times the compute of one sample.
import {
  ensemble,
  feynmanKac,
  imageFrom,
  openSession,
  randomSearch,
  searchOverPaths,
  successiveHalving,
  zeroOrderSearch,
} from "dnb";

const judges = ["judge-concept", "judge-alignment", "judge-foreign"];
const session = await openSession("emoji");
const { labels, defaults, image } = session.model;
const { steps } = defaults;

/** What each method does with its budget; nothing where that is too small for it. */
const methods = {
  "more steps": (times) => ({ algorithm: randomSearch({ candidates: 1 }), steps: times * steps }),
  "random search": () => ({ algorithm: randomSearch({ perRound: 16 }) }),
  "random search, two verifiers": () => ({
    algorithm: randomSearch({ perRound: 16 }),
    verifier: ensemble(["alignment", "concept"]),
  }),
  "one sample, guidance 2.5": () => ({ algorithm: randomSearch({ candidates: 1 }), guidance: 2.5 }),
  "random search, guidance 2.5": () => ({ algorithm: randomSearch({ perRound: 16 }), guidance: 2.5 }),
  "two verifiers, guidance 2.5": () => ({
    algorithm: randomSearch({ perRound: 16 }),
    verifier: ensemble(["alignment", "concept"]),
    guidance: 2.5,
  }),
  "zero-order search": () => ({ algorithm: zeroOrderSearch({ neighbours: 4, similarity: 0.8 }) }),
  "search over paths": (times) => largest(paths, times),
  "successive halving": (times) => largest(halving, times),
  "Feynman-Kac": (times) => ({ algorithm: feynmanKac({ particles: times, temperature: 0.1 }) }),
};
const paths = (size) => searchOverPaths({ paths: Math.ceil(size / 2), width: Math.ceil(size / 2) });
const halving = (size) => successiveHalving({ candidates: size });

/** The largest size of a method whose own quote fits into the budget. */
function largest(make, times) {
  const open = { condition: labels[0], verifier: "alignment", budget: { nfe: 1e6 } };
  const sizes = [96, 64, 48, 32, 24, 16, 12, 8, 6, 5, 4, 3, 2];
  const size = sizes.find((n) => session.quote(make(n), open).nfe <= times * steps);
  return size && { algorithm: make(size) };
}

/** Prints JSON: the winner's scores, whether `judge-concept` names the right thing first, the cost, and the pixels. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- later cells call it
async function measure(method, times, condition, seed) {
  const plan = methods[method](times);
  if (!plan) return console.log("null");
  const { algorithm, guidance = 1, ...changes } = plan;
  // With guidance an evaluation of the denoiser is two forwards.
  const budget = { nfe: (times * steps) / (guidance === 1 ? 1 : 2) };
  const problem = { condition, seed, guidance, verifier: "alignment", heldOut: judges, budget };
  const run = await session.search(algorithm, { ...problem, ...changes }).run();
  const winner = await run.best.image();
  const [logits] = (await session.features([winner], "judge-concept")).vectors;
  const guess = logits.reduce((best, value, k) => (value > logits[best] ? k : best), 0);
  const top1 = Number(labels[guess] === condition.label);
  const pixels = Buffer.from(winner.data).toString("base64");
  // A member of an ensemble has no score of its own in the run.
  const [alignment] = (await session.score([winner], ["alignment"], condition)).alignment;
  console.log(
    JSON.stringify({
      ...{ scores: { ...run.best.scores, alignment, top1 }, pixels },
      ...{ nfe: run.ledger.cold.nfe, forwards: run.ledger.cold.forwards },
    }),
  );
}

/** Writes what `judge-foreign` sees in a file of RGB pictures, float32 [N, D]; prints D. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- later cells call it
async function writeFeatures(from, to) {
  const { readFileSync, writeFileSync } = await import("node:fs");
  const [, height, width] = image;
  const size = 3 * height * width;
  const bytes = new Uint8Array(readFileSync(from));
  const pictures = Array.from({ length: bytes.length / size }, (_, k) =>
    imageFrom(bytes.slice(size * k, size * (k + 1)), width, height),
  );
  const { vectors } = await session.features(pictures, "judge-foreign");
  writeFileSync(to, Buffer.concat(vectors.map((one) => Buffer.from(Float32Array.from(one).buffer))));
  console.log(vectors[0].length);
}
