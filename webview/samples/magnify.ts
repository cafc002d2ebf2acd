/** How large a pixel of an image may be drawn, in CSS pixels: so none is wider than its neighbour. */
const TIMES = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 3, 4, 6, 8, 12, 16];

/** The largest at which `side` pixels take at most `room`; the smallest if none does. */
export function largestWithin(side: number, room: number): number {
  return TIMES.findLast((times) => times * side <= room) ?? TIMES[0]!;
}

/** The next larger (+1) or smaller (-1); undefined at either end, and where `side` pixels would take more than `most`. */
export function nextTimes(times: number, by: 1 | -1, side: number, most: number): number | undefined {
  const next = TIMES[TIMES.indexOf(times) + by];
  return next !== undefined && (by < 0 || next * side <= most) ? next : undefined;
}

/** "× 3", "1 : 1" or "25 %". */
export const timesText = (times: number): string =>
  times > 1 ? `× ${times}` : times === 1 ? "1 : 1" : `${100 * times} %`;
