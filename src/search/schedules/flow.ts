/**
 * Noise levels of flow matching, x_s = (1 - s) x_0 + s noise: `steps` equal steps from 1 (pure noise) to 0 (clean).
 * Length steps + 1, descending, both ends exact.
 */
export function flowLevels(steps: number): number[] {
  return Array.from({ length: steps + 1 }, (_, i) => 1 - i / steps);
}

/** The levels that a state at `from` is taken through to reach `to`: those of the schedule strictly between, and both ends. */
export function levelsBetween(levels: readonly number[], from: number, to: number): number[] {
  return [from, ...levels.filter((level) => level < from && level > to), to];
}

/** `steps` equal steps from `from` down to `to`; both ends exact. */
export function equalLevels(from: number, to: number, steps: number): number[] {
  return Array.from({ length: steps + 1 }, (_, i) => (i === steps ? to : from - ((from - to) * i) / steps));
}
