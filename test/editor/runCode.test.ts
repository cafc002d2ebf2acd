import { describe, expect, it } from "vitest";
import { parseViewRequest } from "../../src/editor/parseViewRequest.js";
import { codeFor, freeName, variableOf } from "../../src/editor/runCode.js";

describe("the name of a cell's search", () => {
  it.each([
    ["const zero = session.search(zeroOrderSearch(), problem);\nzero", "zero"],
    ["const zero = session.search(zeroOrderSearch(), problem);\nawait zero.run();\n", "zero"],
    ["await random.step(3)", "random"],
    ["import { display } from 'dnb';\ndisplay(told);", "told"],
    [
      "const a = session.search(x, y);\nconst b = a.fork('r1-c0');\nfor await (const round of b) console.log(round.index);",
      "b",
    ],
    ["const run: SearchRun = (await openSession()).search(x, y);\nrun // shown", "run"],
    ["await session.search(randomSearch(), problem).run()", undefined],
  ])("%j", (source, name) => {
    expect(variableOf(source)).toBe(name);
  });
});

describe("the code of a press", () => {
  const run = { variable: "zero", guidance: 2, budget: { nfe: 256 } };
  const code = (
    kind: "fork" | "continue" | "pick" | "insert",
    sources: string[] = [],
    compared?: string,
  ): string =>
    codeFor({ kind, candidate: "r3-c1", ...(compared === undefined ? {} : { compared }) }, run, sources);

  it("is what a person would write", () => {
    expect(code("fork")).toBe('const fork = zero.fork("r3-c1");\nawait fork.step();\nfork');
    expect(code("continue")).toBe(
      'const more = zero.fork("r3-c1", { guidance: 2, budget: { nfe: 512 } });\nawait more.run();\nmore',
    );
    expect(code("pick")).toBe('const picked = zero.candidate("r3-c1");\nawait picked.image()');
    expect(code("insert")).toBe('zero.candidate("r3-c1").scores');
    expect(code("insert", [], "r1-c0")).toBe(
      'await Promise.all(["r3-c1", "r1-c0"].map((id) => zero.candidate(id).image()))',
    );
  });

  it("takes a name that is free: a method of the same name is no variable", () => {
    expect(code("fork", ["const fork = 1;"])).toContain("const fork2 =");
    expect(freeName("fork", ["const fork = a.fork()", "fork2"])).toBe("fork3");
    expect(freeName("fork", ["const other = zero.fork('r1-c0')"])).toBe("fork");
  });
});

describe("a view's request to write", () => {
  const request = { type: "write", run: "s1", kind: "fork", candidate: "r1-c0" };
  it("passes as it is", () => {
    expect(parseViewRequest(request)).toEqual(request);
    expect(parseViewRequest({ ...request, kind: "insert", compared: "r2-c3" })).toMatchObject({
      compared: "r2-c3",
    });
  });
  it.each([
    { ...request, candidate: 'r1-c0"); evil("' },
    { ...request, candidate: "r1-c0\n" },
    { ...request, compared: "x" },
    { ...request, kind: "run" },
    { ...request, candidate: undefined },
  ])("is nothing when it is odd: %j", (odd) => {
    expect(parseViewRequest(odd)).toBeUndefined();
  });
});
