import { roleOf, tagsOf } from "../cellLabels.js";
import type { Cell, Notebook, Output, OutputItem } from "../notebook.js";
import { ERROR, STREAM, textOf } from "../outputs.js";
import { isObject } from "../shape.js";

/** A Jupyter notebook, nbformat 4.5. What Jupyter has no place for goes into `metadata.dnb`, where `fromIpynb` finds it again. */
export function toIpynb({ meta, cells, extra }: Notebook): string {
  const document = {
    cells: cells.map(toCell),
    metadata: {
      ...(typeof meta["title"] === "string" && { title: meta["title"] }),
      kernelspec: { name: "dnb", display_name: "Diffusion Notebook (TypeScript)", language: "typescript" },
      language_info: { name: "typescript", file_extension: ".ts", mimetype: "text/x-typescript" },
      dnb: { meta, extra },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function toCell(cell: Cell) {
  // Of these Jupyter's own tags have no commas and no repetitions.
  const tags = [
    ...new Set([...tagsOf(cell), ...(roleOf(cell) === "parameters" ? ["parameters"] : [])]),
  ].filter((tag) => /^[^,]+$/.test(tag));
  const own = Object.keys(cell.extra).length ? { dnb: cell.extra } : {};
  const head = {
    cell_type: cell.kind,
    id: cell.id,
    metadata: { ...(tags.length && { tags }), ...own },
    source: multiline(cell.source.join("\n")),
  };
  return cell.kind === "markdown"
    ? { ...head, ...attachments(cell) }
    : { ...head, execution_count: null, outputs: cell.outputs.map(toOutput) };
}

/** Pictures that came with the cell from Jupyter, in their place there: its Markdown shows them by name. */
function attachments({ extra }: Cell) {
  const jupyter = extra["x-ipynb"];
  const found = isObject(jupyter) && isObject(jupyter["attachments"]) ? jupyter["attachments"] : {};
  const whole = Object.entries(found).filter(
    ([, kinds]) =>
      isObject(kinds) &&
      Object.entries(kinds).every(([mime, data]) => /^image\//.test(mime) && typeof data === "string"),
  );
  return whole.length ? { attachments: Object.fromEntries(whole) } : {};
}

function toOutput({ items }: Output) {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = items.find(({ mime }) => mime === STREAM[name]);
    const text = stream && textOf(stream);
    if (text !== undefined) return { output_type: "stream", name, text: multiline(text) };
  }
  const error = items.find(({ mime }) => mime === ERROR);
  if (error && "json" in error && isObject(error.json)) {
    const { name, message, stack } = error.json;
    return {
      output_type: "error",
      ename: typeof name === "string" ? name : "Error",
      evalue: typeof message === "string" ? message : "",
      traceback: typeof stack === "string" ? stack.split("\n") : [],
    };
  }
  return {
    output_type: "display_data",
    data: Object.fromEntries(items.map((item) => [item.mime, dataOf(item)])),
    metadata: {},
  };
}

/** Only JSON types hold values; all others are text, or base64. */
function dataOf(item: OutputItem): unknown {
  if ("base64" in item) return item.base64;
  if (!("json" in item)) return multiline(textOf(item) ?? "");
  return /^application\/(?:.*\+)?json$/.test(item.mime) ? item.json : JSON.stringify(item.json);
}

/** Lines with their line feeds, as Jupyter writes them. */
const multiline = (text: string): string[] => (text === "" ? [] : text.split(/(?<=\n)/));
