import type { Clock } from "../environment.js";
import { InputError } from "../inputError.js";
import type { BudgetGuard, Reservation } from "../engine/budget.js";
import type { Engine, JobResult, NoiseJob, ScoreResult } from "../engine/engine.js";
import type { Charge } from "../engine/ledger.js";
import type { DenoiseOp, ScoreOp } from "../engine/op.js";
import { decodeId, denoiseId } from "../engine/tensorId.js";
import { Image } from "../image.js";
import type { ResolvedProblem } from "../problem.js";
import { levelsBetween } from "../schedules/flow.js";
import { evaluationsOf } from "../solvers/solvers.js";
import { scoreOne } from "../verifiers/functionVerifier.js";
import { ResidentVerifier } from "../verifiers/residentVerifier.js";
import type { Verifier } from "../verifiers/verifier.js";
import type { CandidateTree } from "./candidateTree.js";
import type { Node } from "./node.js";
import type { Notices } from "./notices.js";

export interface EffectsParts {
  readonly engine: Engine;
  readonly problem: ResolvedProblem;
  readonly tree: CandidateTree;
  readonly guard: BudgetGuard;
  readonly notices: Notices;
  readonly clock: Clock;
  /** Adds to the accounts of candidate, round, run and session at once. */
  readonly bill: (node: Node, charge: Charge) => void;
  /** A candidate has just got its searched score. */
  readonly scored: (node: Node) => void;
}

export type PaidOp = DenoiseOp | ScoreOp;

/** Candidates that an operation left alive, and why it was not for all. */
export interface Outcome {
  readonly alive: readonly Node[];
  readonly refusal?: string;
}

/** The operations that cost something: reserved, executed by the engine, settled candidate by candidate. */
export class Effects {
  readonly #parts: EffectsParts;

  constructor(parts: EffectsParts) {
    this.#parts = parts;
  }

  /** Why not even one candidate of this operation is affordable; undefined if one is. Reserves nothing. */
  refusal(op: PaidOp): string | undefined {
    const reservation = this.#reserve(op, this.#nodes(op));
    this.#parts.guard.settle();
    return reservation.granted === 0 ? reservation.refusal : undefined;
  }

  async perform(op: PaidOp, signal: AbortSignal): Promise<Outcome> {
    const nodes = this.#nodes(op);
    const { granted, refusal } = this.#reserve(op, nodes);
    try {
      const paid = this.#paid(op, nodes, granted);
      for (const node of paid) this.#parts.tree.enter(node);
      const alive =
        op.kind === "denoise" ? await this.#denoise(paid, op.to, signal) : await this.#score(paid, signal);
      return { alive, ...(refusal === undefined ? {} : { refusal }) };
    } finally {
      this.#parts.guard.settle();
    }
  }

  /** Draws the starting noises, those of the pivots first. Costs nothing; drawn again it is the same. */
  async draw(nodes: readonly Node[]): Promise<void> {
    const open = new Set<Node>();
    const add = (node: Node): void => {
      if (node.drawn || open.has(node)) return;
      node.parents.forEach(add);
      open.add(node);
    };
    nodes.forEach(add);
    if (open.size === 0) return;
    await this.#parts.engine.noise([...open].map((node): NoiseJob => node.draw));
    for (const node of open) node.drawn = true;
  }

  #nodes(op: PaidOp): Node[] {
    return op.candidates.map((id) => this.#parts.tree.find(id));
  }

