import { InputError } from "../inputError.js";
import { oneOf, plainObject, positiveNumber, realNumber, shown, wholeNumber } from "../check.js";
import type { Handle } from "../engine/op.js";
import { resamplingSchemes, type ResamplingScheme } from "../resampling/schemes.js";
import { effectiveSampleSize } from "../resampling/weights.js";
import { defineAlgorithm } from "./defineAlgorithm.js";
import { nearestLevels } from "./nearestLevels.js";

export interface FeynmanKacOptions {
  /** K. Default 4. */
  readonly particles: number;
  /** T = 1 / lambda: the target is p(x0) exp(r(x0) / T). Default 0.1, the paper's lambda of 10. */
  readonly temperature: number;
  /** G_t of the rewards r_t of the x0-predictions, see below. Default "difference". */
  readonly potential: (typeof POTENTIALS)[number];
  /** Noise levels, each taken to the nearest of the schedule; or "adaptive": where ESS < K / 2. Default "adaptive". */
  readonly resampleAt: readonly number[] | "adaptive";
  /** Default "systematic". */
  readonly resampling: ResamplingScheme;
}

const POTENTIALS = ["difference", "max", "sum"] as const;

/** What a lineage has seen so far. */
interface Past {
  readonly reward: number;
  readonly max: number;
  readonly sum: number;
  /** log of the product of its potentials. */
  readonly product: number;
}

const NOTHING: Past = { reward: 0, max: -Infinity, sum: 0, product: 0 };

/**
 * Feynman-Kac steering (Singhal et al. 2025, arXiv 2501.06848, algorithm 1): K particles follow the stochastic kernel and are resampled by
 * potentials G_t of the rewards r_t = r(x0-prediction), with lambda = 1 / T:
 *   difference  log G_t = lambda (r_t - r_t+1), where r is 0 before the first
 *   max         log G_t = lambda max_{s >= t} r_s
 *   sum         log G_t = lambda sum_{s >= t} r_s
 * and at the end log G_0 = lambda r(x0) - sum log G_t, so that the potentials of a lineage multiply to exp(lambda r(x0)) and the target is
 * exact for each of the three. Where no resampling takes place the weights are carried on: the published code drops them there, and puts the
 * running maximum in the place of r(x0) in G_0; both miss the target. The particles of the end are resampled, so that they count alike;
 * log mean exp of their log weights estimates log Z, without bias for Z.
 * "sum" weighs a reward at every level again and takes all but one back at the end: with n weighed levels it steers as if T were up to
 * 2 / (n (n + 1)) of what it is, and where that is low the last weights are a few particles'. Exact it is all the same (in 8 dimensions at
 * T = 10 with 7 levels the mean is 5.6 of 1.3, with ESS 17 of 400; with one level, or at T = 100, it is right). Give it few levels.
 * A target far outside of what K particles can reach in S steps (8 steps, T = 0.1, two dimensions or more) is missed by every potential;
 * an ESS of a few particles in the rounds says so, and more steps help more than more particles.
 * Cost: K S NFE for S steps, K calls of each verifier at every level that is weighed and at 0; the prediction shares the step's evaluation.
 */
export const feynmanKac = defineAlgorithm<FeynmanKacOptions>(
  "feynman-kac",
  function* (ops, { particles, temperature, potential, resampleAt, resampling }) {
    const weighed = weighedLevels(ops.levels, resampleAt);
    let population = yield* ops.noise({ count: particles });
    let pasts = new Map<string, Past>();
    for (const to of [...weighed, 0]) {
      population = yield* ops.denoise(population, { to, eta: ops.eta });
      population = yield* ops.score(yield* ops.preview(population));
      if (population.length === 0) return;
      const seen = population.map((particle) => look(particle, pasts, 1 / temperature, potential, to === 0));
      pasts = new Map(population.map(({ id }, i) => [id, seen[i]!.past]));
      const logWeights = population.map(({ logWeight = 0 }, i) => logWeight + seen[i]!.logG);
      population = yield* ops.weigh(population, logWeights);
      const isDue = to === 0 || resampleAt !== "adaptive" || 2 * effectiveSampleSize(logWeights) < particles;
      if (isDue) population = yield* ops.resample(population, { count: particles, scheme: resampling });
      yield* ops.endRound();
    }
  },
  {
    parse(given) {
      const options = plainObject(given, "feynmanKac", [
        ...["particles", "temperature", "potential", "resampleAt", "resampling"],
      ]);
      return {
        particles: wholeNumber(options["particles"] ?? 4, "feynmanKac: particles", 1),
        temperature: positiveNumber(options["temperature"] ?? 0.1, "feynmanKac: temperature"),
        potential: oneOf(options["potential"] ?? "difference", "feynmanKac: potential", POTENTIALS),
        resampleAt: parseResampleAt(options["resampleAt"] ?? "adaptive"),
        resampling: oneOf(options["resampling"] ?? "systematic", "feynmanKac: resampling", resamplingSchemes),
      };
    },
    ends: () => true,
    quote: ({ particles, resampleAt }, { levels, steps }) => {
      const weighings = weighedLevels(levels, resampleAt).length + 1;
      return { nfe: particles * steps, scored: particles * weighings, rounds: weighings };
    },
  },
);

/** The potential of a particle that has just been scored, and what its lineage has seen since. */
function look(
  { id, parent, score = 0 }: Handle,
  pasts: ReadonlyMap<string, Past>,
  lambda: number,
  potential: FeynmanKacOptions["potential"],
  isLast: boolean,
): { readonly logG: number; readonly past: Past } {
  // A copy has the past of the particle that it was made of.
  const past = pasts.get(id) ?? pasts.get(parent ?? "") ?? NOTHING;
  const max = Math.max(past.max, score);
  const sum = past.sum + score;
  const steered = { difference: lambda * (score - past.reward), max: lambda * max, sum: lambda * sum };
  const logG = isLast ? lambda * score - past.product : steered[potential];
  return { logG, past: { reward: score, max, sum, product: past.product + logG } };
}

/** Levels above 0 at which the particles are weighed, from noise to clean; at pure noise the prediction says nothing. */
function weighedLevels(levels: readonly number[], resampleAt: FeynmanKacOptions["resampleAt"]): number[] {
  return resampleAt === "adaptive" ? levels.slice(1, -1) : nearestLevels(levels, resampleAt);
}

function parseResampleAt(value: unknown): FeynmanKacOptions["resampleAt"] {
  if (value === "adaptive") return value;
  if (Array.isArray(value)) {
    return value.map((level, i) => realNumber(level, `feynmanKac: resampleAt[${i}]`, 0, 1));
  }
  throw new InputError(
    `feynmanKac: resampleAt is ${shown(value)}, but must be "adaptive" or an array of noise levels, e.g. [0.8, 0.6, 0.4].`,
  );
}
