import * as vscode from "vscode";
import { foldedReturns } from "../document/terminalText.js";
import { STREAM } from "../document/outputs.js";
import type { StreamName } from "./executionReducer.js";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";

/**
 * Writes the outputs of one open execution, in order and one edit at a time. Each edit travels to the window and back; what is printed
 * meanwhile becomes one edit, so that a million lines cost as many edits as the window can take, and not a million.
 */
export class CellOutputs {
  readonly #edits: Edit[] = [];
  #last: vscode.NotebookCellOutput | undefined;
  #pump: Promise<void> | undefined;

  constructor(
    private readonly execution: vscode.NotebookCellExecution,
    private readonly log: Log,
  ) {}

  start(order: number, time: number): void {
    this.execution.executionOrder = order;
    this.execution.start(time);
    this.clear();
  }

  /** With what is not written yet. */
  clear(): void {
    this.#edits.length = 0;
    this.#edit({ apply: () => this.execution.clearOutput() });
  }

  stream(name: StreamName, text: string, fresh: boolean): void {
    const waiting = this.#edits.at(-1);
    if (!fresh && waiting?.stream === name) {
      waiting.texts?.push(text);
      return;
    }
    const texts = [text];
    this.#edit({
      stream: name,
      texts,
      apply: async () => {
        const data = new TextEncoder().encode(foldedReturns(texts.join(""), !fresh));
        const item = new vscode.NotebookCellOutputItem(data, STREAM[name]);
        if (!fresh && this.#last) await this.execution.appendOutputItems(item, this.#last);
        else await this.#append(new vscode.NotebookCellOutput([item]));
      },
    });
  }

  append(output: vscode.NotebookCellOutput): void {
    this.#edit({ apply: () => this.#append(output) });
  }

  /** Of several replacements that wait for the same output, the last one counts. */
  replace(items: vscode.NotebookCellOutputItem[], output: vscode.NotebookCellOutput): void {
    const waiting = this.#edits.findIndex(({ replaces }) => replaces === output);
    if (waiting >= 0) this.#edits.splice(waiting, 1);
    this.#edit({ replaces: output, apply: () => this.execution.replaceOutputItems(items, output) });
  }

  /** Ends the execution once everything is written, also when writing fails. */
  async end(success: boolean | undefined, time: number | undefined): Promise<void> {
    while (this.#pump) await this.#pump;
    try {
      this.execution.end(success, time);
    } catch (error) {
      this.log.error(`An execution could not be ended: ${messageOf(error)}`);
    }
  }

  async #append(output: vscode.NotebookCellOutput): Promise<void> {
    this.#last = output;
    await this.execution.appendOutput(output);
  }

  #edit(edit: Edit): void {
    this.#edits.push(edit);
    this.#pump ??= this.#run().finally(() => (this.#pump = undefined));
  }

  async #run(): Promise<void> {
    for (let edit = this.#edits.shift(); edit; edit = this.#edits.shift()) {
      try {
        await edit.apply();
      } catch (error) {
        // A cell that was deleted meanwhile takes no more output; what follows must still be tried and the execution ended.
        this.log.warn(`An output could not be shown: ${messageOf(error)}`);
      }
    }
  }
}

interface Edit {
  readonly apply: () => Thenable<void>;
  /** Texts that one edit will append; more may join them while it waits. */
  readonly stream?: StreamName;
  readonly texts?: string[];
  readonly replaces?: vscode.NotebookCellOutput;
}
