// A bundle of its own (dist/parameters.js): `dnb run` reads it only when parameters are given or asked for.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ParametersCell } from "./parametersCell.js";

export { ParameterError } from "./parameterError.js";

/** A parameters cell of a notebook: its types may be those of "dnb". */
export function openParametersCell(source: string): ParametersCell {
  const imports = /["']dnb["']/.test(source);
  return new ParametersCell(source, imports ? readFileSync(join(__dirname, "dnb.d.ts"), "utf8") : "");
}
