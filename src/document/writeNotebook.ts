import { packSearch } from "./columns/savedSearch.js";
import { withLongIntegers } from "./longInteger.js";
import type { Cell, Notebook, Output, OutputItem } from "./notebook.js";
import { NotebookFormatError } from "./notebookFormatError.js";
import type { Path } from "./notebookFormatError.js";
import { SEARCH } from "./outputs.js";
import { MAX_DEPTH } from "./readJson.js";

/** Pieces of text in their order. They are put together once, at the end: outputs of several MB would be copied at each level of nesting. */
type Text = string | readonly Text[];

/**
 * The canonical text of a notebook: LF, one space of indentation, known keys first and in fixed order, then unknown ones in theirs.
 * Every source line has a line of its own, so that a one-line edit is a one-line diff; a `json` output stands on one line, because
 * indentation would make a search's record several times as large, and the long lists of such a record are written key by key.
 */
export function writeNotebook(notebook: Notebook): string {
  const cells = notebook.cells.map((cell, index) => writeCell(cell, ["cells", index], "  "));
  const document = object("", [
    `"dnb": ${notebook.dnb}`,
    `"meta": ${pretty(notebook.meta, ["meta"], " ")}`,
    ['"cells": ', array(" ", cells)],
    ...unknown(notebook.extra, [], " "),
  ]);
  const pieces: string[] = [];
  collect(document, pieces);
  pieces.push("\n");
  return pieces.join("");
}

function collect(text: Text, pieces: string[]): void {
  if (typeof text === "string") pieces.push(text);
  else for (const inner of text) collect(inner, pieces);
}

// `indent` is that of the line on which a value starts; what is inside it stands one space further in.

function writeCell(cell: Cell, path: Path, indent: string): Text {
  const inner = `${indent} `;
  const outputs = cell.outputs.map((output, index) =>
    writeOutput(output, [...path, "outputs", index], `${inner} `),
  );
  return object(indent, [
    `"id": ${JSON.stringify(cell.id)}`,
    `"kind": ${JSON.stringify(cell.kind)}`,
    ['"source": ', lines(cell.source, inner)],
    ['"outputs": ', array(inner, outputs)],
    ...unknown(cell.extra, path, inner),
  ]);
}

function writeOutput(output: Output, path: Path, indent: string): Text {
  const inner = `${indent} `;
  const items = output.items.map((item, index) => writeItem(item, [...path, "items", index], `${inner} `));
  return object(indent, [['"items": ', array(inner, items)], ...unknown(output.extra, path, inner)]);
}

function writeItem(item: OutputItem, path: Path, indent: string): Text {
  const inner = `${indent} `;
  return object(indent, [
    `"mime": ${JSON.stringify(item.mime)}`,
    writeContent(item, path, inner),
    ...unknown(item.extra, path, inner),
  ]);
}

function writeContent(item: OutputItem, path: Path, indent: string): Text {
  if ("json" in item) {
    return ['"json": ', jsonText(item.mime, item.json, [...path, "json"])];
  }
  if ("base64" in item) return ['"base64": ', JSON.stringify(item.base64)];
  return ['"text": ', typeof item.text === "string" ? JSON.stringify(item.text) : lines(item.text, indent)];
}

/** Of values that are objects, which do not change: a notebook is saved again and again, most of its outputs the same ones as before. */
const texts = new WeakMap<object, { readonly mime: string; readonly text: string }>();

function jsonText(mime: string, json: unknown, path: Path): string {
  if (typeof json !== "object" || json === null) return compact(json, path);
  const known = texts.get(json);
  if (known?.mime === mime) return known.text;
  const text = compact(mime === SEARCH ? packSearch(json) : json, path);
  texts.set(json, { mime, text });
  return text;
}

function unknown(extra: Readonly<Record<string, unknown>>, path: Path, indent: string): string[] {
  return Object.keys(extra).map(
    (key) => `${JSON.stringify(key)}: ${pretty(extra[key], [...path, key], indent)}`,
  );
}

function compact(value: unknown, path: Path): string {
  checkDepth(value, path);
  return JSON.stringify(value) ?? "null";
}

function pretty(value: unknown, path: Path, indent: string): string {
  checkDepth(value, path);
  return withLongIntegers(JSON.stringify(value, null, 1) ?? "null").replaceAll("\n", `\n${indent}`);
}

function lines(values: readonly string[], indent: string): Text {
  return array(
    indent,
    values.map((line) => JSON.stringify(line)),
  );
}

const array = (indent: string, parts: readonly Text[]): Text =>
  parts.length ? ["[\n", indent, " ", separated(parts, indent), "\n", indent, "]"] : "[]";

const object = (indent: string, parts: readonly Text[]): Text => [
  "{\n",
  indent,
  " ",
  separated(parts, indent),
  "\n",
  indent,
  "}",
];

const separated = (parts: readonly Text[], indent: string): Text =>
  parts.flatMap((part, index) => (index ? [`,\n${indent} `, part] : [part]));

/** What the reader would refuse must not be written either. */
function checkDepth(value: unknown, path: Path): void {
  if (deeperThan(value, MAX_DEPTH - path.length)) {
    throw new NotebookFormatError(
      "shape",
      `nested deeper than ${MAX_DEPTH} levels, which cannot be saved`,
      path,
    );
  }
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels <= 0) return true;
  // No arrays of values on the way: records have hundreds of thousands of them.
  if (Array.isArray(value)) {
    for (const inner of value) if (typeof inner === "object" && deeperThan(inner, levels - 1)) return true;
    return false;
  }
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner === "object" && deeperThan(inner, levels - 1)) return true;
  }
  return false;
}
