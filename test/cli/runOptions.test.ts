import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseNotebook } from "../../src/document/parseNotebook.js";
import { outputsOf, shownBy, workbench, type Running } from "./workbench.js";

const { folder, dnb, write, read } = workbench();
const file = (name: string): string => readFileSync(join(folder, name), "utf8");

describe("parameters", () => {
  const cells = [
    { source: "const steps = 8;\nconst name: string = 'a';", role: "parameters" },
    "`${steps} ${name}`",
  ] as const;

  it("take the place of the initialisers; the source stays, the values are recorded", async () => {
    write("parameters.dnb", cells);
    writeFileSync(join(folder, "values.json"), '{"steps": 1, "name": "file"}');
    const { code } = await dnb([
      "run",
      "parameters.dnb",
      "-o",
      "set.dnb",
      "-f",
      "values.json",
      "-p",
      "steps=20",
    ]);
    expect(code).toBe(0);
    expect(shownBy(read("set.dnb"), 1)).toBe("'20 file'");
    expect(read("set.dnb").cells[0]?.source).toEqual(["const steps = 8;", "const name: string = 'a';"]);
    expect(read("set.dnb").meta).toEqual({ kept: true, parameters: { steps: 20, name: "file" } });
    await dnb(["run", "set.dnb", "--inplace"]);
    expect(shownBy(read("set.dnb"), 1)).toBe("'8 a'");
    expect(read("set.dnb").meta).toEqual({ kept: true });
  });

  it("come from YAML, base64 and as text too, the notebook through a pipe, and the result leaves by one", async () => {
    const declared =
      "const steps = 8;\nconst name: string = 'a';\nconst sizes: number[] = [];\nconst code: string = '';";
    const shown = "[steps, name, sizes, code, (await import('node:fs')).readFileSync('here.txt', 'utf8')]";
    const piped = write("given.dnb", [
      { source: declared, role: "parameters" },
      `console.log('printed'); ${shown}`,
    ]);
    mkdirSync(join(folder, "work"));
    writeFileSync(join(folder, "work/here.txt"), "in work");
    writeFileSync(
      join(folder, "values.yaml"),
      "# papermill's\nsteps: 1\nname: file\nsizes:\n  - 1\n  - 2.5\n",
    );
    const base64 = Buffer.from("{steps: 5}").toString("base64");
    const given = ["-f", "values.yaml", "-y", "{name: yaml, steps: 4}", "-b", base64, "-r", "code=12"];
    const more = ["--report", "md=given.md", "--no-code", ...given];
    const args = ["run", "-", "-o", "-", "--cwd", "work", "--report", "json=given.json", ...more];
    const { code, stdout, stderr } = await dnb(args, ({ type }) => {
      type(readFileSync(piped, "utf8"));
      type("");
    });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("printed\n");
    const notebook = parseNotebook(stdout);
    const values = { steps: 5, name: "yaml", sizes: [1, 2.5], code: "12" };
    expect(outputsOf(notebook, 1)?.map((items) => items.at(-1)?.[1])).toEqual([
      "printed\n",
      "[ 5, 'yaml', [ 1, 2.5 ], '12', 'in work' ]",
    ]);
    expect(notebook.meta["parameters"]).toEqual(values);
    expect(JSON.parse(file("given.json"))).toMatchObject({ notebook: "stdin", parameters: values });
    expect(file("given.md")).toBe(
      "```text\nprinted\n```\n\n```text\n[ 5, 'yaml', [ 1, 2.5 ], '12', 'in work' ]\n```\n",
    );
    const broken = await dnb(["run", "-"], ({ type }) => type(""));
    expect(broken).toMatchObject({ code: 5, stderr: expect.stringContaining("stdin: the file is empty") });
  });

  it("are checked against their types before anything runs", async () => {
    write("parameters.dnb", cells);
    const wrong = await dnb(["run", "parameters.dnb", "-o", "never.dnb", "-p", "steps=many"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain(
      "parameter steps is of type number: Type 'string' is not assignable to type 'number'.",
    );
    expect(existsSync(join(folder, "never.dnb"))).toBe(false);
    expect((await dnb(["run", "parameters.dnb", "--seed", "3"])).stderr).toContain(
      'there is no parameter "seed"',
    );
    write("none.dnb", ["1"]);
    expect((await dnb(["run", "none.dnb", "-p", "a=1"])).stderr).toContain(
      "the notebook has no parameters cell",
    );
  });

  it("may have the types that cells import", async () => {
    write("imported.dnb", [
      {
        source: 'import type { Budget } from "dnb";\nconst budget: Budget = { nfe: 8 };',
        role: "parameters",
      },
      "console.log(budget.nfe)",
    ]);
    const { stdout } = await dnb(["run", "imported.dnb", "--parameters-schema"]);
    const schema: { properties: { budget: object } } = JSON.parse(stdout);
    expect(schema.properties.budget).toMatchObject({
      properties: { nfe: { type: "number" } },
      default: { nfe: 8 },
    });
    const refused = await dnb(["run", "imported.dnb", "-p", 'budget={"nfe":"many"}']);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("parameter budget is of type Budget"),
    });
    const taken = await dnb(["run", "imported.dnb", "-p", 'budget={"nfe":16}']);
    expect(taken).toMatchObject({ code: 0, stdout: expect.stringContaining("16") });
  });

  it("have a schema", async () => {
    write("parameters.dnb", cells);
    const { code, stdout } = await dnb(["run", "parameters.dnb", "--parameters-schema"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      properties: { steps: { type: "number", default: 8 }, name: { type: "string", default: "a" } },
    });
  });
});

