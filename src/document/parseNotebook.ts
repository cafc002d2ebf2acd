import { migrate } from "./migrate.js";
import type { Cell, Notebook } from "./notebook.js";
import { NotebookFormatError, positionAt } from "./notebookFormatError.js";
import type { Path } from "./notebookFormatError.js";
import { parseCell } from "./parseCell.js";
import { parseMeta } from "./parseMeta.js";
import { JsonError, readJson } from "./readJson.js";
import { array, Misfit, object, without } from "./shape.js";

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
    return readJson(text, undefined, isUnknown);
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

/** Outputs and parameters are numbers to whoever reads them; of what this version does not know every digit is kept. */
const isUnknown = (path: Path): boolean =>
  !(path[0] === "meta" && path[1] === "parameters") && !(path[2] === "outputs" && path[6] === "json");

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
  const document = migrate(object(value, []));
  const cells = array(document["cells"], ["cells"]).map((cell, index) => parseCell(cell, ["cells", index]));
  refuseRepeatedIds(cells);
  return {
    dnb: 1,
    meta: parseMeta(document["meta"]),
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
