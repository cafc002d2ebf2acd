/** Values by key, the most recently used ones, up to so many bytes. What is put out can be had from somewhere else. */
export class Recent<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly bytes: number }>();
  readonly #limit: () => number;
  #bytes = 0;

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (this.#limit() < Infinity) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry.value;
  }

  set(key: string, value: T, bytes: number): void {
    const before = this.#entries.get(key);
    if (before) {
      this.#entries.delete(key);
      this.#bytes -= before.bytes;
    }
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    const limit = this.#limit();
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= limit || oldest === key) return;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }
}
