import { Account, type Charge } from "../engine/ledger.js";
import type { ParticleRecord, RoundRecord } from "../record.js";
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
  /** Clean candidates come before previews, and of these the ones that are farther down the levels; then by the searched score. */
  best: Node | undefined;
  /** The latest weights of the round. */
  particles: ParticleRecord | undefined;
  /** Something has been paid since the last round ended. */
  isOpen = false;
  /** What compares candidates of different rounds where the score does not: higher is better. */
  standing: (node: Node) => number | undefined = () => undefined;
  readonly #tree: CandidateTree;
  readonly #view: (node: Node) => Candidate;
  #round = new Account();
  readonly #scored = new Set<Node>();

  constructor(tree: CandidateTree, view: (node: Node) => Candidate) {
    this.#tree = tree;
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
    const verifierCalls = this.#tree.searched.calls.reduce(
      (sum, name) => sum + this.account.coldCalls(name),
      0,
    );
    node.at = { nfe, forwards, verifierCalls };
    this.#scored.add(node);
    if (!this.best || this.#leads(node, this.best)) this.best = node;
  }

  /** The searched verifier is another one: who is best is open until it has scored. */
  reconsider(): void {
    this.best = undefined;
    for (const node of this.#tree.entered) {
      if (this.#tree.scoreOf(node) === undefined) continue;
      if (!this.best || this.#leads(node, this.best)) this.best = node;
    }
  }

  #leads(node: Node, best: Node): boolean {
    const [at, bestAt] = [node.scoredAt!, best.scoredAt!];
    if (at !== bestAt) return at < bestAt;
    const [standing, bestStanding] = [this.standing(node), this.standing(best)];
    if (standing === undefined || bestStanding === undefined) return this.#tree.better(node, best);
    return standing > bestStanding;
  }

  /** Ends the round if anything happened in it. */
  close(): void {
    if (!this.isOpen) return;
    const index = this.rounds.length + 1;
    const { best } = this;
    this.records.push({
      index,
      candidates: [...this.#scored].map(({ id }) => id),
      ...(best ? { best: best.id } : {}),
      spent: this.#round.cost(),
      ...(this.particles ? { particles: this.particles } : {}),
    });
    this.rounds.push({
      index,
      candidates: [...this.#scored].map(this.#view),
      best: best && this.#view(best),
      ledger: this.account.ledger(),
    });
    this.isOpen = false;
    this.#round = new Account();
    this.#scored.clear();
    this.particles = undefined;
  }
}
