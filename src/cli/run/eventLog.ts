import { createWriteStream } from "node:fs";
import { cleanValue } from "../../document/redact.js";
import type { RunEvent } from "./runEvent.js";

/** `--events`: a line of JSON for each event (NDJSON), into a file or, for "-", stdout. */
export class EventLog {
  readonly #stream: NodeJS.WritableStream;

  /** `hide` redacts a text. What is printed is redacted as it comes: a secret that comes in two pieces is not seen. */
  constructor(
    private readonly file: string,
    private readonly hide: (text: string) => string,
  ) {
    this.#stream = file === "-" ? process.stdout : createWriteStream(file);
    // A reader that left (`| head`) or a full disk must not end the run.
    this.#stream.on("error", () => undefined);
  }

  readonly hear = (event: RunEvent): void => {
    if (event.type !== "progress") this.#stream.write(`${JSON.stringify(cleanValue(event, this.hide))}\n`);
  };

  /** When all of it is on its way. */
  close(): Promise<void> {
    if (this.file === "-") return Promise.resolve();
    return new Promise((resolve) => this.#stream.end(() => resolve()));
  }
}
