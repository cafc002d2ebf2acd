type Numbers = Float32Array | Uint16Array;

/** Arrays that each call writes over: one for each purpose and length, of which there are as many as batch sizes. */
export class Scratch {
  readonly #floats = new Map<string, Float32Array>();
  readonly #halves = new Map<string, Uint16Array>();

  floats(purpose: string, length: number): Float32Array {
    return found(this.#floats, `${purpose}/${length}`, () => new Float32Array(length));
  }

  halves(purpose: string, length: number): Uint16Array {
    return found(this.#halves, `${purpose}/${length}`, () => new Uint16Array(length));
  }

  clear(): void {
    this.#floats.clear();
    this.#halves.clear();
  }
}

function found<T extends Numbers>(arrays: Map<string, T>, key: string, make: () => T): T {
  const known = arrays.get(key);
  if (known) return known;
  const made = make();
  arrays.set(key, made);
  return made;
}
