import type { ProblemRecord } from "../record.js";
import type { ResamplingScheme } from "../resampling/schemes.js";
import type { PathPoint } from "../schedules/pathPoint.js";
import type { Handle, Noise, Op } from "./op.js";

/** A step of an algorithm: delegate to it with `yield*`. */
export type Step<T> = Generator<Op, T, readonly Handle[]>;

/** Candidates as an operation gives them. */
export type Handles = readonly Handle[];

/**
 * The vocabulary of algorithms. Each member returns a generator for `yield*`; the run behind it does what is asked, bills it and answers
 * with handles. A candidate that failed, or that the budget no longer paid for, is missing from the answer: an answer may be shorter than
 * what was asked, and empty. When not even one candidate is affordable the run ends, and the generator is closed where it stands.
 * Handles are snapshots: go on with those of the latest answer.
 */
export interface Ops {
  readonly problem: ProblemRecord;
  /** Noise levels of one full trajectory, descending from 1 to 0. */
  readonly levels: readonly number[];
  /** Where a level lies on the model's noise path: x = signal x0 + noise z. Flow matching: 1 - s and s. */
  readonly point: (level: number) => PathPoint;
  /** For methods that need a stochastic kernel: the problem's eta, or 1 where the problem asks for the ODE. */
  readonly eta: number;

  /** One standard-normal noise, as a pivot: it is no candidate of the round and costs nothing. */
  noise(): Step<Handle>;
  /** `count` new candidates at level 1. The k-th noise of a run depends on its seed and k alone: algorithms share their first noises. */
  noise(request: { readonly count: number }): Step<Handles>;
  /**
   * `count` new candidates at level 1 near a noise: with its norm and the cosine `similarity` to it, or at a distance drawn
   * from U(0, radius sqrt(d)) in a random direction.
   */
  around(
    pivot: Noise | Handle,
    request: { readonly count: number } & ({ readonly similarity: number } | { readonly radius: number }),
  ): Step<Handles>;
  /** New candidates keep x + add z at the level where each stands, `copies` (1) of each: sqrt(1 - b^2), b preserves a standard normal. */
  perturb(
    candidates: Handles,
    request: { readonly keep: number; readonly add: number; readonly copies?: number },
  ): Step<Handles>;
  /** New candidates at the higher level `to`, `copies` (1) of each, by the exact forward kernel: x' = r x + sqrt(s'^2 - r^2 s^2) z, r = a' / a. */
  renoise(candidates: Handles, request: { readonly to: number; readonly copies?: number }): Step<Handles>;

  /**
   * Takes candidates down to level `to` (0), through the levels of the schedule or in `steps` equal steps. `eta` (the problem's): 0 is the
   * problem's solver, above it each step draws x' from the posterior bridge with eta^2 of its variance (by the solver itself, if it takes an
   * eta); on a model with an exact kernel, eta 1 is exact.
   * By default the same candidates advance. `children` makes that many new candidates of each instead, in the order of their parents, and
   * the parents stay; siblings share the evaluation at their parent. `noises`: one child of each for every noise given, which is the z of
   * a single stochastic step. `score`: the same as to `score` those that arrive, but a verifier that does not run in the model's thread (a
   * function, an address) looks at the first of them while the others are still sampled.
   */
  denoise(
    candidates: Handles,
    request?: {
      readonly to?: number | undefined;
      readonly eta?: number | undefined;
      readonly children?: number | undefined;
      readonly steps?: number | undefined;
      readonly noises?: Handles | undefined;
      readonly score?: boolean | undefined;
    },
  ): Step<Handles>;
  /**
   * Predicts the clean sample from where each candidate stands, without moving it: the x0-prediction of the network, or `lookahead` Euler steps. The evaluation
   * is kept: 1 NFE here is 1 NFE less for the `denoise` that follows, and 0 where it is known. Free at level 0.
   */
  preview(candidates: Handles, request?: { readonly lookahead?: number | undefined }): Step<Handles>;
  /** Latents to pixels; `score` does it by itself where a verifier looks at pixels. */
  decode(candidates: Handles): Step<Handles>;
  /**
   * Every verifier of the problem scores it, the searched one comes back in `score`: clean candidates, and previews of those at a level
   * above 0. One that has its score at this level is not scored again; scores of earlier levels stay in the record.
   */
  score(candidates: Handles): Step<Handles>;

  /** The best by the searched verifier, best first; of equals the earlier in the list. The others are dropped. */
  keep(candidates: Handles, request: { readonly best: number }): Step<Handles>;
  /** Those whose score is at least this much, in their order. The others are dropped. */
  threshold(candidates: Handles, request: { readonly atLeast: number }): Step<Handles>;
  /** Marks them as out of the search. */
  drop(candidates: Handles): Step<void>;
  /** Sets log weights, one for each. Minus infinity is a weight of zero. The round records effective sample size, ancestors and log Z. */
  weigh(candidates: Handles, logWeights: readonly number[]): Step<Handles>;
  /**
   * Draws `count` (as many as there are) in proportion to their weights, by the scheme given ("systematic"). A candidate goes on as itself
   * once; each further time it is chosen a copy is made. The others are dropped. All then have the same log weight, the log of the mean
   * weight: so log mean exp of the final log weights estimates log Z. `logWeights`: instead of those of the handles.
   */
  resample(
    candidates: Handles,
    request?: {
      readonly count?: number;
      readonly scheme?: ResamplingScheme;
      readonly logWeights?: readonly number[];
    },
  ): Step<Handles>;
  /** Winners by score of `count` tournaments over `size` candidates each, drawn without replacement; they may repeat, and none is dropped. */
  tournament(candidates: Handles, request: { readonly count: number; readonly size: number }): Step<Handles>;

  /** A number in [0, 1), by the run's seed and how many were drawn before. */
  random(): Step<number>;
  random(request: { readonly count: number }): Step<readonly number[]>;
  /** What one Step does ends here. */
  endRound(): Step<void>;
  /** The same as to return, with the reason that the record gives. */
  finish(reason?: string): Step<void>;
}
