import { mean, present, type Values } from "./values.js";

/** How often, rather than how much. */
export interface Wins {
  /** Share of problems that gained; one that neither gained nor lost counts half. Undefined without a problem. */
  readonly rate: number | undefined;
  readonly better: number;
  readonly same: number;
  readonly worse: number;
  /** Pairs that failed. */
  readonly failures: number;
}

/** Counts problems by their mean gain over seeds. */
export function wins(gained: Values): Wins {
  const means = gained.map((group) => mean(present(group))).filter((value) => value !== undefined);
  const better = means.filter((value) => value > 0).length;
  const worse = means.filter((value) => value < 0).length;
  const same = means.length - better - worse;
  return {
    rate: means.length === 0 ? undefined : (better + same / 2) / means.length,
    better,
    same,
    worse,
    failures: gained.reduce((sum, group) => sum + group.length - present(group).length, 0),
  };
}
