import { expect, test } from "vitest";
import {
  beamSearch,
  breadthFirstSearch,
  depthFirstSearch,
  epsilonGreedy,
  evolutionarySearch,
  feynmanKac,
  gaussianMixture,
  randomSearch,
  rolloverBudgetForcing,
  searchOverPaths,
  Session,
  softValueDecoding,
  successiveHalving,
  treeSearch,
  zeroOrderSearch,
  type SearchRun,
} from "../../../src/search/index.js";
import { counted } from "../helpers/counted.js";
import { expectBalanced } from "../helpers/costs.js";

const G = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [-2]], variances: [0.25, 0.25] });
const methods = [
  randomSearch(),
  zeroOrderSearch(),
  searchOverPaths(),
  successiveHalving(),
  feynmanKac({ particles: 16, temperature: 2 }),
  beamSearch({ lookahead: 2 }),
  softValueDecoding({ children: 8, temperature: 2 }),
  rolloverBudgetForcing(),
  treeSearch({ temperature: 2 }),
  treeSearch({ greedy: true }),
  evolutionarySearch(),
  breadthFirstSearch(),
  depthFirstSearch({ threshold: 100 }),
  epsilonGreedy(),
].map((algorithm, i) => [`${algorithm.name} ${i}`, algorithm] as const);

/** The best is clean, and final; one that a resampling passed over says so, and somebody else was chosen at its level. */
function expectResult({ best, candidates, algorithm }: SearchRun, what: string): void {
  const status = best?.status;
  expect(best?.level, what).toBe(0);
  if (algorithm.name !== "soft-value") expect(status, what).toBe("final");
  if (status === "final") return;
  expect([status, best?.logWeight], what).toEqual(["dropped", -Infinity]);
  const chosen = candidates.filter((other) => other.level === 0 && other.status === "kept");
  expect(chosen.length, what).toBeGreaterThan(0);
}

test.each(methods)(
  "%s finishes with a clean sample whatever one trajectory and more may cost",
  async (_, algorithm) => {
    for (const solver of ["euler", "heun"] as const) {
      const trajectory = solver === "heun" ? 15 : 8;
      for (const nfe of [0, 1, 2, 5, 11, 23, 40, 90].map((more) => trajectory + more)) {
        const count = counted();
        const session = new Session(G.open({ wrap: count.wrap }));
        const problem = { seed: nfe, solver, steps: 8, verifier: "linear", budget: { nfe } };
        const run = await session.search(algorithm, problem).run();
        expect(run.state).toBe("finished");
        expectResult(run, `${solver} ${nfe}`);
        expect(run.best!.scores["linear"]).toBeTypeOf("number");
        expect(count.forwards).toBeLessThanOrEqual(nfe);
        expectBalanced(run.record(), count);
      }
    }
  },
);

test.each(methods)("%s keeps the last verifier call for a clean sample", async (_, algorithm) => {
  for (const verifierCalls of [1, 2, 3, 7]) {
    const session = new Session(G.open());
    const problem = { seed: verifierCalls, steps: 8, verifier: "linear", budget: { verifierCalls } };
    const run = await session.search(algorithm, problem).run();
    expectResult(run, String(verifierCalls));
    expect(run.ledger.verifierCalls["linear"]).toBeLessThanOrEqual(verifierCalls);
  }
});
