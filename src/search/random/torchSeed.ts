import { InputError } from "../inputError.js";
import { shown } from "../check.js";

/** A seed as the generators take it: 64 bits, in two unsigned halves. */
export interface TorchSeed {
  readonly low: number;
  readonly high: number;
}

/** A whole number from 0 to 2^64 - 1; beyond 2^53 only a bigint says exactly which. `what` names it in the message. */
export function parseTorchSeed(seed: unknown, what = "seed"): TorchSeed {
  if (typeof seed === "number" && Number.isInteger(seed) && seed >= 0 && seed > Number.MAX_SAFE_INTEGER) {
    throw new InputError(
      `${what} is ${seed}, which a number holds only roughly. Write it as a bigint: ${BigInt(seed)}n.`,
    );
  }
  const whole = typeof seed === "bigint" || (typeof seed === "number" && Number.isInteger(seed));
  const value = whole ? BigInt(seed) : -1n;
  if (value < 0n || value >= 2n ** 64n) {
    throw new InputError(`${what} is ${shown(seed)}, but must be a whole number from 0 to 2^64 - 1.`);
  }
  return { low: Number(value & 0xffffffffn), high: Number(value >> 32n) };
}

/** The number of values of a shape; each dimension is checked. */
export function parseShape(shape: unknown): number {
  if (!Array.isArray(shape))
    throw new InputError(`The shape is ${shown(shape)}, but must be a list of whole numbers.`);
  const sizes: readonly unknown[] = shape;
  const count = sizes.reduce<number>((product, size) => {
    if (typeof size === "number" && Number.isInteger(size) && size >= 0) return product * size;
    throw new InputError(
      `The shape has a dimension of ${shown(size)}, but each must be a whole number from 0 up.`,
    );
  }, 1);
  if (count <= 2 ** 31) return count;
  throw new InputError(`The shape ${sizes.join(" x ")} has ${count} values, more than fit into memory.`);
}
