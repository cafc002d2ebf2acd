import type { OutputLog } from "./outputLog.js";

/** What a notebook keeps of what one cell prints: the beginning, up to either of these, and the end. */
export const KEPT_LINES = 20_000;
export const KEPT_CHARACTERS = 1_000_000;
export const KEPT_AT_END = 16_000;

export type StreamName = "stdout" | "stderr";

export interface StreamText {
  readonly name: StreamName;
  readonly text: string;
}

/** What one execution has printed: passes on what the notebook keeps, and has the whole of it written to a log once that is not all. */
export class OutputLimit {
  #lines = 0;
  #characters = 0;
  /** Held until it is known whether there will be a log, which begins with it. */
  #kept: string[] = [];
  #log: OutputLog | undefined;
  #left = { lines: 0, characters: 0 };
  #tail: StreamText[] = [];

  /** `openLog` is called once, when the limit is reached. */
  constructor(private readonly openLog: () => OutputLog) {}

  /** The part to be shown. */
  take(name: StreamName, text: string): readonly StreamText[] {
    if (this.#log) {
      this.#leave(this.#log, name, text);
      return [];
    }
    const end = this.#room(text);
    const shown = text.slice(0, end);
    this.#kept.push(shown);
    this.#characters += shown.length;
    if (end === text.length) return [{ name, text }];
    const log = (this.#log = this.openLog());
    log.write(this.#kept.join(""));
    this.#kept = [];
    this.#leave(log, name, text.slice(end));
    const note = log.failure
      ? `The rest is lost, because its log ${log.path} could not be written: ${log.failure}`
      : `The whole is written to ${log.path}`;
    const gap = shown.endsWith("\n") || (!shown && this.#lines) ? "" : "\n";
    return [
      ...(shown ? [{ name, text: shown }] : []),
      {
        name: "stderr",
        text: `${gap}… More than ${KEPT_LINES.toLocaleString("en")} lines or ${KEPT_CHARACTERS / 1e6} MB of output. ${note}\n`,
      },
    ];
  }

  /** At the end of the cell: how much is in the log alone, and the last lines of it. Empty when all is shown. */
  finish(): readonly StreamText[] {
    const { lines, characters } = this.#left;
    if (!this.#log || !characters) return [];
    const tail = this.#tail;
    this.#tail = [];
    this.#left = { lines: 0, characters: 0 };
    const lost = this.#log.failure ? ` (not all of it: ${this.#log.failure})` : "";
    const size = `${lines.toLocaleString("en")} lines, ${(characters / 1e6).toFixed(1)} MB`;
    return [
      { name: "stderr", text: `… ${size} more in ${this.#log.path}${lost} The last of them:\n` },
      ...fromLineStart(tail, characters > KEPT_AT_END),
    ];
  }

  /** How many characters of a text may still be shown: whole lines where there are several. */
  #room(text: string): number {
    if (this.#lines >= KEPT_LINES) return 0;
    let end = Math.min(text.length, KEPT_CHARACTERS - this.#characters);
    for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1))
      if (++this.#lines >= KEPT_LINES) {
        end = at + 1;
        break;
      }
    if (end >= text.length) return text.length;
    return end === 0 ? 0 : text.lastIndexOf("\n", end - 1) + 1 || end;
  }

  #leave(log: OutputLog, name: StreamName, text: string): void {
    log.write(text);
    this.#left.characters += text.length;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#left.lines++;
    this.#tail.push({ name, text: text.slice(-KEPT_AT_END) });
    let size = this.#tail.reduce((sum, piece) => sum + piece.text.length, 0);
    while (this.#tail.length > 1 && size - this.#tail[0]!.text.length >= KEPT_AT_END)
      size -= this.#tail.shift()!.text.length;
  }
}

/** The last of the texts, without the part of a line that it may begin with. */
function fromLineStart(tail: readonly StreamText[], isCut: boolean): StreamText[] {
  const [first, ...rest] = tail;
  if (!first) return [];
  const size = rest.reduce((sum, { text }) => sum + text.length, 0);
  const text = first.text.slice(-Math.max(1, KEPT_AT_END - size));
  const start = isCut ? text.indexOf("\n") + 1 : 0;
  return [{ ...first, text: text.slice(start) }, ...rest].filter((piece) => piece.text);
}
