import { repairCellIds } from "../cellId.js";
import type { Cell, Notebook, Output, OutputItem } from "../notebook.js";
import { NotebookFormatError } from "../notebookFormatError.js";
import { errorOutput, streamOutput, textItem } from "../outputs.js";
import { readJson } from "../readJson.js";
import { isObject } from "../shape.js";
import { withoutOverwritten } from "../terminalText.js";

type Values = Readonly<Record<string, unknown>>;

/**
 * A Jupyter notebook (nbformat 3 and 4). Code that is not TypeScript or JavaScript becomes a Markdown cell with the code in a fence: it
 * could not run here. `say` is told, in a sentence, what is lost. Throws NotebookFormatError for what is no Jupyter notebook.
 */
export function fromIpynb(
  text: string,
  random: () => number,
  say: (sentence: string) => void = () => undefined,
): Notebook {
  const document = read(text);
  const metadata = valuesIn(document["metadata"]);
  const language = languageOf(metadata);
  const found = cellsOf(document);
  const ids = repairCellIds(
    found.map(({ id }) => id),
    random,
  );
  const own = valuesIn(metadata["dnb"]);
  const title = typeof metadata["title"] === "string" ? { title: metadata["title"] } : {};
  const cells = found.map((cell, index) => toCell(cell, ids[index] ?? "", language));
  const lost = found.reduce(
    (sum, { outputs }, index) => sum + (cells[index]?.kind === "markdown" ? objects(outputs).length : 0),
    0,
  );
  if (lost)
    say(`${lost} outputs of ${language} cells are left out: their code is text here, which has no outputs`);
  return {
    dnb: 1,
    meta: { ...title, ...valuesIn(own["meta"]) },
    cells,
    extra: valuesIn(own["extra"]),
  };
}

function read(text: string): Values {
  let document: unknown;
  try {
    document = readJson(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new NotebookFormatError("syntax", error instanceof Error ? error.message : String(error), []);
  }
  const version = isObject(document) ? document["nbformat"] : undefined;
  if (!isObject(document) || (version !== 3 && version !== 4))
    throw new NotebookFormatError(
      "shape",
      `no Jupyter notebook of nbformat 3 or 4: nbformat is ${JSON.stringify(version) ?? "missing"}`,
      [],
    );
  return document;
}

const languageOf = (metadata: Values): string => {
  const named =
    valuesIn(metadata["language_info"])["name"] ??
    valuesIn(metadata["kernelspec"])["language"] ??
    valuesIn(metadata["kernelspec"])["name"];
  return typeof named === "string" ? named.toLowerCase() : "python";
};

/** nbformat 3 has its cells in worksheets. */
function cellsOf(document: Values): Values[] {
  const lists =
    document["nbformat"] === 3
      ? objects(document["worksheets"]).map(({ cells }) => cells)
      : [document["cells"]];
  return lists.flatMap(objects);
}

function toCell(cell: Values, id: string, language: string): Cell {
  const type = cell["cell_type"];
  const metadata = valuesIn(cell["metadata"]);
  const source = joined(cell["source"] ?? cell["input"]);
  const tags = Array.isArray(metadata["tags"])
    ? metadata["tags"].filter((tag) => typeof tag === "string")
    : [];
  const own = isObject(metadata["dnb"]) ? metadata["dnb"] : { ...(tags.length && { tags }) };
  const attachments = isObject(cell["attachments"])
    ? { "x-ipynb": { attachments: cell["attachments"] } }
    : {};
  const extra = { ...own, ...attachments };
  const make = (kind: Cell["kind"], text: string, outputs: readonly Output[] = []): Cell => ({
    id,
    kind,
    source: text === "" ? [] : text.split(/\r\n|\r|\n/),
    outputs,
    extra,
  });
  if (type === "markdown") return make("markdown", source);
  if (type === "heading") return make("markdown", `${"#".repeat(Number(cell["level"]) || 1)} ${source}`);
  if (type !== "code") return make("markdown", fenced("", source));
  const outputs = objects(cell["outputs"]).flatMap(toOutput);
  return /^(?:typescript|javascript|ts|js|deno|tslab|jslab)$/.test(language)
    ? make("code", source, outputs)
    : make("markdown", fenced(language, source));
}

function toOutput(output: Values): Output[] {
  switch (output["output_type"]) {
    case "stream":
      return [
        streamOutput(
          (output["name"] ?? output["stream"]) === "stderr" ? "stderr" : "stdout",
          withoutOverwritten(joined(output["text"])),
        ),
      ];
    case "error":
    case "pyerr": {
      const stack = Array.isArray(output["traceback"]) ? output["traceback"].join("\n") : "";
      return [
        errorOutput({
          name: String(output["ename"]),
          message: String(output["evalue"]),
          ...(stack && { stack }),
        }),
      ];
    }
    default: {
      const data = isObject(output["data"]) ? output["data"] : dataOfOld(output);
      const items = Object.entries(data).map(([mime, value]) => toItem(mime, value));
      return items.length ? [{ items, extra: {} }] : [];
    }
  }
}

/** nbformat 3 has each representation under a name of its own, beside the output's other keys. */
const OLD_NAMES = {
  text: "text/plain",
  html: "text/html",
  svg: "image/svg+xml",
  png: "image/png",
  jpeg: "image/jpeg",
  latex: "text/latex",
  json: "application/json",
  javascript: "application/javascript",
};

const dataOfOld = (output: Values): Values =>
  Object.fromEntries(
    Object.entries(OLD_NAMES).flatMap(([name, mime]) => {
      if (!Object.hasOwn(output, name)) return [];
      return [[mime, name === "json" ? parsed(joined(output[name])) : output[name]]];
    }),
  );

/** There JSON is a text; what is none stays one. */
function parsed(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    return text;
  }
}

function toItem(mime: string, data: unknown): OutputItem {
  if (typeof data !== "string" && !isLines(data)) return { mime, json: data, extra: {} };
  if (/^application\/(?:.*\+)?json$/.test(mime)) return { mime, json: data, extra: {} };
  const text = joined(data);
  const isBinary = /^(?:image\/(?!svg)|audio\/|video\/|application\/(?:pdf|octet-stream))/.test(mime);
  const base64 = text.replace(/\s/g, "");
  if (isBinary && base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64))
    return { mime, base64, extra: {} };
  return textItem(mime, text);
}

function fenced(language: string, text: string): string {
  const runs = text.match(/`+/g) ?? [];
  const longest = runs.reduce((most, run) => Math.max(most, run.length), 2);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

const isLines = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((line) => typeof line === "string");
const joined = (value: unknown): string =>
  isLines(value) ? value.join("") : typeof value === "string" ? value : "";
const valuesIn = (value: unknown): Values => (isObject(value) ? value : {});
const objects = (value: unknown): Values[] => (Array.isArray(value) ? value.filter(isObject) : []);
