import { InputError } from "../../search/index.js";
import { MIME } from "../protocol.js";
import type { DisplayHandle } from "./displays.js";
import { describe } from "./formatValue.js";

const INTERVAL = 200;
const WIDTH = 24;

export interface ProgressOptions {
  readonly label?: string;
  readonly total?: number;
}

/** A line of text that draws itself as a bar. */
export class ProgressBar {
  constructor(
    readonly label: string,
    readonly done: number,
    readonly total: number | undefined,
    readonly seconds: number,
    readonly ahead: { readonly secondsLeft?: number; readonly now?: string } = {},
  ) {}

  toString(): string {
    const { label, done, total, seconds } = this;
    const rate = seconds > 0 && done > 0 ? `, ${(done / seconds).toPrecision(2)} / s` : "";
    if (total === undefined) return `${label}${done}${rate}`;
    const filled = total > 0 ? Math.min(WIDTH, Math.round((done / total) * WIDTH)) : WIDTH;
    const { secondsLeft, now } = this.ahead;
    const left = secondsLeft === undefined || done === total ? "" : `, ${duration(secondsLeft)} left`;
    const what = now ? `, ${now}` : "";
    return `${label}${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${done} of ${total}${rate}${left}${what}`;
  }
}

function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Shown as the text that it is, not as an object. */
export const formatProgress = (value: unknown): readonly [{ mime: string; text: string }] | undefined =>
  value instanceof ProgressBar ? [{ mime: MIME.plain, text: String(value) }] : undefined;

/** `for await (const item of progress(items))`: the bar ends with the loop, however that ends. */
export const progress = (display: (value: unknown) => DisplayHandle) =>
  async function* <T>(
    items: Iterable<T> | AsyncIterable<T>,
    { label, total }: ProgressOptions = {},
  ): AsyncGenerator<T, void> {
    if (typeof items !== "string" && (typeof items !== "object" || items === null))
      throw new InputError(`progress: what to go through must be iterable, found ${describe(items)}.`);
    const title = label ? `${label} ` : "";
    const size = total ?? sizeOf(items);
    const started = performance.now();
    let done = 0;
    let shown = started;
    const bar = (): ProgressBar => {
      const seconds = (performance.now() - started) / 1000;
      const ahead = size !== undefined && done > 0 ? { secondsLeft: (seconds / done) * (size - done) } : {};
      return new ProgressBar(title, done, size, seconds, ahead);
    };
    const handle = display(bar());
    try {
      for await (const item of items) {
        yield item;
        done++;
        if (performance.now() - shown < INTERVAL) continue;
        shown = performance.now();
        handle.update(bar());
      }
    } finally {
      handle.update(bar());
    }
  };

function sizeOf(items: unknown): number | undefined {
  for (const key of ["length", "size"]) {
    const size: unknown = Reflect.get(Object(items), key);
    if (typeof size === "number") return size;
  }
  return undefined;
}
