import { plainObject, realNumber, shown } from "../check.js";
import type { Engine } from "../engine/engine.js";
import { cosineHash, cosineName } from "../engine/featureCosine.js";
import { address } from "../engine/tensorId.js";
import { InputError } from "../inputError.js";
import { SELF_SUPERVISED_LEVEL } from "./selfSupervisedLevel.js";
import type { Verifier, VerifierRef } from "./verifier.js";

export interface SelfSupervisedOptions {
  /** In tables and records; default "self-supervised". */
  readonly name?: string;
  /** The verifier whose network gives the features: by default the session's first that has one. */
  readonly features?: VerifierRef;
  /** Noise level of the preview, between 0 and 1; the nearest of the schedule is taken. Default 0.286, the paper's sigma of 0.4. */
  readonly level?: number;
}

/**
 * A verifier without labels: cosine, from -1 to 1, of the features of the clean image and of the x0-prediction that its own trajectory had at a
 * noise level (Ma et al. 2025, arXiv 2501.09732, section 3 and figure 5). Costs no evaluation of the model: each scored image is two decodings and
 * one verifier call. It needs clean images: an algorithm that scores previews is refused. In the paper it does not carry over to text-to-image.
 */
export function selfSupervised(options: SelfSupervisedOptions = {}): SelfSupervisedVerifier {
  const given = plainObject(options, "Options of selfSupervised", ["name", "features", "level"]);
  const { name = "self-supervised" } = given;
  if (typeof name !== "string" || name === "")
    throw new InputError(`selfSupervised: name is ${shown(name)}, but must be a text that is not empty.`);
  const level = realNumber(given["level"] ?? SELF_SUPERVISED_LEVEL, "selfSupervised: level", 0, 1);
  if (level === 0 || level === 1)
    throw new InputError(
      `selfSupervised: level is ${level}, but must be between 0 and 1: a preview on the way.`,
    );
  return new SelfSupervisedVerifier(name, level, given["features"] as VerifierRef | undefined);
}

export class SelfSupervisedVerifier implements Verifier {
  readonly direction = "higher";
  readonly needsCondition = false;

  /** `network`: whose features; a name or nothing until it meets its session. */
  constructor(
    readonly name: string,
    readonly previewLevel: number,
    readonly network: VerifierRef | undefined,
  ) {}

  get fingerprint(): string {
    const { network } = this;
    const of = typeof network === "object" ? (network.sha256 ?? network.name) : (network ?? null);
    return address(["self-supervised", this.previewLevel, of]);
  }

  get sha256(): string {
    const { network } = this;
    const hash = typeof network === "object" ? network.sha256 : undefined;
    return address([hash === undefined ? this.fingerprint : cosineHash(hash), this.previewLevel]);
  }

  /** With the network that it means in a session. */
  resolved(network: Verifier): SelfSupervisedVerifier {
    return new SelfSupervisedVerifier(this.name, this.previewLevel, network);
  }

  within(engine: Engine): string {
    const { network, name } = this;
    const known = typeof network === "object" ? network.within?.(engine) : undefined;
    if (known !== undefined) return cosineName(known);
    throw new InputError(
      `Verifier ${name} needs the features of a verifier that runs beside the model, but ${typeof network === "object" ? network.name : "its own"} does not.`,
    );
  }

  /** What a condition means to the network whose features are compared does not matter. */
  encode(): undefined {
    return undefined;
  }

  score(): Promise<number[]> {
    return Promise.reject(
      new InputError(
        `Verifier ${this.name} compares a clean image with the preview of its own trajectory, which only a search has. Use it as verifier or in heldOut of session.search(…).`,
      ),
    );
  }
}
