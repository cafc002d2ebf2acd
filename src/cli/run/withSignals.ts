import { EXIT } from "../exit.js";

/** How a person ends a run from outside. */
export interface Signals {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

/** Ctrl+C once: the cell is interrupted, and what it has shown is written. Twice: the kernel is killed, with the same result. */
export async function withSignals(run: (signals: Signals) => Promise<number>): Promise<number> {
  const [stop, kill] = [new AbortController(), new AbortController()];
  const handlers = (["SIGINT", "SIGTERM"] as const).map((signal) => {
    const handler = (): void => (stop.signal.aborted ? kill : stop).abort(signal);
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  try {
    return await run({ stop: stop.signal, kill: kill.signal });
  } finally {
    handlers.forEach((off) => off());
  }
}

/** 128 + the number of the signal that `stop` was aborted with. */
export const signalCode = ({ reason }: AbortSignal): number =>
  reason === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
