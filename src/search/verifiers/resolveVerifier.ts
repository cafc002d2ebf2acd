import { InputError } from "../inputError.js";
import { listed, oneOf, shown } from "../check.js";
import { nearest } from "../condition.js";
import { HUMAN, HumanVerifier } from "./human.js";
import { EnsembleVerifier } from "./ensemble.js";
import type { Verifier } from "./verifier.js";

/** The verifier that a cell means: one of the session's by name, or an object of its own. */
export function resolveVerifier(
  ref: unknown,
  what: string,
  verifiers: Readonly<Record<string, Verifier>>,
): Verifier {
  const names = Object.keys(verifiers);
  if (typeof ref === "string") {
    if (Object.hasOwn(verifiers, ref)) return verifiers[ref]!;
    if (ref === HUMAN) return new HumanVerifier(undefined);
    const near = nearest(ref.toLowerCase(), names);
    throw new InputError(
      `${what} ${shown(ref)} does not exist.${near === undefined ? "" : ` Did you mean ${shown(near)}?`} ${listed("There is", names)}.`,
    );
  }
  if (ref instanceof EnsembleVerifier) return ref.resolved(verifiers);
  if (isVerifier(ref)) {
    oneOf(ref.direction, `${what}: direction`, ["higher", "lower"]);
    return ref;
  }
  throw new InputError(
    `${what} is ${shown(ref)}, but must be a verifier made with verifier(…) or a name. ${listed("There is", names)}.`,
  );
}

function isVerifier(value: unknown): value is Verifier {
  if (typeof value !== "object" || value === null) return false;
  const { name, score } = value as Partial<Verifier>;
  return typeof name === "string" && name !== "" && typeof score === "function";
}
