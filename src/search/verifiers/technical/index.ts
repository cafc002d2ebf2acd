export { colourfulness } from "./colourfulness.js";
export { DDPO_QUALITY, jpegSize } from "./jpegSize.js";
export { sharpness } from "./sharpness.js";
export { technicalVerifiers } from "./technicalVerifiers.js";
