import { flag, plainObject, positiveNumber, wholeNumber } from "../check.js";
import { logMeanExp, normalised } from "../resampling/weights.js";
import { forwardKernel } from "../schedules/bridge.js";
import { flowPoint, type PathPoint } from "../schedules/pathPoint.js";
import { apportion } from "./apportion.js";
import { defineAlgorithm } from "./defineAlgorithm.js";
import { nearestLevels } from "./nearestLevels.js";

export interface BreadthFirstOptions {
  /** K. Default 8. */
  readonly particles: number;
  /** T: particles are weighed by exp(r / T), with 1 / T growing along the way, see below; its mean is the one given. Default 0.1. */
  readonly temperature: number;
  /** Particles without offspring go, and the others go on alone, instead of having copies in proportion. Default false. */
  readonly prune: boolean;
}

/** Where particles are weighed: after each quarter of the way. */
const QUARTERS = [0.75, 0.5, 0.25];

/**
 * Breadth-first search among K particles (Zhang et al. 2025, arXiv 2505.23614, "classical search", the global BFS): they follow the stochastic
 * kernel, and after each quarter of the way particle k gets n_k = round(K softmax_k(r_t / T_t)) offspring by the reward r_t of its
 * x0-prediction; with `prune` those of n_k = 0 go and the others stay as they are. The best clean sample is the result.
 * 1 / T_t = w_t / T grows as the ratio w_t ~ (a_t / a_t-1)^2 of the signal over the step that comes, in the mean over all steps 1.
 * The published code rounds each n_k by itself, so that their sum is not K, and cuts off what is too much at the end of the list, or
 * goes on with fewer; here n_k are rounded to sum to K (largest rests). The weights of earlier levels are not divided out: it searches, and does
 * not aim at p(x0) exp(r / T), which `feynmanKac` does.
 * Cost: K S NFE and K calls of each verifier at each of the levels and at 0; the prediction shares the step's evaluation. Pruning: at most.
 */
export const breadthFirstSearch = defineAlgorithm<BreadthFirstOptions>(
  "breadth-first",
  function* (ops, { particles, temperature, prune }) {
    let population = yield* ops.noise({ count: particles });
    for (const to of nearestLevels(ops.levels, QUARTERS)) {
      population = yield* ops.denoise(population, { to, eta: ops.eta });
      population = yield* ops.score(yield* ops.preview(population));
      if (population.length === 0) return;
      const lambda = sharpness(ops.levels, to, ops.point) / temperature;
      population = yield* ops.weigh(
        population,
        population.map(({ score = 0 }) => lambda * score),
      );
      const logWeights = population.map(({ logWeight = 0 }) => logWeight);
      const rounded = apportion(normalised(logWeights), prune ? population.length : particles);
      const offspring = prune ? rounded.map((n) => Math.min(n, 1)) : rounded;
      const count = offspring.reduce((sum, n) => sum + n, 0);
      // Whole shares of the weight leave residual resampling nothing to chance.
      const shares = offspring.map((n) => Math.log((n * population.length) / count) + logMeanExp(logWeights));
      population = yield* ops.resample(population, { count, scheme: "residual", logWeights: shares });
      yield* ops.endRound();
    }
    const clean = yield* ops.denoise(population, { eta: ops.eta, score: true });
    yield* ops.keep(clean, { best: 1 });
  },
  {
    parse(given) {
      const { particles, temperature, prune } = plainObject(given, "breadthFirstSearch", [
        ...["particles", "temperature", "prune"],
      ]);
      return {
        particles: wholeNumber(particles ?? 8, "breadthFirstSearch: particles", 1),
        temperature: positiveNumber(temperature ?? 0.1, "breadthFirstSearch: temperature"),
        prune: flag(prune ?? false, "breadthFirstSearch: prune"),
      };
    },
    ends: () => true,
    quote({ particles, prune }, { levels, steps }) {
      const rounds = nearestLevels(levels, QUARTERS).length + 1;
      return { nfe: particles * steps, scored: particles * rounds, rounds, exact: !prune || particles === 1 };
    },
  },
);

/** w_t: the squared ratio of the signal before and after the step down from `level`, over its mean. Grows from 0 at noise to above 1. */
export function sharpness(
  levels: readonly number[],
  level: number,
  point: (level: number) => PathPoint = flowPoint,
): number {
  const ratios = levels
    .slice(0, -1)
    .map((from, i) => forwardKernel(point(levels[i + 1]!), point(from)).keep ** 2);
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return ratios[levels.indexOf(level)]! / mean;
}
