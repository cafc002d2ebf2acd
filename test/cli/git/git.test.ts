import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { conflictOf } from "../../../src/document/cellLabels.js";
import { parseNotebook } from "../../../src/document/parseNotebook.js";
import { writeNotebook } from "../../../src/document/writeNotebook.js";
import type { Notebook } from "../../../src/document/notebook.js";
import { workbench } from "../workbench.js";

const { folder, dnb } = workbench();
let repository = "";
let number = 0;

/** A person with nothing of this machine's configuration. */
const env = {
  ...process.env,
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.org",
};
const git = (...args: string[]): string =>
  execFileSync("git", args, { cwd: repository, env, encoding: "utf8", stdio: "pipe" });
const tries = (...args: string[]) => spawnSync("git", args, { cwd: repository, env, encoding: "utf8" });
const setup = (...args: string[]) =>
  execFileSync(process.execPath, [resolve("dist/cli.js"), "git-setup", ...args], {
    cwd: repository,
    env,
    encoding: "utf8",
  });

type Cells = readonly (readonly [id: string, source: string, output?: string])[];
const notebook = (cells: Cells): Notebook => ({
  dnb: 1,
  meta: {},
  cells: cells.map(([id, source, output]) => ({
    id,
    kind: "code",
    source: source.split("\n"),
    outputs:
      output === undefined ? [] : [{ items: [{ mime: "text/plain", text: output, extra: {} }], extra: {} }],
    extra: {},
  })),
  extra: {},
});
const write = (cells: Cells, name = "a b.dnb"): void =>
  writeFileSync(join(repository, name), writeNotebook(notebook(cells)));
const commit = (cells: Cells): void => {
  write(cells);
  git("add", "-A");
  git("commit", "-qm", "edit");
};
const read = (name = "a b.dnb"): Notebook => parseNotebook(readFileSync(join(repository, name), "utf8"));
const cellsOf = ({ cells }: Notebook) => cells.map(({ id, source }) => [id, source.join("\n")]);

/** `base` on main, `ours` on main, `theirs` on the branch side. */
function branches(base: Cells, ours: Cells, theirs: Cells): void {
  commit(base);
  git("checkout", "-qb", "side");
  commit(theirs);
  git("checkout", "-q", "main");
  commit(ours);
}

beforeEach(() => {
  repository = join(folder, `repo ${++number}`);
  mkdirSync(repository);
  git("init", "-qb", "main");
  setup();
  git("add", "-A");
  git("commit", "-qm", "start");
});

const base: Cells = [
  ["one", "a\nb\nc", "1"],
  ["two", "d\ne\nf", "2"],
  ["three", "g", "3"],
];

describe("git merge", () => {
  it("merges what plain text could not: another cell's outputs, neighbouring lines, a moved and a deleted cell", () => {
    branches(
      base,
      [
        ["two", "d\ne\nf", "2 again"],
        ["one", "A\nb\nc", "1"],
        ["three", "g", "3"],
      ],
      [
        ["one", "a\nb\nC", "other"],
        ["two", "d\ne\nf", "2"],
        ["new", "n", "n"],
      ],
    );
    git("merge", "-q", "side", "-m", "merge");
    const merged = read();
    expect(cellsOf(merged)).toEqual([
      ["two", "d\ne\nf"],
      ["new", "n"],
      ["one", "A\nb\nC"],
    ]);
    expect(merged.cells[0]?.outputs[0]?.items[0]).toMatchObject({ text: "2 again" });
    expect(merged.cells[2]?.outputs).toEqual([]);
    expect(git("status", "--short")).toBe("");
  });

  it("leaves a valid notebook with both versions at a conflict, and the merge open", () => {
    branches(base, [["one", "ours"], ...base.slice(1)], [["one", "theirs"], ...base.slice(1)]);
    const { status, stdout, stderr } = tries("merge", "side");
    expect(status).toBe(1);
    expect(stderr + stdout).toContain("a b.dnb: cell one: both sides changed the same lines");
    expect(cellsOf(read()).slice(0, 2)).toEqual([
      ["one", "ours"],
      ["one-theirs", "theirs"],
    ]);
    expect(read().cells.filter(conflictOf)).toHaveLength(2);
    expect(git("status", "--short")).toContain("UU");
    // Accept theirs, as the button does.
    commit([["one", "theirs"], ...base.slice(1)]);
    expect(git("log", "--merges", "--oneline").split("\n")).toHaveLength(2);
  });

  it("works in a rebase and in a cherry-pick", () => {
    branches(base, [["one", "A\nb\nc"], ...base.slice(1)], [["one", "a\nb\nC"], ...base.slice(1)]);
    git("checkout", "-q", "side");
    git("rebase", "-q", "main");
    expect(cellsOf(read())[0]).toEqual(["one", "A\nb\nC"]);
    git("checkout", "-q", "-b", "other", "HEAD~2");
    git("cherry-pick", "side");
    expect(cellsOf(read())[0]).toEqual(["one", "a\nb\nC"]);
  });

  it("merges a file that both sides have added", () => {
    git("checkout", "-qb", "side");
    commit([
      ["one", "a"],
      ["two", "x"],
    ]);
    git("checkout", "-q", "main");
    commit([
      ["one", "a"],
      ["three", "y"],
    ]);
    git("merge", "-q", "side", "-m", "merge");
    expect(cellsOf(read())).toEqual([
      ["one", "a"],
      ["three", "y"],
      ["two", "x"],
    ]);
  });

  it("leaves our file as it is when theirs is no notebook", () => {
    branches(base, [["one", "ours"]], [["one", "theirs"]]);
    git("checkout", "-q", "side");
    writeFileSync(join(repository, "a b.dnb"), "{ broken");
    git("commit", "-qam", "break");
    git("checkout", "-q", "main");
    const { status, stderr } = tries("merge", "side");
    expect(status).toBe(1);
    expect(stderr).toContain("line 1");
    expect(cellsOf(read())).toEqual([["one", "ours"]]);
  });
});

