export type Dictionary = Readonly<Record<string, unknown>>;

export const isDictionary = (value: unknown): value is Dictionary =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
export const unit = (value: unknown, otherwise: number): number =>
  Math.min(1, Math.max(0, number(value) ?? otherwise));
export const count = (value: unknown): number => Math.max(0, number(value) ?? 0);
export const string = (value: unknown): string => (typeof value === "string" ? value : "");
export const names = (value: unknown): string[] =>
  list(value).filter((name): name is string => typeof name === "string");

export function strings(value: Dictionary): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

export function oneOf<T extends string>(known: readonly T[], value: unknown, otherwise: T): T {
  return known.find((name) => name === value) ?? otherwise;
}
