import type { Feeds } from "./pipelineGraph.js";

/** One row after the other, under a batch dimension; kept as long as its conditions are asked for. */
export function stacked(rows: readonly Feeds[]): Feeds {
  const names = Object.keys(rows[0]!);
  return Object.fromEntries(
    names.map((name) => {
      const { data, dims } = rows[0]![name]!;
      const all = new Float32Array(rows.length * data.length);
      rows.forEach((row, i) => all.set(row[name]!.data, i * data.length));
      return [name, { data: all, dims: [rows.length, ...dims], lasting: true }];
    }),
  );
}
