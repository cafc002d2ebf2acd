import type { Decoder } from "../engine/decoder.js";
import type { Denoiser } from "../engine/denoiser.js";
import type { Scorer } from "../engine/scorer.js";
import { Loadable } from "./loadable.js";

/** The graphs of a model, in the runtime. */
export interface Graphs {
  readonly denoiser: Denoiser;
  readonly scorers: readonly Scorer[];
  readonly decoder?: Decoder;
  readonly previewDecoder?: Decoder;
}

/** The graphs of a model, which may leave the memory between two calls. */
export class Weights {
  readonly #memory: Loadable<Graphs>;

  /** `bytes`: size of the files. `load` brings them back, as they were loaded first. */
  constructor(
    readonly bytes: number,
    first: Graphs,
    load: () => Promise<Graphs>,
  ) {
    this.#memory = new Loadable(bytes, first, load, release);
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
    return this.#memory.isLoaded;
  }

  /** Gives the memory back, unless a call is under way: then it does nothing and says false. */
  evict(): Promise<boolean> {
    return this.#memory.evict();
  }

  dispose(): Promise<void> {
    return this.#memory.dispose();
  }

  #use<T>(work: (graphs: Graphs) => Promise<T>): Promise<T> {
    return this.#memory.use(work);
  }

  #decoder(of: (graphs: Graphs) => Decoder): Decoder {
    return {
      decode: (...call) => this.#use((graphs) => of(graphs).decode(...call)),
      dispose: () => this.dispose(),
    };
  }

  #scorer(scorer: Scorer, i: number): Scorer {
    const { name, direction, needsCondition, sha256, sees, wants, featureLayer } = scorer;
    return {
      ...{ name, direction, needsCondition, sha256 },
      ...(sees && { sees }),
      ...(wants && { wants }),
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
