import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Terminal } from "../../src/cli/run/terminal.js";
import type { RunEvent } from "../../src/cli/run/runEvent.js";

/** What is written to both streams; `columns`: of a terminal. */
function listen(columns?: number) {
  const [out, err] = [new PassThrough({ encoding: "utf8" }), new PassThrough({ encoding: "utf8" })];
  const terminal = new Terminal(
    out,
    columns === undefined ? err : Object.assign(err, { isTTY: true, columns }),
  );
  return {
    hear: (...events: RunEvent[]) => events.forEach(terminal.hear),
    out: () => (out.read() as string | null) ?? "",
    err: () => (err.read() as string | null) ?? "",
  };
}

const spent = { nfe: 24, forwards: 24, decodes: 3, verifierCalls: { classifier: 3 } };
const cost = { ...spent, cold: spent };
const progress: RunEvent = {
  type: "progress",
  delta: {
    run: "s1",
    sequence: 1,
    head: { state: "running", best: "r2-c1", spent: cost, notices: [] },
    candidates: [],
    rounds: [{ index: 2, candidates: ["r2-c1"], best: "r2-c1", spent: cost }],
    atlas: [],
    status: { milliseconds: 1, live: true },
  },
};
const started = { type: "cell-started", cell: "a", number: 1, count: 2 } as const;
const printed = { type: "stream", cell: "a", name: "stdout", text: "printed\n" } as const;
const ended = {
  type: "cell-ended",
  cell: "a",
  number: 1,
  outcome: "ok",
  allowed: false,
  milliseconds: 5,
} as const;

test("a terminal shows how far a search is, in one line that gives way to what cells print", () => {
  const { hear, out, err } = listen(80);
  hear(started, progress, progress, printed, ended);
  const line = "\r\u001b[2Ks1 · running · round 2 · 24 NFE · best r2-c1";
  expect(err()).toBe(`[1/2] a\n${line}${line}\r\u001b[2K`);
  expect(out()).toBe("printed\n");
});

test("a narrow terminal gets no line that it would break", () => {
  const { hear, err } = listen(20);
  hear(progress);
  expect(err()).toBe("\r\u001b[2Ks1 · running · roun");
});

test("a file or a pipe gets none of it, and no escape codes", () => {
  const { hear, out, err } = listen();
  hear(started, progress, printed, ended);
  expect([out(), err()]).toEqual(["printed\n", "[1/2] a\n"]);
});
