import type { PathPoint } from "../schedules/pathPoint.js";
import type { CleanSample } from "../schedules/cleanSample.js";
import type { Tensor } from "../tensor.js";
import type { AffineWay } from "./affineWay.js";

/** What the network, under guidance, gives for a batch [B, C, H, W] at a time of its own; `level` is where on the course it is asked. */
export type Network = (input: Tensor, time: number, level: number) => Promise<Tensor>;

/** The noise of the n-th stochastic step of a trip, for the whole batch; good until that of the next one. */
export type StepNoise = (step: number) => Float32Array;

/**
 * How states are taken down the noise levels by one method: what is between the levels that a search names and the network. Levels are
 * those of the full trajectory, 1 to 0, or any others between them.
 */
export interface Course {
  /** Where a state at a level lies on the noise path. */
  readonly point: (level: number) => PathPoint;
  /** A state as it lies on the path; a starting noise is scaled as the schedule has it. */
  onPath(x: Tensor, level: number): Tensor;
  /** What the network is given at a state: `network(input, time, level)` is its output there. */
  shown(x: Tensor, level: number): { readonly input: Tensor; readonly time: number };
  /** Names the output at a state. */
  outputName(level: number): string;
  /** The x0-prediction from a state on the path. */
  clean(level: number): CleanSample;
  /** Where a method evaluates more than once at a level that it passes: which of them is at the state itself. */
  readonly atState: "first" | "last";
  /** Whether the method itself adds noise. */
  readonly isStochastic: boolean;
  /** Network evaluations of a trip through these levels. */
  evaluations(levels: readonly number[]): number;
  /** The same trip as affine moves, which a device can make by itself; undefined where it is not one. */
  affine(levels: readonly number[]): AffineWay | undefined;
  /** From the first of the levels to the last. */
  travel(network: Network, x: Tensor, levels: readonly number[], noise: StepNoise): Promise<Tensor>;
}
