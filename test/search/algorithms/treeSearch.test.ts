import { expect, test } from "vitest";
import { softBackup } from "../../../src/search/algorithms/softBackup.js";
import { treeSearch } from "../../../src/search/algorithms/treeSearch.js";
import { createOps } from "../../../src/search/engine/createOps.js";
import {
  analyticEngine,
  gaussianMixture,
  logMeanExp,
  randomSearch,
  Session,
  type Handle,
} from "../../../src/search/index.js";
import { uniforms } from "../../../src/search/random/uniforms.js";
import { Program } from "../../../src/search/run/program.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";
import { failing } from "../helpers/failing.js";

// A chain of two steps: x1 in {0, 1} alike, p(x0 | 0) = (.8, .2), p(x0 | 1) = (.3, .7), r = (0, 1 | 2, 0), T = 1.
const FIRST = [0.8, 0.3];
const REWARD = [
  [0, 1],
  [2, 0],
];
const PI = [0.187777, 0.127608, 0.520311, 0.164305];

const G = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [-2]], variances: [0.25, 0.25] });
const problem = { verifier: "linear", seed: 1, budget: { nfe: 2000 } } as const;

test("exact children: the backup gives V, log Z and the law of the tilted chain to 1e-12", () => {
  const V = FIRST.map((p, x1) => softBackup(REWARD[x1]!, 1, [p, 1 - p]));
  const root = softBackup(V, 1);
  const exact = [Math.log(0.8 + 0.2 * Math.E), Math.log(0.3 * Math.E ** 2 + 0.7)];
  expect(Math.abs(V[0]! - exact[0]!)).toBeLessThan(1e-12);
  expect(Math.abs(V[1]! - exact[1]!)).toBeLessThan(1e-12);
  expect(Math.abs(root - Math.log((Math.exp(exact[0]!) + Math.exp(exact[1]!)) / 2))).toBeLessThan(1e-12);
  [0.295394, 1.070459, 0.75621].forEach((value, i) =>
    expect(Math.abs([...V, root][i]! - value)).toBeLessThan(1e-6),
  );
  // The walk down by p exp(V): its law is that of p(x) exp(r) / Z.
  const walk = FIRST.flatMap((p, x1) =>
    [p, 1 - p].map((q, x0) => 0.5 * Math.exp(V[x1]! - root) * q * Math.exp(REWARD[x1]![x0]! - V[x1]!)),
  );
  const target = FIRST.flatMap((p, x1) =>
    [p, 1 - p].map((q, x0) => (0.5 * q * Math.exp(REWARD[x1]![x0]!)) / Math.exp(root)),
  );
  walk.forEach((mass, i) => expect(Math.abs(mass - target[i]!)).toBeLessThan(1e-12));
  walk.forEach((mass, i) => expect(Math.abs(mass - PI[i]!)).toBeLessThan(1e-6));
});

test("the backup is invariant to a shift, does not overflow, and goes from mean to maximum as T falls", () => {
  expect(softBackup([1001, 1002], 1)).toBeCloseTo(1000 + softBackup([1, 2], 1), 9);
  expect(softBackup([1e6, 0], 1e-3)).toBeCloseTo(1e6, 1);
  expect(softBackup([0, 1], 1e6)).toBeCloseTo(0.5, 5);
  expect(softBackup([0, 1], 1e-6)).toBeCloseTo(1, 4);
});

/** The algorithm itself on the chain: what it asks for is answered here. Gives the leaves, their weights, and how often the kernel was drawn. */
function onChain(options: Parameters<typeof treeSearch>[0], seed: number, rounds: number) {
  const problem = { seed, eta: 0, steps: 1, guidance: 1, solver: "euler", verifier: "r" } as const;
  const ops = createOps({ ...problem, heldOut: [], budget: {}, noise: "dnb" }, [1, 0]);
  const program = new Program(treeSearch(options), ops);
  const chance = uniforms({ seed, path: "chain" }, 40 * rounds * (options?.paths ?? 32));
  const at = new Map<string, readonly number[]>();
  let made = 0;
  let edges = 0;
  const handles = new Map<string, Handle>();
  const make = (state: readonly number[], parent?: string): Handle => {
    const id = `c${made++}`;
    at.set(id, state);
    const ancestor = parent ?? id;
    const handle = { id, level: 2 - state.length, noise: { candidate: id }, ancestor };
    handles.set(id, parent === undefined ? handle : { ...handle, parent });
    return handles.get(id)!;
  };
  let weights: { readonly leaf: readonly number[]; readonly logWeight: number }[] = [];
  let answer: readonly Handle[] | readonly number[] = [];
  for (let round = 0, draw = 0; round < rounds;) {
    const op = program.next(answer);
    answer = [];
    switch (op?.kind) {
      case "random":
        answer = Array.from({ length: op.count }, () => chance[draw++]!);
        break;
      case "noise":
        edges += op.count;
        answer = Array.from({ length: op.count }, () => make([chance[draw++]! < 0.5 ? 0 : 1]));
        break;
      case "denoise":
        edges += op.candidates.length;
        answer = op.candidates.map((parent) => {
          const [x1] = at.get(parent)!;
          return make([x1!, chance[draw++]! < FIRST[x1!]! ? 0 : 1], parent);
        });
        break;
      case "score":
        answer = op.candidates.map((id) => {
          const [x1, x0] = at.get(id)!;
          return { ...handles.get(id)!, score: REWARD[x1!]![x0!]! };
        });
        break;
      case "weigh":
        weights = op.candidates.map((id, i) => ({ leaf: at.get(id)!, logWeight: op.logWeights[i]! }));
        break;
      case "endRound":
        round++;
        break;
      default:
        throw new Error(`Not expected: ${op?.kind}`);
    }
  }
  return { weights, edges, leaves: [...at.values()].filter(({ length }) => length === 2), nodes: at.size };
}

