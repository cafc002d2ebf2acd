import type { Algorithm } from "../algorithms/algorithm.js";
import { guidanceRemark } from "../guidance.js";
import { InputError } from "../inputError.js";
import { isPaid, type Op, type PaidOp } from "../engine/op.js";
import { createOps } from "../engine/createOps.js";
import type { Clock } from "../environment.js";
import { Board, type BoardParts } from "./board.js";
import { drawn } from "./context.js";
import { performed, refusalOf, type Outcome } from "./effects.js";
import { askEngine, type EngineAnswer, type EngineCall, type Work } from "./engineCall.js";
import { toFinish } from "./finishing.js";
import type { CandidateId } from "../record.js";
import { Unavailable } from "../verifiers/unavailable.js";
import type { Node } from "./node.js";
import { ScoringAhead } from "./scoringAhead.js";
import type { PickDesk } from "./pickDesk.js";
import type { ResolvedProblem } from "../problem.js";
import type { Beginning } from "./fork.js";
import { Program, type Answer } from "./program.js";

/** How a search ended. */
export interface Ending {
  readonly state: "finished" | "stopped" | "failed";
  /** A sentence. */
  readonly reason: string;
}

export interface InterpreterParts extends BoardParts {
  readonly algorithm: Algorithm;
  readonly clock: Clock;
  readonly desk: PickDesk;
  /** What the algorithm is told of: for a fork not yet the problem of its board. */
  readonly asks: ResolvedProblem;
}

/** The operation under way, and what it wants next. */
interface UnderWay {
  readonly op: PaidOp;
  readonly work: Work<Outcome>;
  readonly call: EngineCall;
}

/** A call that nobody answered, and the candidates that wait for it. */
interface Suspension {
  readonly reason: string;
  readonly waiting: readonly {
    readonly node: Node;
    readonly status: Node["status"];
    readonly failure: string | undefined;
  }[];
}

/** Free operations in a row; more of them for an algorithm that treats each candidate of a large population by itself. */
const MANY = 10_000;
const PER_CANDIDATE = 20;

/**
 * Carries out what the algorithm asks for, one engine call at a time, and decides when it ends. It knows nothing of steps and pauses:
 * who calls `perform` does.
 */
export class Interpreter {
  readonly board: Board;
  readonly #parts: InterpreterParts;
  readonly program: Program;
  #ending: Ending | undefined;
  /** Affordable, and not yet begun. */
  #pending: PaidOp | undefined;
  #underWay: UnderWay | undefined;
  #suspension: Suspension | undefined;
  readonly #beginning: Beginning;
  readonly #ahead: ScoringAhead;
  /** Why the budget has ended the algorithm, while the search finishes a candidate by itself. */
  #refusal: string | undefined;
  /** Operations since the engine last had something to do. */
  #idle = 0;
  #begun = false;

  /** `prepare` plays the beginning that a fork shares. */
  constructor(
    parts: InterpreterParts,
    prepare: (board: Board, program: Program) => Beginning = () => ({ answer: [] }),
  ) {
    this.#parts = parts;
    const { record, sampling } = parts.asks;
    this.board = new Board(parts);
    this.program = new Program(parts.algorithm, createOps(record, sampling.levels, sampling.course.point));
    this.#beginning = prepare(this.board, this.program);
    this.#ahead = new ScoringAhead(parts);
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  get begun(): boolean {
    return this.#begun;
  }

  /** Why it cannot go on at present, as a sentence: a verifier outside does not answer. */
  get suspended(): string | undefined {
    return this.#suspension?.reason;
  }

  /** Notes what the model says of the condition that is asked for. */
  async #remark(): Promise<void> {
    const { engine, asks } = this.#parts;
    const { condition, guided } = asks.sampling;
    const remark = guidanceRemark(guided, condition);
    if (remark) this.board.notices.add(remark);
    if (!condition || !engine.model.textConditioned) return;
    for (const sentence of await engine.remarks(condition.condition)) this.board.notices.add(sentence);
  }

