import type { CandidateId } from "../../src/search/record.js";
import type { RunModel } from "../state/model.js";
import type { Branch } from "./layout.js";

/** How a branch comes from its parent. */
export interface Route {
  /** back: renoised, to more noise, dashed; fork: a child or a copy, where the parent stands. */
  readonly kind: "back" | "fork";
  readonly isBest: boolean;
  readonly candidate: CandidateId;
  /** Corners, the first at the parent's end and the last at the child's start. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** More than this are a grey cloud: then only the best lineage's are drawn. */
const MOST = 1200;

/**
 * A step back leaves the parent's end to the right, runs in the gutter between the two bands, and comes to the child's start from the left:
 * so it crosses no branch. The children of one parent share the way.
 */
export function routesOf(
  model: RunModel,
  branches: ReadonlyMap<CandidateId, Branch>,
  pitch: number,
  gutter: number,
): Route[] {
  const plain: Route[] = [];
  const best: Route[] = [];
  const tracks = new Map<CandidateId, number>();
  const perBand = new Map<number, number>();
  const bottoms = new Map<number, number>();
  for (const { band, y } of branches.values()) bottoms.set(band, Math.max(bottoms.get(band) ?? 0, y));
  for (const [id, to] of branches) {
    const parent = model.parents.get(id)?.[0];
    const from = parent === undefined ? undefined : branches.get(parent);
    if (!from || parent === undefined) continue;
    const isBest = model.bestLineage.has(id) && model.bestLineage.has(parent);
    if (to.band === from.band) {
      if (to.row === from.row) continue;
      const points = [
        [to.x0, from.y],
        [to.x0, to.y],
      ] as const;
      (isBest ? best : plain).push({ kind: "fork", isBest, candidate: id, points });
      continue;
    }
    let track = tracks.get(parent);
    if (track === undefined) {
      track = perBand.get(from.band) ?? 0;
      perBand.set(from.band, track + 1);
      tracks.set(parent, track);
    }
    const lane = Math.min(track, 5);
    const between = bottoms.get(from.band)! + pitch / 2 + (gutter * (lane + 1)) / 7;
    const right = from.x1 + 5 + 3 * lane;
    const left = to.x0 - 6 - 3 * lane;
    const points = [
      [from.x1, from.y],
      [right, from.y],
      [right, between],
      [left, between],
      [left, to.y],
      [to.x0, to.y],
    ] as const;
    (isBest ? best : plain).push({ kind: "back", isBest, candidate: id, points });
  }
  return [...(plain.length > MOST ? [] : plain), ...(best.length > MOST ? [] : best)];
}
