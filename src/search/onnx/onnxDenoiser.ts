import { Tensor } from "onnxruntime-node";
import type { Denoiser } from "../engine/denoiser.js";
import type { EngineCondition } from "../engine/engine.js";
import type { FolderCard } from "./modelCard.js";
import type { ConditionInputs } from "./conditioning/conditionInputs.js";
import { openConditioning } from "./conditioning/openConditioning.js";
import type { ModelFolder } from "./modelFolder.js";
import type { Place } from "./devices/device.js";
import { DeviceSteps } from "./devices/deviceSteps.js";
import type { Placement } from "./devices/placement.js";
import { OrtSession } from "./ortSession.js";

/** The denoiser graph of a model folder: inputs x [B, C, H, W], t [B] and what `conditioning` adds; output v. */
export class OnnxDenoiser implements Denoiser {
  readonly file: string;
  readonly #session: OrtSession;
  readonly #card: FolderCard;
  /** Inputs by batch size: the runtime reads them in place, so they can be used again. */
  readonly #inputs = new Map<number, { x: Tensor; t: Tensor }>();
  readonly #conditioning: ConditionInputs;
  /** Of a model whose output stays on the device. */
  readonly #steps: DeviceSteps | undefined;
  readonly trajectory?: NonNullable<Denoiser["trajectory"]>;

  private constructor(
    session: OrtSession,
    card: FolderCard,
    conditioning: ConditionInputs,
    steps?: DeviceSteps,
  ) {
    this.#conditioning = conditioning;
    this.#session = session;
    this.#card = card;
    this.file = card.denoiser.file;
    this.#steps = steps;
    if (steps)
      this.trajectory = (...call) =>
        steps.trajectory(...call, (...parameters) => this.#evaluate(...parameters));
  }

  static async load(folder: ModelFolder, on: number | Place): Promise<OnnxDenoiser> {
    const { denoiser, image } = folder.card;
    const bytes = await folder.read(denoiser);
    const conditioning = await openConditioning(folder, on);
    const session = await OrtSession.load(denoiser.file, bytes, on, {
      inputs: {
        x: { type: "float32", shape: ["batch", ...image] },
        t: { type: "float32", shape: ["batch"] },
        ...conditioning.signature,
      },
      outputs: { v: { type: "float32", shape: ["batch", ...image] } },
    }).catch(async (error: unknown) => {
      await conditioning.release();
      throw error;
    });
    const keeps = typeof on === "object" && on.keepsOutputs === true;
    return new OnnxDenoiser(session, folder.card, conditioning, keeps ? new DeviceSteps(image) : undefined);
  }

  /** What ran where, of one loaded `profiled`. */
  get placement(): Placement | undefined {
    return this.#session.placement;
  }

  async velocity(
    x: Float32Array,
    count: number,
    level: number,
    conditions: readonly (EngineCondition | undefined)[],
  ): Promise<Float32Array> {
    const v = await this.#evaluate(x, count, level, conditions);
    return this.#steps ? this.#steps.read(v) : (v.data as Float32Array);
  }

  /** `x`: the values, or a tensor that may lie on the device. */
  #evaluate(
    x: Float32Array | Tensor,
    count: number,
    level: number,
    conditions: readonly (EngineCondition | undefined)[],
  ): Promise<Tensor> {
    return this.#session.turn(async (session) => {
      const inputs = this.#inputsOf(count);
      if (x instanceof Float32Array) (inputs.x.data as Float32Array).set(x);
      (inputs.t.data as Float32Array).fill(level);
      const told = await this.#conditioning.fill(conditions.slice(0, count));
      const { v } = await session.run({ ...inputs, ...told, ...(x instanceof Float32Array ? {} : { x }) });
      return v!;
    });
  }

  remarks(condition: EngineCondition): readonly string[] {
    return this.#conditioning.remarks?.(condition) ?? [];
  }

  async dispose(): Promise<void> {
    await this.#session.release();
    await this.#conditioning.release();
    await this.#steps?.dispose();
    this.#inputs.clear();
  }

  #inputsOf(count: number): { x: Tensor; t: Tensor } {
    const known = this.#inputs.get(count);
    if (known) return known;
    const shape = [count, ...this.#card.image];
    const size = shape.reduce((product, side) => product * side, 1);
    const inputs = {
      x: new Tensor("float32", new Float32Array(size), shape),
      t: new Tensor("float32", new Float32Array(count), [count]),
    };
    this.#inputs.set(count, inputs);
    return inputs;
  }
}
