import type { Notebook, Output, OutputItem } from "../notebook.js";
import { SEARCH, textItem, textOf } from "../outputs.js";
import { outputMode } from "../outputMode.js";
import { sheetOf, sizeOfWhole, summariseSearch, withoutWhole } from "./summariseSearch.js";

/** Characters that one item may have in `summary`: text is cut in the middle, anything else makes way for a note. */
const TEXT = 64_000;
const DATA = 700_000;
/** Characters of the pictures at full size of all searches: VS Code backs up 10 MB, most of which are for numbers and thumbnails. */
const WHOLE = 4_000_000;

/** The notebook as its mode (`meta.outputs`) says that it is saved. Keeping twice is the same as keeping once. */
export function keepOutputs(notebook: Notebook): Notebook {
  const mode = outputMode(notebook);
  if (mode === "embed") return notebook;
  let left = WHOLE;
  const kept = (output: Output): Output => {
    const summary = summariseOutput(output);
    const size = summary.items.reduce((sum, item) => sum + ("json" in item ? wholeIn(item) : 0), 0);
    if (size > left) return withoutWholePictures(summary);
    left -= size;
    return summary;
  };
  const cells = notebook.cells.map((cell) => {
    if (!cell.outputs.length) return cell;
    return { ...cell, outputs: mode === "none" ? [] : cell.outputs.map(kept) };
  });
  return { ...notebook, cells };
}

const wholeIn = ({ mime, json }: { readonly mime: string; readonly json: unknown }): number =>
  mime === SEARCH ? sizeOfWhole(json) : 0;

/** An output as `summary` keeps it: the same object when nothing about it is too large. */
export function summariseOutput(output: Output): Output {
  const search = output.items.find((item) => item.mime === SEARCH && "json" in item);
  const summary = search && "json" in search ? summariseSearch(search.json) : undefined;
  const items = output.items.flatMap((item): OutputItem[] => {
    if (summary && item === search) return [{ mime: SEARCH, json: summary.json, extra: item.extra }];
    if (summary && item.mime === "image/png")
      return summary.sheet === undefined
        ? []
        : [{ mime: item.mime, base64: summary.sheet, extra: item.extra }];
    if (item.mime === SEARCH) return [item];
    // A sheet of large pictures makes way for one of their thumbnails.
    if (
      search &&
      "json" in search &&
      item.mime === "image/png" &&
      "base64" in item &&
      !smaller(item).length
    ) {
      const sheet = sheetOf(search.json);
      return sheet === undefined ? [] : [{ mime: item.mime, base64: sheet, extra: item.extra }];
    }
    return smaller(item);
  });
  if (items.length === output.items.length && items.every((item, index) => item === output.items[index]))
    return output;
  if (items.length) return { ...output, items };
  const types = output.items.map(({ mime }) => mime).join(", ");
  return {
    ...output,
    items: [textItem("text/plain", `[${types}: too large for a notebook that keeps summaries]`)],
  };
}

/** Of a search, with thumbnails only. */
export function withoutWholePictures(output: Output): Output {
  return {
    ...output,
    items: output.items.map((item) => {
      const json = item.mime === SEARCH && "json" in item ? withoutWhole(item.json) : undefined;
      return json === undefined ? item : { mime: item.mime, json, extra: item.extra };
    }),
  };
}

/** The item, cut to what is kept of it; none when it is of no use in part. */
function smaller(item: OutputItem): OutputItem[] {
  if ("base64" in item) return item.base64.length <= DATA ? [item] : [];
  if ("json" in item) return JSON.stringify(item.json).length <= DATA ? [item] : [];
  const text = textOf(item) ?? "";
  if (text.length <= TEXT) return [item];
  // Half a picture is none.
  if (item.mime.startsWith("image/") || item.mime === "text/html") return text.length <= DATA ? [item] : [];
  return [{ ...textItem(item.mime, cut(text)), extra: item.extra }];
}

/** Its first and its last lines, with a line between them that says how much is missing. */
function cut(text: string): string {
  const head = upToLine(text.slice(0, Math.floor(TEXT * 0.7)));
  const tail = text.slice(-Math.floor(TEXT * 0.25));
  const end = tail.slice(tail.indexOf("\n") + 1) || tail;
  const missing = text.length - head.length - end.length;
  return `${head}\n… ${missing} characters are not saved …\n${end}`;
}

const upToLine = (text: string): string =>
  text.slice(0, text.lastIndexOf("\n") + 1 || text.length).replace(/\n$/, "");
