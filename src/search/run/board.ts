import { BudgetGuard } from "../engine/budget.js";
import type { Engine } from "../engine/engine.js";
import type { Charge } from "../engine/ledger.js";
import { isChoosing, type Handle, type MakingOp, type Op, type PaidOp } from "../engine/op.js";
import type { ResolvedProblem } from "../problem.js";
import type { CandidateId } from "../record.js";
import { leavesOf } from "../verifiers/ensemble.js";
import type { Verifier } from "../verifiers/verifier.js";
import type { Candidate } from "./candidate.js";
import { CandidateTree } from "./candidateTree.js";
import { Choosing, type Choice } from "./choosing.js";
import type { Context } from "./context.js";
import { Ensembles } from "./ensembles.js";
import { Making, type MakingProblem } from "./making.js";
import type { Node, Searched } from "./node.js";
import { Notices } from "./notices.js";
import { particleRecord } from "./particles.js";
import type { Answer } from "./program.js";
import { RoundLog } from "./roundLog.js";
import { Tape, type TapeEntry } from "./tape.js";

export interface BoardParts {
  readonly engine: Engine;
  readonly problem: ResolvedProblem;
  /** Adds to the session's account. */
  readonly bill: (charge: Charge) => void;
  /** Milliseconds in which the search has run. */
  readonly milliseconds: () => number;
  readonly view: (node: Node) => Candidate;
}

/** An operation's answer, or the reason for which the search ends with it. */
export type Reply = { readonly answer: Answer } | { readonly end: string | undefined };

export type FreeOp = Exclude<Op, PaidOp>;

/** All that a run knows: candidates, rounds, accounts, and the tape of what was done. Carries out the operations that need no engine. */
export class Board {
  readonly tree: CandidateTree;
  readonly log: RoundLog;
  readonly notices = new Notices();
  readonly context: Context;
  readonly tape = new Tape();
  readonly #making: Making;
  readonly #choosing: Choosing;
  /** Off while a tape is played: what is shared is not paid again. */
  billsSession = true;
  /** The first noise that is asked for is that of this candidate. */
  #firstNoise: Node | undefined;

  constructor({ engine, problem, bill, milliseconds, view }: BoardParts) {
    const { searched, heldOut, budget } = problem;
    this.tree = new CandidateTree(searchedOf(searched));
    this.log = new RoundLog(this.tree, view);
    this.#making = new Making(this.tree, engine.model.latent, makingOf(problem));
    this.#choosing = new Choosing(this.tree, this.#making);
    const ensembles = new Ensembles(this.tree);
    this.log.standing = (node) => ensembles.standing(this.tree.searched.name, node);
    const names = [searched, ...heldOut].flatMap(leavesOf).map(({ name }) => name);
    this.context = {
      ...{ engine, problem, tree: this.tree, making: this.#making, notices: this.notices },
      guard: new BudgetGuard(budget, this.log.account, names, milliseconds),
      made: new Set(),
      picks: [],
      bill: (node, charge) => {
        this.log.bill(node, charge);
        if (this.billsSession) bill(charge);
      },
      keepsReserve: () => this.log.best?.scoredAt !== 0 && this.tape.ends === undefined,
      scored: (node) => this.log.settle(node),
      reconsider: () => this.log.reconsider(),
      ensembles,
      arrived: () => undefined,
    };
  }

  get rounds(): number {
    return this.log.rounds.length;
  }

  /** From here on it is about another problem. */
  turnTo(problem: ResolvedProblem): void {
    if (problem === this.context.problem) return;
    const { searched, heldOut, budget } = problem;
    this.context.problem = problem;
    this.#making.problem = makingOf(problem);
    this.tree.search(searchedOf(searched));
    this.log.reconsider();
    const names = [searched, ...heldOut].flatMap(leavesOf).map(({ name }) => name);
    this.context.guard.limit(budget, names);
  }

  startFrom(node: Node): void {
    this.#firstNoise = node;
  }

  /** `choice`: for a selection, what is chosen instead of what it would choose. */
  carryOut(op: FreeOp, choose: (own: Choice) => Choice = (own) => own): Reply {
    if (isChoosing(op)) {
      const choice = choose(this.#choosing.decide(op));
      const nodes = this.#choosing.apply(op, choice, this.rounds);
      if (op.kind === "resample") this.#weighed(op.candidates, op.logWeights, true);
      return this.#reply(op, nodes, choice);
    }
    switch (op.kind) {
      case "weigh": {
        const nodes = op.candidates.map((id) => this.tree.find(id));
        nodes.forEach((node, i) => {
          node.logWeight = op.logWeights[i];
          this.tree.touch(node);
        });
        this.#weighed(op.candidates, op.logWeights, false);
        return this.#reply(op, nodes);
      }
      case "random":
        this.#note(op, []);
        return { answer: this.#making.chance("random", op.count) };
      case "endRound": {
        this.log.close();
        const end = this.context.guard.roundsRefusal(this.rounds);
        const reply = this.#reply(op, []);
        return end === undefined ? reply : { end };
      }
      case "finish":
        return { end: op.reason };
      default: {
        const start = op.kind === "noise" ? this.#firstNoise?.id : undefined;
        return this.#reply(op, this.#make(op), undefined, start);
      }
    }
  }

  /** A paid operation has ended with these alive. */
  paid(op: PaidOp, alive: readonly Node[]): readonly Handle[] {
    this.#note(op, alive);
    return this.handles(alive);
  }

  handles(nodes: readonly Node[]): Handle[] {
    return nodes.map((node) => node.handle(this.tree.searched));
  }

  #make(op: MakingOp): Node[] {
    const first = this.#firstNoise;
    if (!first || op.kind !== "noise") return this.#making.make(op, this.rounds);
    this.#firstNoise = undefined;
    if (op.role === "pivot") return [first];
    const rest = this.#making.make({ ...op, count: op.count - 1 }, this.rounds);
    return [this.#making.again(first, this.rounds), ...rest];
  }

  #weighed(candidates: readonly string[], logWeights: readonly number[], resampled: boolean): void {
    this.log.particles = particleRecord(
      candidates.map((id) => this.tree.find(id).ancestor),
      logWeights,
      resampled,
    );
  }

  #reply(op: Op, nodes: readonly Node[], choice?: Choice, start?: CandidateId): Reply {
    this.#note(op, nodes, { ...(choice ? { choice } : {}), ...(start === undefined ? {} : { start }) });
    return { answer: this.handles(nodes) };
  }

  #note(op: Op, nodes: readonly Node[], more: Pick<TapeEntry, "choice" | "start"> = {}): void {
    const { problem } = this.context;
    this.tape.entries.push({ op, answer: nodes.map(({ id }) => id), problem, ...more });
  }
}

/** What the tree knows of a verifier: the compute axis counts the calls of those that are really asked. */
function searchedOf(verifier: Verifier): Searched {
  const { name, direction } = verifier;
  return { name, direction, calls: leavesOf(verifier).map((leaf) => leaf.name) };
}

function makingOf({ record, sampling }: ResolvedProblem): MakingProblem {
  return { seed: record.seed, noise: sampling.noise, course: sampling.course };
}
