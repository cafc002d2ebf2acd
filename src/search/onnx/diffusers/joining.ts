import type { Values } from "./pipelineGraph.js";

/** Matrices [L, D1], [L, D2], ... as one [L, D1 + D2 + ...]. */
export function beside(parts: readonly Values[]): Values {
  const rows = parts[0]!.dims[0]!;
  return padded(
    parts,
    rows,
    parts.reduce((sum, { dims }) => sum + dims[1]!, 0),
  );
}

/** The same in a width that may be larger, filled up with zeros at the right. */
export function padded(parts: readonly Values[], rows: number, width: number): Values {
  const data = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    let at = row * width;
    for (const { data: part, dims } of parts) {
      data.set(part.subarray(row * dims[1]!, (row + 1) * dims[1]!), at);
      at += dims[1]!;
    }
  }
  return { data, dims: [rows, width] };
}

/** Matrices [L1, D], [L2, D], ... as one [L1 + L2 + ..., D], and vectors [D1], [D2], ... as one. */
export function below(parts: readonly Values[]): Values {
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { data, dims: [parts.reduce((sum, { dims }) => sum + dims[0]!, 0), ...parts[0]!.dims.slice(1)] };
}