describe("which cells run", () => {
  const prints = [
    "'one'",
    { source: "'two'", tags: ["slow"] },
    "'three'",
    { source: "'four'", tags: ["skip-execution"] },
  ] as const;
  it.each([
    [[], ["'one'", "'two'", "'three'", "stale"]],
    [
      ["--cells", "cell1,3"],
      ["'one'", "stale", "'three'", "stale"],
    ],
    [
      ["--cells", "2.."],
      ["stale", "'two'", "'three'", "stale"],
    ],
    [
      ["--cells", "..cell2"],
      ["'one'", "'two'", "stale", "stale"],
    ],
    [
      ["--tag", "slow"],
      ["stale", "'two'", "stale", "stale"],
    ],
    [
      ["--skip-tag", "slow"],
      ["'one'", "stale", "'three'", "stale"],
    ],
  ])("%j", async (options, expected) => {
    write("select.dnb", prints);
    const { code } = await dnb(["run", "select.dnb", "-o", "selected.dnb", ...options]);
    expect(code).toBe(0);
    expect(prints.map((_, cell) => shownBy(read("selected.dnb"), cell))).toEqual(expected);
  });

  it.each([
    [["--cells", "cell9"], 'there is no cell "cell9"'],
    [["--cells", "7"], 'there is no cell "7"; the notebook has 4'],
    [["--tag", "fast"], 'no cell has the tag "fast"'],
    [["--timeout", "soon"], "expected a number of seconds"],
    [["--report", "pdf"], 'there is no report "pdf"'],
    [["-p", "steps"], "expected name=value"],
    [["--inplace", "-o", "x"], "exclude each other"],
    [["-o", "-", "--events", "-"], "would write to stdout at once"],
    [["-o", "-", "--report", "html"], "--report html=: which file?"],
  ])("2 for %j", async (options, message) => {
    write("select.dnb", prints);
    const { code, stderr } = await dnb(["run", "select.dnb", ...options]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe("the end of a run", () => {
  it("3 when a cell takes too long: it is interrupted, and what it printed is written", async () => {
    write("slow.dnb", ["1", "console.log('begun'); for (;;);", "3"]);
    const { code, stderr } = await dnb(["run", "slow.dnb", "-o", "slow-out.dnb", "--cell-timeout", "1.5"]);
    expect(stderr).toContain(
      "dnb: cell 2 (cell2), line 1: Timeout: The cell took longer than 1.5 s (--cell-timeout)",
    );
    expect(code).toBe(3);
    expect(shownBy(read("slow-out.dnb"), 1)).toBe("begun\n");
    expect(read("slow-out.dnb").cells[2]?.outputs).toEqual([]);
  });

  it("3 when the whole takes too long", async () => {
    write("slow.dnb", ["await new Promise(() => {})"]);
    const { code, stderr } = await dnb(["run", "slow.dnb", "--timeout", "1.5", "--allow-errors"]);
    expect(stderr).toContain("The notebook took longer than 1.5 s (--timeout)");
    expect(code).toBe(3);
  });

  it.each([
    [["--allow-errors"], 0, "'after'"],
    [["--allow-error", "RangeError"], 0, "'after'"],
    [["--allow-error", "TypeError"], 1, undefined],
  ])("%j after an error", async (options, expected, after) => {
    write("errors.dnb", ["throw new RangeError('x')", "'after'"]);
    const { code } = await dnb(["run", "errors.dnb", "-o", "errors-out.dnb", ...options]);
    expect(code).toBe(expected);
    expect(shownBy(read("errors-out.dnb"), 0)).toMatchObject({ name: "RangeError" });
    expect(shownBy(read("errors-out.dnb"), 1)).toBe(after);
  });

  it("0 for a cell that says itself that it raises", async () => {
    write("raises.dnb", [{ source: "throw new Error('x')", tags: ["raises-exception"] }, "'after'"]);
    expect((await dnb(["run", "raises.dnb", "-o", "raises-out.dnb"])).code).toBe(0);
    expect(shownBy(read("raises-out.dnb"), 1)).toBe("'after'");
  });

  it("5 for one side of a merge conflict", async () => {
    write("conflict.dnb", [{ source: "1", conflict: { of: "cell1", side: "ours" } }]);
    expect(await dnb(["run", "conflict.dnb"])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("cell cell1 is one side of a merge conflict"),
    });
  });

  it("143 for SIGTERM, with what there is", async () => {
    write("term.dnb", ["console.log('ready'); await new Promise(() => {})"]);
    const { code } = await dnb(
      ["run", "term.dnb", "-o", "term-out.dnb"],
      (running) => void once(running.stdout, "ready").then(() => running.kill("SIGTERM")),
    );
    expect(code).toBe(143);
    expect(shownBy(read("term-out.dnb"), 0)).toBe("ready\n");
  });

  it("keeps what the cells before showed when dnb itself is killed", async () => {
    write("kill.dnb", [
      "await new Promise((later) => setTimeout(later, 1100)); 'kept'",
      "console.log('ready'); await new Promise(() => {})",
    ]);
    const { code } = await dnb(
      ["run", "kill.dnb", "-o", "kill-out.dnb"],
      (running) => void once(running.stdout, "ready").then(() => running.kill("SIGKILL")),
    );
    expect(code).toBe(null);
    expect(shownBy(read("kill-out.dnb"), 0)).toBe("'kept'");
  });
});

describe("reports", () => {
  it("says the same in four formats, in the end of a failing run too", async () => {
    write("reports.dnb", [["markdown", "# Title"], "'shown'", "throw new Error('a <b> & \\u0007')", "3"]);
    const { code } = await dnb([
      "run",
      "reports.dnb",
      "-o",
      "out/reports.dnb",
      ...["html", "md", "json", "junit=out/j.xml"].flatMap((kind) => ["--report", kind]),
    ]);
    expect(code).toBe(1);
    expect(file("out/reports.html")).toContain("<h1>Title</h1>");
    expect(file("out/reports.md")).toMatch(
      /^# Title\n\n```ts\n'shown'\n```\n\n```text\n'shown'\n```\n\n```ts\nthrow/,
    );
    expect(JSON.parse(file("out/reports.report.json"))).toMatchObject({
      notebook: "reports.dnb",
      outcome: "error",
      exitCode: 1,
      cells: [
        { cell: "cell2", number: 2, outcome: "ok" },
        { cell: "cell3", outcome: "error", error: { name: "Error", line: 1 } },
        { cell: "cell4", outcome: "skipped" },
      ],
    });
    const junit = file("out/j.xml");
    expect(junit).toContain('<testsuite name="reports" tests="3" failures="1" errors="0" skipped="1"');
    expect(junit).toContain('<failure type="Error" message="a &lt;b&gt; &amp; \ufffd (line 1)">');
  });

  it("writes each event as a line of JSON", async () => {
    write("events.dnb", ["console.log('printed'); 1", "throw new Error('x')"]);
    const { stdout } = await dnb(["run", "events.dnb", "--events", "-"]);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect(events.map(({ type }) => type)).toEqual([
      "run-started",
      "cell-started",
      "stream",
      "display",
      "cell-ended",
      "cell-started",
      "cell-ended",
      "run-ended",
    ]);
    expect(events[2]).toEqual({ type: "stream", cell: "cell1", name: "stdout", text: "printed\n" });
    expect(events.at(-1)).toMatchObject({ outcome: "error" });
    await dnb(["run", "events.dnb", "--events", "events.ndjson"]);
    expect(file("events.ndjson").trimEnd().split("\n")).toHaveLength(events.length);
  });
});

describe("--inplace", () => {
  const waits =
    "import { existsSync } from 'node:fs'; console.log('ready'); while (!existsSync('go')) await new Promise((r) => setTimeout(r, 10));";
  /** Runs it in place; `edit` is made while its first cell runs. */
  const edited = (name: string, edit: () => void) => {
    rmSync(join(folder, "go"), { force: true });
    return dnb(["run", name, "-o", `./${name}`], ({ stdout }) => {
      void once(stdout, "ready").then(() => {
        edit();
        writeFileSync(join(folder, "go"), "");
      });
    });
  };

  it("keeps what was edited while it ran, and puts outputs where a cell is still what ran", async () => {
    write("edited.dnb", [waits, "'two'", "'three'", "'four'"]);
    const { code, stderr } = await edited("edited.dnb", () => {
      const notebook = JSON.parse(file("edited.dnb")) as { meta: object; cells: { source: string[] }[] };
      const [first, second, third] = notebook.cells;
      const cells = [
        third,
        { ...second, source: ["'my edit'"] },
        { id: "new", kind: "markdown", source: [] },
        first,
      ];
      writeFileSync(
        join(folder, "edited.dnb"),
        JSON.stringify({ ...notebook, meta: { title: "mine" }, cells }),
      );
    });
    expect(code).toBe(0);
    expect(stderr).toContain(
      "dnb: ./edited.dnb was edited while it ran: the edits are kept; of cell cell2 it shows nothing new, because what ran there is not what stands there now",
    );
    const now = read("edited.dnb");
    expect(now.meta).toEqual({ title: "mine" });
    expect(now.cells.map(({ id, source }) => [id, source[0]])).toEqual([
      ["cell3", "'three'"],
      ["cell2", "'my edit'"],
      ["new", undefined],
      ["cell1", waits],
    ]);
    expect([0, 1, 3].map((cell) => shownBy(now, cell))).toEqual(["'three'", "stale", "ready\n"]);
  });

  it("leaves a file alone that is no notebook any more, and writes beside it", async () => {
    write("torn.dnb", [waits]);
    write("torn.run.dnb", ["'somebody else has this'"]);
    const other = file("torn.run.dnb");
    const { code, stderr } = await edited("torn.dnb", () =>
      writeFileSync(join(folder, "torn.dnb"), '{"dnb": 1, my'),
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /torn\.dnb was edited .* is no notebook now.* the result is in torn\.run-2\.dnb\n/,
    );
    expect(file("torn.dnb")).toBe('{"dnb": 1, my');
    expect(file("torn.run.dnb")).toBe(other);
    expect(shownBy(read("torn.run-2.dnb"), 0)).toBe("ready\n");
  });
});

describe("--watch", () => {
  it("in place runs again for an edit, also for one made while it runs, and not for what it writes itself", async () => {
    const cell = (shown: string) => `console.log('${shown}'); await new Promise((r) => setTimeout(r, 300));`;
    write("both.dnb", [cell("first")]);
    const { code, stdout } = await dnb(["run", "both.dnb", "--inplace", "--watch"], (running) => {
      void (async () => {
        await once(running.stderr, "waiting for a change");
        write("both.dnb", [cell("second")]);
        await once(running.stdout, "second");
        write("both.dnb", [cell("third")]);
        await once(running.stdout, "third");
        await once(running.stderr, "waiting for a change", 3);
        running.kill("SIGINT");
      })();
    });
    expect(stdout).toBe("first\nsecond\nthird\n");
    expect(code).toBe(130);
    expect(read("both.dnb").cells[0]?.source).toEqual([cell("third")]);
    expect(shownBy(read("both.dnb"), 0)).toBe("third\n");
  });

  it("runs again when the notebook changes, survives half an edit, and ends with Ctrl+C", async () => {
    write("watch.dnb", ["console.log('first')"]);
    const { code, stdout, stderr } = await dnb(
      ["run", "watch.dnb", "-o", "watch-out.dnb", "--watch"],
      (running) => {
        const waiting = (times: number) => once(running.stderr, "waiting for a change", times);
        void (async () => {
          await waiting(1);
          writeFileSync(join(folder, "watch.dnb"), "{");
          await waiting(2);
          write("watch.dnb", ["console.log('second')"]);
          await waiting(3);
          running.kill("SIGINT");
        })();
      },
    );
    expect(stdout).toBe("first\nsecond\n");
    expect(stderr).toContain("watch.dnb: the file ends in the middle of the document");
    expect(stderr).toContain("dnb: watch.dnb changed");
    expect(code).toBe(130);
  });
});

async function once(text: Running["stdout"], wanted: string, times = 1): Promise<void> {
  while (text().split(wanted).length <= times) await new Promise((later) => setTimeout(later, 20));
}
