import type { CardReader } from "../cardReader.js";

/**
 * Names of a class-conditional pipeline's classes, by index: the first of the names in `id2label` ("white shark, great white"), or all of
 * them where two classes share their first. Without `id2label` they are called "0", "1", ...
 */
export function classLabels(index: CardReader, config: CardReader): string[] {
  const count = config.has("num_embeds_ada_norm") ? config.number("num_embeds_ada_norm", 1, 1e6) : 1000;
  const plain = Array.from({ length: count }, (_, i) => String(i));
  if (!index.has("id2label")) return plain;
  const names = index.field("id2label");
  const whole = plain.map((id) => (names.has(id) ? names.text(id) : id));
  const firsts = whole.map((name) => name.split(",")[0]!.trim());
  const seen = new Map<string, number>();
  for (const first of firsts) seen.set(first, (seen.get(first) ?? 0) + 1);
  return firsts.map((first, i) => (seen.get(first) === 1 ? first : whole[i]!));
}
