import { oneOf, positiveNumber, shown, wholeNumber } from "../../check.js";
import type { DeviceReport } from "../../engine/deviceReport.js";
import type { EngineCondition, ImageData8 } from "../../engine/engine.js";
import type { Scorer } from "../../engine/scorer.js";
import { InputError } from "../../inputError.js";
import { deviceNames, type DeviceName } from "../devices/device.js";
import { FolderFiles } from "../files/folderFiles.js";
import { readJson } from "../files/jsonFile.js";
import type { Loading } from "../loading.js";
import { Loadable } from "../loadable.js";
import { GraphPlaces } from "./graphPlaces.js";
import { knownExport, optionsOf } from "./knownExport.js";
import type { Scoring } from "./scorers.js";
import { loadScoring, type LoadedScoring } from "./loadScoring.js";
import { parseVerifierCard, type VerifierCard } from "./verifierCard.js";

/** Images in one call of a verifier's networks. */
export const IMAGES_IN_A_CALL = 16;

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
  /** As of a session; one asked for by name that does not run its image network is an error. */
  readonly device?: DeviceName;
}

/** A verifier of a folder: beside what every scorer has, what a condition means to it. */
export interface FolderScorer extends Scorer {
  /** Classes that it knows; absent: it reads prompts, or needs none. */
  readonly labels?: readonly string[];
  /** The level of the preview that it compares with the clean image. */
  readonly previewLevel?: number;
  /** Where its graphs run. */
  readonly device: DeviceReport;
}

/** Who has verifiers loaded, and what he decides meanwhile. */
export interface ScorerLoading extends Pick<Loading, "makeRoom" | "signal" | "progress"> {
  /** Tried before the processor when the options say nothing. */
  readonly device?: DeviceName;
  /** Gets the graphs, to put them out of memory when they are idle. */
  readonly loaded?: (graphs: Loadable<Scoring>) => void;
}

/**
 * Opens a verifier folder: ours with `verifier.json`, or an export of CLIP (model.onnx of both networks, or vision_model.onnx and text_model.onnx,
 * at the top or below onnx/, with preprocessor_config.json and the tokenizer's files). Sizes, hashes, inputs and outputs are checked before
 * anything runs. The caller disposes of it.
 */
export async function openScorer(
  folder: string,
  options: VerifierOptions = {},
  { device = "auto", loaded, ...loading }: ScorerLoading = {},
): Promise<FolderScorer> {
  const given = optionsOf(options);
  const files = await FolderFiles.open(folder, "verifier");
  const cardFile = given["card"] === undefined ? "verifier.json" : textOf(given["card"], "card");
  const own = await files.has(cardFile);
  if (!own && given["card"] !== undefined) throw new InputError(`There is no ${cardFile} in ${files.path}.`);
  const found = own ? parseVerifierCard(await readJson(files, cardFile)) : await knownExport(files, given);
  const card = changed(found, given, own);
  const threads = wholeNumber(given["threads"] ?? 1, "threads", 1, 256);
  const places = new GraphPlaces(
    oneOf(given["device"] ?? "auto", "openVerifier: device", deviceNames),
    threads,
    device === "auto" ? undefined : [...new Set([device, "cpu"] as const)],
  );
  const namedBy = own ? cardFile : "openVerifier";
  const load = (loading: Loading): Promise<LoadedScoring> =>
    loadScoring({ files, card, places, namedBy, loading });
  const { scoring, sha256, bytes } = await load(loading);
  const graphs = new Loadable(
    bytes,
    scoring,
    async () => {
      const { makeRoom } = loading;
      const again = await load(makeRoom ? { makeRoom } : {});
      if (again.sha256 === sha256) return again.scoring;
      await again.scoring.release();
      throw new InputError(
        `The verifier folder ${files.path} changed since it was opened: its graphs had left the memory, and what lies there now is another verifier. Open it again with openVerifier.`,
      );
    },
    (gone) => gone.release(),
  );
  loaded?.(graphs);
  const { name, direction, labels, kind } = card;
  return {
    name,
    direction,
    sha256,
    needsCondition: scoring.needsCondition,
    device: places.report(IMAGES_IN_A_CALL),
    ...(labels ? { labels } : {}),
    ...(kind === "self-supervised" ? { previewLevel: card.level } : {}),
    ...(scoring.featureLayer === undefined ? {} : { featureLayer: scoring.featureLayer }),
    score: (
      images: readonly ImageData8[],
      conditions: readonly (EngineCondition | undefined)[],
      references: readonly (ImageData8 | undefined)[] = images.map(() => undefined),
    ) => graphs.use((scoring) => scoring.score(images, conditions, references)),
    ...(scoring.features && {
      features: (images: readonly ImageData8[]) => graphs.use((scoring) => scoring.features!(images)),
    }),
    dispose: () => graphs.dispose(),
  };
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
