import type { Network } from "../solvers/course.js";
import type { Denoiser, Passes } from "./denoiser.js";
import type { EngineCondition } from "./engine.js";
import { rescaleGuidance } from "./rescaleGuidance.js";
import type { Guidance } from "./tensorId.js";

/** Told how many guided evaluations and raw passes each sample of a batch has had. */
export interface Evaluations {
  add(nfe: number, forwards: number): void;
}

/** Raised between two model calls when the caller has aborted. */
export class Aborted extends Error {
  override readonly name = "Aborted";
}

/**
 * The network as a solver sees it, under classifier-free guidance w: out = out_null + w (out_cond - out_null). Both passes go as one batch of
 * twice the size, so a guided evaluation is 1 NFE and 2 forwards for each sample. out_null is the unconditional pass, or that of the negative
 * prompt. A `rescale` is that of `rescaleGuidance`. Without a condition, or at w = 1, it is one pass. Counts into `spent` what has really run, and looks at `signal` before each call: a
 * call under way cannot be ended. What it gives is good until the call after the next one: two buffers take turns.
 */
export function guidedNetwork(
  denoiser: Denoiser,
  conditions: readonly (EngineCondition | undefined)[],
  { guidance, rescale }: Guidance,
  spent: Evaluations,
  signal?: AbortSignal,
): Network {
  const { count, conditions: passes, guidance: scale } = guidancePasses(conditions, guidance);
  const guided = scale !== undefined;
  let twice: Float32Array | undefined;
  let [now, before]: Float32Array[] = [];
  return async (x, time) => {
    if (signal?.aborted) throw new Aborted();
    const size = x.data.length;
    [now, before] = [before ?? new Float32Array(size), now];
    if (!guided) {
      now.set(await denoiser.velocity(x.data, count, time, passes));
      spent.add(1, 1);
      return { data: now, shape: x.shape };
    }
    twice ??= new Float32Array(2 * size);
    twice.set(x.data, 0);
    twice.set(x.data, size);
    const both = await denoiser.velocity(twice, 2 * count, time, passes);
    spent.add(1, 2);
    for (let i = 0; i < size; i++) now[i] = both[size + i]! + guidance * (both[i]! - both[size + i]!);
    if (rescale !== undefined) rescaleGuidance(now, both, count, rescale);
    return { data: now, shape: x.shape };
  };
}

/** What guidance evaluates: both passes of each sample, or one where there is nothing to guide to or away from. */
export function guidancePasses(conditions: Passes["conditions"], guidance: number): Passes {
  const guided = guidance !== 1 && conditions.every((condition) => condition !== undefined);
  const count = conditions.length;
  if (!guided) return { count, conditions };
  return { count, conditions: [...conditions, ...conditions.map(withoutCondition)], guidance };
}

/** What the other pass of guidance is told. A scale that is an input of the network is that of both passes. */
function withoutCondition(condition: EngineCondition | undefined): EngineCondition | undefined {
  if (condition?.negative === undefined) return undefined;
  const { negative, guidance } = condition;
  return { prompt: negative, ...(guidance === undefined ? {} : { guidance }) };
}

/** Forwards of `nfe` evaluations: 2 each where guidance needs both passes. */
export function forwardsOf(nfe: number, condition: EngineCondition | undefined, guidance: number): number {
  return condition !== undefined && guidance !== 1 ? 2 * nfe : nfe;
}
