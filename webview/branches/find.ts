import type { Branch, BranchLayout } from "./layout.js";

/** Which branch runs under a point: the nearest lane within a few pixels that has one there. */
export function branchFinder(layout: BranchLayout): (x: number, y: number) => Branch | undefined {
  const rows = new Map<number, Branch[]>();
  for (const branch of layout.branches) {
    const at = Math.round(branch.y);
    const row = rows.get(at);
    if (row) row.push(branch);
    else rows.set(at, [branch]);
  }
  const reach = Math.max(3, Math.min(9, Math.ceil(layout.pitch / 2)));
  return (x, y) => {
    for (let away = 0; away <= reach; away++) {
      for (const at of away === 0 ? [Math.round(y)] : [Math.round(y) - away, Math.round(y) + away]) {
        // Later ones lie over earlier ones.
        const hit = rows.get(at)?.findLast(({ x0, x1 }) => x >= x0 - 4 && x <= Math.max(x1, x0) + 10);
        if (hit) return hit;
      }
    }
    return undefined;
  };
}
