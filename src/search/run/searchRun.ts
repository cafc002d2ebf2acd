import { InputError } from "../inputError.js";
import type { Algorithm } from "../algorithms/algorithm.js";
import type { Engine } from "../engine/engine.js";
import type { Charge, Ledger } from "../engine/ledger.js";
import type { Environment } from "../environment.js";
import type { Problem, ResolvedProblem } from "../problem.js";
import type {
  CandidateId,
  ForkRecord,
  QuestionRecord,
  RoundRecord,
  RunState,
  SearchDelta,
  SearchRecord,
} from "../record.js";
import { ResidentVerifier } from "../verifiers/residentVerifier.js";
import type { Verifier } from "../verifiers/verifier.js";
import type { Board } from "./board.js";
import { Candidate } from "./candidate.js";
import { Driver } from "./driver.js";
import { shareBeginning, type Origin } from "./fork.js";
import type { Image } from "../image.js";
import { Interpreter } from "./interpreter.js";
import type { Node } from "./node.js";
import { PickDesk, type Pick } from "./pickDesk.js";
import { recordOf } from "./recordOf.js";
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
  /** Where it leaves another run; absent for one that starts at the beginning. */
  readonly origin?: Origin;
  /** Makes the run of a fork: the session knows how to read changes. */
  readonly forkWith: (origin: Origin, changes: ForkChanges) => SearchRun;
}

/** What a fork does differently from its run. */
export type ForkChanges = Partial<Problem> & { readonly algorithm?: Algorithm };

/**
 * One search with its record. It does nothing until it is stepped or run; between two engine calls it can be paused and stopped, and the
 * costs of work that was cut off are billed. Invariant: costs of the candidates = costs of the rounds = costs of the run.
 */
export class SearchRun implements AsyncIterable<Round> {
  readonly id: string;
  readonly #parts: SearchRunParts;
  readonly #driver: Driver;
  readonly #desk: PickDesk;
  readonly #reader: TensorReader;
  readonly #views = new Map<Node, Candidate>();
  readonly #listeners = new Set<(change: RunChange) => void>();
  #roundsTold = 0;

