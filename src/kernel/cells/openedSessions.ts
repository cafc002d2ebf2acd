import type { Session } from "../../search/index.js";
import { InputError, type VerifierRef } from "../../search/index.js";

/** The sessions of one notebook: what is not told which one it is about means the one that has the verifier, or the latest. */
export class OpenedSessions {
  readonly #sessions: Session[] = [];

  add(session: Session): Session {
    this.#sessions.push(session);
    return session;
  }

  of(verifier: VerifierRef | undefined): Session {
    const latest = this.#sessions.at(-1);
    if (!latest) throw new InputError("Open a session first, whose feature network images are measured in.");
    if (typeof verifier !== "object") return latest;
    return this.#sessions.findLast(({ verifiers }) => Object.values(verifiers).includes(verifier)) ?? latest;
  }
}
