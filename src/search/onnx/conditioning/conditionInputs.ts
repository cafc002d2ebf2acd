import type { Tensor } from "onnxruntime-node";
import type { EngineCondition } from "../../engine/engine.js";
import type { Port } from "../ortSession.js";

/** What a denoiser graph is told beside the state and the level: the inputs that say what the picture should show. */
export interface ConditionInputs {
  readonly signature: Readonly<Record<string, Port>>;
  /** In the order of the conditions, undefined = the unconditional pass. The memory is used again: for one call of the graph. */
  fill(conditions: readonly (EngineCondition | undefined)[]): Promise<Readonly<Record<string, Tensor>>>;
  /** What the user has to know of how a condition is taken. */
  remarks?(condition: EngineCondition): readonly string[];
  release(): Promise<void>;
}
