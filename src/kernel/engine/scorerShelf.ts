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
import { MemoryRoom } from "./memoryRoom.js";
import { SharedLoading, type Waiting } from "./sharedLoading.js";

/** The graphs of a verifier. */
type Graphs = Pick<Loadable<unknown>, "bytes" | "isLoaded" | "isBusy" | "evict">;

/**
 * The verifiers of folders, opened once for all notebooks as long as the engine thread lives. They share their memory with the models: idle ones
 * leave it beyond the limit, and come back with the next image.
 */
export class ScorerShelf implements SharedScorers {
  readonly #residents = new Map<string, SharedLoading<FolderScorer, Graphs>>();
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
    waiting: Waiting = {},
  ): Promise<SharedVerifierCard> {
    if (typeof folder !== "string" || folder === "") {
      throw new InputError(`openVerifier needs the path of a folder, but got ${typeof folder}.`);
    }
    const path = resolve(directory, folder);
    const key = JSON.stringify([existsSync(path) ? realpathSync(path) : path, options ?? {}]);
    const scorer = await (this.#residents.get(key) ?? this.#load(key, path, options)).wait(waiting);
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

  #load(key: string, path: string, options: unknown): SharedLoading<FolderScorer, Graphs> {
    const resident: SharedLoading<FolderScorer, Graphs> = new SharedLoading({
      room: this.#room,
      load: async (hooks) => {
        const device = this.#device === undefined ? {} : { device: this.#device };
        const scorer = await openScorer(path, options ?? {}, { ...hooks, ...device });
        return used(scorer, () => resident.touch());
      },
      isBusy: (graphs) => graphs.isBusy,
      forget: () => {
        if (this.#residents.get(key) === resident) this.#residents.delete(key);
      },
    });
    this.#residents.set(key, resident);
    return resident;
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
