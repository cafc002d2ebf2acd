import fc from "fast-check";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { standIn } from "../../src/kernel/control/standIn.js";
import { encodeFrame, FrameChannel, FrameDecoder } from "../../src/kernel/protocol/frames.js";
import { parseEvent } from "../../src/kernel/protocol/parseEvent.js";
import { parseRequest } from "../../src/kernel/protocol/parseRequest.js";
import type { KernelEvent, Request } from "../../src/kernel/protocol.js";

function decode(chunks: readonly Buffer[]): { messages: unknown[]; garbage: string[] } {
  const messages: unknown[] = [];
  const garbage: string[] = [];
  const decoder = new FrameDecoder(
    (message) => messages.push(message),
    (reason) => garbage.push(reason),
  );
  for (const chunk of chunks) decoder.push(chunk);
  return { messages, garbage };
}

describe("frames", () => {
  it("come out as they went in, however they are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        (values, cuts) => {
          const bytes = Buffer.concat(values.map(encodeFrame));
          const chunks: Buffer[] = [];
          let at = 0;
          for (const cut of cuts) {
            chunks.push(bytes.subarray(at, at + cut));
            at += cut;
          }
          chunks.push(bytes.subarray(at));
          // JSON itself has no minus zero.
          expect(decode(chunks).messages).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))));
        },
      ),
    );
  });

  it("that are no JSON are dropped, and the next one arrives", () => {
    const bad = Buffer.from("\x03\0\0\0{,}", "latin1");
    const { messages, garbage } = decode([Buffer.concat([encodeFrame(1), bad, encodeFrame({ a: 2 })])]);
    expect(messages).toEqual([1, { a: 2 }]);
    expect(garbage).toEqual(["a frame that is no JSON"]);
  });

  it("of what cannot be sent: whoever waits for it hears why", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => encodeFrame(circle)).toThrow(TypeError);
    const result = { type: "text", text: "x".repeat(260 * 1024 * 1024) } as const;
    const reply: KernelEvent = { type: "reply", id: 5, ok: true, result };
    expect(() => encodeFrame(reply)).toThrow("273 MB are too much for one message");
    const shown: KernelEvent = {
      ...{ type: "display", notebook: "n", execution: "e", display: "d" },
      items: [{ mime: "application/json", json: circle }],
    };
    expect(parseEvent(decode([encodeFrame(standIn(reply, "too much"))]).messages[0])).toMatchObject({
      ...{ type: "reply", id: 5, ok: false },
      error: { message: "The kernel's answer could not be sent: too much." },
    });
    expect(parseEvent(decode([encodeFrame(standIn(shown, "circular"))]).messages[0])).toEqual({
      ...shown,
      items: [{ mime: "text/plain", text: "[not shown: circular]" }],
    });
  });

  it("that are far too large are skipped", () => {
    const head = Buffer.alloc(4);
    const size = 300 * 1024 * 1024;
    head.writeUInt32LE(size);
    const piece = Buffer.alloc(50 * 1024 * 1024);
    const { messages, garbage } = decode([
      head,
      ...Array.from({ length: 6 }, () => piece),
      encodeFrame("after"),
    ]);
    expect(garbage).toEqual([`a frame of ${size} bytes`]);
    expect(messages).toEqual(["after"]);
  });

  it("end with their stream, once", async () => {
    let closed = 0;
    const stream = new PassThrough();
    const channel = new FrameChannel(stream, {
      message: () => undefined,
      garbage: () => undefined,
      close: () => closed++,
    });
    stream.destroy(new Error("reset"));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(closed).toBe(1);
    expect(channel.send({})).toBe(false);
  });
});

const requests: Request[] = [
  { id: 1, type: "hello", protocol: 1 },
  { id: 2, type: "ping" },
  { id: 3, type: "open", notebook: "n", directory: "/d" },
  { id: 4, type: "close", notebook: "n" },
  { id: 5, type: "execute", notebook: "n", execution: "x", cell: { id: "c", number: 3 }, source: "1" },
  { id: 6, type: "interrupt", notebook: "n" },
  { id: 7, type: "restart", notebook: "n" },
  { id: 8, type: "search", notebook: "n", run: "s", action: { kind: "step", rounds: 2 } },
  { id: 9, type: "search", notebook: "n", run: "s", action: { kind: "stop" } },
  { id: 10, type: "snapshot", notebook: "n", run: "s" },
  { id: 30, type: "answer", notebook: "n", question: "q", text: "" },
  { id: 31, type: "answer", notebook: "n", question: "q" },
  {
    ...{ id: 32, type: "execute", notebook: "n", execution: "e", source: "" },
    ...{ cell: { id: "c", number: 1 }, mayFail: true, file: "/f.ts", debug: true },
  },
  { id: 33, type: "debugReady", notebook: "n" },
  { id: 11, type: "shutdown" },
  { id: 12, type: "hello", protocol: 1, token: "t" },
  { id: 13, type: "open", notebook: "n", directory: "/d", takeOver: true },
  { id: 14, type: "await", notebook: "n", execution: "x" },
  { id: 15, type: "variables", notebook: "n" },
  { id: 16, type: "variable", notebook: "n", name: "a", action: "forget" },
];

