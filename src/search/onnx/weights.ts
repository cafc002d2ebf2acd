import type { Decoder } from "../engine/decoder.js";
import type { Denoiser } from "../engine/denoiser.js";
import type { Scorer } from "../engine/scorer.js";

/** The graphs of a model, in the runtime. */
export interface Graphs {
  readonly denoiser: Denoiser;
  readonly scorers: readonly Scorer[];
  readonly decoder?: Decoder;
  readonly previewDecoder?: Decoder;
}

/**
 * The graphs of a model that may leave the memory between two calls, and come back by themselves with the next one. What an engine has
 * computed is not theirs: it stays.
 */
export class Weights {
  #graphs: Promise<Graphs> | undefined;
  #calls = 0;
  #disposed = false;

  /** `bytes`: size of the files. `load` brings them back, as they were loaded first. */
  constructor(
    readonly bytes: number,
    first: Graphs,
    private readonly load: () => Promise<Graphs>,
  ) {
    this.#graphs = Promise.resolve(first);
    const { denoiser, scorers, decoder, previewDecoder } = first;
    this.graphs = {
      denoiser: {
        ...(denoiser.file !== undefined && { file: denoiser.file }),
        velocity: (...call) => this.#use((graphs) => graphs.denoiser.velocity(...call)),
        ...(denoiser.remarks && { remarks: (condition) => denoiser.remarks!(condition) }),
        ...(denoiser.trajectory && {
          trajectory: (...call) => this.#use((graphs) => graphs.denoiser.trajectory!(...call)),
        }),
        dispose: () => this.dispose(),
      },
      scorers: scorers.map((scorer, i) => this.#scorer(scorer, i)),
      ...(decoder && { decoder: this.#decoder(({ decoder }) => decoder!) }),
      ...(previewDecoder && { previewDecoder: this.#decoder(({ previewDecoder }) => previewDecoder!) }),
    };
  }

  /** What an engine calls. Disposing of one of them disposes of all. */
  readonly graphs: Graphs;

  get isLoaded(): boolean {
    return this.#graphs !== undefined;
  }

  /** Gives the memory back, unless a call is under way: then it does nothing and says false. */
  async evict(): Promise<boolean> {
    if (this.#calls > 0) return false;
    const graphs = this.#graphs;
    this.#graphs = undefined;
    if (graphs) await release(await graphs);
    return true;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    const graphs = this.#graphs;
    this.#graphs = undefined;
    if (graphs) await release(await graphs);
  }

  async #use<T>(work: (graphs: Graphs) => Promise<T>): Promise<T> {
    if (this.#disposed) throw new Error("The model was unloaded.");
    this.#calls++;
    try {
      if (!this.#graphs) {
        const loading = this.load();
        this.#graphs = loading;
        // The next call tries again.
        loading.catch(() => {
          if (this.#graphs === loading) this.#graphs = undefined;
        });
      }
      return await work(await this.#graphs);
    } finally {
      this.#calls--;
    }
  }

  #decoder(of: (graphs: Graphs) => Decoder): Decoder {
    return {
      decode: (...call) => this.#use((graphs) => of(graphs).decode(...call)),
      dispose: () => this.dispose(),
    };
  }

  #scorer(scorer: Scorer, i: number): Scorer {
    const { name, direction, needsCondition, sha256, sees, featureLayer } = scorer;
    return {
      ...{ name, direction, needsCondition, sha256 },
      ...(sees && { sees }),
      ...(featureLayer !== undefined && { featureLayer }),
      score: (...call) => this.#use(({ scorers }) => scorers[i]!.score(...call)),
      ...(scorer.scoreLatents && {
        scoreLatents: (...call) => this.#use(({ scorers }) => scorers[i]!.scoreLatents!(...call)),
      }),
      ...(scorer.features && {
        features: (...call) => this.#use(({ scorers }) => scorers[i]!.features!(...call)),
      }),
      dispose: () => this.dispose(),
    };
  }
}

async function release({ denoiser, scorers, decoder, previewDecoder }: Graphs): Promise<void> {
  await denoiser.dispose();
  for (const scorer of scorers) await scorer.dispose();
  await decoder?.dispose();
  await previewDecoder?.dispose();
}
