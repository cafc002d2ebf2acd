import { solverNames } from "../solvers/solvers.js";
import type { Solver } from "../solvers/solver.js";
import { CardReader } from "./cardReader.js";
import type { BagWeights } from "./text/vocabulary.js";

/** A model folder's `model.json`, checked. File names are relative to the folder; that they stay inside it is checked on opening. */
export interface ModelFile {
  readonly file: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
}

interface VerifierEntry extends ModelFile {
  readonly name: string;
  readonly role: "searched" | "held-out";
  readonly needsCondition: boolean;
  readonly direction: "higher" | "lower";
}

/** One of a model's verifiers; what each kind computes is in `scorers/`. */
export type VerifierFile = VerifierEntry &
  (
    | { readonly kind: "classifier"; readonly target: "label" | "style" }
    | { readonly kind: "alignment"; readonly text: ModelFile; readonly size: number }
    | {
        readonly kind: "prototypes";
        /** float16 [N, D]; `labels`: the class of each row. */
        readonly prototypes: ModelFile & {
          readonly shape: readonly [rows: number, size: number];
          readonly labels: readonly number[];
        };
      }
    | { readonly kind: "features"; readonly size: number }
  );

/** A text encoder over bags of words: prompts and classes are its condition, a style another one. */
export interface TextFile extends ModelFile {
  /** Tokens at most. */
  readonly width: number;
  /** Length of an embedding. */
  readonly size: number;
  readonly vocabulary: ModelFile;
  readonly weights: BagWeights;
}

export interface FolderCard {
  readonly format: 1;
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly licence: string;
  readonly image: readonly [channels: number, height: number, width: number];
  readonly range: readonly [-1, 1];
  readonly prediction: "flow";
  readonly labels: readonly string[];
  readonly parameters: number;
  readonly defaults: { readonly solver: Solver["name"]; readonly steps: number; readonly guidance: number };
  readonly styles?: readonly string[];
  /** Of a model that takes prompts. */
  readonly text?: TextFile;
  /** `none`: the number of the class, or with a text encoder of the style, that means unconditional. */
  readonly denoiser: ModelFile & { readonly none: number };
  readonly verifiers: readonly VerifierFile[];
}

/**
 * Parses `model.json`. Throws a `ModelCardError` with the path of the first field that is wrong, e.g. "verifiers[1].sha256". Fields that
 * only inform (measured values, data, training) are not looked at.
 */
export function parseModelCard(value: unknown): FolderCard {
  const card = CardReader.root(value);
  const format = card.number("format", 1, Number.MAX_SAFE_INTEGER);
  if (format !== 1) card.field("format").fail(`is ${format}, but this version reads format 1`);
  const image = card.list("image").map((side) => side.asInteger(1, 4096));
  if (image.length !== 3 || (image[0] !== 1 && image[0] !== 3)) {
    card.field("image").fail("must be [channels, height, width] with 1 or 3 channels");
  }
  const range = card.list("range").map((end) => end.asNumber(-1, 1));
  if (range.length !== 2 || range[0] !== -1 || range[1] !== 1) card.field("range").fail("must be [-1, 1]");
  const labels = card.list("labels").map((label) => label.asText());
  card.unique("labels", labels);
  const styles = card.has("styles") ? card.list("styles").map((style) => style.asText()) : undefined;
  if (styles) card.unique("styles", styles);
  const text = card.has("text") ? parseText(card.field("text")) : undefined;
  if (styles && !text) card.field("styles").fail("needs a text encoder beside it: the field text is missing");
  const defaults = card.field("defaults");
  const verifiers = card.list("verifiers").map(parseVerifier);
  card.unique(
    "verifiers",
    verifiers.map(({ name }) => name),
  );
  return {
    format: 1,
    name: card.text("name"),
    version: card.text("version"),
    title: card.text("title"),
    licence: card.text("licence"),
    image: image as [number, number, number],
    range: [-1, 1],
    prediction: card.choice("prediction", ["flow"]),
    labels,
    parameters: card.number("parameters", 0, Number.MAX_SAFE_INTEGER),
    defaults: {
      solver: defaults.choice("solver", solverNames),
      steps: defaults.field("steps").asInteger(1, 10_000),
      guidance: defaults.number("guidance", 0, 1000),
    },
    ...(styles ? { styles } : {}),
    ...(text ? { text } : {}),
    denoiser: { ...parseFile(card.field("denoiser")), none: parseNone(card, labels, text && (styles ?? [])) },
    verifiers,
  };
}

/** Which number means "none": it must be none of the names. */
function parseNone(
  card: CardReader,
  labels: readonly string[],
  styles: readonly string[] | undefined,
): number {
  const field = card.field("denoiser").field(styles ? "nullStyle" : "nullLabel");
  const none = field.asInteger(0, 1_000_000);
  if (none < (styles ?? labels).length)
    field.fail(`is ${none}, which is the number of a ${styles ? "style" : "class"}`);
  return none;
}

function parseText(entry: CardReader): TextFile {
  const weights = entry.field("weights");
  return {
    ...parseFile(entry),
    width: entry.field("width").asInteger(1, 1024),
    size: entry.field("size").asInteger(1, 65_536),
    vocabulary: parseFile(entry.field("vocabulary")),
    weights: { label: weights.number("label", 0, 1000), concept: weights.number("concept", 0, 1000) },
  };
}

function parseVerifier(entry: CardReader): VerifierFile {
  const common = {
    ...parseFile(entry),
    name: entry.text("name"),
    role: entry.choice("role", ["searched", "held-out"]),
    needsCondition: entry.flag("needsCondition"),
    direction: entry.choice("direction", ["higher", "lower"]),
  };
  const kind = entry.choice("kind", ["classifier", "alignment", "prototypes", "features"]);
  const size = (): number => entry.field("size").asInteger(1, 65_536);
  if (kind === "alignment") return { ...common, kind, size: size(), text: parseFile(entry.field("text")) };
  if (kind === "prototypes")
    return { ...common, kind, prototypes: parsePrototypes(entry.field("prototypes")) };
  if (kind === "features") return { ...common, kind, size: size() };
  return {
    ...common,
    kind,
    target: entry.has("target") ? entry.choice("target", ["label", "style"]) : "label",
  };
}

function parsePrototypes(entry: CardReader): Extract<VerifierFile, { kind: "prototypes" }>["prototypes"] {
  const shape = entry.list("shape").map((side) => side.asInteger(1, 1_000_000));
  const labels = entry.list("labels").map((label) => label.asInteger(0, 1_000_000));
  if (shape.length !== 2 || shape[0] !== labels.length)
    entry.field("shape").fail(`must be [${labels.length}, size], a row for each of labels`);
  return { ...parseFile(entry), shape: [shape[0]!, shape[1]!], labels };
}

/** A file with its hash and size, as cards of models and of verifiers name them. */
export function parseFile(entry: CardReader): ModelFile {
  const sha256 = entry.text("sha256");
  if (!/^[0-9a-f]{64}$/.test(sha256)) entry.field("sha256").fail("must be 64 lower-case hex digits");
  return {
    file: entry.text("file"),
    sha256,
    bytes: entry.field("bytes").asInteger(1, Number.MAX_SAFE_INTEGER),
  };
}
