import { flag, plainObject, positiveNumber, wholeNumber } from "../check.js";
import type { Handle } from "../engine/op.js";
import type { Ops, Step } from "../engine/ops.js";
import { logSumExp } from "../resampling/weights.js";
import { defineAlgorithm } from "./defineAlgorithm.js";
import { extend, newState, select, type Walk } from "./stateTree.js";

export interface TreeSearchOptions {
  /** T = 1 / lambda: the target is p(x0) exp(r(x0) / T). Default 0.1. */
  readonly temperature: number;
  /** DTS*: go down to the child of the highest value, instead of a random one by exp(V / T). Default false. */
  readonly greedy: boolean;
  /** Most children of one state; what is below the root alone is bounded. Without it only the visits are, by 2 sqrt(N). */
  readonly maxChildren?: number;
  /**
   * Paths of a round: they are selected by the same tree and share the calls of the model. Default 32, which fill batches of 16 to 94 %; of a
   * greedy search 16, as what a round finds is of use only after it (case G, 400 NFE, mean best of 60 seeds: 3.09, 3.10 and 2.82 with 1, 16
   * and 32 paths, random search 2.92, standard errors .04). 1 is the paper's.
   */
  readonly paths: number;
}

/**
 * Diffusion tree sampling and search, DTS and DTS* (Jain et al. 2025, arXiv 2506.20701). A tree of noisy states, a level for each
 * step of the schedule, and four moves a round: select from the root, child x with probability q(x) ~ exp(V(x) / T) (DTS) or of the highest V
 * (DTS*), while a state has all its children; expand by a draw from the stochastic kernel p(x_t-1 | x_t) and roll out to x0, every state on the
 * way becoming part of the tree; score x0; back up V(x_t) = T log mean exp(V(child) / T). A state of N visits may have children while
 * it has fewer than 2 sqrt(N) of them (progressive widening; the paper has C N^a). Anytime: until the budget ends.
 * DTS gives clean samples the log weight r(x0) / T - sum log(n q(x)) over the selections that led there, n children each: every path is an
 * importance sample, so their mean estimates Z without bias. A walk down the finished tree by V falls short of the target for long (on a
 * mixture in 8 steps log Z by 0.24, no less with 4 times the budget): what looked bad once is hardly visited again, and V stays too low
 * there. After 256 paths the weights are set anew with each growth by 1/256.
 * The paths of a round are selected one after the other by the tree before the round, each counting the visits and the children that are on
 * their way of those before it; the weights are those of these selections, so they stay importance samples. Then all go down together.
 * Cost: 1 NFE for each state that has been expanded, so at most 1 for each new edge: siblings share the evaluation of the kernel at their
 * parent. At most S and 1 call of each verifier for a path.
 */
export const treeSearch = defineAlgorithm<TreeSearchOptions>(
  "tree",
  function* (ops, { temperature, greedy, maxChildren = Infinity, paths }) {
    const root = newState();
    const weights = new Map<Handle, number>();
    for (let walked = 0, weighed = 0; ;) {
      const most = ops.levels.length;
      const chances = greedy ? [] : yield* ops.random({ count: paths * most });
      const walks = Array.from({ length: paths }, (_, i) =>
        select(root, {
          ...(greedy ? {} : { temperature }),
          maxChildren,
          chances: chances.slice(i * most, (i + 1) * most),
        }),
      );
      yield* rollOut(ops, walks);
      for (const walk of walks) extend(walk, temperature);
      for (const { path, logWeight } of greedy ? [] : walks) {
        // A selection that ends at a clean sample only adds to its weight and to the visits, and so to the widening.
        const { handle, value } = path.at(-1)!;
        if (handle?.level !== 0) continue;
        walked++;
        const terms = [weights.get(handle) ?? -Infinity, logWeight + value / temperature];
        weights.set(handle, logSumExp(terms));
      }
      if (walked >= weighed + Math.max(1, weighed / 256)) {
        const share = Math.log(weights.size / walked);
        yield* ops.weigh(
          [...weights.keys()],
          [...weights.values()].map((weight) => weight + share),
        );
        weighed = walked;
      }
      yield* ops.endRound();
    }
  },
  {
    parse(given) {
      const names = ["temperature", "greedy", "maxChildren", "paths"];
      const { temperature, maxChildren, paths, ...rest } = plainObject(given, "treeSearch", names);
      const greedy = flag(rest["greedy"] ?? false, "treeSearch: greedy");
      return {
        temperature: positiveNumber(temperature ?? 0.1, "treeSearch: temperature"),
        greedy,
        ...(maxChildren === undefined
          ? {}
          : { maxChildren: wholeNumber(maxChildren, "treeSearch: maxChildren", 1) }),
        paths: wholeNumber(paths ?? (greedy ? 16 : 32), "treeSearch: paths", 1, 10_000),
      };
    },
    quote({ paths }, { steps, budget }) {
      const { nfe = Infinity, verifierCalls = Infinity, rounds = Infinity } = budget;
      // The root has as many children as full trajectories are affordable, and so many visits before it wants another one.
      const visits = Math.floor(Math.floor(nfe / steps) ** 2 / 4) + paths;
      const most = Math.min(verifierCalls, rounds * paths);
      const scored = Math.min(most, visits);
      return { nfe: Math.min(nfe, most * steps), scored, rounds: scored + 1, exact: false };
    },
  },
);

/** Takes the walks down to clean samples, which are scored: those that stand at one level go together. One that fails has no front any more. */
function* rollOut(ops: Ops, walks: readonly Walk[]): Step<void> {
  const fresh = walks.filter(({ front }) => front === undefined);
  if (fresh.length > 0) {
    const noises = yield* ops.noise({ count: fresh.length });
    fresh.forEach((walk, i) => arrive(walk, noises[i]));
  }
  const going = walks.filter(({ front }) => front && front.level > 0);
  for (const [i, to] of ops.levels.slice(1).entries()) {
    const here = going.filter(({ front }) => front?.level === ops.levels[i]);
    if (here.length === 0) continue;
    const fronts = here.map(({ front }) => front!);
    const children = [...(yield* ops.denoise(fronts, { to, eta: ops.eta, children: 1 }))];
    for (const walk of here) {
      // In the order of their parents, without those that failed or were not paid for.
      const isNext = children[0] !== undefined && children[0].parent === walk.front!.id;
      arrive(walk, isNext ? children.shift() : undefined);
    }
  }
  const landed = going.filter(({ front }) => front);
  const scored = yield* ops.score(landed.map(({ front }) => front!));
  const byId = new Map(scored.map((handle) => [handle.id, handle]));
  for (const walk of landed) {
    const { id } = walk.made.pop()!;
    arrive(walk, byId.get(id));
  }
}

function arrive(walk: Walk, handle: Handle | undefined): void {
  walk.front = handle;
  if (handle) walk.made.push(handle);
}
