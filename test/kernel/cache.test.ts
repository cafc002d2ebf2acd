import fs, {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openCache } from "../../src/search/index.js";
import { TestKernel, type Ran } from "./startKernel.js";

let folder: string;
const kernels: TestKernel[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dnb-kernel-cache-"));
});
afterEach(() => {
  for (const kernel of kernels.splice(0)) kernel.close();
  // A kernel that is closed brings its last results to the disk.
  rmSync(folder, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 });
});

async function start(env: NodeJS.ProcessEnv = {}): Promise<TestKernel> {
  const kernel = await TestKernel.open({ DNB_CACHE: folder, ...env });
  kernels.push(kernel);
  const { result } = await kernel.run(
    "import { openSession, randomSearch } from 'dnb'; const session = await openSession('fashion')",
  );
  expect(result.error).toBeUndefined();
  return kernel;
}

const problem = (verifier: string): string =>
  `{ condition: 'Sneaker', seed: 5, steps: 4, guidance: 1, verifier: '${verifier}', budget: { nfe: 10000 } }`;
const search = (candidates: number, verifier: string): string =>
  `const run = session.search(randomSearch({ candidates: ${candidates} }), ${problem(verifier)}); await run.run(); console.log(JSON.stringify({ ledger: run.ledger, record: run.record() }))`;

interface Result {
  readonly ledger: {
    readonly nfe: number;
    readonly verifierCalls: object;
    readonly cold: { readonly nfe: number };
  };
  readonly record: { readonly spent: { readonly nfe: number } };
}

// SAFETY: what `search` prints.
const resultOf = ({ result, stdout }: Ran): Result => {
  expect(result.error).toBeUndefined();
  return JSON.parse(stdout) as Result;
};

const gone = async (kernel: TestKernel): Promise<void> => {
  while (!kernel.client.exit) await new Promise((resolve) => setTimeout(resolve, 20));
};

test("a kernel that is started again knows what the one before computed: nothing is sampled for another verifier", async () => {
  const first = await start();
  const cold = resultOf(await first.run(search(12, "classifier")));
  expect(cold.ledger).toMatchObject({ nfe: 48, cold: { nfe: 48 } });
  await first.client.request({ type: "shutdown" });
  await gone(first);
  const second = await start();
  const warm = resultOf(await second.run(search(12, "classifier"), { number: 2 }));
  expect(warm.ledger).toMatchObject({ nfe: 0, decodes: 0, verifierCalls: {}, cold: { nfe: 48 } });
  // What a record says of its cost is that of an empty cache.
  expect(warm.record).toEqual(cold.record);
  const other = resultOf(await second.run(search(12, "judge"), { number: 3 }));
  expect(other.ledger).toMatchObject({ nfe: 0, decodes: 0, verifierCalls: { judge: 12 } });
  expect(other.record.spent.nfe).toBe(48);
});

test("a search whose kernel was killed goes on from what was computed when its cell runs again", async () => {
  const many = 160;
  const first = await start();
  const running = first.run(search(many, "classifier")).catch((error: unknown) => error);
  while (largestIn(folder) < 100_000) await new Promise((resolve) => setTimeout(resolve, 20));
  first.client.kill();
  expect(await running).toBeInstanceOf(Error);
  const second = await start();
  const { ledger } = resultOf(await second.run(search(many, "classifier")));
  expect(ledger.cold.nfe).toBe(4 * many);
  expect(ledger.nfe).toBeLessThan(4 * many);
  // Of the killed run 100 kB are there: 3 kB of state and 1 kB of pixels for each candidate.
  expect(4 * many - ledger.nfe).toBeGreaterThanOrEqual(4 * 20);
});

test("damage is computed again, and the cell says so", async () => {
  const first = await start();
  const cold = resultOf(await first.run(search(12, "classifier")));
  await first.client.request({ type: "shutdown" });
  await gone(first);
  const segment = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(".seg"))!,
  );
  const bytes = readFileSync(segment);
  writeFileSync(
    segment,
    bytes.map((value, i) => (i > bytes.length / 2 ? value ^ 255 : value)),
  );
  const second = await start();
  const ran = await second.run(search(12, "classifier"));
  expect(resultOf(ran).record).toEqual(cold.record);
  expect(resultOf(ran).ledger.nfe).toBeGreaterThan(0);
  expect(ran.stderr).toMatch(/is damaged; what it held is computed again/);
});

test("a folder that cannot be written is said once, and the search goes on without it", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  const kernel = await TestKernel.open({ DNB_CACHE: join(file, "cache") });
  kernels.push(kernel);
  const opened = await kernel.run(
    "import { openSession, randomSearch } from 'dnb'; const session = await openSession('fashion')",
  );
  expect(opened.stderr).toMatch(/The cache .* cannot be used: .*ENOTDIR/);
  expect(resultOf(await kernel.run(search(4, "classifier"))).ledger.nfe).toBe(16);
});

test("its size is held: the least recently used go first", async () => {
  for (let day = 1; day <= 4; day++) {
    const cache = openCache({ fs, folder, unique: `day${day}`, now: () => Date.now() });
    cache.put(`old${day}`, new Uint8Array(50_000));
    cache.flush();
    fs.utimesSync(join(folder, `day${day}-0.seg`), day, day);
  }
  const small = await start({ DNB_CACHE_SIZE: "170000" });
  resultOf(await small.run(search(10, "classifier")));
  await small.client.request({ type: "shutdown" });
  await gone(small);
  const names = readdirSync(folder);
  expect(["day1-0.seg", "day2-0.seg", "day4-0.seg"].map((name) => names.includes(name))).toEqual([
    false,
    false,
    true,
  ]);
  expect(sizeOf(folder)).toBeLessThanOrEqual(170_000);
});

test("a size that is none is said in words", async () => {
  const odd = await TestKernel.open({ DNB_CACHE: folder, DNB_CACHE_SIZE: "much" });
  kernels.push(odd);
  const { stderr } = await odd.run("import { openSession } from 'dnb'; await openSession('fashion')");
  expect(stderr).toMatch(/DNB_CACHE_SIZE is "much", but must be a number of bytes/);
});

test.each(["", "none"])("without a folder (%j) nothing is written", async (value) => {
  const kernel = await TestKernel.open({ DNB_CACHE: value });
  kernels.push(kernel);
  await kernel.run(
    "import { openSession, randomSearch } from 'dnb'; const session = await openSession('fashion')",
  );
  resultOf(await kernel.run(search(4, "classifier")));
  expect(existsSync("none")).toBe(false);
  expect(readdirSync(kernel.directory)).toEqual([]);
});

function largestIn(path: string): number {
  const sizes = readdirSync(path).map((name) => statSync(join(path, name), { throwIfNoEntry: false })?.size);
  return Math.max(0, ...sizes.map((size) => size ?? 0));
}

function sizeOf(path: string): number {
  return readdirSync(path, { recursive: true, encoding: "utf8" }).reduce((sum, name) => {
    const stat = statSync(join(path, name), { throwIfNoEntry: false });
    return sum + (stat?.isFile() ? stat.size : 0);
  }, 0);
}
