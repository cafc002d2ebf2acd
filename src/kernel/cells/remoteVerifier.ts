import {
  SharedVerifier,
  type ScoreResult,
  type ScorerHost,
  type SharedVerifierCard,
} from "../../search/index.js";
import type { EnginePort } from "./enginePort.js";

const hosts = new WeakMap<EnginePort, ScorerHost>();

/** The shared verifiers of the engine thread, the same object for the same port. */
export function hostAt(port: EnginePort): ScorerHost {
  const known = hosts.get(port);
  if (known) return known;
  const host: ScorerHost = {
    // SAFETY: written by `serve` of the same build.
    scoreImages: async (verifier, images, conditions, signal, references) => {
      const previews = references ? { references } : {};
      return (await port.call(
        { type: "scoreImages", verifier, images, conditions, ...previews },
        { signal },
      )) as ScoreResult[];
    },
  };
  hosts.set(port, host);
  return host;
}

/** Opens a verifier folder in the engine thread, or finds it there. */
export async function openVerifier(
  port: EnginePort,
  folder: unknown,
  options: unknown,
  directory: string,
): Promise<SharedVerifier> {
  // SAFETY: written by `serve` of the same build.
  const card = (await port.call({ type: "openVerifier", folder, options, directory })) as SharedVerifierCard;
  return new SharedVerifier(card, hostAt(port));
}
