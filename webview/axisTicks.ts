import { scaleLinear } from "d3-scale";
import type { ComputeAxis } from "./axis.js";

/** More numbers than this at an axis are read as a ruler. */
const MOST = 9;

/** At the ends of rounds, every first, second, fourth … of them; within a single round at even parts. */
export function roundTicks(max: number, cost: number): number[] {
  if (!(cost > 0) || max / cost < 2) return evenTicks(max);
  let step = cost;
  while (max / step > MOST) step *= 2;
  const ticks: number[] = [];
  for (let i = 0; i * step <= max * 1.0001; i++) ticks.push(i * step);
  return ticks;
}

export function evenTicks(max: number): number[] {
  const parts = [8, 4, 5, 6].find((count) => Number.isInteger(max / count));
  if (!parts) return scaleLinear([0, max], [0, 1]).ticks(6);
  return Array.from({ length: parts + 1 }, (_, i) => (i * max) / parts);
}

/** `inWhole`: what is counted in whole numbers is not written at others. */
export function ticksWithin(from: number, to: number, inWhole: boolean): number[] {
  const ticks = scaleLinear([from, to], [0, 1]).ticks(6);
  return inWhole ? ticks.filter(Number.isInteger) : ticks;
}

/**
 * The same axis by the logarithm of 1 + compute / unit (Webber's bi-symmetric transformation): it has a zero, is linear up to about one unit
 * and logarithmic beyond. Each doubling of compute then takes the same room.
 */
export function logAxis(axis: ComputeAxis, unit: number): ComputeAxis {
  const place = (value: number): number => Math.log2(1 + value / unit);
  const value = (at: number): number => unit * (2 ** at - 1);
  const both = ([start, end]: readonly [number, number]) => [place(start), place(end)] as const;
  return {
    ...axis,
    name: `${axis.label}, log`,
    max: place(axis.max),
    spent: place(axis.spent),
    spans: new Map([...axis.spans].map(([index, span]) => [index, both(span)])),
    next: axis.next && { ...axis.next, span: both(axis.next.span) },
    ticks: doublings(unit, axis.max).map(place),
    place: (candidate) => place(axis.place(candidate)),
    text: (at) => axis.text(value(at)),
    ticksWithin: (from, to) => axis.ticksWithin(value(from), value(to)).map(place),
  };
}

/** 0, 1, 2, 4 … units; where these are too many every fourth, eighth … power. */
function doublings(unit: number, max: number): number[] {
  const powers = Math.max(0, Math.floor(Math.log2(max / unit) + 1e-9));
  const step = Math.ceil((powers + 1) / (MOST - 1));
  const ticks = [0];
  for (let power = 0; power <= powers; power += step) ticks.push(unit * 2 ** power);
  return ticks;
}
