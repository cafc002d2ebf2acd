import type { Output } from "../document/notebook.js";
import { textItem, textOf } from "../document/outputs.js";
import { summariseOutput, withoutWholePictures } from "../document/summary/keepOutputs.js";
import { toPlainOutput } from "./plainOutput.js";

/**
 * Bytes that the outputs of a notebook may hold together. VS Code refuses to back up more than `notebook.backup.sizeLimit`, 10 000 kB unless
 * told, and then a window that closes asks, and one that crashes loses the changes. What is printed while a cell runs needs the rest.
 */
export const MOST_BYTES = 8_000_000;

/** The same with what cells print: less than VS Code's limit by what stands beside the outputs and by an error or two. */
export const MOST_PRINTED = 9_400_000;

const TEXT = 2000;

/** The output, its summary, that without the best picture at full size, or a note in its place: the first that fits beside the `held` bytes of the others. */
export function fitting(output: Output, held: number): Output {
  const left = MOST_BYTES - held;
  if (bytesOf(output) <= left) return output;
  const summary = summariseOutput(output);
  // A summary that leaves an item out says nothing of it; the note does.
  if (summary.items.length === output.items.length && bytesOf(summary) <= left) return summary;
  const small = withoutWholePictures(summary);
  if (small.items.length === output.items.length && bytesOf(small) <= left) return small;
  const plain = output.items.find(({ mime }) => mime === "text/plain");
  const text = (plain && textOf(plain)) ?? "";
  const start = text.length > TEXT ? `${text.slice(0, TEXT)}…\n` : text && `${text}\n`;
  return { items: [textItem("text/plain", `${start}${note(output, held)}`)], extra: output.extra };
}

/**
 * What is kept of text that comes after `held` bytes of outputs: all of it, or a note that the notebook is full. Undefined where that note stands
 * there already (`isFull`).
 */
export function fittingText(
  text: string,
  held: number,
  isFull: boolean,
): { text: string; isFull: boolean } | undefined {
  if (isFull) return undefined;
  if (held + new TextEncoder().encode(text).length <= MOST_PRINTED) return { text, isFull };
  const why = `[What is printed from here on is not kept: the notebook's outputs hold ${megabytes(held)}, and with more than ${megabytes(MOST_PRINTED)} VS Code could not back it up. Clear outputs that are not needed.]`;
  return { text: `\n${why}\n`, isFull: true };
}

function note(output: Output, held: number): string {
  const types = output.items.map(({ mime }) => mime).join(", ");
  return `[${types}: not kept. It holds ${megabytes(bytesOf(output))}, the notebook's other outputs ${megabytes(held)}, and with more than ${megabytes(MOST_BYTES)} VS Code could not back the notebook up. Clear outputs that are not needed, or show less at a time.]`;
}

export const bytesOf = (output: Output): number =>
  toPlainOutput(output).items.reduce((sum, { data }) => sum + data.byteLength, 0);

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
