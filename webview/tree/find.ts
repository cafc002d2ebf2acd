import type { PlacedNode, TreeLayout } from "./layout.js";

/** Which node lies under a point: nodes by columns of 32 pixels, so that a pointer move looks at a few only. */
export function nodeFinder(layout: TreeLayout): (x: number, y: number) => PlacedNode | undefined {
  let buckets: Map<number, PlacedNode[]> | undefined;
  // Only when somebody points: the first picture does not wait for it.
  return (x, y) =>
    (buckets ??= bucketsOf(layout)).get(bucket(x))?.find((node) => {
      const slack = node.width < 12 ? 0.6 : 1;
      return (
        Math.abs(x - node.x) <= node.width / 2 + slack && Math.abs(y - node.y) <= node.height / 2 + slack
      );
    });
}

const bucket = (x: number): number => Math.floor(x / 32);

function bucketsOf({ nodes }: TreeLayout): Map<number, PlacedNode[]> {
  const buckets = new Map<number, PlacedNode[]>();
  for (const node of nodes) {
    for (let i = bucket(node.x - node.width / 2); i <= bucket(node.x + node.width / 2); i++) {
      const nodes = buckets.get(i);
      if (nodes) nodes.push(node);
      else buckets.set(i, [node]);
    }
  }
  return buckets;
}

export type Direction = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End";

/**
 * The node that an arrow key leads to: along the lineage where there is one, otherwise the nearest in that direction, as the eye
 * expects. Undefined: there is none, stay.
 */
export function neighbour(
  layout: Pick<TreeLayout, "nodes" | "byId">,
  parents: ReadonlyMap<string, readonly string[]>,
  node: PlacedNode,
  direction: Direction,
): PlacedNode | undefined {
  const { nodes } = layout;
  if (direction === "Home") return nodes[0];
  if (direction === "End") return nodes.at(-1);
  if (direction === "ArrowLeft") {
    const parent = parents.get(node.candidate.id)?.[0];
    if (parent !== undefined) return layout.byId.get(parent);
  }
  if (direction === "ArrowRight") {
    const children = nodes.filter(({ candidate }) => parents.get(candidate.id)?.[0] === node.candidate.id);
    const next = children.find(
      ({ candidate }) => candidate.status !== "dropped" && candidate.status !== "failed",
    );
    if (children.length) return next ?? children[0];
  }
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
    direction
  ] as [number, number];
  let nearest: PlacedNode | undefined;
  let least = Infinity;
  for (const other of nodes) {
    const along = (other.x - node.x) * dx + (other.y - node.y) * dy;
    const aside = Math.abs((other.x - node.x) * dy) + Math.abs((other.y - node.y) * dx);
    if (other === node || along < 0.5) continue;
    // Up and down stay in the column; left and right may lead to another row.
    if (dy !== 0 && aside > node.width / 2) continue;
    const distance = along + 2 * aside;
    if (distance < least) [nearest, least] = [other, distance];
  }
  return nearest;
}
