type Json = Readonly<Record<string, unknown>>;

/**
 * A tokenizer.json whose patterns mean in JavaScript what they mean to Hugging Face's tokenizers, which are written in Rust: white space is what Unicode
 * calls so, with U+0085 and without the byte order mark U+FEFF.
 */
export function withRustSpaces(tokenizer: Json): Record<string, unknown> {
  const { normalizer, pre_tokenizer } = tokenizer;
  return {
    ...tokenizer,
    normalizer: spaced(normalizer),
    pre_tokenizer: spaced(withoutSecondSplit(pre_tokenizer)),
  };
}

/** Whether a tokenizer.json makes texts lower case: in Rust one letter after the other, so that a sigma at a word's end is like any other. */
export function lowers({ normalizer }: Json): boolean {
  return JSON.stringify(normalizer ?? null).includes('"Lowercase"');
}

export const lowerSigmas = (text: string): string => text.replaceAll("Σ", "σ");

/** What "WhitespaceSplit" is there. */
const AT_SPACES = {
  ...{ type: "Split", behavior: "Removed", invert: false },
  pattern: { Regex: "\\p{White_Space}+" },
};

function spaced(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spaced);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Json)["type"] === "WhitespaceSplit") return AT_SPACES;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) =>
      key === "Regex" && typeof field === "string" ? [key, unicodeSpace(field)] : [key, spaced(field)],
    ),
  );
}

const unicodeSpace = (pattern: string): string =>
  pattern.replace(/\\[^]/g, (escape) =>
    escape === "\\s" ? "\\p{White_Space}" : escape === "\\S" ? "\\P{White_Space}" : escape,
  );

/** What CLIP's pattern has split a byte-level step leaves as it is; it would do so by a pattern of the library's own. */
function withoutSecondSplit(value: unknown): unknown {
  const { type, pretokenizers } = (value ?? {}) as Json;
  if (type !== "Sequence" || !Array.isArray(pretokenizers) || pretokenizers.length !== 2) return value;
  const [first, second] = pretokenizers as readonly Json[];
  const regex = (first?.["pattern"] as Json | undefined)?.["Regex"];
  const isClip = typeof regex === "string" && regex.endsWith("[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+");
  if (!isClip || second?.["type"] !== "ByteLevel" || second["add_prefix_space"] === true) return value;
  return { ...(value as Json), pretokenizers: [first, { ...second, use_regex: false }] };
}
