import type { Denoiser } from "../../engine/denoiser.js";

/** Milliseconds of one model call with so many threads: the fastest of a few. */
export interface ThreadTime {
  readonly threads: number;
  readonly milliseconds: number;
}

/** States in a call, as a search has them. */
const COUNT = 8;
const CALLS = 3;
/** A further thread must gain this share of the time, for it takes a core from the editor. */
const WORTH = 0.1;

/**
 * Times a denoiser with 1, 2, ... up to `most` threads and stops at the first that is slower: where another process holds a core, threads wait
 * for one another, and two are slower than one. `size`: values of a state.
 */
export function measureThreads(
  load: (threads: number) => Promise<Denoiser>,
  size: number,
  most: number,
): Promise<readonly ThreadTime[]> {
  const x = new Float32Array(COUNT * size);
  const conditions = Array.from({ length: COUNT }, () => undefined);
  return timeThreads(async (threads) => {
    const denoiser = await load(threads);
    return {
      call: () => denoiser.velocity(x, COUNT, 0.5, conditions),
      dispose: () => denoiser.dispose(),
    };
  }, most);
}

/** What is timed: anything in the runtime. */
export interface Timed {
  call(): Promise<unknown>;
  dispose(): Promise<void>;
}

/** The same of anything. */
export async function timeThreads(
  load: (threads: number) => Promise<Timed>,
  most: number,
): Promise<readonly ThreadTime[]> {
  const times: ThreadTime[] = [];
  for (let threads = 1; threads <= most; threads++) {
    const timed = await load(threads);
    try {
      times.push({ threads, milliseconds: await timeOf(timed) });
    } finally {
      await timed.dispose();
    }
    const [before, now] = times.slice(-2);
    if (now && before && now.milliseconds > before.milliseconds) break;
  }
  return times;
}

/** The fewest threads after which no further one is worth it. */
export function bestThreads(times: readonly ThreadTime[]): number {
  let best = times[0];
  for (const time of times)
    if (best && time.milliseconds < (1 - WORTH) ** (time.threads - best.threads) * best.milliseconds)
      best = time;
  return best?.threads ?? 1;
}

async function timeOf(timed: Timed): Promise<number> {
  // The first call allocates.
  await timed.call();
  let fastest = Infinity;
  for (let call = 0; call < CALLS; call++) {
    const started = performance.now();
    await timed.call();
    fastest = Math.min(fastest, performance.now() - started);
  }
  return fastest;
}
