import type { ComputeAxis } from "../axis.js";
import { isBetter, type RunModel } from "../state/model.js";
import { formatScore } from "../state/words.js";
import type { TraceLine } from "./series.js";

/** Where the middle four fifths of a round's searched scores lie. */
export interface Band {
  readonly x0: number;
  readonly x1: number;
  readonly low: number;
  readonly high: number;
}

/** Where a held-out score began to stay below its start. */
export interface Flag {
  readonly x: number;
  readonly y: number;
}

/** Rounds of fewer scores have no spread worth a band. */
const LEAST = 5;

/** The spread of each round. */
export function bandsOf(model: RunModel, axis: ComputeAxis): Band[] {
  return model.groups.flatMap(({ index, candidates }) => {
    const scores = candidates
      .flatMap(({ scores }) => scores[model.searched.name] ?? [])
      .sort((a, b) => a - b);
    const span = axis.spans.get(index);
    if (!span || scores.length < LEAST) return [];
    const at = (share: number): number => scores[Math.round(share * (scores.length - 1))]!;
    return [{ x0: span[0], x1: span[1], low: at(0.1), high: at(0.9) }];
  });
}

/** The first place from which on the held-out score stays worse than its start, if it ends so and the searched one has risen. */
export function flagOf(xs: readonly number[], line: TraceLine, searched: TraceLine): Flag[] {
  const start = line.values.find((value) => value !== null);
  const isScore = (value: number | null): boolean => value !== null;
  const [first, last] = [searched.values.find(isScore), searched.values.findLast(isScore)];
  if (typeof start !== "number" || typeof first !== "number" || typeof last !== "number") return [];
  if (!isBetter(searched.verifier, last, first)) return [];
  const isWorse = (value: number | null): boolean => value !== null && isBetter(line.verifier, start, value);
  // Beyond its own end, where a longer run lies over it, it has no values.
  const values = line.values.slice(0, line.values.findLastIndex((value) => value !== null) + 1);
  const from = values.findLastIndex((value) => !isWorse(value)) + 1;
  const [y, end] = [values[from], values.at(-1)];
  // What the reader sees as the same number is no fall.
  const isSeen = typeof end === "number" && formatScore(end) !== formatScore(start);
  return isSeen && typeof y === "number" ? [{ x: xs[from]!, y }] : [];
}
