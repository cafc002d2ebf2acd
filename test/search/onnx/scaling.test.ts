import { expect, test } from "vitest";
import {
  feynmanKac,
  randomSearch,
  searchOverPaths,
  Session,
  successiveHalving,
  zeroOrderSearch,
  type Algorithm,
} from "../../../src/search/index.js";
import { pairedBootstrap } from "../helpers/bootstrap.js";
import { openFashion } from "../helpers/fashion.js";

// The paper's claim in small (examples/scaling.dnb draws it): at the same 64 NFE, more denoising steps have stopped to help, and every
// search is better than they are, by the searched and by the held-out verifier. 10 classes x 2 seeds.
test("more steps flatten, searches at the same compute do not", async () => {
  const session = new Session(await openFashion({ batch: 16 }));
  const scores = async (algorithm: Algorithm, steps: number, nfe: number) => {
    const found: { searched: number; heldOut: number }[] = [];
    for (const condition of session.model.labels!) {
      for (const seed of [1, 2]) {
        const problem = { condition, seed, steps, guidance: 1, verifier: "classifier", heldOut: ["judge"] };
        const run = await session.search(algorithm, { ...problem, budget: { nfe } }).run();
        expect(run.record().spent.nfe).toBeLessThanOrEqual(nfe);
        const { classifier, judge } = run.best!.scores;
        found.push({ searched: classifier!, heldOut: judge! });
      }
    }
    return found;
  };
  const one = randomSearch({ candidates: 1 });
  const few = await scores(one, 16, 16);
  const many = await scores(one, 64, 64);
  const searches = {
    random: randomSearch(),
    zeroOrder: zeroOrderSearch({ similarity: 0.8 }),
    paths: searchOverPaths({ paths: 2, width: 3 }),
    halving: successiveHalving({ candidates: 16 }),
    feynmanKac: feynmanKac({ particles: 8, temperature: 0.1 }),
  };
  for (const verifier of ["searched", "heldOut"] as const) {
    const flat = pairedBootstrap(many.map((score, i) => score[verifier] - few[i]![verifier]));
    expect(flat.mean).toBeLessThan(0.02);
  }
  for (const [name, algorithm] of Object.entries(searches)) {
    const found = await scores(algorithm, 8, 64);
    const gain = pairedBootstrap(found.map((score, i) => score.searched - many[i]!.searched));
    const heldOut = pairedBootstrap(found.map((score, i) => score.heldOut - many[i]!.heldOut));
    expect([name, gain.low > 0, heldOut.mean > 0]).toEqual([name, true, true]);
  }
  await session.dispose();
}, 300_000);
