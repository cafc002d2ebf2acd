import { expect, it } from "vitest";
import { CellExecution, Interrupted } from "../../../src/kernel/cells/cellExecution.js";
import { InterruptFlag } from "../../../src/kernel/cells/interruptFlag.js";
import { ANY, FLUSH, SHARED } from "../../../src/kernel/cells/messages.js";

const execution = (sequence: number): CellExecution =>
  new CellExecution(`x${sequence}`, sequence, { id: "c", number: 1 });

function flagged(): {
  flag: InterruptFlag;
  raise: (value: number) => void;
  raised: () => number;
  flushed: () => number;
} {
  const words = new Int32Array(new SharedArrayBuffer(SHARED.words * 4));
  let flushes = 0;
  const flag = new InterruptFlag(words, () => void flushes++);
  return {
    flag,
    raise: (value) => void Atomics.store(words, SHARED.interrupt, value),
    raised: () => Atomics.load(words, SHARED.interrupt),
    flushed: () => flushes,
  };
}

it("stops the cell that it is raised for, and one that has not been able to begin", () => {
  const { flag, raise } = flagged();
  flag.begin(execution(1));
  flag.tick();
  raise(1);
  expect(flag.tick).toThrow(Interrupted);
  raise(2);
  expect(flag.tick).toThrow(Interrupted);
});

it("raised for a cell that ended at that moment, it is lowered, and output can be asked for again", () => {
  const { flag, raise, raised, flushed } = flagged();
  const first = execution(1);
  flag.begin(first);
  flag.end(first, false);
  raise(1);
  flag.acknowledge();
  expect(raised()).toBe(0);
  flag.begin(execution(2));
  raise(FLUSH);
  flag.tick();
  expect([flushed(), raised()]).toEqual([1, 0]);
});

it("stays up for what is left of an abandoned cell, and does not stop the next one", () => {
  const { flag, raise, raised } = flagged();
  const first = execution(1);
  flag.begin(first);
  raise(1);
  flag.end(first, true);
  flag.acknowledge();
  expect(raised()).toBe(1);
  flag.begin(execution(2));
  flag.tick();
});

it("raised for whatever runs, it is lowered once the event loop turns", () => {
  const { flag, raise, raised } = flagged();
  raise(ANY);
  expect(flag.tick).toThrow(Interrupted);
  flag.acknowledge();
  expect(raised()).toBe(0);
});
