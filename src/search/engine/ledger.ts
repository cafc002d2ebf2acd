import type { Cost } from "../record.js";

/** What a session, run, round or candidate has paid, with the time it took. Time is never in a record. */
export interface Ledger extends Cost {
  readonly milliseconds: number;
}

/** One settled operation of one candidate: what it cost, or would have cost if it had not been cached. */
export interface Charge {
  readonly nfe?: number;
  readonly forwards?: number;
  readonly decodes?: number;
  /** One call of this verifier. */
  readonly verifier?: string;
  readonly cached: boolean;
  readonly milliseconds?: number;
}

/** An account that charges are added to. */
export class Account {
  #nfe = 0;
  #forwards = 0;
  #decodes = 0;
  #milliseconds = 0;
  readonly #calls = new Map<string, number>();
  readonly #cold = { nfe: 0, forwards: 0, decodes: 0 };
  readonly #coldCalls = new Map<string, number>();

  add({ nfe = 0, forwards = 0, decodes = 0, verifier, cached, milliseconds = 0 }: Charge): void {
    this.#cold.nfe += nfe;
    this.#cold.forwards += forwards;
    this.#cold.decodes += decodes;
    this.#milliseconds += milliseconds;
    if (verifier !== undefined) increment(this.#coldCalls, verifier);
    if (cached) return;
    this.#nfe += nfe;
    this.#forwards += forwards;
    this.#decodes += decodes;
    if (verifier !== undefined) increment(this.#calls, verifier);
  }

  /** What a run without the cache would have paid: what a budget limits, so that a warm cache does not change a search. */
  get cold(): { readonly nfe: number; readonly forwards: number; readonly decodes: number } {
    return this.#cold;
  }

  /** Calls of one verifier, cached ones included. */
  coldCalls(verifier: string): number {
    return this.#coldCalls.get(verifier) ?? 0;
  }

  cost(): Cost {
    return {
      nfe: this.#nfe,
      forwards: this.#forwards,
      decodes: this.#decodes,
      verifierCalls: Object.fromEntries(this.#calls),
      cold: { ...this.#cold },
    };
  }

  ledger(): Ledger {
    return { ...this.cost(), milliseconds: this.#milliseconds };
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
