import { describe, expect, it } from "vitest";
import { kernelNotStarted, kernelStopped } from "../../src/editor/kernelStopped.js";
import { kernelStatusText, nextKernelStatus } from "../../src/editor/kernelStatus.js";
import type { ModelState } from "../../src/kernel/protocol.js";
import { parseViewRequest } from "../../src/editor/parseViewRequest.js";

describe("the status of a kernel", () => {
  it("counts a cell's time through running and busy, and anew for the next", () => {
    const running = nextKernelStatus(nextKernelStatus(undefined, "idle", 0), "running", 1000);
    const busy = nextKernelStatus(running, "busy", 9000);
    expect(kernelStatusText(busy, 13_500).text).toBe("$(sync~spin) dnb: busy 12 s");
    const idle = nextKernelStatus(busy, "idle", 14_000);
    const next = nextKernelStatus(idle, "running", 20_000);
    expect(kernelStatusText(next, 20_500).text).toBe("$(sync~spin) dnb: running");
  });

  it("has words for every state", () => {
    const states = ["untrusted", "stopped", "starting", "idle", "running", "busy"] as const;
    const texts = states.map((state) => kernelStatusText({ state, since: 0, rss: 300 * 2 ** 20 }, 0));
    expect(new Set(texts.map(({ text }) => text)).size).toBe(states.length);
    expect(texts[3]?.tooltip).toContain("300 MB");
  });

  it("names the device that models run on, and what is loaded, loading or away", () => {
    const of = (models: readonly ModelState[]) => kernelStatusText({ state: "idle", since: 0, models }, 0);
    const fashion = {
      name: "fashion",
      device: "cpu",
      bytes: 5 * 2 ** 20,
      state: "loaded",
      users: 2,
    } as const;
    expect(of([fashion])).toEqual({
      text: "$(circle-large-outline) dnb: idle · cpu",
      tooltip: "The kernel waits for a cell. Model fashion (5 MB) is loaded on cpu for 2 sessions.",
    });
    expect(of([fashion, { ...fashion, name: "sd", device: "webgpu", state: "away", users: 1 }])).toEqual({
      text: "$(circle-large-outline) dnb: idle · cpu, webgpu",
      tooltip: expect.stringContaining("Model sd (5 MB) is out of memory until it is used.") as string,
    });
    expect(of([{ name: "sd", state: "loading", users: 1 }]).text).toContain("loading a model");
    expect(of([]).text).toBe("$(circle-large-outline) dnb: idle");
  });
});

describe("a view's request", () => {
  it("is taken apart and put together again", () => {
    const step = { type: "search", run: "r", action: { kind: "step", rounds: 1, extra: 1 }, extra: 1 };
    expect(parseViewRequest(step)).toEqual({ type: "search", run: "r", action: { kind: "step", rounds: 1 } });
    expect(parseViewRequest({ type: "ready", run: "r" })).toEqual({ type: "ready", run: "r" });
    const others = { type: "others", run: "r", runs: ["a", "b"] };
    expect(parseViewRequest({ ...others, extra: 1 })).toEqual(others);
    const looked = {
      view: "tree",
      measure: "nfe",
      log: false,
      columns: "round",
      colour: "judge",
      selected: "r1-c0",
    };
    const request = { type: "looked", run: "r", looked };
    expect(parseViewRequest({ ...request, looked: { ...looked, extra: 1 } })).toEqual(request);
    for (const kind of ["run", "pause", "stop"]) {
      expect(parseViewRequest({ type: "search", run: "r", action: { kind } })).toEqual({
        type: "search",
        run: "r",
        action: { kind },
      });
    }
  });

  it.each([
    undefined,
    null,
    "ready",
    [],
    {},
    { type: "ready" },
    { type: "ready", run: 1 },
    { type: "ready", run: "r".repeat(201) },
    { type: "other", run: "r" },
    { type: "others", run: "r" },
    { type: "looked", run: "r" },
    { type: "looked", run: "r", looked: { view: "tree", measure: "nfe", log: 1, columns: "round" } },
    {
      ...{ type: "looked", run: "r" },
      looked: { view: "v".repeat(41), measure: "nfe", log: true, columns: "round" },
    },
    { type: "others", run: "r", runs: [1] },
    { type: "others", run: "r", runs: Array.from({ length: 21 }, () => "a") },
    { type: "search", run: "r" },
    { type: "search", run: "r", action: { kind: "fork" } },
    { type: "search", run: "r", action: { kind: "step" } },
    { type: "search", run: "r", action: { kind: "step", rounds: 0 } },
    { type: "search", run: "r", action: { kind: "step", rounds: 1.5 } },
    { type: "search", run: "r", action: { kind: "step", rounds: "1" } },
  ])("%j is none", (message) => {
    expect(parseViewRequest(message)).toBeUndefined();
  });
});

describe("the end of a kernel", () => {
  it("says what happened, what it printed last and what to do", () => {
    const stderr = Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\n");
    const error = kernelStopped({ reason: "The kernel was killed (SIGKILL).", stderr });
    expect(error.message).toBe(
      "The kernel was killed (SIGKILL). Variables and loaded models are gone. Run a cell to start a new kernel.",
    );
    expect(error.stack?.split("\n")).toHaveLength(11);
    expect(error.stack).toContain("line 29");
    expect(kernelStopped({ reason: "It ended.", stderr: "" })).not.toHaveProperty("stack");
    expect(kernelNotStarted(new Error("spawn ENOENT")).message).toMatch(/spawn ENOENT[^]*dnb\.node/);
  });
});
