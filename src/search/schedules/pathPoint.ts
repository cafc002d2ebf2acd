/** Where a level lies on a noise path: x = signal x0 + noise z with a standard normal z. */
export interface PathPoint {
  readonly signal: number;
  readonly noise: number;
}

/** Level s of flow matching. */
export function flowPoint(level: number): PathPoint {
  return { signal: 1 - level, noise: level };
}

/** The clean end, on every path. */
export const CLEAN: PathPoint = { signal: 1, noise: 0 };
