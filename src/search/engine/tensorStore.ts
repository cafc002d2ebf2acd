import {
  decodeImage,
  decodeScore,
  decodeTensor,
  encodeImage,
  encodeScore,
  encodeTensor,
} from "../cache/codec.js";
import type { DiskCache } from "../cache/diskCache.js";
import type { Tensor } from "../tensor.js";
import type { EngineCondition, ImageData8, TensorId } from "./engine.js";
import { Recent } from "./recent.js";
import { conditionName } from "./tensorId.js";

export interface TensorStoreParts {
  /** Keeps what is made, for other sessions and for what does not fit in memory. Without it everything stays in memory. */
  readonly cache?: DiskCache;
  /** Of the states and images in memory, when there is a cache. */
  readonly memory?: number;
  /** Goes before every key of the cache: results of one device are not those of another. */
  readonly prefix?: string;
  /** Draws a noise again that went out of memory: the cache does not have those. */
  readonly redraw?: (id: TensorId) => Tensor | undefined;
}

const MEMORY = 128 << 20;
/** Of an entry beside its values. */
const OVERHEAD = 500;

/** Those asked for last, by the very object of their condition. */
interface LastScores {
  readonly verifier: string;
  readonly condition: EngineCondition | undefined;
  readonly scores: Map<TensorId, number>;
}

/** What an engine has made, by what made it. */
export class TensorStore {
  readonly #cache: DiskCache | undefined;
  readonly #prefix: string;
  readonly #redraw: (id: TensorId) => Tensor | undefined;
  readonly #states: Recent<Tensor>;
  readonly #images: Recent<ImageData8>;
  /** By verifier and condition, then by image: thousands of images share a verifier. */
  readonly #scores = new Map<string, Map<TensorId, number>>();
  #lastScores: LastScores | undefined;

  constructor({ cache, memory = MEMORY, prefix = "", redraw = () => undefined }: TensorStoreParts = {}) {
    this.#cache = cache;
    this.#prefix = prefix;
    this.#redraw = redraw;
    // A disk that takes no more leaves only the memory.
    const limit = (): number => (cache?.keeps ? memory / 2 : Infinity);
    this.#states = new Recent(limit);
    this.#images = new Recent(limit);
  }

  /** Whether states may go out of memory. */
  get spills(): boolean {
    return this.#cache !== undefined;
  }

  hasState(id: TensorId): boolean {
    return this.#states.has(id) || this.#fetchState(id) !== undefined;
  }

  hasImage(id: TensorId): boolean {
    return this.#images.has(id) || this.#fetchImage(id) !== undefined;
  }

  state(id: TensorId): Tensor {
    const state = this.#states.get(id) ?? this.#fetchState(id);
    if (!state)
      throw new Error(
        `The engine has no tensor ${id.slice(0, 12)}: it was made by another engine, or not yet.`,
      );
    return state;
  }

  image(id: TensorId): ImageData8 {
    const image = this.#images.get(id) ?? this.#fetchImage(id);
    if (!image) throw new Error(`The engine has no image ${id.slice(0, 12)}: decode it first.`);
    return image;
  }

  /** `verifier`: its sha256. */
  score(verifier: string, image: TensorId, condition: EngineCondition | undefined): number | undefined {
    const scores = this.#scoresOf(verifier, condition);
    const known = scores.get(image);
    if (known !== undefined || !this.#cache) return known;
    const bytes = this.#cache.get(this.#prefix + scoreKey(verifier, image, condition));
    const score = bytes && decodeScore(bytes);
    if (score !== undefined) scores.set(image, score);
    return score;
  }

  /** `again`: `redraw` makes it at no cost, so the cache need not have it. */
  putState(id: TensorId, state: Tensor, again = false): void {
    this.#states.set(id, state, state.data.byteLength + OVERHEAD);
    if (!again && this.#cache) this.#cache.put(this.#stateKey(id), encodeTensor(state));
  }

  putImage(id: TensorId, image: ImageData8): void {
    this.#images.set(id, image, image.data.length + OVERHEAD);
    if (this.#cache) this.#cache.put(this.#imageKey(id), encodeImage(image));
  }

  putScore(verifier: string, image: TensorId, condition: EngineCondition | undefined, score: number): void {
    this.#scoresOf(verifier, condition).set(image, score);
    if (this.#cache) this.#cache.put(this.#prefix + scoreKey(verifier, image, condition), encodeScore(score));
  }

  /** Sees to it that the cache has everything. */
  flush(): void {
    this.#cache?.flush();
  }

  clear(): void {
    this.flush();
    this.#states.clear();
    this.#images.clear();
    this.#scores.clear();
    this.#lastScores = undefined;
  }

  #scoresOf(verifier: string, condition: EngineCondition | undefined): Map<TensorId, number> {
    const last = this.#lastScores;
    if (last?.verifier === verifier && last.condition === condition) return last.scores;
    const key = `${verifier}/${conditionName(condition)}`;
    let scores = this.#scores.get(key);
    if (!scores) this.#scores.set(key, (scores = new Map<TensorId, number>()));
    this.#lastScores = { verifier, condition, scores };
    return scores;
  }

  #fetchState(id: TensorId): Tensor | undefined {
    const bytes = this.#cache?.get(this.#stateKey(id));
    const state = bytes ? decodeTensor(bytes) : this.#redraw(id);
    if (!state) return undefined;
    this.#states.set(id, state, state.data.byteLength + OVERHEAD);
    return state;
  }

  #fetchImage(id: TensorId): ImageData8 | undefined {
    const bytes = this.#cache?.get(this.#imageKey(id));
    if (!bytes) return undefined;
    const image = decodeImage(bytes);
    this.#images.set(id, image, image.data.length + OVERHEAD);
    return image;
  }

  #stateKey(id: TensorId): string {
    return `${this.#prefix}state/${id}`;
  }

  #imageKey(id: TensorId): string {
    return `${this.#prefix}image/${id}`;
  }
}

function scoreKey(verifier: string, image: TensorId, condition: EngineCondition | undefined): string {
  return `score/${verifier}/${image}/${conditionName(condition)}`;
}
