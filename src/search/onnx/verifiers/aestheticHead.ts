import { InputError } from "../../inputError.js";
import { shown } from "../../check.js";

/** One affine layer, `weight[out][in]` and `bias[out]`. */
export interface Layer {
  readonly weight: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/**
 * A head as JSON: `{ "weight": [...], "bias": b }` for one number (LAION's aesthetic predictor v1), or `{ "layers": [{ "weight": [[...]],
 * "bias": [...] }, ...] }` (v2, whose layers have no activations between them, so they are one affine map: they are multiplied out here).
 */
export function parseHead(
  value: unknown,
  file: string,
): { readonly weight: Float64Array; readonly bias: number } {
  const layers = layersOf(value, file);
  let weight: number[][] = [];
  let bias: number[] = [];
  layers.forEach((layer, i) => {
    if (i > 0 && layer.weight[0]!.length !== bias.length) {
      throw new InputError(
        `${file}: layer ${i} takes ${layer.weight[0]!.length} numbers, but the one before gives ${bias.length}.`,
      );
    }
    const before = [weight, bias] as const;
    bias = layer.weight.map((row, out) =>
      i === 0
        ? layer.bias[out]!
        : layer.bias[out]! + row.reduce((sum, value, k) => sum + value * before[1][k]!, 0),
    );
    weight = layer.weight.map((row) =>
      i === 0
        ? [...row]
        : before[0][0]!.map((_, column) =>
            row.reduce((sum, value, k) => sum + value * before[0][k]![column]!, 0),
          ),
    );
  });
  if (weight.length !== 1)
    throw new InputError(`${file}: the head gives ${weight.length} numbers, but must give 1.`);
  return { weight: Float64Array.from(weight[0]!), bias: bias[0]! };
}

function layersOf(value: unknown, file: string): Layer[] {
  const object = value as { layers?: unknown; weight?: unknown; bias?: unknown } | null;
  if (typeof object !== "object" || object === null) {
    throw new InputError(
      `${file} is ${shown(value)}, but must be an object with "weight" and "bias", or "layers".`,
    );
  }
  if (object.layers === undefined) {
    return [
      { weight: [numbers(object.weight, `${file}: weight`)], bias: numbers([object.bias], `${file}: bias`) },
    ];
  }
  if (!Array.isArray(object.layers) || object.layers.length === 0) {
    throw new InputError(`${file}: layers is ${shown(object.layers)}, but must be an array of layers.`);
  }
  return object.layers.map((one: unknown, i) => {
    const { weight, bias } = (one ?? {}) as { weight?: unknown; bias?: unknown };
    const where = `${file}: layers[${i}]`;
    if (!Array.isArray(weight) || weight.length === 0)
      throw new InputError(`${where}.weight must be an array of rows.`);
    const rows = weight.map((row: unknown, r) => numbers(row, `${where}.weight[${r}]`));
    const biases = numbers(bias, `${where}.bias`);
    if (biases.length !== rows.length || rows.some((row) => row.length !== rows[0]!.length)) {
      throw new InputError(`${where} has rows of different lengths, or not one bias for each row.`);
    }
    return { weight: rows, bias: biases };
  });
}

function numbers(value: unknown, what: string): number[] {
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => typeof one === "number" && Number.isFinite(one))
  )
    return value as number[];
  throw new InputError(`${what} must be finite numbers.`);
}
