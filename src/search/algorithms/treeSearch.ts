import { plainObject, positiveNumber, wholeNumber } from "../check.js";
import type { Handle } from "../engine/op.js";
import type { Handles, Ops, Step } from "../engine/ops.js";
import { logSumExp, normalised } from "../resampling/weights.js";
import { defineAlgorithm } from "./defineAlgorithm.js";
import { flag } from "./flag.js";
import { softBackup } from "./softBackup.js";

export interface TreeSearchOptions {
  /** T = 1 / lambda: the target is p(x0) exp(r(x0) / T). Default 0.1. */
  readonly temperature: number;
  /** DTS*: go down to the child of the highest value, instead of a random one by exp(V / T). Default false. */
  readonly greedy: boolean;
  /** Most children of one state; what is below the root alone is bounded. Without it only the visits are, by 2 sqrt(N). */
  readonly maxChildren?: number;
}

/** A state x_t in the tree. The root stands for "before the noise": its children are the starting noises. */
interface State {
  readonly handle?: Handle;
  /** V-hat: of a clean sample its score. */
  value: number;
  /** N: paths that went through it. */
  visits: number;
  readonly children: State[];
}

/**
 * Diffusion tree sampling and search, DTS and DTS* (Jain et al. 2025, arXiv 2506.20701, algorithm 1). A tree of noisy states, a level for each
 * step of the schedule, and four moves a round: select from the root, child x with probability q(x) ~ exp(V(x) / T) (DTS) or of the highest V
 * (DTS*), while a state has all its children; expand by a draw from the stochastic kernel p(x_t-1 | x_t) and roll out to x0, every state on the
 * way becoming part of the tree; score x0; back up V(x_t) = T log mean exp(V(child) / T). A state of N visits may have children while
 * it has fewer than 2 sqrt(N) of them (progressive widening; the paper has C N^a). Anytime: until the budget ends.
 * DTS gives clean samples the log weight r(x0) / T - sum log(n q(x)) over the selections that led there, n children each: every path is an
 * importance sample, so their mean estimates Z without bias. A walk down the finished tree by V falls short of the target for long (on a
 * mixture in 8 steps log Z by 0.24, no less with 4 times the budget): what looked bad once is hardly visited again, and V stays too low
 * there. After 256 paths the weights are set anew with each growth by 1/256.
 * Cost: 1 NFE for each state that has been expanded, so at most 1 for each new edge: siblings share the evaluation of the kernel at their
 * parent. At most S a round. 1 call of each verifier a round.
 */
export const treeSearch = defineAlgorithm<TreeSearchOptions>(
  "tree",
  function* (ops, { temperature, greedy, maxChildren = Infinity }) {
    const root: State = { value: 0, visits: 0, children: [] };
    const weights = new Map<Handle, number>();
    for (let paths = 0, weighed = 0; ;) {
      const path = [root];
      const chances = greedy ? [] : yield* ops.random({ count: ops.levels.length + 1 });
      let state = root;
      let logWeight = 0;
      while (isExpanded(state, state === root ? Infinity : maxChildren)) {
        const values = state.children.map(({ value }) => value);
        const { place, q } = greedy ? highest(values) : soft(values, temperature, chances[path.length]!);
        logWeight -= Math.log(values.length * q);
        path.push((state = state.children[place]!));
      }
      // A selection that ends at a clean sample only adds to its weight and to the visits, and so to the widening.
      const rolled = state.handle?.level === 0 ? [] : yield* rollOut(ops, state.handle);
      for (const handle of rolled) {
        const next = { handle, value: handle.score ?? 0, visits: 0, children: [] };
        state.children.push(next);
        path.push((state = next));
      }
      for (const visited of path.reverse()) {
        visited.visits++;
        const values = visited.children.map(({ value }) => value);
        if (values.length > 0) visited.value = softBackup(values, temperature);
      }
      if (!greedy && state.handle?.level === 0) {
        const before = weights.get(state.handle) ?? -Infinity;
        weights.set(state.handle, logSumExp([before, logWeight + state.value / temperature]));
        if (++paths >= weighed + Math.max(1, weighed / 256)) {
          const share = Math.log(weights.size / paths);
          yield* ops.weigh(
            [...weights.keys()],
            [...weights.values()].map((weight) => weight + share),
          );
          weighed = paths;
        }
      }
      yield* ops.endRound();
    }
  },
  {
    parse(given) {
      const { temperature, greedy, maxChildren } = plainObject(given, "treeSearch", [
        ...["temperature", "greedy", "maxChildren"],
      ]);
      return {
        temperature: positiveNumber(temperature ?? 0.1, "treeSearch: temperature"),
        greedy: flag(greedy ?? false, "treeSearch: greedy"),
        ...(maxChildren === undefined
          ? {}
          : { maxChildren: wholeNumber(maxChildren, "treeSearch: maxChildren", 1) }),
      };
    },
    quote(_, { steps, budget }) {
      const { nfe = Infinity, verifierCalls = Infinity, rounds = Infinity } = budget;
      // The root has as many children as full trajectories are affordable, and so many visits before it wants another one.
      const visits = Math.floor(Math.floor(nfe / steps) ** 2 / 4) + 1;
      const most = Math.min(verifierCalls, rounds);
      const scored = Math.min(most, visits);
      return { nfe: Math.min(nfe, most * steps), scored, rounds: scored + 1, exact: false };
    },
  },
);

/** Progressive widening: whether a state has the children that its visits call for. */
function isExpanded({ handle, visits, children }: State, most: number): boolean {
  return handle?.level !== 0 && children.length >= Math.min(most, Math.max(1, 2 * Math.sqrt(visits)));
}

/** New states from the one given down to the clean sample, which is scored; none if one of them fails. */
function* rollOut(ops: Ops, from: Handle | undefined): Step<Handles> {
  let front: Handles = from ? [from] : yield* ops.noise({ count: 1 });
  const states = from ? [] : [...front];
  for (const to of ops.levels.filter((level) => level < front[0]!.level)) {
    front = yield* ops.denoise(front, { to, eta: ops.eta, children: 1 });
    states.push(...front);
  }
  const clean = yield* ops.score(front);
  return clean.length > 0 ? [...states.slice(0, -1), ...clean] : [];
}

interface Selection {
  readonly place: number;
  /** How probable it was. */
  readonly q: number;
}

/** The child that u in [0, 1) falls on, by weights exp(V / T). */
function soft(values: readonly number[], temperature: number, u: number): Selection {
  const odds = normalised(values.map((value) => value / temperature));
  let rest = u;
  const found = odds.findIndex((q) => (rest -= q) < 0);
  const place = found < 0 ? odds.length - 1 : found;
  return { place, q: odds[place]! };
}

function highest(values: readonly number[]): Selection {
  return { place: values.indexOf(Math.max(...values)), q: 1 };
}
