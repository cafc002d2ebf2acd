import { readFileSync } from "node:fs";
import type { Given } from "../../language/parameters/parametersCell.js";
import { UsageError } from "../command.js";

type Parameters = readonly (readonly [string, Given])[];

/** The options that give values to parameters. */
export const PARAMETERS = {
  parameter: { type: "string", short: "p", multiple: true },
  "raw-parameter": { type: "string", short: "r", multiple: true },
  "parameters-file": { type: "string", short: "f", multiple: true },
  "parameters-yaml": { type: "string", short: "y", multiple: true },
  "parameters-base64": { type: "string", short: "b", multiple: true },
  seed: { type: "string" },
} as const;

/** Later ones take the place of earlier ones: files, then YAML, then base64, then the seed, then single values. Rejects with UsageError. */
export async function parametersIn(
  values: { readonly [option in Exclude<keyof typeof PARAMETERS, "seed">]?: readonly string[] } & {
    readonly seed?: string;
  },
): Promise<ReadonlyMap<string, Given>> {
  const given = await Promise.all([
    ...(values["parameters-file"] ?? []).map(parametersInFile),
    ...(values["parameters-yaml"] ?? []).map(parametersInYaml),
    ...(values["parameters-base64"] ?? []).map(parametersInBase64),
  ]);
  return new Map([
    ...given.flat(),
    ...(values.seed === undefined ? [] : [["seed", { text: values.seed }] as const]),
    ...(values.parameter ?? []).map((word) => assignment(word, (text) => ({ text }))),
    ...(values["raw-parameter"] ?? []).map((word) => assignment(word, (value) => ({ value }))),
  ]);
}

function assignment(word: string, given: (text: string) => Given): readonly [string, Given] {
  const at = word.indexOf("=");
  if (at < 1) throw new UsageError(`-p ${word}: expected name=value`);
  return [word.slice(0, at), given(word.slice(at + 1))];
}

/** `-f`: a file whose name ends in .json is strict JSON, any other YAML 1.2, of which JSON is a part. Rejects with UsageError. */
export const parametersInFile = (file: string): Promise<Parameters> =>
  named(`--parameters-file ${file}`, () => {
    const text = readFileSync(file, "utf8");
    return /\.json$/i.test(file) ? (JSON.parse(text) as unknown) : parseYaml(text);
  });

/** `-y`: "{steps: 8, name: a}". Rejects with UsageError. */
export const parametersInYaml = (text: string): Promise<Parameters> =>
  named("--parameters-yaml", () => parseYaml(text));

/** `-b`: the same in base64, which no shell tears apart. Rejects with UsageError. */
export const parametersInBase64 = (text: string): Promise<Parameters> =>
  named("--parameters-base64", () => parseYaml(Buffer.from(text, "base64").toString("utf8")));

/** Nothing written is nothing given. */
async function parseYaml(text: string): Promise<unknown> {
  // A run without YAML does not wait for the library.
  const { parse } = await import("yaml");
  return parse(text, { logLevel: "error" }) ?? {};
}

async function named(option: string, read: () => unknown): Promise<Parameters> {
  let value: unknown;
  try {
    value = await read();
  } catch (error) {
    throw new UsageError(`${option}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UsageError(`${option}: expected values by their names`);
  return Object.entries(value).map(([name, inner]: [string, unknown]) => {
    if (!isJson(inner)) throw new UsageError(`${option}: ${name} is no JSON value`);
    return [name, { value: inner }] as const;
  });
}

/** YAML has numbers (.nan, .inf) that a notebook could not record. */
function isJson(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null)
    return value === null || ["string", "boolean"].includes(typeof value);
  return Object.values(value).every(isJson);
}
