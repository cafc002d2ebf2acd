import { SearchRun } from "../../search/index.js";
import { MIME, type WireItem } from "../protocol.js";
import { describeRun } from "./describeRun.js";
import type { Formatter } from "./formatValue.js";

/** A search as it is now, without pictures: those have to be asked of the engine. */
export function runItems(run: SearchRun): readonly WireItem[] {
  const record = run.record();
  return [
    { mime: MIME.search, json: { record, atlas: [] } },
    { mime: MIME.plain, text: describeRun(record) },
  ];
}

/** Where a search replaces what another display showed; on its own it is a live view (`LiveRuns`). */
export const runFormat: Formatter = (value) => (value instanceof SearchRun ? runItems(value) : undefined);
