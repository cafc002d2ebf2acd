import { existsSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { InputError } from "../../search/index.js";
import type { EngineStorage, LocalEngine, SharedScorers } from "../../search/index.js";
import { openModel, type ModelOptions } from "../../search/onnx/openModel.js";
import type { Weights } from "../../search/onnx/weights.js";
import { abortable } from "../../search/run/abortable.js";
import type { Calibration } from "../../search/onnx/devices/autoThreads.js";
import { MemoryRoom, type Lodger } from "./memoryRoom.js";
import type { ModelNames } from "./modelNames.js";
import type { ModelState } from "../protocol.js";

interface Resident extends Lodger {
  readonly name: string;
  readonly engine: Promise<LocalEngine>;
  readonly cancel: AbortController;
  /** Those who wait for it are told how far it is. */
  readonly progress: Set<Progress>;
  /** Sessions, and those who wait for one. */
  users: number;
  /** Under way. */
  calls: number;
  used: number;
  /** Bytes that its first loading is about to take; until then 0. */
  coming: number;
  weights?: Weights;
  /** Since it is loaded. */
  device?: string;
}

/** Bytes of the files that are loaded, and of all. */
export type Progress = (done: number, total: number) => void;

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
    return [...this.#resident.values()].map(({ name, device, weights, users }) => ({
      name,
      ...(device === undefined ? {} : { device }),
      ...(weights && { bytes: weights.bytes }),
      state: !weights ? "loading" : weights.isLoaded ? "loaded" : "away",
      users,
    }));
  }

  /** Rejects with the signal's reason as soon as it is aborted; the last one that waits takes the loading with it. */
  async open(
    model: unknown,
    given: unknown,
    directory: string,
    { signal, progress }: { readonly signal?: AbortSignal; readonly progress?: Progress } = {},
  ): Promise<{ key: string; engine: LocalEngine }> {
    const folder = this.#parts.names.folder(model, directory);
    const path = existsSync(folder) ? realpathSync(folder) : folder;
    const options = this.#withDevice(given);
    const key = JSON.stringify([path, canonical(options)]);
    const entry = this.#resident.get(key) ?? this.#load(key, folder, options);
    entry.users++;
    entry.used = this.#room.now();
    if (progress) entry.progress.add(progress);
    try {
      const engine = await abortable(entry.engine, signal, () => undefined);
      return { key, engine };
    } catch (error) {
      entry.users--;
      if (entry.users === 0 && !entry.weights) this.#forget(key, entry);
      throw error;
    } finally {
      if (progress) entry.progress.delete(progress);
      this.#parts.changed?.();
    }
  }

  /** A call of an opened model, which stays in memory until the end of it. */
  async use<T>(key: string, work: (engine: LocalEngine) => Promise<T>): Promise<T> {
    const entry = this.#resident.get(key);
    if (!entry) throw new InputError("The session was disposed of. Open it again with openSession.");
    entry.calls++;
    try {
      return await work(await entry.engine);
    } finally {
      entry.calls--;
      entry.used = this.#room.now();
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
    const cancel = new AbortController();
    const progress = new Set<Progress>();
    const storage = this.#parts.storage();
    const { calibration } = this.#parts;
    const loading = openModel(folder, options as ModelOptions | undefined, (denoiser) => denoiser, storage, {
      signal: cancel.signal,
      progress: (done, total) => {
        for (const hear of progress) hear(done, total);
        this.#parts.changed?.();
      },
      makeRoom: (bytes) => {
        entry.coming = bytes;
        return this.#room.make(bytes, entry);
      },
      ...(calibration ? { calibration } : {}),
      loaded: (weights) => (entry.weights = weights),
    });
    const engine = loading.then((engine) => {
      entry.device = engine.device.provider;
      engine.shared = this.#parts.scorers;
      return engine;
    });
    const entry: Resident = {
      ...{ name: basename(folder), engine, cancel, progress },
      ...{ users: 0, calls: 0, used: 0, coming: 0 },
      get bytes() {
        return !this.weights ? this.coming : this.weights.isLoaded ? this.weights.bytes : 0;
      },
      get isIdle() {
        return this.weights?.isLoaded === true && this.calls === 0;
      },
      leave: async () => {
        if (entry.users > 0) return entry.weights!.evict();
        // With nobody's session open, what it has computed may go as well.
        await this.#dispose(key, entry);
        return true;
      },
    };
    this.#resident.set(key, entry);
    this.#room.enter(entry);
    engine
      .then(
        // Of several that were loaded at a time none could give way to another.
        () => this.#room.make(entry.bytes, entry),
        () => this.#forget(key, entry),
      )
      // What cannot leave stays.
      .catch(() => undefined);
    return entry;
  }

  async #dispose(key: string, entry: Resident): Promise<void> {
    this.#resident.delete(key);
    this.#room.gone(entry);
    this.#parts.changed?.();
    await (await entry.engine).dispose();
  }

  /** It was never loaded. */
  #forget(key: string, entry: Resident): void {
    if (this.#resident.get(key) === entry) this.#resident.delete(key);
    this.#room.gone(entry);
    entry.cancel.abort(new InputError("The loading was cancelled."));
    this.#parts.changed?.();
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
