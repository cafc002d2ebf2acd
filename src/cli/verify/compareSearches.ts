import type { Notebook } from "../../document/notebook.js";
import { SEARCH } from "../../document/outputs.js";
import { isObject } from "../../document/shape.js";
import { compareRecords } from "../../search/replay/compareRecords.js";
import type { SearchRecord } from "../../search/record.js";

export type NodeVerdict = "equal" | "within" | "different";

/** One saved search beside the same search run again. */
export interface SearchVerdict {
  /** Id of its cell. */
  readonly cell: string;
  readonly run: string;
  readonly outcome: NodeVerdict;
  readonly nodes: readonly {
    readonly id: string;
    readonly verdict: NodeVerdict;
    readonly difference: number;
  }[];
  /** What differs beside scores, as sentences: other models, missing candidates, other parents. */
  readonly mismatches: readonly string[];
}

/**
 * Compares each search that `saved` shows with the one at the same place of `again`: cell by cell (by id), in order. `tolerance`: the
 * largest absolute difference of a score that counts as within.
 */
export function compareSearches(saved: Notebook, again: Notebook, tolerance: number): SearchVerdict[] {
  const found = new Map(again.cells.map(({ id, outputs }) => [id, recordsOf({ outputs })]));
  return saved.cells.flatMap(({ id, outputs }) =>
    recordsOf({ outputs }).map((record, index) => {
      const other = found.get(id)?.[index];
      return other ? compare(id, record, other, tolerance) : missing(id, record);
    }),
  );
}

function compare(cell: string, saved: SearchRecord, again: SearchRecord, tolerance: number): SearchVerdict {
  const { candidates, mismatches } = compareRecords(saved, again);
  const nodes = candidates.map(({ id, difference }) => ({
    id,
    difference,
    verdict: verdictOf(difference, tolerance),
  }));
  const others = [...otherFiles(saved, again), ...mismatches];
  const outcome = others.length
    ? "different"
    : ((["different", "within"] as const).find((verdict) => nodes.some((node) => node.verdict === verdict)) ??
      "equal");
  return { cell, run: saved.id, outcome, nodes, mismatches: others };
}

const verdictOf = (difference: number, tolerance: number): NodeVerdict =>
  difference === 0 ? "equal" : difference <= tolerance ? "within" : "different";

/** The reason before the symptoms: scores of another model differ of course. */
function otherFiles(saved: SearchRecord, again: SearchRecord): string[] {
  const models = [["model", saved.model, again.model] as const];
  const verifiers = saved.verifiers.map(
    (verifier) => ["verifier", verifier, again.verifiers.find(({ name }) => name === verifier.name)] as const,
  );
  return [...models, ...verifiers].flatMap(([what, before, after]) => {
    if (!after) return [`The ${what} ${before.name} is not there.`];
    if (before.sha256 === after.sha256) return [];
    return [
      `The ${what} ${before.name} is another file: sha256 ${after.sha256 ?? "none"} instead of ${before.sha256 ?? "none"}.`,
    ];
  });
}

const missing = (cell: string, record: SearchRecord): SearchVerdict => ({
  cell,
  run: record.id,
  outcome: "different",
  nodes: [],
  mismatches: ["The cell did not run this search again."],
});

function recordsOf({ outputs }: Pick<Notebook["cells"][number], "outputs">): SearchRecord[] {
  return outputs.flatMap(({ items }) =>
    items.flatMap((item) => {
      if (item.mime !== SEARCH || !("json" in item) || !isObject(item.json)) return [];
      const { record } = item.json;
      return isRecord(record) ? [record] : [];
    }),
  );
}

/** What the comparison looks at; a record of another version has no such shape and is none. */
function isRecord(value: unknown): value is SearchRecord {
  if (!isObject(value) || value["version"] !== 1 || typeof value["id"] !== "string") return false;
  const { candidates, verifiers, model } = value;
  return (
    isObject(model) &&
    Array.isArray(verifiers) &&
    verifiers.every((verifier) => isObject(verifier) && typeof verifier["name"] === "string") &&
    Array.isArray(candidates) &&
    candidates.every(
      (one) =>
        isObject(one) &&
        typeof one["id"] === "string" &&
        Array.isArray(one["parents"]) &&
        isObject(one["scores"]),
    )
  );
}
