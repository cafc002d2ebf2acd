import {
  algorithms,
  defineAlgorithm,
  endpoint,
  ensemble,
  gaussianMixture,
  human,
  imageFrom,
  isAnalyticModel,
  linearReward,
  oracle,
  type Images,
  imageDistances,
  recordAt,
  replayRecord,
  schedulerFromConfig,
  selfSupervised,
  Session,
  systemClock,
  torchRandn,
  verifier,
  type VerifierRef,
  type People,
  type EndpointOptions,
  type KeyRing,
} from "../../search/index.js";
import { currentExecution } from "./cellExecution.js";
import { compareInCell } from "./compareInCell.js";
import type { DisplayHandle } from "./displays.js";
import type { EnginePort } from "./enginePort.js";
import { frechetInCell } from "./frechetInCell.js";
import type { Namespace } from "./moduleLoader.js";
import type { Inputs } from "./inputs.js";
import { loadImage } from "./loadImage.js";
import { loadingBar } from "./loadingBar.js";
import { OpenedSessions } from "./openedSessions.js";
import { plot } from "./plot.js";
import { progress } from "./progress.js";
import { RemoteEngine } from "./remoteEngine.js";
import { openVerifier } from "./remoteVerifier.js";
import type { RunNames } from "./runNames.js";

export interface CellServices {
  readonly engine: EnginePort;
  readonly names: RunNames;
  readonly directory: () => string;
  readonly display: (value: unknown, options?: { readonly id?: string }) => DisplayHandle;
  readonly input: Inputs["ask"];
  readonly signal: AbortSignal;
  readonly people: People;
  readonly heldAt: (run: string) => number | undefined;
  /** Writes a sentence to the cell that is calling. */
  readonly tell: (sentence: string) => void;
  /** Keys of judges behind an address, by their names. */
  readonly keys: KeyRing;
}

/** What `import … from "dnb"` gives. */
export function cellApi(services: CellServices): Namespace {
  const { engine, names, directory, display, input, signal, people, heldAt, tell, keys } = services;
  const environment = {
    clock: systemClock,
    nameRun: (hash: string) => names.name(hash, currentExecution.getStore()?.cell.id ?? ""),
    signal: () => currentExecution.getStore()?.signal,
    people,
    heldAt,
    tell,
  };
  const sessions = new OpenedSessions();
  return {
    openSession: async (model?: unknown, options?: unknown): Promise<Session> =>
      // A model known in closed form needs no file and no runtime: it runs beside the cell.
      sessions.add(
        new Session(
          isAnalyticModel(model)
            ? model.open()
            : await RemoteEngine.open(
                engine,
                { model, options, directory: directory() },
                environment.signal(),
                loadingBar(display),
              ),
          environment,
        ),
      ),
    ...algorithms,
    defineAlgorithm,
    verifier,
    human,
    oracle,
    selfSupervised,
    replayRecord,
    recordAt,
    compare: compareInCell(display),
    frechetDistance: frechetInCell(sessions, tell),
    imageDistances: (a: Images, b: Images, features?: VerifierRef) =>
      imageDistances(sessions.of(features), a, b, features),
    ensemble,
    endpoint: (url: unknown, given?: EndpointOptions) => endpoint(url, given, keys),
    gaussianMixture,
    linearReward,
    schedulerFromConfig,
    torchRandn,
    imageFrom,
    openVerifier: (folder: unknown, given?: unknown) =>
      openVerifier(engine, folder, given, directory(), environment.signal(), loadingBar(display)),
    loadImage: (path: unknown) => loadImage(path, directory()),
    display,
    input,
    signal,
    progress: progress(display),
    plot,
  };
}
