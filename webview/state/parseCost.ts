import type { Cost } from "../../src/search/record.js";
import { count, isDictionary } from "./fields.js";
import { noOddities, type Oddities } from "./oddities.js";

export function parseCost(value: unknown): Cost {
  const cost = isDictionary(value) ? value : {};
  const cold = isDictionary(cost["cold"]) ? cost["cold"] : cost;
  return {
    nfe: count(cost["nfe"]),
    forwards: count(cost["forwards"]),
    decodes: count(cost["decodes"]),
    verifierCalls: parseScores(cost["verifierCalls"], noOddities()),
    cold: { nfe: count(cold["nfe"]), forwards: count(cold["forwards"]), decodes: count(cold["decodes"]) },
  };
}

export function parseScores(value: unknown, odd: Oddities): Record<string, number> {
  // Without a prototype: a verifier may be called "constructor", and nobody has such a score.
  const scores = Object.create(null) as Record<string, number>;
  if (!isDictionary(value)) return scores;
  for (const name of Object.keys(value)) {
    const score = value[name];
    if (typeof score !== "number" || !Number.isFinite(score)) odd.scores++;
    else scores[name] = score;
  }
  return scores;
}
