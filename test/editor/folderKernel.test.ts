import { describe, expect, it } from "vitest";
import { FolderKernel } from "../../src/editor/folderKernel.js";
import type { KernelListener } from "../../src/editor/folderKernel.js";
import type { KernelConnection, KernelExit } from "../../src/editor/kernelConnection.js";
import type { KernelEvent, ReplyResult, RequestBody } from "../../src/kernel/protocol.js";

/** A kernel whose life a test holds in its hand. */
class FakeKernel implements KernelConnection {
  readonly requests: RequestBody[] = [];
  constructor(readonly pid = 1) {}
  readonly notebooks: string[] = [];
  disposed = false;
  left = false;
  #exit: (exit: KernelExit) => void = () => {};
  #event: (event: KernelEvent) => void = () => {};

  async request(body: RequestBody): Promise<ReplyResult> {
    this.requests.push(body);
    return { type: "done" };
  }
  onEvent(listener: (event: KernelEvent) => void): void {
    this.#event = listener;
  }
  onExit(listener: (exit: KernelExit) => void): void {
    this.#exit = listener;
  }
  dispose(): void {
    this.disposed = true;
  }
  leave(): void {
    this.left = true;
  }
  kill(): void {
    this.end("killed");
  }
  end(reason: string): void {
    this.#exit({ reason, stderr: "" });
  }
  /** The process goes on. */
  cut(): void {
    this.#exit({ reason: "cut", stderr: "", lives: true });
  }
  say(text: string): void {
    this.#event({ type: "log", level: "info", text });
  }
}

function folder(attach?: () => Promise<KernelConnection | undefined>) {
  const started: FakeKernel[] = [];
  const heard: string[] = [];
  const listener: KernelListener = {
    event: (event) => heard.push(event.type === "log" ? event.text : event.type),
    exited: ({ reason }) => heard.push(`exit ${reason}`),
    reconnected: () => heard.push("reconnected"),
    changed: () => heard.push(kernel.state),
  };
  const kernel = new FolderKernel(
    async () => {
      const fake = new FakeKernel();
      started.push(fake);
      return fake;
    },
    listener,
    undefined,
    attach,
  );
  return { kernel, started, heard };
}

