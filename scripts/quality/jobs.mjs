// What `npm run quality` measures: every method on every prompt at 1, 4, … times the compute of one sample.
import { readFileSync } from "node:fs";

export const prompts = JSON.parse(readFileSync("scripts/quality/prompts.json", "utf8"));

const METHODS = [
  "more steps",
  "random search",
  "random search, two verifiers",
  "zero-order search",
  "search over paths",
  "successive halving",
  "Feynman-Kac",
];
const TIMES = [4, 8, 16, 32];
/** With classifier-free guidance, which costs two forwards for each step: at 2 times the compute, and at 32. */
const GUIDED = [
  ["one sample, guidance 2.5", 2],
  ["random search, guidance 2.5", 32],
  ["two verifiers, guidance 2.5", 32],
];

export const keyOf = ({ method, times, seed, prompt }) => `${method} ${times} ${seed} ${prompt}`;

const cases = (method, times, seed) => prompts.map((_, prompt) => ({ method, times, seed, prompt }));

/** In an order in which an early end leaves whole budgets: two seeds each; of random search five at 32, by one verifier and by two, enough for a Fréchet distance. */
export const jobs = [
  ...[1, 2, 3, 4, 5].flatMap((seed) => cases("random search", 1, seed)),
  ...[1, 2].flatMap((seed) =>
    TIMES.flatMap((times) => METHODS.flatMap((method) => cases(method, times, seed))),
  ),
  ...[3, 4, 5].flatMap((seed) => cases("random search", 32, seed)),
  ...[1, 2].flatMap((seed) => METHODS.flatMap((method) => cases(method, 64, seed))),
  ...[3, 4, 5].flatMap((seed) => cases("random search, two verifiers", 32, seed)),
  ...[1, 2].flatMap((seed) => GUIDED.flatMap(([method, times]) => cases(method, times, seed))),
];
