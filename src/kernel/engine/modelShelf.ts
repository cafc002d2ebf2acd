import { existsSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { InputError } from "../../search/index.js";
import type { EngineStorage, LocalEngine, SharedScorers } from "../../search/index.js";
import { openModel, type ModelOptions } from "../../search/onnx/openModel.js";
import type { Weights } from "../../search/onnx/weights.js";
import type { Calibration } from "../../search/onnx/devices/autoThreads.js";
import { MemoryRoom } from "./memoryRoom.js";
import type { ModelNames } from "./modelNames.js";
import { SharedLoading, type Waiting } from "./sharedLoading.js";
import type { ModelState } from "../protocol.js";

interface Resident {
  readonly name: string;
  readonly loading: SharedLoading<LocalEngine, Weights>;
  /** Sessions, and those who wait for one. */
  users: number;
  /** Under way. */
  calls: number;
  /** Since it is loaded. */
  device?: string;
}

export interface ShelfParts {
  readonly names: ModelNames;
  /** Where results are kept beside the memory. */
  readonly storage: () => EngineStorage;
  /** Verifiers that were opened by themselves, for every model. */
  readonly scorers?: SharedScorers;
  /** The memory that models share with what else is loaded, or bytes of model files that may be loaded at a time. */
  readonly limit: MemoryRoom | number;
  /** Where a model runs when its options do not say. */
  readonly device?: string;
  /** Where measured numbers of threads are kept. */
  readonly calibration?: Calibration;
  /** Something was loaded, put away, or is used by others than before. */
  readonly changed?: () => void;
}

/**
 * The loaded models. The same model with the same options is loaded once, for all notebooks, and stays until nobody wants it any more. Beyond
 * the limit those that are idle leave the memory, the one used longest ago first; their sessions go on, and the next call brings them back.
 */
export class ModelShelf {
  readonly #resident = new Map<string, Resident>();
  readonly #parts: ShelfParts;
  readonly #room: MemoryRoom;

  constructor(parts: ShelfParts) {
    this.#parts = parts;
    const { limit, changed } = parts;
    this.#room = typeof limit === "number" ? new MemoryRoom(limit, changed) : limit;
  }

  get models(): readonly ModelState[] {
    return [...this.#resident.values()].map(({ name, device, loading: { memory }, users }) => ({
      name,
      ...(device === undefined ? {} : { device }),
      ...(memory && { bytes: memory.bytes }),
      state: !memory ? "loading" : memory.isLoaded ? "loaded" : "away",
      users,
    }));
  }

  /** Rejects with the signal's reason as soon as it is aborted; the last one that waits takes the loading with it. */
  async open(
    model: unknown,
    given: unknown,
    directory: string,
    waiting: Waiting = {},
  ): Promise<{ key: string; engine: LocalEngine }> {
    const folder = this.#parts.names.folder(model, directory);
    const path = existsSync(folder) ? realpathSync(folder) : folder;
    const options = this.#withDevice(given);
    const key = JSON.stringify([path, canonical(options)]);
    const entry = this.#resident.get(key) ?? this.#load(key, folder, options);
    entry.users++;
    try {
      return { key, engine: await entry.loading.wait(waiting) };
    } catch (error) {
      entry.users--;
      throw error;
    } finally {
      this.#parts.changed?.();
    }
  }

  /** A call of an opened model, which stays in memory until the end of it. */
  async use<T>(key: string, work: (engine: LocalEngine) => Promise<T>): Promise<T> {
    const entry = this.#resident.get(key);
    if (!entry) throw new InputError("The session was disposed of. Open it again with openSession.");
    entry.calls++;
    try {
      return await work(await entry.loading.result);
    } finally {
      entry.calls--;
      entry.loading.touch();
    }
  }

  /** One session less. `unload`: asked for by its owner, so the last one takes the model with it; a restart of cells keeps it. */
  async release(key: string, unload: boolean): Promise<void> {
    const entry = this.#resident.get(key);
    if (!entry) return;
    entry.users--;
    this.#parts.changed?.();
    if (!unload || entry.users > 0) return;
    await this.#dispose(key, entry);
  }

  #withDevice(options: unknown): unknown {
    const { device } = this.#parts;
    if (device === undefined || (options !== undefined && !isObject(options))) return options;
    return { ...options, device: options?.device ?? device };
  }

  #load(key: string, folder: string, options: unknown): Resident {
    const { calibration, changed, scorers } = this.#parts;
    const storage = this.#parts.storage();
    const entry: Resident = {
      ...{ name: basename(folder), users: 0, calls: 0 },
      loading: new SharedLoading({
        room: this.#room,
        load: async (hooks) => {
          const given = options as ModelOptions | undefined;
          const further = { ...hooks, ...(calibration ? { calibration } : {}) };
          const engine = await openModel(folder, given, (denoiser) => denoiser, storage, further);
          entry.device = engine.device.provider;
          engine.shared = scorers;
          return engine;
        },
        isBusy: () => entry.calls > 0,
        leave: async (weights) => {
          if (entry.users > 0) return weights.evict();
          // With nobody's session open, what it has computed may go as well.
          await this.#dispose(key, entry);
          return true;
        },
        forget: () => {
          if (this.#resident.get(key) === entry) this.#resident.delete(key);
          changed?.();
        },
        ...(changed ? { changed } : {}),
      }),
    };
    this.#resident.set(key, entry);
    return entry;
  }

  async #dispose(key: string, entry: Resident): Promise<void> {
    this.#resident.delete(key);
    this.#room.gone(entry.loading);
    this.#parts.changed?.();
    await (await entry.loading.result).dispose();
  }
}

const isObject = (value: unknown): value is { readonly device?: unknown } =>
  typeof value === "object" && value !== null;

/** Options in one order, without those left undefined. */
const canonical = (options: unknown): unknown =>
  typeof options === "object" && options !== null
    ? Object.entries(options)
        .filter(([, value]) => value !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
    : [];
