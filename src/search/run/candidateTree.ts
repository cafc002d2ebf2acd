import { InputError } from "../inputError.js";
import { aroundId, priorId } from "../engine/tensorId.js";
import type { AroundOp, KeepOp, NoiseOp } from "../engine/op.js";
import type { CandidateId } from "../record.js";
import { Node, type Searched } from "./node.js";

/**
 * The candidates of a run. Those that noise and around make are first only promised: they enter the record, their parents before them,
 * with the first operation that is paid for them, so that what the budget refuses leaves no trace.
 */
export class CandidateTree {
  /** In the record, in the order of creation. */
  readonly entered: Node[] = [];
  /** Since the last `takeChanged`. */
  readonly #changed = new Set<Node>();
  readonly #byId = new Map<CandidateId, Node>();
  readonly #madeInRound = new Map<number, number>();
  #priors = 0;

  readonly #seed: number;
  readonly #shape: readonly number[];
  readonly #searched: Searched;

  constructor(seed: number, shape: readonly number[], searched: Searched) {
    this.#seed = seed;
    this.#shape = shape;
    this.#searched = searched;
  }

  /** `rounds`: how many have ended. */
  noise(op: NoiseOp, rounds: number): Node[] {
    return Array.from({ length: op.count }, () => {
      const key = { seed: this.#seed, path: `noise/${this.#priors++}` };
      const round = op.role === "pivot" ? rounds : rounds + 1;
      const draw = { id: priorId(this.#shape, key), how: "prior", key } as const;
      return this.#promise(new Node({ id: this.#name(round), parents: [], round, op: "noise", draw }));
    });
  }

  around(op: AroundOp, rounds: number): Node[] {
    const pivot = this.find(op.pivot);
    return Array.from({ length: op.count }, () => {
      const round = rounds + 1;
      const id = this.#name(round);
      const key = { seed: this.#seed, path: `around/${id}` };
      const { similarity } = op;
      const from = pivot.draw.id;
      const draw = {
        id: aroundId(from, key, similarity),
        how: "around",
        key,
        pivot: from,
        similarity,
      } as const;
      return this.#promise(new Node({ id, parents: [pivot], round, op: "around", draw }));
    });
  }

  /** The best that have a score, best first; the others of the list are dropped. */
  keep(op: KeepOp): Node[] {
    const nodes = op.candidates.map((id) => this.find(id));
    const scored = nodes.filter((node) => node.status !== "failed" && node.scores.has(this.#searched.name));
    const ranked = scored.map((node, place) => ({ node, place }));
    ranked.sort((a, b) =>
      this.better(a.node, b.node) ? -1 : this.better(b.node, a.node) ? 1 : a.place - b.place,
    );
    const kept = ranked.slice(0, op.best).map(({ node }) => node);
    for (const node of nodes) {
      if (node.status !== "failed") this.mark(node, kept.includes(node) ? "kept" : "dropped");
    }
    return kept;
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
    for (const parent of node.parents) this.enter(parent);
    node.entered = true;
    this.entered.push(node);
    this.touch(node);
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

  /** Whether the first has the strictly better searched score. Both have one. */
  better(a: Node, b: Node): boolean {
    const difference = a.scores.get(this.#searched.name)! - b.scores.get(this.#searched.name)!;
    return this.#searched.direction === "higher" ? difference > 0 : difference < 0;
  }

  #promise(node: Node): Node {
    this.#byId.set(node.id, node);
    return node;
  }

  #name(round: number): CandidateId {
    const index = this.#madeInRound.get(round) ?? 0;
    this.#madeInRound.set(round, index + 1);
    return `r${round}-c${index}`;
  }
}
