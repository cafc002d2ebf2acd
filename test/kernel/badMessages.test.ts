import { spawn, type ChildProcess } from "node:child_process";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { encodeFrame, FrameDecoder } from "../../src/kernel/protocol/frames.js";
import { parseEvent } from "../../src/kernel/protocol/parseEvent.js";
import type { KernelEvent } from "../../src/kernel/protocol.js";

/** A real kernel at the other end of a pipe that a client with bad manners writes to. */
let child: ChildProcess;
let pipe: Duplex;
let events: KernelEvent[];

beforeEach(() => {
  child = spawn(process.execPath, ["dist/kernel.js"], { stdio: ["ignore", "pipe", "pipe", "pipe"] });
  pipe = child.stdio[3] as Duplex;
  events = [];
  const decoder = new FrameDecoder(
    (value) => events.push(parseEvent(value)),
    (reason) => {
      throw new Error(reason);
    },
  );
  pipe.on("data", (chunk: Buffer) => decoder.push(chunk));
  pipe.on("error", () => undefined);
});
afterEach(() => child.kill("SIGKILL"));

async function reply(id: number, milliseconds = 10_000): Promise<KernelEvent> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = events.find((event) => event.type === "reply" && event.id === id);
    if (found) return found;
    if (Date.now() > end) throw new Error(`No reply ${id} in ${JSON.stringify(events.slice(-5))}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const complaints = (): KernelEvent[] =>
  events.filter((event) => event.type === "log" && event.text.startsWith("Dropped a malformed message"));

const execute = (id: number, execution: string, source: string): Buffer =>
  encodeFrame({ id, type: "execute", notebook: "n", execution, cell: { id: "c", number: 1 }, source });

it("garbage, oversized, unknown and ill-formed messages are dropped and logged once; what follows is served", async () => {
  const garbage = Buffer.from("not json at all");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(garbage.length);
  pipe.write(Buffer.concat([length, garbage]));
  const huge = Buffer.alloc(4);
  huge.writeUInt32LE(300 * 1024 * 1024);
  pipe.write(huge);
  for (let i = 0; i < 300; i++) pipe.write(Buffer.alloc(1024 * 1024, 1));
  for (const message of [
    null,
    5,
    "x",
    [],
    {},
    { id: "1", type: "ping" },
    { id: 1 },
    { id: 1, type: "fly" },
    { id: 2, type: "execute" },
    { id: 3, type: "execute", notebook: "n", execution: "e", cell: { id: 1, number: "x" }, source: 5 },
    JSON.parse('{"id":4,"type":"open","__proto__":{"notebook":"n"}}'),
  ])
    pipe.write(encodeFrame(message));
  pipe.write(encodeFrame({ id: 10, type: "ping" }));
  expect(await reply(10)).toMatchObject({ ok: true });
  expect(complaints()).toHaveLength(1);
  expect(events.filter((event) => event.type === "reply")).toHaveLength(1);
});

it("a duplicate is refused, and the execution ends once; what comes late or out of order harms nothing", async () => {
  pipe.write(execute(1, "early", "1"));
  expect(await reply(1)).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("not open") },
  });
  pipe.write(encodeFrame({ id: 2, type: "interrupt", notebook: "n" }));
  pipe.write(encodeFrame({ id: 3, type: "close", notebook: "never" }));
  pipe.write(encodeFrame({ id: 4, type: "open", notebook: "n", directory: "/" }));
  const source = "console.log('once'); await new Promise((r) => setTimeout(r, 300))";
  pipe.write(execute(5, "same", source));
  pipe.write(execute(6, "same", source));
  expect(await reply(6)).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("already under way") },
  });
  expect(await reply(5)).toMatchObject({ ok: true, result: { outcome: "ok" } });
  expect(
    events.filter((event) => event.type === "stream").map((event) => "text" in event && event.text),
  ).toEqual(["once\n"]);
  expect(events.filter(({ type }) => type === "started")).toHaveLength(1);
  // Late answers to questions that nobody asked.
  pipe.write(encodeFrame({ id: 7, type: "search", notebook: "n", run: "s9", action: { kind: "stop" } }));
  expect(await reply(7)).toMatchObject({ ok: false, error: { name: "UnknownRun" } });
  pipe.write(encodeFrame({ id: 8, type: "close", notebook: "n" }));
  pipe.write(encodeFrame({ id: 9, type: "close", notebook: "n" }));
  expect(await reply(9)).toMatchObject({ ok: true });
});

it("the same in bytes that arrive one by one", async () => {
  for (const byte of encodeFrame({ id: 1, type: "ping" })) {
    pipe.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await reply(1)).toMatchObject({ ok: true });
});
