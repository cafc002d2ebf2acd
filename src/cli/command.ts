/** One of `dnb`'s commands; each has a file of its own and a row in `commands.ts`. */
export interface Command {
  readonly name: string;
  /** One line for `dnb --help`. */
  readonly summary: string;
  /** What `dnb NAME --help` prints, and what stands under a mistake in its arguments; begins with "Usage: dnb NAME". */
  readonly usage: string;
  /**
   * `args`: what follows the command's name, without `--help`. The result is the exit code (`exit.ts`). Throws UsageError for wrong
   * arguments, before anything has been done.
   */
  run(args: readonly string[]): Promise<number>;
}

/** Wrong arguments; the message says which, and the command's usage is printed under it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
