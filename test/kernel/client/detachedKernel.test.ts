import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  attachKernel,
  startDetachedKernel,
  type AttachedKernel,
} from "../../../src/kernel/client/detachedKernel.js";
import type { ClientEvent } from "../../../src/kernel/client/kernelClient.js";
import { kernelPlace, kernelRoom, readCard, readCards } from "../../../src/kernel/client/kernelRoom.js";
import { encodeFrame } from "../../../src/kernel/protocol/frames.js";

const script = resolve("dist/kernel.js");
const posix = describe.skipIf(process.platform === "win32");

let scratch: string;
let room: string;
let pids: number[];
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "dnb-d-"));
  room = kernelRoom({ XDG_RUNTIME_DIR: scratch });
  pids = [];
});
afterEach(() => {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
});

async function start(idle = 60): Promise<AttachedKernel> {
  const place = kernelPlace(room, scratch);
  const started = await startDetachedKernel({ node: process.execPath, script, place, idle });
  pids.push(started.hello.pid);
  return started;
}

async function attach(): Promise<AttachedKernel & { events: ClientEvent[] }> {
  const attached = await attachKernel(kernelPlace(room, scratch));
  if (!attached) throw new Error("there is no kernel");
  const events: ClientEvent[] = [];
  attached.client.onEvent((event) => events.push(event));
  return { ...attached, events };
}

const notebook = "file:///a.dnb";
const cell = { id: "c", number: 1 };
const open = ({ client }: AttachedKernel, takeOver?: boolean) =>
  client.request({ type: "open", notebook, directory: scratch, ...(takeOver && { takeOver }) });
const execute = ({ client }: AttachedKernel, execution: string, source: string) =>
  client.request({ type: "execute", notebook, execution, cell, source });

async function until(condition: () => unknown, milliseconds = 8000): Promise<void> {
  for (const end = performance.now() + milliseconds; !condition(); await sleep(20))
    if (performance.now() > end) throw new Error(`not within ${milliseconds} ms: ${condition.toString()}`);
}

