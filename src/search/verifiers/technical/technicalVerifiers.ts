import { verifier } from "../functionVerifier.js";
import type { Verifier } from "../verifier.js";
import { colourfulness } from "./colourfulness.js";
import { jpegSize } from "./jpegSize.js";
import { sharpness } from "./sharpness.js";

/** Functions of the pixels alone: cheap, exactly reproducible, and easily hacked, which makes them good held-out witnesses. */
export const technicalVerifiers: Readonly<Record<string, Verifier>> = Object.fromEntries(
  [
    verifier("sharpness", sharpness),
    verifier("colourfulness", colourfulness),
    verifier("compressibility", (image) => -jpegSize(image)),
    verifier("incompressibility", (image) => jpegSize(image)),
  ].map((one) => [one.name, one]),
);
