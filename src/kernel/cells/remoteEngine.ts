import type {
  DecodeJob,
  DenoiseJob,
  DeviceReport,
  Engine,
  EngineCondition,
  EngineModel,
  ImageData8,
  JobResult,
  NamedImage,
  NoiseJob,
  ScoreJob,
  ScorerHost,
  ScoreResult,
  Tensor,
  TensorId,
} from "../../search/index.js";
import { abortable } from "../../search/run/abortable.js";
import type { EngineOperation, OpenedEngine } from "../engine/messages.js";
import type { EnginePort } from "./enginePort.js";
import { packRequest, unpackReply, type ScoreReply } from "../engine/scoreWire.js";
import { hostAt } from "./remoteVerifier.js";

/** An engine in the engine worker. Results are copied across; the tensors stay there. */
export class RemoteEngine implements Engine {
  readonly model: EngineModel;
  readonly device: DeviceReport;
  readonly #engine: string;

  private constructor(
    private readonly port: EnginePort,
    readonly host: ScorerHost,
    { engine, model, device }: OpenedEngine,
  ) {
    this.#engine = engine;
    this.model = model;
    this.device = device;
  }

  /**
   * The one already resident for the same model and options, or a newly loaded one. An abort rejects at once, whatever the runtime is doing;
   * what is loaded too late is given up again.
   */
  static async open(
    port: EnginePort,
    { model, options, directory }: { model: unknown; options: unknown; directory: string },
    signal?: AbortSignal,
    progress?: (done: number, total: number) => void,
  ): Promise<RemoteEngine> {
    signal?.throwIfAborted();
    const opening = port.call({ type: "open", model, options, directory }, { signal, progress });
    // SAFETY: written by `serve` of the same build.
    const opened = (await abortable(opening, signal, () => {
      opening.then(
        (late) => port.call({ type: "close", engine: (late as OpenedEngine).engine }),
        () => undefined,
      );
    })) as OpenedEngine;
    return new RemoteEngine(port, hostAt(port), opened);
  }

  async noise(jobs: readonly NoiseJob[]): Promise<void> {
    await this.#call("noise", [jobs]);
  }

  denoise(jobs: readonly DenoiseJob[], signal?: AbortSignal): Promise<JobResult[]> {
    return this.#call("denoise", [jobs], signal);
  }

  decode(jobs: readonly DecodeJob[], signal?: AbortSignal): Promise<JobResult[]> {
    return this.#call("decode", [jobs], signal);
  }

  async score(
    jobs: readonly ScoreJob[],
    signal?: AbortSignal,
    images?: readonly NamedImage[],
  ): Promise<ScoreResult[]> {
    const request = packRequest(jobs, images);
    const transfer = [request.images.data.buffer];
    return unpackReply(await this.#call<ScoreReply>("score", [request], signal, transfer));
  }

  features(verifier: string, images: readonly TensorId[]): Promise<readonly Float32Array[]> {
    return this.#call("features", [verifier, images]);
  }

  remarks(condition: EngineCondition): Promise<readonly string[]> {
    return this.#call("remarks", [condition]);
  }

  read(id: TensorId): Promise<Tensor> {
    return this.#call("read", [id]);
  }

  image(id: TensorId): Promise<ImageData8> {
    return this.#call("image", [id]);
  }

  async put(images: readonly NamedImage[]): Promise<void> {
    await this.#call("put", [images]);
  }

  async dispose(): Promise<void> {
    await this.port.call({ type: "close", engine: this.#engine });
  }

  // SAFETY: `serve` gives each operation's own result, of the same build.
  async #call<T>(
    operation: EngineOperation,
    parameters: readonly unknown[],
    signal?: AbortSignal,
    transfer?: readonly ArrayBuffer[],
  ): Promise<T> {
    const message = { type: "call", engine: this.#engine, operation, parameters } as const;
    return (await this.port.call(message, { signal, transfer })) as T;
  }
}
