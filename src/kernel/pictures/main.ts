/** A bundle of its own, read when a cell loads its first picture: the decoders of PNG, JPEG and WebP. */
export { decodePicture } from "../../search/files/decodePicture.js";