  constructor(parts: SearchRunParts) {
    this.id = parts.id;
    this.#parts = parts;
    const { engine, algorithm, environment, origin, bill } = parts;
    // A shared beginning is about the problem with which its run began.
    const problem = origin?.tape.entries[0]?.problem ?? parts.problem;
    const view = (node: Node): Candidate => this.#view(node);
    const prepare =
      origin && ((...begun: [Board, Interpreter["program"]]) => shareBeginning(...begun, origin, parts));
    this.#desk = new PickDesk(this, environment.clock, environment.people, () => this.#tell());
    // Before the driver: the rounds that a fork shares make views of their candidates at once.
    this.#reader = new TensorReader(
      engine,
      () => this.#board.context.problem,
      (nodes) => this.#driver.interpreter.draw(nodes),
      bill,
    );
    this.#driver = new Driver(
      (milliseconds) =>
        new Interpreter(
          {
            engine,
            algorithm,
            problem,
            bill,
            view,
            milliseconds,
            clock: environment.clock,
            desk: this.#desk,
            asks: parts.problem,
          },
          prepare,
        ),
      environment,
      this.#desk,
      () => this.#tell(),
      environment.heldAt?.(parts.id),
    );
  }

  get state(): RunState {
    const { isActive, interpreter } = this.#driver;
    if (interpreter.ending) return interpreter.ending.state;
    if (isActive) return this.#desk.question ? "waiting" : "running";
    return interpreter.begun ? "paused" : "ready";
  }

  /** Why it ended, or cannot go on at present, as a sentence. */
  get reason(): string | undefined {
    const { ending, suspended } = this.#driver.interpreter;
    return ending?.reason ?? (this.#driver.isActive ? undefined : suspended);
  }

  get algorithm(): Algorithm {
    return this.#parts.algorithm;
  }

  /** Its own, and where it is a fork those of the runs before it. */
  get algorithms(): readonly Algorithm[] {
    const { algorithm, origin } = this.#parts;
    return [algorithm, ...(origin?.algorithms ?? [])];
  }

  /** Its verifiers that do not live in the engine. */
  get ownVerifiers(): readonly Verifier[] {
    const { searched, heldOut } = this.#parts.problem;
    return [searched, ...heldOut].filter((verifier) => !(verifier instanceof ResidentVerifier));
  }

  /** By the searched verifier; of equals the earlier. While no clean candidate has a score, the leading preview. */
  get best(): Candidate | undefined {
    const { best } = this.#board.log;
    return best && this.#view(best);
  }

  get rounds(): readonly Round[] {
    return [...this.#board.log.rounds];
  }

  /** In the order of creation. */
  get candidates(): readonly Candidate[] {
    return this.#board.tree.entered.map((node) => this.#view(node));
  }

  /** What was really paid, with the cold cost beside it. */
  get ledger(): Ledger {
    return this.#board.log.account.ledger();
  }

  get notices(): readonly string[] {
    return this.#board.notices.list();
  }

  /** Time in which it ran; pauses do not count. */
  get milliseconds(): number {
    return this.#driver.milliseconds;
  }

  /**
   * Makes `rounds` more rounds, fewer if it ends or is paused before that; gives the last one. Steps asked for at once follow each other.
   * Rejects while `run` is under way, and when there is no further round.
   */
  async step(rounds = 1): Promise<Round> {
    await this.#driver.step(rounds);
    return this.#board.log.rounds.at(-1)!;
  }

  /**
   * Goes on until it ends, or until `pause`. A verifier outside that does not answer pauses it too, with the `reason`; run again, it asks again.
   * Rejects with the error of a search that failed.
   */
  async run(): Promise<SearchRun> {
    await this.#driver.run();
    return this;
  }

  /** What a person is to answer while the search is waiting. */
  get question(): QuestionRecord | undefined {
    return this.#desk.question;
  }

  /** Answers the question. Throws for what is no answer to it; then the search still waits. */
  pick(pick: Pick): void {
    this.#desk.pick(pick);
  }

  /** A search that runs halts before its next engine call; one that steps, at the end of its round; one that waits for a
   * person, at once. */
  pause(): void {
    this.#driver.pause();
  }

  /** Ends it. What the engine is doing is cut off between two model calls, billed, and not used. */
  stop(): void {
    this.#driver.stop();
  }

  /**
   * A new run that shares everything up to the candidate `from`, for nothing, and then goes its own way with the changes given. It leaves this
   * run at the first selection in which `from` stood as it is now; if it was not chosen there, the fork chooses it as if it had been
   * picked by hand (it takes the place of the last one kept; in a resampling it wins every draw). The same algorithm with other options goes on
   * from there; another algorithm begins there, and the first noise that it asks for is that of `from`. Limits of a budget count the
   * shared beginning.
   */
  fork(from: Candidate | CandidateId, changes: ForkChanges = {}): SearchRun {
    return this.forkAfter(this.operations, from, changes);
  }

  /** The same as if it had been forked when it had carried out no more than so many operations: as a fork's record says. */
  forkAfter(operations: number, from: Candidate | CandidateId, changes: ForkChanges = {}): SearchRun {
    const id: unknown = typeof from === "string" ? from : (from as Partial<Candidate> | undefined)?.id;
    if (typeof id !== "string") {
      throw new InputError(
        'fork: there is no candidate to fork from; give one of run.candidates or its id, e.g. "r1-c0". A run whose candidates all failed has no best.',
      );
    }
    const candidate = this.candidate(id).id;
    const { algorithm, problem, origin } = this.#parts;
    const tape = this.#board.tape.until(operations);
    const record: ForkRecord = {
      ...{ run: this.id, candidate, operations: tape.entries.length },
      algorithm: { name: algorithm.name, options: algorithm.options },
      problem: problem.record,
      ...(origin ? { fork: origin.record } : {}),
    };
    return this.#parts.forkWith({ record, tape, algorithm, algorithms: this.algorithms }, changes);
  }

  /** How many it has carried out. */
  get operations(): number {
    return this.#board.tape.entries.length;
  }

  /**
   * The x0-prediction of a candidate's lineage at a noise level (1 = pure noise, 0 = clean), in pixels. Where its way had an evaluation it is the
   * prediction from that: the way is made again as far as there, with the same noise where it is stochastic. Between two of its levels it is
   * that one step of Euler's method below the upper one. The cost is the session's: the evaluations of the way as far as there, unless they
   * were made again before. Throws for levels that the lineage has not come to.
   */
  async preview(id: CandidateId, level: number): Promise<Image> {
    const node = this.#board.tree.find(id);
    return this.#reader.preview(node, level);
  }

  candidate(id: CandidateId): Candidate {
    const node = this.#board.tree.find(id);
    if (!node.entered) throw new InputError(`The search has no candidate "${id}" yet.`);
    return this.#view(node);
  }

  /** Its rounds from the first: those that it has, then further ones, each made when it is asked for, until it ends or is paused. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Round, void> {
    const driver = this.#driver;
    const asked = driver.pauses;
    const { rounds } = this.#board.log;
    for (let index = 0; ; index++) {
      if (index >= rounds.length) {
        if (driver.hasFailed) throw driver.whyNot();
        if (driver.isOver || driver.pauses !== asked) return;
        // A search that ends without another round is no error here.
        await this.step().catch((error: unknown) => {
          if (!driver.isOver || driver.hasFailed) throw error;
        });
      }
      const round = rounds[index];
      if (!round) return;
      yield round;
    }
  }

  /** The serialisable truth of the run; every view is drawn from it. The same search gives the same bytes in another process. */
  record(): SearchRecord {
    return recordOf(this.#parts, this.#board, this.head());
  }

  /** What of the record is neither candidates nor rounds and may change. */
  head(): SearchDelta["head"] {
    const { log, notices, context } = this.#board;
    const { question } = this;
    return {
      state: this.state,
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      ...(log.best ? { best: log.best.id } : {}),
      spent: log.account.cost(),
      notices: notices.list(),
      ...(context.picks.length > 0 ? { picks: [...context.picks] } : {}),
      ...(question ? { question } : {}),
    };
  }

  /** `index` from 1. */
  roundRecord(index: number): RoundRecord | undefined {
    return this.#board.log.records[index - 1];
  }

  /** Calls back after each engine call with what it changed; returns what ends that. The listener must not throw. */
  onChange(listener: (change: RunChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get #board(): Board {
    return this.#driver.interpreter.board;
  }

  #view(node: Node): Candidate {
    const known = this.#views.get(node);
    if (known) return known;
    const view = new Candidate(node, this.#reader);
    this.#views.set(node, view);
    return view;
  }

  #tell(): void {
    const { tree, log } = this.#board;
    const changed = tree.takeChanged();
    // Who begins to listen takes a snapshot first.
    if (this.#listeners.size === 0) return;
    const candidates = changed.map(({ id }) => id);
    const rounds = log.records.slice(this.#roundsTold).map(({ index }) => index);
    this.#roundsTold = log.records.length;
    for (const listener of [...this.#listeners]) listener({ candidates, rounds });
  }
}
