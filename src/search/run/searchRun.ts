import { InputError } from "../inputError.js";
import { messageOf, wholeNumber } from "../check.js";
import type { Algorithm } from "../algorithms/algorithm.js";
import type { Engine } from "../engine/engine.js";
import type { Charge, Ledger } from "../engine/ledger.js";
import type { Environment } from "../environment.js";
import type { ResolvedProblem } from "../problem.js";
import type { CandidateId, RoundRecord, RunState, SearchDelta, SearchRecord } from "../record.js";
import { abortable } from "./abortable.js";
import { Candidate } from "./candidate.js";
import { Interpreter } from "./interpreter.js";
import type { Node } from "./node.js";
import type { Round, RunChange } from "./round.js";
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
 * One search with its record. It does nothing until it is stepped or run; between two operations it can be paused and stopped, and the
 * costs of work that was cut off are billed. Invariant: costs of the candidates = costs of the rounds = costs of the run.
 */
export class SearchRun implements AsyncIterable<Round> {
  readonly id: string;
  readonly #parts: SearchRunParts;
  readonly #interpreter: Interpreter;
  readonly #reader: TensorReader;
  readonly #views = new Map<Node, Candidate>();
  readonly #listeners = new Set<(change: RunChange) => void>();
  readonly #abort = new AbortController();
  #error: unknown;
  #activeMilliseconds = 0;
  /** Set while it runs. */
  #activeSince: number | undefined;
  /** How often a pause was asked for: work that was asked for before the last one halts. */
  #pauses = 0;
  #stopAsked = false;
  /** The last `run`, until it settles, and the count of pauses when it was asked for. */
  #running: { readonly promise: Promise<SearchRun>; readonly asked: number } | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #roundsTold = 0;

