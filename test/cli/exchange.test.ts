import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { shownBy, workbench } from "./workbench.js";

const { folder, dnb, write, read } = workbench();
const file = (name: string): string => readFileSync(join(folder, name), "utf8");
const jupyter = (name: string, cell: object): void =>
  writeFileSync(
    join(folder, name),
    JSON.stringify({
      ...{ nbformat: 4, nbformat_minor: 5, metadata: { language_info: { name: "typescript" } } },
      cells: [{ cell_type: "code", id: "x", execution_count: 1, ...cell }],
    }),
  );

describe("dnb export and import", () => {
  it("write what the ending says, and read it back", async () => {
    write("a.dnb", [["markdown", "# Title"], "const a: number = 1;\na"]);
    for (const ending of ["html", "ipynb", "md", "ts"])
      expect(await dnb(["export", "a.dnb", "-o", `out/a.${ending}`])).toEqual({
        code: 0,
        stdout: "",
        stderr: "",
      });
    expect(file("out/a.html")).toContain("<h1>Title</h1>");
    expect(file("out/a.md")).toContain("# Title\n\n```ts\nconst a: number = 1;\na\n```");
    for (const ending of ["html", "md"]) {
      expect((await dnb(["export", "a.dnb", "-o", `out/bare.${ending}`, "--no-code"])).code).toBe(0);
      expect(file(`out/bare.${ending}`)).toMatch(/Title[^]*stale/);
      expect(file(`out/bare.${ending}`)).not.toContain("number");
    }
    expect((await dnb(["import", "out/a.ipynb"])).code).toBe(0);
    expect(read("out/a.dnb")).toEqual(read("a.dnb"));
    expect(await dnb(["import", "out/a.ts", "-o", "out/a.dnb"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is there already"),
    });
    expect((await dnb(["import", "out/a.ts", "-o", "out/a.dnb", "--force"])).code).toBe(0);
    expect(read("out/a.dnb").cells.map(({ id, source }) => [id, source])).toEqual(
      read("a.dnb").cells.map(({ id, source }) => [id, source]),
    );
  });

  it("import nothing private that a run would not have written", async () => {
    const text = ["one\n", "/home/someone/data ghp_abcdefghijklmnopqrstuvwxyz0123456789\n"];
    jupyter("private.ipynb", {
      source: "1",
      outputs: [{ output_type: "stream", name: "stdout", text }],
      metadata: {},
    });
    expect((await dnb(["import", "private.ipynb"])).code).toBe(0);
    expect(shownBy(read("private.dnb"), 0)).toBe("one\n~/data [secret]\n");
  });

  it.each([
    [["export", "a.dnb"], 2, "-o which file?"],
    [["export", "a.dnb", "-o", "a.pdf"], 2, "expected an ending of .html, .ipynb, .md, .ts"],
    [["export", "a.dnb", "-o", "a.ts", "--no-code"], 2, "would be nothing without its code"],
    [["export", "missing.dnb", "-o", "a.md"], 5, "there is no such file"],
    [["import", "a.txt"], 2, "expected a .ipynb or a .ts file"],
    [["import", "bad.ipynb"], 5, "bad.ipynb: "],
    [["import", "hostile.ipynb"], 5, "hostile.ipynb: "],
  ])("%j ends with %i", async (args, expected, message) => {
    writeFileSync(join(folder, "bad.ipynb"), "{");
    jupyter("hostile.ipynb", { source: "1", outputs: [], metadata: { dnb: { role: 5, source: [7] } } });
    const { code, stderr } = await dnb(args);
    expect(stderr).toContain(message);
    expect(code).toBe(expected);
    expect(existsSync(join(folder, "hostile.dnb"))).toBe(false);
  });
});
