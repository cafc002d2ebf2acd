import { compare, type CompareRequest, type ComparisonProgress, type Report } from "../../search/index.js";
import { currentExecution } from "./cellExecution.js";
import type { DisplayHandle } from "./displays.js";
import { ProgressBar } from "./progress.js";

const INTERVAL = 200;

/** `compare` as a cell calls it: its progress is an output of the cell, and Interrupt ends it. */
export const compareInCell =
  (display: (value: unknown) => DisplayHandle) =>
  async (request: CompareRequest): Promise<Report> => {
    const started = performance.now();
    const bar = ({ done, total, secondsLeft, now }: ComparisonProgress): ProgressBar =>
      new ProgressBar("Comparing ", done, total, (performance.now() - started) / 1000, {
        ...(secondsLeft === undefined ? {} : { secondsLeft }),
        now,
      });
    let handle: DisplayHandle | undefined;
    let last: ComparisonProgress | undefined;
    let shown = 0;
    const show = (progress: ComparisonProgress): void => {
      shown = performance.now();
      if (handle) handle.update(bar(progress));
      else handle = display(bar(progress));
    };
    const signal = currentExecution.getStore()?.signal;
    try {
      return await compare(request, {
        ...(signal ? { signal } : {}),
        progress: (progress) => {
          last = progress;
          if (!handle || performance.now() - shown >= INTERVAL) show(progress);
        },
      });
    } finally {
      if (last) show(last);
    }
  };
