import type { Cell } from "./notebook.js";
import { isObject } from "./shape.js";

/** One of the two versions of a cell that a merge could not bring together. */
export interface Conflict {
  /** Id of the cell that both are versions of. */
  readonly of: string;
  readonly side: "ours" | "theirs";
  /** The other side deleted the cell. */
  readonly deleted: boolean;
}

// What the parser has checked; a cell that comes from elsewhere (the editor) and is malformed there has no such label.

export function roleOf({ extra }: Pick<Cell, "extra">): string | undefined {
  return typeof extra["role"] === "string" ? extra["role"] : undefined;
}

export function tagsOf({ extra }: Pick<Cell, "extra">): readonly string[] {
  const { tags } = extra;
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
}

/** The cells after it run even if it fails. */
export const mayFail = (cell: Pick<Cell, "extra">): boolean =>
  tagsOf(cell).some((tag) => tag === "raises-exception" || tag === "allow-error");

export function conflictOf({ extra }: Pick<Cell, "extra">): Conflict | undefined {
  const { conflict } = extra;
  if (!isObject(conflict) || typeof conflict["of"] !== "string") return undefined;
  const { of, side } = conflict;
  return side === "ours" || side === "theirs"
    ? { of, side, deleted: conflict["deleted"] === true }
    : undefined;
}
