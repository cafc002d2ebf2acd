import {
  SharedVerifier,
  type ScoreResult,
  type ScorerHost,
  type SharedVerifierCard,
} from "../../search/index.js";
import { abortable } from "../../search/run/abortable.js";
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

/** Opens a verifier folder in the engine thread, or finds it there. An abort rejects at once, whatever the runtime is doing. */
export async function openVerifier(
  port: EnginePort,
  folder: unknown,
  options: unknown,
  directory: string,
  signal?: AbortSignal,
  progress?: (done: number, total: number) => void,
): Promise<SharedVerifier> {
  signal?.throwIfAborted();
  const opening = port.call({ type: "openVerifier", folder, options, directory }, { signal, progress });
  // SAFETY: written by `serve` of the same build.
  const card = (await abortable(opening, signal, () => undefined)) as SharedVerifierCard;
  return new SharedVerifier(card, hostAt(port));
}
