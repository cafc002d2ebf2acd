import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { VariableState } from "../../src/kernel/protocol.js";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel.close());
beforeEach(() => kernel.client.request({ type: "restart", notebook: kernel.notebook }));

async function variables(): Promise<readonly VariableState[]> {
  return (await kernel.client.request({ type: "variables", notebook: kernel.notebook })).variables;
}
const names = async (): Promise<string[]> => (await variables()).map(({ name }) => name);

describe("the variables of a notebook", () => {
  it("are what cells declare beside imports, in whatever way, with the cell that did it last", async () => {
    await kernel.run("const a = 1; let { b, c: [d] } = { b: 'two', c: [true] }; var e = [1, 2]", {
      number: 1,
    });
    await kernel.run("function f() {}\nclass G {}\nenum H { x }\ninterface I {}\ntype J = 1", { number: 2 });
    await kernel.run("import { join } from 'node:path'; join('a', 'b'); const a = 2", { number: 3 });
    const found = await variables();
    expect(found.map(({ name, type, cell }) => [name, type, cell.number])).toEqual([
      ["b", "string", 1],
      ["d", "boolean", 1],
      ["e", "number[]", 1],
      ["f", "function", 2],
      ["G", "class", 2],
      ["H", "Object", 2],
      ["a", "number", 3],
    ]);
    expect(found.at(-1)).toEqual({
      name: "a",
      type: "number",
      preview: "2",
      cell: { id: "cell3", number: 3 },
    });
  });

  it("have their own names also where those are globals'", async () => {
    await kernel.run("const process = 'mine'");
    expect(await variables()).toMatchObject([{ name: "process", preview: '"mine"' }]);
  });

  it("are those that were reached, of a cell that failed", async () => {
    await kernel.run("const reached = 1; throw new Error('here'); const never = 2");
    expect(await names()).toEqual(["reached"]);
  });

  it("run no getter when they are listed", async () => {
    await kernel.run("let calls = 0; const loud = { get x() { calls++; return 1 } }");
    expect(await variables()).toMatchObject([{ name: "calls" }, { preview: "{ x: (…) }" }]);
    expect(await kernel.shows("calls")).toBe("0");
  });

  it("can be copied whole, and forgotten", async () => {
    await kernel.run("const data = { list: Array.from({ length: 300 }, (_, i) => i) }; const big = 1n");
    const ask = (name: string, action: "text" | "forget") =>
      kernel.client.request({ type: "variable", notebook: kernel.notebook, name, action });
    const copied = await ask("data", "text");
    expect(JSON.parse(copied.type === "text" ? copied.text : "")).toEqual({
      list: Array.from({ length: 300 }, (_, i) => i),
    });
    expect(await ask("big", "text")).toEqual({ type: "text", text: "1n" });
    await ask("data", "forget");
    expect(await names()).toEqual(["big"]);
    expect(await kernel.shows("typeof data")).toBe("'undefined'");
    await expect(ask("data", "text")).rejects.toThrow("no variable data any more");
    // The name is free again.
    expect(await kernel.shows("const data = 5; data")).toBe("5");
  });

  it("are gone after a restart", async () => {
    await kernel.run("const a = 1");
    await kernel.client.request({ type: "restart", notebook: kernel.notebook });
    expect(await names()).toEqual([]);
  });

  it("can be asked for while a cell waits", async () => {
    const running = kernel.run(
      "const early = 1; await new Promise((r) => setTimeout(r, 400)); const late = 2",
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await names()).toEqual(["early"]);
    await running;
    expect(await names()).toEqual(["early", "late"]);
  });
});
