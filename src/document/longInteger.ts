/**
 * An integer that no double holds, as a value: plain data, because values travel between processes. Its only key is one that nobody writes; a
 * file that does has an integer there after its next save.
 */
export interface LongInteger {
  readonly "\u0000integer": string;
}

/** The integer itself, or what stands for it where a double would have other digits. */
export function integer(literal: string): number | LongInteger {
  const value = Number(literal);
  return String(value) === literal ? value : { "\u0000integer": literal };
}

/** JSON text with long integers in their own digits again. */
export const withLongIntegers = (text: string): string =>
  text.includes('"\\u0000integer"') ? text.replace(/\{\s*"\\u0000integer":\s*"(-?\d+)"\s*\}/g, "$1") : text;
