import { createHash } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { workbench } from "./workbench.js";

const { folder, dnb, write, read } = workbench();

const SEARCH = `import { openSession, randomSearch } from "dnb";
const session = await openSession("fashion");
const run = session.search(randomSearch({ candidates: 3 }), { seed, steps: 2, verifier: "classifier", condition: "Bag", guidance: 1, budget: { nfe: 8 } });
await run.run();`;

describe("dnb verify", () => {
  it("finds a saved search equal, a score that was changed different, and another model by its hash", async () => {
    write("saved.dnb", [{ source: "const seed = 1;", role: "parameters" }, SEARCH]);
    expect((await dnb(["run", "saved.dnb", "--inplace", "-p", "seed=5", "--cache", "none"])).code).toBe(0);
    const text = readFileSync(join(folder, "saved.dnb"), "utf8");
    const equal = await dnb(["verify", "saved.dnb"]);
    expect(equal.stdout).toMatch(
      /^cell cell2, search \w+: equal\n {2}candidates: 3 equal, 0 within 0.0001, 0 different\n$/,
    );
    expect(equal.code).toBe(0);
    expect(readFileSync(join(folder, "saved.dnb"), "utf8")).toBe(text);

    const score = /"scores":\{"classifier":([\d.e-]+)\}/.exec(text)?.[1] ?? "";
    const near = text.replace(score, String(Number(score) + 1e-6));
    writeFileSync(join(folder, "near.dnb"), near);
    // What a save leaves out of a parameter is asked for, and taken.
    writeFileSync(join(folder, "lost.dnb"), near.replace('"seed": 5', '"seed": "[secret]"'));
    expect(await dnb(["verify", "lost.dnb"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(
        'parameter seed was saved without what is secret or private in it ("[secret]"): give its value with -p seed=…',
      ),
    });
    expect(await dnb(["verify", "lost.dnb", "-p", "seed=5"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("2 equal, 1 within 0.0001"),
    });
    const strict = await dnb(["verify", "near.dnb", "--tolerance", "0", "--json"]);
    expect(strict.code).toBe(1);
    const [verdict] = JSON.parse(strict.stdout) as { nodes: { verdict: string }[] }[];
    expect(verdict?.nodes.map((node) => node.verdict).sort()).toEqual(["different", "equal", "equal"]);

    const { environment } = read("saved.dnb").meta as { environment: Record<string, string> };
    expect(environment).toEqual({
      dnb: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      node: process.versions.node,
      onnxruntime: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      platform: `${process.platform} ${process.arch}`,
      processor: expect.any(String),
      device: "cpu",
    });
    const older = text.replace(`"onnxruntime": "${environment["onnxruntime"]}"`, '"onnxruntime": "1.0.0"');
    writeFileSync(join(folder, "older.dnb"), older);
    expect(await dnb(["verify", "older.dnb"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^computed with onnxruntime [\d.]+ instead of 1\.0\.0\ncell cell2.*equal\n/s,
      ),
    });
    // The same result: what it was computed with first still holds, and no byte changes.
    expect((await dnb(["run", "older.dnb", "--inplace", "-p", "seed=5", "--cache", "none"])).code).toBe(0);
    expect(readFileSync(join(folder, "older.dnb"), "utf8")).toBe(older);
    expect((await dnb(["run", "older.dnb", "--inplace", "-p", "seed=6", "--cache", "none"])).code).toBe(0);
    expect(read("older.dnb").meta["environment"]).toEqual(environment);

    const sha = /"sha256":"([0-9a-f]{64})"/.exec(text)?.[1] ?? "";
    writeFileSync(join(folder, "other.dnb"), text.replace(sha, "0".repeat(64)));
    const other = await dnb(["verify", "other.dnb"]);
    expect(other.code).toBe(1);
    expect(other.stdout).toContain("The model fashion is another file: sha256");
  }, 240_000);

  it("says that a verifier's file is another one, though it gives the same scores", async () => {
    cpSync("media/models/fashion", join(folder, "model"), { recursive: true });
    write("own.dnb", [SEARCH.replace('"fashion"', '"./model"').replace("seed,", "seed: 1,")]);
    expect((await dnb(["run", "own.dnb", "--inplace", "--cache", "none"])).code).toBe(0);
    const text = readFileSync(join(folder, "own.dnb"), "utf8");

    // A documentation string at the end of the graph's file changes its bytes and nothing of what it computes.
    const [file, card] = [join(folder, "model/classifier.onnx"), join(folder, "model/model.json")];
    const changed = Buffer.concat([readFileSync(file), Buffer.from([0x32, 1, 0x78])]);
    writeFileSync(file, changed);
    const damaged = await dnb(["verify", "own.dnb"]);
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toContain("classifier.onnx");
    expect(damaged.stdout).toContain("The cell did not run this search again.");

    const described = JSON.parse(readFileSync(card, "utf8")) as {
      verifiers: { file: string; sha256: string; bytes: number }[];
    };
    const entry = described.verifiers.find((verifier) => verifier.file === "classifier.onnx")!;
    const before = entry.sha256;
    Object.assign(entry, {
      sha256: createHash("sha256").update(changed).digest("hex"),
      bytes: changed.length,
    });
    writeFileSync(card, JSON.stringify(described));
    const other = await dnb(["verify", "own.dnb"]);
    expect(other.code, other.stderr).toBe(1);
    expect(other.stdout).toContain("candidates: 3 equal, 0 within 0.0001, 0 different");
    expect(other.stdout).toContain(
      `The verifier classifier is another file: sha256 ${entry.sha256} instead of ${before}.`,
    );
    expect(readFileSync(join(folder, "own.dnb"), "utf8")).toBe(text);
  });

  it("2 for a notebook without a search, and for a tolerance that is none", async () => {
    write("none.dnb", ["1"]);
    expect(await dnb(["verify", "none.dnb"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("shows no search"),
    });
    expect((await dnb(["verify", "none.dnb", "--tolerance", "x"])).code).toBe(2);
  });
});
