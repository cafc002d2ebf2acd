import { plainObject, realNumber, wholeNumber } from "../check.js";
import type { Handle } from "../engine/op.js";
import type { Handles, Ops, Step } from "../engine/ops.js";
import { defineAlgorithm } from "./defineAlgorithm.js";

export interface EpsilonGreedyOptions {
  /** epsilon: how probable a candidate is a fresh noise, 0..1. 0 is zero-order search at each step. Default 0.4. */
  readonly epsilon: number;
  /** K: rounds of candidates at each step. Default 20. */
  readonly iterations: number;
  /** N: candidates in each. Default 4. */
  readonly neighbours: number;
  /** lambda: a neighbour is at a distance from U(0, lambda sqrt(d)) from the pivot. Default 0.15. */
  readonly radius: number;
}

/**
 * Epsilon-greedy search of the noise trajectory (Ramesh and Mardani 2025, arXiv 2506.03164, algorithm 1): at each step of the stochastic process the
 * noise of that step is searched. Around a pivot, fresh at each step, K times N candidates: with probability 1 - epsilon
 * z + U(0, lambda sqrt(d)) times a random unit direction, with epsilon a fresh noise. Each is stepped with, and scored by the x0-prediction of
 * where it leads; the best becomes the pivot, even if it is worse than the one before. The last pivot's step is taken.
 * The published code scores the noisy state in the place of its x0-prediction, and scales by Python's hash of a string, which changes from
 * process to process; here it is the prediction, and a keyed draw. Its cost is S (K N + 1) evaluations of first order.
 * Cost: 1 + (S - 1) K N NFE. All candidates of a step share the evaluation at the state they leave, which the prediction made before
 * it was chosen; and the last step, to level 0, has no noise to search. (S - 1) K N + 1 calls of each verifier.
 */
export const epsilonGreedy = defineAlgorithm<EpsilonGreedyOptions>(
  "epsilon-greedy",
  function* (ops, { epsilon, iterations, neighbours, radius }) {
    let state = yield* ops.noise({ count: 1 });
    for (const to of ops.levels.slice(1, -1)) {
      let pivot = yield* ops.noise();
      let best: Handles = [];
      for (let k = 0; k < iterations; k++) {
        const noises = yield* candidates(ops, pivot, neighbours, { epsilon, radius });
        const stepped = yield* ops.denoise(state, { to, eta: ops.eta, noises });
        const scored = yield* ops.score(yield* ops.preview(stepped));
        if (scored.length === 0) continue;
        yield* ops.drop(best);
        best = yield* ops.keep(scored, { best: 1 });
        // Which noise led there is known by its place, unless a step failed.
        const place = stepped.findIndex(({ id }) => id === best[0]!.id);
        if (stepped.length === noises.length) pivot = noises[place]!;
      }
      yield* ops.endRound();
      if (best.length === 0) return;
      state = best;
    }
    yield* ops.score(yield* ops.denoise(state, { eta: ops.eta }));
  },
  {
    parse(given) {
      const { epsilon, iterations, neighbours, radius } = plainObject(given, "epsilonGreedy", [
        ...["epsilon", "iterations", "neighbours", "radius"],
      ]);
      return {
        epsilon: realNumber(epsilon ?? 0.4, "epsilonGreedy: epsilon", 0, 1),
        iterations: wholeNumber(iterations ?? 20, "epsilonGreedy: iterations", 1),
        neighbours: wholeNumber(neighbours ?? 4, "epsilonGreedy: neighbours", 1),
        radius: realNumber(radius ?? 0.15, "epsilonGreedy: radius", 0),
      };
    },
    ends: () => true,
    quote({ iterations, neighbours }, { steps }) {
      const searched = (steps - 1) * iterations * neighbours;
      return { nfe: 1 + searched, scored: searched + 1, rounds: steps };
    },
  },
);

/** Noises for one step: near the pivot, or fresh with probability epsilon. */
function* candidates(
  ops: Ops,
  pivot: Handle,
  count: number,
  { epsilon, radius }: Pick<EpsilonGreedyOptions, "epsilon" | "radius">,
): Step<Handles> {
  const draws = yield* ops.random({ count });
  const fresh = draws.filter((u) => u < epsilon).length;
  const near = fresh < count ? yield* ops.around(pivot, { count: count - fresh, radius }) : [];
  return fresh > 0 ? [...near, ...(yield* ops.noise({ count: fresh }))] : near;
}
