import type { CandidateRecord } from "../../src/search/record.js";
import { lineageOf, ranking } from "./model.js";
import type { ViewState } from "./reduce.js";
import { cut, plural, whole } from "./words.js";

/** Longer film strips show their end, and say so. */
const MOST = 60;
const MOST_LEVELS = 17;

export interface Frame {
  readonly candidate: CandidateRecord;
  /** Name of its picture in the atlas. */
  readonly picture: string;
  /** In a film along the noise level. */
  readonly level?: number;
}

export interface Film {
  readonly kind: "levels" | "lineage" | "best";
  readonly label: string;
  readonly detail: string;
  readonly note: string;
  readonly frames: readonly Frame[];
}

const NEEDS_MODEL = "Previews along the noise level need the model: run the cell to make this search live.";

/** What the strip shows of a candidate; undefined where there is nothing to show. */
export function filmOf(state: ViewState, candidate: CandidateRecord): Film | undefined {
  const { model, link, cursor } = state;
  if (link === "live" && candidate.status !== "failed") {
    const levels = filmLevels(state, candidate);
    const frames = levels.map((level) => ({ candidate, level, picture: pictureName(candidate, level) }));
    const at = cursor === undefined ? "final" : String(Number(cursor.toFixed(3)));
    const note = `${cut(candidate.id)} along the noise level. Arrow keys move the cursor of every view.`;
    if (frames.length > 1) return { kind: "levels", label: "Noise level", detail: at, note, frames };
  }
  const note = link === "live" ? "" : NEEDS_MODEL;
  const lineage = lineageOf(model, candidate.id).map((id) => model.byId.get(id)!);
  const frame = (one: CandidateRecord): Frame => ({ candidate: one, picture: one.id });
  if (lineage.length > 1) {
    const detail = lineage.length > MOST ? `last ${MOST} of ${whole(lineage.length)}` : cut(candidate.id);
    return { kind: "lineage", label: "Lineage of", detail, note, frames: lineage.slice(-MOST).map(frame) };
  }
  const all = model.record.candidates.filter(
    ({ scores }) => scores[model.searched.name] !== undefined,
  ).length;
  const best = ranking(model, 16);
  if (best.length < 2) return undefined;
  const label = all > best.length ? `Best ${best.length} of` : "Best first";
  return { kind: "best", label, detail: plural(all, "candidate"), note, frames: best.map(frame) };
}

/** Levels of the schedule that the candidate's lineage passed, at most 17 of them, evenly chosen; from noise to where it ended. */
export function filmLevels({ model }: ViewState, candidate: CandidateRecord): number[] {
  const passed = [...new Set([1, ...model.record.levels, candidate.level])]
    .filter((level) => level >= candidate.level && level <= 1)
    .sort((a, b) => b - a);
  const count = Math.min(MOST_LEVELS, passed.length);
  if (count < 2) return passed;
  return Array.from(
    { length: count },
    (_, i) => passed[Math.round((i * (passed.length - 1)) / (count - 1))]!,
  );
}

/** As it ended, or as `look` names the preview. */
export function pictureName({ id, level: end }: CandidateRecord, level: number): string {
  return level === end && end === 0 ? id : `${id}@${level}`;
}