function law(weights: ReturnType<typeof onChain>["weights"]): number[] {
  const mass = [0, 0, 0, 0];
  for (const { leaf, logWeight } of weights) mass[2 * leaf[0]! + leaf[1]!]! += Math.exp(logWeight);
  const total = mass.reduce((sum, value) => sum + value, 0);
  return mass.map((value) => value / total);
}

test.each([1, 16])("sampled, %i paths at once: its law goes to the target, the mean weight to Z", (paths) => {
  const [few, some, many] = [40, 400, 4000].map((walks) => {
    const options = { temperature: 1, paths };
    const runs = Array.from({ length: 8 }, (_, seed) => onChain(options, seed, walks / paths).weights);
    const variations = runs.map((weights) =>
      law(weights).reduce((sum, mass, i) => sum + Math.abs(mass - PI[i]!) / 2, 0),
    );
    const errors = runs.map((weights) => Math.abs(logMeanExp(weights.map((w) => w.logWeight)) - 0.75621));
    return { variation: mean(variations), error: mean(errors) };
  });
  // Standard errors over 8 seeds: about 0.02, 0.01 and 0.005.
  expect(few!.variation).toBeGreaterThan(some!.variation);
  expect(some!.variation).toBeGreaterThan(many!.variation);
  expect(many!.variation).toBeLessThan(0.06);
  expect(few!.error).toBeGreaterThan(many!.error);
  expect(many!.error).toBeLessThan(0.05);
});

test.each([1, 16])(
  "a mixture in 8 steps, %i paths at once: mean and Z of the target, without bias",
  async (paths) => {
    const { mean: target, logZ } = G.target({ temperature: 2 });
    const session = new Session(G.open());
    const runs = [];
    for (let seed = 0; seed < 16; seed++) {
      const budget = { nfe: 500 };
      const run = await session
        .search(treeSearch({ temperature: 2, paths }), { ...problem, seed, budget })
        .run();
      const clean = run.candidates.filter(({ logWeight }) => logWeight !== undefined);
      expect(clean.every(({ level }) => level === 0)).toBe(true);
      const weights = clean.map((candidate) => Math.exp(candidate.logWeight!));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const tilted = clean.reduce((sum, { scores }, i) => sum + weights[i]! * scores["linear"]!, 0) / total;
      runs.push({ tilted, z: total / clean.length });
    }
    // Standard deviations of one run: 0.18 and 0.28; of the mean of 16: 0.05 and 0.07.
    expect(Math.abs(mean(runs.map(({ tilted }) => tilted)) - target[0]!)).toBeLessThan(0.15);
    expect(Math.abs(mean(runs.map(({ z }) => z)) - Math.exp(logZ))).toBeLessThan(0.21);
  },
);

test.each([1, 16])(
  "%i paths at once: each state is expanded once for 1 NFE, siblings share their parent's evaluation",
  async (paths) => {
    const { edges, nodes } = onChain({ temperature: 1, paths }, 3, 500);
    expect(edges).toBe(nodes);
    const count = counted();
    const run = await new Session(G.open({ wrap: count.wrap }))
      .search(treeSearch({ temperature: 2, paths }), problem)
      .run();
    const { candidates, spent, rounds } = run.record();
    const made = candidates.filter(({ op }) => op === "denoise");
    expect(spent.nfe).toBe(new Set(made.map(({ parents }) => parents[0])).size);
    expect(spent.nfe).toBe(problem.budget.nfe);
    expect(made.length).toBeGreaterThan(spent.nfe);
    expect(spent.verifierCalls).toEqual({ linear: candidates.filter(({ level }) => level === 0).length });
    // The last paths were cut off by the budget.
    expect(rounds.at(-1)!.candidates.length).toBeLessThan(paths);
    for (const round of rounds) expect(round.spent.nfe).toBeLessThanOrEqual(8 * paths);
    expectBalanced(run.record(), count);
    const quote = new Session(G.open()).quote(treeSearch({ temperature: 2, paths }), problem);
    expect(quote.exact).toBe(false);
    expect(quote.nfe).toBe(spent.nfe);
    expect(quote.verifierCalls).toBeGreaterThanOrEqual(spent.verifierCalls["linear"]!);
    expect(quote.rounds).toBeGreaterThanOrEqual(rounds.length);
  },
);

