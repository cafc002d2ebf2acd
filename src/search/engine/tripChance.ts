import { keyedBlocks } from "../random/keyedBlocks.js";
import { normalsOf } from "../random/normals.js";
import { torchDraw } from "../random/torchDraws.js";
import { uniformsOf } from "../random/uniforms.js";
import type { NoiseKey } from "./engine.js";

/** The chance of one sample on its way. */
export interface TripChance {
  /**
   * Standard normals of the n-th step, as many as a state has values. `into`: they are written there, from `at` on, and maybe one more behind
   * them. Without it they are good until the next call.
   */
  noise(step: number, into?: Float32Array, at?: number): Float32Array;
  /** Of a draw from the model's posterior at that step. */
  uniform(step: number): number;
  normals(step: number): Float32Array;
}

/** Each step draws from streams of its own. `shape`: of a state; `first`: stands for the noise of the first step. */
export function tripChance(key: NoiseKey, shape: readonly number[], first?: Float32Array): TripChance {
  const size = shape.reduce((product, side) => product * side, 1);
  const blocks = keyedBlocks(key);
  const { seed, torch } = key;
  const { isForSteps, ...generator } = torch ?? { device: "cpu" };
  const before = isForSteps ? 0 : 1;
  return {
    noise(step, into, at = 0) {
      const known =
        step === 0 && first ? first : torch && torchDraw({ seed, shape, ...generator }, step + before);
      if (!known) return normalsOf(blocks, size, 3 * step + 2, into, at);
      into?.set(known, at);
      return into ?? known;
    },
    uniform: (step) => uniformsOf(blocks, 1, 3 * step)[0]!,
    normals: (step) => normalsOf(blocks, size, 3 * step + 1),
  };
}
