import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { cacheEnvironment } from "../../src/cli/run/resultCache.js";

const root = mkdtempSync(join(tmpdir(), "dnb-cli-cache-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(root, String(count++));
  mkdirSync(folder);
});

/** A search that is shown; what it really paid goes to a file, where it is no output that two runs should share. */
const source = `import { openSession, zeroOrderSearch } from "dnb";
const session = await openSession("fashion");
const run = session.search(zeroOrderSearch(), { condition: "Bag", steps: 3, verifier: "classifier", heldOut: ["judge"], budget: { rounds: 3 } });
await run.run();
(await import("node:fs")).writeFileSync("spent", String(run.ledger.nfe));
run`;

function dnb(output: string, args: readonly string[]): string {
  const cells = [{ id: "only", kind: "code", source: source.split("\n"), outputs: [] }];
  writeFileSync(join(folder, "in.dnb"), JSON.stringify({ dnb: 1, meta: {}, cells }));
  const command = [resolve("dist/cli.js"), "run", "in.dnb", "-o", output, ...args];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return readFileSync(join(folder, "spent"), "utf8");
}

test("with a warm cache dnb run writes the same bytes and samples nothing; --cache none samples again", () => {
  expect(dnb("cold.dnb", ["--cache", "none"])).toBe("36");
  expect(dnb("first.dnb", ["--cache", "kept"])).toBe("36");
  expect(dnb("second.dnb", ["--cache", "kept"])).toBe("0");
  expect(dnb("third.dnb", ["--cache", "none"])).toBe("36");
  const bytes = (name: string): string => readFileSync(join(folder, name), "utf8");
  expect(bytes("cold.dnb").includes('"nfe":36')).toBe(true);
  for (const name of ["first.dnb", "second.dnb", "third.dnb"])
    expect(bytes(name) === bytes("cold.dnb"), name).toBe(true);
  expect(readdirSync(join(folder, "kept"))).not.toEqual([]);
});

test("the option is taken before the variable, and the variable before the user's own folder", () => {
  expect(cacheEnvironment("here", { DNB_CACHE: "there" })).toEqual({ DNB_CACHE: resolve("here") });
  expect(cacheEnvironment("none", { DNB_CACHE: "there" })).toEqual({ DNB_CACHE: "none" });
  expect(cacheEnvironment(undefined, { DNB_CACHE: "/there" })).toEqual({ DNB_CACHE: resolve("/there") });
  const own = { XDG_CACHE_HOME: folder, LOCALAPPDATA: folder };
  if (process.platform !== "darwin") {
    const kept = join(folder, "diffusion-notebook", "results");
    expect(cacheEnvironment(undefined, own)).toEqual({ DNB_CACHE: kept });
    writeFileSync(join(folder, "file"), "");
    const unwritable = { XDG_CACHE_HOME: join(folder, "file"), LOCALAPPDATA: join(folder, "file") };
    expect(cacheEnvironment(undefined, unwritable)).toEqual({ DNB_CACHE: "none" });
  }
});
