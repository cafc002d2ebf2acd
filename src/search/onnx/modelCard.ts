import { solverNames } from "../solvers/solvers.js";
import type { Solver } from "../solvers/solver.js";
import { CardReader } from "./cardReader.js";

/** A model folder's `model.json`, checked. File names are relative to the folder; that they stay inside it is checked on opening. */
export interface ModelFile {
  readonly file: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface VerifierFile extends ModelFile {
  readonly name: string;
  readonly role: "searched" | "held-out";
  readonly kind: "classifier";
  readonly needsCondition: boolean;
  readonly direction: "higher" | "lower";
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
  /** `nullLabel`: the class index that means unconditional. */
  readonly denoiser: ModelFile & { readonly nullLabel: number };
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
    denoiser: {
      ...parseFile(card.field("denoiser")),
      nullLabel: card.field("denoiser").field("nullLabel").asInteger(0, 1_000_000),
    },
    verifiers,
  };
}

function parseVerifier(entry: CardReader): VerifierFile {
  return {
    ...parseFile(entry),
    name: entry.text("name"),
    role: entry.choice("role", ["searched", "held-out"]),
    kind: entry.choice("kind", ["classifier"]),
    needsCondition: entry.flag("needsCondition"),
    direction: entry.choice("direction", ["higher", "lower"]),
  };
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
