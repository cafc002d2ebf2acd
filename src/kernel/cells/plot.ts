import { createRequire } from "node:module";
import { join } from "node:path";
import type { ReportRecord } from "../../search/index.js";
import type * as PlotBundle from "../plot/main.js";
import { MIME } from "../protocol.js";
import type { Formatter } from "./formatValue.js";
import type { Namespace } from "./moduleLoader.js";

/** A chart of a cell's own data. */
export class Plot {
  constructor(private readonly svg: string) {}

  toSVG(): string {
    return this.svg;
  }
}

/** Options as Observable Plot takes them; what is wrong in them is said by Plot. */
export function plot(options: unknown): Plot {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      'plot: options must be an object, e.g. { marks: [Plot.lineY([1, 2, 3])] } with import * as Plot from "@observablehq/plot".',
    );
  }
  return new Plot(bundle().drawPlot(options));
}

/** The scaling curves of a comparison as SVG. */
export const drawReport = (record: ReportRecord): string => bundle().drawReport(record);

/** What `import * as Plot from "@observablehq/plot"` gives in a cell. */
export const plotNamespace = (): Namespace => bundle().Plot;

export const formatPlot: Formatter = (value) =>
  value instanceof Plot
    ? [
        { mime: MIME.svg, text: value.toSVG() },
        { mime: MIME.plain, text: `Chart, SVG of ${value.toSVG().length} characters` },
      ]
    : undefined;

let loaded: typeof PlotBundle | undefined;

/** 900 kB that most notebooks never need: read when the first chart is. */
function bundle(): typeof PlotBundle {
  loaded ??= createRequire(__filename)(join(__dirname, "plot.js")) as typeof PlotBundle;
  return loaded;
}
