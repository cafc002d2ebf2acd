import type { ComputeAxis } from "../axis.js";
import { isBetter, type RunModel } from "../state/model.js";
import type { Fall } from "../state/hacking.js";
import type { TraceLine } from "./series.js";

/** Where the middle four fifths of a round's searched scores lie. */
export interface Band {
  readonly x0: number;
  readonly x1: number;
  readonly low: number;
  readonly high: number;
}

/** Where a held-out score began to stay worse than it was among the first candidates. */
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

/** The first place from which on the line stays beyond what a fall has to pass; at its end where the best candidate is not the line's. */
export function flagOf(xs: readonly number[], line: TraceLine, falls: readonly Fall[]): Flag[] {
  const fall = falls.find(({ verifier }) => verifier.name === line.verifier.name);
  if (!fall) return [];
  // Beyond its own end, where a longer run lies over it, it has no values.
  const values = line.values.slice(0, line.values.findLastIndex((value) => value !== null) + 1);
  const isWorse = (value: number | null): boolean =>
    value !== null && isBetter(line.verifier, fall.limit, value);
  const from = values.findLastIndex((value) => !isWorse(value)) + 1;
  const place = Math.min(from, values.length - 1);
  const y = values[place];
  return typeof y === "number" ? [{ x: xs[place]!, y }] : [];
}
