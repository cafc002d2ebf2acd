const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

/** What may stand in a file. Ids become part of paths and links, so the characters are few; other tools may make longer ones than ours. */
export function isCellId(value: unknown): value is string {
  return typeof value === "string" && PATTERN.test(value);
}

/** A new id that `taken` does not have: six characters of Crockford's base32. */
export function makeCellId(taken: ReadonlySet<string>, random: () => number): string {
  // More ids than six characters can tell apart, or a generator that repeats itself, must not become an endless loop: grow instead.
  for (let length = 6; ; length++) {
    for (let attempt = 0; attempt < 20; attempt++) {
      const id = Array.from({ length }, () => ALPHABET[Math.floor(random() * 32) % 32]).join("");
      if (!taken.has(id)) return id;
    }
  }
}

/** One id per cell: valid first occurrences stay, missing, malformed and repeated ones get a new one. */
export function repairCellIds(ids: readonly unknown[], random: () => number): string[] {
  const valid = ids.filter(isCellId);
  const taken = new Set(valid);
  const seen = new Set<string>();
  return ids.map((id) => {
    const kept = isCellId(id) && !seen.has(id) ? id : makeCellId(taken, random);
    taken.add(kept);
    seen.add(kept);
    return kept;
  });
}
