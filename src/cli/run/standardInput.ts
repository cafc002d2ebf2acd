import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";

/** Answers the questions of cells with lines of standard input. It is not touched before the first question. */
export class StandardInput {
  #lines: Interface | undefined;
  readonly #read: string[] = [];
  #waiting: ((line: string | undefined) => void)[] = [];
  #isOver = false;
  #isMuted = false;

  constructor(
    private readonly input: NodeJS.ReadStream,
    private readonly output: NodeJS.WritableStream,
  ) {}

  /** Undefined at the end of the input. */
  async ask(prompt: string, { value = "", secret = false } = {}): Promise<string | undefined> {
    const lines = this.#open();
    this.output.write(`${prompt}${value ? ` [${value}]` : ""}${prompt || value ? " " : ""}`);
    this.#isMuted = secret;
    const line = await this.#line();
    this.#isMuted = false;
    // Nobody's Enter is seen where there is no terminal, or it echoes nothing.
    if (!this.input.isTTY || (secret && lines.terminal)) this.output.write("\n");
    return line === "" ? value : line;
  }

  close(): void {
    this.#lines?.close();
  }

  #line(): Promise<string | undefined> {
    const line = this.#read.shift();
    if (line !== undefined || this.#isOver) return Promise.resolve(line);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #open(): Interface {
    if (this.#lines) return this.#lines;
    const write = (chunk: Buffer, _: string, done: () => void): void => {
      if (!this.#isMuted) this.output.write(chunk);
      done();
    };
    const output = new Writable({ write });
    const lines = createInterface({ input: this.input, output, terminal: this.input.isTTY });
    lines.on("line", (line) => {
      const next = this.#waiting.shift();
      if (next) next(line);
      else this.#read.push(line);
    });
    // A terminal in raw mode sends Ctrl+C as a character.
    lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    lines.on("close", () => {
      this.#isOver = true;
      for (const next of this.#waiting.splice(0)) next(undefined);
    });
    return (this.#lines = lines);
  }
}
