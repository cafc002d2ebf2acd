import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { randomSearch, Session, type Scorer, type Verifier } from "../../../src/search/index.js";

test("a shared verifier's batches are filled to the device's size, and what is known is not scored again", async () => {
  const batches: number[] = [];
  const scorer: Scorer = {
    ...{ name: "shared", direction: "higher", needsCondition: false, sha256: "0".repeat(64) },
    score: (images) => {
      batches.push(images.length);
      return Promise.resolve(images.map(({ data }) => data[0]!));
    },
    dispose: () => Promise.resolve(),
  };
  const engine = analyticEngine({ batch: 16 });
  engine.shared = { scorer: (id) => (id === "s" ? scorer : undefined) };
  const verifier: Verifier = {
    ...{ name: "shared", direction: "higher", needsCondition: false },
    within: (where) => (where === engine ? "s" : undefined),
    score: () => Promise.reject(new Error("It is scored in the engine.")),
  };
  const session = new Session(engine);
  const problem = { condition: "bright", steps: 2, verifier, budget: { nfe: 80 } } as const;
  const run = await session.search(randomSearch({ candidates: 40, perRound: 40 }), problem).run();
  expect(batches).toEqual([16, 16, 8]);
  expect(run.ledger.verifierCalls).toEqual({ shared: 40 });
  const again = await session.search(randomSearch({ candidates: 40, perRound: 40 }), problem).run();
  expect(batches).toHaveLength(3);
  expect(again.ledger.verifierCalls).toEqual({});
});
