import type { AffineMove } from "../solvers/affineWay.js";
import type { StepNoise } from "../solvers/course.js";
import type { EngineCondition } from "./engine.js";

/**
 * A model as the engine calls it: what its network gives for each sample of a batch, by the model's `prediction`. Analytic or ONNX.
 * "flow": the velocity dx/ds at noise level s = `level` in [0, 1], of x = (1 - s) x0 + s noise. "epsilon", "v", "sample": the network's own
 * output at the training timestep `level` (0 to T - 1, fractional where the schedule is; under EDM's preconditioning log(sigma) / 4), of the state
 * as its scheduler's `scaleModelInput` leaves it. `x`: count states [C, H, W] one after the other, float32; not to be kept. `conditions`: one for each sample, undefined = the
 * unconditional pass, which under guidance with a negative prompt has `{ prompt: negative }` instead. Returns as many values as `x` has; the
 * caller is done with them before its next call. One call of `count` samples is `count` forwards.
 */
export interface Denoiser {
  /** The file of its network within the model's folder, for messages; absent: it has none. */
  readonly file?: string;
  velocity(
    x: Float32Array,
    count: number,
    level: number,
    conditions: readonly (EngineCondition | undefined)[],
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
  /** What the user has to know of how the model takes a condition, a sentence each: that a prompt is too long. Absent: there is nothing. */
  remarks?(condition: EngineCondition): readonly string[];
  /**
   * Where states can stay in the device's memory between steps: `x` taken through `moves`, with what `velocity` would give in between. Equal to
   * steps made one by one to within float32's rounding. `noise`: z of a chance, standard normals of the whole batch, asked for when its move is
   * due. `before` is called before each evaluation and may throw, which ends it.
   */
  trajectory?(
    x: Float32Array,
    moves: readonly AffineMove[],
    passes: Passes,
    noise: StepNoise,
    before: () => void,
  ): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** What the samples of a batch are evaluated under. */
export interface Passes {
  /** Samples. */
  readonly count: number;
  /** One for each sample; under guidance one more for each, those of the other pass, in the same order. */
  readonly conditions: Parameters<Denoiser["velocity"]>[3];
  /** The scale of classifier-free guidance; absent where there is one pass. */
  readonly guidance?: number;
}

export interface PosteriorChance {
  /** In [0, 1). */
  readonly uniform: number;
  /** Standard normals, as many as a state has values. */
  readonly normals: Float32Array;
}
