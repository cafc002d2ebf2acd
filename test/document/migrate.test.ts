import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeNotebook } from "../../src/document/decodeNotebook.js";
import { migrate, migrations, VERSION } from "../../src/document/migrate.js";
import { writeNotebook } from "../../src/document/writeNotebook.js";

const folder = "test/fixtures/documents";

describe("versions", () => {
  it("has notebooks of every version, and a step from each to the next", () => {
    const versions = Array.from({ length: VERSION }, (_, index) => `v${index + 1}`);
    expect(readdirSync(folder).filter((name) => /^v\d+$/.test(name))).toEqual(versions);
    expect(migrations).toHaveLength(VERSION - 1);
  });

  const notebooks = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".dnb"),
  );
  it.each(notebooks)("%s opens, and is canonical once it was saved", (name) => {
    const bytes = readFileSync(join(folder, name));
    const text = writeNotebook(decodeNotebook(bytes));
    expect(JSON.parse(text)).toMatchObject({ dnb: VERSION });
    expect(writeNotebook(decodeNotebook(new TextEncoder().encode(text)))).toBe(text);
  });

  it("reads a notebook that was written by hand", () => {
    const notebook = decodeNotebook(readFileSync(join(folder, "v1/by-hand.dnb")));
    expect(notebook.cells).toEqual([
      { id: "a", kind: "markdown", source: ["one", "two"], outputs: [], extra: { later: { b: 1, a: 2 } } },
      {
        id: "b",
        kind: "code",
        source: [],
        outputs: [],
        extra: { role: "parameters", tags: ["slow", "gpu"] },
      },
    ]);
  });

  it("takes an old document through every step in between, and no other", () => {
    const steps = [
      ({ text, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, body: text }),
      ({ body, ...rest }: Readonly<Record<string, unknown>>) => ({
        ...rest,
        lines: String(body).split("\n"),
      }),
    ];
    expect(migrate({ dnb: 1, text: "a\nb", kept: 1 }, steps, 3)).toEqual({
      dnb: 3,
      kept: 1,
      lines: ["a", "b"],
    });
    expect(migrate({ dnb: 2, body: "a" }, steps, 3)).toEqual({ dnb: 3, lines: ["a"] });
    expect(migrate({ dnb: 3, lines: [] }, steps, 3)).toEqual({ dnb: 3, lines: [] });
    expect(() => migrate({ dnb: 4 }, steps, 3)).toThrow("format version 4 and needs a newer version");
  });
});
