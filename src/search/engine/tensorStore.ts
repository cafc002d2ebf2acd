import type { Tensor } from "../tensor.js";
import type { ImageData8, TensorId } from "./engine.js";

/** What an engine has made, by what made it. In memory, for as long as the engine lives. */
export class TensorStore {
  readonly #states = new Map<TensorId, Tensor>();
  readonly #images = new Map<TensorId, ImageData8>();
  readonly #scores = new Map<string, number>();

  hasState(id: TensorId): boolean {
    return this.#states.has(id);
  }

  hasImage(id: TensorId): boolean {
    return this.#images.has(id);
  }

  state(id: TensorId): Tensor {
    const state = this.#states.get(id);
    if (!state)
      throw new Error(
        `The engine has no tensor ${id.slice(0, 12)}: it was made by another engine, or not yet.`,
      );
    return state;
  }

  image(id: TensorId): ImageData8 {
    const image = this.#images.get(id);
    if (!image) throw new Error(`The engine has no image ${id.slice(0, 12)}: decode it first.`);
    return image;
  }

  score(verifier: string, image: TensorId, label: number | undefined): number | undefined {
    return this.#scores.get(scoreKey(verifier, image, label));
  }

  putState(id: TensorId, state: Tensor): void {
    this.#states.set(id, state);
  }

  putImage(id: TensorId, image: ImageData8): void {
    this.#images.set(id, image);
  }

  putScore(verifier: string, image: TensorId, label: number | undefined, score: number): void {
    this.#scores.set(scoreKey(verifier, image, label), score);
  }

  clear(): void {
    this.#states.clear();
    this.#images.clear();
    this.#scores.clear();
  }
}

function scoreKey(verifier: string, image: TensorId, label: number | undefined): string {
  return `${verifier}\n${image}\n${label ?? ""}`;
}
