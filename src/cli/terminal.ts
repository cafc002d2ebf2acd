/** What a run says while it goes on. */
export class Terminal {
  constructor(
    private readonly out: NodeJS.WritableStream,
    private readonly err: NodeJS.WritableStream,
  ) {}

  /** A cell begins. On stderr, so that stdout is what the cells print and show. */
  cell(number: number, count: number, id: string): void {
    this.err.write(`[${number}/${count}] ${id}\n`);
  }

  stream(name: "stdout" | "stderr", text: string): void {
    (name === "stdout" ? this.out : this.err).write(text);
  }

  shown(text: string): void {
    this.out.write(`${text}\n`);
  }

  error(name: string, message: string, stack = ""): void {
    this.err.write(`${name}: ${message}\n${stack && `${stack}\n`}`);
  }
}
