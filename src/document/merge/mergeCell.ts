import type { Cell, Output } from "../notebook.js";
import { mergeLines } from "./mergeLines.js";
import { mergeValues, sameJson, type Undecided } from "./mergeValues.js";

/** One cell, or two versions of it where both sides changed the same lines. */
export type MergedCell = { readonly merged: Cell } | { readonly ours: Cell; readonly theirs: Cell };

/** `base` is absent when both sides have added a cell of this id. */
export function mergeCell(
  base: Cell | undefined,
  ours: Cell,
  theirs: Cell,
  undecided: Undecided,
): MergedCell {
  const source = mergeLines(base?.source ?? [], ours.source, theirs.source);
  const extra = mergeValues(base?.extra ?? {}, ours.extra, theirs.extra, undecided);
  const version = (kind: Cell["kind"], lines: readonly string[]): Cell => ({
    id: ours.id,
    kind,
    source: lines,
    outputs: outputsOf({ kind, source: lines }, base, ours, theirs),
    extra,
  });
  const kinds =
    ours.kind === theirs.kind || base?.kind === theirs.kind
      ? [ours.kind]
      : base?.kind === ours.kind
        ? [theirs.kind]
        : [];
  const [kind] = kinds;
  if (kind && !source.isConflict) return { merged: version(kind, source.ours) };
  return {
    ours: version(kind ?? ours.kind, source.ours),
    theirs: version(kind ?? theirs.kind, source.theirs),
  };
}

/** Outputs belong to the source that they were computed from; a source that neither side had was never run. */
function outputsOf(
  { kind, source }: Pick<Cell, "kind" | "source">,
  base: Cell | undefined,
  ours: Cell,
  theirs: Cell,
): readonly Output[] {
  const isOf = (side: Cell): boolean => side.kind === kind && sameJson(side.source, source);
  if (isOf(ours) && isOf(theirs))
    return sameJson(ours.outputs, base?.outputs) ? theirs.outputs : ours.outputs;
  if (isOf(ours)) return ours.outputs;
  return isOf(theirs) ? theirs.outputs : [];
}
