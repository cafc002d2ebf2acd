/** Arrays that each call writes over: one for each purpose and length, of which there are as many as batch sizes. */
export class Scratch {
  readonly #arrays = new Map<string, unknown>();

  /** float32. */
  floats(purpose: string, length: number): Float32Array {
    return this.#found(`float32/${purpose}/${length}`, () => new Float32Array(length));
  }

  /** float16, as its bits. */
  halves(purpose: string, length: number): Uint16Array {
    return this.#found(`float16/${purpose}/${length}`, () => new Uint16Array(length));
  }

  /** float64. */
  doubles(purpose: string, length: number): Float64Array {
    return this.#found(`float64/${purpose}/${length}`, () => new Float64Array(length));
  }

  /** int32. */
  integers(purpose: string, length: number): Int32Array {
    return this.#found(`int32/${purpose}/${length}`, () => new Int32Array(length));
  }

  /** int64. */
  longs(purpose: string, length: number): BigInt64Array {
    return this.#found(`int64/${purpose}/${length}`, () => new BigInt64Array(length));
  }

  clear(): void {
    this.#arrays.clear();
  }

  /** The key begins with the type of what is under it. */
  #found<T>(key: string, make: () => T): T {
    const known = this.#arrays.get(key);
    // SAFETY: a key names its type.
    if (known !== undefined) return known as T;
    const made = make();
    this.#arrays.set(key, made);
    return made;
  }
}
