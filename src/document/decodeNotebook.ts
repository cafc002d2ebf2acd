import type { Notebook } from "./notebook.js";
import { NotebookFormatError, positionAt } from "./notebookFormatError.js";
import { parseNotebook } from "./parseNotebook.js";

/** The bytes of a `.dnb`. A byte that is not UTF-8 is an error: reading on with replacement characters would destroy it on the next save. */
export function decodeNotebook(bytes: Uint8Array): Notebook {
  // Decoding strictly takes several times as long; a bad byte shows as U+FFFD, and only a text that has one may have bad bytes.
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (text.includes("\uFFFD")) decodeStrictly(bytes);
  return parseNotebook(text);
}

function decodeStrictly(bytes: Uint8Array): void {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotebookFormatError("encoding", "the file is not valid UTF-8", [], firstBadByte(bytes));
  }
}

/** Decoding with replacement puts U+FFFD where a bad byte is; the first one that the file does not really contain is it. */
function firstBadByte(bytes: Uint8Array) {
  const text = new TextDecoder().decode(bytes);
  const encoder = new TextEncoder();
  let offset = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let from = 0;
  for (let at = text.indexOf("\uFFFD"); at >= 0; at = text.indexOf("\uFFFD", from)) {
    offset += encoder.encode(text.slice(from, at)).length;
    const real = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd;
    if (!real) return positionAt(text, at);
    offset += 3;
    from = at + 1;
  }
  return positionAt(text, text.length);
}
