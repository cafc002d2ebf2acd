import { InputError } from "../inputError.js";
import { realNumber, shown } from "../check.js";
import type { Scorer } from "../engine/scorer.js";
import { address } from "../engine/tensorId.js";
import type { Tensor } from "../tensor.js";
import type { Verifier } from "../verifiers/verifier.js";

/**
 * r(x0) = x0 . direction of the state itself, not of its 8-bit pixels (direction: all ones by default). For `gaussianMixture` the target that
 * it tilts to is known exactly.
 */
export function linearReward(direction?: readonly number[]): Verifier {
  const a = parse(direction);
  const name = a ? `linear(${a.join(", ")})` : "linear";
  return {
    name,
    direction: "higher",
    needsCondition: false,
    fingerprint: address(["linear", a ?? null]),
    score: () =>
      Promise.reject(
        new InputError(
          `Verifier ${name} scores states, not images: use it in a search of a gaussianMixture.`,
        ),
      ),
    scoreLatents: async (states) => states.map((state) => reward(state, a)),
  };
}

/** The same as a verifier of an engine, in the direction of all ones. */
export function linearScorer(): Scorer {
  return {
    ...{ name: "linear", direction: "higher", needsCondition: false, sees: "latent" },
    sha256: address(["linear", null]),
    score: () => Promise.reject(new InputError("Verifier linear scores states, not images.")),
    scoreLatents: async (states) => states.map((state) => reward(state, undefined)),
    async dispose() {},
  };
}

function parse(direction: unknown): readonly number[] | undefined {
  if (direction === undefined) return undefined;
  if (!Array.isArray(direction) || direction.length === 0) {
    throw new InputError(
      `linearReward: the direction is ${shown(direction)}, but must be an array of numbers.`,
    );
  }
  return direction.map((value, j) => realNumber(value, `linearReward: direction[${j}]`, -Infinity));
}

function reward({ data }: Tensor, a: readonly number[] | undefined): number {
  if (a && a.length !== data.length) {
    throw new InputError(
      `linearReward: the direction has ${a.length} values, but the state has ${data.length}.`,
    );
  }
  let sum = 0;
  for (let j = 0; j < data.length; j++) sum += data[j]! * (a ? a[j]! : 1);
  return sum;
}
