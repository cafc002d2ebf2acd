import type { DenoiseJob, Engine, JobResult, TensorId } from "../engine/engine.js";
import type { Charge } from "../engine/ledger.js";
import { decodeId, denoiseId, glanceId, keptId } from "../engine/tensorId.js";
import { Image } from "../image.js";
import type { ResolvedProblem } from "../problem.js";
import type { Tensor } from "../tensor.js";
import type { CandidateSource } from "./candidate.js";
import type { Node } from "./node.js";
import { pathState, shortened, type PathState } from "./pathState.js";

/** Fetches what candidates stand for. What looking costs is billed to the session, not to the search. */
export class TensorReader implements CandidateSource {
  readonly #engine: Engine;
  readonly #problem: () => ResolvedProblem;
  readonly #draw: (nodes: readonly Node[]) => Promise<void>;
  readonly #bill: (charge: Charge) => void;
  /** Of each way that was made again, the longest: by the state that the way makes. */
  readonly #replays = new Map<TensorId, DenoiseJob>();

  constructor(
    engine: Engine,
    problem: () => ResolvedProblem,
    draw: (nodes: readonly Node[]) => Promise<void>,
    bill: (charge: Charge) => void,
  ) {
    this.#engine = engine;
    this.#problem = problem;
    this.#draw = draw;
    this.#bill = bill;
  }

  /** Decoded already or not: the engine knows, and may have lost what it had. */
  async image(node: Node): Promise<Image> {
    await this.#draw([node]);
    const from = node.preview?.level === node.level ? node.preview.state : node.state;
    const id = decodeId(this.#engine.model.sha256, from);
    const [result] = await this.#engine.decode([{ id, from }]);
    if (result && !result.cached) this.#bill(result);
    if (result?.outcome !== "done")
      throw new Error(`The image of ${node.id} failed: ${result?.failure ?? "aborted"}.`);
    return new Image(await this.#engine.image(id));
  }

  /** The x0-prediction at a level of the path: that of an evaluation that the way had, or one step of Euler's method to 0. */
  async preview(of: Node, at: number): Promise<Image> {
    const engine = this.#engine;
    const { sha256 } = engine.model;
    const place = pathState(of, at, this.#problem().sampling, sha256);
    await this.#draw([place.node]);
    const clean = await this.#clean(place, `${of.id} at ${at}`);
    // A clean state has its picture; a prediction only needs a glance.
    const picture =
      place.level > 0
        ? ({ id: glanceId(sha256, clean), from: clean, quick: true } as const)
        : { id: decodeId(sha256, clean), from: clean };
    await this.#done([picture], (jobs) => engine.decode(jobs), `the picture of ${of.id} at ${at}`);
    return new Image(await engine.image(picture.id));
  }

  /** Makes the clean state, or what is predicted of it. */
  async #clean(place: PathState, what: string): Promise<TensorId> {
    const denoise = (job: DenoiseJob, made: string): Promise<void> =>
      this.#done([job], (jobs) => this.#engine.denoise(jobs), `the ${made} of ${what}`);
    if ("way" in place) {
      await denoise(this.#replay(place.way, place.level), "preview");
      return keptId(place.way.id, place.level);
    }
    const { level, state, jobs, evaluation } = place;
    for (const job of jobs) await denoise(job, "state");
    if (level === 0) return state;
    const parameters = { ...evaluation, levels: [level, 0], keepsEvaluation: true };
    const id = denoiseId(this.#engine.model.sha256, state, parameters);
    await denoise({ id, from: state, ...parameters }, "preview");
    return id;
  }

  /**
   * The way once more, through the step that begins at `level`; it keeps the prediction of every level that it passes, so that those above
   * cost nothing more. One that has them already is asked for again: it costs nothing as long as the engine has them.
   */
  #replay(way: DenoiseJob, level: number): DenoiseJob {
    if (way.keeps?.some((kept) => kept.level === level)) return way;
    const known = this.#replays.get(way.id);
    if (known?.keeps!.some((kept) => kept.level === level)) return known;
    const passed = way.levels.filter((one) => one >= level);
    const levels = way.levels.slice(0, passed.length + 1);
    const keeps = passed.map((one) => ({ id: keptId(way.id, one), level: one }));
    const job = { ...shortened(way, levels, this.#engine.model.sha256), keeps };
    this.#replays.set(way.id, job);
    return job;
  }

  async #done<T>(
    jobs: readonly T[],
    work: (jobs: readonly T[]) => Promise<JobResult[]>,
    what: string,
  ): Promise<void> {
    const [result] = await work(jobs);
    if (result && !result.cached) this.#bill(result);
    if (result?.outcome !== "done")
      throw new Error(`There is no picture: ${what} failed: ${result?.failure ?? "aborted"}.`);
  }

  async latent(node: Node): Promise<Tensor> {
    await this.#draw([node]);
    return this.#engine.read(node.state);
  }

  async noise(node: Node): Promise<Tensor> {
    await this.#draw([node]);
    return this.#engine.read(node.draw.id);
  }
}
