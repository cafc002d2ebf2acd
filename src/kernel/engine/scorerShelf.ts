import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import {
  InputError,
  scoreEach,
  type EngineCondition,
  type ImageData8,
  type Scorer,
  type ScoreResult,
  type SharedScorers,
  type SharedVerifierCard,
} from "../../search/index.js";
import type { DeviceName } from "../../search/onnx/devices/device.js";
import type { Loadable } from "../../search/onnx/loadable.js";
import { IMAGES_IN_A_CALL, openScorer, type FolderScorer } from "../../search/onnx/verifiers/openScorer.js";
import { abortable } from "../../search/run/abortable.js";
import { MemoryRoom, type Lodger } from "./memoryRoom.js";
import type { Progress } from "./modelShelf.js";

/** One verifier's graphs. */
interface Resident extends Lodger {
  readonly scorer: Promise<FolderScorer>;
  readonly cancel: AbortController;
  /** Those who wait for it are told how far it is. */
  readonly progress: Set<Progress>;
  /** Who waits for it. */
  waiting: number;
  used: number;
  /** Bytes that its first loading has announced. */
  coming: number;
  graphs?: Pick<Loadable<unknown>, "bytes" | "isLoaded" | "isBusy" | "evict">;
}

/**
 * The verifiers of folders, opened once for all notebooks as long as the engine thread lives. They share their memory with the models: idle ones
 * leave it beyond the limit, and come back with the next image.
 */
export class ScorerShelf implements SharedScorers {
  readonly #residents = new Map<string, Resident>();
  readonly #scorers = new Map<string, FolderScorer>();
  readonly #room: MemoryRoom;
  readonly #device: DeviceName | undefined;

  /** `device`: what is tried before the processor when the options of a verifier do not say. */
  constructor(room = new MemoryRoom(Infinity), device?: DeviceName) {
    this.#room = room;
    this.#device = device;
  }

  /** Rejects with the signal's reason as soon as it is aborted; the last one that waits takes the loading with it. */
  async open(
    folder: unknown,
    options: unknown,
    directory: string,
    { signal, progress }: { readonly signal?: AbortSignal; readonly progress?: Progress } = {},
  ): Promise<SharedVerifierCard> {
    if (typeof folder !== "string" || folder === "") {
      throw new InputError(`openVerifier needs the path of a folder, but got ${typeof folder}.`);
    }
    const path = resolve(directory, folder);
    const key = JSON.stringify([existsSync(path) ? realpathSync(path) : path, options ?? {}]);
    const entry = this.#residents.get(key) ?? this.#load(key, path, options);
    entry.waiting++;
    if (progress) entry.progress.add(progress);
    let scorer: FolderScorer;
    try {
      scorer = await abortable(entry.scorer, signal, () => undefined);
    } catch (error) {
      if (entry.waiting === 1 && !entry.graphs) this.#forget(key, entry);
      throw error;
    } finally {
      entry.waiting--;
      if (progress) entry.progress.delete(progress);
    }
    const id = `folder/${key}`;
    this.#scorers.set(id, scorer);
    const { name, direction, needsCondition, sha256, labels, featureLayer, previewLevel, device } = scorer;
    return {
      ...{ id, name, direction, needsCondition, sha256, device },
      ...(labels ? { labels } : {}),
      ...(featureLayer === undefined ? {} : { featureLayer }),
      ...(previewLevel === undefined ? {} : { previewLevel }),
    };
  }

  scorer(id: string): Scorer | undefined {
    return this.#scorers.get(id);
  }

  async score(
    id: string,
    images: readonly ImageData8[],
    conditions: readonly (EngineCondition | undefined)[],
    references: readonly ImageData8[],
    signal: AbortSignal,
  ): Promise<ScoreResult[]> {
    const scorer = this.#scorers.get(id);
    if (!scorer) throw new InputError("The verifier is gone: open it again with openVerifier.");
    const results: ScoreResult[] = [];
    for (let start = 0; start < images.length; start += IMAGES_IN_A_CALL) {
      const part = images.slice(start, start + IMAGES_IN_A_CALL);
      if (signal.aborted) results.push(...part.map((): ScoreResult => ({ outcome: "aborted" })));
      else {
        results.push(
          ...(await scoreEach(part.length, (indices) =>
            scorer.score(
              indices.map((i) => part[i]!),
              indices.map((i) => conditions[start + i]),
              indices.map((i) => references[start + i]),
            ),
          )),
        );
        await new Promise((next) => setImmediate(next));
      }
    }
    return results;
  }

  /** Bytes of the graphs that are in memory. */
  get bytes(): number {
    return [...this.#residents.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #load(key: string, path: string, options: unknown): Resident {
    const room = this.#room;
    const cancel = new AbortController();
    const progress = new Set<Progress>();
    const opening = openScorer(path, options ?? {}, {
      ...(this.#device === undefined ? {} : { device: this.#device }),
      signal: cancel.signal,
      progress: (done, total) => {
        for (const hear of progress) hear(done, total);
      },
      makeRoom: (bytes) => {
        entry.coming = bytes;
        return room.make(bytes, entry);
      },
      loaded: (graphs) => (entry.graphs = graphs),
    });
    const entry: Resident = {
      ...{
        scorer: opening.then((scorer) => used(scorer, () => (entry.used = room.now()))),
        cancel,
        progress,
      },
      ...{ waiting: 0, used: room.now(), coming: 0 },
      get bytes() {
        return !this.graphs ? this.coming : this.graphs.isLoaded ? this.graphs.bytes : 0;
      },
      get isIdle() {
        return this.graphs?.isLoaded === true && !this.graphs.isBusy;
      },
      leave: async () => entry.graphs!.evict(),
    };
    this.#residents.set(key, entry);
    room.enter(entry);
    entry.scorer
      .then(
        // Of several that were loaded at a time none could give way to another.
        () => room.make(entry.bytes, entry),
        () => this.#forget(key, entry),
      )
      // What cannot leave stays.
      .catch(() => undefined);
    return entry;
  }

  /** It was never loaded. */
  #forget(key: string, entry: Resident): void {
    if (this.#residents.get(key) === entry) this.#residents.delete(key);
    this.#room.gone(entry);
    entry.cancel.abort(new InputError("The loading was cancelled."));
  }
}

/** The same, and says after each call that it was used. */
function used(scorer: FolderScorer, note: () => void): FolderScorer {
  const noted = <T>(result: T): T => {
    note();
    return result;
  };
  return {
    ...scorer,
    score: async (...call) => noted(await scorer.score(...call)),
    ...(scorer.features && { features: async (images) => noted(await scorer.features!(images)) }),
  };
}
