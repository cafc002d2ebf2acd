import type { Diagnostic } from "vscode-languageserver";
import { setImmediate as turn } from "node:timers/promises";
import { diagnostics } from "./diagnostics.js";
import type { OpenNotebook } from "./openNotebook.js";

/** A pause of the typing hand, in milliseconds. */
const PAUSE = 250;

/** Sends what is wrong with the cells of notebooks, some time after each change, one cell at a time so that requests come in between. */
export class DiagnosticsQueue {
  readonly #timers = new Map<OpenNotebook, NodeJS.Timeout>();

  constructor(
    private readonly send: (uri: string, diagnostics: Diagnostic[]) => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** All cells of the notebook: what one declares, others may use. */
  schedule(notebook: OpenNotebook): void {
    clearTimeout(this.#timers.get(notebook));
    const timer = setTimeout(() => void this.#run(notebook).catch(this.failed), PAUSE);
    this.#timers.set(notebook, timer);
  }

  forget(notebook: OpenNotebook): void {
    clearTimeout(this.#timers.get(notebook));
    this.#timers.delete(notebook);
  }

  dispose(): void {
    for (const notebook of [...this.#timers.keys()]) this.forget(notebook);
  }

  async #run(notebook: OpenNotebook): Promise<void> {
    const { version } = notebook;
    for (const { key } of notebook.project.cells) {
      await turn();
      // A change has scheduled the next run; a notebook that is closed has no timer.
      if (notebook.version !== version || !this.#timers.has(notebook)) return;
      await this.send(notebook.document(key).uri, diagnostics(notebook, key));
    }
    await turn();
    if (notebook.version === version && this.#timers.has(notebook)) notebook.project.prepareImports();
  }
}
