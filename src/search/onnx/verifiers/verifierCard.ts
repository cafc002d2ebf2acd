import { parseFile } from "../modelCard.js";
import { FILTER_NAMES, type Filter } from "../../pictures/index.js";
import { SELF_SUPERVISED_LEVEL } from "../../verifiers/selfSupervisedLevel.js";
import { CardReader } from "../cardReader.js";

/** A file of the folder; its size and hash where the card says them. */
export interface VerifierFileEntry {
  readonly file: string;
  readonly bytes?: number;
  /** Lower-case hex. */
  readonly sha256?: string;
}

/** How an 8-bit image becomes the planes [3, height, width] that a network takes. */
export interface ImagePreparation {
  /** "shorter": shorter side to `size`; "longer": longer side to `size`, padded with black; "exact": to size x size; "none": it is size x size. */
  readonly resize: "shorter" | "longer" | "exact" | "none";
  readonly size: number;
  /** Side of the middle that the network sees, after that; default `size`. What lies outside of the image is black. */
  readonly crop: number;
  readonly filter: Filter;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** What a text tower takes. */
export interface TextPreparation {
  /** Tokens, ends and padding included. */
  readonly length: number;
  /** Name of the padding token, where the tokenizer's files do not say it. */
  readonly pad?: string;
}

export const VERIFIER_KINDS = [
  "classifier",
  "self-supervised",
  "cosine",
  "clipscore",
  "zero-shot",
  "aesthetic",
  "pickscore",
  "hpsv2",
  "image-reward",
] as const;
export type VerifierKind = (typeof VERIFIER_KINDS)[number];

/** A verifier folder's `verifier.json`, or what stands for it in a known export. */
export interface VerifierCard {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly kind: VerifierKind;
  readonly direction: "higher" | "lower";
  readonly files: {
    /** Image tower, classifier or feature network; the whole of a joint export. */
    readonly image: VerifierFileEntry;
    readonly text?: VerifierFileEntry;
    /** Of "aesthetic": JSON or ONNX. */
    readonly head?: VerifierFileEntry;
    /** Of "image-reward": text and image to a number. */
    readonly reward?: VerifierFileEntry;
  };
  /** Of the tokenizer's files, for the hash; where they lie is found by their names. */
  readonly tokenizer: readonly VerifierFileEntry[];
  readonly image: ImagePreparation;
  readonly text: TextPreparation;
  /** Of "classifier" and "zero-shot". */
  readonly labels?: readonly string[];
  /** Of "zero-shot": each with {} for the label; their embeddings are averaged. */
  readonly templates: readonly string[];
  /** Of "classifier" and "zero-shot". */
  readonly output: "probability" | "logit";
  /** What a cosine is multiplied by. */
  readonly scale: number;
  /** Put before each prompt. */
  readonly prefix: string;
  /** Of "image-reward": (reward - mean) / std. */
  readonly mean: number;
  readonly std: number;
  /** Of "self-supervised": the noise level of the preview that is compared with the clean image. */
  readonly level: number;
}

/** Jack Hessel's CLIPScore (arXiv 2104.08718): 2.5 max(cos, 0), prompts after this prefix. */
export const CLIPSCORE = { scale: 2.5, prefix: "A photo depicts " } as const;
/** exp(logit_scale) at which CLIP and PickScore were trained to their end. */
export const CLIP_SCALE = 100;
/** Of THUDM/ImageReward's `score`. */
export const IMAGE_REWARD = { mean: 0.16717362830052426, std: 1.0333394966054072 } as const;

/** What a kind has where the card says nothing. */
export function standardsOf(kind: VerifierKind): Pick<VerifierCard, "scale" | "prefix" | "mean" | "std"> {
  const scaled = kind === "pickscore" || kind === "zero-shot";
  return {
    scale: kind === "clipscore" ? CLIPSCORE.scale : scaled ? CLIP_SCALE : 1,
    prefix: kind === "clipscore" ? CLIPSCORE.prefix : "",
    ...(kind === "image-reward" ? IMAGE_REWARD : { mean: 0, std: 1 }),
  };
}

/** The fields of `verifier.json`; docs/verifiers.md says what they are. */
export const VERIFIER_FIELDS = {
  card: [
    ...["format", "name", "version", "licence", "kind", "direction", "files", "image", "text", "labels"],
    ...["templates", "output", "scale", "prefix", "mean", "std", "level"],
  ],
  files: ["image", "text", "head", "reward", "tokenizer", "vocab", "merges"],
  image: ["resize", "size", "crop", "filter", "mean", "std"],
  text: ["length", "pad"],
} as const;

/** Parses `verifier.json`. Throws with the path of the first field that is wrong. */
export function parseVerifierCard(value: unknown): VerifierCard {
  const card = CardReader.root(value, "verifier.json");
  card.refuseSlips(VERIFIER_FIELDS.card);
  for (const name of ["files", "image", "text"] as const)
    if (card.has(name)) card.field(name).refuseSlips(VERIFIER_FIELDS[name]);
  const format = card.number("format", 1, Number.MAX_SAFE_INTEGER);
  if (format !== 1) card.field("format").fail(`is ${format}, but this version reads format 1`);
  const kind = card.choice("kind", VERIFIER_KINDS);
  const files = card.field("files");
  const needs = (name: "text" | "head" | "reward", kinds: readonly VerifierKind[]) =>
    kinds.includes(kind) || files.has(name) ? { [name]: parseFile(files.field(name)) } : {};
  const labelled = kind === "classifier" || kind === "zero-shot";
  const labels = labelled ? card.list("labels").map((label) => label.asText()) : undefined;
  if (labels) card.unique("labels", labels);
  const standards = standardsOf(kind);
  const number = (name: "scale" | "mean" | "std", min: number): number =>
    card.has(name) ? card.number(name, min, 1e9) : standards[name];
  const text = card.has("text") ? card.field("text") : undefined;
  return {
    name: card.text("name"),
    version: card.text("version"),
    licence: card.text("licence"),
    kind,
    direction: card.has("direction") ? card.choice("direction", ["higher", "lower"]) : "higher",
    files: {
      image: parseFile(files.field("image")),
      ...needs("text", []),
      ...needs("head", ["aesthetic"]),
      ...needs("reward", ["image-reward"]),
    },
    tokenizer: ["tokenizer", "vocab", "merges"].flatMap((name) =>
      files.has(name) ? [parseFile(files.field(name))] : [],
    ),
    image: parsePreparation(card.field("image")),
    text: {
      length: text?.has("length") ? text.field("length").asInteger(2, 4096) : 77,
      ...(text?.has("pad") ? { pad: text.text("pad") } : {}),
    },
    ...(labels ? { labels } : {}),
    templates: card.has("templates") ? card.list("templates").map((one) => one.asText()) : ["{}"],
    output: card.has("output") ? card.choice("output", ["probability", "logit"]) : "probability",
    scale: number("scale", 1e-9),
    prefix: card.has("prefix") ? card.text("prefix") : standards.prefix,
    mean: number("mean", -1e9),
    std: number("std", 1e-9),
    level: card.has("level") ? card.number("level", 0, 1) : SELF_SUPERVISED_LEVEL,
  };
}

function parsePreparation(entry: CardReader): ImagePreparation {
  const size = entry.field("size").asInteger(1, 4096);
  const triple = (name: "mean" | "std"): [number, number, number] => {
    const values = entry.list(name).map((one) => one.asNumber(name === "std" ? 1e-6 : -10, 10));
    if (values.length !== 3) entry.field(name).fail("must have 3 numbers, one for each channel");
    return values as [number, number, number];
  };
  return {
    resize: entry.choice("resize", ["shorter", "longer", "exact", "none"]),
    size,
    crop: entry.has("crop") ? entry.field("crop").asInteger(1, 4096) : size,
    filter: entry.has("filter") ? entry.choice("filter", FILTER_NAMES) : "bicubic",
    mean: triple("mean"),
    std: triple("std"),
  };
}
