import type { Notebook } from "./notebook.js";

/** How much of the outputs a save keeps: nothing, what a reader looks at, or everything. */
export const OUTPUT_MODES = ["none", "summary", "embed"] as const;
export type OutputMode = (typeof OUTPUT_MODES)[number];

/** `meta.outputs`; a notebook that does not say is in `summary`. */
export function outputMode({ meta }: Pick<Notebook, "meta">): OutputMode {
  return OUTPUT_MODES.find((mode) => mode === meta["outputs"]) ?? "summary";
}
