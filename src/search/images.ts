import { InputError } from "./inputError.js";
import { shown } from "./check.js";
import type { Image } from "./image.js";

/** Images from anywhere: an array, plain samples, or a search, whose clean candidates count in the order of their creation. */
export type Images =
  | readonly Image[]
  | { readonly images: readonly Image[] }
  | { readonly candidates: readonly { readonly level: number; image(): Promise<Image> }[] };

export async function imagesOf(images: Images): Promise<readonly Image[]> {
  if (Array.isArray(images)) return images as readonly Image[];
  if (typeof images === "object" && images !== null) {
    if ("images" in images) return images.images;
    if ("candidates" in images) {
      return Promise.all(
        images.candidates.filter(({ level }) => level === 0).map((candidate) => candidate.image()),
      );
    }
  }
  throw new InputError(`Images are an array of images, samples or a search, but this is ${shown(images)}.`);
}
