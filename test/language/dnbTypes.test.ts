import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Project, ScriptTarget, ts } from "ts-morph";
import { expect, test } from "vitest";
import { algorithms } from "../../src/search/index.js";

const declarations = readFileSync("src/language/dnb.d.ts", "utf8");

/** What TypeScript says of a module that imports "dnb". */
function complaints(source: string): string[] {
  const project = new Project({
    compilerOptions: {
      target: ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      strict: true,
      skipLibCheck: true,
      types: [],
    },
    skipAddingFilesFromTsConfig: true,
  });
  project.createSourceFile("dnb.d.ts", declarations);
  project.createSourceFile("cells.ts", `${source}\nexport {};`);
  return project
    .getPreEmitDiagnostics()
    .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.compilerObject.messageText, "\n"));
}

/** The code cells of a notebook, one after the other. */
function cellsOf(file: string): string {
  const { cells } = JSON.parse(readFileSync(file, "utf8")) as { cells: { kind: string; source: string[] }[] };
  return cells.flatMap(({ kind, source }) => (kind === "code" ? source : [])).join("\n");
}

const examples = readdirSync("examples").filter((name) => name.endsWith(".dnb"));

test.each(examples)("examples/%s compiles against the types of dnb", (name) => {
  expect(complaints(cellsOf(join("examples", name)))).toEqual([]);
});

test("what a search and an algorithm of one's own can do is typed", () => {
  const source = `
import { openSession, softValueDecoding, depthFirstSearch, treeSearch, defineAlgorithm, randomSearch, replayRecord, recordAt } from "dnb";
const session = await openSession("fashion");
const problem = { verifier: "classifier", condition: "Bag", budget: { nfe: 100 } };
const all = defineAlgorithm<{ n: number }>("all", function* (ops, { n }) {
  const pivot = yield* ops.noise();
  let pool = yield* ops.around(pivot, { count: n, similarity: 0.9 });
  pool = yield* ops.perturb(pool, { keep: 0.98, add: 0.2 });
  pool = yield* ops.denoise(pool, { to: ops.levels[1]!, eta: ops.eta, children: 2 });
  pool = yield* ops.score(yield* ops.preview(pool, { lookahead: 2 }));
  pool = yield* ops.weigh(pool, pool.map(({ score }) => score ?? -Infinity));
  pool = yield* ops.resample(pool, { scheme: "ssp" });
  pool = yield* ops.renoise(pool, { to: 0.9 });
  pool = yield* ops.tournament(pool, { count: 2, size: 2 });
  const u: number = yield* ops.random();
  const [v]: readonly number[] = yield* ops.random({ count: 1 });
  yield* ops.endRound();
  if (u < v!) return yield* ops.finish("done");
  yield* ops.keep(yield* ops.threshold(yield* ops.score(yield* ops.denoise(pool)), { atLeast: 0 }), { best: 1 });
  yield* ops.drop(pool);
}, { ends: () => true, parse: ({ n }) => ({ n: Number(n ?? 4) }) });
const quote = session.quote(randomSearch({ candidates: 4 }), problem);
const exact: boolean = quote.exact;
const run = await session.search(all({ n: 3 }), problem).run();
const fork = run.fork(run.best!, { seed: 2, algorithm: treeSearch({ paths: 4 }) });
const { most, mismatches } = await session.verify(fork);
const logZ = fork.record().rounds.at(-1)?.particles?.logZ;
for (const then of replayRecord(run.record())) console.log(then.rounds.length, recordAt(then, 0).state);
softValueDecoding({ particles: 2, children: 4 }); depthFirstSearch({ threshold: 0, jumps: 3 });
`;
  const own = complaints(`declare const console: { log(...values: unknown[]): void };\n${source}`);
  expect(own).toEqual([]);
});

test.each([
  ["softValueDecoding({ particle: 2 })", /particle/],
  ["depthFirstSearch({ jumps: 'many' })", /string.*number/],
  ["defineAlgorithm('a', function* (ops) { yield* ops.resample([], { scheme: 'fair' }) })", /fair/],
])("%s is refused", (call, message) => {
  const source = `import { softValueDecoding, depthFirstSearch, defineAlgorithm } from "dnb"; ${call};`;
  expect(complaints(source).join()).toMatch(message);
});

test("the built-in algorithms are those that the types name", () => {
  const names = [...declarations.matchAll(/^ {2}export function (\w+)\([^]*?\): (\w+)/gm)]
    .filter(([, , result]) => result === "Algorithm")
    .map(([, name]) => name!);
  expect(Object.keys(algorithms).sort()).toEqual(names.sort());
});
