/** What a researcher has to know of a run beside its numbers, one sentence for each kind of event, with its count. */
export class Notices {
  readonly #failures = new Map<string, { failed: number; tried: number; first: string }>();
  readonly #others: string[] = [];

  /** `who`: "verifier sharpness" or "the model". */
  tried(who: string): void {
    this.#of(who).tried += 1;
  }

  failed(who: string, why: string): void {
    const entry = this.#of(who);
    if (entry.failed++ === 0) entry.first = why;
  }

  add(sentence: string): void {
    this.#others.push(sentence);
  }

  list(): string[] {
    const failures = [...this.#failures].filter(([, { failed }]) => failed > 0);
    return [
      ...failures.map(
        ([who, { failed, tried, first }]) =>
          `${capital(who)} failed on ${failed} of ${tried} candidate${tried === 1 ? "" : "s"}: ${first}`,
      ),
      ...this.#others,
    ];
  }

  #of(who: string): { failed: number; tried: number; first: string } {
    const entry = this.#failures.get(who) ?? { failed: 0, tried: 0, first: "" };
    this.#failures.set(who, entry);
    return entry;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
