import type { RoundRecord, RunStatus } from "../../src/search/record.js";

/** Milliseconds of computing when each round had ended, by index - 1. `rounds`: those whose ends the status tells. */
export function withTimes(
  times: readonly number[],
  rounds: readonly Pick<RoundRecord, "index">[],
  { ends }: RunStatus,
): readonly number[] {
  if (!ends || ends.length !== rounds.length || rounds.length === 0) return times;
  const next = [...times];
  rounds.forEach(({ index }, i) => (next[index - 1] = ends[i]!));
  return next;
}
