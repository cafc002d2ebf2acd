import { InputError } from "../inputError.js";
import { oneOf, realNumber, shown, wholeNumber } from "../check.js";
import type { ProblemRecord } from "../record.js";
import { resamplingSchemes } from "../resampling/schemes.js";
import { flowPoint } from "../schedules/pathPoint.js";
import type { Handle, Noise, Op } from "./op.js";
import type { Handles, Ops, Step } from "./ops.js";

/** The operations as data, each checked where the algorithm asks for it. */
export function createOps(
  problem: ProblemRecord,
  levels: readonly number[],
  point: Ops["point"] = flowPoint,
): Ops {
  function noise(): Step<Handle>;
  function noise(request: { readonly count: number }): Step<Handles>;
  function* noise(request?: { readonly count: number }): Step<Handle | Handles> {
    if (!request) return (yield { kind: "noise", count: 1, role: "pivot" })[0]!;
    const count = wholeNumber(request.count, "noise: count", 1);
    return yield { kind: "noise", count, role: "candidate" };
  }
  function random(): Step<number>;
  function random(request: { readonly count: number }): Step<readonly number[]>;
  function* random(request?: { readonly count: number }): Step<number | readonly number[]> {
    const count = wholeNumber(request?.count ?? 1, "random: count", 0);
    // SAFETY: the run answers this operation, and no other, with numbers.
    const drawn = (yield { kind: "random", count }) as unknown as readonly number[];
    return request ? drawn : drawn[0]!;
  }
  return {
    problem,
    levels,
    point,
    eta: problem.eta > 0 ? problem.eta : 1,
    noise,
    random,
    *around(pivot, request) {
      return yield {
        kind: "around",
        pivot: noiseOf(pivot),
        count: wholeNumber(request.count, "around: count", 1),
        ...("radius" in request
          ? { radius: realNumber(request.radius, "around: radius", 0) }
          : { similarity: realNumber(request.similarity, "around: similarity", -1, 1) }),
      };
    },
    *perturb(candidates, { keep, add, copies = 1 }) {
      return yield {
        kind: "perturb",
        candidates: ids(candidates, "perturb"),
        copies: wholeNumber(copies, "perturb: copies", 1),
        keep: realNumber(keep, "perturb: keep", -Infinity),
        add: realNumber(add, "perturb: add", 0),
      };
    },
    *renoise(candidates, { to, copies = 1 }) {
      return yield {
        kind: "renoise",
        candidates: ids(candidates, "renoise"),
        to: realNumber(to, "renoise: to", 0, 1),
        copies: wholeNumber(copies, "renoise: copies", 1),
      };
    },
    *denoise(candidates, { to = 0, eta, children, steps, noises, score = false } = {}) {
      const strength = realNumber(eta ?? (noises ? 1 : problem.eta), "denoise: eta", 0, 1);
      if (noises && children !== undefined) {
        throw new InputError("denoise: noises give one child each; leave children out.");
      }
      if (noises && strength === 0)
        throw new InputError("denoise: eta 0 is the ODE, which has no use for noises.");
      const landed = yield {
        kind: "denoise",
        candidates: ids(candidates, "denoise"),
        to: realNumber(to, "denoise: to", 0, 1),
        eta: strength,
        ...(children === undefined ? {} : { children: wholeNumber(children, "denoise: children", 1) }),
        ...(steps === undefined ? {} : { steps: wholeNumber(steps, "denoise: steps", 1) }),
        ...(noises ? { steps: 1, noises: noises.map(noiseOf) } : {}),
        ...(score ? { score } : {}),
      };
      return score ? yield { kind: "score", candidates: ids(landed, "score") } : landed;
    },
    *preview(candidates, { lookahead = 1 } = {}) {
      const deep = wholeNumber(lookahead, "preview: lookahead", 1);
      return yield { kind: "preview", candidates: ids(candidates, "preview"), lookahead: deep };
    },
    *decode(candidates) {
      return yield { kind: "decode", candidates: ids(candidates, "decode") };
    },
    *score(candidates) {
      return yield { kind: "score", candidates: ids(candidates, "score") };
    },
    *keep(candidates, { best }) {
      const count = wholeNumber(best, "keep: best", 1);
      return yield { kind: "keep", candidates: ids(candidates, "keep"), best: count };
    },
    *threshold(candidates, { atLeast }) {
      if (typeof atLeast !== "number" || Number.isNaN(atLeast)) {
        throw new InputError(`threshold: atLeast is ${shown(atLeast)}, but must be a number.`);
      }
      return yield { kind: "threshold", candidates: ids(candidates, "threshold"), atLeast };
    },
    *drop(candidates) {
      yield { kind: "drop", candidates: ids(candidates, "drop") };
    },
    *weigh(candidates, logWeights) {
      const weights = checkWeights(candidates, logWeights, "weigh");
      return yield { kind: "weigh", candidates: ids(candidates, "weigh"), logWeights: weights };
    },
    *resample(candidates, { count = candidates.length, scheme = "systematic", logWeights } = {}) {
      const weights = logWeights ?? candidates.map(({ logWeight }) => logWeight ?? 0);
      return yield {
        kind: "resample",
        candidates: ids(candidates, "resample"),
        logWeights: checkWeights(candidates, weights, "resample"),
        count: wholeNumber(count, "resample: count", 0),
        scheme: oneOf(scheme, "resample: scheme", resamplingSchemes),
      };
    },
    *tournament(candidates, { count, size }) {
      return yield {
        kind: "tournament",
        candidates: ids(candidates, "tournament"),
        count: wholeNumber(count, "tournament: count", 0),
        size: wholeNumber(size, "tournament: size", 1),
      };
    },
    *endRound() {
      yield { kind: "endRound" };
    },
    *finish(reason) {
      yield { kind: "finish", ...(reason === undefined ? {} : { reason }) };
    },
  };
}

function ids(candidates: Handles, what: Op["kind"]): string[] {
  if (!Array.isArray(candidates)) {
    throw new InputError(`${what} takes an array of candidates, but got ${shown(candidates)}.`);
  }
  return (candidates as Handles).map((candidate) => candidate.id);
}

function noiseOf(pivot: Noise | Handle): string {
  return "candidate" in pivot ? pivot.candidate : pivot.noise.candidate;
}

/** Minus infinity is a weight of zero; plus infinity and NaN are an overflow, mostly of a temperature that is too low. */
function checkWeights(candidates: Handles, logWeights: readonly number[], what: string): readonly number[] {
  const given: unknown = logWeights;
  if (!Array.isArray(given) || given.length !== candidates.length) {
    throw new InputError(`${what}: ${candidates.length} candidates need as many log weights.`);
  }
  const odd = logWeights.findIndex((weight) => typeof weight !== "number" || !(weight < Infinity));
  if (odd < 0) return [...logWeights];
  throw new InputError(
    `${what}: the log weight of ${candidates[odd]!.id} is ${shown(logWeights[odd])}, but must be a number below infinity. A temperature too close to 0 makes weights overflow.`,
  );
}