describe("the kernel of a folder", () => {
  it("is started by the first need, and once", async () => {
    const { kernel, started } = folder();
    expect([kernel.state, kernel.live]).toEqual(["stopped", undefined]);
    const [a, b] = await Promise.all([kernel.open("n", "/d"), kernel.open("n", "/d")]);
    expect(a).toBe(b);
    expect(started).toHaveLength(1);
    expect(started[0]?.requests).toEqual([{ type: "open", notebook: "n", directory: "/d" }]);
    expect(kernel.knows("n")).toBe(true);
    expect(kernel.knows("other")).toBe(false);
  });

  it("is started again after its end, and opens notebooks anew", async () => {
    const { kernel, started, heard } = folder();
    await kernel.open("n", "/d");
    started[0]?.end("signal 9");
    expect([kernel.state, kernel.knows("n")]).toEqual(["stopped", false]);
    await kernel.open("n", "/d");
    expect(started).toHaveLength(2);
    expect(started[1]?.requests).toHaveLength(1);
    expect(heard).toEqual(["starting", "live", "exit signal 9", "stopped", "starting", "live"]);
  });

  it("does not listen to a process that it has replaced", async () => {
    const { kernel, started, heard } = folder();
    await kernel.connect();
    started[0]?.end("gone");
    await kernel.connect();
    heard.length = 0;
    started[0]?.say("ghost");
    started[0]?.end("again");
    started[1]?.say("alive");
    expect(heard).toEqual(["alive"]);
    expect(kernel.state).toBe("live");
  });

  it("can be tried again after a start that failed", async () => {
    let attempts = 0;
    const listener = { event: () => {}, exited: () => {}, reconnected: () => {}, changed: () => {} };
    const kernel = new FolderKernel(async () => {
      if (++attempts === 1) throw new Error("no node");
      return new FakeKernel();
    }, listener);
    await expect(kernel.open("n", "/d")).rejects.toThrow("no node");
    expect(kernel.state).toBe("stopped");
    await kernel.open("n", "/d");
    expect(kernel.state).toBe("live");
  });

  it("leaves no process behind when the window closes while it starts", async () => {
    const { kernel, started } = folder();
    const connecting = kernel.connect();
    kernel.dispose();
    await expect(connecting).rejects.toThrow("closing");
    expect(started[0]?.disposed).toBe(true);
    await expect(kernel.connect()).rejects.toThrow("closing");
  });

  it("waits for the next window when its window closes, or is loaded anew", async () => {
    const { kernel, started } = folder();
    await kernel.open("n", "/d");
    kernel.dispose();
    expect([started[0]?.left, started[0]?.disposed]).toEqual([true, false]);
  });

  it("is the process that outlived a window, when there is one", async () => {
    const there = new FakeKernel();
    const listener: KernelListener = {
      event: () => {},
      exited: () => {},
      reconnected: () => {},
      changed: () => {},
    };
    let starts = 0;
    const start = async (): Promise<KernelConnection> => {
      starts++;
      return new FakeKernel();
    };
    let asked = 0;
    const kernel = new FolderKernel(start, listener, undefined, async () => {
      asked++;
      return there;
    });
    const [a, b] = await Promise.all([kernel.reattach(), kernel.connect()]);
    expect([a === there, b === there, asked, starts]).toEqual([true, true, 1, 0]);
    await kernel.open("n", "/d", true);
    expect(there.requests).toEqual([{ type: "open", notebook: "n", directory: "/d", takeOver: true }]);
    kernel.lost("n");
    expect(kernel.knows("n")).toBe(false);
  });

  it("is started by the first need when there is none, or none that answers", async () => {
    for (const attach of [async () => undefined, () => Promise.reject(new Error("refused"))]) {
      const listener: KernelListener = {
        event: () => {},
        exited: () => {},
        reconnected: () => {},
        changed: () => {},
      };
      const fresh = new FakeKernel();
      const kernel = new FolderKernel(async () => fresh, listener, undefined, attach);
      expect(await kernel.reattach()).toBeUndefined();
      expect(kernel.state).toBe("stopped");
      expect(await kernel.connect()).toBe(fresh);
    }
  });

  it("is connected again when only the connection was lost: same process, its notebooks told what they missed", async () => {
    const again = new FakeKernel();
    const { kernel, started, heard } = folder(async () => again);
    await kernel.open("n", "/d");
    await kernel.move("n", "/e");
    heard.length = 0;
    started[0]?.cut();
    expect([kernel.state, kernel.isReconnecting]).toEqual(["starting", true]);
    // Who needs it meanwhile waits for it, and starts none.
    expect(await kernel.open("other", "/d")).toBe(again);
    expect(again.requests).toEqual([
      { type: "open", notebook: "n", directory: "/e", takeOver: true },
      { type: "open", notebook: "other", directory: "/d" },
    ]);
    expect([kernel.state, kernel.isReconnecting, started.length]).toEqual(["live", false, 1]);
    expect(heard).toEqual(["starting", "reconnected", "live"]);
  });

  it("has ended when nothing answers any more, or another process does, and the next need starts one", async () => {
    for (const found of [undefined, new FakeKernel(2)]) {
      const { kernel, started, heard } = folder(async () => found);
      await kernel.open("n", "/d");
      started[0]?.cut();
      await kernel.open("n", "/d");
      expect(heard).toContain("exit cut");
      expect(heard).not.toContain("reconnected");
      expect([started.length, found?.left]).toEqual([2, found && true]);
    }
  });

  it("that stops three times in a row is not started again at once, and says how long", async () => {
    let now = 0;
    const started: FakeKernel[] = [];
    const start = async (): Promise<KernelConnection> => {
      started.push(new FakeKernel());
      return started.at(-1)!;
    };
    const kernel = new FolderKernel(
      start,
      { event: () => {}, exited: () => {}, reconnected: () => {}, changed: () => {} },
      () => now,
    );
    for (let i = 0; i < 3; i++) {
      await kernel.open("n", "/d");
      started.at(-1)?.end("signal 11");
    }
    now = 2500;
    await expect(kernel.open("n", "/d")).rejects.toThrow(/stopped 3 times .* again in 8 s/);
    expect([kernel.state, started.length]).toEqual(["stopped", 3]);
    now = 10_000;
    await kernel.open("n", "/d");
    expect(kernel.state).toBe("live");
  });

  it("ends when its last notebook is shut down, which is no crash", async () => {
    const { kernel, started } = folder();
    for (let i = 0; i < 4; i++) {
      await kernel.open("a", "/d");
      await kernel.open("b", "/d");
      expect(await kernel.shutDown("a")).toBe("in use");
      expect([kernel.knows("a"), kernel.knows("b"), started[i]?.disposed]).toEqual([false, true, false]);
      expect(await kernel.shutDown("b")).toBe("ended");
      expect(started[i]?.disposed).toBe(true);
      started[i]?.end("shut down");
    }
    expect(await kernel.shutDown("b")).toBe("ended");
  });

  it("closes only notebooks that it knows", async () => {
    const { kernel, started } = folder();
    await kernel.close("n");
    await kernel.open("n", "/d");
    await kernel.close("n");
    await kernel.close("n");
    expect(started[0]?.requests.map(({ type }) => type)).toEqual(["open", "close"]);
  });
});
