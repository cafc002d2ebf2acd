import { expect } from "vitest";
import type { Cost, SearchRecord } from "../../../src/search/index.js";
import type { Counted } from "./counted.js";

export function sumOf(costs: readonly Cost[]): Cost {
  const sum = {
    nfe: 0,
    forwards: 0,
    decodes: 0,
    verifierCalls: {} as Record<string, number>,
    cold: { nfe: 0, forwards: 0, decodes: 0 },
  };
  for (const cost of costs) {
    sum.nfe += cost.nfe;
    sum.forwards += cost.forwards;
    sum.decodes += cost.decodes;
    for (const [name, calls] of Object.entries(cost.verifierCalls)) {
      sum.verifierCalls[name] = (sum.verifierCalls[name] ?? 0) + calls;
    }
    sum.cold.nfe += cost.cold.nfe;
    sum.cold.forwards += cost.cold.forwards;
    sum.cold.decodes += cost.cold.decodes;
  }
  return sum;
}

/** The invariant: candidates = rounds = run = what the model itself counted. */
export function expectBalanced(record: SearchRecord, count?: Counted): void {
  expect(sumOf(record.candidates.map(({ cost }) => cost))).toEqual(record.spent);
  expect(sumOf(record.rounds.map(({ spent }) => spent))).toEqual(record.spent);
  if (count) expect(count.forwards).toBe(record.spent.forwards);
}
