import type { Engine, JobResult } from "../engine/engine.js";
import type { Charge } from "../engine/ledger.js";
import { decodeId, denoiseId, glanceId } from "../engine/tensorId.js";
import { Image } from "../image.js";
import type { ResolvedProblem } from "../problem.js";
import type { Tensor } from "../tensor.js";
import type { CandidateSource } from "./candidate.js";
import type { Node } from "./node.js";
import { pathState } from "./pathState.js";

/** Fetches what candidates stand for. What looking costs is billed to the session, not to the search. */
export class TensorReader implements CandidateSource {
  readonly #engine: Engine;
  readonly #problem: () => ResolvedProblem;
  readonly #draw: (nodes: readonly Node[]) => Promise<void>;
  readonly #bill: (charge: Charge) => void;

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

  /** The x0-prediction at a level of the path, one step of Euler's method to 0. */
  async preview(of: Node, at: number): Promise<Image> {
    const { sampling } = this.#problem();
    const engine = this.#engine;
    const { sha256 } = engine.model;
    const { node, level, state, job } = pathState(of, at, sampling, sha256);
    await this.#draw([node]);
    if (job) await this.#done([job], (jobs) => engine.denoise(jobs), `the state of ${of.id} at ${at}`);
    let clean = state;
    if (level > 0) {
      const { guided, condition, plain } = sampling;
      const parameters = {
        ...{ solver: plain, levels: [level, 0], ...guided, keepsEvaluation: true },
        ...(condition ? { condition: condition.condition } : {}),
      };
      clean = denoiseId(sha256, state, parameters);
      const step = { id: clean, from: state, ...parameters };
      await this.#done([step], (jobs) => engine.denoise(jobs), `the preview of ${of.id} at ${at}`);
    }
    // A clean state has its picture; a prediction only needs a glance.
    const picture =
      level > 0
        ? ({ id: glanceId(sha256, clean), from: clean, quick: true } as const)
        : { id: decodeId(sha256, clean), from: clean };
    await this.#done([picture], (jobs) => engine.decode(jobs), `the picture of ${of.id} at ${at}`);
    return new Image(await engine.image(picture.id));
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