describe("git diff", () => {
  it("shows what a person reads", () => {
    commit(base);
    write([["one", "a\nB\nc", "9"], ...base.slice(1)]);
    const diff = git("diff");
    expect(diff).toContain("\n // %% [one] code\n a\n-b\n+B\n c\n-// > 1\n+// > 9\n");
    expect(diff).not.toContain('"mime"');
  });

  it("goes on at a version that is no notebook: its text is shown, in a diff and in a log", () => {
    commit(base);
    writeFileSync(join(repository, "a b.dnb"), '{"dnb":1,\n<<<<<<< HEAD\n');
    const { status, stdout, stderr } = tries("diff");
    expect(stdout).toContain("\n+<<<<<<< HEAD\n");
    expect(stderr).toMatch(/line 2/);
    expect(status).toBe(0);
    git("commit", "-qam", "damaged");
    commit(base);
    expect(git("log", "-p", "--format=%s")).toMatch(/-<<<<<<< HEAD[^]*\ndamaged\n[^]*\+<<<<<<< HEAD/);
  });
});

describe("git-setup", () => {
  it("keeps outputs out of commits, and in the file, when asked to", () => {
    setup("--strip");
    commit(base);
    expect(
      parseNotebook(git("show", "HEAD:a b.dnb")).cells.every(({ outputs }) => outputs.length === 0),
    ).toBe(true);
    expect(read().cells[0]?.outputs).toHaveLength(1);
    expect(git("status", "--short")).toBe("");
  });

  it("may be done twice, leaves other lines alone, and can be undone", () => {
    writeFileSync(join(repository, ".gitattributes"), "*.png binary\n\n*.dnb text\n");
    setup();
    setup("--strip");
    expect(readFileSync(join(repository, ".gitattributes"), "utf8")).toBe(
      "*.png binary\n\n*.dnb text\n*.dnb diff=dnb merge=dnb filter=dnb\n",
    );
    setup("--undo");
    expect(readFileSync(join(repository, ".gitattributes"), "utf8")).toBe("*.png binary\n\n*.dnb text\n");
    expect(git("config", "--local", "--list")).not.toContain("dnb");
  });

  it("2 outside of a repository", async () => {
    expect(await dnb(["git-setup"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("in no git repository"),
    });
  });
});

describe("the commands by themselves", () => {
  const file = (name: string, cells: Cells): string => {
    writeFileSync(join(folder, name), writeNotebook(notebook(cells)));
    return name;
  };

  it("diff names added, deleted, moved and changed cells, and whether anything differs", async () => {
    const before = file("before.dnb", [
      ["a", "1\n2\n3\n4\n5\n6\n7\n8"],
      ["b", "x"],
      ["c", "y"],
      ["d", "z", "out"],
    ]);
    const after = file("after.dnb", [
      ["c", "y"],
      ["a", "1\n2\n3\n4\n5\n6\nseven\n8"],
      ["n", "new"],
      ["d", "z", "other"],
    ]);
    const { code, stdout } = await dnb(["diff", before, after]);
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        "--- // %% [b] code\n-x",
        "*** // %% [a] code (moved)\n@@\n 5\n 6\n-7\n+seven\n 8",
        "+++ // %% [n] code\n+new",
        "*** // %% [d] code\n z\n-// > out\n+// > other\n",
      ].join("\n"),
    );
    expect(await dnb(["diff", before, before])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(
      (
        await dnb([
          "diff",
          "--no-outputs",
          after,
          file("rerun.dnb", [
            ["c", "y", "!"],
            ["a", "1\n2\n3\n4\n5\n6\nseven\n8"],
            ["n", "new"],
            ["d", "z"],
          ]),
        ])
      ).code,
    ).toBe(0);
  });

  it("strip says what it would do, does it, and does nothing the second time", async () => {
    const name = file("strip.dnb", base);
    expect(await dnb(["strip", "--check", name])).toEqual({
      code: 1,
      stdout: "strip.dnb: has outputs\n",
      stderr: "",
    });
    expect((await dnb(["strip", name])).code).toBe(0);
    expect(readFileSync(join(folder, name), "utf8")).toBe(
      writeNotebook(notebook(base.map(([id, source]) => [id, source]))),
    );
    expect((await dnb(["strip", "--check", name])).code).toBe(0);
  });

  it("merge writes where it is told to", async () => {
    const [o, a, b] = [file("o.dnb", base), file("a.dnb", [["one", "A\nb\nc"]]), file("b.dnb", base)];
    expect(await dnb(["merge", o, a, b, "-o", "merged.dnb"])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(cellsOf(parseNotebook(readFileSync(join(folder, "merged.dnb"), "utf8")))).toEqual([
      ["one", "A\nb\nc"],
    ]);
    expect((await dnb(["merge", o, a])).code).toBe(2);
    for (const three of [
      [o, a, "missing.dnb"],
      ["missing.dnb", a, b],
    ])
      expect(await dnb(["merge", ...three])).toEqual({
        code: 5,
        stdout: "",
        stderr: "dnb: missing.dnb: there is no such file\n",
      });
  });
});
