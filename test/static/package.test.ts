import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";

interface Manifest {
  readonly engines: { readonly vscode: string };
  readonly contributes: {
    readonly configuration: { readonly properties: Record<string, { readonly default: unknown }> };
  };
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

const text = (path: string) => readFileSync(path, "utf8");
const manifest = JSON.parse(text("package.json")) as Manifest;
const tracked = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" }).split("\0").filter(Boolean);

describe("VS Code's API", () => {
  // The VS Code of our tests allows every proposed API; the desktop's stable one does not.
  test("none of it is proposed", () => {
    expect(manifest).not.toHaveProperty("enabledApiProposals");
    const types = tracked.filter((path) => /vscode\.proposed\.[\w.]+d\.ts$/.test(path));
    expect(types).toEqual([]);
  });

  test("the types are those of the oldest VS Code that we support", () => {
    expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies["@types/vscode"]}`);
  });
});

test("the README lists every setting with its default", () => {
  const { properties } = manifest.contributes.configuration;
  const listed = [...text("README.md").matchAll(/^\| `(dnb\.\w+)` \| `(.*?)` \|/gm)];
  expect(Object.fromEntries(listed.map(([, name, value]) => [name, value]))).toEqual(
    Object.fromEntries(
      Object.entries(properties).map(([name, { default: value }]) => [name, JSON.stringify(value)]),
    ),
  );
});

describe("dependencies", () => {
  test("are pinned exactly", () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test.each(tracked.filter((path) => path.endsWith("package-lock.json")))(
    "%s names no place to download from",
    (path) => {
      const { packages } = JSON.parse(text(path)) as { packages: Record<string, { resolved?: string }> };
      expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    },
  );

  test("the lock file has the versions of package.json", () => {
    const { packages } = JSON.parse(text("package-lock.json")) as { packages: Record<string, Manifest> };
    const { dependencies, devDependencies } = manifest;
    expect(packages[""]).toMatchObject({ dependencies, devDependencies });
  });

  test("npm runs no install script: one of them downloads and fails where there is no network", () => {
    const lines = text(".npmrc").split("\n");
    expect(lines).toEqual(
      expect.arrayContaining(["ignore-scripts=true", "omit-lockfile-registry-resolved=true"]),
    );
    expect(lines).toContain("save-exact=true");
  });
});

describe("the embedded models", () => {
  const models = tracked.filter((path) => path.startsWith("media/models/"));
  const sizeOf = (path: string) => statSync(path).size / 1e6;

  test("take less than 40 MB together; a sampler at most 15", () => {
    expect(models.reduce((sum, path) => sum + sizeOf(path), 0)).toBeLessThan(40);
    const sampler = /emoji\/(denoiser|text)\.onnx$|emoji\/vocabulary\.json$/;
    const parts = models.filter((path) => sampler.test(path));
    expect(parts).toHaveLength(3);
    expect(parts.reduce((sum, path) => sum + sizeOf(path), 0)).toBeLessThan(15);
  });

  test("come without the pictures that they learned from, and with whose those are", () => {
    expect(
      tracked.filter((path) => /^(media\/models|training)\/.*\.(png|svg|webp|u8|npy)$/.test(path)),
    ).toEqual([]);
    const { devDependencies } = JSON.parse(text("training/emoji/package.json")) as Manifest;
    const notice = text("media/models/emoji/NOTICE");
    const sources = Object.entries(devDependencies).filter(([name]) => name !== "sharp");
    for (const [name, version] of sources) expect(notice, name).toContain(`${name} ${version}`);
    expect(notice).toBe(text("training/emoji/NOTICE"));
  });

  test("the default and every example use emoji, and search by none of its judges", () => {
    expect(manifest.contributes.configuration.properties["dnb.model"]!.default).toBe("emoji");
    for (const path of tracked.filter((one) => one.startsWith("examples/") && one.endsWith(".dnb"))) {
      const source = text(path)
        .replaceAll('\\"', '"')
        .replace(/heldOut: \[[^\]]*\]/g, "");
      for (const [, model] of source.matchAll(/openSession\(\s*"([^"]*)"/g))
        expect(model, path).toBe("emoji");
      expect(source, path).toContain("openSession(");
      expect(source, path).not.toMatch(/(\bverifiers?:|\bensemble\(|\bfeatures:)[^\n\]]*"judge-\w+"/);
    }
  });
});

describe("the repository", () => {
  test("tracks no file above 15 MB", () => {
    expect(tracked.filter((path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 15e6)).toEqual(
      [],
    );
  });
});
