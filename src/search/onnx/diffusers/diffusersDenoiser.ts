import { shown } from "../../check.js";
import { InputError } from "../../inputError.js";
import type { Denoiser } from "../../engine/denoiser.js";
import type { EngineCondition } from "../../engine/engine.js";
import { Recent } from "../../engine/recent.js";
import { DeviceSteps } from "../devices/deviceSteps.js";
import type { Placement } from "../devices/placement.js";
import { Scratch } from "../scratch.js";
import type { Network } from "./network.js";
import { stacked } from "./stacked.js";
import type { Feeds, PipelineGraph, Values } from "./pipelineGraph.js";

/** Encoded prompts that are kept: some hundreds of SDXL's, some dozens of SD3's. */
const ROWS_KEPT = 256 * 2 ** 20;

/** The denoising network of a diffusers pipeline. Prompts are encoded once per condition; the encodings of the last ones are kept. */
export class DiffusersDenoiser implements Denoiser {
  /** What ran where, if it was found out on loading. */
  readonly placement: Placement | undefined;
  readonly file: string;
  readonly #graph: PipelineGraph;
  readonly #network: Network;
  readonly #latent: readonly [channels: number, height: number, width: number];
  readonly #size: number;
  readonly #rows = new Recent<Feeds>(() => ROWS_KEPT);
  readonly #release: () => Promise<void>;
  /** The inputs that a condition makes, of the last call: a trajectory asks with the same conditions at each of its steps. */
  #last: { readonly key: string; readonly feeds: Feeds } | undefined;
  /** Inputs that all samples share, by the size of the batch. */
  readonly #shared = new Map<number, Feeds>();
  readonly #scratch = new Scratch();
  /** Of a network whose output stays on the device. */
  readonly #steps: DeviceSteps | undefined;
  readonly trajectory?: NonNullable<Denoiser["trajectory"]>;

  /** `release`: frees all graphs of the pipeline. */
  constructor(
    graph: PipelineGraph,
    network: Network,
    latent: readonly [channels: number, height: number, width: number],
    release: () => Promise<void>,
  ) {
    this.#graph = graph;
    this.placement = graph.placement;
    this.file = graph.file;
    this.#network = network;
    this.#latent = latent;
    this.#size = latent[0] * latent[1] * latent[2];
    this.#release = release;
    const [channels, height, width] = latent;
    const sides = network.packing
      ? [undefined, ...network.packing.dims]
      : [undefined, channels, height, width];
    graph.check({
      ...network.rules,
      [network.state]: { type: "float", ranks: [sides.length], sides },
      timestep: { type: "number", ranks: [0, 1] },
    });
    graph.checkOutput(
      network.packing
        ? [undefined, ...network.packing.dims.map((side) => [side])]
        : [undefined, [channels, 2 * channels], [height], [width]],
    );
    if (graph.keepsOutputs && this.precision === "float32") {
      this.#steps = new DeviceSteps(network.packing?.dims ?? latent);
      this.trajectory = (...call) => this.#onDevice(this.#steps!, ...call);
    }
  }

  /** What its arithmetic is done in. */
  get precision(): "float32" | "float16" {
    return this.#graph.inputs.get(this.#network.state)!.type === "float16" ? "float16" : "float32";
  }

  async velocity(
    x: Float32Array,
    count: number,
    level: number,
    conditions: readonly (EngineCondition | undefined)[],
  ): Promise<Float32Array> {
    const { packing } = this.#network;
    const conditioning = await this.#feeds(conditions);
    const outputs = await this.#graph.again(() => this.#inputs(x, count, level, conditioning), this.#scratch);
    const output = outputs.values().next().value!;
    return packing ? this.#unpacked(output.data, count) : this.#prediction(output, count);
  }

