import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isWeb, suiteFiles } from "../harness/runs.mjs";

type Outputs = Record<string, { bytes: number; inputs: Record<string, unknown> }>;

/** Written by build.mjs: what went into each bundle, and how large it became. */
function bundle(name: string): Outputs[string] {
  if (!existsSync("dist/meta.json"))
    throw new Error("There is no dist/meta.json: run `npm run build` first.");
  const found = (JSON.parse(readFileSync("dist/meta.json", "utf8")) as Outputs)[name];
  if (!found) throw new Error(`The build made no ${name}.`);
  return found;
}

const inputs = (name: string) => Object.keys(bundle(name).inputs);

describe("bundles", () => {
  test("the extension stays below 400 kB: VS Code reads all of it to activate", () => {
    expect(bundle("dist/extension.js").bytes).toBeLessThan(400_000);
  });

  test("a renderer stays below 300 kB: each notebook editor loads it", () => {
    expect(bundle("dist/renderer.js").bytes).toBeLessThan(300_000);
  });

  test("neither the search nor the compiler is in the extension", () => {
    const heavy = /ts-morph|onnxruntime|^src\/(search|language)\/|^src\/kernel\/(?!client\/|protocol)/;
    expect(inputs("dist/extension.js").filter((input) => heavy.test(input))).toEqual([]);
  });

  test("the UI toolkit is not in the renderer, where its themes never apply", () => {
    expect(
      inputs("dist/renderer.js").filter((input) => /webview-ui-toolkit|@microsoft\/fast/.test(input)),
    ).toEqual([]);
  });

  test("every suite on disk is in the bundle of the tests", () => {
    const bundled = (name: string) => inputs(name).filter((input) => input.endsWith(".suite.ts"));
    const [web, others] = [suiteFiles().filter(isWeb), suiteFiles().filter((file) => !isWeb(file))];
    expect(bundled("dist/test/extension.web.js").sort()).toEqual(web.map((file) => `test/extension/${file}`));
    expect(bundled("dist/test/extension.js").sort()).toEqual(others.map((file) => `test/extension/${file}`));
  });

  test("the extension for a browser is as small as what it leaves out is large: no kernel, no client of one", () => {
    expect(bundle("dist/extension.web.js").bytes).toBeLessThan(150_000);
    const ours = inputs("dist/extension.web.js").filter((input) => input.startsWith("src/"));
    expect(
      ours.filter((input) => /^src\/(?!extension\.web|editor\/|document\/|kernel\/protocol)/.test(input)),
    ).toEqual([]);
    expect(
      ours.filter((input) => /\/(controller|startKernel|cellRuns|folderKernel)\.ts$/.test(input)),
    ).toEqual([]);
  });
});
