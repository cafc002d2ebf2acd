type Json = Readonly<Record<string, unknown>>;

/** What CLIP's words are; of the alternatives before it, those that are fixed texts may differ. */
const CLIP_WORDS = "[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/**
 * Whether the tokens of a text up to a space, after what is none, are the same whatever follows there: a tokenizer.json whose words never have a space
 * inside, and that works word by word. So it is of CLIP's and of T5's.
 */
export function splitsAtSpaces(tokenizer: Json): boolean {
  const added = Array.isArray(tokenizer["added_tokens"])
    ? (tokenizer["added_tokens"] as readonly unknown[])
    : [];
  if (added.some((token) => String(recordOf(token)["content"]).includes(" "))) return false;
  const first = recordOf(tokenizer["pre_tokenizer"]);
  const sequence = first["type"] === "Sequence" ? first["pretokenizers"] : [first];
  const steps = Array.isArray(sequence) ? sequence.map(recordOf) : [];
  const [step] = steps;
  switch (step?.["type"]) {
    case "WhitespaceSplit":
    case "Whitespace":
    case "BertPreTokenizer":
      return true;
    // A word is a run of letters with the space before it.
    case "ByteLevel":
      return step["use_regex"] !== false;
    case "Split": {
      const pattern = recordOf(step["pattern"])["Regex"];
      if (typeof pattern !== "string" || !pattern.endsWith(CLIP_WORDS) || step["invert"] !== true)
        return false;
      return !/\s|\\[^|]|\./u.test(pattern.slice(0, -CLIP_WORDS.length));
    }
    // It marks spaces by a sign, at which the pieces of the vocabulary begin.
    case "Metaspace":
      return steps.length === 1 && piecesBeginWords(recordOf(tokenizer["model"]), step["replacement"] ?? "▁");
    default:
      return false;
  }
}

function piecesBeginWords({ type, vocab }: Json, mark: unknown): boolean {
  if (type !== "Unigram" || !Array.isArray(vocab) || typeof mark !== "string") return false;
  return vocab.every((entry: unknown) => {
    const piece: unknown = Array.isArray(entry) ? entry[0] : undefined;
    return typeof piece === "string" && piece.lastIndexOf(mark) <= 0;
  });
}

const recordOf = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {};