  #reserve(op: PaidOp, nodes: readonly Node[]): Reservation {
    const { guard, problem } = this.#parts;
    if (op.kind === "score") {
      for (const { id, level } of nodes) {
        if (level > 0) throw new InputError(`score: ${id} is at level ${level}. Denoise it to 0 first.`);
      }
      return guard.reserveScore(nodes.filter((node) => !this.#isFree(op, node)).length);
    }
    const { solver } = problem.sampling;
    for (const { id, level } of nodes) {
      if (level <= op.to)
        throw new InputError(`denoise: ${id} is at level ${level}, which is not above ${op.to}.`);
    }
    return guard.reserveDenoise(nodes.map((node) => evaluationsOf(solver, this.#levels(node, op.to))));
  }

  /** The first `granted` of those that cost something, and all that cost nothing. */
  #paid(op: PaidOp, nodes: readonly Node[], granted: number): Node[] {
    let left = granted;
    return nodes.filter((node) => this.#isFree(op, node) || left-- > 0);
  }

  /** A candidate that has its score is not scored again. */
  #isFree(op: PaidOp, node: Node): boolean {
    return op.kind === "score" && node.scores.has(this.#parts.problem.searched.name);
  }

  #levels(node: Node, to: number): number[] {
    return levelsBetween(this.#parts.problem.sampling.levels, node.level, to);
  }

  async #denoise(nodes: readonly Node[], to: number, signal: AbortSignal): Promise<Node[]> {
    const { engine, problem, clock, tree, notices } = this.#parts;
    const { solver, guidance, label } = problem.sampling;
    const started = clock.now();
    // Only a lineage that still stands at its noise can miss its tensor.
    await this.draw(nodes.filter((node) => node.level === 1));
    const jobs = nodes.map((node) => {
      const levels = this.#levels(node, to);
      const parameters = { solver: solver.name, levels, guidance, ...(label ? { label: label.index } : {}) };
      return { id: denoiseId(engine.model.sha256, node.state, parameters), from: node.state, ...parameters };
    });
    const results = await engine.denoise(jobs, signal);
    const milliseconds = (clock.now() - started) / nodes.length;
    return nodes.filter((node, i) => {
      const result = results[i]!;
      this.#billJob(node, result, milliseconds);
      notices.tried("the model");
      if (result.outcome === "done") {
        node.level = to;
        node.state = jobs[i]!.id;
        return true;
      }
      if (result.outcome === "aborted") tree.mark(node, "dropped");
      else this.#fail(node, "the model", result.failure ?? "no reason given");
      return false;
    });
  }

  async #score(nodes: readonly Node[], signal: AbortSignal): Promise<Node[]> {
    const { problem } = this.#parts;
    const name = problem.searched.name;
    const fresh = nodes.filter((node) => !node.scores.has(name));
    const decoded = await this.#decode(fresh, signal);
    await this.#scoreBy(problem.searched, decoded, signal, true);
    const scored = decoded.filter((node) => node.scores.has(name));
    for (const verifier of problem.heldOut) await this.#scoreBy(verifier, scored, signal, false);
    return nodes.filter((node) => node.scores.has(name));
  }

  async #decode(nodes: readonly Node[], signal: AbortSignal): Promise<Node[]> {
    const { engine, clock } = this.#parts;
    const started = clock.now();
    const jobs = nodes.map((node) => ({ id: decodeId(engine.model.sha256, node.state), from: node.state }));
    const results = await engine.decode(jobs, signal);
    const milliseconds = (clock.now() - started) / nodes.length;
    return nodes.filter((node, i) => {
      const result = results[i]!;
      this.#billJob(node, result, milliseconds);
      if (result.outcome === "done") node.image = jobs[i]!.id;
      if (result.outcome === "failed") this.#fail(node, "the decoder", result.failure ?? "no reason given");
      return result.outcome === "done";
    });
  }

  async #scoreBy(
    verifier: Verifier,
    nodes: readonly Node[],
    signal: AbortSignal,
    searched: boolean,
  ): Promise<void> {
    const { engine, bill, clock, notices, scored, tree } = this.#parts;
    const inEngine = verifier instanceof ResidentVerifier && verifier.engine === engine;
    let started = clock.now();
    const settle = (node: Node, result: ScoreResult, milliseconds: number): void => {
      if (result.outcome === "aborted") return;
      const who = `verifier ${verifier.name}`;
      bill(node, { verifier: verifier.name, cached: result.cached, milliseconds });
      notices.tried(who);
      if (result.outcome === "scored") {
        node.scores.set(verifier.name, result.score);
        tree.touch(node);
        if (searched) scored(node);
      } else if (searched) {
        this.#fail(node, who, result.failure);
      } else {
        // A held-out verifier never decides: the candidate lives on without this score.
        node.failure = `${who}: ${result.failure}`;
        notices.failed(who, result.failure);
        tree.touch(node);
      }
    };
    if (inEngine) {
      const { label } = this.#parts.problem.sampling;
      const results = await engine.score(
        nodes.map((node) => ({
          verifier: verifier.name,
          image: node.image!,
          ...(label ? { label: label.index } : {}),
        })),
        signal,
      );
      const milliseconds = (clock.now() - started) / nodes.length;
      nodes.forEach((node, i) => settle(node, results[i]!, milliseconds));
      return;
    }
    for (const node of nodes) {
      if (signal.aborted) return;
      const image = new Image(await engine.image(node.image!));
      const result = await scoreOne(verifier, image, this.#parts.problem.sampling.label?.name);
      const now = clock.now();
      settle(
        node,
        "score" in result
          ? { outcome: "scored", score: result.score, cached: false }
          : { outcome: "failed", failure: result.failure, cached: false },
        now - started,
      );
      started = now;
    }
  }

  #billJob(node: Node, { nfe, forwards, decodes, cached }: JobResult, milliseconds: number): void {
    this.#parts.bill(node, { nfe, forwards, decodes, cached, milliseconds });
    this.#parts.tree.touch(node);
  }

  #fail(node: Node, who: string, why: string): void {
    node.failure = `${who}: ${why}`;
    this.#parts.notices.failed(who, why);
    this.#parts.tree.mark(node, "failed");
    this.#parts.tree.touch(node);
  }
}
