import { InputError } from "../inputError.js";
import { listed, oneOf, shown } from "../check.js";
import { nearest } from "../condition.js";
import { HUMAN, HumanVerifier } from "./human.js";
import { EnsembleVerifier } from "./ensemble.js";
import { OracleVerifier } from "./oracle/oracle.js";
import { SelfSupervisedVerifier } from "./selfSupervised.js";
import type { Verifier, VerifierRef } from "./verifier.js";

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
  if (ref instanceof SelfSupervisedVerifier)
    return ref.resolved(featuresFor(ref.name, ref.network, what, verifiers));
  if (ref instanceof OracleVerifier) return ref.resolved(featuresFor(ref.name, ref.network, what, verifiers));
  if (isVerifier(ref)) {
    oneOf(ref.direction, `${what}: direction`, ["higher", "lower"]);
    return ref;
  }
  throw new InputError(
    `${what} is ${shown(ref)}, but must be a verifier made with verifier(…) or a name. ${listed("There is", names)}.`,
  );
}

/** The verifier whose network is meant, by default the first that has one. */
function featuresFor(
  name: string,
  features: VerifierRef | undefined,
  what: string,
  verifiers: Readonly<Record<string, Verifier>>,
): Verifier {
  const network =
    features === undefined
      ? Object.values(verifiers).find(({ featureLayer }) => featureLayer !== undefined)
      : here(resolveVerifier(features, `${what}: features of ${name}`, verifiers), verifiers);
  if (network?.featureLayer !== undefined) return network;
  throw new InputError(
    network
      ? `${what}: ${name} needs features, but ${network.name} has no network that gives any.`
      : `${what}: ${name} needs features, but no verifier of this session has a network that gives any.`,
  );
}

/** What another session knew by the same name, if it is the same: a verification has an engine of its own. */
function here(verifier: Verifier, verifiers: Readonly<Record<string, Verifier>>): Verifier {
  const { name, sha256 } = verifier;
  const own = Object.hasOwn(verifiers, name) ? verifiers[name] : undefined;
  return own && sha256 !== undefined && own.sha256 === sha256 ? own : verifier;
}

function isVerifier(value: unknown): value is Verifier {
  if (typeof value !== "object" || value === null) return false;
  const { name, score } = value as Partial<Verifier>;
  return typeof name === "string" && name !== "" && typeof score === "function";
}
