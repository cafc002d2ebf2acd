import * as Plot from "@observablehq/plot";
import { curvePoint, type CurvePoint } from "../../search/curvePoint.js";
import type { ReportRecord, ReportRow } from "../../search/reportRecord.js";

type Point = Omit<ReportRow, "low" | "high"> & CurvePoint;

/** Pixels from name to name. */
const LINE = 16;

/** Options of the scaling curves of a report, a panel for each verifier: for outputs that are seen without the view. */
export function reportChart({ rows, verifiers, budgets, arms }: ReportRecord): Plot.PlotOptions {
  const unit = budgets.nfe.length > 0 ? "nfe" : "seconds";
  const hidden = new Set(
    arms.filter(({ kind }) => kind === "equal-calls" || kind === "one-sample").map(({ name }) => name),
  );
  const known = rows.flatMap((row): Point[] => {
    const point = row.unit === unit ? curvePoint(row) : undefined;
    return point ? [{ ...row, ...point }] : [];
  });
  const start = known.filter(({ algorithm }) => algorithm === "one sample");
  const lines = [...new Set(known.map(({ algorithm }) => algorithm))].filter((name) => !hidden.has(name));
  const data: Point[] = lines.flatMap((algorithm) => {
    const own = known.filter((row) => row.algorithm === algorithm);
    // Every curve begins at the single sample.
    const from = start.filter(
      ({ verifier, budget }) =>
        own.some((row) => row.verifier === verifier) &&
        own.every((row) => row.verifier !== verifier || row.budget > budget),
    );
    return [...from.map((row) => ({ ...row, algorithm })), ...own];
  });
  const options = { fx: "verifier", x: "budget", stroke: "algorithm" } as const;
  // A line of its own for an arm that any second evaluation took something from.
  const selected = data.filter((one) =>
    data.some(
      ({ algorithm, verifier, selected }) =>
        algorithm === one.algorithm && verifier === one.verifier && selected !== undefined,
    ),
  );
  const bands = data.filter(({ low, high }) => low !== undefined && high !== undefined);
  return {
    width: 420 * verifiers.length,
    height: Math.max(320, 80 + LINE * lines.length),
    x: { type: "log", base: 2, label: unit === "nfe" ? "NFE" : "seconds" },
    y: {
      label: `mean score of the winners${selected.length > 0 ? " evaluated again (thin: as selected)" : ""}`,
      grid: true,
    },
    fx: { label: null, domain: verifiers.map(({ name }) => name) },
    color: { domain: lines, scheme: "observable10" },
    marks: [
      Plot.areaY(bands, {
        ...{ fx: "verifier", x: "budget", y1: "low", y2: "high", fill: "algorithm" },
        fillOpacity: 0.1,
      }),
      Plot.lineY(selected, {
        ...options,
        y: ({ selected, value }: Point) => selected ?? value,
        ...{ strokeWidth: 1, strokeOpacity: 0.5 },
      }),
      Plot.lineY(data, { ...options, y: "value", strokeWidth: 2 }),
      // Once for all panels, one below the other: at the ends of the curves they would lie on one another and in the next panel.
      ...lines.map((name, i) =>
        Plot.text([{ name, verifier: verifiers.at(-1)?.name }], {
          ...{ fx: "verifier", text: "name", fill: "name", frameAnchor: "top-right", textAnchor: "start" },
          ...{ dx: 10, dy: 8 + LINE * i },
        }),
      ),
    ],
    marginRight: 200,
  };
}
