import { InputError } from "../inputError.js";
import { plainObject, realNumber, wholeNumber } from "../check.js";
import { defineAlgorithm } from "./defineAlgorithm.js";

export interface SearchOverPathsOptions {
  /** N: lineages that are kept. Default 4. */
  readonly paths: number;
  /** M: renoisings of each. Default 4. */
  readonly width: number;
  /** sigma: the noise level at which the search starts. Default 0.6. */
  readonly start: number;
  /** Delta f: how far a renoising goes up. Default 0.2. */
  readonly forward: number;
  /** Delta b, above Delta f: how far the denoising after it goes down. Default 0.4. */
  readonly backward: number;
}

/**
 * Search over paths, Paths-N (Ma et al. 2025, arXiv 2501.09732, section 3 and table 6): N noises are taken down to level sigma by the ODE.
 * Each is then renoised M times by the exact forward kernel to sigma + Df, taken down to sigma + Df - Db, scored by its x0-prediction, and the
 * N best of the N M stay; so on until the level is 0, where the N that are left are a random search: the best is the result.
 * A backward stretch takes as many equal steps as the schedule has on average over its length, at least one (table 6 calls them L).
 * Cost: N E(1 -> sigma) + R N M (E(L) + p) NFE with R = ceil(sigma / (Db - Df)) rounds; p = 1 for the x0-prediction, 0 on the round that lands
 * on 0. R N M calls of each verifier. The renoising starts from another state than the prediction, so it shares no evaluation with it.
 */
export const searchOverPaths = defineAlgorithm<SearchOverPathsOptions>(
  "paths",
  function* (ops, { paths, width, start, forward, backward }) {
    const steps = ops.levels.length - 1;
    const noises = yield* ops.noise({ count: paths });
    let kept = yield* ops.denoise(noises, start === 1 ? { to: ops.levels[1] } : { to: start });
    const rounds = stretches(start === 1 ? ops.levels[1]! : start, forward, backward);
    for (const { up, down } of rounds) {
      const renoised = yield* ops.renoise(kept, { to: up, copies: width });
      const landed = yield* ops.denoise(renoised, { to: down, steps: stepsOf(up - down, steps) });
      const scored = yield* ops.score(yield* ops.preview(landed));
      kept = yield* ops.keep(scored, { best: paths });
      yield* ops.endRound();
    }
    // One step from pure noise lands on clean samples at once: nobody has scored them yet.
    if (rounds.length === 0) kept = yield* ops.score(kept);
    yield* ops.keep(kept, { best: 1 });
  },
  {
    parse(given) {
      const { paths, width, start, forward, backward } = plainObject(given, "searchOverPaths", [
        ...["paths", "width", "start", "forward", "backward"],
      ]);
      const options = {
        paths: wholeNumber(paths ?? 4, "searchOverPaths: paths", 1),
        width: wholeNumber(width ?? 4, "searchOverPaths: width", 1),
        start: level(start ?? 0.6, "start"),
        forward: level(forward ?? 0.2, "forward"),
        backward: level(backward ?? 0.4, "backward"),
      };
      if (options.backward <= options.forward) {
        throw new InputError(
          `searchOverPaths: backward is ${options.backward} and forward ${options.forward}, but backward must be the larger one, or no path would ever become clean.`,
        );
      }
      return options;
    },
    ends: () => true,
    quote({ paths, width, start, forward, backward }, { levels, steps, evaluations, equal }) {
      const first = start === 1 ? levels[1]! : start;
      const rounds = stretches(first, forward, backward);
      const each = rounds.map(
        ({ up, down }) => equal(up, down, stepsOf(up - down, steps)) + (down > 0 ? 1 : 0),
      );
      return {
        nfe: paths * evaluations(1, first) + paths * width * each.reduce((sum, nfe) => sum + nfe, 0),
        scored: rounds.length === 0 ? paths : rounds.length * paths * width,
        rounds: Math.max(1, rounds.length),
      };
    },
  },
);

interface Stretch {
  readonly up: number;
  readonly down: number;
}

/** The levels of each round: up by Df, at most to pure noise, then down to Db below that. */
function stretches(start: number, forward: number, backward: number): Stretch[] {
  const rounds = Math.ceil((start - 1e-9) / (backward - forward));
  return Array.from({ length: rounds }, (_, round) => {
    const from = start - round * (backward - forward);
    const down = start - (round + 1) * (backward - forward);
    return { up: Math.min(1, from + forward), down: round === rounds - 1 ? 0 : down };
  });
}

/** L: steps over a stretch of the levels, at the density of the schedule. */
function stepsOf(length: number, steps: number): number {
  return Math.max(1, Math.round(length * steps));
}

function level(value: unknown, name: string): number {
  const number = realNumber(value, `searchOverPaths: ${name}`, 0, 1);
  if (number > 0) return number;
  throw new InputError(`searchOverPaths: ${name} is 0, but must be above 0.`);
}
