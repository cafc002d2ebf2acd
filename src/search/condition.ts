import { InputError } from "./inputError.js";
import { listed, plainObject, shown } from "./check.js";

/** What the image should show: a class label by itself, or as an object. */
export type Condition = string | { readonly label?: string };

/** A condition as the model knows it. */
export interface ClassLabel {
  /** Spelt as on the model's card. */
  readonly name: string;
  readonly index: number;
}

/** The class that a condition names, in any case of letters; undefined for no condition. Errors list the labels and the nearest. */
export function parseCondition(
  value: unknown,
  labels: readonly string[] | undefined,
): ClassLabel | undefined {
  if (value === undefined) return undefined;
  const label = typeof value === "string" ? value : plainObject(value, "condition", ["label"])["label"];
  if (label === undefined) return undefined;
  if (typeof label !== "string") {
    throw new InputError(`condition: label is ${shown(label)}, but must be the name of a class.`);
  }
  if (!labels) throw new InputError(`The model takes no condition, but was given ${shown(label)}.`);
  const wanted = label.trim().toLowerCase();
  const index = labels.findIndex((name) => name.toLowerCase() === wanted);
  if (index >= 0) return { name: labels[index]!, index };
  const near = nearest(wanted, labels);
  throw new InputError(
    `The model has no label ${shown(label)}.${near === undefined ? "" : ` Did you mean ${shown(near)}?`} ${listed("There is", labels)}.`,
  );
}

/** The name with the fewest edits to `wanted`, if that is less than half of it. */
export function nearest(wanted: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(wanted.length, 2) / 2;
  for (const name of names) {
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
