import type { PickRecord } from "../../search/record.js";
import { MIME, type RecordedPicks } from "../protocol.js";

/** One item of a saved output, as text. */
export interface SavedItem {
  readonly mime: string;
  readonly text: () => string;
}

/**
 * What persons have answered in the searches that a notebook's outputs hold, by run. Outputs may come from anywhere: what is no pick is left out,
 * and the run asks.
 */
export function recordedPicks(items: Iterable<SavedItem>): RecordedPicks {
  const picks: [string, readonly PickRecord[]][] = [];
  for (const { mime, text } of items) {
    if (mime !== MIME.search) continue;
    const saved = text();
    // A record without a person is not worth reading: it may be megabytes.
    if (!saved.includes('"picks"')) continue;
    const record = recordIn(saved);
    const known = parsePicks(record?.["picks"]);
    if (typeof record?.["id"] === "string" && known.length > 0) picks.push([record["id"], known]);
  }
  return Object.fromEntries(picks);
}

/** From a request or a file; entries that are no picks are left out. */
export function parsePicks(value: unknown): PickRecord[] {
  return Array.isArray(value) ? value.flatMap((entry) => parsePick(entry) ?? []) : [];
}

function parsePick(value: unknown): PickRecord | undefined {
  if (!isObject(value)) return undefined;
  const { verifier, round, candidates, order, dropped } = value;
  if (typeof verifier !== "string" || typeof round !== "number" || !isNames(candidates)) return undefined;
  if (!Array.isArray(order) || !order.every(isNames) || !isNames(dropped)) return undefined;
  const known = [...order.flat(), ...dropped].every((id) => candidates.includes(id));
  return known ? { verifier, round, candidates, order, dropped } : undefined;
}

function recordIn(text: string): Record<string, unknown> | undefined {
  try {
    const output: unknown = JSON.parse(text);
    const record = isObject(output) ? output["record"] : undefined;
    return isObject(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === "string");
