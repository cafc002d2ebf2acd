import type { DenoiseJob, KeptPrediction, TensorId } from "../engine/engine.js";
import { keptId } from "../engine/tensorId.js";
import { nearestLevels } from "../algorithms/nearestLevels.js";
import type { ResolvedProblem } from "../problem.js";
import type { Sampling } from "../sampling.js";
import { leavesOf } from "../verifiers/ensemble.js";
import type { Node } from "./node.js";

/**
 * A verifier that compares a clean image with its preview gets the x0-prediction that the trip had anyway, at the level of it that is nearest to
 * the one that the verifier names: it costs no evaluation. A lineage that goes back by renoising has that of its latest passage.
 */
export interface WantedPreview extends KeptPrediction {
  /** Level of the problem's schedule; a trip may have levels of its own. */
  readonly wanted: number;
}

/** Levels at which the verifiers of a problem get previews, each once. */
export function previewLevels({
  searched,
  heldOut,
  sampling,
}: Pick<ResolvedProblem, "searched" | "heldOut" | "sampling">): number[] {
  const all = [searched, ...heldOut].flatMap(leavesOf);
  return [...new Set(all.flatMap(({ previewLevel }) => scheduled(previewLevel, sampling) ?? []))];
}

/** The level of the schedule that a verifier's preview is at; undefined: it wants none, or the steps leave no level for it. The last one before 0 is none: the prediction there is the image itself. */
export function scheduled(
  level: number | undefined,
  { levels }: Pick<Sampling, "levels">,
): number | undefined {
  return level === undefined ? undefined : nearestLevels(levels.slice(0, -1), [level])[0];
}

/** Those that a trip passes. At level 1 there is only noise to predict from, so it is never the level of a preview. */
export function keptOnTrip(
  wanted: readonly number[],
  { id, levels }: Pick<DenoiseJob, "id" | "levels">,
): WantedPreview[] {
  const [from, to] = [levels[0]!, levels.at(-1)!];
  const inner = levels.slice(0, -1).filter((level) => level < 1);
  const evaluated = to === 0 && inner.length > 1 ? inner.slice(0, -1) : inner;
  return wanted.flatMap((level) => {
    if (evaluated.length === 0 || level > from + SAME || level <= to + SAME) return [];
    const nearest = evaluated.reduce((best, one) =>
      Math.abs(one - level) < Math.abs(best - level) ? one : best,
    );
    return [{ wanted: level, level: nearest, id: keptId(id, nearest) }];
  });
}

/** The preview of a lineage; undefined if it was made when no verifier wanted one. */
export function keptPreview(node: Node, wanted: number): TensorId | undefined {
  for (let at: Node | undefined = node; at; at = at.parents[0]) {
    const known = at.kept.get(wanted);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** Levels are equal below this. */
const SAME = 1e-9;
