import type { Happening } from "./happening.js";
import type { ViewState } from "./reduce.js";

/** What Escape takes back: the latest look goes first. Undefined: there is none. */
export function undoLook({
  selected,
  compared,
  cursor,
  filter,
  zoom,
  enlarged,
}: ViewState): Happening | undefined {
  if (enlarged) return { type: "enlarge", on: false };
  if (compared !== undefined) return { type: "compare", id: undefined };
  if (cursor !== undefined) return { type: "cursor", level: undefined };
  if (filter.band) return { type: "filter", filter: { band: undefined } };
  if (zoom) return { type: "zoom", span: undefined };
  return selected === undefined ? undefined : { type: "select", id: undefined };
}
