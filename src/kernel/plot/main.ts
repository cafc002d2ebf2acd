import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/**
 * A bundle of its own, loaded by the first chart of a notebook: Observable Plot, drawn on a DOM without a browser. Cells get the same Plot
 * from `import * as Plot from "@observablehq/plot"`, so that the marks they make are marks of this one.
 */
export { Plot };

/** SVG markup. Lines and letters are `currentColor`: the chart follows the theme of where it is shown. */
export function drawPlot(options: Plot.PlotOptions): string {
  const page: unknown = parseHTML("<!doctype html><html><body></body></html>");
  // linkedom's document does all that Plot asks of one; only a ramp legend needs a canvas, which there is none of.
  const figure = Plot.plot({
    ...options,
    document: (page as { document: unknown }).document,
  } as Plot.PlotOptions);
  // With a legend or a title Plot answers with a figure of several parts; the chart is its last SVG.
  const svg = figure.tagName.toLowerCase() === "svg" ? figure : [...figure.querySelectorAll("svg")].at(-1);
  if (!svg) throw new Error("Observable Plot drew nothing. Give `marks`, e.g. [Plot.lineY(values)].");
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  // linkedom writes the backgrounds of tips and labels as given: a page of another colour shows through instead.
  return svg.outerHTML.replaceAll("var(--plot-background)", "none");
}
