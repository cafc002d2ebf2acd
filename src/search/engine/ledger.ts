import type { Cost } from "../record.js";

/** What a session, run, round or candidate has really paid, with the time it took; `cold` is what it costs with an empty cache. */
export interface Ledger extends Cost {
  readonly milliseconds: number;
}

/** One settled operation of one candidate. */
export interface Charge {
  readonly nfe?: number;
  readonly forwards?: number;
  readonly decodes?: number;
  /** One call of this verifier. */
  readonly verifier?: string;
  /** True when it came from the cache: then nothing of the above was paid. */
  readonly cached: boolean;
  /** What it costs where nothing is cached, if not the above. */
  readonly cold?: { readonly nfe?: number; readonly forwards?: number; readonly decodes?: number };
  readonly milliseconds?: number;
}

/** An account that charges are added to: what was paid, and what it costs with an empty cache. */
export class Account {
  readonly #spent = new Sum();
  readonly #cold = new Sum();
  #milliseconds = 0;

  add(charge: Charge): void {
    const { verifier, cached, cold = charge, milliseconds = 0 } = charge;
    this.#milliseconds += milliseconds;
    this.#cold.add(cold, verifier);
    if (!cached) this.#spent.add(charge, verifier);
  }

  /** Everything that another account holds. */
  addAll(other: Account): void {
    this.#spent.addAll(other.#spent);
    this.#cold.addAll(other.#cold);
    this.#milliseconds += other.#milliseconds;
  }

  /** What the same costs with an empty cache: what a budget limits and a record holds, so that a warm cache changes neither. */
  get cold(): { readonly nfe: number; readonly forwards: number; readonly decodes: number } {
    return this.#cold;
  }

  /** Calls of one verifier, cached ones included. */
  coldCalls(verifier: string): number {
    const { calls } = this.#cold;
    return Object.hasOwn(calls, verifier) ? calls[verifier]! : 0;
  }

  /** For a record: the cost with an empty cache, throughout. */
  cost(): Cost {
    const { nfe, forwards, decodes, calls } = this.#cold;
    const cold = { nfe, forwards, decodes };
    return { nfe, forwards, decodes, verifierCalls: { ...calls }, cold };
  }

  /** While it lives: what was really paid, and the cold cost beside it. */
  ledger(): Ledger {
    const { nfe, forwards, decodes, calls } = this.#spent;
    const { cold } = this.cost();
    const milliseconds = this.#milliseconds;
    return { nfe, forwards, decodes, verifierCalls: { ...calls }, cold, milliseconds };
  }
}

/** Every candidate has two of these: they share what is empty. Nobody else sees `calls`, which grow in place. */
class Sum {
  nfe = 0;
  forwards = 0;
  decodes = 0;
  calls: Record<string, number> = NO_CALLS;

  add(charge: NonNullable<Charge["cold"]>, verifier: string | undefined): void {
    this.nfe += charge.nfe ?? 0;
    this.forwards += charge.forwards ?? 0;
    this.decodes += charge.decodes ?? 0;
    if (verifier === undefined) return;
    this.#count(verifier, 1);
  }

  addAll(other: Sum): void {
    this.add(other, undefined);
    for (const [name, count] of Object.entries(other.calls)) this.#count(name, count);
  }

  #count(verifier: string, calls: number): void {
    // Without a prototype: a verifier may have any name.
    if (this.calls === NO_CALLS) this.calls = Object.create(null) as Record<string, number>;
    this.calls[verifier] = (this.calls[verifier] ?? 0) + calls;
  }
}

const NO_CALLS: Record<string, number> = {};
