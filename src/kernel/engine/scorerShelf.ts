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
import { MemoryRoom, type Lodger } from "./memoryRoom.js";

/** One verifier's graphs. */
interface Resident extends Lodger {
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
  readonly #loaded = new Map<string, Promise<FolderScorer>>();
  readonly #scorers = new Map<string, FolderScorer>();
  readonly #residents = new Set<Resident>();
  readonly #room: MemoryRoom;
  readonly #device: DeviceName | undefined;

  /** `device`: what is tried before the processor when the options of a verifier do not say. */
  constructor(room = new MemoryRoom(Infinity), device?: DeviceName) {
    this.#room = room;
    this.#device = device;
  }

  async open(folder: unknown, options: unknown, directory: string): Promise<SharedVerifierCard> {
    if (typeof folder !== "string" || folder === "") {
      throw new InputError(`openVerifier needs the path of a folder, but got ${typeof folder}.`);
    }
    const path = resolve(directory, folder);
    const key = JSON.stringify([existsSync(path) ? realpathSync(path) : path, options ?? {}]);
    const known = this.#loaded.get(key) ?? this.#load(path, options);
    this.#loaded.set(key, known);
    let scorer: FolderScorer;
    try {
      scorer = await known;
    } catch (error) {
      this.#loaded.delete(key);
      throw error;
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
    return [...this.#residents].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async #load(path: string, options: unknown): Promise<FolderScorer> {
    const room = this.#room;
    const entry: Resident = {
      ...{ used: room.now(), coming: 0 },
      get bytes() {
        return !this.graphs ? this.coming : this.graphs.isLoaded ? this.graphs.bytes : 0;
      },
      get isIdle() {
        return this.graphs?.isLoaded === true && !this.graphs.isBusy;
      },
      leave: async () => entry.graphs!.evict(),
    };
    this.#residents.add(entry);
    room.enter(entry);
    try {
      const device = this.#device;
      const scorer = await openScorer(path, options ?? {}, {
        ...(device === undefined ? {} : { device }),
        makeRoom: (bytes) => {
          entry.coming = bytes;
          return room.make(bytes, entry);
        },
        loaded: (graphs) => (entry.graphs = graphs),
      });
      // Of several that were loaded at a time none could give way to another.
      room.make(entry.bytes, entry).catch(() => undefined);
      const used = <T>(result: T): T => {
        entry.used = room.now();
        return result;
      };
      return {
        ...scorer,
        score: async (...call) => used(await scorer.score(...call)),
        ...(scorer.features && { features: async (images) => used(await scorer.features!(images)) }),
      };
    } catch (error) {
      this.#residents.delete(entry);
      room.gone(entry);
      throw error;
    }
  }
}
