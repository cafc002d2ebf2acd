import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BreakpointWatch } from "../../src/editor/breakpointWatch.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watching() {
  let ready = 0;
  const watch = new BreakpointWatch(
    "/cells/a.ts",
    (path) => path.startsWith("/cells/"),
    () => ready++,
  );
  const ask = (
    session: string,
    seq: number,
    path: string,
    ...breakpoints: { id: number; verified: boolean }[]
  ) => {
    watch.received(session, {
      type: "request",
      seq,
      command: "setBreakpoints",
      arguments: { source: { path } },
    });
    watch.sent(session, { type: "response", request_seq: seq, body: { breakpoints } });
  };
  const bind = (session: string, id: number) =>
    watch.sent(session, { type: "event", event: "breakpoint", body: { breakpoint: { id, verified: true } } });
  const load = (session: string, path: string) =>
    watch.sent(session, { type: "event", event: "loadedSource", body: { reason: "new", source: { path } } });
  const configure = (session: string) =>
    watch.sent(session, { type: "response", command: "configurationDone", request_seq: 99 });
  return { watch, ask, bind, load, configure, ready: () => ready };
}

describe("a cell that is debugged waits", () => {
  it("until its map is read, where no breakpoint is in cells", () => {
    const { watch, ask, load, configure, ready } = watching();
    ask("s", 1, "/project/module.ts", { id: 1, verified: false });
    configure("s");
    load("s", "/cells/b.ts");
    for (const nonsense of [undefined, 5, {}, { event: "loadedSource" }, { event: "breakpoint", body: {} }]) {
      watch.received("s", nonsense);
      watch.sent("s", nonsense);
    }
    expect(ready()).toBe(0);
    load("s", "/cells/a.ts");
    load("s", "/cells/a.ts");
    expect(ready()).toBe(1);
  });

  it("until each breakpoint in a cell is bound, in the session that runs it", () => {
    const { ask, bind, load, configure, ready } = watching();
    // The adapter speaks before it was asked.
    load("worker", "/cells/a.ts");
    for (const session of ["root", "worker"]) {
      ask(session, 1, "/cells/a.ts", { id: 1, verified: false }, { id: 2, verified: true });
      ask(session, 2, "/cells/b.ts", { id: 3, verified: false });
      expect(ready()).toBe(0);
      configure(session);
    }
    bind("root", 1);
    bind("worker", 1);
    expect(ready()).toBe(0);
    bind("worker", 3);
    expect(ready()).toBe(1);
  });

  it("no longer than a second for one that nothing binds, and not at all when debugging has ended", () => {
    for (const ends of [false, true]) {
      const { watch, ask, load, configure, ready } = watching();
      ask("s", 1, "/cells/a.ts", { id: 1, verified: false });
      configure("s");
      load("s", "/cells/a.ts");
      vi.advanceTimersByTime(900);
      if (ends) watch.dispose();
      vi.advanceTimersByTime(200);
      expect(ready()).toBe(ends ? 0 : 1);
    }
  });
});
