/**
 * A model as the engine calls it: the velocity dx/ds at noise level s of each sample of a batch (flow matching). Analytic or ONNX.
 * `x`: count states [C, H, W] one after the other, float32. `labels`: a class index for each sample, undefined = unconditional.
 * Returns as many values as `x` has, in an array of the caller's own. One call of `count` samples is `count` forwards.
 */
export interface Denoiser {
  velocity(
    x: Float32Array,
    count: number,
    level: number,
    labels: readonly (number | undefined)[],
  ): Promise<Float32Array>;
  /**
   * Where the model knows its posterior: one clean sample of p(x0 | x at `level`) for each state, drawn with `chance(i)` of the i-th.
   * It describes an evaluation that `velocity` has been paid for, and is no forward itself.
   */
  posterior?(
    x: Float32Array,
    count: number,
    level: number,
    chance: (sample: number) => PosteriorChance,
  ): Float32Array;
  dispose(): Promise<void>;
}

export interface PosteriorChance {
  /** In [0, 1). */
  readonly uniform: number;
  /** Standard normals, as many as a state has values. */
  readonly normals: Float32Array;
}
