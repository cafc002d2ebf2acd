import { itemRenderer, reasonOf } from "../itemRenderer.js";
import { SamplesView } from "./index.js";
import { SamplesError } from "./parseSamples.js";

/** Draws images and samples of a cell, in a notebook. It asks nothing of a kernel. */
export const activate = itemRenderer(
  (item) => new SamplesView(item),
  (error) => reasonOf(error, SamplesError, "These images"),
);
