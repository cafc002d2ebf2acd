import { computeAxis, logUnit, type ComputeAxis } from "../axis.js";
import type { OtherRun } from "../state/others.js";
import type { ViewState } from "../state/reduce.js";
import type { Overlay } from "./series.js";

/** Those that are picked and whose records are there. */
export function overlaidOf({ others, overlaid }: ViewState): readonly OtherRun[] {
  return overlaid.flatMap((run) => others.find((other) => other.run === run && other.model) ?? []);
}

/** One axis for all: as long as the longest needs, counted as this run's is. A run of which that is not known has no place on it. */
export function sharedAxis(
  { model, measure, log, times }: ViewState,
  others: readonly OtherRun[],
): { readonly axis: ComputeAxis; readonly overlays: readonly Overlay[] } {
  const alone = computeAxis(model, measure, { times });
  if (others.length === 0) return { axis: computeAxis(model, measure, { times, log }), overlays: [] };
  const beside = others.flatMap(({ name, model: other }) => {
    const axis = other && computeAxis(other, measure);
    return other && axis?.label === alone.label ? [{ name, model: other, spent: axis.spent }] : [];
  });
  const reach = Math.max(alone.max, ...beside.map(({ spent }) => spent));
  const unit = logUnit(model, alone.spans);
  const overlays = beside.map(({ name, model: other }) => ({
    name,
    model: other,
    axis: computeAxis(other, measure, { log, unit, reach }),
  }));
  return { axis: computeAxis(model, measure, { times, log, unit, reach }), overlays };
}
