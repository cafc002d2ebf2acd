import type { DisplayHandle } from "./displays.js";
import { ProgressBar } from "./progress.js";

/** Bytes of a model below which it is there too soon to be worth a line in the notebook. */
const WORTH_SHOWING = 64 << 20;

/** What a cell shows while `openSession` loads a large model: megabytes of its files. */
export function loadingBar(
  display: (value: unknown) => DisplayHandle,
): (done: number, total: number) => void {
  const started = performance.now();
  let handle: DisplayHandle | undefined;
  return (done, total) => {
    if (total < WORTH_SHOWING) return;
    const seconds = (performance.now() - started) / 1000;
    const [part, whole] = [done, total].map((bytes) => Math.round(bytes / 2 ** 20));
    const bar = new ProgressBar("Loading MB ", part!, whole, seconds);
    if (handle) handle.update(bar);
    else handle = display(bar);
  };
}
