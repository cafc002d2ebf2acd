import { randomUUID } from "node:crypto";
import { InputError } from "./inputError.js";
import { plainObject, shown } from "./check.js";
import type { Algorithm } from "./algorithms/algorithm.js";
import { quoteOf, type Quote } from "./algorithms/quote.js";
import { parseCondition, type Condition } from "./condition.js";
import type { DeviceReport, Engine, EngineModel, JobResult } from "./engine/engine.js";
import { Account, type Charge, type Ledger } from "./engine/ledger.js";
import { decodeId, denoiseId, pixelsId, priorId } from "./engine/tensorId.js";
import { systemClock, type Environment } from "./environment.js";
import { guidanceRemark } from "./guidance.js";
import { Image } from "./image.js";
import { imagesOf, type Images } from "./images.js";
import { parseProblem, type Problem, type ResolvedProblem } from "./problem.js";
import type { Origin } from "./run/fork.js";
import { previewLevels } from "./run/keptPreviews.js";
import type { SearchRecord } from "./record.js";
import type { Verification } from "./replay/compareRecords.js";
import { freshEngine } from "./replay/freshEngine.js";
import { verifyRecord, type VerifyOptions } from "./replay/verifyRecord.js";
import { runHash, runNames } from "./run/runId.js";
import { SearchRun } from "./run/searchRun.js";
import { noiseKeys, stepKeys } from "./random/noiseChoice.js";
import { Samples } from "./samples.js";
import { parseImageSeed, parseSampling, SAMPLING_KEYS, type SamplingOptions } from "./sampling.js";
import { leavesOf } from "./verifiers/ensemble.js";
import { needsConditionMessage } from "./verifiers/needsConditionMessage.js";
import { ResidentVerifier, seesLatent } from "./verifiers/residentVerifier.js";
import { resolveVerifier } from "./verifiers/resolveVerifier.js";
import { scoresBy } from "./verifiers/scoresBy.js";
import { technicalVerifiers } from "./verifiers/technical/index.js";
import type { Verifier, VerifierRef } from "./verifiers/verifier.js";

/** What a cell may know of the model. */
export interface ModelCard {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly sha256: string;
  readonly parameters: number;
  readonly image: readonly [channels: number, height: number, width: number];
  readonly prediction: EngineModel["prediction"];
  readonly labels?: readonly string[];
  readonly styles?: readonly string[];
  readonly textConditioned: boolean;
  readonly defaults: EngineModel["defaults"];
  readonly verifiers: readonly string[];
}

export interface SampleRequest extends SamplingOptions {
  /** Whole numbers up to 2^64 - 1, as bigints beyond 2^53. */
  readonly seeds: readonly (number | bigint)[];
}

/** One vector for each image, all of one length, and the layer that they are from. */
export interface FeatureSet {
  readonly vectors: readonly Float32Array[];
  readonly network: string;
}

export interface FeatureNetwork {
  readonly verifier: string;
  readonly layer: string;
  readonly judges: boolean;
}

/** A resident sampler with its verifiers. What it computes it remembers: the same sample asked for twice costs once. */
export class Session {
  readonly model: ModelCard;
  readonly device: DeviceReport;
  /** Those of the model, and the technical ones, which need none. */
  readonly verifiers: { readonly [name: string]: Verifier };
  readonly #engine: Engine;
  readonly #environment: Environment;
  readonly #account = new Account();
  readonly #nameRun: (hash: string) => string;
  /** The account of the session that this one stands beside. */
  readonly #parent: ((charge: Charge) => void) | undefined;

