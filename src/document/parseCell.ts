import { isCellId } from "./cellId.js";
import { unpackSearch } from "./columns/savedSearch.js";
import type { Cell, Output, OutputItem } from "./notebook.js";
import type { Path } from "./notebookFormatError.js";
import { SEARCH } from "./outputs.js";
import { array, describe, lines, Misfit, object, oneOf, string, without } from "./shape.js";

/** `path`: where the cell lies. Throws Misfit. */
export function parseCell(value: unknown, path: Path): Cell {
  const cell = object(value, path);
  const { id } = cell;
  if (!isCellId(id)) {
    const what = `expected 1 to 64 letters, digits, "-" or "_", best 6 to 8 of them, found ${describe(id)}`;
    throw new Misfit(what, [...path, "id"]);
  }
  checkLabels(cell, path);
  const written = lines(cell["source"], [...path, "source"]);
  const source = written.some((line) => line.includes("\n")) ? written.join("\n").split("\n") : written;
  const outputs = cell["outputs"] === undefined ? [] : array(cell["outputs"], [...path, "outputs"]);
  return {
    id,
    kind: oneOf(cell["kind"], ["code", "markdown"], [...path, "kind"]),
    source,
    outputs: outputs.map((output, index) => parseOutput(output, [...path, "outputs", index])),
    extra: without(cell, ["id", "kind", "source", "outputs"]),
  };
}

/** `role`, `tags` and `conflict` stay among the cell's further keys, where `cellLabels.ts` reads them: most cells have none. */
function checkLabels({ role, tags, conflict }: Record<string, unknown>, path: Path): void {
  if (role !== undefined) string(role, [...path, "role"]);
  if (tags !== undefined) lines(tags, [...path, "tags"]);
  if (conflict === undefined) return;
  const { of, side } = object(conflict, [...path, "conflict"]);
  string(of, [...path, "conflict", "of"]);
  oneOf(side, ["ours", "theirs"], [...path, "conflict", "side"]);
}

function parseOutput(value: unknown, path: Path): Output {
  const output = object(value, path);
  const items = array(output["items"], [...path, "items"]);
  return {
    items: items.map((item, index) => parseItem(item, [...path, "items", index])),
    extra: without(output, ["items"]),
  };
}

function parseItem(value: unknown, path: Path): OutputItem {
  const item = object(value, path);
  const mime = string(item["mime"], [...path, "mime"]);
  const extra = without(item, ["mime", "text", "json", "base64"]);
  const forms = ["text", "json", "base64"].filter((form) => Object.hasOwn(item, form));
  if (forms.length !== 1) {
    const found = forms.length ? `found ${forms.join(" and ")}` : "found none of them";
    throw new Misfit(`expected exactly one of "text", "json" and "base64", ${found}`, path);
  }
  if (forms[0] === "json")
    return { mime, json: mime === SEARCH ? unpackSearch(item["json"]) : item["json"], extra };
  if (forms[0] === "base64") return { mime, base64: base64(item["base64"], [...path, "base64"]), extra };
  const text = item["text"];
  return { mime, text: typeof text === "string" ? text : lines(text, [...path, "text"]), extra };
}

function base64(value: unknown, path: Path): string {
  const text = string(value, path);
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw new Misfit("not valid base64", path);
  return text;
}
