import type { DenoiseJob, NoiseJob, TensorId } from "../engine/engine.js";
import { Account } from "../engine/ledger.js";
import type { Handle } from "../engine/op.js";
import type { CandidateId, CandidateRecord, CandidateStatus } from "../record.js";

/** What selection needs to know of the searched verifier. */
export interface Searched {
  readonly name: string;
  readonly direction: "higher" | "lower";
  /** Whose calls its scores cost: itself, or the members of an ensemble. */
  readonly calls: readonly string[];
}

/** The x0-prediction of a candidate at one level. */
export interface Preview {
  readonly level: number;
  readonly lookahead: number;
  readonly state: TensorId;
}

export interface NodeParts {
  readonly id: CandidateId;
  readonly parents: readonly Node[];
  readonly round: number;
  readonly op: string;
  readonly from: number;
  /** Draws its state at `from`; absent when that is the state of its parent. */
  readonly origin?: NoiseJob;
  /** Draws the starting noise of its lineage. */
  readonly draw: NoiseJob;
  /** Of its randomness. */
  readonly key: string;
}

/** A candidate while its run lives: what its record holds, and which tensors it stands for. */
export class Node {
  readonly id: CandidateId;
  readonly parents: readonly Node[];
  readonly round: number;
  readonly op: string;
  readonly from: number;
  readonly origin: NoiseJob | undefined;
  readonly draw: NoiseJob;
  readonly key: string;
  readonly ancestor: CandidateId;
  level: number;
  status: CandidateStatus = "live";
  /** Latest, by verifier; `scoredAt` is the level at which they were given. */
  scores: Readonly<Record<string, number>> = NONE;
  scoredAt: number | undefined;
  earlier: NonNullable<CandidateRecord["earlier"]> = NEVER;
  failure: string | undefined;
  logWeight: number | undefined;
  at: CandidateRecord["at"];
  /** State at `level`. */
  state: TensorId;
  preview: Preview | undefined;
  /** x0-predictions that its own trips kept, by the noise level that a verifier asks for; those before are its parents'. */
  kept: ReadonlyMap<number, TensorId> = NOTHING_KEPT;
  /** Of the state, or of the preview above level 0, in pixels. */
  image: TensorId | undefined;
  readonly account = new Account();
  /** Whether it is in the record: a candidate enters with the first operation that is paid for it. */
  entered = false;
  /** Whether the engine has its state at `from`. */
  drawn = false;
  /** What the engine was asked for to take it down from `from`, in order: each begins where the one before it ended. */
  ways: readonly DenoiseJob[] = NO_WAYS;

  constructor(parts: NodeParts) {
    const { id, parents, round, op, from, origin, draw, key } = parts;
    this.id = id;
    this.parents = parents;
    this.round = round;
    this.op = op;
    this.from = from;
    this.origin = origin;
    this.draw = draw;
    this.key = key;
    this.ancestor = parents[0]?.ancestor ?? id;
    this.level = from;
    this.state = (origin ?? draw).id;
  }

  /** Goes on from the same state with all that is known of it: a copy. */
  inherit(parent: Node): void {
    this.state = parent.state;
    this.scores = parent.scores;
    this.scoredAt = parent.scoredAt;
    this.logWeight = parent.logWeight;
    this.preview = parent.preview;
    this.image = parent.image;
    this.at = parent.at;
  }

  /** Scores at `level` come in; those of another level become earlier ones. */
  score(verifier: string, value: number, level: number): void {
    if (this.scoredAt !== undefined && this.scoredAt !== level) {
      this.earlier = [...this.earlier, { level: this.scoredAt, scores: this.scores }];
      this.scores = NONE;
    }
    this.scoredAt = level;
    this.scores = { ...this.scores, [verifier]: value };
  }

  /** Whether it has the score of `verifier` where it stands. */
  isScored(verifier: string): boolean {
    return this.scoredAt === this.level && Object.hasOwn(this.scores, verifier);
  }

  /** Whether a resampling passed it over: of a sample of the target it is no part, however good its score. */
  get isOutOfSample(): boolean {
    return this.status === "dropped" && this.logWeight === -Infinity;
  }

  /** Latest by `verifier`, at whatever level. */
  scoreBy(verifier: string): number | undefined {
    return Object.hasOwn(this.scores, verifier) ? this.scores[verifier] : undefined;
  }

  handle({ name, direction }: Searched): Handle {
    const score = this.scoreBy(name);
    const parent = this.parents[0];
    return {
      id: this.id,
      level: this.level,
      noise: { candidate: this.id },
      ...(parent ? { parent: parent.id } : {}),
      ancestor: this.ancestor,
      ...(score === undefined ? {} : { score: direction === "higher" ? score : -score }),
      ...(this.logWeight === undefined ? {} : { logWeight: this.logWeight }),
    };
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
      scores: this.scores,
      ...(this.earlier.length === 0 ? {} : { earlier: this.earlier }),
      ...(this.failure === undefined ? {} : { failure: this.failure }),
      ...(this.logWeight === undefined || !Number.isFinite(this.logWeight)
        ? {}
        : { logWeight: this.logWeight }),
      key: this.key,
      cost: this.account.cost(),
      ...(this.at === undefined ? {} : { at: this.at }),
    };
  }
}

const NO_WAYS: readonly DenoiseJob[] = [];
const NOTHING_KEPT: ReadonlyMap<number, TensorId> = new Map();
const NONE: Readonly<Record<string, number>> = {};
const NEVER: NonNullable<CandidateRecord["earlier"]> = [];
