import { shown } from "../../check.js";
import { pixelsId } from "../../engine/tensorId.js";
import { Image } from "../../image.js";
import { imagesOf, type Images } from "../../images.js";
import { InputError } from "../../inputError.js";
import type { Verifier } from "../verifier.js";

/** A search of which the winner is kept. */
export interface Searched {
  readonly best: { image(): Promise<Image> } | undefined;
}

/** The images that a greedy search over a population has kept so far, and what is known of them in a feature network. */
export class Population {
  readonly #images: Image[] = [];
  readonly #features: Map<string, Float32Array>;

  constructor(images: readonly Image[] = [], features = new Map<string, Float32Array>()) {
    this.#images.push(...images);
    this.#features = features;
  }

  get size(): number {
    return this.#images.length;
  }

  get images(): readonly Image[] {
    return [...this.#images];
  }

  /** Content addresses of its pixels, in the order of adding. */
  get ids(): readonly string[] {
    return this.#images.map(pixelsId);
  }

  /** Keeps the best of a search, or images: samples or an array. Gives how many there are now. */
  async add(of: Searched | readonly Image[] | { readonly images: readonly Image[] }): Promise<number> {
    const given: unknown = of;
    const isSearch = typeof given === "object" && given !== null && "best" in given;
    if (!isSearch) this.#images.push(...imagesIn(await imagesOf(of as Images), "population.add"));
    else if (of && "best" in of && of.best) this.#images.push(await of.best.image());
    else throw new InputError("population.add: the search has no best candidate yet. Run it first.");
    return this.size;
  }

  /** As it is now: what is added later is not in it. */
  snapshot(): Population {
    return new Population(this.#images, this.#features);
  }

  /** One vector for each image. An image is seen by a network once, whatever happens to the population. */
  async vectors(network: Verifier): Promise<readonly Float32Array[]> {
    const keys = this.ids.map((id) => `${network.sha256 ?? network.name}/${id}`);
    const open = [...new Map(keys.map((key, i) => [key, this.#images[i]!]))].filter(
      ([key]) => !this.#features.has(key),
    );
    if (open.length > 0) {
      const found = await network.features!(
        open.map(([, image]) => image),
        true,
      );
      open.forEach(([key], i) => this.#features.set(key, found[i]!));
    }
    return keys.map((key) => this.#features.get(key)!);
  }
}

/** Throws for what is no array of images. */
export function imagesIn(value: unknown, what: string): readonly Image[] {
  const list = typeof value === "object" && value !== null && "images" in value ? value.images : value;
  if (Array.isArray(list) && list.every((one) => one instanceof Image)) return list;
  throw new InputError(`${what} takes samples or an array of images, but this is ${shown(value)}.`);
}
