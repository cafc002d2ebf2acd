import { InputError } from "../inputError.js";
import { listed, shown } from "../check.js";
import type { Algorithm } from "./algorithm.js";
import { beamSearch } from "./beamSearch.js";
import { breadthFirstSearch } from "./breadthFirstSearch.js";
import { depthFirstSearch } from "./depthFirstSearch.js";
import { epsilonGreedy } from "./epsilonGreedy.js";
import { evolutionarySearch } from "./evolutionarySearch.js";
import { feynmanKac } from "./feynmanKac.js";
import { randomSearch } from "./randomSearch.js";
import { rolloverBudgetForcing } from "./rolloverBudgetForcing.js";
import { searchOverPaths } from "./searchOverPaths.js";
import { softValueDecoding } from "./softValueDecoding.js";
import { successiveHalving } from "./successiveHalving.js";
import { treeSearch } from "./treeSearch.js";
import { zeroOrderSearch } from "./zeroOrderSearch.js";

/** The built-in algorithms, as cells import them. A record may name each: its name and options make it again. */
export const algorithms = {
  randomSearch,
  zeroOrderSearch,
  searchOverPaths,
  successiveHalving,
  feynmanKac,
  beamSearch,
  softValueDecoding,
  rolloverBudgetForcing,
  treeSearch,
  evolutionarySearch,
  breadthFirstSearch,
  depthFirstSearch,
  epsilonGreedy,
} as const;

const builtIn: readonly ((options?: object) => Algorithm)[] = Object.values(algorithms);

/** The algorithm of a record. One that was written in a cell has to be given. */
export function algorithmByName(name: string, options: Readonly<Record<string, unknown>>): Algorithm {
  const make = builtIn.find((candidate) => candidate().name === name);
  if (make) return make(options);
  const names = builtIn.map((candidate) => candidate().name);
  throw new InputError(
    `Algorithm ${shown(name)} is none of the built-in ones: give the one that made the record. ${listed("There is", names)}.`,
  );
}
