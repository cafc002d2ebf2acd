import { setTimeout as sleep } from "node:timers/promises";
import type { CloseHandlerResult, ErrorHandler, ErrorHandlerResult } from "vscode-languageclient";

/** Of the client, whose values would come with all of its code. */
const CONTINUE = 1;
const RESTART = 2;
const DO_NOT_RESTART = 1;

/** Milliseconds before the first new start; each one after it waits twice as long. */
const FIRST_WAIT = 250;
const MOST = 5;
/** Milliseconds after which an end is forgotten. */
const FORGOTTEN_AFTER = 3 * 60_000;

/** A server that ends by itself is started again, later each time; after five ends in three minutes it stays away. */
export class RestartPolicy implements ErrorHandler {
  #ends: number[] = [];

  constructor(
    private readonly now: () => number,
    private readonly wait: (milliseconds: number) => Promise<unknown> = sleep,
  ) {}

  /** Of one message: the connection stays. */
  error(): ErrorHandlerResult {
    return { action: CONTINUE };
  }

  async closed(): Promise<CloseHandlerResult> {
    const now = this.now();
    this.#ends = [...this.#ends.filter((time) => now - time < FORGOTTEN_AFTER), now];
    if (this.#ends.length > MOST)
      return {
        action: DO_NOT_RESTART,
        message: `TypeScript in cells ended ${this.#ends.length} times within three minutes and stays away: no completion, hover or errors in cells until the window is reloaded. Cells run all the same.`,
      };
    await this.wait(FIRST_WAIT * 2 ** (this.#ends.length - 1));
    return { action: RESTART, handled: true };
  }
}