  /** States go there as the network takes them, packed where it packs them: the steps between are the same for each value. */
  async #onDevice(
    steps: DeviceSteps,
    ...[x, moves, passes, noise, before]: Parameters<NonNullable<Denoiser["trajectory"]>>
  ): Promise<Float32Array> {
    const { state, packing } = this.#network;
    const { count } = passes;
    // In memory of its own: other calls may come in between.
    const own = (values: Float32Array): Float32Array =>
      packing ? this.#packed(values, count, new Float32Array(values.length)).data : values;
    const end = await steps.trajectory(
      own(x),
      moves,
      passes,
      (chance) => own(noise(chance)),
      before,
      async (tensor, total, level, conditions) => {
        const conditioning = await this.#feeds(conditions);
        const told = (): Feeds => this.#told(total, level, conditioning);
        return this.#graph.onDevice(told, { [state]: tensor }, this.#scratch);
      },
    );
    return packing ? this.#unpacked(end, count).slice() : end;
  }

  /** Of each prompt that is cleaned, or too long for an encoder. */
  remarks({ prompt, negative }: EngineCondition): readonly string[] {
    const network = this.#network;
    return [["prompt", prompt] as const, ["negative prompt", negative] as const].flatMap(
      ([name, text = ""]) => {
        const cleaned = network.cleaned?.(text);
        return [
          ...(cleaned === undefined
            ? []
            : [
                `The ${name} was cleaned, as by diffusers: ${shown(cleaned)}. With cleanCaption: false in openSession it stays.`,
              ]),
          ...(network.cut?.(text) ?? []).map(
            (phrase) => `The ${name} is longer than ${phrase} was left out.`,
          ),
        ];
      },
    );
  }

  /** Inputs of one call on zeros, for a condition's `rows`. */
  probe(rows: Feeds): Feeds {
    return this.#inputs(new Float32Array(this.#size), 1, 0.5, this.#onlyTaken(stacked([rows])));
  }

  #inputs(x: Float32Array, count: number, level: number, conditioning: Feeds): Feeds {
    return { [this.#network.state]: this.#packed(x, count), ...this.#told(count, level, conditioning) };
  }

  /** All inputs but the state. */
  #told(count: number, level: number, conditioning: Feeds): Feeds {
    let shared = this.#shared.get(count);
    if (!shared) {
      shared = this.#sharedBy(count, this.#onlyTaken(this.#network.shared ?? {}));
      this.#shared.set(count, shared);
    }
    return { timestep: this.#timestep(level, count), ...shared, ...conditioning };
  }

  async dispose(): Promise<void> {
    this.#rows.clear();
    this.#last = undefined;
    this.#shared.clear();
    this.#scratch.clear();
    await this.#release();
    await this.#steps?.dispose();
  }

  #packed(x: Float32Array, count: number, into?: Float32Array): Values {
    const { packing } = this.#network;
    if (!packing) return { data: x.subarray(0, count * this.#size), dims: [count, ...this.#latent] };
    const data = into ?? this.#scratch.floats("packed", count * this.#size);
    for (let i = 0; i < count; i++) packing.pack(this.#slice(x, i), this.#slice(data, i));
    return { data, dims: [count, ...packing.dims] };
  }

  #unpacked(tokens: Float32Array, count: number): Float32Array {
    this.#expect(tokens.length, count);
    const data = this.#scratch.floats("unpacked", tokens.length);
    for (let i = 0; i < count; i++)
      this.#network.packing!.unpack(this.#slice(tokens, i), this.#slice(data, i));
    return data;
  }

  /** Without the learned variance that DiT and PixArt give in as many channels more. */
  #prediction({ data, dims }: Values, count: number): Float32Array {
    if (dims[1] !== 2 * this.#latent[0]) {
      this.#expect(data.length, count);
      return data;
    }
    this.#expect(data.length, 2 * count);
    const mean = this.#scratch.floats("mean", count * this.#size);
    for (let i = 0; i < count; i++) mean.set(this.#slice(data, 2 * i), i * this.#size);
    return mean;
  }

  #expect(found: number, count: number): void {
    if (found === count * this.#size) return;
    throw new InputError(
      `${this.#graph.file} gave ${found} values for ${count} states of ${this.#size}. Its output is not that of a denoising network: export it again.`,
    );
  }

  #slice(values: Float32Array, index: number): Float32Array {
    return values.subarray(index * this.#size, (index + 1) * this.#size);
  }

  #timestep(level: number, count: number): Values {
    const { shape } = this.#graph.inputs.get("timestep")!;
    const value = this.#network.timestep(level);
    // Of rank 1 it is one for each sample, but for the exports that were fixed at one.
    const length = shape.length === 0 || shape[0] === 1 ? 1 : count;
    const data = this.#scratch.floats("timestep", length).fill(value);
    return { data, dims: shape.length === 0 ? [] : [length] };
  }

  /** Older exports want what all samples share once for each. */
  #sharedBy(count: number, values: Feeds): Feeds {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const once = this.#graph.inputs.get(name)!.shape.length === value.dims.length;
        const rows = new Array<Feeds>(count).fill({ [name]: value });
        return [name, once ? { ...value, lasting: true } : stacked(rows)[name]!];
      }),
    );
  }

  async #feeds(conditions: readonly (EngineCondition | undefined)[]): Promise<Feeds> {
    const keys = conditions.map(keyOf);
    const key = keys.join("\n");
    if (this.#last?.key !== key) {
      const rows: Feeds[] = [];
      for (const [i, condition] of conditions.entries()) rows.push(await this.#row(keys[i]!, condition));
      this.#last = { key, feeds: this.#onlyTaken(stacked(rows)) };
    }
    return this.#last.feeds;
  }

  async #row(key: string, condition: EngineCondition | undefined): Promise<Feeds> {
    const known = this.#rows.get(key);
    if (known) return known;
    const rows = await this.#network.rows(condition);
    const bytes = Object.values(rows).reduce((sum, { data }) => sum + data.byteLength, 0);
    this.#rows.set(key, rows, bytes);
    return rows;
  }

  /** An export may lack what its weights never used: FLUX schnell has no guidance. */
  #onlyTaken(values: Feeds): Feeds {
    return Object.fromEntries(Object.entries(values).filter(([name]) => this.#graph.inputs.has(name)));
  }
}

function keyOf(condition: EngineCondition | undefined): string {
  if (!condition) return "";
  const { label, prompt, style, guidance } = condition;
  return JSON.stringify([label, prompt, style, guidance]);
}
