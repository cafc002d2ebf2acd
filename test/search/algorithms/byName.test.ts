import { expect, test } from "vitest";
import { algorithmByName } from "../../../src/search/algorithms/byName.js";
import * as search from "../../../src/search/index.js";

const made = [
  search.randomSearch,
  search.zeroOrderSearch,
  search.searchOverPaths,
  search.successiveHalving,
  search.feynmanKac,
  search.beamSearch,
  search.softValueDecoding,
  search.rolloverBudgetForcing,
  search.treeSearch,
  search.evolutionarySearch,
  search.breadthFirstSearch,
  search.depthFirstSearch,
  search.epsilonGreedy,
].map((make) => make());

test.each(made.map((algorithm) => [algorithm.name, algorithm] as const))(
  "%s is made again from what a record says of it, after a round trip through JSON",
  (name, { options }) => {
    const read = JSON.parse(JSON.stringify(options)) as Record<string, unknown>;
    expect(algorithmByName(name, read)).toMatchObject({ name, options });
  },
);

test("an unknown name lists what there is", () => {
  expect(() => algorithmByName("mine", {})).toThrow(/random.*zero-order.*tree/s);
});