const events: KernelEvent[] = [
  { type: "reply", id: 1, ok: true, result: { type: "done" } },
  {
    type: "reply",
    id: 1,
    ok: true,
    result: { type: "hello", protocol: 1, pid: 2, node: "v20", version: "0.1.0", notebooks: ["n"] },
  },
  {
    type: "reply",
    id: 1,
    ok: true,
    result: {
      type: "executed",
      outcome: "error",
      error: { name: "E", message: "m", line: 3, column: 4, stack: "s" },
    },
  },
  { type: "reply", id: 1, ok: false, error: { name: "E", message: "m" } },
  {
    type: "reply",
    id: 1,
    ok: true,
    result: {
      type: "variables",
      variables: [
        { name: "a", type: "number[]", size: "2", preview: "[1, 2]", cell: { id: "c", number: 1 } },
      ],
    },
  },
  { type: "reply", id: 1, ok: true, result: { type: "text", text: "1" } },
  {
    type: "missed",
    notebook: "n",
    executions: [{ execution: "x", cell: { id: "c", number: 1 }, source: "1", started: 5 }],
    events: [{ type: "stream", notebook: "n", execution: "x", name: "stdout", text: "t" }],
    finished: [
      {
        ...{ execution: "w", cell: { id: "b", number: 2 }, source: "2", ended: 6 },
        outputs: [
          { display: "d", items: [{ mime: "text/plain", text: "t" }] },
          { display: "e" },
          { stream: "stderr", text: "t" },
          { stream: "stdout" },
          { error: { name: "E", message: "m" } },
        ],
      },
    ],
    dropped: 0,
  },
  { type: "taken", notebook: "n" },
  { type: "started", notebook: "n", execution: "x" },
  { type: "stream", notebook: "n", execution: "x", name: "stderr", text: "t" },
  {
    type: "display",
    notebook: "n",
    execution: "x",
    display: "d",
    items: [
      { mime: "text/plain", text: "" },
      { mime: "image/png", base64: "AA==" },
    ],
  },
  { type: "update", notebook: "n", display: "d", items: [{ mime: "application/json", json: null }] },
  { type: "input", notebook: "n", execution: "e", question: "q", prompt: "", value: "v", secret: true },
  { type: "input", notebook: "n", execution: "e", question: "q", prompt: "p" },
  { type: "stale", notebook: "n", cells: [{ cell: "c", reason: "r" }] },
  {
    type: "heartbeat",
    rss: 5,
    notebooks: [{ notebook: "n", state: "busy" }],
    models: [
      { name: "fashion", device: "cpu", bytes: 5, state: "loaded", users: 1 },
      { name: "large", state: "loading", users: 2 },
    ],
  },
  { type: "log", level: "warning", text: "w" },
];

describe("parsers", () => {
  it.each(requests)("take a request as it is: $type", (request) => {
    expect(parseRequest(JSON.parse(JSON.stringify(request)))).toEqual(request);
  });

  it.each(events)("take an event as it is: $type", (event) => {
    expect(parseEvent(JSON.parse(JSON.stringify(event)))).toEqual(event);
  });

  it.each([
    [null, "request: expected an object, found null"],
    [{ id: "1", type: "ping" }, 'id: expected a number, found "1"'],
    [{ id: 1, type: "dance" }, 'type: no request is called "dance"'],
    [
      { id: 1, type: "execute", notebook: "n", execution: "x", source: "", cell: { id: "c", number: "3" } },
      'cell.number: expected a number, found "3"',
    ],
    [
      { id: 1, type: "search", notebook: "n", run: "s", action: { kind: "step", rounds: 0 } },
      "action.rounds: expected 1 or more",
    ],
  ])("name what is wrong with %j", (value, message) => {
    expect(() => parseRequest(value)).toThrow(message);
  });

  it("never fail in another way", () => {
    const named = (parse: (value: unknown) => unknown) => (value: unknown) => {
      try {
        parse(value);
      } catch (error) {
        expect((error as Error).name).toBe("MalformedMessage");
      }
    };
    const type = fc.constantFrom(...requests, ...events).map((message) => message.type);
    const message = fc.oneof(
      fc.jsonValue(),
      fc.record({
        type,
        id: fc.jsonValue(),
        ok: fc.boolean(),
        result: fc.jsonValue(),
        items: fc.jsonValue(),
        delta: fc.jsonValue(),
        cell: fc.jsonValue(),
        notebook: fc.string(),
        execution: fc.string(),
      }),
    );
    fc.assert(fc.property(message, named(parseRequest)));
    fc.assert(fc.property(message, named(parseEvent)));
  });
});
