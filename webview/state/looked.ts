import type { Looked } from "../../src/kernel/protocol.js";
import type { Measure } from "../axis.js";
import type { Happening } from "./happening.js";
import type { Columns, ViewName, ViewState } from "./reduce.js";

const VIEWS: readonly ViewName[] = ["tree", "branches", "gallery", "table"];
const MEASURES: readonly Measure[] = ["nfe", "forwards", "calls", "seconds", "rounds"];
const COLUMNS: readonly Columns[] = ["round", "level"];

/** As nobody has looked at it yet. */
export const FRESH: Looked = { view: "tree", measure: "nfe", log: false, columns: "round" };

/** What of a state is kept for the next time. */
export function lookedOf({ view, measure, log, columns, colour, selected }: ViewState): Looked {
  return {
    ...{ view, measure, log, columns },
    ...(colour === undefined ? {} : { colour }),
    ...(selected === undefined ? {} : { selected }),
  };
}

export const sameLook = (a: Looked, b: Looked): boolean =>
  (["view", "measure", "log", "columns", "colour", "selected"] as const).every((name) => a[name] === b[name]);

/** What leads to that look; names that mean nothing here, as of another version, are left out. */
export function happeningsOf({
  view,
  measure,
  log,
  columns,
  colour,
  selected,
}: Partial<Looked>): Happening[] {
  const known = <T extends string>(names: readonly T[], value: unknown): T | undefined =>
    names.find((name) => name === value);
  const [v, m, c] = [known(VIEWS, view), known(MEASURES, measure), known(COLUMNS, columns)];
  return [
    ...(v ? [{ type: "view", view: v } as const] : []),
    ...(m ? [{ type: "measure", measure: m } as const] : []),
    ...(c ? [{ type: "columns", columns: c } as const] : []),
    ...(typeof colour === "string" ? [{ type: "colour", verifier: colour } as const] : []),
    ...(log === true ? [{ type: "log", on: true } as const] : []),
    ...(typeof selected === "string" ? [{ type: "select", id: selected } as const] : []),
  ];
}
