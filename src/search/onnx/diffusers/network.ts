import type { EngineCondition } from "../../engine/engine.js";
import type { PortRule, Values } from "./pipelineGraph.js";

/**
 * How the denoising network of one layout is called: names and shapes of its inputs, and what a condition means to it. One object per
 * loaded pipeline; `DiffusersDenoiser` does the rest.
 */
export interface Network {
  /** The input that takes the state. */
  readonly state: string;
  /** All inputs but the state and the timestep. */
  readonly rules: Readonly<Record<string, PortRule>>;
  /** What the timestep input is told at a level: s in [0, 1] for flow, else the training timestep. */
  timestep(level: number): number;
  /** The inputs of one sample, without batch dimension. Undefined: the unconditional pass. */
  rows(condition: EngineCondition | undefined): Promise<Readonly<Record<string, Values>>>;
  /** What its encoders leave out of a prompt, a phrase for each that does: `of 77 tokens, "le, morning"`. */
  cut?(prompt: string): readonly string[];
  /** A prompt as it goes in, where that is other than in lower case and trimmed. */
  cleaned?(prompt: string): string | undefined;
  /** Inputs that all samples share. */
  readonly shared?: Readonly<Record<string, Values>>;
  /** Where the network takes the state in another order: tokens of 2x2 pixels. */
  readonly packing?: Packing;
}

/** Between states [C, H, W] and tokens [H/2 W/2, 4 C], one sample at a time. */
export interface Packing {
  readonly dims: readonly number[];
  pack(state: Float32Array, tokens: Float32Array): void;
  unpack(tokens: Float32Array, state: Float32Array): void;
}
