import type { Algorithm } from "../algorithms/algorithm.js";
import type { EngineAnswer, Work } from "./engineCall.js";
import { isPaid, type Op } from "../engine/op.js";
import type { ResolvedProblem } from "../problem.js";
import type { CandidateId, ForkRecord } from "../record.js";
import type { Board } from "./board.js";
import { performed, type Outcome } from "./effects.js";
import type { Answer, Program } from "./program.js";
import { forkPoint, picked, type Tape, type TapeEntry } from "./tape.js";

/** Where a fork comes from. */
export interface Origin {
  readonly record: ForkRecord;
  readonly tape: Tape;
  readonly algorithm: Algorithm;
  /** That one, and those of the runs before it. */
  readonly algorithms: readonly Algorithm[];
}

/** What the algorithm of a fork goes on with. */
export interface Beginning {
  readonly answer: Answer;
  /** What it asked for before it took its own way: still to be carried out. */
  readonly asked?: Op;
}

/**
 * Plays the beginning of the other run on the empty board of a fork: the same candidates, scores and costs, nothing of it paid again. The
 * algorithm is told the outcomes; where it asks for another kind of operation than the run had, it goes its own way from there.
 */
export function shareBeginning(
  board: Board,
  program: Program,
  origin: Origin,
  own: { readonly algorithm: Algorithm; readonly problem: ResolvedProblem },
): Beginning {
  const { tape } = origin;
  const { candidate } = origin.record;
  const { length, isSelection } = forkPoint(tape, candidate);
  const isAsked = length >= tape.begins && length <= (tape.ends ?? Infinity);
  const follows = own.algorithm.name === origin.algorithm.name && isAsked;
  const player = new Player(board, tape.answers);
  let answer: Answer = [];
  board.billsSession = false;
  try {
    for (const [index, entry] of tape.entries.slice(0, length).entries()) {
      if (follows && index >= tape.begins) {
        const asked = nextOf(program, index === tape.begins ? [] : answer);
        if (asked?.kind !== entry.op.kind) {
          const what = asked ? `asks for ${asked.kind}` : "ends";
          board.notices.add(
            `The fork goes its own way before ${candidate}: it ${what} where the run had ${entry.op.kind}.`,
          );
          return goOn(board, own.problem, answer, asked);
        }
      }
      answer = player.play(entry);
    }
    board.tape.begins = tape.begins;
    if (isSelection) {
      const { op } = tape.entries[length]!;
      const asked = follows ? nextOf(program, answer) : op;
      board.turnTo(own.problem);
      if (asked?.kind !== op.kind) return goOn(board, own.problem, answer, asked);
      answer = player.pick(asked, candidate);
    }
    if (follows) return goOn(board, own.problem, answer);
    board.turnTo(own.problem);
    if (board.log.isOpen) board.carryOut({ kind: "endRound" });
    board.tape.begins = board.tape.entries.length;
    board.startFrom(board.tree.find(candidate));
    return { answer: [] };
  } finally {
    board.billsSession = true;
  }
}

function goOn(board: Board, problem: ResolvedProblem, answer: Answer, asked?: Op): Beginning {
  board.turnTo(problem);
  return { answer, ...(asked ? { asked } : {}) };
}

/** Operations on no candidates are on no tape. */
function nextOf(program: Program, given: Answer): Op | undefined {
  let op = program.next(given);
  while (op && isPaid(op) && op.candidates.length === 0) op = program.next([]);
  return op;
}

class Player {
  readonly #board: Board;
  readonly #answers: readonly EngineAnswer[];
  #next = 0;

  constructor(board: Board, answers: readonly EngineAnswer[]) {
    this.#board = board;
    this.#answers = answers;
  }

  play({ op, choice, problem, start }: TapeEntry): Answer {
    const board = this.#board;
    board.turnTo(problem);
    if (start !== undefined) board.startFrom(board.tree.find(start));
    if (isPaid(op)) return board.paid(op, this.#work(performed(board.context, op, board.rounds)).alive);
    const reply = board.carryOut(op, (own) => choice ?? own);
    return "answer" in reply ? reply.answer : [];
  }

  pick(op: Op, candidate: CandidateId): Answer {
    if (isPaid(op)) throw new Error(`${op.kind} is no selection.`);
    const reply = this.#board.carryOut(op, (own) => picked(op, own, candidate));
    return "answer" in reply ? reply.answer : [];
  }

  /** The engine's answers come from the tape; nothing is paid for them. */
  #work(work: Work<Outcome>): Outcome {
    let step = work.next();
    while (!step.done) {
      const answer = step.value.kind === "noise" ? NOTHING : this.#answers[this.#next++];
      if (!answer) throw new Error(`The tape ends in the middle of a ${step.value.kind}.`);
      if (step.value.kind !== "noise") this.#board.tape.answers.push(answer);
      step = work.next({ ...answer, results: answer.results.map(unpaid), cached: true, milliseconds: 0 });
    }
    return step.value;
  }
}

const NOTHING: EngineAnswer = { results: [], milliseconds: 0 };

function unpaid<T extends object>(result: T): T {
  return { ...result, cached: true };
}