test("greedy: goes where r = 2 is, and finds more than as many random ones", async () => {
  const { leaves, weights } = onChain({ temperature: 1, greedy: true, paths: 1 }, 1, 4000);
  const counts = [0, 1].map((x1) => leaves.filter((leaf) => leaf[0] === x1).length);
  expect(counts[1]).toBeGreaterThan(3 * counts[0]!);
  expect(leaves).toContainEqual([1, 0]);
  expect(weights).toEqual([]);
  const session = new Session(G.open());
  const best = { tree: 0, random: 0 };
  for (let seed = 0; seed < 12; seed++) {
    const asked = { ...problem, seed, eta: 1, budget: { nfe: 400 } };
    const tree = await session.search(treeSearch({ greedy: true }), asked).run();
    expect(tree.candidates.every(({ logWeight }) => logWeight === undefined)).toBe(true);
    best.tree += tree.best!.scores["linear"]! / 12;
    best.random += (await session.search(randomSearch(), asked).run()).best!.scores["linear"]! / 12;
  }
  // 3.09 and 2.95 in simulation, standard error 0.07.
  expect(best.tree).toBeGreaterThan(best.random);
});

test("paths that go together share the calls of the model", async () => {
  const filled = async (options: { readonly paths?: number }): Promise<number> => {
    const count = counted();
    const session = new Session(G.open({ batch: 16, wrap: count.wrap }));
    const search = treeSearch({ temperature: 2, ...options });
    await session.search(search, { ...problem, budget: { nfe: 4000 } }).run();
    return count.forwards / (16 * count.calls);
  };
  const few = await filled({ paths: 16 });
  expect(few).toBeGreaterThan(0.5);
  const byDefault = await filled({});
  expect(byDefault).toBeGreaterThanOrEqual(0.9);
  expect(byDefault).toBeGreaterThan(few);
});

test("children are bounded below the root alone", async () => {
  const run = await new Session(G.open()).search(treeSearch({ maxChildren: 1 }), problem).run();
  const parents = run.candidates.filter(({ parents }) => parents.length > 0).map(({ parents }) => parents[0]);
  expect(new Set(parents).size).toBe(parents.length);
  expect(run.candidates.filter(({ parents }) => parents.length === 0)).toHaveLength(250);
  expect(run.ledger.nfe).toBe(2000);
});

test("the same seed gives the same bytes, rounds end it, and a model under guidance works the same", async () => {
  const asked = { ...problem, budget: { rounds: 20 } };
  const [a, b] = [
    await new Session(G.open()).search(treeSearch(), asked).run(),
    await new Session(G.open({ batch: 1 })).search(treeSearch(), asked).run(),
  ];
  expect(a.record()).toEqual(b.record());
  expect(a.rounds).toHaveLength(20);
  const images = { verifier: "brightness", condition: "bright", guidance: 2, steps: 4, budget: { nfe: 60 } };
  const run = await new Session(analyticEngine()).search(treeSearch(), images).run();
  expect(run.ledger).toMatchObject({ nfe: 60, forwards: 120 });
  expectBalanced(run.record());
});

test("a verifier that fails on some leaves the tree to the others, on all an empty one", async () => {
  const odd = failing((_, x) => x > 0);
  const some = await new Session(G.open()).search(treeSearch(), { ...problem, verifier: odd }).run();
  expect(some.best!.scores["odd"]).toBeLessThanOrEqual(0);
  expect(some.candidates.some(({ status }) => status === "failed")).toBe(true);
  expectBalanced(some.record());
  const none = await new Session(G.open())
    .search(treeSearch(), { ...problem, verifier: failing(() => true) })
    .run();
  expect(none.state).toBe("finished");
  expect(none.best).toBeUndefined();
  // What a clean sample costs was kept for one, which failed like the others.
  expect(none.ledger.nfe).toBeGreaterThan(2000 - 2 * 8);
  expect(none.ledger.nfe).toBeLessThanOrEqual(2000);
});

test("a temperature that overflows is said to be too low", async () => {
  const run = new Session(G.open()).search(treeSearch({ temperature: 1e-320 }), problem);
  await expect(run.run()).rejects.toThrow(/temperature/i);
});

test.each([
  [{ temperature: 0 }, "treeSearch: temperature is 0, but must be a number above 0."],
  [{ greedy: 1 }, "treeSearch: greedy is 1, but must be true or false."],
  [{ maxChildren: 0 }, "treeSearch: maxChildren is 0, but must be a whole number from 1 up."],
  [{ paths: 0 }, "treeSearch: paths is 0, but must be a whole number from 1 to 10000."],
  [{ children: 2 }, 'treeSearch has no "children". It has: temperature, greedy, maxChildren, paths.'],
])("options %j are refused", (options, message) => {
  expect(() => treeSearch(options as object)).toThrow(message);
});

test("without a budget nothing would end it", () => {
  expect(() => new Session(G.open()).search(treeSearch(), { ...problem, budget: {} })).toThrow(
    "Nothing would end this search: tree goes on until a budget is used up.",
  );
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
