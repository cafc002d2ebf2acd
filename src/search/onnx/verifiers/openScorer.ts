import { createHash } from "node:crypto";
import { oneOf, positiveNumber, shown, wholeNumber } from "../../check.js";
import type { EngineCondition, ImageData8 } from "../../engine/engine.js";
import type { Scorer } from "../../engine/scorer.js";
import { InputError } from "../../inputError.js";
import { PipelineGraph } from "../diffusers/pipelineGraph.js";
import { FolderFiles } from "../files/folderFiles.js";
import { readGraphFile } from "../files/graphFile.js";
import { readJson } from "../files/jsonFile.js";
import { TextTokenizer } from "../text/textTokenizer.js";
import { parseHead } from "./aestheticHead.js";
import { ClipTowers } from "./clipTowers.js";
import { knownExport, optionsOf } from "./knownExport.js";
import {
  aesthetic,
  alignment,
  classifier,
  imageReward,
  selfSupervised,
  zeroShot,
  type Scoring,
} from "./scorers.js";
import { parseVerifierCard, type VerifierCard, type VerifierFileEntry } from "./verifierCard.js";

/** What `openVerifier` takes beside the folder. */
export interface VerifierOptions {
  /** Of a CLIP export: what to make of it. Default "clipscore". */
  readonly kind?: "clipscore" | "cosine" | "zero-shot" | "aesthetic" | "pickscore" | "hpsv2";
  /** In tables and records; default the card's, or the kind. */
  readonly name?: string;
  readonly direction?: "higher" | "lower";
  /** What a cosine is multiplied by. */
  readonly scale?: number;
  /** Put before each prompt. */
  readonly prefix?: string;
  /** Of "zero-shot". */
  readonly labels?: readonly string[];
  readonly templates?: readonly string[];
  /** Of a classifier. */
  readonly output?: "probability" | "logit";
  /** Of "aesthetic": a JSON or ONNX file in the folder. */
  readonly head?: string;
  /** Another name for verifier.json. */
  readonly card?: string;
  /** Of one call; default 1. */
  readonly threads?: number;
}

/** A verifier of a folder: beside what every scorer has, what a condition means to it. */
export interface FolderScorer extends Scorer {
  /** Classes that it knows; absent: it reads prompts, or needs none. */
  readonly labels?: readonly string[];
  /** The level of the preview that it compares with the clean image. */
  readonly previewLevel?: number;
}

/**
 * Opens a verifier folder: ours with `verifier.json`, or an export of CLIP (model.onnx of both networks, or vision_model.onnx and text_model.onnx,
 * at the top or below onnx/, with preprocessor_config.json and the tokenizer's files). Sizes, hashes, inputs and outputs are checked before
 * anything runs. The caller disposes of it.
 */
export async function openScorer(folder: string, options: VerifierOptions = {}): Promise<FolderScorer> {
  const given = optionsOf(options);
  const files = await FolderFiles.open(folder);
  const cardFile = given["card"] === undefined ? "verifier.json" : textOf(given["card"], "card");
  const own = await files.has(cardFile);
  if (!own && given["card"] !== undefined) throw new InputError(`There is no ${cardFile} in ${files.path}.`);
  const found = own ? parseVerifierCard(await readJson(files, cardFile)) : await knownExport(files, given);
  const card = changed(found, given, own);
  const threads = wholeNumber(given["threads"] ?? 1, "threads", 1, 256);
  const hash = createHash("sha256").update(JSON.stringify({ ...card, name: "" }));
  const parts = { files, card, threads, hash, namedBy: own ? cardFile : "openVerifier" };
  const scoring = await scoringOf(parts);
  const sha256 = hash.digest("hex");
  const { name, direction, labels, kind } = card;
  return {
    name,
    direction,
    sha256,
    needsCondition: scoring.needsCondition,
    ...(labels ? { labels } : {}),
    ...(kind === "self-supervised" ? { previewLevel: card.level } : {}),
    ...(scoring.featureLayer === undefined ? {} : { featureLayer: scoring.featureLayer }),
    score: (
      images: readonly ImageData8[],
      conditions: readonly (EngineCondition | undefined)[],
      references: readonly (ImageData8 | undefined)[] = images.map(() => undefined),
    ) => scoring.score(images, conditions, references),
    ...(scoring.features ? { features: scoring.features.bind(scoring) } : {}),
    dispose: () => scoring.release(),
  };
}

interface Parts {
  readonly files: FolderFiles;
  readonly card: VerifierCard;
  readonly threads: number;
  /** Of the parameters and of every file that is read. */
  readonly hash: ReturnType<typeof createHash>;
  /** Who names the files, for messages. */
  readonly namedBy: string;
}

