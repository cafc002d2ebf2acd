/** Shorter texts are parsed sooner than they are found. */
const LEAST = 4096;
/** Bytes of all texts that are remembered: what the outputs of two full notebooks hold. */
const MOST = 16_000_000;

/**
 * JSON values by their text, as bytes: VS Code hands the same bytes back at each save, and parsing those of large searches would take longer
 * than all the rest of it. Values are shared, so they must not be changed; those used longest ago make way.
 */
export class KnownJson {
  readonly #entries = new Map<Uint8Array, unknown>();
  #size = 0;

  /** `value` is what the bytes are the text of. */
  remember(bytes: Uint8Array, value: unknown): void {
    if (bytes.length < LEAST) return;
    const known = this.#entryOf(bytes);
    if (known) this.#forget(known);
    this.#entries.set(bytes, value);
    this.#size += bytes.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= MOST) break;
      this.#forget(oldest);
    }
  }

  /** Undefined where the bytes are not known; no JSON value is undefined. */
  find(bytes: Uint8Array): unknown {
    const known = bytes.length < LEAST ? undefined : this.#entryOf(bytes);
    if (!known) return undefined;
    const value = this.#entries.get(known);
    this.#entries.delete(known);
    this.#entries.set(known, value);
    return value;
  }

  #entryOf(bytes: Uint8Array): Uint8Array | undefined {
    for (const known of this.#entries.keys()) if (isSame(known, bytes)) return known;
    return undefined;
  }

  #forget(bytes: Uint8Array): void {
    this.#entries.delete(bytes);
    this.#size -= bytes.length;
  }
}

const node = (globalThis as { Buffer?: typeof Buffer }).Buffer;

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // Node's own way is many times as fast; a browser has none of it.
  return node ? node.compare(a, b) === 0 : a.every((byte, index) => byte === b[index]);
}
