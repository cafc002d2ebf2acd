import { OUTPUT_MODES } from "./outputMode.js";
import { object, oneOf, string } from "./shape.js";

/** The notebook's `meta`, with its known keys checked. Throws Misfit. */
export function parseMeta(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  const meta = object(value, ["meta"]);
  const { title, outputs, parameters, environment } = meta;
  if (title !== undefined) string(title, ["meta", "title"]);
  if (outputs !== undefined) oneOf(outputs, OUTPUT_MODES, ["meta", "outputs"]);
  if (parameters !== undefined) object(parameters, ["meta", "parameters"]);
  if (environment !== undefined) {
    for (const [key, entry] of Object.entries(object(environment, ["meta", "environment"])))
      string(entry, ["meta", "environment", key]);
  }
  return meta;
}