  constructor(
    engine: Engine,
    environment: Environment = { clock: systemClock },
    parent?: (charge: Charge) => void,
  ) {
    this.#engine = engine;
    this.#parent = parent;
    this.#environment = environment;
    this.#nameRun = environment.nameRun ?? runNames();
    this.model = cardOf(engine.model);
    this.device = engine.device;
    const resident = engine.model.verifiers.map(
      (verifier) => new ResidentVerifier(engine, verifier, this.#bill),
    );
    const own = Object.fromEntries(resident.map((verifier) => [verifier.name, verifier]));
    // A model's own go first, also where a technical one has the same name.
    this.verifiers = { ...own, ...technicalVerifiers, ...own };
  }

  /** Compute spent since the session opened. */
  get ledger(): Ledger {
    return this.#account.ledger();
  }

  /** Plain sampling, one image for each seed. Seed s gives the image of the first noise of a search with seed s. */
  async sample(request: SampleRequest): Promise<Samples> {
    const given = plainObject(request, "sample", [...SAMPLING_KEYS, "seeds"]);
    const { levels, guided, eta, condition, noise, methodAt } = parseSampling(given, this.#engine.model);
    const asked: unknown = given["seeds"];
    if (!Array.isArray(asked))
      throw new InputError(`seeds is ${shown(asked)}, but must be an array of whole numbers.`);
    const seeds = asked.map((seed: unknown, i) => parseImageSeed(seed, `seeds[${i}]`));
    const { sha256, latent } = this.#engine.model;
    const noises = noiseKeys(noise, seeds).map(
      (key) => ({ id: priorId(latent, key), how: "prior", key }) as const,
    );
    const { solver, bridge, isStochastic } = methodAt(eta);
    const ofSteps = stepKeys(noise, seeds);
    const jobs = noises.map(({ id, key: prior }, i) => {
      // PyTorch's generators go on; otherwise as the first candidate of a random search draws it.
      const goesOn = prior.torch && bridge === undefined;
      const key = goesOn ? ofSteps[i]! : { seed: prior.seed, path: "step/r1-c0/0" };
      const parameters = {
        ...{ solver, levels, ...guided },
        ...(condition ? { condition: condition.condition } : {}),
        ...(isStochastic ? { stochastic: { ...(bridge === undefined ? {} : { eta: bridge }), key } } : {}),
      };
      return { id: denoiseId(sha256, id, parameters), from: id, ...parameters };
    });
    const decodes = jobs.map(({ id }) => ({ id: decodeId(sha256, id), from: id }));
    const signal = this.#environment.signal?.();
    signal?.throwIfAborted();
    const { tell } = this.#environment;
    const remark = guidanceRemark(guided, condition);
    if (remark) tell?.(remark);
    if (tell && condition && this.model.textConditioned)
      for (const sentence of await this.#engine.remarks(condition.condition)) tell(sentence);
    const started = this.#environment.clock.now();
    await this.#engine.noise(noises);
    const settle = (results: readonly JobResult[]): void => {
      results.forEach(this.#bill);
      const failed = results.findIndex(({ outcome }) => outcome === "failed");
      if (failed >= 0) throw new Error(`Sampling seed ${seeds[failed]} failed: ${results[failed]!.failure}.`);
    };
    // What failed on its way has no state to decode.
    settle(await this.#engine.denoise(jobs, signal));
    if (!signal?.aborted) settle(await this.#engine.decode(decodes, signal));
    this.#bill({ cached: false, milliseconds: this.#environment.clock.now() - started });
    signal?.throwIfAborted();
    const images = await Promise.all(decodes.map(async ({ id }) => new Image(await this.#engine.image(id))));
    return new Samples(seeds, images);
  }

  /** A search, not yet started. Everything that can be wrong with it is said here. */
  search(algorithm: Algorithm, problem: Problem): SearchRun {
    if (typeof (algorithm as Partial<Algorithm> | undefined)?.plan !== "function") {
      throw new InputError(
        `The algorithm is ${shown(algorithm)}, but must be one like randomSearch() or zeroOrderSearch(), called.`,
      );
    }
    return this.#start(
      algorithm,
      parseProblem(problem, this.#engine.model, this.verifiers, algorithm),
      problem,
    );
  }

  /** What a search is going to cost with an empty cache, before it is started; the method's own formula, within the budget. */
  quote(algorithm: Algorithm, problem: Problem): Quote {
    const { formula, name } = algorithm;
    if (!formula)
      throw new InputError(`Algorithm ${name} has no cost formula: give defineAlgorithm a quote.`);
    const resolved = parseProblem(problem, this.#engine.model, this.verifiers, algorithm);
    const { sampling, budget, searched, heldOut } = resolved;
    const decodes = [searched, ...heldOut].flatMap(leavesOf).some((verifier) => !seesLatent(verifier))
      ? 1
      : 0;
    const previews = previewLevels(resolved);
    // A held-out verifier that compares has nothing to say on what the search scores above level 0.
    const exact = previewLevels({ searched, heldOut: [], sampling }).length === previews.length;
    return quoteOf((_, terms) => formula(terms), undefined, sampling, budget, {
      decodes: decodes + previews.length,
      exact,
    });
  }

  /**
   * Runs a search again as far as its record went, with every tensor computed anew, and says how far each candidate's scores are from the
   * record. What it costs is billed to the session.
   */
  verify(of: SearchRecord | SearchRun, options: VerifyOptions = {}): Promise<Verification> {
    const record = of instanceof SearchRun ? of.record() : of;
    const given =
      of instanceof SearchRun
        ? { algorithm: of.algorithms, verifiers: of.ownVerifiers, ...options }
        : options;
    // A name that no other process has used: the cache on the disk is shared.
    const fresh = freshEngine(this.#engine, `verify-${randomUUID()}`);
    const people = { recorded: () => record.picks ?? [], show: () => false };
    const session = new Session(fresh, { ...this.#environment, nameRun: () => record.id, people });
    return verifyRecord(record, given, this.#engine.model, (algorithm, problem) =>
      session.search(algorithm, problem),
    ).finally(() => this.#account.addAll(session.#account));
  }

  /** `given`: the problem as it was asked, for a fork to change. */
  #start(algorithm: Algorithm, problem: ResolvedProblem, given: Problem, origin?: Origin): SearchRun {
    const { searched, heldOut, record, verifiers } = problem;
    const prints = [searched, ...heldOut].map(({ fingerprint }) => fingerprint ?? null);
    const { sha256 } = this.#engine.model;
    const from = origin ? [origin.record.run, origin.record.candidate] : [];
    const hash = runHash([algorithm.name, algorithm.options, sha256, record, verifiers, prints, ...from]);
    return new SearchRun({
      id: this.#nameRun(hash),
      engine: this.#engine,
      algorithm,
      problem,
      environment: this.#environment,
      bill: this.#bill,
      ...(origin ? { origin } : {}),
      forkWith: (at, { algorithm: other = algorithm, ...changes }) => {
        const changed = { ...given, ...changes };
        const resolved = parseProblem(changed, this.#engine.model, this.verifiers, other);
        return this.#start(other, resolved, changed, at);
      },
    });
  }

  /** Scores of any images, an array for each verifier, in the order of the images. */
  async score(
    images: Images,
    verifiers: readonly VerifierRef[],
    condition?: Condition,
  ): Promise<{ [verifier: string]: number[] }> {
    if (!Array.isArray(verifiers)) {
      throw new InputError(`verifiers is ${shown(verifiers)}, but must be an array of verifiers.`);
    }
    const chosen = verifiers.map((ref: unknown, i) =>
      resolveVerifier(ref, `verifiers[${i}]`, this.verifiers),
    );
    const asking = chosen.flatMap(leavesOf).find(({ needsCondition }) => needsCondition);
    if (asking && condition === undefined) throw new InputError(needsConditionMessage(asking.name));
    // A verifier of a folder has classes or prompts of its own.
    if (!chosen.every((verifier) => "encode" in verifier)) parseCondition(condition, this.#engine.model);
    const signal = this.#environment.signal?.();
    signal?.throwIfAborted();
    const pixels = await imagesOf(images);
    const scores: { [verifier: string]: number[] } = {};
    for (const verifier of chosen) {
      scores[verifier.name] = await scoresBy(verifier, pixels, condition, signal);
      // The engine's own bill themselves: they know what came from the cache.
      for (const { name } of leavesOf(verifier).filter((leaf) => !(leaf instanceof ResidentVerifier)))
        for (const _ of pixels) this.#bill({ verifier: name, cached: false });
    }
    return scores;
  }

  /**
   * A session with the same engine whose runs have names of their own and whose costs are billed here too. With a `salt` nothing of it comes
   * from the cache but what was computed with that salt before: for what has to be timed. It is not disposed of.
   */
  beside(salt?: string): Session {
    const engine = salt === undefined ? this.#engine : freshEngine(this.#engine, salt);
    const { nameRun: _, ...environment } = this.#environment;
    return new Session(engine, environment, this.#bill);
  }

  /** Verifiers whose networks give features of images, and the layer that does; `judges`: by a score of its own, and not by features alone. */
  get featureNetworks(): readonly FeatureNetwork[] {
    return this.#engine.model.verifiers.flatMap(({ name, featureLayer, wants }) =>
      featureLayer === undefined
        ? []
        : [{ verifier: name, layer: featureLayer, judges: wants !== "preview" }],
    );
  }

  /** Images as vectors in the network of the verifier named, or of the first verifier that has one; undefined if none has. */
  async features(images: Images, network?: VerifierRef): Promise<FeatureSet | undefined> {
    const named = network && resolveVerifier(network, "features", this.verifiers);
    const chosen = this.featureNetworks.find(({ verifier }) => !named || verifier === named.name);
    if (named && !chosen) throw new InputError(`Verifier ${named.name} has no network that gives features.`);
    if (!chosen) return undefined;
    const entries = (await imagesOf(images)).map((image) => {
      checkSize(image, this.model.image, `The feature network of ${chosen.verifier}`);
      const { width, height, channels, data } = image;
      return { id: pixelsId(image), image: { width, height, channels, data } };
    });
    await this.#engine.put(entries);
    const ids = entries.map(({ id }) => id);
    const vectors = await this.#engine.features(chosen.verifier, ids);
    for (const _ of ids) this.#bill({ verifier: chosen.verifier, cached: false });
    return { vectors, network: `${chosen.layer} of ${chosen.verifier}` };
  }

  async dispose(): Promise<void> {
    await this.#engine.dispose();
  }

  readonly #bill = (charge: Charge): void => {
    this.#account.add(charge);
    this.#parent?.(charge);
  };
}

function checkSize({ width, height, channels }: Image, wanted: ModelCard["image"], what: string): void {
  if (width === wanted[2] && height === wanted[1] && channels === wanted[0]) return;
  throw new InputError(
    `${what} takes images of ${wanted[2]} x ${wanted[1]} with ${wanted[0]} channel(s), but one is ${width} x ${height} with ${channels}.`,
  );
}

function cardOf(model: EngineModel): ModelCard {
  const {
    name,
    version,
    licence,
    sha256,
    parameters,
    image,
    prediction,
    labels,
    styles,
    textConditioned,
    defaults,
  } = model;
  return {
    ...{ name, version, licence, sha256, parameters, image, prediction },
    ...(labels ? { labels } : {}),
    ...(styles ? { styles } : {}),
    textConditioned,
    defaults,
    verifiers: model.verifiers.map((verifier) => verifier.name),
  };
}
