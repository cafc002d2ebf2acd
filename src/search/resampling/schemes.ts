import { normalised } from "./weights.js";

/** Gives how often each candidate is chosen, `count` in all; in the mean count times its weight, whichever the scheme. */
type Scheme = (weights: readonly number[], count: number, uniforms: readonly number[]) => number[];

/** Each choice by itself: variance n w (1 - w). */
const multinomial: Scheme = (weights, count, uniforms) => {
  const counts = weights.map(() => 0);
  const ladder = cumulative(weights);
  for (let i = 0; i < count; i++) counts[rung(ladder, uniforms[i]!)]!++;
  return counts;
};

/** One uniform moves a comb of `count` teeth over the weights: counts are n w rounded up or down (Carpenter et al. 1999). */
const systematic: Scheme = (weights, count, uniforms) => {
  const counts = weights.map(() => 0);
  const ladder = cumulative(weights);
  for (let i = 0; i < count; i++) counts[rung(ladder, (i + uniforms[0]!) / count)]!++;
  return counts;
};

/** floor(n w) of each, the rest multinomial by what the floors left over (Liu and Chen 1998). */
const residual: Scheme = (weights, count, uniforms) => {
  const counts = weights.map((weight) => floorOf(count * weight));
  const rest = count - counts.reduce((sum, n) => sum + n, 0);
  if (rest === 0) return counts;
  const left = weights.map((weight, i) => Math.max(0, count * weight - counts[i]!));
  const total = left.reduce((sum, value) => sum + value, 0);
  const more = multinomial(total > 0 ? left.map((value) => value / total) : weights, rest, uniforms);
  return counts.map((n, i) => n + more[i]!);
};

/**
 * Srinivasan sampling process (Gerber, Chopin and Whiteley 2019, algorithm 2): the fractions of n w are settled in pairs, one of the two
 * to a whole number each time, so that counts are n w rounded up or down and negatively associated.
 */
const ssp: Scheme = (weights, count, uniforms) => {
  const counts = weights.map((weight) => floorOf(count * weight));
  const fractions = weights.map((weight, i) => Math.max(0, count * weight - counts[i]!));
  let open = 0;
  for (let next = 1; next < weights.length; next++) {
    const [a, b] = [fractions[open]!, fractions[next]!];
    const up = Math.min(1 - a, b);
    const down = Math.min(a, 1 - b);
    const rises = up + down > 0 && uniforms[next]! * (up + down) < down;
    // The mean stays: a rises by `up` with probability down / (up + down), and falls by `down` otherwise.
    const move = rises ? up : -down;
    fractions[open] = snap(a + move);
    fractions[next] = snap(b - move);
    for (const i of [open, next]) {
      if (fractions[i] !== 1) continue;
      counts[i]!++;
      fractions[i] = 0;
    }
    if (fractions[open] === 0) open = next;
  }
  // Rounding may leave a fraction that should be whole.
  if (count > counts.reduce((sum, n) => sum + n, 0)) counts[open]!++;
  return counts;
};

const schemes = { multinomial, systematic, residual, ssp };

export type ResamplingScheme = keyof typeof schemes;

export const resamplingSchemes = Object.keys(schemes) as ResamplingScheme[];

/** Uniform numbers that a scheme may use. */
export function uniformsNeeded(candidates: number, count: number): number {
  return Math.max(candidates, count, 1);
}

/**
 * How often each of the candidates with these log weights is chosen, `count` in all. Works in log space: a constant added to every log
 * weight changes nothing. Throws when all weights are zero.
 */
export function resampleCounts(
  scheme: ResamplingScheme,
  logWeights: readonly number[],
  count: number,
  uniforms: readonly number[],
): number[] {
  return schemes[scheme](normalised(logWeights), count, uniforms);
}

function cumulative(weights: readonly number[]): Float64Array {
  const ladder = new Float64Array(weights.length);
  let sum = 0;
  weights.forEach((weight, i) => (ladder[i] = sum += weight));
  // Rounding must not leave a gap below 1, nor give it to a weight of zero.
  for (let i = ladder.length - 1, top = ladder[i]!; i >= 0 && ladder[i] === top; i--) ladder[i] = Infinity;
  return ladder;
}

/** The first rung above u. */
function rung(ladder: Float64Array, u: number): number {
  let low = 0;
  let high = ladder.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ladder[middle]! > u) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** n w that is whole but for rounding counts as whole. */
function floorOf(value: number): number {
  return Math.floor(value + 1e-9);
}

function snap(fraction: number): number {
  return fraction < 1e-9 ? 0 : fraction > 1 - 1e-9 ? 1 : fraction;
}
