import type { ComputeAxis } from "./axis.js";

/** The part of the compute axis that tree and traces show, as shares 0..1 of it. Absent where a zoom is spoken of: all of it. */
export type Span = readonly [from: number, to: number];

export const WHOLE: Span = [0, 1];
/** Deeper, a candidate of a hundred thousand is as large as it gets. */
const DEEPEST = 1024;

/** The nearest part that there is; undefined for (nearly) the whole. */
export function zoomTo([from, to]: Span): Span | undefined {
  const width = Math.max(1 / DEEPEST, to - from);
  if (!(width < 0.999) || Number.isNaN(from)) return undefined;
  const start = Math.min(1 - width, Math.max(0, from));
  return [start, start + width];
}

/** `factor` > 1: closer. What stands at the share `at` of the plot stays there. */
export function zoomAbout(zoom: Span | undefined, at: number, factor: number): Span | undefined {
  const [from, to] = zoom ?? WHOLE;
  const width = Math.max(1 / DEEPEST, (to - from) / factor);
  const fixed = from + at * (to - from);
  return zoomTo([fixed - at * width, fixed + (1 - at) * width]);
}

/** By so many widths of the plot; positive: to later compute. */
export function panBy(zoom: Span | undefined, widths: number): Span | undefined {
  if (!zoom) return undefined;
  const by = widths * (zoom[1] - zoom[0]);
  return zoomTo([zoom[0] + by, zoom[1] + by]);
}

/** How many times larger than the whole. */
export const magnification = ([from, to]: Span = WHOLE): number => 1 / (to - from);

/** What the axis shows, in its own units: where it begins and ends, and values to write at it. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

export function windowOf(axis: ComputeAxis, zoom: Span | undefined): Window {
  if (!zoom) return { from: 0, to: axis.max, ticks: axis.ticks };
  const [from, to] = [zoom[0] * axis.max, zoom[1] * axis.max];
  const own = axis.ticks.filter((tick) => tick >= from && tick <= to);
  const even = axis.ticksWithin(from, to);
  return { from, to, ticks: own.length >= 3 || even.length < own.length ? own : even };
}
