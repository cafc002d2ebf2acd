import { InputError } from "../inputError.js";
import { messageOf, wholeNumber } from "../check.js";
import type { Algorithm } from "../algorithms/algorithm.js";
import { BudgetGuard } from "../engine/budget.js";
import type { Engine } from "../engine/engine.js";
import type { Charge, Ledger } from "../engine/ledger.js";
import type { Handle, Op } from "../engine/op.js";
import { createOps } from "../engine/ops.js";
import type { Environment } from "../environment.js";
import type { ResolvedProblem } from "../problem.js";
import type { CandidateId, RunState, SearchRecord } from "../record.js";
import { abortable } from "./abortable.js";
import { Candidate } from "./candidate.js";
import { CandidateTree } from "./candidateTree.js";
import { Effects, type PaidOp } from "./effects.js";
import type { Node } from "./node.js";
import { Notices } from "./notices.js";
import { Program, type FreeAnswer } from "./program.js";
import type { Round, RunChange } from "./round.js";
import { RoundLog } from "./roundLog.js";
import { TensorReader } from "./tensorReader.js";

export interface SearchRunParts {
  readonly id: string;
  readonly engine: Engine;
  readonly algorithm: Algorithm;
  readonly problem: ResolvedProblem;
  readonly environment: Environment;
  /** The session's account. */
  readonly bill: (charge: Charge) => void;
}

/**
 * One search with its record. It does nothing until it is stepped or run; between two engine calls it can be paused and stopped, and the
 * costs of work that was cut off are billed. Invariant: costs of the candidates = costs of the rounds = costs of the run.
 */
export class SearchRun implements AsyncIterable<Round> {
  readonly id: string;
  readonly #parts: SearchRunParts;
  readonly #tree: CandidateTree;
  readonly #log: RoundLog;
  readonly #effects: Effects;
  readonly #guard: BudgetGuard;
  readonly #program: Program;
  readonly #reader: TensorReader;
  readonly #notices = new Notices();
  readonly #views = new Map<Node, Candidate>();
  readonly #listeners = new Set<(change: RunChange) => void>();
  #state: RunState = "ready";
  #reason: string | undefined;
  #error: unknown;
  /** Affordable, and not yet executed; undefined before the algorithm has begun. */
  #pending: PaidOp | undefined;
  #activeMilliseconds = 0;
  #activeSince: number | undefined;
  /** How often a pause was asked for: work that began before the last one halts. */
  #pauses = 0;
  #stopAsked = false;
  readonly #abort = new AbortController();
  #running: Promise<SearchRun> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #roundsTold = 0;

