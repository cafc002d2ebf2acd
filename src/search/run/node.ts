import type { NoiseJob, TensorId } from "../engine/engine.js";
import { Account } from "../engine/ledger.js";
import type { Handle } from "../engine/op.js";
import type { CandidateId, CandidateRecord, CandidateStatus } from "../record.js";

/** What selection needs to know of the searched verifier. */
export interface Searched {
  readonly name: string;
  readonly direction: "higher" | "lower";
}

/** A candidate while its run lives: what its record holds, and which tensors it stands for. */
export class Node {
  readonly id: CandidateId;
  readonly parents: readonly Node[];
  readonly round: number;
  readonly op: string;
  readonly from: number;
  /** Draws its starting noise. */
  readonly draw: NoiseJob;
  level: number;
  status: CandidateStatus = "live";
  readonly scores = new Map<string, number>();
  failure: string | undefined;
  at: CandidateRecord["at"];
  /** State at `level`. */
  state: TensorId;
  image: TensorId | undefined;
  readonly account = new Account();
  /** Whether it is in the record: a candidate enters with the first operation that is paid for it. */
  entered = false;
  /** Whether the engine has its starting noise. */
  drawn = false;

  constructor(parts: {
    readonly id: CandidateId;
    readonly parents: readonly Node[];
    readonly round: number;
    readonly op: string;
    readonly draw: NoiseJob;
  }) {
    this.id = parts.id;
    this.parents = parts.parents;
    this.round = parts.round;
    this.op = parts.op;
    this.draw = parts.draw;
    this.from = 1;
    this.level = 1;
    this.state = parts.draw.id;
  }

  handle({ name, direction }: Searched): Handle {
    const score = this.scores.get(name);
    const turned = score === undefined ? {} : { score: direction === "higher" ? score : -score };
    return { id: this.id, level: this.level, noise: { candidate: this.id }, ...turned };
  }

  /** Fields always in the same order: the same candidate gives the same bytes. */
  record(): CandidateRecord {
    return {
      id: this.id,
      parents: this.parents.map(({ id }) => id),
      round: this.round,
      op: this.op,
      from: this.from,
      level: this.level,
      status: this.status,
      scores: Object.fromEntries(this.scores),
      ...(this.failure === undefined ? {} : { failure: this.failure }),
      key: this.draw.key.path,
      cost: this.account.cost(),
      ...(this.at === undefined ? {} : { at: this.at }),
    };
  }
}