async function scoringOf(parts: Parts): Promise<Scoring> {
  const { card, files } = parts;
  const { kind } = card;
  if (kind === "zero-shot" && !card.labels) {
    throw new InputError(
      'A zero-shot classifier needs its labels: openVerifier(folder, { kind: "zero-shot", labels: ["cat", "dog"] }).',
    );
  }
  const image = await graph(parts, card.files.image);
  switch (kind) {
    case "classifier":
      return classifier(card, image);
    case "self-supervised":
      return selfSupervised(card, image);
    case "image-reward": {
      const reward = await graph(parts, card.files.reward!);
      return imageReward(card, image, reward, await tokenizer(parts));
    }
    case "aesthetic": {
      const towers = new ClipTowers(card, image);
      const head = await headOf(parts, card.files.head!);
      return aesthetic(towers, head.score, head.release);
    }
    default: {
      const text = card.files.text && (await graph(parts, card.files.text));
      if (!text && !image.inputs.has("input_ids")) {
        throw new InputError(
          `${files.path} has no text network, which "${kind}" needs: text_model.onnx, or model.onnx with both.`,
        );
      }
      const towers = new ClipTowers(card, image, text, await tokenizer(parts));
      return kind === "zero-shot" ? zeroShot(card, towers) : alignment(card, towers);
    }
  }
}

async function graph(
  { files, threads, hash, namedBy }: Parts,
  entry: VerifierFileEntry,
): Promise<PipelineGraph> {
  await checked(files, entry, namedBy);
  const file = await readGraphFile(files, entry.file, namedBy);
  hash.update(file.sha256);
  return PipelineGraph.load(file, { device: "cpu", threads });
}

async function tokenizer({ files, card, hash, namedBy }: Parts): Promise<TextTokenizer> {
  for (const entry of card.tokenizer) hash.update(await checked(files, entry, namedBy));
  return TextTokenizer.load(files, ".");
}

interface Head {
  readonly score: (embeddings: readonly Float32Array[]) => Promise<readonly number[]>;
  readonly release: () => Promise<void>;
}

async function headOf(parts: Parts, entry: VerifierFileEntry): Promise<Head> {
  const { files, hash, namedBy } = parts;
  if (entry.file.endsWith(".onnx")) {
    const network = await graph(parts, entry);
    const [input] = network.inputs.keys();
    const [output] = network.outputs.keys();
    network.check({ [input!]: { type: "float", ranks: [2] } });
    return {
      score: async (embeddings) => {
        const dims = [embeddings.length, embeddings[0]!.length];
        const data = Float32Array.from(embeddings.flatMap((one) => [...one]));
        return [...(await network.run({ [input!]: { data, dims } })).get(output!)!.data];
      },
      release: () => network.release(),
    };
  }
  hash.update(await checked(files, entry, namedBy));
  const { weight, bias } = parseHead(await readJson(files, entry.file), entry.file);
  return {
    score: (embeddings) =>
      Promise.resolve(
        embeddings.map((one) => {
          if (one.length === weight.length)
            return one.reduce((sum, value, k) => sum + value * weight[k]!, bias);
          throw new InputError(
            `${entry.file} is for embeddings of ${weight.length} numbers, but the image network gives ${one.length}: it belongs to another CLIP.`,
          );
        }),
      ),
    release: () => Promise.resolve(),
  };
}

/** The sha256 of a file, which must be the one that the card says, as must be its size. */
async function checked(
  files: FolderFiles,
  { file, bytes, sha256 }: VerifierFileEntry,
  namedBy: string,
): Promise<string> {
  const read = (await files.read(file, namedBy)).bytes;
  if (bytes !== undefined && read.length !== bytes) {
    throw new InputError(
      `${file} has ${read.length} bytes, but ${namedBy} says ${bytes}: the file is truncated or of another version. Fetch the verifier again.`,
    );
  }
  const found = createHash("sha256").update(read).digest("hex");
  if (sha256 !== undefined && found !== sha256) {
    throw new InputError(
      `${file} has the sha256 ${found}, but ${namedBy} says ${sha256}: the file is damaged or not the one that was published. Fetch the verifier again.`,
    );
  }
  return found;
}

/** The card with what the options change. */
function changed(card: VerifierCard, given: Readonly<Record<string, unknown>>, own: boolean): VerifierCard {
  const { kind } = given;
  if (own && kind !== undefined && kind !== card.kind) {
    throw new InputError(
      `The folder's card says that it is "${card.kind}", not ${shown(kind)}. Leave kind out.`,
    );
  }
  const texts = (name: "labels" | "templates"): { [key: string]: readonly string[] } => {
    const value = given[name];
    if (value === undefined) return {};
    if (
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((one) => typeof one === "string" && one !== "")
    )
      return { [name]: value as string[] };
    throw new InputError(
      `openVerifier: ${name} is ${shown(value)}, but must be an array of texts that are not empty.`,
    );
  };
  return {
    ...card,
    ...texts("labels"),
    ...texts("templates"),
    ...(given["name"] === undefined ? {} : { name: textOf(given["name"], "name") }),
    ...(given["prefix"] === undefined ? {} : { prefix: textOf(given["prefix"], "prefix") }),
    ...(given["scale"] === undefined ? {} : { scale: positiveNumber(given["scale"], "openVerifier: scale") }),
    ...(given["direction"] === undefined
      ? {}
      : { direction: oneOf(given["direction"], "openVerifier: direction", ["higher", "lower"]) }),
    ...(given["output"] === undefined
      ? {}
      : { output: oneOf(given["output"], "openVerifier: output", ["probability", "logit"]) }),
  };
}

function textOf(value: unknown, what: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new InputError(`openVerifier: ${what} is ${shown(value)}, but must be a text that is not empty.`);
}