  constructor(parts: SearchRunParts) {
    this.id = parts.id;
    this.#parts = parts;
    const { engine, problem, environment, algorithm } = parts;
    const { searched, heldOut, sampling, record } = problem;
    this.#tree = new CandidateTree(record.seed, engine.model.latent, searched);
    this.#log = new RoundLog(this.#tree, searched.name, (node) => this.#view(node));
    const names = [searched, ...heldOut].map(({ name }) => name);
    this.#guard = new BudgetGuard(problem.budget, this.#log.account, names, () => this.milliseconds);
    this.#effects = new Effects({
      engine,
      problem,
      tree: this.#tree,
      guard: this.#guard,
      notices: this.#notices,
      clock: environment.clock,
      bill: (node, charge) => {
        this.#log.bill(node, charge);
        parts.bill(charge);
      },
      scored: (node) => this.#log.settle(node),
    });
    this.#reader = new TensorReader(engine, (nodes) => this.#effects.draw(nodes), parts.bill);
    this.#program = new Program(algorithm, createOps(record, sampling.levels), (op) => this.#answer(op));
  }

  get state(): RunState {
    return this.#state;
  }

  /** Why it ended, as a sentence. */
  get reason(): string | undefined {
    return this.#reason;
  }

  get algorithm(): Algorithm {
    return this.#parts.algorithm;
  }

  /** By the searched verifier; of equals the earlier. */
  get best(): Candidate | undefined {
    return this.#log.best && this.#view(this.#log.best);
  }

  get rounds(): readonly Round[] {
    return [...this.#log.rounds];
  }

  /** In the order of creation. */
  get candidates(): readonly Candidate[] {
    return this.#tree.entered.map((node) => this.#view(node));
  }

  get ledger(): Ledger {
    return this.#log.account.ledger();
  }

  get notices(): readonly string[] {
    return this.#notices.list();
  }

  /** Time in which it ran; pauses do not count. */
  get milliseconds(): number {
    const since = this.#activeSince;
    return this.#activeMilliseconds + (since === undefined ? 0 : this.#parts.environment.clock.now() - since);
  }

  /** Makes `rounds` more rounds, fewer if it ends or is paused before that; gives the last one. Steps asked for at once follow each other. */
  step(rounds = 1): Promise<Round> {
    return this.#interruptible(() => this.#step(rounds));
  }

  /** Goes on until it ends, or until `pause`. */
  run(): Promise<SearchRun> {
    return this.#interruptible(() => this.#run());
  }

  /** A search that runs halts before its next operation; one that steps, at the end of its round. */
  pause(): void {
    this.#pauses++;
  }

  /** Ends it. What the engine is doing is cut off between two model calls, billed, and not used. */
  stop(): void {
    if (this.#isOver() || this.#stopAsked) return;
    this.#stopAsked = true;
    if (this.#state === "running") return this.#abort.abort();
    this.#stopped();
    this.#tell();
  }

  candidate(id: CandidateId): Candidate {
    const node = this.#tree.find(id);
    if (!node.entered) throw new InputError(`The search has no candidate "${id}" yet.`);
    return this.#view(node);
  }

  /** Its rounds from the first: those that it has, then further ones, each made when it is asked for, until it ends or is paused. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Round, void> {
    const asked = this.#pauses;
    for (let index = 0; ; index++) {
      if (index >= this.#log.rounds.length) {
        if (this.#state === "failed") throw this.#whyNot();
        if (this.#isOver() || this.#pauses !== asked) return;
        // A run that ends without another round is no error here.
        await this.step().catch((error: unknown) => {
          if (!this.#isOver() || this.#state === "failed") throw error;
        });
      }
      const round = this.#log.rounds[index];
      if (!round) return;
      yield round;
    }
  }

  /** The serialisable truth of the run; every view is drawn from it. The same search gives the same bytes in another process. */
  record(): SearchRecord {
    const { engine, algorithm, problem } = this.#parts;
    const { name, version, sha256, image } = engine.model;
    return {
      version: 1,
      id: this.id,
      algorithm: { name: algorithm.name, options: algorithm.options },
      model: { name, version, sha256, image },
      problem: problem.record,
      verifiers: problem.verifiers,
      levels: problem.sampling.levels,
      state: this.#state,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      rounds: [...this.#log.records],
      candidates: this.#tree.entered.map((node) => node.record()),
      ...(this.#log.best ? { best: this.#log.best.id } : {}),
      spent: this.#log.account.cost(),
      notices: this.#notices.list(),
    };
  }

  /** Calls back after each operation with what it changed; returns what ends that. */
  onChange(listener: (change: RunChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // ------------------------------------------------------------------------------------------------ driving

  #step(rounds: number): Promise<Round> {
    const count = wholeNumber(rounds, "step: rounds", 1);
    if (this.#running) throw new InputError("The search is running. Pause it, then step.");
    const asked = this.#pauses;
    return this.#enqueue(async () => {
      if (this.#isOver()) throw this.#whyNot();
      if (this.#pauses !== asked) throw new InputError("The search was paused before this step.");
      const log = this.#log;
      const before = log.rounds.length;
      await this.#drive(() => {
        const made = log.rounds.length - before;
        return made >= count || (made > 0 && this.#pauses !== asked && !log.isOpen);
      });
      const last = log.rounds.at(-1);
      if (!last || log.rounds.length === before) throw this.#whyNot();
      return last;
    });
  }

  async #run(): Promise<SearchRun> {
    if (this.#state === "failed") throw this.#whyNot();
    if (this.#isOver()) return this;
    const asked = this.#pauses;
    this.#running ??= this.#enqueue(async () => {
      await this.#drive(() => this.#pauses !== asked);
      return this;
    }).finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** One driver at a time, in the order of asking. */
  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  #interruptible<T>(work: () => Promise<T>): Promise<T> {
    const signal = this.#parts.environment.signal?.();
    return abortable(
      Promise.resolve().then(() => (signal?.throwIfAborted(), work())),
      signal,
      () => this.pause(),
    );
  }

  async #drive(done: () => boolean): Promise<void> {
    if (this.#isOver()) return;
    this.#state = "running";
    this.#activeSince = this.#parts.environment.clock.now();
    this.#tell();
    try {
      if (!this.#pending) this.#demand([]);
      while (!this.#isOver() && !done()) await this.#perform(this.#pending!);
    } catch (error) {
      this.#error = error;
      this.#end("failed", messageOf(error));
      throw error;
    } finally {
      this.#activeMilliseconds = this.milliseconds;
      this.#activeSince = undefined;
      if (!this.#isOver()) this.#state = "paused";
      this.#tell();
    }
  }

  async #perform(op: PaidOp): Promise<void> {
    const left = this.#guard.millisecondsLeft;
    let late = false;
    const cancel =
      left === undefined
        ? () => undefined
        : this.#parts.environment.clock.after(left, () => {
            late = true;
            this.#abort.abort();
          });
    const { alive, refusal } = await this.#effects.perform(op, this.#abort.signal).finally(cancel);
    if (this.#stopAsked) return this.#stopped();
    if (late) return this.#end("finished", this.#guard.timeRefusal);
    if (alive.length === 0 && refusal !== undefined) return this.#end("finished", refusal);
    if (refusal !== undefined) {
      const round = this.#log.rounds.length + 1;
      this.#notices.add(
        `Round ${round} has ${alive.length} of ${op.candidates.length} candidates. ${refusal}`,
      );
    }
    this.#demand(alive.map((node) => this.#handle(node)));
    this.#tell();
  }

  /** Takes the algorithm to its next paid operation, and ends the run if there is none or none that is affordable. */
  #demand(answer: readonly Handle[]): void {
    const demand = this.#program.next(answer);
    if ("end" in demand) {
      // What is still open belongs to a last round.
      this.#log.close();
      return this.#end(
        "finished",
        demand.end ?? `The search came to its own end after ${this.#countRounds()}.`,
      );
    }
    const refusal = this.#effects.refusal(demand.op);
    if (refusal !== undefined) return this.#end("finished", refusal);
    this.#pending = demand.op;
  }

  #answer(op: Exclude<Op, PaidOp>): FreeAnswer {
    const rounds = this.#log.rounds.length;
    switch (op.kind) {
      case "noise":
        return this.#tree.noise(op, rounds).map((node) => this.#handle(node));
      case "around":
        return this.#tree.around(op, rounds).map((node) => this.#handle(node));
      case "keep":
        return this.#tree.keep(op).map((node) => this.#handle(node));
      case "endRound": {
        this.#log.close();
        const refusal = this.#guard.roundsRefusal(this.#log.rounds.length);
        return refusal === undefined ? [] : { end: refusal };
      }
      case "finish":
        return { end: op.reason };
    }
  }

  #stopped(): void {
    const open = this.#log.isOpen
      ? `in round ${this.#log.rounds.length + 1}`
      : `after ${this.#countRounds()}`;
    this.#end("stopped", `Stopped ${open}.`);
  }

  #end(state: "finished" | "stopped" | "failed", reason: string): void {
    if (this.#isOver()) return;
    this.#program.close();
    this.#log.close();
    if (this.#log.best) this.#tree.mark(this.#log.best, "final");
    this.#state = state;
    this.#reason = reason;
  }

  #isOver(): boolean {
    return this.#state === "finished" || this.#state === "stopped" || this.#state === "failed";
  }

  /** Why no further round can be made. */
  #whyNot(): unknown {
    if (this.#state === "failed") return this.#error;
    const state = this.#state === "stopped" ? "was stopped" : "has finished";
    return new InputError(`The search ${state}, there is no further round. ${this.#reason ?? ""}`.trim());
  }

  #countRounds(): string {
    const count = this.#log.rounds.length;
    return `${count} ${count === 1 ? "round" : "rounds"}`;
  }

  #handle(node: Node): Handle {
    return node.handle(this.#parts.problem.searched);
  }

  #view(node: Node): Candidate {
    const known = this.#views.get(node);
    if (known) return known;
    const view = new Candidate(node, this.#reader);
    this.#views.set(node, view);
    return view;
  }

  #tell(): void {
    if (this.#listeners.size === 0) return;
    const candidates = this.#tree.takeChanged().map(({ id }) => id);
    const rounds = this.#log.records.slice(this.#roundsTold).map(({ index }) => index);
    this.#roundsTold = this.#log.records.length;
    for (const listener of this.#listeners) listener({ candidates, rounds });
  }
}
