import { ERROR, STREAM, textOf } from "../../document/outputs.js";
import { terminalText } from "../../document/terminalText.js";
import type { Cell, Notebook, Output } from "../../document/notebook.js";
import { MIME } from "../../kernel/protocol.js";
import { attachedPicture } from "./cellPictures.js";

/** The notebook as Markdown: code in fences unless it is to be hidden, pictures inside as data. */
export function markdownPage(notebook: Notebook, hidesCode = false): string {
  const sections = notebook.cells.map((cell) => section(cell, hidesCode));
  return `${sections.filter(Boolean).join("\n\n")}\n`;
}

function section(cell: Cell, hidesCode: boolean): string {
  const source = cell.source.join("\n");
  if (cell.kind === "markdown") return withAttachments(cell, source);
  return [...(source.trim() && !hidesCode ? [fenced("ts", source)] : []), ...cell.outputs.map(show)]
    .filter(Boolean)
    .join("\n\n");
}

/** Nothing but Jupyter knows what an attachment is. */
const withAttachments = (cell: Cell, source: string): string =>
  source.replace(/\]\(attachment:([^)\s]+)/g, (whole, name: string) => {
    const found = attachedPicture(cell, name);
    return "data" in found ? `](${found.data}` : whole;
  });

/** The best of an output's items that Markdown can show: its picture, else its text. */
function show({ items }: Output): string {
  const text = (mime: string): string | undefined => {
    const item = items.find((one) => one.mime === mime);
    return item && textOf(item);
  };
  const plain = text(MIME.plain);
  const picture = items.find((item) => item.mime.startsWith("image/") && "base64" in item);
  if (picture && "base64" in picture) return pictured(plain ?? "output", picture.mime, picture.base64);
  const svg = text(MIME.svg);
  if (svg !== undefined) return pictured(plain ?? "chart", MIME.svg, Buffer.from(svg).toString("base64"));
  const error = items.find(({ mime }) => mime === ERROR);
  if (error && "json" in error) {
    const { name, message, stack } = error.json as { name?: string; message?: string; stack?: string };
    return fenced("text", stack ?? `${name}: ${message}`);
  }
  const printed = text(STREAM.stdout) ?? text(STREAM.stderr) ?? plain;
  return printed === undefined ? "" : fenced("text", terminalText(printed).replace(/\n$/, ""));
}

/** The words say what the picture shows; beside a search's contact sheet or a comparison's curves they are its result, a table. */
function pictured(words: string, mime: string, base64: string): string {
  const alt = words.split("\n")[0]!.replace(/[[\]\\]/g, "\\$&");
  const image = `![${alt}](data:${mime};base64,${base64})`;
  return words.includes("\n") ? `${fenced("text", words)}\n\n${image}` : image;
}

/** A fence longer than any inside. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
