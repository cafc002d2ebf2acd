import type { DeviceReport } from "../../engine/deviceReport.js";
import type { Device, DeviceName, Place } from "../devices/device.js";
import { DeviceFailure } from "../devices/deviceFailure.js";
import { nodesOn, NOTHING_THERE, type Placement } from "../devices/placement.js";
import { placeModel, type Placed } from "../devices/placeModel.js";
import { PipelineGraph, type Feeds } from "../diffusers/pipelineGraph.js";
import type { GraphFile } from "../files/graphFile.js";

/** On the processor nothing is profiled: there is nowhere else that it could run. */
const ON_CPU: Placement = {
  providers: [{ provider: "cpu", nodes: 1, milliseconds: 0 }],
  fallbackOperators: [],
};

/**
 * Where the graphs of a verifier run. The first, which sees the images, is tried as a model's denoiser is, one device after the other; the others go where
 * it is, or to the processor. What runs where is kept, so that a graph that is loaded once more goes to its place.
 */
export class GraphPlaces {
  readonly #asked: DeviceName;
  readonly #threads: number;
  readonly #order: readonly Device[] | undefined;
  readonly #places = new Map<string, Place>();
  #first: Placed<{ readonly graph: PipelineGraph }> | undefined;

  /** `order`: what "auto" tries, other than the best of this machine first. */
  constructor(asked: DeviceName, threads: number, order?: readonly Device[]) {
    this.#asked = asked;
    this.#order = order;
    this.#threads = threads;
  }

  /** `blank`: inputs of one run that shows what runs there; it may refuse the graph. */
  async load(file: GraphFile, blank: (graph: PipelineGraph) => Feeds): Promise<PipelineGraph> {
    const known = this.#places.get(file.file);
    if (known) return PipelineGraph.load(file, known);
    const at = async ({ device, placed }: Place) => {
      const place: Place = { device, threads: this.#threads };
      this.#places.set(file.file, place);
      if (device === "cpu") {
        const graph = await PipelineGraph.load(file, place);
        return { graph, placement: ON_CPU, dispose: () => graph.release() };
      }
      const graph = await PipelineGraph.load(file, place, blank);
      const placement = graph.placement!;
      if (nodesOn(device, placement)[0] === 0) {
        await graph.release();
        throw new DeviceFailure(NOTHING_THERE);
      }
      placed?.(placement);
      return { graph, placement, dispose: () => graph.release() };
    };
    if (this.#first) return (await this.#first.beside(file.file, at)).graph;
    const first = await placeModel(this.#asked, this.#threads, at, this.#order);
    this.#first = first;
    return first.denoiser.graph;
  }

  /** Of the graphs that were loaded; `batch`: images of one call. */
  report(batch: number): DeviceReport {
    const { providers, ...report } = this.#first!.report();
    return {
      ...report,
      ...(report.provider === "cpu" || !providers ? {} : { providers }),
      ...{ batch, threads: this.#threads },
    };
  }
}

/** One sample of zeros for each input of a graph, images of `side` x `side` pixels and texts of `length` tokens. */
export function blankInputs({ file, inputs }: PipelineGraph, side: number, length: number): Feeds {
  return Object.fromEntries(
    [...inputs].map(([name, { shape }]) => {
      const isText = name === "input_ids" || name === "attention_mask";
      const dims = shape.map((size, axis) => {
        if (axis === 0) return 1;
        if (typeof size === "number" && size > 0) return size;
        if (isText) return length;
        if (shape.length === 4) return axis === 1 ? 3 : side;
        throw new DeviceFailure(
          `${file} does not say of what size its input "${name}" is, so it cannot be tried`,
        );
      });
      const data = new Float32Array(dims.reduce((product, size) => product * size, 1));
      return [name, { data: name === "attention_mask" ? data.fill(1) : data, dims }];
    }),
  );
}
