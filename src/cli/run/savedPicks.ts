import type { Notebook } from "../../document/notebook.js";
import type { PeopleState } from "../../kernel/protocol.js";
import { recordedPicks, type SavedItem } from "../../kernel/protocol/recordedPicks.js";

/** Nobody can be asked here: what a person picked is in the outputs that the file held before. */
export function savedPicks(notebook: Notebook): PeopleState {
  return { canAsk: false, picks: recordedPicks(savedItems(notebook)) };
}

function* savedItems({ cells }: Notebook): Generator<SavedItem> {
  for (const { outputs } of cells)
    for (const { items } of outputs)
      for (const item of items)
        if ("json" in item) yield { mime: item.mime, text: () => JSON.stringify(item.json) };
}
