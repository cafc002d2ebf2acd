import type { Image } from "../image.js";
import type { Ledger } from "../engine/ledger.js";
import type { CandidateId, CandidateRecord, CandidateStatus } from "../record.js";
import type { Tensor } from "../tensor.js";
import type { Node } from "./node.js";

/** Fetches what a candidate stands for from where tensors live. */
export interface CandidateSource {
  image(node: Node): Promise<Image>;
  preview(node: Node, level: number): Promise<Image>;
  latent(node: Node): Promise<Tensor>;
  noise(node: Node): Promise<Tensor>;
}

/** A live view of one candidate: it shows what the run knows now. */
export class Candidate {
  readonly #node: Node;
  readonly #source: CandidateSource;

  constructor(node: Node, source: CandidateSource) {
    this.#node = node;
    this.#source = source;
  }

  get id(): CandidateId {
    return this.#node.id;
  }

  get parents(): readonly CandidateId[] {
    return this.#node.parents.map(({ id }) => id);
  }

  get round(): number {
    return this.#node.round;
  }

  /** 1 = pure noise, 0 = clean. */
  get level(): number {
    return this.#node.level;
  }

  get status(): CandidateStatus {
    return this.#node.status;
  }

  /** By verifier; one that failed is absent. */
  get scores(): Readonly<Record<string, number>> {
    return this.#node.scores;
  }

  get failure(): string | undefined {
    return this.#node.failure;
  }

  /** Log weight, for the particle methods. */
  get logWeight(): number | undefined {
    return this.#node.logWeight;
  }

  /** What was really paid for it, with the cold cost beside it. */
  get cost(): Ledger {
    return this.#node.account.ledger();
  }

  /** Whether its image is there without computing anything. */
  get decoded(): boolean {
    return this.#node.image !== undefined;
  }

  /** In pixels: the clean state, or at a level above 0 its preview, or the noisy state where there is none. Not billed to the search. */
  image(): Promise<Image> {
    return this.#source.image(this.#node);
  }

  /**
   * A glance at what it is going to be: the x0-prediction where it stands, in pixels of the quickest decoder that the model has (TAESD, or linear
   * colours at the size of the latent). What it costs, an NFE unless the network was asked there before and a decode unless the colours are
   * linear, is billed to the session and not to the search.
   */
  preview(): Promise<Image> {
    return this.#source.preview(this.#node, this.level);
  }

  /** State at `level`, shape [C, H, W], float32. */
  latent(): Promise<Tensor> {
    return this.#source.latent(this.#node);
  }

  /** The starting noise of this lineage, shape [C, H, W], float32. */
  noise(): Promise<Tensor> {
    return this.#source.noise(this.#node);
  }

  toJSON(): CandidateRecord {
    return this.#node.record();
  }
}
