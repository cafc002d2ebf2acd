import type { CandidateId, CandidateRecord } from "../../src/search/record.js";

/** Where candidates run: lanes of a band lie below each other, bands below their parents'. */
export interface Lanes {
  /** Of each candidate: its band, and its lane in it from the top. */
  readonly places: ReadonlyMap<CandidateId, { readonly band: number; readonly lane: number }>;
  /** Lanes of each band. */
  readonly counts: readonly number[];
}

/** Levels are equal below this. */
const SAME = 1e-9;
/** In larger bands a lane is taken where it is free, not where it is near: looking for the nearest would take minutes. */
const NEAR = 3000;

interface Lane {
  /** The level at which its last candidate ended: whoever starts at it or later has room. */
  free: number;
  place: number;
}

/**
 * Time runs down the noise levels. Who starts where its parent stands, or later, goes on in the parent's band: in its lane if that is free, else
 * in the nearest that is; so particles keep their lanes and a dropped one's lane is taken by a copy. Who starts at more noise than its parent
 * was renoised (or drawn around it): that is a step back, and begins the next band.
 */
export function lanesOf(
  candidates: readonly CandidateRecord[],
  parents: ReadonlyMap<CandidateId, readonly CandidateId[]>,
): Lanes {
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const bandOf = new Map<CandidateId, number>();
  const bands: CandidateRecord[][] = [];
  for (const candidate of candidates) {
    const parent = byId.get(parents.get(candidate.id)?.[0] ?? "");
    const back = parent !== undefined && candidate.from > parent.level + SAME;
    const band = parent === undefined ? 0 : bandOf.get(parent.id)! + (back ? 1 : 0);
    bandOf.set(candidate.id, band);
    (bands[band] ??= []).push(candidate);
  }
  const places = new Map<CandidateId, { readonly band: number; readonly lane: number }>();
  const counts = bands.map((members, band) => {
    const before = (id: CandidateId | undefined): number =>
      id === undefined ? 0 : (places.get(id)?.lane ?? 0);
    // Children of one parent side by side, in the order of the parents.
    const order = [...members].sort(
      (a, b) =>
        b.from - a.from ||
        (bandOf.get(parents.get(a.id)?.[0] ?? "") === band
          ? 0
          : before(parents.get(a.id)?.[0]) - before(parents.get(b.id)?.[0])),
    );
    const taken = fill(order, parents);
    const lanes = [...new Set(taken.values())].sort((a, b) => a.place - b.place);
    lanes.forEach((lane, place) => (lane.place = place));
    for (const { id } of members) places.set(id, { band, lane: taken.get(id)!.place });
    return lanes.length;
  });
  return { places, counts };
}

/** A lane for each, in the order given: descending by level. */
function fill(
  order: readonly CandidateRecord[],
  parents: ReadonlyMap<CandidateId, readonly CandidateId[]>,
): Map<CandidateId, Lane> {
  const taken = new Map<CandidateId, Lane>();
  const lanes: Lane[] = [];
  const hasRoom = (lane: Lane, { from }: CandidateRecord): boolean => lane.free >= from - SAME;
  for (const candidate of order) {
    const home = taken.get(parents.get(candidate.id)?.[0] ?? "");
    let lane: Lane | undefined;
    if (home && hasRoom(home, candidate)) lane = home;
    else if (home && lanes.length <= NEAR) lane = nearest(lanes, home, (other) => hasRoom(other, candidate));
    if (!lane) {
      // Between its parent's lane and the next: places are sorted and numbered in the end.
      lane = { free: 1, place: home ? home.place + 1e-6 * (lanes.length + 1) : lanes.length };
      lanes.push(lane);
    }
    // One that has not moved still takes its place.
    lane.free = candidate.level < candidate.from ? candidate.level : candidate.from - 2 * SAME;
    taken.set(candidate.id, lane);
  }
  return taken;
}

function nearest(lanes: readonly Lane[], home: Lane, isFree: (lane: Lane) => boolean): Lane | undefined {
  let best: Lane | undefined;
  for (const lane of lanes) {
    if (!isFree(lane)) continue;
    if (!best || Math.abs(lane.place - home.place) < Math.abs(best.place - home.place)) best = lane;
  }
  return best;
}
