import { TorchMt19937 } from "./torchMt19937.js";
import { parseShape, parseTorchSeed } from "./torchSeed.js";

/** Normals that are drawn together when there are enough of them. */
const BLOCK = 16;

/**
 * torch.Generator on the CPU after manual_seed: what a call draws depends on the calls before it. Sources: ATen/CPUGeneratorImpl,
 * core/DistributionsHelper.h and native/cpu/DistributionTemplates.h of PyTorch. Equal to PyTorch within 3e-7: its logarithm and cosine
 * differ in the last bit from machine to machine.
 */
export class TorchCpuGenerator {
  private readonly bits: TorchMt19937;
  /** The second normal of the last pair; it waits for the next short draw, however many long ones come between. */
  private cached: number | undefined;

  constructor(seed: number | bigint) {
    this.bits = new TorchMt19937(parseTorchSeed(seed).low);
  }

  /** torch.randn(shape), float32. `into`: of as many values, to be written over. */
  randn(shape: readonly number[], into: Float32Array = new Float32Array(parseShape(shape))): Float32Array {
    return this.normals(into, () => this.uniform(), FLOAT32);
  }

  /** torch.randn(shape, dtype=torch.float64): other numbers, not more digits of the same. */
  randn64(shape: readonly number[]): Float64Array {
    return this.normals(new Float64Array(parseShape(shape)), () => this.uniform64(), FLOAT64);
  }

  /**
   * torch.randn(shape, dtype=torch.float16) of PyTorch 1: uniforms of 11 bits, every stage rounded. PyTorch 2 draws float32 and rounds,
   * as ComfyUI does: that is `randn` stored as float16.
   */
  randn16(shape: readonly number[]): Float32Array {
    const values = new Float32Array(parseShape(shape));
    const uniform = () => (this.bits.draw() & 0x7ff) * 2 ** -11;
    return this.normals(values, uniform, FLOAT16).map(toFloat16);
  }

  /** torch.rand(shape), float32: uniform in [0, 1). */
  rand(shape: readonly number[]): Float32Array {
    return new Float32Array(parseShape(shape)).map(() => this.uniform());
  }

  /** torch.randint(0, below, [count]), for below < 2^32. */
  randint(below: number, count: number): number[] {
    return Array.from({ length: count }, () => this.bits.draw() % below);
  }

  /** torch.randperm(count). */
  randperm(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = 0; i < count - 1; i++) {
      const other = i + (this.bits.draw() % (count - i));
      [order[i], order[other]] = [order[other]!, order[i]!];
    }
    return order;
  }

  private normals<T extends Float32Array | Float64Array>(
    values: T,
    uniform: () => number,
    arithmetic: Arithmetic,
  ): T {
    if (values.length < BLOCK) {
      for (let i = 0; i < values.length; i++) values[i] = this.single();
      return values;
    }
    for (let i = 0; i < values.length; i++) values[i] = uniform();
    const whole = values.length - (values.length % BLOCK);
    for (let start = 0; start < whole; start += BLOCK) transform(values, start, arithmetic);
    if (whole < values.length) {
      // The last sixteen are drawn anew, over values that are done already.
      const start = values.length - BLOCK;
      for (let i = start; i < values.length; i++) values[i] = uniform();
      transform(values, start, arithmetic);
    }
    return values;
  }

  /** In double whatever the type of the tensor. */
  private single(): number {
    if (this.cached !== undefined) {
      const value = this.cached;
      this.cached = undefined;
      return value;
    }
    const angle = 2 * Math.PI * this.uniform64();
    const radius = Math.sqrt(-2 * Math.log1p(-this.uniform64()));
    this.cached = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  private uniform(): number {
    return (this.bits.draw() & 0xffffff) * 2 ** -24;
  }

  private uniform64(): number {
    const high = this.bits.draw();
    const low = this.bits.draw();
    return ((high & 0x1fffff) * 2 ** 32 + low) * 2 ** -53;
  }
}

/** What the type of the tensor makes of the numbers. */
interface Arithmetic {
  /** Of what is stored. */
  readonly round: (value: number) => number;
  /** Of what is computed on the way. */
  readonly inner: (value: number) => number;
  /** 2 pi; PyTorch has it in float32 where it computes eight values at a time. */
  readonly turn: number;
}

const same = (value: number): number => value;
const FLOAT64: Arithmetic = { round: same, inner: same, turn: 2 * Math.PI };
const FLOAT32: Arithmetic = { round: Math.fround, inner: Math.fround, turn: Math.fround(2 * Math.PI) };
const FLOAT16: Arithmetic = { round: toFloat16, inner: Math.fround, turn: 2 * Math.PI };

/** Box-Muller within a block: eight radii, eight angles. */
function transform(values: Float32Array | Float64Array, start: number, arithmetic: Arithmetic): void {
  const { round, inner, turn } = arithmetic;
  for (let i = start; i < start + BLOCK / 2; i++) {
    const radius = round(Math.sqrt(inner(-2 * inner(Math.log(round(1 - values[i]!))))));
    const angle = round(turn * values[i + BLOCK / 2]!);
    values[i] = round(radius * inner(Math.cos(angle)));
    values[i + BLOCK / 2] = round(radius * inner(Math.sin(angle)));
  }
}

/** The nearest float16, halves to even. */
function toFloat16(value: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -14);
  if (!Number.isFinite(exponent)) return value;
  // Adding and taking away a number of the right size lets the hardware do the rounding.
  const anchor = 1.5 * 2 ** (exponent - 10 + 52) * Math.sign(value);
  return value + anchor - anchor;
}
