const BACKSLASH = 0x5c;

/** What `JSON.parse` gives, where that is certain to be what the reader gives; else undefined, and the reader says what is wrong. */
export function readFast(text: string, maxDepth: number): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const keys = countKeys(value, maxDepth);
  return keys === countKeysIn(text) ? value : undefined;
}

/** Keys of all objects in the value; NaN for a value that the reader refuses, or may read in another way. */
function countKeys(value: unknown, levels: number): number {
  if (typeof value === "number") return isPlain(value) ? 0 : NaN;
  if (typeof value !== "object" || value === null) return 0;
  if (levels <= 0) return NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const inner of value) if (typeof inner !== "string") count += countKeys(inner, levels - 1);
    return count;
  }
  for (const key in value) {
    count++;
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner !== "string") count += countKeys(inner, levels - 1);
  }
  return count;
}

const isPlain = (value: number): boolean =>
  Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));

/** Keys in a text that is valid JSON: strings before a colon. More than the value has means that one stands twice. */
function countKeysIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at)) {
    for (at = text.indexOf('"', at + 1); isEscaped(text, at);) at = text.indexOf('"', at + 1);
    at++;
    let code = text.charCodeAt(at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++at);
    if (code === 0x3a) count++;
  }
  return count;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
