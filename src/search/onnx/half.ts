/**
 * IEEE 754 binary16 as its bits, rounded to the nearest and ties to even, as ONNX Runtime takes float16 tensors. `halves`: of as many, to be
 * written over.
 */
export function toHalf(
  values: Float32Array,
  halves: Uint16Array = new Uint16Array(values.length),
): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    const word = bits[i]!;
    const sign = (word >>> 16) & 0x8000;
    const size = word & 0x7fffffff;
    if (size > 0x7f800000) halves[i] = sign | 0x7e00;
    else if (size >= 0x477ff000) halves[i] = sign | 0x7c00;
    else if (size >= 0x38800000) {
      // Normal: the exponent's bias goes from 127 to 15, and 13 bits of the fraction are rounded off.
      const moved = size - 0x38000000;
      halves[i] = sign | ((moved + 0xfff + ((moved >>> 13) & 1)) >>> 13);
    } else {
      // Subnormal: units of 2^-24. Both factors are exact, so one rounding decides.
      const units = Math.abs(values[i]!) * 2 ** 24;
      const floor = Math.floor(units);
      const rest = units - floor;
      halves[i] = sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
    }
  }
  return halves;
}

/** `values`: of as many, to be written over. */
export function fromHalf(
  halves: Uint16Array,
  values: Float32Array = new Float32Array(halves.length),
): Float32Array {
  const known = table();
  for (let i = 0; i < halves.length; i++) values[i] = known[halves[i]!]!;
  return values;
}

let all: Float32Array | undefined;

function table(): Float32Array {
  all ??= Float32Array.from({ length: 0x10000 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return all;
}
