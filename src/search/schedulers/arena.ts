/**
 * Memory that a trajectory's steps share. Step functions are pure and give new arrays; within `during` those come from here, and `keepOnly` takes
 * back all that nothing needs any more, so that after the first steps no new memory is needed. Of one trajectory: what comes out at its end is
 * its caller's.
 */
export class Arena {
  readonly #free: Float32Array<ArrayBuffer>[] = [];
  readonly #lent: Float32Array<ArrayBuffer>[] = [];

  /** `work` must not wait: while it runs, `floats` gives arrays of this arena. */
  during<T>(work: () => T): T {
    return within(this, work);
  }

  /** Takes back what was lent, but for the arrays in `values` and in what they hold, and those that share their memory. */
  keepOnly(...values: readonly unknown[]): void {
    const kept = new Set<ArrayBufferLike>();
    for (const value of values) collect(value, kept);
    const lent = this.#lent.splice(0);
    for (const array of lent) (kept.has(array.buffer) ? this.#lent : this.#free).push(array);
  }

  lend(length: number): Float32Array<ArrayBuffer> {
    const at = this.#free.findIndex((array) => array.length === length);
    const array = at < 0 ? new Float32Array(length) : this.#free.splice(at, 1)[0]!;
    this.#lent.push(array);
    return array;
  }
}

let current: Arena | undefined;

function within<T>(arena: Arena, work: () => T): T {
  const outer = current;
  current = arena;
  try {
    return work();
  } finally {
    current = outer;
  }
}

/** An array to be filled: whatever is in it counts for nothing. */
export function floats(length: number): Float32Array<ArrayBuffer> {
  return current?.lend(length) ?? new Float32Array(length);
}

/** `values.map(each)` in an array of `floats`. */
export function mapped(
  values: Float32Array,
  each: (value: number, index: number) => number,
): Float32Array<ArrayBuffer> {
  const result = floats(values.length);
  for (let i = 0; i < result.length; i++) result[i] = each(values[i]!, i);
  return result;
}

export function copied(values: Float32Array): Float32Array<ArrayBuffer> {
  const result = floats(values.length);
  result.set(values);
  return result;
}

/** The memory of all arrays in plain data. */
function collect(value: unknown, into: Set<ArrayBufferLike>): void {
  if (typeof value !== "object" || value === null) return;
  if (ArrayBuffer.isView(value)) into.add(value.buffer);
  else for (const part of Object.values(value)) collect(part, into);
}
