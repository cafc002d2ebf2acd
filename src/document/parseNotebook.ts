import { isCellId } from "./cellId.js";
import type { Cell, Notebook, Output, OutputItem } from "./notebook.js";
import { NotebookFormatError, positionAt } from "./notebookFormatError.js";
import type { Path } from "./notebookFormatError.js";
import { JsonError, readJson } from "./readJson.js";

export const VERSION = 1;

/**
 * Reads the text of a `.dnb`. Accepts a byte order mark and any line ends; keeps keys that it does not know. Throws NotebookFormatError
 * with path and position for everything else: half a notebook is never returned, because saving it would lose the other half.
 */
export function parseNotebook(text: string): Notebook {
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (!body.trim()) {
    const what = body ? "the file holds nothing but white space" : "the file is empty (0 bytes)";
    throw new NotebookFormatError("empty", `${what}, so there is no notebook in it`, [], {
      line: 1,
      column: 1,
    });
  }
  const value = readDocument(body);
  try {
    return parseDocument(value);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new NotebookFormatError(error.fault, error.message, error.path, locate(body, error.path));
  }
}

function readDocument(text: string): unknown {
  try {
    return readJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    // Valid JSON has no raw line end inside a string, so such a line is never part of a cell.
    const conflict = /^(?:<{7}|>{7}|\|{7})(?: |$)/m.exec(text);
    if (conflict) {
      const position = positionAt(text, conflict.index);
      const what = `merge conflict at line ${position.line}: choose a side for each <<<<<<< … >>>>>>> block`;
      throw new NotebookFormatError("conflict", what, [], position);
    }
    const atTop = error.path.length === 0 && !error.ended;
    const what = atTop && !/^\s*\{/.test(text) ? `not a notebook: ${error.message}` : error.message;
    throw new NotebookFormatError("syntax", what, error.path, positionAt(text, error.offset));
  }
}

/** A value of the wrong shape; becomes a NotebookFormatError once its position is known. */
class Misfit extends Error {
  constructor(
    message: string,
    readonly path: Path,
    readonly fault: "shape" | "version" = "shape",
  ) {
    super(message);
  }
}

/** Of the value at `path`, or of the innermost container on the way to it that exists. */
function locate(text: string, path: Path) {
  let offset = 0;
  let depth = -1;
  readJson(text, (at, start) => {
    if (at.length > depth && at.length <= path.length && at.every((step, index) => step === path[index])) {
      offset = start;
      depth = at.length;
    }
  });
  return positionAt(text, offset);
}

function parseDocument(value: unknown): Notebook {
  const document = object(value, []);
  const { dnb } = document;
  if (dnb === undefined)
    throw new Misfit('not a notebook: the key "dnb" (the format\'s version) is missing', []);
  if (typeof dnb !== "number" || !Number.isInteger(dnb) || dnb < 1) {
    throw new Misfit(`expected the format's version, ${VERSION}, found ${describe(dnb)}`, ["dnb"]);
  }
  if (dnb > VERSION) {
    const what = `the notebook has format version ${dnb} and needs a newer version of Diffusion Notebook; this one reads version ${VERSION}`;
    throw new Misfit(what, ["dnb"], "version");
  }
  const cells = array(document["cells"], ["cells"]).map((cell, index) => parseCell(cell, ["cells", index]));
  refuseRepeatedIds(cells);
  return {
    dnb: 1,
    meta: document["meta"] === undefined ? {} : object(document["meta"], ["meta"]),
    cells,
    extra: without(document, ["dnb", "meta", "cells"]),
  };
}

function refuseRepeatedIds(cells: readonly Cell[]): void {
  const first = new Map<string, number>();
  cells.forEach(({ id }, index) => {
    const earlier = first.get(id);
    if (earlier !== undefined) {
      throw new Misfit(`"${id}" is also the id of cells[${earlier}]; every cell needs its own`, [
        "cells",
        index,
        "id",
      ]);
    }
    first.set(id, index);
  });
}

function parseCell(value: unknown, path: Path): Cell {
  const cell = object(value, path);
  const { id, kind } = cell;
  if (!isCellId(id)) {
    const what = `expected 1 to 64 letters, digits, "-" or "_", best 6 to 8 of them, found ${describe(id)}`;
    throw new Misfit(what, [...path, "id"]);
  }
  if (kind !== "code" && kind !== "markdown") {
    throw new Misfit(`expected "code" or "markdown", found ${describe(kind)}`, [...path, "kind"]);
  }
  const written = lines(cell["source"], [...path, "source"]);
  const source = written.some((line) => line.includes("\n")) ? written.join("\n").split("\n") : written;
  const outputs = cell["outputs"] === undefined ? [] : array(cell["outputs"], [...path, "outputs"]);
  return {
    id,
    kind,
    source,
    outputs: outputs.map((output, index) => parseOutput(output, [...path, "outputs", index])),
    extra: without(cell, ["id", "kind", "source", "outputs"]),
  };
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
  if (forms[0] === "json") return { mime, json: item["json"], extra };
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

function lines(value: unknown, path: Path): readonly string[] {
  const values = array(value, path);
  if (values.every((line) => typeof line === "string")) return values;
  return values.map((line, index) => string(line, [...path, index]));
}

function string(value: unknown, path: Path): string {
  if (typeof value !== "string") throw new Misfit(`expected a string, found ${describe(value)}`, path);
  return value;
}

function array(value: unknown, path: Path): readonly unknown[] {
  if (!Array.isArray(value)) throw new Misfit(`expected an array, found ${describe(value)}`, path);
  return value;
}

function object(value: unknown, path: Path): Record<string, unknown> {
  if (!isObject(value)) throw new Misfit(`expected an object, found ${describe(value)}`, path);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `Object.fromEntries` defines keys, so even `__proto__` stays an ordinary one. */
function without(value: Record<string, unknown>, known: readonly string[]): Record<string, unknown> {
  const keys = Object.keys(value).filter((key) => !known.includes(key));
  return Object.fromEntries(keys.map((key) => [key, value[key]]));
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing: the key is missing";
  if (Array.isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  const text = JSON.stringify(value);
  return `${value === null ? "" : `the ${typeof value} `}${text.length > 40 ? `${text.slice(0, 40)}…` : text}`;
}
