import { dirname, resolve } from "node:path";
import type * as vscode from "vscode";
import type { Output } from "../document/notebook.js";
import { outputMode } from "../document/outputMode.js";
import { displayOutput, errorOutput, STREAM, streamOutput } from "../document/outputs.js";
import { isObject } from "../document/shape.js";
import { summariseOutput } from "../document/summary/keepOutputs.js";
import { withoutOverwritten } from "../document/terminalText.js";
import type { FinishedOutput, WireError, WireItem } from "../kernel/protocol.js";
import type { DisplayPlaces } from "./displayPlaces.js";
import type { StreamName } from "./executionReducer.js";
import { fitting } from "./outputBudget.js";
import { toPlainOutput } from "./plainOutput.js";
import { toOutput, toOutputItem } from "./serializer.js";
import { linkFrames } from "./stackLinks.js";

/** Makes VS Code's outputs of what a kernel tells of a notebook. */
export class OutputMaker {
  constructor(
    public notebook: vscode.NotebookDocument,
    private readonly places: DisplayPlaces,
  ) {}

  display(items: readonly WireItem[], display: string): vscode.NotebookCellOutput {
    return toOutput(toPlainOutput(this.#kept(items, display), display));
  }

  /** Bytes of all outputs but of what the cell has printed. */
  held(printing: vscode.NotebookCell): number {
    let bytes = 0;
    for (const cell of this.notebook.getCells())
      for (const { items } of cell.outputs)
        for (const { mime, data } of items)
          if (cell !== printing || !isStream(mime)) bytes += data.byteLength;
    return bytes;
  }

  /** In place of those that the handle shows. */
  items(items: readonly WireItem[], display: string): vscode.NotebookCellOutputItem[] {
    return toPlainOutput(this.#kept(items, display)).items.map(toOutputItem);
  }

  stream(name: StreamName, text: string): vscode.NotebookCellOutput {
    return toOutput(toPlainOutput(streamOutput(name, text)));
  }

  /** Frames lead to their lines, as long as the cells stand where they stood. */
  error(error: WireError): vscode.NotebookCellOutput {
    const stack =
      error.stack &&
      linkFrames(error.stack, {
        cell: (number) => this.notebook.getCells()[number - 1]?.document.uri.toString(),
        file: (path) => resolve(dirname(this.notebook.uri.fsPath), path),
      });
    return toOutput(toPlainOutput(errorOutput({ ...error, ...(stack && { stack }) })));
  }

  /** Those of a run that has ended; undefined where some of it was too much to keep. */
  remade(outputs: readonly FinishedOutput[]): vscode.NotebookCellOutput[] | undefined {
    const made = outputs.map((output) => {
      if ("error" in output) return this.error(output.error);
      if ("display" in output) return output.items && this.display(output.items, output.display);
      return output.text === undefined
        ? undefined
        : this.stream(output.stream, withoutOverwritten(output.text));
    });
    return made.every((output) => output !== undefined) ? made : undefined;
  }

  /**
   * VS Code refuses to back up a notebook whose outputs hold more than 10 MB. What a save would leave out is left out here already, so that
   * only a notebook that asks for everything (`embed`) or has many large outputs comes near it, and then what no longer fits is not kept. A live
   * view has all pictures from the kernel.
   */
  #kept(items: readonly WireItem[], display: string): Output {
    const output = displayOutput(items);
    const meta: unknown = this.notebook.metadata["meta"];
    const kept =
      outputMode({ meta: isObject(meta) ? meta : {} }) === "embed" ? output : summariseOutput(output);
    const held = this.places
      .allBut(display, this.notebook)
      .flatMap((other) => other.items)
      .reduce((sum, { data }) => sum + data.byteLength, 0);
    return fitting(kept, held);
  }
}

const isStream = (mime: string): boolean => mime === STREAM.stdout || mime === STREAM.stderr;
