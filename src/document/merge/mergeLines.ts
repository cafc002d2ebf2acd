import { diff3Merge } from "node-diff3";

export interface MergedLines {
  /** With our side where both changed the same lines; equal to `theirs` when there is no such place. */
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly isConflict: boolean;
}

/** The three-way merge of lines (diff3: Khanna, Kunal and Pierce, "A Formal Investigation of Diff3", 2007). */
export function mergeLines(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
): MergedLines {
  const regions = diff3Merge([...ours], [...base], [...theirs], { excludeFalseConflicts: true });
  return {
    ours: regions.flatMap(({ ok, conflict }) => ok ?? conflict?.a ?? []),
    theirs: regions.flatMap(({ ok, conflict }) => ok ?? conflict?.b ?? []),
    isConflict: regions.some(({ conflict }) => conflict),
  };
}
