import type { ViewEvent } from "../../src/kernel/protocol.js";
import { modelOf, type RunModel } from "./model.js";
import { parseOutput } from "./parse.js";
import { algorithmTitle } from "./words.js";

/** Another search of the same notebook, whose scores may be laid over this one's. */
export interface OtherRun {
  readonly run: string;
  /** "Random search, cell 3" */
  readonly name: string;
  /** Once it has been asked for, as it was saved then. */
  readonly model?: RunModel;
}

/** More lines than these are a tangle. */
export const MOST_OVERLAID = 4;

/** What the editor says of the others; one whose record makes no sense is there without lines. */
export function withOthers(
  before: readonly OtherRun[],
  { known, outputs }: Extract<ViewEvent, { readonly type: "others" }>,
): readonly OtherRun[] {
  const models = new Map(before.flatMap(({ run, model }) => (model ? [[run, model] as const] : [])));
  for (const output of outputs) {
    try {
      const { record } = parseOutput(output);
      models.set(record.id, modelOf(record));
    } catch (error) {
      console.error("Another search of the notebook could not be read.", error);
    }
  }
  return known.map(({ run, cell, algorithm }) => {
    const model = models.get(run);
    const title = algorithmTitle(algorithm) || "Search";
    return { run, name: `${title}, cell ${cell}`, ...(model ? { model } : {}) };
  });
}
