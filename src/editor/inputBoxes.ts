import * as vscode from "vscode";
import type { KernelEvent } from "../kernel/protocol.js";

type InputEvent = Extract<KernelEvent, { readonly type: "input" }>;

/** The questions of a notebook's cells, one box at a time: a second box would dismiss the first. */
export class InputBoxes {
  #last: Promise<unknown> = Promise.resolve();
  /** By execution: its questions go with it. */
  readonly #open = new Map<string, vscode.CancellationTokenSource[]>();

  /** Undefined when it was dismissed, or its cell has ended. */
  ask({ execution, prompt, value, secret }: InputEvent, title: string): Promise<string | undefined> {
    const source = new vscode.CancellationTokenSource();
    this.#open.set(execution, [...(this.#open.get(execution) ?? []), source]);
    const options = { title, prompt, ignoreFocusOut: true, password: secret === true, value: value ?? "" };
    const asked = this.#last.then(() =>
      source.token.isCancellationRequested ? undefined : vscode.window.showInputBox(options, source.token),
    );
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  end(execution: string): void {
    for (const source of this.#open.get(execution) ?? []) source.cancel();
    this.#open.delete(execution);
  }
}
