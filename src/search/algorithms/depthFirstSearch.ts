import { InputError } from "../inputError.js";
import { plainObject, shown, wholeNumber } from "../check.js";
import type { Handle } from "../engine/op.js";
import type { Handles } from "../engine/ops.js";
import { defineAlgorithm } from "./defineAlgorithm.js";
import { nearestLevels } from "./nearestLevels.js";

export interface DepthFirstOptions {
  /** delta: what scores less is rejected; higher is better, so for a verifier of which lower is better its negative. Default 0.5. */
  readonly threshold: number;
  /** Delta_T: how many steps a jump goes back. Default a quarter of the steps, at least 1. */
  readonly backtrack?: number;
  /** B: how many jumps there are in all. Default 8. */
  readonly jumps: number;
}

/** Where the x0-prediction is judged: after each quarter of the way. */
const QUARTERS = [0.75, 0.5, 0.25];

/**
 * Depth-first search with backtracking (Zhang et al. 2025, arXiv 2505.23614, "classical search", the global DFS): one sample follows the
 * stochastic kernel. After each quarter of the way its x0-prediction is scored and the state put into a buffer of that level. Below the
 * threshold delta it is rejected: while one of the B jumps is left the search jumps Delta_T steps back, by the exact forward kernel, and tries
 * anew; a jump to the start is a fresh noise. When none is left it goes on with the best state in the buffer of the level. Hard
 * problems so get more compute than easy ones.
 * A candidate that failed counts as rejected; there is no state to go back from, so the search begins anew.
 * Cost: S + sum over the jumps (d + 1) NFE, where d = Delta_T or what there is above, and the 1 is the prediction of the rejected state, which
 * no step follows: S + B (Delta_T + 1) where all are rejected at the same level. A call of each verifier for every judgement and at the end.
 */
export const depthFirstSearch = defineAlgorithm<DepthFirstOptions>(
  "depth-first",
  function* (ops, { threshold, backtrack, jumps }) {
    const { levels } = ops;
    const depth = depthOf(levels, backtrack);
    const judged = nearestLevels(levels, QUARTERS);
    const buffers = new Map<number, Handle[]>(judged.map((level) => [level, []]));
    let state: Handles = yield* ops.noise({ count: 1 });
    // A state in a buffer stays where it is: what goes on from it is a child.
    let goOn = (to: number) => ops.denoise(state, { to, eta: ops.eta });
    const branch = (to: number) => ops.denoise(state, { to, eta: ops.eta, children: 1 });
    for (let left = jumps, next = 0; next < judged.length;) {
      const level = judged[next]!;
      const buffer = buffers.get(level)!;
      if (state[0]?.level !== level) state = yield* goOn(level);
      state = yield* ops.score(yield* ops.preview(state));
      buffer.push(...state);
      const [judge] = state;
      goOn = branch;
      if (judge && judge.score! >= threshold) {
        next++;
      } else if (left-- > 0) {
        const back = levels[Math.max(0, levels.indexOf(level) - depth)]!;
        state = judge ? yield* ops.renoise(state, { to: back }) : yield* ops.noise({ count: 1 });
        goOn = (to) => ops.denoise(state, { to, eta: ops.eta });
        next = landing(judged, state[0]!.level);
      } else {
        if (buffer.length === 0) return;
        state = yield* ops.keep(buffer, { best: 1 });
        next++;
      }
      yield* ops.endRound();
    }
    yield* ops.score(yield* goOn(0));
  },
  {
    parse(given) {
      const options = plainObject(given, "depthFirstSearch", ["threshold", "backtrack", "jumps"]);
      const { backtrack } = options;
      return {
        threshold: parseThreshold(options["threshold"] ?? 0.5),
        ...(backtrack === undefined
          ? {}
          : { backtrack: wholeNumber(backtrack, "depthFirstSearch: backtrack", 1) }),
        jumps: wholeNumber(options["jumps"] ?? 8, "depthFirstSearch: jumps", 0),
      };
    },
    ends: () => true,
    quote({ threshold, backtrack, jumps }, { levels, steps }) {
      const judged = nearestLevels(levels, QUARTERS);
      const depth = depthOf(levels, backtrack);
      // Of a jump from each level: steps back, and levels that are judged once more.
      const costs = judged.map((level, place) => {
        const at = levels.indexOf(level);
        const up = Math.min(depth, at);
        return { nfe: up + 1, scored: place - landing(judged, levels[at - up]!) + 1 };
      });
      const isCertain = Math.abs(threshold) === Number.MAX_VALUE;
      const made = threshold === -Number.MAX_VALUE || judged.length === 0 ? 0 : jumps;
      // Where everything is rejected, all of it is at the first level.
      const possible = isCertain ? costs.slice(0, 1) : costs;
      const most = (of: "nfe" | "scored"): number => Math.max(0, ...possible.map((cost) => cost[of]));
      const scored = judged.length + made * most("scored") + 1;
      return {
        nfe: steps + made * most("nfe"),
        scored,
        rounds: scored,
        exact: isCertain || made === 0,
      };
    },
  },
);

/** The first level to be judged from `level` on down. */
function landing(judged: readonly number[], level: number): number {
  return judged.findIndex((other) => other <= level);
}

function depthOf(levels: readonly number[], backtrack: number | undefined): number {
  return backtrack ?? Math.max(1, Math.round((levels.length - 1) / 4));
}

/** Any number; an infinity as the number next to it, because a record is JSON. */
function parseThreshold(value: unknown): number {
  if (typeof value === "number" && !Number.isNaN(value)) {
    return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));
  }
  throw new InputError(`depthFirstSearch: threshold is ${shown(value)}, but must be a number.`);
}
