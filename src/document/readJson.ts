import { integer } from "./longInteger.js";
import { readFast } from "./readFast.js";
import type { Path } from "./notebookFormatError.js";

/** Containers inside each other, counted from the outermost. Deeper texts are refused, so that no later step can exhaust the stack. */
export const MAX_DEPTH = 1000;

/** Why and where a text is not the JSON that we accept. */
export class JsonError extends Error {
  override readonly name = "JsonError";
  constructor(
    message: string,
    readonly offset: number,
    readonly path: Path,
    /** The text stops before the document does. */
    readonly ended: boolean,
  ) {
    super(message);
  }
}

/**
 * Reads strict JSON. `JSON.parse` would do but for four things: its errors carry positions in words that change between versions of Node,
 * it silently keeps the last of two equal keys (which a merge by hand leaves behind), it turns 1e999 into Infinity (written back as null),
 * and it accepts any depth. `onValue` is told where each value starts. Where `isExact` says so, an integer that no double holds is a LongInteger.
 */
export function readJson(
  text: string,
  onValue?: (path: Path, offset: number) => void,
  isExact: (path: Path) => boolean = () => false,
): unknown {
  if (!onValue) {
    const value = readFast(text, MAX_DEPTH);
    if (value !== undefined) return value;
  }
  return new Reader(text, onValue, isExact).document();
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_$][\w$]*/y;
const SPECIAL = /[\\\u0000-\u001f]/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

class Reader {
  #at = 0;
  readonly #path: (string | number)[] = [];

  constructor(
    private readonly text: string,
    private readonly onValue: ((path: Path, offset: number) => void) | undefined,
    private readonly isExact: (path: Path) => boolean,
  ) {}

  document(): unknown {
    this.#space();
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.text.length) this.#fail(`unexpected ${this.#seen()} after the end of the document`);
    return value;
  }

  #value(depth: number): unknown {
    this.onValue?.(this.#path, this.#at);
    switch (this.text[this.#at]) {
      case '"':
        return this.#string();
      case "{":
        return this.#object(this.#deeper(depth));
      case "[":
        return this.#array(this.#deeper(depth));
      default:
        return this.#scalar();
    }
  }

  #deeper(depth: number): number {
    if (depth >= MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
    return depth + 1;
  }

  #object(depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    this.#at++;
    this.#space();
    if (this.#take("}")) return result;
    for (;;) {
      if (this.text[this.#at] !== '"') this.#fail(`expected a key in double quotes, found ${this.#seen()}`);
      const keyAt = this.#at;
      const key = this.#string();
      this.#path.push(key);
      if (Object.hasOwn(result, key)) this.#fail("the key appears twice in the same object", keyAt);
      this.#space();
      if (!this.#take(":")) this.#fail(`expected ":" after the key, found ${this.#seen()}`);
      this.#space();
      const value = this.#value(depth);
      if (key === "__proto__") {
        // An assignment would change the prototype; a definition makes the plain key that the text has.
        Object.defineProperty(result, key, { value, enumerable: true, configurable: true, writable: true });
      } else result[key] = value;
      this.#path.pop();
      this.#space();
      if (this.#take("}")) return result;
      if (!this.#take(",")) this.#fail(`expected "," or "}", found ${this.#seen()}`);
      this.#space();
    }
  }

  #array(depth: number): unknown[] {
    const result: unknown[] = [];
    this.#at++;
    this.#space();
    if (this.#take("]")) return result;
    for (;;) {
      this.#path.push(result.length);
      result.push(this.#value(depth));
      this.#path.pop();
      this.#space();
      if (this.#take("]")) return result;
      if (!this.#take(",")) this.#fail(`expected "," or "]", found ${this.#seen()}`);
      this.#space();
    }
  }

  #string(): string {
    const start = this.#at;
    const end = this.text.indexOf('"', start + 1);
    const plain = this.text.slice(start + 1, end < 0 ? undefined : end);
    if (end >= 0 && !SPECIAL.test(plain)) {
      this.#at = end + 1;
      return plain;
    }
    return this.#escapedString(start);
  }

  #escapedString(start: number): string {
    for (let at = start + 1; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return String(JSON.parse(this.text.slice(start, at + 1)));
      }
      if (code < 0x20) this.#fail("a string has to end on its own line, with special characters escaped", at);
      if (code !== BACKSLASH) continue;
      const escape = this.text.slice(at + 1, at + 6);
      if (/^u[0-9a-fA-F]{4}/.test(escape)) at += 5;
      else if (/^["\\/bfnrt]/.test(escape)) at += 1;
      // An escape that the end of the text cuts in two is a truncation, not a typing error.
      else if (at + 1 + escape.length < this.text.length || !/^(u[0-9a-fA-F]*)?$/.test(escape))
        this.#fail("unknown escape sequence", at);
      else break;
    }
    this.#at = this.text.length;
    return this.#fail("unreachable");
  }

  #scalar(): unknown {
    const start = this.#at;
    NUMBER.lastIndex = start;
    if (NUMBER.test(this.text)) {
      this.#at = NUMBER.lastIndex;
      const literal = this.text.slice(start, this.#at);
      if (literal.length > 15 && /^-?\d+$/.test(literal) && this.isExact(this.#path)) return integer(literal);
      const value = Number(literal);
      if (!Number.isFinite(value)) this.#fail("the number is too large", start);
      return value;
    }
    WORD.lastIndex = start;
    const word = WORD.exec(this.text)?.[0] ?? "";
    const ended = start + word.length === this.text.length;
    if (ended && ["true", "false", "null"].some((whole) => whole !== word && whole.startsWith(word))) {
      this.#at = this.text.length;
    } else {
      this.#at += word.length;
      if (word === "true") return true;
      if (word === "false") return false;
      if (word === "null") return null;
      this.#at = start;
    }
    return this.#fail(`expected a value, found ${word && !ended ? word.slice(0, 20) : this.#seen()}`);
  }

  #space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #take(character: string): boolean {
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #seen(): string {
    const point = this.text.codePointAt(this.#at);
    return point === undefined ? "the end of the file" : JSON.stringify(String.fromCodePoint(point));
  }

  #fail(message: string, at = this.#at): never {
    const ended = at >= this.text.length;
    const what = ended ? "the file ends in the middle of the document; it was probably cut off" : message;
    throw new JsonError(what, at, [...this.#path], ended);
  }
}
