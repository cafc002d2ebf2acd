/** The parts of NumPy that diffusers makes its schedules with, in double, to the last bit where that decides a rounding. */

/** numpy.linspace. */
export function linspace(start: number, stop: number, count: number, endpoint = true): Float64Array {
  const intervals = endpoint ? count - 1 : count;
  const step = intervals > 0 ? (stop - start) / intervals : 0;
  const values = Float64Array.from({ length: count }, (_, i) => i * step + start);
  if (endpoint && count > 1) values[count - 1] = stop;
  return values;
}

/** numpy.arange with a step that need not be whole; the length is what the rounded quotient says, not the step count one meant. */
export function arange(start: number, stop: number, step: number): Float64Array {
  const length = Math.max(0, Math.ceil((stop - start) / step));
  const delta = start + step - start;
  return Float64Array.from({ length }, (_, i) => (i === 1 ? start + step : start + i * delta));
}

/** numpy.round: halves go to the even neighbour. */
export function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

/** numpy.interp at the positions 0, 1, 2, ... of `values`; outside them the nearest end. */
export function interpolate(x: number, values: ArrayLike<number>): number {
  const last = values.length - 1;
  if (x <= 0) return values[0]!;
  if (x >= last) return values[last]!;
  const at = Math.floor(x);
  return (values[at + 1]! - values[at]!) * (x - at) + values[at]!;
}
