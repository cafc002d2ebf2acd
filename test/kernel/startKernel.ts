import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { KernelClient, type ClientEvent, type ResultOf } from "../../src/kernel/client/kernelClient.js";
import type { PeopleState, WireItem } from "../../src/kernel/protocol.js";

const script = resolve("dist/kernel.js");

/** A cell's execution as a reader of the notebook sees it. */
export interface Ran {
  readonly result: ResultOf<"execute">;
  readonly stdout: string;
  readonly stderr: string;
  /** One for each display, in order, as updates left them. */
  readonly outputs: readonly (readonly WireItem[])[];
  readonly events: readonly ClientEvent[];
}

export class TestKernel {
  readonly directory = mkdtempSync(join(tmpdir(), "dnb-kernel-"));
  readonly notebook = "file:///test.dnb";
  readonly client: KernelClient;
  readonly events: ClientEvent[] = [];
  #count = 0;

  constructor(env: NodeJS.ProcessEnv = {}) {
    if (!existsSync(script))
      throw new Error("dist/kernel.js is missing: run `node build.mjs` before the tests.");
    const options = { node: process.execPath, script, env: { ...process.env, ...env } };
    this.client = new KernelClient(options);
    this.client.onEvent((event) => this.events.push(event));
  }

  static async open(env?: NodeJS.ProcessEnv): Promise<TestKernel> {
    const kernel = new TestKernel(env);
    await kernel.client.request({ type: "open", notebook: kernel.notebook, directory: kernel.directory });
    return kernel;
  }

  async run(
    source: string,
    { number = 1, people }: { number?: number; people?: PeopleState } = {},
  ): Promise<Ran> {
    const execution = `x${++this.#count}`;
    const from = this.events.length;
    const { notebook } = this;
    const cell = { id: `cell${number}`, number };
    const more = people ? { people } : {};
    const result = await this.client.request({ type: "execute", notebook, execution, cell, source, ...more });
    const events = this.events.slice(from);
    const printed = (name: string): string =>
      events.map((event) => (event.type === "stream" && event.name === name ? event.text : "")).join("");
    const outputs = new Map<string, readonly WireItem[]>();
    for (const event of events)
      if (event.type === "display" || (event.type === "update" && outputs.has(event.display)))
        outputs.set(event.display, event.items);
    return {
      result,
      stdout: printed("stdout"),
      stderr: printed("stderr"),
      outputs: [...outputs.values()],
      events,
    };
  }

  /** The `text/plain` of what the cell shows last. */
  async shows(source: string): Promise<string | undefined> {
    const { outputs, result } = await this.run(source);
    if (result.outcome !== "ok")
      throw new Error(`${result.outcome}: ${result.error?.name}: ${result.error?.message}`);
    const item = outputs.at(-1)?.find(({ mime }) => mime === "text/plain");
    return item && "text" in item ? item.text : undefined;
  }

  close(): void {
    this.client.dispose();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
