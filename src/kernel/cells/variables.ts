import { inspect } from "node:util";
import { unmangle } from "../compiler/mangle.js";
import type { CellReference, VariableState } from "../protocol.js";
import { describeVariable } from "./describeVariable.js";
import { isJson } from "./isJson.js";
import type { Answer, VariableQuestion } from "./messages.js";

/** Beyond it a list is of no use to a reader. */
const MOST = 2000;
/** Characters of a value that is copied. */
const LONGEST = 1_000_000;

export interface VariableAccess {
  /** One reader for each name; it throws where the declaration was never reached. */
  readVariables(names: readonly string[]): readonly (() => unknown)[];
  clearVariable(name: string): void;
}

/** What the cells of a notebook have declared, for the Variables view. */
export class Variables {
  /** By the name in the script, in the order of the latest declarations. */
  readonly #cells = new Map<string, CellReference>();

  constructor(private readonly access: VariableAccess) {}

  declare(names: readonly string[], cell: CellReference): void {
    for (const name of names) {
      this.#cells.delete(name);
      this.#cells.set(name, cell);
    }
  }

  answer(question: VariableQuestion): Answer {
    if (question.kind === "list") return { ok: true, result: { type: "variables", variables: this.#list() } };
    const name = [...this.#cells.keys()].find((key) => unmangle(key) === question.name);
    if (name === undefined)
      return failed(`There is no variable ${question.name} any more. Run the cell that declares it.`);
    if (question.kind === "forget") {
      this.access.clearVariable(name);
      this.#cells.delete(name);
      return { ok: true, result: { type: "done" } };
    }
    try {
      const [read] = this.access.readVariables([name]);
      return { ok: true, result: { type: "text", text: wholeText(read?.()) } };
    } catch {
      return failed(`${question.name} has no value yet: its cell ended before it was set.`);
    }
  }

  #list(): VariableState[] {
    const names = [...this.#cells.keys()].slice(-MOST);
    const readers = this.access.readVariables(names);
    return names.flatMap((name, index) => {
      let value: unknown;
      try {
        value = readers[index]?.();
      } catch {
        return [];
      }
      return [{ name: unmangle(name), ...describeVariable(value), cell: this.#cells.get(name)! }];
    });
  }
}

/** JSON of what JSON can say, else as Node prints it, without running what the value defines for that. */
function wholeText(value: unknown): string {
  const text =
    typeof value === "string"
      ? value
      : isJson(value)
        ? JSON.stringify(value, null, 2)
        : inspect(value, { depth: 6, customInspect: false, showProxy: true, maxArrayLength: 10_000 });
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const failed = (message: string): Answer => ({ ok: false, error: { name: "InputError", message } });
