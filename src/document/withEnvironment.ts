import type { Notebook } from "./notebook.js";
import { isObject } from "./shape.js";
import { writeNotebook } from "./writeNotebook.js";

export type RunEnvironment = Readonly<Record<string, string>>;

/**
 * `after` with what its outputs were computed with in `meta.environment`. Where running gave the same outputs as `before` has, the record
 * of that earlier run stays, so that no byte changes; so it does when `environment` is empty, because no model was used.
 */
export function withEnvironment(before: Notebook, after: Notebook, environment: RunEnvironment): Notebook {
  if (!Object.keys(environment).length || outputsOf(before) === outputsOf(after)) return after;
  return { ...after, meta: { ...after.meta, environment } };
}

/** What `meta.environment` says; empty when it says nothing. */
export function environmentOf({ meta }: Notebook): RunEnvironment {
  const { environment } = meta;
  if (!isObject(environment)) return {};
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** What differs, as sentences: "onnxruntime 1.30.0 instead of 1.29.0". Names that only one of both has are compared with nothing. */
export function environmentChanges(before: RunEnvironment, after: RunEnvironment): string[] {
  return Object.keys(before)
    .filter((name) => Object.hasOwn(after, name) && before[name] !== after[name])
    .map((name) => `${name} ${after[name]} instead of ${before[name]}`);
}

function outputsOf({ cells }: Notebook): string {
  const shown = cells.filter(({ outputs }) => outputs.length);
  const bare = shown.map(({ id, kind, outputs }) => ({ id, kind, outputs, source: [], extra: {} }));
  return writeNotebook({ dnb: 1, meta: {}, cells: bare, extra: {} });
}
