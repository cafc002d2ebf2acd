import type { RunModel } from "./state/model.js";
import type { OtherRun } from "./state/others.js";
import type { Theme } from "./theme.js";
import { labelOf } from "./trace/overlay.js";

const ruler = document.createElement("canvas");

/** Room on the right for the labels at the lines' ends, in CSS pixels: of a plot so wide. */
export function gutter(
  model: RunModel,
  width: number,
  theme: Theme,
  others: readonly OtherRun[] = [],
): number {
  const context = ruler.getContext("2d")!;
  context.font = `11px ${theme.font}`;
  const labels = [
    ...[model.searched, ...model.heldOut].map((verifier) => labelOf(verifier, width)),
    ...others.map(({ name }) => name),
  ];
  const widths = labels.map((label) => context.measureText(label).width);
  return Math.ceil(Math.min(0.3 * width, Math.max(64, 16 + Math.max(...widths))));
}
