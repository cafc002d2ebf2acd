import type { Box, Link, PlacedNode } from "./layout.js";

/** The children of one parent in one round, where a line for each would be a grey cloud: one shape from the parent to all of them. */
export interface Fan {
  readonly from: Box;
  /** Of the children: their left edge, and from the highest to the lowest. */
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
  readonly count: number;
}

/** So many lines from one node can still be told apart. */
const MOST = 16;

interface NodeLink extends Link {
  readonly to: PlacedNode;
}

/** Sorts links into those that keep their line and fans. A parent that does not stand to the left of its children has no fan. */
export function fansOf(links: readonly NodeLink[]): {
  readonly lines: readonly NodeLink[];
  readonly fans: readonly Fan[];
} {
  const groups = new Map<Box, Map<number, NodeLink[]>>();
  for (const link of links) {
    const { round } = link.to.candidate;
    const rounds = groups.get(link.from) ?? new Map<number, NodeLink[]>();
    const group = rounds.get(round);
    if (group) group.push(link);
    else rounds.set(round, [link]);
    groups.set(link.from, rounds);
  }
  const lines: NodeLink[] = [];
  const fans: Fan[] = [];
  for (const [from, rounds] of groups)
    for (const group of rounds.values()) {
      const fan = group.length > MOST ? fanOf(from, group) : undefined;
      if (fan) fans.push(fan);
      else lines.push(...group);
    }
  return { lines, fans };
}

function fanOf(from: Box, group: readonly NodeLink[]): Fan | undefined {
  let [x, top, bottom] = [Infinity, Infinity, -Infinity];
  for (const { to } of group) {
    x = Math.min(x, to.x - to.width / 2);
    top = Math.min(top, to.y - to.height / 2);
    bottom = Math.max(bottom, to.y + to.height / 2);
  }
  return x > from.x + from.width / 2 ? { from, x, top, bottom, count: group.length } : undefined;
}
