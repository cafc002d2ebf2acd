import type * as vscode from "vscode";
import type { ViewEvent } from "../kernel/protocol.js";
import { recordsIn } from "./cellWriter.js";
import { isObject } from "./plainOutput.js";

type Others = Extract<ViewEvent, { readonly type: "others" }>;

/** More are no picture any more, and no search that anyone keeps in one notebook. */
const MOST = 200;

/** The other searches that the notebook's outputs show, and the records of those that are asked for: without their pictures. */
export function otherSearches(
  notebook: vscode.NotebookDocument,
  run: string,
  wanted: readonly string[],
): Others {
  const known = new Map<
    string,
    { readonly run: string; readonly cell: number; readonly algorithm: string }
  >();
  const outputs: Others["outputs"][number][] = [];
  for (const cell of notebook.getCells())
    for (const record of recordsIn(cell)) {
      const { id, algorithm } = record;
      if (typeof id !== "string" || id === run || known.has(id) || known.size >= MOST) continue;
      const name = isObject(algorithm) ? algorithm["name"] : undefined;
      known.set(id, { run: id, cell: cell.index + 1, algorithm: typeof name === "string" ? name : "" });
      // SAFETY: the view parses it, as it does what it gets from a file.
      if (wanted.includes(id)) outputs.push({ record, atlas: [] } as unknown as (typeof outputs)[number]);
    }
  return { type: "others", run, known: [...known.values()], outputs };
}
