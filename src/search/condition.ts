import { InputError } from "./inputError.js";
import { listed, plainObject, shown } from "./check.js";
import type { EngineCondition } from "./engine/engine.js";

/**
 * What the image should show. A text by itself is a prompt for a model that takes prompts, and the name of a class for one that has classes
 * only; a model with both reads a text that is a class's name as that class.
 */
export type Condition =
  | string
  | {
      readonly label?: string;
      readonly prompt?: string;
      /** What it should not show: the prompt of the other pass of guidance. */
      readonly negative?: string;
      readonly style?: string;
    };

export interface ParsedCondition {
  /** What the record shows, names spelt as on the model's card; parsed again it is the same condition. */
  readonly name: string | Readonly<Record<string, string>>;
  readonly condition: EngineCondition;
}

/** What a model can be asked for. */
export interface Conditioning {
  readonly labels?: readonly string[];
  readonly styles?: readonly string[];
  readonly textConditioned: boolean;
}

/** A condition as the model takes it; undefined for no condition. Names count in any case of letters; errors list what there is. */
export function parseCondition(value: unknown, model: Conditioning): ParsedCondition | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return parseText(value, model);
  const given = plainObject(value, "condition", ["label", "prompt", "negative", "style"]);
  if (Object.keys(given).length === 0) return undefined;
  refuseAll(given, model);
  const label = indexOf(given["label"], "label", "the name of a class", model.labels);
  const style = indexOf(given["style"], "style", "the name of a style", model.styles);
  const prompt = textOf(given["prompt"], "prompt", model);
  const negative = textOf(given["negative"], "negative", model);
  if (label === undefined && prompt === undefined && style === undefined) {
    throw new InputError(
      "condition has only a negative prompt, so there is nothing to guide to. Give a prompt too; it may be empty.",
    );
  }
  const condition: EngineCondition = {
    ...(label === undefined ? {} : { label }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(negative === undefined ? {} : { negative }),
    ...(style === undefined ? {} : { style }),
  };
  const names = {
    ...(label === undefined ? {} : { label: model.labels![label]! }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(negative === undefined ? {} : { negative }),
    ...(style === undefined ? {} : { style: model.styles![style]! }),
  };
  return { name: shortest(names, model), condition };
}

function parseText(text: string, model: Conditioning): ParsedCondition {
  const { labels, textConditioned } = model;
  const known = labels ? find(text, labels) : -1;
  if (textConditioned && known < 0) return { name: text, condition: { prompt: text } };
  refuseAll({ label: text }, model);
  const label = indexOf(text, "label", "the name of a class", labels)!;
  return { name: labels![label]!, condition: { label } };
}

/** A record shows a text where that text alone says it all. */
function shortest(names: Readonly<Record<string, string>>, model: Conditioning): ParsedCondition["name"] {
  const [[key, only], ...more] = Object.entries(names) as [[string, string], ...[string, string][]];
  if (more.length > 0) return names;
  if (key === "label") return only;
  return key === "prompt" && !(model.labels && find(only, model.labels) >= 0) ? only : names;
}

function refuseAll(
  given: Readonly<Record<string, unknown>>,
  { labels, textConditioned }: Conditioning,
): void {
  if (labels || textConditioned) return;
  throw new InputError(
    `The model takes no condition, but was given ${shown(given["label"] ?? given["prompt"] ?? given)}.`,
  );
}

function textOf(
  value: unknown,
  what: "prompt" | "negative",
  { labels = [], textConditioned }: Conditioning,
): string | undefined {
  if (value === undefined) return undefined;
  if (!textConditioned) {
    throw new InputError(
      `The model takes no prompts, but condition has a ${what}. Name a class. ${listed("There is", labels, MOST_NAMES)}.`,
    );
  }
  if (typeof value === "string") return value;
  throw new InputError(`condition: ${what} is ${shown(value)}, but must be a text.`);
}

function indexOf(
  value: unknown,
  what: "label" | "style",
  wanted: string,
  names: readonly string[] | undefined,
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") {
    throw new InputError(`condition: ${what} is ${shown(value)}, but must be ${wanted}.`);
  }
  if (!names) {
    throw new InputError(
      `The model has no ${what}s, but was given ${shown(value)}.${what === "label" ? " Give a prompt." : ""}`,
    );
  }
  const index = find(value, names);
  if (index >= 0) return index;
  const near = nearest(value.trim().toLowerCase(), names);
  throw new InputError(
    `The model has no ${what} ${shown(value)}.${near === undefined ? "" : ` Did you mean ${shown(near)}?`} ${listed("There is", names, MOST_NAMES)}.`,
  );
}

/** Of a message: DiT has a thousand classes. */
const MOST_NAMES = 50;

function find(name: string, names: readonly string[]): number {
  const wanted = name.trim().toLowerCase();
  return names.findIndex((one) => one.toLowerCase() === wanted);
}

/** The name with the fewest edits to `wanted`, if that is less than half of it. */
export function nearest(wanted: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(wanted.length, 2) / 2;
  for (const name of names) {
    // Each letter more is an edit, so that a text of any length costs no more than a word.
    if (Math.abs(name.length - wanted.length) >= fewest) continue;
    const edits = editDistance(wanted, name.toLowerCase());
    if (edits < fewest) [best, fewest] = [name, edits];
  }
  return best;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
