import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { outputsOf, workbench } from "./workbench.js";

const { folder, dnb, write, read } = workbench();

describe("dnb run", () => {
  it("asks nobody: without recorded picks it says how to give them, with them it runs", async () => {
    const source = `import { openSession, randomSearch, human } from "dnb";
const session = await openSession("fashion");
const run = session.search(randomSearch({ candidates: 2, perRound: 2 }), { seed: 1, steps: 1, verifier: human(), budget: { rounds: 1 } });
await run.run();
run`;
    const file = write("asks.dnb", [source]);
    const alone = await dnb(["run", file]);
    expect(alone.code).toBe(1);
    expect(alone.stderr).toMatch(
      /human\(\) asks a person to pick among 2 candidates of round 1, and there is nobody/,
    );
    const saved = JSON.parse(readFileSync(file, "utf8")) as { cells: { outputs: unknown[] }[] };
    const run = /Search (s[0-9a-f]{8})/;
    const named = await dnb(["run", write("name.dnb", [source.replace("await run.run();", "")])]);
    const id = run.exec(named.stdout)?.[1];
    const candidates = ["r1-c0", "r1-c1"];
    const picks = [candidates, candidates.toReversed()].map((shown) => ({
      ...{ verifier: "human", round: 1, candidates: shown, order: [["r1-c1"]], dropped: [] },
    }));
    const json = { record: { id, picks } };
    saved.cells[0]!.outputs = [{ items: [{ mime: "application/vnd.dnb.search+json", json }] }];
    writeFileSync(file, JSON.stringify(saved));
    const again = await dnb(["run", file]);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toMatch(/best +r1-c1/);
  });

  it("runs the cells and writes what they show, print and fail with", async () => {
    write("good.dnb", [
      ["markdown", "# Title"],
      "const x: number = 20\nconsole.log('a'); console.log('b'); console.error('c'); console.log('d')",
      "({ x: x + 1 })",
      "[1, 2]",
    ]);
    const { code, stdout } = await dnb(["run", "good.dnb", "-o", "good-out.dnb"]);
    expect(code).toBe(0);
    expect(stdout).toContain("a\nb\nd\n");
    const notebook = read("good-out.dnb");
    expect(outputsOf(notebook, 1)).toEqual([
      [["application/vnd.code.notebook.stdout", "a\nb\n"]],
      [["application/vnd.code.notebook.stderr", "c\n"]],
      [["application/vnd.code.notebook.stdout", "d\n"]],
    ]);
    expect(outputsOf(notebook, 2)).toEqual([
      [
        ["application/json", { x: 21 }],
        ["text/plain", "{ x: 21 }"],
      ],
    ]);
    expect(outputsOf(notebook, 3)).toEqual([
      [
        ["application/json", [1, 2]],
        ["text/plain", "[ 1, 2 ]"],
      ],
    ]);
    expect(notebook.meta).toEqual({ kept: true });
    expect(notebook.extra).toEqual({ future: { also: "kept" } });
  });

  it("names the failing cell, keeps what there is, and runs no further", async () => {
    write("bad.dnb", [
      "console.log('before')",
      ["markdown", "text"],
      "1\nthrow new RangeError('too far')",
      "console.log('never')",
    ]);
    const { code, stdout, stderr } = await dnb(["run", "bad.dnb", "--output", "bad-out.dnb"]);
    expect(code).toBe(1);
    expect(stderr).toContain("dnb: cell 3 (cell3), line 2: RangeError: too far");
    expect(stdout).not.toContain("never");
    const notebook = read("bad-out.dnb");
    expect(outputsOf(notebook, 0)?.[0]?.[0]?.[1]).toBe("before\n");
    expect(outputsOf(notebook, 2)).toEqual([
      [
        [
          "application/vnd.code.notebook.error",
          { name: "RangeError", message: "too far", stack: "RangeError: too far\n    at Cell 3:2:7" },
        ],
      ],
    ]);
    expect(outputsOf(notebook, 3)).toEqual([]);
  });

  it("survives the end of its kernel", async () => {
    write("killed.dnb", [
      "console.log('up')",
      "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})",
    ]);
    const { code, stderr } = await dnb(["run", "killed.dnb", "-o", "killed-out.dnb"]);
    expect(code).toBe(4);
    expect(stderr).toContain("dnb: cell 2 (cell2): KernelGone: The kernel stopped (SIGKILL).");
    expect(outputsOf(read("killed-out.dnb"), 0)?.[0]?.[0]?.[1]).toBe("up\n");
  });

  it("is interrupted by Ctrl+C, and writes what there is", async () => {
    write("long.dnb", ["console.log('ready'); for (;;);", "1"]);
    const { code, stderr } = await dnb(["run", "long.dnb", "-o", "long-out.dnb"], ({ kill, stdout }) => {
      const timer = setInterval(() => {
        if (!stdout().includes("ready")) return;
        clearInterval(timer);
        kill("SIGINT");
      }, 20);
    });
    expect(code).toBe(130);
    expect(stderr).toContain("cell 1 (cell1), line 1: Interrupted");
    expect(outputsOf(read("long-out.dnb"), 0)?.[0]?.[0]?.[1]).toBe("ready\n");
  });

  it("writes a page that needs nothing else", async () => {
    write("page.dnb", [
      ["markdown", "# A <b>page</b>\n\nwith `code` and\n\n- a list"],
      "'</script><!--' + 1",
      "import { openSession, randomSearch } from 'dnb'; const s = await openSession('fashion'); const r = s.search(randomSearch({ candidates: 2 }), { seed: 1, steps: 2, verifier: 'classifier', condition: 'Bag', budget: { nfe: 8 } }); await r.run()",
      "throw new Error('shown <too>')",
    ]);
    const { code } = await dnb(["run", "page.dnb", "--html", "page.html"]);
    expect(code).toBe(1);
    const html = readFileSync(join(folder, "page.html"), "utf8");
    expect(html).toContain("<h1>A &lt;b&gt;page&lt;/b&gt;</h1>");
    expect(html).toContain("&#39;&lt;/script&gt;&lt;!--1&#39;");
    expect(html).toContain("Error: shown &lt;too&gt;");
    expect(html.match(/<div class="search">/g)).toHaveLength(1);
    expect(html).not.toMatch(/(src|href)="http/);
    const [, json] = /<script type="application\/json">([^]*?)<\/script>/.exec(html) ?? [];
    expect((JSON.parse(json ?? "") as { record: { state: string } }).record.state).toBe("finished");
  });
});

describe("exit codes", () => {
  it.each([
    ["no notebook", ["run"], /which notebook/],
    ["two notebooks", ["run", "a", "b"], /takes one notebook/],
    ["no such option", ["run", "a", "--fast"], /--fast/],
    ["no folder to write to", ["run", "a", "-o", "/dev/null/b.dnb"], /no folder .*null/],
  ])("2 for %s", async (_, args, message) => {
    const { code, stderr } = await dnb(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toContain("Usage: dnb run");
  });

  it.each([
    ["a missing file", undefined, /there is no such file/],
    ["an empty file", "", /the file is empty/],
    ["no JSON", "{", /line 1/],
    ["a newer version", '{"dnb":99,"cells":[]}', /version 99/],
    ["a wrong type", '{"dnb":1,"cells":[{"id":"a","kind":"code","source":[3]}]}', /cells\[0\]\.source\[0\]/],
  ])("5 for %s, and nothing is written", async (_, text, message) => {
    const file = join(folder, "unreadable.dnb");
    rmSync(file, { force: true });
    if (text !== undefined) writeFileSync(file, text);
    const { code, stderr } = await dnb(["run", "unreadable.dnb", "-o", "unreadable-out.dnb"]);
    expect(code).toBe(5);
    expect(stderr).toMatch(message);
    expect(existsSync(join(folder, "unreadable-out.dnb"))).toBe(false);
  });

  it("2 for a command that there is not, with those that there are", async () => {
    const { code, stderr } = await dnb(["walk"]);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no command "walk"');
    expect(stderr).toMatch(/^ {2}dnb run +run a notebook's cells$/m);
  });

  it("0 for help, of dnb and of a command", async () => {
    expect(await dnb(["--help"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Usage: dnb <command>"),
    });
    expect(await dnb(["run", "--help"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Usage: dnb run <notebook.dnb>"),
    });
    // Behind "--" it is a file's name.
    expect((await dnb(["run", "--", "--help"])).code).toBe(5);
  });
});
