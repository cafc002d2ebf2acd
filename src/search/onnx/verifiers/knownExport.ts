import { listed, oneOf, plainObject, shown } from "../../check.js";
import { InputError } from "../../inputError.js";
import { CLIP_NORMALISATION } from "../../pictures/index.js";
import type { FolderFiles } from "../files/folderFiles.js";
import { readJson } from "../files/jsonFile.js";
import { SELF_SUPERVISED_LEVEL } from "../../verifiers/selfSupervisedLevel.js";
import {
  standardsOf,
  VERIFIER_KINDS,
  type ImagePreparation,
  type VerifierCard,
  type VerifierFileEntry,
  type VerifierKind,
} from "./verifierCard.js";

/** Where exports of CLIP keep their graphs: optimum writes them at the top, others below onnx/. */
const PLACES = ["", "onnx/"] as const;
const CLIP_KINDS = VERIFIER_KINDS.filter(
  (kind) => !["classifier", "self-supervised", "image-reward"].includes(kind),
);

/** The card of a folder without verifier.json: a CLIP export by its known names. `options` have been checked to be an object. */
export async function knownExport(
  files: FolderFiles,
  options: Readonly<Record<string, unknown>>,
): Promise<VerifierCard> {
  const graphs = await graphsOf(files);
  const kind: VerifierKind = oneOf(options["kind"] ?? "clipscore", "kind", CLIP_KINDS);
  const head = options["head"];
  if (kind === "aesthetic" && typeof head !== "string") {
    throw new InputError(
      'An aesthetic verifier needs its head: openVerifier(folder, { kind: "aesthetic", head: "head.json" }).',
    );
  }
  return {
    name: kind,
    version: "",
    licence: "",
    kind,
    direction: "higher",
    files: { ...graphs, ...(typeof head === "string" ? { head: { file: head } } : {}) },
    tokenizer: await present(files, ["tokenizer.json", "vocab.json", "merges.txt"]),
    image: await preparationOf(files, kind),
    text: { length: 77 },
    templates: ["{}"],
    output: "probability",
    level: SELF_SUPERVISED_LEVEL,
    ...standardsOf(kind),
  };
}

async function graphsOf(files: FolderFiles): Promise<Pick<VerifierCard["files"], "image" | "text">> {
  for (const place of PLACES) {
    const vision = `${place}vision_model.onnx`;
    if (!(await files.has(vision))) continue;
    const text = `${place}text_model.onnx`;
    return { image: { file: vision }, ...((await files.has(text)) ? { text: { file: text } } : {}) };
  }
  for (const place of PLACES) {
    if (await files.has(`${place}model.onnx`)) return { image: { file: `${place}model.onnx` } };
  }
  const names = [
    "verifier.json",
    ...PLACES.flatMap((place) => [`${place}model.onnx`, `${place}vision_model.onnx`]),
  ];
  throw new InputError(`${files.path} is no verifier folder. ${listed("Looked for", names)}.`);
}

async function present(files: FolderFiles, names: readonly string[]): Promise<VerifierFileEntry[]> {
  const there = await Promise.all(names.map((name) => files.has(name)));
  return names.filter((_, i) => there[i]).map((file) => ({ file }));
}

/** Pillow's numbers of its filters. */
const RESAMPLE = { 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming" } as const;

/** As transformers' CLIPImageProcessor reads preprocessor_config.json; CLIP's own where there is none. HPSv2 pads instead of cutting. */
async function preparationOf(files: FolderFiles, kind: VerifierKind): Promise<ImagePreparation> {
  const file = "preprocessor_config.json";
  const given = (await files.has(file)) ? await readJson(files, file) : {};
  if (typeof given !== "object" || given === null)
    throw new InputError(`${file} is ${shown(given)}, but must be an object.`);
  const config = given as Record<string, unknown>;
  const size = sideIn(config["size"], `${file}: size`, 224);
  const shortest =
    typeof config["size"] !== "object" || config["size"] === null || "shortest_edge" in config["size"];
  const crop =
    config["do_center_crop"] === false ? size : sideIn(config["crop_size"], `${file}: crop_size`, size);
  const filter = RESAMPLE[(config["resample"] ?? 3) as keyof typeof RESAMPLE];
  if (!filter)
    throw new InputError(`${file}: resample is ${shown(config["resample"])}, but 1 to 5 are known.`);
  return {
    resize: kind === "hpsv2" ? "longer" : shortest ? "shorter" : "exact",
    ...{ size, crop: kind === "hpsv2" ? size : crop, filter },
    mean: triple(config["image_mean"], `${file}: image_mean`, CLIP_NORMALISATION.mean),
    std: triple(config["image_std"], `${file}: image_std`, CLIP_NORMALISATION.std),
  };
}

/** A number, or an object with shortest_edge, or height and width, which must be equal. */
function sideIn(value: unknown, what: string, standard: number): number {
  if (value === undefined) return standard;
  const object =
    typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : { shortest_edge: value };
  const side = object["shortest_edge"] ?? object["height"];
  const square = object["width"] === undefined || object["width"] === side;
  if (square && typeof side === "number" && Number.isSafeInteger(side) && side > 0 && side <= 4096)
    return side;
  throw new InputError(`${what} is ${JSON.stringify(value)}, but must be one side from 1 to 4096.`);
}

function triple(
  value: unknown,
  what: string,
  standard: readonly [number, number, number],
): readonly [number, number, number] {
  if (value === undefined) return standard;
  if (
    Array.isArray(value) &&
    value.length === 3 &&
    value.every((one) => typeof one === "number" && Number.isFinite(one))
  )
    return value as [number, number, number];
  throw new InputError(`${what} is ${shown(value)}, but must be 3 numbers.`);
}

export const VERIFIER_OPTIONS = [
  "kind",
  "name",
  "direction",
  "scale",
  "prefix",
  "labels",
  "templates",
  "output",
  "head",
  "card",
  "threads",
  "device",
] as const;

/** The options of `openVerifier`, as an object with none but known keys. */
export function optionsOf(options: unknown): Record<string, unknown> {
  return plainObject(options ?? {}, "Options of openVerifier", VERIFIER_OPTIONS);
}
