import { InputError } from "../inputError.js";
import { oneOf, plainObject, shown, wholeNumber } from "../check.js";
import type { Denoiser } from "../engine/denoiser.js";
import type { EngineStorage, LocalEngine } from "../engine/localEngine.js";
import { deviceNames, type DeviceName } from "./devices/device.js";
import { FolderFiles } from "./files/folderFiles.js";
import type { Loading } from "./loading.js";
import { openDiffusers } from "./openDiffusers.js";
import { openFolder } from "./openFolder.js";

export interface ModelOptions {
  /** "auto" takes the best that really loads; one asked for by name that does not is an error. */
  readonly device?: DeviceName;
  /** Samples per model call; "auto" is 16, and less for the larger pictures of a diffusers folder: 4 for 256 x 256, 1 from 512 x 512. */
  readonly batch?: number | "auto";
  /**
   * Threads of one model call on the processor. "auto" measures on the first loading, in up to a second, and is remembered for the machine and the
   * model. By default what was measured before, by "auto" or by `dnb doctor`, else 1: a second thread made calls slower where another process
   * held a core. Of a diffusers folder, one call of which may take that second, both are what one product of matrices is fastest with, measured
   * once for the machine. Results do not depend on it.
   */
  readonly threads?: number | "auto";
  /** Pixels, of a diffusers folder; by default what its configuration says. */
  readonly width?: number;
  readonly height?: number;
  /** Of a PixArt folder: its pipelines' clean_caption and use_resolution_binning, as there by default. */
  readonly cleanCaption?: boolean;
  readonly resolutionBinning?: boolean;
}

/** `openModel`'s parameters, parsed. */
export interface OpenParts {
  readonly options: {
    readonly device: DeviceName;
    readonly batch: number | undefined;
    readonly threads: number | "auto" | undefined;
    readonly width?: number;
    readonly height?: number;
    readonly cleanCaption?: boolean;
    readonly resolutionBinning?: boolean;
  };
  readonly wrap: (denoiser: Denoiser) => Denoiser;
  readonly storage: EngineStorage;
  readonly loading: Loading;
}

/**
 * Loads a model folder into an engine in this thread: ours (`model.json` and its ONNX files) or a diffusers pipeline exported to ONNX
 * (`model_index.json`). Sizes, hashes, inputs and outputs are checked before anything runs. `wrap` sees every denoiser call, e.g. to count
 * them; `storage` keeps results beside the memory; `loading` is told how far it is, and may cancel it. The caller disposes of the engine.
 */
export async function openModel(
  folder: string,
  options: ModelOptions = {},
  wrap: (denoiser: Denoiser) => Denoiser = (denoiser) => denoiser,
  storage: EngineStorage = {},
  loading: Loading = {},
): Promise<LocalEngine> {
  const parts: OpenParts = { options: parseOptions(options), wrap, storage, loading };
  const files = await FolderFiles.open(folder);
  if (await files.has("model.json")) return openFolder(files, parts);
  if (await files.has("model_index.json")) return openDiffusers(files, parts);
  throw new InputError(
    `${folder} is no model folder: it has neither a model.json nor, as a diffusers pipeline exported to ONNX, a model_index.json.`,
  );
}

/** Options of diffusers folders alone. */
const OF_PIPELINES = ["width", "height", "cleanCaption", "resolutionBinning"];

function parseOptions(options: unknown): OpenParts["options"] {
  const given = plainObject(options, "options", ["device", "batch", "threads", ...OF_PIPELINES]);
  const batch = given["batch"] ?? "auto";
  const { threads } = given;
  return {
    device: oneOf(given["device"] ?? "auto", "device", deviceNames),
    batch: batch === "auto" ? undefined : wholeNumber(batch, "batch", 1, 1024),
    threads: threads === "auto" || threads === undefined ? threads : wholeNumber(threads, "threads", 1, 256),
    ...sized(given["width"], "width"),
    ...sized(given["height"], "height"),
    ...switched(given["cleanCaption"], "cleanCaption"),
    ...switched(given["resolutionBinning"], "resolutionBinning"),
  };
}

const sized = <Name extends string>(value: unknown, name: Name): { readonly [key in Name]?: number } =>
  value === undefined ? {} : ({ [name]: wholeNumber(value, name, 1, 65_536) } as { [key in Name]: number });

function switched<Name extends string>(value: unknown, name: Name): { readonly [key in Name]?: boolean } {
  if (value === undefined) return {};
  if (typeof value === "boolean") return { [name]: value } as { [key in Name]: boolean };
  throw new InputError(`${name} is ${shown(value)}, but must be true or false.`);
}
