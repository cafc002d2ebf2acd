import { currentExecution, type CellExecution } from "./cellExecution.js";
import type { CellEvent } from "./messages.js";

export interface InputOptions {
  /** What stands in the box to begin with. */
  readonly value?: string;
  /** Not shown while it is typed. */
  readonly secret?: boolean;
}

/** Questions of cells to the person before the notebook. */
export class Inputs {
  #next = 1;
  readonly #waiting = new Map<string, (text: string | null) => void>();

  constructor(
    private readonly send: (event: CellEvent) => void,
    private readonly latest: () => CellExecution | undefined,
  ) {}

  /** Null when it was dismissed or there is nobody to ask; rejects when the cell is interrupted. */
  readonly ask = async (
    prompt: unknown = "",
    { value, secret }: InputOptions = {},
  ): Promise<string | null> => {
    const execution = currentExecution.getStore() ?? this.latest();
    if (!execution) return null;
    execution.signal.throwIfAborted();
    const question = `${execution.id}-${this.#next++}`;
    const more = { ...(value !== undefined && { value: String(value) }), ...(secret && { secret: true }) };
    const answered = new Promise<string | null>((resolve) => this.#waiting.set(question, resolve));
    this.send({ type: "input", execution: execution.id, question, prompt: String(prompt), ...more });
    const { signal } = execution;
    let interrupt = (): void => undefined;
    const interrupted = new Promise<never>((_, reject) => {
      interrupt = () => reject(signal.reason as Error);
      signal.addEventListener("abort", interrupt);
    });
    try {
      return await Promise.race([answered, interrupted]);
    } finally {
      signal.removeEventListener("abort", interrupt);
      this.#waiting.delete(question);
    }
  };

  /** Of a question that nobody waits for any more: nothing. */
  answer(question: string, text: string | undefined): void {
    this.#waiting.get(question)?.(text ?? null);
  }
}
