import { InputError } from "../inputError.js";
import type { CandidateId } from "../record.js";
import { Node, type NodeParts, type Searched } from "./node.js";

/**
 * The candidates of a run. Those that chance makes are first only promised: they enter the record, their parents before them, with the
 * first operation that is paid for them, so that what the budget refuses leaves no trace.
 */
export class CandidateTree {
  /** In the record, in the order of entering. */
  readonly entered: Node[] = [];
  /** Since the last `takeChanged`. */
  readonly #changed = new Set<Node>();
  readonly #byId = new Map<CandidateId, Node>();
  readonly #madeInRound = new Map<number, number>();
  #searched: Searched;

  constructor(searched: Searched) {
    this.#searched = searched;
  }

  get searched(): Searched {
    return this.#searched;
  }

  /** A fork may ask another verifier from here on. */
  search(searched: Searched): void {
    this.#searched = searched;
  }

  /** "r3-c1": the second of round 3. */
  nameIn(round: number): CandidateId {
    const index = this.#madeInRound.get(round) ?? 0;
    this.#madeInRound.set(round, index + 1);
    return `r${round}-c${index}`;
  }

  promise(parts: NodeParts): Node {
    const node = new Node(parts);
    this.#byId.set(node.id, node);
    return node;
  }

  find(id: CandidateId): Node {
    const node = this.#byId.get(id);
    if (node) return node;
    throw new InputError(
      `The search has no candidate "${id}". Candidates are named r1-c0: the first of round 1.`,
    );
  }

  /** Puts a candidate into the record, its parents before it. */
  enter(node: Node): void {
    if (node.entered) return;
    // No recursion: a lineage may be longer than the stack.
    const path = [node];
    while (path.length > 0) {
      const next = path.at(-1)!;
      const parent = next.parents.find(({ entered }) => !entered);
      if (parent) path.push(parent);
      else {
        path.pop();
        if (next.entered) continue;
        next.entered = true;
        this.entered.push(next);
        this.touch(next);
      }
    }
  }

  mark(node: Node, status: Node["status"]): void {
    if (node.status === status) return;
    node.status = status;
    this.touch(node);
  }

  touch(node: Node): void {
    if (node.entered) this.#changed.add(node);
  }

  /** Those that changed since the last call; new ones in the order of creation. */
  takeChanged(): Node[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** The searched score, turned so that higher is better; undefined if it has none or failed. */
  scoreOf(node: Node): number | undefined {
    const { name, direction } = this.#searched;
    const score = node.status === "failed" ? undefined : node.scoreBy(name);
    return score === undefined || direction === "higher" ? score : -score;
  }

  /** Whether the first has the strictly better searched score. Both have one. */
  better(a: Node, b: Node): boolean {
    return this.scoreOf(a)! > this.scoreOf(b)!;
  }
}
