import type { InferenceSession } from "onnxruntime-node";
import { listed } from "../../check.js";
import { InputError } from "../../inputError.js";

/** An input or an output of a graph; a side is a number, or a text or below 0 where it is free. */
export interface Port {
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

export type Ports = ReadonlyMap<string, Port>;

/** What may be at an input. A side is a number, or undefined where any will do. */
export interface PortRule {
  readonly type: "float" | "integer" | "number";
  readonly ranks: readonly number[];
  readonly sides?: readonly (number | undefined)[];
  readonly optional?: true;
}

const TYPES = {
  float: ["float32", "float16"],
  integer: ["int64", "int32"],
  number: ["float32", "float16", "float64", "int64", "int32"],
} as const;

/** Inputs or outputs of a loaded graph by their names. `file`: for the message. */
export function portsOf(file: string, metadata: readonly InferenceSession.ValueMetadata[]): Ports {
  return new Map(
    metadata.map((entry) => {
      if (!entry.isTensor) throw new InputError(`${file}: "${entry.name}" is no tensor. Export it again.`);
      return [entry.name, { type: entry.type, shape: entry.shape }];
    }),
  );
}

/** Refuses a graph whose inputs are not what will be fed, with what it has. */
export function checkInputs(file: string, inputs: Ports, rules: Readonly<Record<string, PortRule>>): void {
  for (const [name, rule] of Object.entries(rules)) {
    const port = inputs.get(name);
    if (!port && rule.optional) continue;
    if (!port) {
      throw new InputError(
        `${file} has no input "${name}". ${listed("It has", [...inputs.keys()])}. Export it in optimum's layout (optimum-cli export onnx).`,
      );
    }
    const { type, shape } = port;
    const types: readonly string[] = TYPES[rule.type];
    const misfit = shape.some((side, i) => {
      const wanted = rule.sides?.[i];
      return wanted !== undefined && typeof side === "number" && side >= 0 && side !== wanted;
    });
    if (!types.includes(type) || !rule.ranks.includes(shape.length) || misfit) {
      const sides = rule.sides
        ? ` [${rule.sides.map((side) => side ?? "any").join(", ")}]`
        : ` of rank ${rule.ranks.join(" or ")}`;
      throw new InputError(
        `${file}: input "${name}" is ${type} [${shape.join(", ")}], but must be ${types.join(" or ")}${sides}. Export it in optimum's layout with free sizes.`,
      );
    }
  }
  const surplus = [...inputs.keys()].find((name) => !Object.hasOwn(rules, name));
  if (surplus === undefined) return;
  throw new InputError(
    `${file} has an input "${surplus}" that nothing fills. ${listed("Known are", Object.keys(rules))}.`,
  );
}

/** Refuses a graph whose first output has another rank or other sides; of each side one of several numbers, or undefined for any. */
export function checkOutput(
  file: string,
  outputs: Ports,
  sides: readonly (readonly number[] | undefined)[],
): void {
  const [name, { shape, type }] = [...outputs][0]!;
  const fits = shape.every(
    (side, i) => typeof side === "string" || side < 0 || (sides[i]?.includes(side) ?? true),
  );
  if (shape.length === sides.length && fits) return;
  const wanted = sides.map((side) => side?.join(" or ") ?? "any").join(", ");
  throw new InputError(
    `${file}: output "${name}" is ${type} [${shape.join(", ")}], but must be [${wanted}]. This is the graph of another network: export it again.`,
  );
}
