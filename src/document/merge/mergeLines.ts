import { commonLines } from "./commonLines.js";
import { sameJson } from "./mergeValues.js";

export interface MergedLines {
  /** With our side where both changed the same lines; equal to `theirs` when there is no such place. */
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly isConflict: boolean;
}

/** The three-way merge of lines (diff3: Khanna, Kunal and Pierce, "A Formal Investigation of Diff3", 2007, section 3). */
export function mergeLines(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
): MergedLines {
  // Most cells of a notebook are as they were.
  if (sameJson(ours, theirs)) return { ours, theirs, isConflict: false };
  const inOurs = new Map(commonLines(base, ours));
  const inTheirs = new Map(commonLines(base, theirs));
  const merged = { ours: [] as string[], theirs: [] as string[], isConflict: false };
  let [o, a, b] = [0, 0, 0];
  for (let line = 0; line <= base.length; line++) {
    const isEnd = line === base.length;
    const mine = isEnd ? ours.length : inOurs.get(line);
    const yours = isEnd ? theirs.length : inTheirs.get(line);
    // A line that both still have; what lies before it, back to the last such line, was changed on one side or on both.
    if (mine === undefined || yours === undefined) continue;
    const [before, we, they] = [base.slice(o, line), ours.slice(a, mine), theirs.slice(b, yours)];
    const isOurs = sameJson(before, they) || sameJson(we, they);
    const isTheirs = !isOurs && sameJson(before, we);
    append(merged.ours, isTheirs ? they : we);
    append(merged.theirs, isOurs ? we : they);
    merged.isConflict ||= !isOurs && !isTheirs;
    if (!isEnd) {
      merged.ours.push(base[line]!);
      merged.theirs.push(base[line]!);
    }
    [o, a, b] = [line + 1, mine + 1, yours + 1];
  }
  return merged;
}

/** Not spread: a call takes no hundred thousand arguments. */
function append(lines: string[], more: readonly string[]): void {
  for (const line of more) lines.push(line);
}
