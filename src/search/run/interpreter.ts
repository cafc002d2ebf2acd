import type { Algorithm } from "../algorithms/algorithm.js";
import { BudgetGuard } from "../engine/budget.js";
import type { Engine } from "../engine/engine.js";
import type { Charge } from "../engine/ledger.js";
import type { Handle, Op } from "../engine/op.js";
import { createOps } from "../engine/ops.js";
import type { Clock } from "../environment.js";
import type { ResolvedProblem } from "../problem.js";
import type { Candidate } from "./candidate.js";
import { CandidateTree } from "./candidateTree.js";
import { Effects, type PaidOp } from "./effects.js";
import type { Node } from "./node.js";
import { Notices } from "./notices.js";
import { Program, type FreeAnswer } from "./program.js";
import { RoundLog } from "./roundLog.js";

/** How a search ended. */
export interface Ending {
  readonly state: "finished" | "stopped" | "failed";
  /** A sentence. */
  readonly reason: string;
}

export interface InterpreterParts {
  readonly engine: Engine;
  readonly algorithm: Algorithm;
  readonly problem: ResolvedProblem;
  readonly clock: Clock;
  /** Adds to the session's account. */
  readonly bill: (charge: Charge) => void;
  /** Milliseconds in which the search has run. */
  readonly milliseconds: () => number;
  readonly view: (node: Node) => Candidate;
}

/**
 * Carries out what the algorithm asks for, one paid operation at a time, and decides when it ends. It knows nothing of steps and pauses:
 * who calls `perform` does.
 */
export class Interpreter {
  readonly tree: CandidateTree;
  readonly log: RoundLog;
  readonly notices = new Notices();
  readonly effects: Effects;
  readonly #parts: InterpreterParts;
  readonly #guard: BudgetGuard;
  readonly #program: Program;
  #ending: Ending | undefined;
  /** Affordable, and not yet executed; undefined before the algorithm has begun. */
  #pending: PaidOp | undefined;

  constructor(parts: InterpreterParts) {
    this.#parts = parts;
    const { engine, algorithm, problem } = parts;
    const { searched, heldOut, sampling, record } = problem;
    this.tree = new CandidateTree(record.seed, engine.model.latent, searched);
    this.log = new RoundLog(this.tree, searched.name, parts.view);
    const names = [searched, ...heldOut].map(({ name }) => name);
    this.#guard = new BudgetGuard(problem.budget, this.log.account, names, parts.milliseconds);
    this.effects = new Effects({
      ...{ engine, problem, tree: this.tree, guard: this.#guard, notices: this.notices, clock: parts.clock },
      bill: (node, charge) => {
        this.log.bill(node, charge);
        parts.bill(charge);
      },
      scored: (node) => this.log.settle(node),
    });
    this.#program = new Program(algorithm, createOps(record, sampling.levels), (op) => this.#answer(op));
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  get begun(): boolean {
    return this.#pending !== undefined;
  }

  /**
   * One paid operation, and the free ones up to the next. Ends the search when the algorithm ends or no candidate is affordable any more.
   * `abort` cuts the operation off between two model calls, by the caller or by the time limit; `stopped`: whether it was the caller.
   */
  async perform(abort: AbortController, stopped: () => boolean): Promise<void> {
    if (!this.#pending) this.#demand([]);
    const op = this.#pending;
    if (!op || this.#ending) return;
    let late = false;
    const cancel = this.#atTimeLimit(() => {
      late = true;
      abort.abort();
    });
    const { alive, refusal } = await this.effects.perform(op, abort.signal).finally(cancel);
    if (stopped()) return this.stop();
    if (late) return this.end("finished", this.#guard.timeRefusal);
    if (alive.length === 0 && refusal !== undefined) return this.end("finished", refusal);
    if (refusal !== undefined) {
      const round = this.log.rounds.length + 1;
      this.notices.add(
        `Round ${round} has ${alive.length} of ${op.candidates.length} candidates. ${refusal}`,
      );
    }
    this.#demand(alive.map((node) => this.#handle(node)));
  }

  stop(): void {
    const round = this.log.rounds.length + 1;
    this.end("stopped", `Stopped ${this.log.isOpen ? `in round ${round}` : `after ${this.#countRounds()}`}.`);
  }

  /** Ends the search with what it has; a second end has no effect. */
  end(state: Ending["state"], reason: string): void {
    if (this.#ending) return;
    this.#ending = { state, reason };
    this.#program.close();
    this.log.close();
    if (this.log.best) this.tree.mark(this.log.best, "final");
  }

  /** Takes the algorithm to its next paid operation. */
  #demand(answer: readonly Handle[]): void {
    const demand = this.#program.next(answer);
    if ("end" in demand) {
      // What is still open is a last round, and counts.
      this.log.close();
      return this.end(
        "finished",
        demand.end ?? `The search came to its own end after ${this.#countRounds()}.`,
      );
    }
    const refusal = this.effects.refusal(demand.op);
    if (refusal !== undefined) return this.end("finished", refusal);
    this.#pending = demand.op;
  }

  #answer(op: Exclude<Op, PaidOp>): FreeAnswer {
    const rounds = this.log.rounds.length;
    switch (op.kind) {
      case "noise":
        return this.tree.noise(op, rounds).map((node) => this.#handle(node));
      case "around":
        return this.tree.around(op, rounds).map((node) => this.#handle(node));
      case "keep":
        return this.tree.keep(op).map((node) => this.#handle(node));
      case "endRound": {
        this.log.close();
        const refusal = this.#guard.roundsRefusal(this.log.rounds.length);
        return refusal === undefined ? [] : { end: refusal };
      }
      case "finish":
        return { end: op.reason };
    }
  }

  #atTimeLimit(callback: () => void): () => void {
    const left = this.#guard.millisecondsLeft;
    return left === undefined ? () => undefined : this.#parts.clock.after(left, callback);
  }

  #handle(node: Node): Handle {
    return node.handle(this.#parts.problem.searched);
  }

  #countRounds(): string {
    const count = this.log.rounds.length;
    return `${count} ${count === 1 ? "round" : "rounds"}`;
  }
}