  /**
   * One engine call, and after the last one of an operation the free operations up to the next. Ends the search when the algorithm ends or no
   * candidate is affordable any more. `abort` cuts the call off between two model calls, by the caller or by the time limit;
   * `stopped`: whether it was the caller. False when it waited for a person and was called back: it waits again the next time.
   */
  async perform(abort: AbortController, stopped: () => boolean): Promise<boolean> {
    if (!this.#begun) {
      this.#begun = true;
      await this.#remark();
      this.#demand(this.#beginning.answer, this.#beginning.asked);
    }
    if (this.#ending) return true;
    const { board } = this;
    const { guard } = board.context;
    board.context.arrived = (op, nodes) => this.#ahead.begin(board.context, op, nodes, abort.signal);
    if (!this.#underWay) {
      const op = this.#pending!;
      const work = performed(board.context, op, board.rounds);
      const first = work.next();
      if (first.done) {
        this.#settle(op, first.value);
        return true;
      }
      this.#underWay = { op, work, call: first.value };
    }
    const { op, work, call } = this.#underWay;
    this.#resume();
    let late = false;
    const cutOff = (): void => {
      late = true;
      abort.abort();
    };
    // A person's time is not the search's.
    const cancel = call.kind === "ask" ? undefined : this.#atTimeLimit(cutOff);
    let answer: EngineAnswer;
    try {
      answer = await this.#ahead.answer(call, abort.signal);
      if (abort.signal.aborted) await this.#ahead.quiet();
    } catch (error) {
      if (!(error instanceof Unavailable) || call.kind !== "judge") throw error;
      if (stopped()) this.stop();
      else if (late) this.end("finished", guard.timeRefusal);
      else this.#suspend(call.verifier.name, call.candidates, error.message);
      return false;
    } finally {
      cancel?.();
    }
    if (answer.withdrawn) {
      if (stopped()) this.stop();
      return false;
    }
    const step = work.next(answer);
    this.#underWay = step.done ? undefined : { op, work, call: step.value };
    if (call.kind !== "noise") {
      board.tape.answers.push(answer);
      this.#idle = 0;
    }
    if (stopped()) this.stop();
    else if (late) this.end("finished", guard.timeRefusal);
    else if (step.done) this.#settle(op, step.value);
    return true;
  }

  stop(): void {
    const { log } = this.board;
    const where = log.isOpen ? `in round ${this.board.rounds + 1}` : `after ${this.#countRounds()}`;
    this.end("stopped", `Stopped ${where}.`);
  }

  /** Resolves when nothing is under way any more; before the next `perform` nothing begins. Never rejects. */
  quiet(): Promise<void> {
    return this.#ahead.quiet();
  }

  /** Those who wait for the answer count as failed, with the reason, until it is asked for again. */
  #suspend(verifier: string, candidates: readonly CandidateId[], why: string): void {
    const { tree } = this.board;
    const waiting = candidates.map((id) => {
      const node = tree.find(id);
      const { status, failure } = node;
      node.failure = `verifier ${verifier}: ${why}`;
      tree.mark(node, "failed");
      tree.touch(node);
      return { node, status, failure };
    });
    this.#suspension = {
      reason: `Verifier ${verifier} does not answer: ${why} Nothing is lost: go on to ask again.`,
      waiting,
    };
  }

  #resume(): void {
    for (const { node, status, failure } of this.#suspension?.waiting ?? []) {
      node.failure = failure;
      this.board.tree.mark(node, status);
      this.board.tree.touch(node);
    }
    this.#suspension = undefined;
  }

  /** Ends the search with what it has; a second end has no effect. */
  end(state: Ending["state"], reason: string): void {
    if (this.#ending) return;
    this.#ending = { state, reason };
    this.#suspension = undefined;
    this.#ahead.settle(this.board.context);
    this.#underWay?.work.return({ alive: [], asked: 0 });
    this.#underWay = undefined;
    this.program.close();
    const { log, tree } = this.board;
    log.close();
    // Whom the search has taken to level 0 by itself is its result, whatever a resampling thought of it before.
    const isFinished = this.#refusal !== undefined;
    if (log.best && (isFinished || !log.best.isOutOfSample)) tree.mark(log.best, "final");
  }

  /** Sees to it that the engine has what candidates start at. */
  async draw(nodes: readonly Node[]): Promise<void> {
    const work = drawn(nodes);
    for (let step = work.next(); !step.done;) {
      const { signal } = new AbortController();
      step = work.next(await askEngine(this.#parts, step.value, signal));
    }
  }

  #settle(op: PaidOp, { alive, asked, refusal }: Outcome): void {
    this.#pending = undefined;
    if (this.#refusal !== undefined) return this.#finishFurther(op, alive);
    if (alive.length === 0 && refusal !== undefined) return this.#refused(op, refusal);
    if (refusal !== undefined) {
      const round = this.board.rounds + 1;
      this.board.notices.add(`Round ${round} has ${alive.length} of ${asked} candidates. ${refusal}`);
    }
    this.#demand(this.board.paid(op, alive));
  }

  /** Takes the algorithm to its next paid operation, so that a run knows before a round begins whether another one will come. */
  #demand(given: Answer, asked?: Op): void {
    let answer = given;
    let next = asked;
    const most = MANY + PER_CANDIDATE * given.length;
    for (;;) {
      const op = next ?? this.program.next(answer);
      next = undefined;
      if (!op) return this.#finish(undefined);
      if (++this.#idle > most) {
        throw new InputError(
          `Algorithm ${this.#parts.algorithm.name} made ${most} operations without denoising or scoring a candidate.`,
        );
      }
      if (isPaid(op)) {
        answer = [];
        if (op.candidates.length === 0) continue;
        const refusal = refusalOf(this.board.context, op);
        if (refusal !== undefined) return this.#refused(op, refusal);
        this.#pending = op;
        return;
      }
      const reply = this.board.carryOut(op);
      if ("end" in reply) return this.#finish(reply.end);
      answer = reply.answer;
    }
  }

  /** The budget does not pay for what the algorithm asks for. Without a clean sample by then the search finishes one by itself. */
  #refused(op: PaidOp, refusal: string): void {
    const { context, log, tape } = this.board;
    const { guard, tree, problem } = context;
    const asked = op.candidates.map((id) => tree.find(id));
    const node = context.keepsReserve() ? toFinish(context, log.best, asked, guard.nfeLeft) : undefined;
    if (!node) return this.end("finished", refusal);
    this.#refusal = refusal;
    this.program.close();
    tape.ends = tape.entries.length;
    const candidates = [node.id];
    if (node.level === 0) return void (this.#pending = { kind: "score", candidates });
    this.#pending = { kind: "denoise", candidates, to: 0, eta: problem.sampling.eta };
  }

  #finishFurther(op: PaidOp, alive: readonly Node[]): void {
    this.board.paid(op, alive);
    if (op.kind === "denoise" && alive.length > 0) {
      const candidates = alive.map(({ id }) => id);
      this.board.notices.add(
        `The budget ended the search before it had a clean sample: ${candidates.join()} was taken to level 0 outside of the algorithm.`,
      );
      this.#pending = { kind: "score", candidates };
      return;
    }
    this.end("finished", this.#refusal!);
  }

  /** Its own end. What is still open is a last round, and counts. */
  #finish(reason: string | undefined): void {
    this.board.log.close();
    this.end("finished", reason ?? `The search came to its own end after ${this.#countRounds()}.`);
  }

  #atTimeLimit(callback: () => void): () => void {
    const left = this.board.context.guard.millisecondsLeft;
    return left === undefined ? () => undefined : this.#parts.clock.after(left, callback);
  }

  #countRounds(): string {
    const count = this.board.rounds;
    return `${count} ${count === 1 ? "round" : "rounds"}`;
  }
}
