import { longestIncreasing } from "./longestIncreasing.js";

/** Places [of a, of b] of lines that are the same, ascending in both. */
export type CommonLines = readonly (readonly [a: number, b: number])[];

/** Lines that may be added and deleted before the search for the fewest gives up: its time and its memory grow with the square of them. */
const MOST_CHANGES = 2000;

/**
 * A longest common subsequence of two lists of lines: the fewest deletions and additions make one of the other (Myers, "An O(ND) difference
 * algorithm and its variations", 1986, section 3). Of lists that differ in more than 2000 lines that both have, a common subsequence that begins
 * with the lines that stand in each only once (patience diff). Time does not grow with how often a line is repeated.
 */
export function commonLines(a: readonly string[], b: readonly string[]): CommonLines {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  const most = Math.min(a.length, b.length) - start;
  while (end < most && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [left, right] = [held(a, b, start, end), held(b, a, start, end)];
  const middle = fewestChanges(left, right) ?? anchored(left, right);
  return [
    ...Array.from({ length: start }, (_, index) => [index, index] as const),
    ...middle.map(([x, y]) => [left[x]!.at, right[y]!.at] as const),
    ...Array.from({ length: end }, (_, index) => [a.length - end + index, b.length - end + index] as const),
  ];
}

interface Line {
  readonly text: string;
  readonly at: number;
}

/** Lines between the equal beginning and the equal end, without those that the other list does not have: they are changes in any case. */
function held(lines: readonly string[], others: readonly string[], start: number, end: number): Line[] {
  const known = new Set(others.slice(start, others.length - end));
  const between: Line[] = [];
  for (let at = start; at < lines.length - end; at++)
    if (known.has(lines[at]!)) between.push({ text: lines[at]!, at });
  return between;
}

/** Undefined when there are more than MOST_CHANGES. */
function fewestChanges(a: readonly Line[], b: readonly Line[]): [number, number][] | undefined {
  const most = Math.min(a.length + b.length, MOST_CHANGES);
  // furthest[k + most]: how far in a one comes on diagonal k (place in a less place in b) with so many changes.
  const furthest = new Int32Array(2 * most + 2);
  const before: Int32Array[] = [];
  for (let changes = 0; changes <= most; changes++) {
    before.push(furthest.slice(most - changes, most + changes + 1));
    for (let k = -changes; k <= changes; k += 2) {
      const below = furthest[most + k - 1] ?? 0;
      const above = furthest[most + k + 1] ?? 0;
      let x = k === -changes || (k !== changes && below < above) ? above : below + 1;
      while (x < a.length && x - k < b.length && a[x]!.text === b[x - k]!.text) x++;
      furthest[most + k] = x;
      if (x >= a.length && x - k >= b.length) return waysBack(before, a.length, b.length);
    }
  }
  return undefined;
}

/** The equal lines on the way that reached the end, from its end to its beginning. `before[d]`: diagonals -d to d before change d. */
function waysBack(before: readonly Int32Array[], x: number, y: number): [number, number][] {
  const common: [number, number][] = [];
  for (let changes = before.length - 1; changes >= 0; changes--) {
    const furthest = (k: number): number => before[changes]![k + changes] ?? 0;
    const k = x - y;
    const isAddition = k === -changes || (k !== changes && furthest(k - 1) < furthest(k + 1));
    const from = changes === 0 ? 0 : isAddition ? furthest(k + 1) : furthest(k - 1) + 1;
    while (x > from) common.push([--x, --y]);
    if (isAddition) y--;
    else x--;
  }
  return common.reverse();
}

/** Lines that stand once in each, in a common order, and the equal lines around each of them. */
function anchored(a: readonly Line[], b: readonly Line[]): [number, number][] {
  const inB = onlyPlaces(b);
  const unique = [...onlyPlaces(a)].flatMap(([text, x]): [number, number][] => {
    const y = inB.get(text);
    return x === undefined || y === undefined ? [] : [[x, y]];
  });
  const common: [number, number][] = [];
  let [nextX, nextY] = [0, 0];
  for (const [x, y] of [...increasing(unique), [a.length, b.length] as const]) {
    while (nextX < x && nextY < y && a[nextX]!.text === b[nextY]!.text) common.push([nextX++, nextY++]);
    const before: [number, number][] = [];
    let [lastX, lastY] = [x - 1, y - 1];
    while (lastX >= nextX && lastY >= nextY && a[lastX]!.text === b[lastY]!.text)
      before.push([lastX--, lastY--]);
    for (const pair of before.reverse()) common.push(pair);
    [nextX, nextY] = [x, y];
  }
  return common;
}

/** Lines that stand once, with their place; undefined for those that stand more often. */
function onlyPlaces(lines: readonly Line[]): ReadonlyMap<string, number | undefined> {
  const places = new Map<string, number | undefined>();
  lines.forEach(({ text }, index) => places.set(text, places.has(text) ? undefined : index));
  return places;
}

/** The most of the pairs, which ascend in a, that ascend in b too. */
function increasing(pairs: readonly [number, number][]): readonly [number, number][] {
  return longestIncreasing(pairs.map(([, y]) => y)).map((index) => pairs[index]!);
}
