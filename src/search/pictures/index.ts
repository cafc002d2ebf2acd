export { centreCrop, resizeLongerSide, resizeShorterSide } from "./crop.js";
export { type Filter, FILTER_NAMES } from "./filter.js";
export {
  CLIP_NORMALISATION,
  clipPixels,
  dinoPixels,
  hpsv2Pixels,
  IMAGENET_NORMALISATION,
  inceptionPixels,
  type Normalisation,
  normalised,
} from "./preprocess.js";
export { type PillowVersion, resize } from "./resize.js";
export { torchBilinear } from "./torchBilinear.js";
