/**
 * One evaluation of the network and what follows from it, affine in both: x' = keep x + slope out + add z + past m. `x` is what the network is
 * shown, so the next evaluation takes x' as it is; m is what the step before remembered.
 */
export interface AffineMove {
  /** What the network is told, as `Denoiser.velocity` takes it. */
  readonly time: number;
  readonly keep: number;
  readonly slope: number;
  /** Scale of z; 0 in a step without chance. */
  readonly add: number;
  /** Which of the noises of the trip z is; absent: the move has no chance. */
  readonly chance?: number;
  /** Scale of m; 0: nothing was remembered. */
  readonly past: number;
  /** What the next step finds as m: keep x + slope out. */
  readonly remember?: { readonly keep: number; readonly slope: number };
}

/** One way after the other. Between them a state is on the path, where a network is shown it as it is; undefined where it is not. */
export function joined(ways: readonly (AffineWay | undefined)[]): AffineWay | undefined {
  const moves: AffineMove[] = [];
  let drawn = 0;
  for (const [i, way] of ways.entries()) {
    if (!way || (i > 0 && Math.abs(way.start - 1) > 1e-6)) return undefined;
    const before = drawn;
    for (const move of way.moves) {
      moves.push(move.chance === undefined ? move : { ...move, chance: before + move.chance });
      if (move.chance !== undefined) drawn++;
    }
  }
  return ways[0] && { start: ways[0].start, moves };
}

/** A trip all of whose steps are affine, with one step's memory. Its result is a state as `Course.travel` gives it. */
export interface AffineWay {
  /** What a state is multiplied with before the first evaluation. */
  readonly start: number;
  readonly moves: readonly AffineMove[];
}
