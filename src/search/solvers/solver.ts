import type { Tensor } from "../tensor.js";
import type { AffineMove } from "./affineWay.js";

/**
 * Velocity dx/ds of a batch [B, C, H, W] at noise level s (flow matching: x_s = (1 - s) x_0 + s noise, so v = noise - x_0). What it gives stays
 * as it is until the call after the next one, and so does what it is given until it answers.
 */
export type Velocity = (x: Tensor, level: number) => Promise<Tensor>;

/** One step of a probability-flow ODE solver: from `level` down to `next`, both in [0, 1]. Pure: the state goes in and comes out. */
export interface Solver {
  readonly name: "euler" | "heun";
  /** Model evaluations of the step. */
  evaluations(level: number, next: number): number;
  /** The step as affine moves. */
  moves(level: number, next: number): readonly AffineMove[];
  /** `into`: memory for the state that comes out, as large as `x` and not that of `x`. */
  step(velocity: Velocity, x: Tensor, level: number, next: number, into?: Float32Array): Promise<Tensor>;
}