describe("a kernel that outlives its window", () => {
  it("goes on with the running cell; the next window hears all of it, in order, and its end", async () => {
    const first = await start();
    await open(first);
    await execute(first, "x0", "const kept = 41");
    const running = execute(
      first,
      "x1",
      "for (let i = 0; i < 12; i++) { console.log(i); await new Promise((r) => setTimeout(r, 100)) } kept + 1",
    );
    running.catch(() => undefined);
    void execute(first, "x2", "'queued'").catch(() => undefined);
    const heard: string[] = [];
    first.client.onEvent((event) => event.type === "stream" && heard.push(event.text));
    await until(() => heard.join("").includes("2\n"));
    first.client.disconnect();
    await sleep(500);

    const second = await attach();
    expect(second.hello.pid).toBe(first.hello.pid);
    expect(second.hello.notebooks).toEqual([notebook]);
    await open(second);
    const missed = second.events.find(({ type }) => type === "missed");
    if (missed?.type !== "missed") throw new Error("nothing was missed");
    expect(missed.executions.map(({ execution }) => execution)).toEqual(["x1", "x2"]);
    expect(missed.executions[0]?.started).toBeGreaterThan(Date.now() - 10_000);
    const ends = await Promise.all(
      ["x1", "x2"].map((execution) => second.client.request({ type: "await", notebook, execution })),
    );
    expect(ends.map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
    const all = second.events.flatMap<ClientEvent>((event) =>
      event.type === "missed" ? event.events : [event],
    );
    const text = all.map((event) => (event.type === "stream" ? event.text : "")).join("");
    expect(text).toBe(Array.from({ length: 12 }, (_, i) => `${i}\n`).join(""));
    const shown = all.flatMap((event) => (event.type === "display" ? [event.items] : []));
    expect(shown).toEqual([[{ mime: "text/plain", text: "42" }], [{ mime: "text/plain", text: "'queued'" }]]);

    // What one window has heard the end of, the next does not show again.
    second.client.disconnect();
    const third = await attach();
    await open(third);
    expect(third.events.filter(({ type }) => type === "missed")).toMatchObject([
      {
        executions: [],
        events: [],
        finished: [{ execution: "x2", cell, source: "'queued'", outputs: [{ items: [{}] }] }],
      },
    ]);
    third.client.dispose();
  });

  it("keeps the end of a cell that ended without a window, also a failed one", async () => {
    const first = await start();
    await open(first);
    void execute(first, "x1", "await new Promise((r) => setTimeout(r, 300)); null.x").catch(() => undefined);
    await sleep(150);
    first.client.disconnect();
    await sleep(500);
    const second = await attach();
    await open(second);
    expect(await second.client.request({ type: "await", notebook, execution: "x1" })).toMatchObject({
      outcome: "error",
      error: { name: "TypeError", line: 1 },
    });
    second.client.dispose();
  });

  it("runs a notebook for one window at a time; another may take it over, and the running cell with it", async () => {
    const first = await start();
    const lost: string[] = [];
    first.client.onEvent(({ type }) => lost.push(type));
    await open(first);
    const second = await attach();
    await expect(open(second)).rejects.toMatchObject({ name: "InUse" });
    await expect(execute(second, "y", "1")).rejects.toMatchObject({ name: "InUse" });
    const running = execute(first, "x1", "await new Promise((r) => setTimeout(r, 400)); 'done'");
    await sleep(150);
    await open(second, true);
    expect(second.events.find(({ type }) => type === "missed")).toMatchObject({
      executions: [{ execution: "x1" }],
    });
    await until(() => lost.includes("taken"));
    await expect(execute(first, "z", "1")).rejects.toMatchObject({ name: "InUse" });
    const [a, b] = await Promise.all([
      running,
      second.client.request({ type: "await", notebook, execution: "x1" }),
    ]);
    expect([a.outcome, b.outcome]).toEqual(["ok", "ok"]);
    expect(second.events.filter(({ type }) => type === "display")).toHaveLength(1);
    second.client.disconnect();
    first.client.dispose();
  });

  it("of two windows that start one at the same time both have the same", async () => {
    const [a, b] = await Promise.all([start(), start()]);
    expect(a.hello.pid).toBe(b.hello.pid);
    a.client.disconnect();
    b.client.dispose();
  });

  it("ends some time after its last window, but not while a cell runs", async () => {
    const first = await start(1);
    const { pid } = first.hello;
    await open(first);
    void execute(first, "x1", "await new Promise((r) => setTimeout(r, 2500))").catch(() => undefined);
    await sleep(200);
    first.client.disconnect();
    await sleep(2000);
    expect(readCard(kernelPlace(room, scratch).card)?.pid).toBe(pid);
    await until(() => !existsSync(kernelPlace(room, scratch).card));
  });

  it("with a time-out of 0 ends with its window", async () => {
    const first = await start(0);
    first.client.disconnect();
    await until(() => !existsSync(kernelPlace(room, scratch).card), 3000);
  });

  it("is ended by dispose, and says how it ended when it was killed", async () => {
    const first = await start();
    first.client.dispose();
    await until(() => !existsSync(kernelPlace(room, scratch).card), 3000);
    const second = await start();
    const ends: ClientEvent[] = [];
    second.client.onEvent((event) => event.type === "exited" && ends.push(event));
    process.kill(second.hello.pid, "SIGKILL");
    await until(() => ends.length, 2000);
    expect(ends).toMatchObject([{ signal: "SIGKILL", reason: "The kernel stopped (SIGKILL)." }]);
    // Its socket and card are still there, and the next one takes its place.
    const third = await start();
    expect(third.hello.pid).not.toBe(second.hello.pid);
    third.client.dispose();
  });

  it("says why it did not start", async () => {
    const place = kernelPlace(room, scratch);
    writeFileSync(join(scratch, "broken.js"), "console.error('no such luck'); process.exit(7)");
    const options = { node: process.execPath, script: join(scratch, "broken.js"), place, idle: 60 };
    await expect(startDetachedKernel(options)).rejects.toThrow(/exit code 7[^]*no such luck/);
    await expect(startDetachedKernel({ ...options, node: "/nowhere/node" })).rejects.toThrow(
      /could not be started/,
    );
  });
});

posix("a kernel is its user's own", () => {
  it("folder, socket, card and log are closed to others, and cells do not see the token", async () => {
    const kernel = await start();
    const place = kernelPlace(room, scratch);
    expect(statSync(room).mode & 0o777).toBe(0o700);
    for (const file of [place.card, place.log]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readCards(room)).toMatchObject([{ pid: kernel.hello.pid, folder: scratch }]);
    await open(kernel);
    const seen: ClientEvent[] = [];
    kernel.client.onEvent((event) => seen.push(event));
    await execute(kernel, "x", "JSON.stringify(process.env)");
    const shown = JSON.stringify(seen);
    expect(shown).toContain("PATH");
    expect(shown).not.toContain("DNB_LISTEN");
    kernel.client.dispose();
  });

  it("hears nobody who does not say the token first", async () => {
    const kernel = await start();
    const { address } = kernelPlace(room, scratch);
    const frames = [
      { id: 1, type: "hello", protocol: 1 },
      { id: 1, type: "hello", protocol: 1, token: "x".repeat(43) },
      { id: 1, type: "shutdown" },
      "garbage",
    ];
    for (const frame of frames) {
      const socket = connect(address);
      const heard: Buffer[] = [];
      socket.on("data", (data) => heard.push(data)).on("error", () => undefined);
      socket.write(encodeFrame(frame));
      await once(socket, "close");
      expect(heard).toEqual([]);
    }
    await kernel.client.request({ type: "ping" });
    kernel.client.dispose();
  });

  it("a folder that is open to others is closed, one of somebody else refused", () => {
    chmodSync(room, 0o755);
    expect(statSync(kernelRoom({ XDG_RUNTIME_DIR: scratch })).mode & 0o777).toBe(0o700);
    rmSync(room, { recursive: true });
    writeFileSync(room, "");
    expect(() => kernelRoom({ XDG_RUNTIME_DIR: scratch })).toThrow();
  });

  it("a socket's path that is too long says what to do", () => {
    expect(() => kernelPlace(`/${"long/".repeat(30)}`, "f", "linux")).toThrow("XDG_RUNTIME_DIR");
    expect(kernelPlace(room, "f", "win32").address).toMatch(/^\\\\\.\\pipe\\dnb-/);
  });

  it("a card of a process that is gone is none", async () => {
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    const path = join(room, "x.json");
    writeFileSync(path, JSON.stringify({ pid: gone.pid, address: "a", token: "t", folder: "" }));
    expect(readCard(path)).toBeUndefined();
    expect(readFileSync(path, "utf8")).toContain("token");
    expect(await attachKernel({ address: "a", card: path, log: "l", folder: "" })).toBeUndefined();
  });
});
