import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll } from "vitest";
import type { Notebook } from "../../src/document/notebook.js";
import { textOf } from "../../src/document/outputs.js";
import { parseNotebook } from "../../src/document/parseNotebook.js";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** While it runs. */
export interface Running {
  /** Writes to its standard input; "" ends that. */
  readonly type: (text: string) => void;
  /** Closes the reading end of its standard output. */
  readonly leave: () => void;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

type Source =
  string | readonly ["markdown", string] | { readonly source: string; readonly [key: string]: unknown };

/** A folder of its own, and `dnb` run in it. */
export function workbench() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "dnb-cli-")));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const dnb = (args: readonly string[], during?: (running: Running) => void): Promise<Ended> => {
    const child = spawn(process.execPath, [resolve("dist/cli.js"), ...args], { cwd: folder });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const type = (text: string): void => void (text ? child.stdin.write(text) : child.stdin.end());
    const leave = (): void => void child.stdout.destroy();
    const kill = (signal: NodeJS.Signals): boolean => child.kill(signal);
    during?.({ type, leave, kill, stdout: () => stdout, stderr: () => stderr });
    return new Promise((end) => child.on("close", (code) => end({ code, stdout, stderr })));
  };

  /** Cells are called cell1, cell2, …; code cells hold a stale output. */
  const write = (name: string, sources: readonly Source[]): string => {
    const cells = sources.map((source, index) => {
      const id = `cell${index + 1}`;
      const outputs = [{ items: [{ mime: "text/plain", text: "stale" }] }];
      if (typeof source === "string") return { id, kind: "code", source: source.split("\n"), outputs };
      if ("source" in source)
        return { id, kind: "code", outputs, ...source, source: source.source.split("\n") };
      return { id, kind: "markdown", source: source[1].split("\n"), outputs: [] };
    });
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify({ dnb: 1, meta: { kept: true }, cells, future: { also: "kept" } }));
    return file;
  };

  const read = (name: string): Notebook => parseNotebook(readFileSync(join(folder, name), "utf8"));
  return { folder, dnb, write, read };
}

/** Of each output of a cell, its items as pairs of MIME type and content. */
export const outputsOf = (notebook: Notebook, cell: number) =>
  notebook.cells[cell]?.outputs.map(({ items }) =>
    items.map((item) => [item.mime, "json" in item ? item.json : textOf(item)]),
  );

/** What a cell showed first, as text. */
export const shownBy = (notebook: Notebook, cell: number): unknown =>
  outputsOf(notebook, cell)?.[0]?.at(-1)?.[1];
