import { InputError } from "../inputError.js";
import type { NoiseJob, NoiseKey } from "../engine/engine.js";
import type { AroundOp, MakingOp, NoiseOp, PerturbOp, RenoiseOp } from "../engine/op.js";
import { aroundId, mixId, priorId, withinId } from "../engine/tensorId.js";
import { noiseKeys, type NoiseChoice } from "../random/noiseChoice.js";
import { uniforms } from "../random/uniforms.js";
import { forwardKernel } from "../schedules/bridge.js";
import type { Course } from "../solvers/course.js";
import type { CandidateTree } from "./candidateTree.js";
import type { Node } from "./node.js";

/** What of a problem decides where candidates begin. */
export interface MakingProblem {
  readonly seed: number;
  readonly noise: NoiseChoice;
  readonly course: Course;
}

/** Makes candidates, each with a key of its own: which numbers it gets depends on the seed and its name, never on what else there is. */
export class Making {
  readonly #tree: CandidateTree;
  readonly #shape: readonly number[];
  /** A fork may go on with another. */
  problem: MakingProblem;
  #priors = 0;
  #draws = 0;

  constructor(tree: CandidateTree, shape: readonly number[], problem: MakingProblem) {
    this.#tree = tree;
    this.#shape = shape;
    this.problem = problem;
  }

  /** `rounds`: how many have ended. */
  make(op: MakingOp, rounds: number): Node[] {
    switch (op.kind) {
      case "noise":
        return this.#noise(op, rounds);
      case "around":
        return this.#around(op, rounds);
      case "perturb":
        return this.#mix(op, rounds, () => op);
      case "renoise":
        return this.#mix(op, rounds, ({ id, level }) => {
          if (!(op.to > level)) {
            throw new InputError(`renoise: ${id} is at level ${level}, which is not below ${op.to}.`);
          }
          const { point } = this.problem.course;
          return forwardKernel(point(level), point(op.to));
        });
    }
  }

  /** A new candidate that is about to be denoised from where its parent stands. */
  child(parent: Node, rounds: number, noise?: Node): Node {
    const id = this.#tree.nameIn(rounds + 1);
    const { level, draw } = parent;
    const key = noise?.key ?? `step/${id}`;
    const node = this.#tree.promise({
      id,
      parents: [parent],
      round: rounds + 1,
      op: "denoise",
      from: level,
      draw,
      key,
    });
    node.state = parent.state;
    node.logWeight = parent.logWeight;
    return node;
  }

  /** The same candidate a second time. */
  copy(parent: Node, rounds: number): Node {
    const id = this.#tree.nameIn(rounds + 1);
    const { level, draw, key } = parent;
    const parts = { id, parents: [parent], round: rounds + 1, op: "resample", from: level, draw, key };
    const node = this.#tree.promise(parts);
    node.inherit(parent);
    return node;
  }

  /** A new candidate that starts at the noise at which the lineage of another one started. */
  again(parent: Node, rounds: number): Node {
    const { draw } = parent;
    return this.#start(this.#tree.nameIn(rounds + 1), [parent], rounds + 1, "noise", draw);
  }

  /** Of the k-th noise of the run, from 0; PyTorch's are those of successive seeds. */
  prior(k: number): NoiseKey {
    const { noise, seed } = this.problem;
    return noise.kind === "dnb" ? this.key(`noise/${k}`) : noiseKeys(noise, [BigInt(seed) + BigInt(k)])[0]!;
  }

  key(path: string): NoiseKey {
    return { seed: this.problem.seed, path };
  }

  /** The next `count` uniform numbers for `purpose`. */
  chance(purpose: string, count: number): number[] {
    return uniforms(this.key(`${purpose}/${this.#draws++}`), count);
  }

  #noise(op: NoiseOp, rounds: number): Node[] {
    return Array.from({ length: op.count }, () => {
      const key = this.prior(this.#priors++);
      const round = op.role === "pivot" ? rounds : rounds + 1;
      const draw = { id: priorId(this.#shape, key), how: "prior", key } as const;
      return this.#start(this.#tree.nameIn(round), [], round, "noise", draw);
    });
  }

  #around({ pivot: near, count, similarity, radius }: AroundOp, rounds: number): Node[] {
    const parent = this.#tree.find(near);
    const pivot = parent.draw.id;
    return Array.from({ length: count }, () => {
      const id = this.#tree.nameIn(rounds + 1);
      const key = this.key(`around/${id}`);
      const draw: NoiseJob =
        radius === undefined
          ? { id: aroundId(pivot, key, similarity!), how: "around", key, pivot, similarity: similarity! }
          : { id: withinId(pivot, key, radius), how: "within", key, pivot, radius };
      return this.#start(id, [parent], rounds + 1, "around", draw);
    });
  }

  /** keep x + add z, at the level `to` of a renoising or where each stands. */
  #mix(
    op: PerturbOp | RenoiseOp,
    rounds: number,
    kernelOf: (parent: Node) => { readonly keep: number; readonly add: number },
  ): Node[] {
    return op.candidates.flatMap((name) => {
      const parent = this.#tree.find(name);
      const { keep, add } = kernelOf(parent);
      const level = op.kind === "renoise" ? op.to : parent.level;
      const pivot = parent.state;
      return Array.from({ length: op.copies }, () => {
        const id = this.#tree.nameIn(rounds + 1);
        const key = this.key(`${op.kind}/${id}`);
        const origin = { id: mixId(pivot, key, keep, add), how: "mix", key, pivot, keep, add } as const;
        // At level 1 it is a starting noise of its own.
        const draw = level === 1 ? origin : parent.draw;
        const parts = { id, parents: [parent], round: rounds + 1, op: op.kind, from: level };
        return this.#tree.promise({ ...parts, origin, draw, key: key.path });
      });
    });
  }

  #start(id: string, parents: readonly Node[], round: number, op: string, draw: NoiseJob): Node {
    return this.#tree.promise({ id, parents, round, op, from: 1, origin: draw, draw, key: draw.key.path });
  }
}
