import { isObject } from "../shape.js";

type Values = Readonly<Record<string, unknown>>;

/** Told of the place of each value that both sides changed, to different ones; ours stands there, or, where one took it away (`isGone`), the other. */
export type Undecided = (path: readonly string[], isGone: boolean) => void;

/**
 * Merges objects key by key and lists of words as sets; of other values the side that changed it counts, as it does of those whose keys are in
 * `whole`.
 */
export function mergeValues(
  base: Values,
  ours: Values,
  theirs: Values,
  undecided: Undecided,
  whole: ReadonlySet<string> = new Set(),
): Values {
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  const entries = [...keys].flatMap((key): [string, unknown][] => {
    const merge = whole.has(key) ? mergeWhole : mergeValue;
    const merged = merge(own(base, key), own(ours, key), own(theirs, key), (path, isGone) =>
      undecided([key, ...path], isGone),
    );
    return merged === undefined ? [] : [[key, merged]];
  });
  // Defines keys, so `__proto__` stays an ordinary one.
  return Object.fromEntries(entries);
}

/** `undefined` is the absence of a key. */
function mergeValue(base: unknown, ours: unknown, theirs: unknown, undecided: Undecided): unknown {
  if (sameJson(ours, theirs) || sameJson(base, theirs)) return ours;
  if (sameJson(base, ours)) return theirs;
  if (isObject(ours) && isObject(theirs))
    return mergeValues(isObject(base) ? base : {}, ours, theirs, undecided);
  if (isWords(ours) && isWords(theirs)) {
    const before = isWords(base) ? base : [];
    const kept = ours.filter((word) => theirs.includes(word) || !before.includes(word));
    return [...kept, ...theirs.filter((word) => !before.includes(word) && !ours.includes(word))];
  }
  return mergeWhole(base, ours, theirs, undecided);
}

function mergeWhole(base: unknown, ours: unknown, theirs: unknown, undecided: Undecided): unknown {
  if (sameJson(ours, theirs) || sameJson(base, theirs)) return ours;
  if (sameJson(base, ours)) return theirs;
  undecided([], ours === undefined || theirs === undefined);
  // A value that one side changed and the other took away is kept.
  return ours ?? theirs;
}

export const sameJson = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);

const own = (values: Values, key: string): unknown => (Object.hasOwn(values, key) ? values[key] : undefined);

const isWords = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((word) => typeof word === "string");
