import { Account, type Charge } from "../engine/ledger.js";
import type { RoundRecord } from "../record.js";
import type { Candidate } from "./candidate.js";
import type { CandidateTree } from "./candidateTree.js";
import type { Node } from "./node.js";
import type { Round } from "./round.js";

/** The accounts and rounds of a run. What is paid is added to candidate, round and run at once: the three sums cannot differ. */
export class RoundLog {
  readonly rounds: Round[] = [];
  readonly records: RoundRecord[] = [];
  /** Of the whole run. */
  readonly account = new Account();
  best: Node | undefined;
  /** Something has been paid since the last round ended. */
  isOpen = false;
  readonly #tree: CandidateTree;
  readonly #searched: string;
  readonly #view: (node: Node) => Candidate;
  #round = new Account();
  #scored: Node[] = [];

  constructor(tree: CandidateTree, searched: string, view: (node: Node) => Candidate) {
    this.#tree = tree;
    this.#searched = searched;
    this.#view = view;
  }

  bill(node: Node, charge: Charge): void {
    this.isOpen = true;
    node.account.add(charge);
    this.#round.add(charge);
    this.account.add(charge);
  }

  /** The searched score of `node` has come in. */
  settle(node: Node): void {
    const { nfe, forwards } = this.account.cold;
    node.at = { nfe, forwards, verifierCalls: this.account.coldCalls(this.#searched) };
    this.#scored.push(node);
    if (!this.best || this.#tree.better(node, this.best)) this.best = node;
  }

  /** Ends the round if anything happened in it. */
  close(): void {
    if (!this.isOpen) return;
    const index = this.rounds.length + 1;
    const { best } = this;
    this.records.push({
      index,
      candidates: this.#scored.map(({ id }) => id),
      ...(best ? { best: best.id } : {}),
      spent: this.#round.cost(),
    });
    this.rounds.push({
      index,
      candidates: this.#scored.map(this.#view),
      best: best && this.#view(best),
      ledger: this.account.ledger(),
    });
    this.isOpen = false;
    this.#round = new Account();
    this.#scored = [];
  }
}
