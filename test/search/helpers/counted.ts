import type { Denoiser } from "../../../src/search/index.js";

/** A denoiser that counts its passes by itself, sample by sample: what a ledger is held against. */
export interface Counted {
  readonly wrap: (denoiser: Denoiser) => Denoiser;
  /** Raw passes of single samples. */
  forwards: number;
  calls: number;
  /** Called before each model call, with the number of calls before it. */
  before: (calls: number) => void | Promise<void>;
}

export function counted(): Counted {
  const count: Counted = {
    forwards: 0,
    calls: 0,
    before: () => undefined,
    wrap: (denoiser) => ({
      ...denoiser,
      async velocity(x, samples, level, labels) {
        await count.before(count.calls);
        count.calls += 1;
        count.forwards += samples;
        return denoiser.velocity(x, samples, level, labels);
      },
      dispose: () => denoiser.dispose(),
    }),
  };
  return count;
}