  constructor(parts: SearchRunParts) {
    this.id = parts.id;
    this.#parts = parts;
    this.#interpreter = new Interpreter({
      ...parts,
      clock: parts.environment.clock,
      milliseconds: () => this.milliseconds,
      view: (node) => this.#view(node),
    });
    this.#reader = new TensorReader(
      parts.engine,
      (nodes) => this.#interpreter.effects.draw(nodes),
      parts.bill,
    );
  }

  get state(): RunState {
    const { ending, begun } = this.#interpreter;
    return ending?.state ?? (this.#activeSince !== undefined ? "running" : begun ? "paused" : "ready");
  }

  /** Why it ended, as a sentence. */
  get reason(): string | undefined {
    return this.#interpreter.ending?.reason;
  }

  get algorithm(): Algorithm {
    return this.#parts.algorithm;
  }

  /** By the searched verifier; of equals the earlier. */
  get best(): Candidate | undefined {
    const { best } = this.#interpreter.log;
    return best && this.#view(best);
  }

  get rounds(): readonly Round[] {
    return [...this.#interpreter.log.rounds];
  }

  /** In the order of creation. */
  get candidates(): readonly Candidate[] {
    return this.#interpreter.tree.entered.map((node) => this.#view(node));
  }

  get ledger(): Ledger {
    return this.#interpreter.log.account.ledger();
  }

  get notices(): readonly string[] {
    return this.#interpreter.notices.list();
  }

  /** Time in which it ran; pauses do not count. */
  get milliseconds(): number {
    const since = this.#activeSince;
    return this.#activeMilliseconds + (since === undefined ? 0 : this.#parts.environment.clock.now() - since);
  }

  /**
   * Makes `rounds` more rounds, fewer if it ends or is paused before that; gives the last one. Steps asked for at once follow each other.
   * Rejects while `run` is under way, and when there is no further round.
   */
  step(rounds = 1): Promise<Round> {
    return this.#interruptible(() => this.#step(rounds));
  }

  /** Goes on until it ends, or until `pause`. Rejects with the error of a search that failed. */
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
    if (this.state === "running") return this.#abort.abort();
    this.#interpreter.stop();
    this.#tell();
  }

  candidate(id: CandidateId): Candidate {
    const node = this.#interpreter.tree.find(id);
    if (!node.entered) throw new InputError(`The search has no candidate "${id}" yet.`);
    return this.#view(node);
  }

  /** Its rounds from the first: those that it has, then further ones, each made when it is asked for, until it ends or is paused. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Round, void> {
    const asked = this.#pauses;
    const { rounds } = this.#interpreter.log;
    for (let index = 0; ; index++) {
      if (index >= rounds.length) {
        if (this.state === "failed") throw this.#whyNot();
        if (this.#isOver() || this.#pauses !== asked) return;
        // A search that ends without another round is no error here.
        await this.step().catch((error: unknown) => {
          if (!this.#isOver() || this.state === "failed") throw error;
        });
      }
      const round = rounds[index];
      if (!round) return;
      yield round;
    }
  }

  /** The serialisable truth of the run; every view is drawn from it. The same search gives the same bytes in another process. */
  record(): SearchRecord {
    const { engine, algorithm, problem } = this.#parts;
    const { name, version, sha256, image } = engine.model;
    const { state, reason, best, spent, notices } = this.head();
    return {
      version: 1,
      id: this.id,
      algorithm: { name: algorithm.name, options: algorithm.options },
      model: { name, version, sha256, image },
      problem: problem.record,
      verifiers: problem.verifiers,
      levels: problem.sampling.levels,
      state,
      ...(reason === undefined ? {} : { reason }),
      rounds: [...this.#interpreter.log.records],
      candidates: this.#interpreter.tree.entered.map((node) => node.record()),
      ...(best === undefined ? {} : { best }),
      spent,
      notices,
    };
  }

  /** What of the record is neither candidates nor rounds and may change. */
  head(): SearchDelta["head"] {
    const { log, notices } = this.#interpreter;
    return {
      state: this.state,
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      ...(log.best ? { best: log.best.id } : {}),
      spent: log.account.cost(),
      notices: notices.list(),
    };
  }

  /** `index` from 1. */
  roundRecord(index: number): RoundRecord | undefined {
    return this.#interpreter.log.records[index - 1];
  }

  /** Calls back after each operation with what it changed; returns what ends that. The listener must not throw. */
  onChange(listener: (change: RunChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // ------------------------------------------------------------------------------------------------ driving

  async #step(rounds: number): Promise<Round> {
    const count = wholeNumber(rounds, "step: rounds", 1);
    const asked = this.#pauses;
    if (this.#running?.asked === asked) throw new InputError("The search is running. Pause it, then step.");
    return this.#enqueue(async () => {
      if (this.#isOver()) throw this.#whyNot();
      if (this.#pauses !== asked) throw new InputError("The search was paused before this step.");
      const { log } = this.#interpreter;
      const before = log.rounds.length;
      await this.#drive(() => {
        const made = log.rounds.length - before;
        return made >= count || (made > 0 && this.#pauses !== asked && !log.isOpen);
      });
      if (log.rounds.length === before) throw this.#whyNot();
      return log.rounds.at(-1)!;
    });
  }

  async #run(): Promise<SearchRun> {
    if (this.state === "failed") throw this.#whyNot();
    if (this.#isOver()) return this;
    const asked = this.#pauses;
    // One that a pause is about to halt is not joined: what is asked for now goes on behind it.
    if (this.#running?.asked === asked) return this.#running.promise;
    const promise = this.#enqueue(async () => {
      await this.#drive(() => this.#pauses !== asked);
      return this;
    }).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    const running = { promise, asked };
    this.#running = running;
    return promise;
  }

  /** One driver at a time, in the order of asking. */
  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #interruptible<T>(work: () => Promise<T>): Promise<T> {
    const signal = this.#parts.environment.signal?.();
    signal?.throwIfAborted();
    return abortable(work(), signal, () => this.pause());
  }

  async #drive(done: () => boolean): Promise<void> {
    if (this.#isOver() || done()) return;
    this.#activeSince = this.#parts.environment.clock.now();
    this.#tell();
    try {
      while (!this.#isOver() && !done()) {
        await this.#interpreter.perform(this.#abort, () => this.#stopAsked);
        this.#tell();
      }
    } catch (error) {
      this.#error = error;
      this.#interpreter.end("failed", messageOf(error));
      throw error;
    } finally {
      this.#activeMilliseconds = this.milliseconds;
      this.#activeSince = undefined;
      this.#tell();
    }
  }

  #isOver(): boolean {
    return this.#interpreter.ending !== undefined;
  }

  /** Why no further round can be made. */
  #whyNot(): unknown {
    if (this.state === "failed") return this.#error;
    const what = this.state === "stopped" ? "was stopped" : "has finished";
    return new InputError(`The search ${what}, there is no further round. ${this.reason ?? ""}`.trim());
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
    const { tree, log } = this.#interpreter;
    const candidates = tree.takeChanged().map(({ id }) => id);
    const rounds = log.records.slice(this.#roundsTold).map(({ index }) => index);
    this.#roundsTold = log.records.length;
    for (const listener of [...this.#listeners]) listener({ candidates, rounds });
  }
}
