import { MIME, type WireItem } from "../../kernel/protocol.js";
import type { SearchDelta } from "../../search/record.js";
import type { RunEvent } from "./runEvent.js";

/** What a run says while it goes on: on stdout what cells print and show, on stderr which cell runs, how it ended and, on a terminal, how far its search is. */
export class Terminal {
  /** A search is told of when its cell has ended, with what came of it. */
  readonly #searches = new Map<string, readonly WireItem[]>();
  #status = false;

  constructor(
    private readonly out: NodeJS.WritableStream,
    private readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number },
  ) {}

  readonly hear = (event: RunEvent): void => {
    if (event.type === "progress") return this.#progress(event.delta);
    if (this.#status) this.err.write("\r\u001b[2K");
    this.#status = false;
    switch (event.type) {
      case "cell-started":
        this.err.write(`[${event.number}/${event.count}] ${event.cell}\n`);
        return;
      case "stream":
        (event.name === "stdout" ? this.out : this.err).write(event.text);
        return;
      case "display":
        if (event.items.some(({ mime }) => mime === MIME.search))
          this.#searches.set(event.display, event.items);
        else this.out.write(`${plainText(event.items)}\n`);
        return;
      case "update":
        if (this.#searches.has(event.display)) this.#searches.set(event.display, event.items);
        return;
      case "log":
        this.err.write(event.text.endsWith("\n") ? event.text : `${event.text}\n`);
        return;
      case "cell-ended": {
        for (const items of this.#searches.values()) this.out.write(`${plainText(items)}\n`);
        this.#searches.clear();
        const { error, allowed } = event;
        if (!error) return;
        const note = allowed ? " (allowed)" : "";
        this.err.write(`${error.name}: ${error.message}${note}\n${error.stack ? `${error.stack}\n` : ""}`);
        return;
      }
      case "run-started":
      case "run-ended":
    }
  };

  #progress({ run, head, rounds }: SearchDelta): void {
    if (!this.err.isTTY) return;
    const round = rounds.at(-1)?.index;
    const parts = [
      run,
      head.state,
      ...(round ? [`round ${round}`] : []),
      `${head.spent.nfe} NFE`,
      ...(head.best ? [`best ${head.best}`] : []),
    ];
    this.err.write(`\r\u001b[2K${parts.join(" · ").slice(0, (this.err.columns ?? 80) - 1)}`);
    this.#status = true;
  }
}

function plainText(items: readonly WireItem[]): string {
  const item = items.find(({ mime }) => mime === MIME.plain);
  return item && "text" in item ? item.text : `[${items.map(({ mime }) => mime).join(", ")}]`;
}
