import { existsSync, readFileSync } from "node:fs";
import { join, parse, resolve } from "node:path";
import { mergeRun, type NotebookRun } from "../../document/merge/mergeRun.js";
import { NotebookFormatError } from "../../document/notebookFormatError.js";
import { decodeNotebook } from "../../document/decodeNotebook.js";
import { writeNotebook } from "../../document/writeNotebook.js";
import { realFile, writeWhole } from "../files.js";

/** The file that a run writes its notebook to. Where that is the notebook itself, somebody may edit it meanwhile: edits are kept. */
export class OutputFile {
  #isEdited = false;

  /** `left`: what was read from the file, which is the notebook that runs; undefined where it is another file, which the run owns. */
  constructor(
    readonly name: string,
    private left?: Uint8Array,
  ) {}

  /** The file holds what this run read from it or wrote to it, and did so each time it was looked at. */
  get isAsLeft(): boolean {
    return !this.#isEdited && this.left !== undefined && isSame(this.left, this.#found());
  }

  /** While the run goes on. Waits for the end where the file is no notebook at the moment. Throws what the file system throws. */
  saveMeanwhile(run: NotebookRun): void {
    const edited = this.#edited();
    if (edited instanceof NotebookFormatError) return;
    this.#write(edited ? mergeRun(run, edited).notebook : run.after);
  }

  /** At the end; gives what there is to say about it, as sentences. Throws what the file system throws. */
  save(run: NotebookRun): readonly string[] {
    const edited = this.#edited();
    if (edited instanceof NotebookFormatError) {
      const beside = freeName(this.name);
      writeWhole(beside, writeNotebook(run.after));
      return [
        `${this.name} was edited while it ran and is no notebook now, so it stays as it is (${edited.message}); the result is in ${beside}`,
      ];
    }
    if (!edited) {
      this.#write(run.after);
      return [];
    }
    const { notebook, unplaced } = mergeRun(run, edited);
    this.#write(notebook);
    const lost = unplaced.length
      ? `; of ${unplaced.length === 1 ? "cell" : "cells"} ${unplaced.join(", ")} it shows nothing new, because what ran there is not what stands there now`
      : "";
    return [`${this.name} was edited while it ran: the edits are kept${lost}`];
  }

  /** The notebook in the file where somebody else has written to it since the run began, or why it is none. */
  #edited() {
    if (!this.left) return undefined;
    const found = this.#found();
    // Deleted: nobody's work is in the way.
    if (!found) return undefined;
    this.#isEdited ||= !isSame(this.left, found);
    if (!this.#isEdited) return undefined;
    try {
      return decodeNotebook(found);
    } catch (error) {
      if (error instanceof NotebookFormatError) return error;
      throw error;
    }
  }

  #write(notebook: NotebookRun["after"]): void {
    const text = writeNotebook(notebook);
    writeWhole(this.name, text);
    if (this.left) this.left = new TextEncoder().encode(text);
  }

  #found(): Uint8Array | undefined {
    try {
      return readFileSync(resolve(this.name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }
}

/** `bytes`: of the notebook that runs. Undefined where the result goes to stdout or nowhere. */
export function openOutput(
  { input, output }: { readonly input: string; readonly output?: string },
  bytes: Uint8Array,
): OutputFile | undefined {
  if (output === undefined || output === "-") return undefined;
  const isInput = input !== "-" && realFile(resolve(output)) === realFile(resolve(input));
  return new OutputFile(output, isInput ? bytes : undefined);
}

const isSame = (a: Uint8Array, b: Uint8Array | undefined): boolean =>
  b !== undefined && Buffer.compare(a, b) === 0;

/** Beside the file, of a name that nothing has. */
function freeName(file: string): string {
  const { dir, name, ext } = parse(file);
  for (let number = 1; ; number++) {
    const free = join(dir, `${name}.run${number > 1 ? `-${number}` : ""}${ext}`);
    if (!existsSync(free)) return free;
  }
}
