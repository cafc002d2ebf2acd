import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { ReportRecord } from "../../search/reportRecord.js";
import { reportChart } from "./reportChart.js";

/**
 * A bundle of its own, loaded by the first chart of a notebook: Observable Plot, drawn on a DOM without a browser. Cells get the same Plot
 * from `import * as Plot from "@observablehq/plot"`, so that the marks they make are marks of this one.
 */
export { Plot };

/** The scaling curves of a comparison. */
export const drawReport = (record: ReportRecord): string => drawPlot(reportChart(record));

/** As much of an element as is needed here: the kernel has no DOM types. */
interface Drawn {
  readonly tagName: string;
  readonly outerHTML: string;
  querySelectorAll(selector: string): Iterable<Drawn>;
  setAttribute(name: string, value: string): void;
}

const draw = Plot.plot as unknown as (options: object) => Drawn;
const open = parseHTML as unknown as (html: string) => { readonly document: unknown };

/** SVG markup. Lines and letters are `currentColor`: the chart follows the theme of where it is shown. */
export function drawPlot(options: object): string {
  const { document } = open("<!doctype html><html><body></body></html>");
  const figure = draw({ ...options, document });
  // With a legend or a title Plot answers with a figure of several parts; the chart is its last SVG.
  const svg = figure.tagName.toLowerCase() === "svg" ? figure : [...figure.querySelectorAll("svg")].at(-1);
  if (!svg) throw new Error("Observable Plot drew nothing. Give `marks`, e.g. [Plot.lineY(values)].");
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  // A page of another colour shows through instead of white behind tips and labels.
  return svg.outerHTML.replaceAll("var(--plot-background)", "none");
}
