import { InputError } from "../inputError.js";
import { flag, oneOf, plainObject, shown } from "../check.js";
import type { Condition } from "../condition.js";
import type { Image } from "../image.js";
import { address } from "../engine/tensorId.js";
import { imagesOf } from "../images.js";
import { finite } from "./finite.js";
import { needsConditionMessage } from "./needsConditionMessage.js";
import type { Verifier } from "./verifier.js";

/** Score of one image; `condition` is what the search or the call was given. */
export type ScoreFunction = (image: Image, condition?: Condition) => number | Promise<number>;

export interface FunctionVerifierOptions {
  readonly direction?: "higher" | "lower";
  readonly needsCondition?: boolean;
}

/**
 * A verifier that is a function of the image, e.g. `verifier("red", ({ rgb }) => mean(rgb[0]) - mean(rgb[1]))`. It runs where it was
 * written, not in the engine. In a search, a throw or a value that is no finite number fails that candidate and no other.
 */
export function verifier(
  name: string,
  score: ScoreFunction,
  options: FunctionVerifierOptions = {},
): Verifier {
  if (typeof name !== "string" || name === "")
    throw new InputError(`A verifier needs a name, but got ${shown(name)}.`);
  if (typeof score !== "function") {
    throw new InputError(`Verifier ${name} needs a function of an image, but got ${shown(score)}.`);
  }
  const given = plainObject(options, `Options of verifier ${name}`, ["direction", "needsCondition"]);
  const needsCondition = flag(given["needsCondition"] ?? false, `Verifier ${name}: needsCondition`);
  return {
    name,
    direction: oneOf(given["direction"] ?? "higher", `Verifier ${name}: direction`, ["higher", "lower"]),
    needsCondition,
    scoredBy: score,
    fingerprint: address(["function", score.toString()]),
    async score(images, condition) {
      if (needsCondition && condition === undefined) throw new InputError(needsConditionMessage(name));
      const scores: number[] = [];
      for (const image of await imagesOf(images)) scores.push(finite(await score(image, condition), name));
      return scores;
    },
  };
}
