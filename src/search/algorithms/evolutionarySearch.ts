import { plainObject, realNumber, wholeNumber } from "../check.js";
import type { Handle } from "../engine/op.js";
import type { Handles, Ops, Step } from "../engine/ops.js";
import { bridge } from "../schedules/bridge.js";
import { defineAlgorithm } from "./defineAlgorithm.js";
import { generations, parseGenerations } from "./generations.js";

export interface EvolutionaryOptions {
  /** t_0 < .. < t_G: steps at which a generation is selected and mutated. Default at 0, 0.4, 0.6 and 0.8 of the way. */
  readonly schedule?: readonly number[];
  /** p_0 .. p_G+1: members of each generation, one more than steps. Default 14, then 7 each, 10 in the last. */
  readonly population: readonly number[];
  /** Members that go on as they are. Default 3. */
  readonly elites: number;
  /** beta: share of fresh noise in the mutation of a starting noise, 0..1. Default 0.2. */
  readonly mutation: number;
}

/** A trajectory that has been followed to the end, with its states at the steps of the schedule from `since` on. */
interface Life {
  readonly since: number;
  readonly states: readonly Handle[];
  readonly clean: Handle;
}

/**
 * EvoSearch (He et al. 2025, arXiv 2505.17618): generation g starts at step t_g of the stochastic process with p_g+1 members. Their
 * parents are chosen among all trajectories so far by the score of the clean sample that each led to, and taken where they were at t_g:
 * the elites go on as they are, the others are winners of tournaments over a random 90 %, mutated. At pure noise
 * x' = sqrt(1 - beta^2) x + beta z, which keeps the law of a noise; later x' = x + sigma_t z with the deviation of the kernel's step to t_g.
 * The published code takes the states one step after t_g, and puts them in at t_g; it mutates the first generation as noise even where it
 * has been denoised already (its t_0 = 5 for FLUX), which shrinks the signal; and it reports no NFE. Here each state is put in where
 * it was taken, and its level decides how it mutates. The elites are followed again, with chance of their own, as published.
 * Cost: p_0 t_0 + sum_g (p_g (S - t_g) + p_g+1 (t_g+1 - t_g)) = p_0 S + sum_g p_g+1 (S - t_g) NFE with t_G+1 = S; sum p_g calls of each verifier.
 */
export const evolutionarySearch = defineAlgorithm<EvolutionaryOptions>(
  "evolutionary",
  function* (ops, options) {
    const { elites, mutation } = options;
    const { schedule, population } = generations(options, ops.levels.length - 1);
    const stops = [...schedule.map((t) => ops.levels[t]!), 0];
    const noises = yield* ops.noise({ count: population[0]! });
    const first = stops[0]! < 1 ? yield* ops.denoise(noises, { to: stops[0], eta: ops.eta }) : noises;
    const lives = yield* follow(ops, first, stops, 0);
    yield* ops.endRound();
    for (const [g, t] of schedule.entries()) {
      const count = population[g + 1]!;
      const ranked = [...lives].sort((a, b) => b.clean.score! - a.clean.score!);
      const size = Math.max(1, Math.floor(0.9 * lives.length));
      const winners = yield* ops.tournament(
        lives.map(({ clean }) => clean),
        { count: count - Math.min(elites, count, ranked.length), size },
      );
      const lifeOf = new Map(lives.map((life) => [life.clean.id, life]));
      const parents = winners.map(({ id }) => lifeOf.get(id)!);
      const at = (life: Life): Handle => life.states[g - life.since]!;
      const same = yield* ops.perturb(ranked.slice(0, Math.min(elites, count)).map(at), { keep: 1, add: 0 });
      const kernel =
        t === 0
          ? { keep: Math.sqrt(1 - mutation ** 2), add: mutation }
          : {
              keep: 1,
              add: bridge(ops.point(ops.levels[t - 1]!), ops.point(ops.levels[t]!), ops.eta).deviation,
            };
      const mutants = yield* ops.perturb(parents.map(at), kernel);
      lives.push(...(yield* follow(ops, [...same, ...mutants], stops.slice(g), g)));
      yield* ops.endRound();
    }
    yield* ops.keep(
      lives.map(({ clean }) => clean),
      { best: 1 },
    );
  },
  {
    parse(given) {
      const { schedule, population, elites, mutation } = plainObject(given, "evolutionarySearch", [
        ...["schedule", "population", "elites", "mutation"],
      ]);
      return {
        ...parseGenerations(schedule, population),
        elites: wholeNumber(elites ?? 3, "evolutionarySearch: elites", 0),
        mutation: realNumber(mutation ?? 0.2, "evolutionarySearch: mutation", 0, 1),
      };
    },
    ends: () => true,
    quote(options, { steps }) {
      const { schedule, population } = generations(options, steps);
      const later = schedule.map((t, g) => population[g + 1]! * (steps - t));
      return {
        nfe: population[0]! * steps + later.reduce((sum, nfe) => sum + nfe, 0),
        scored: population.reduce((sum, size) => sum + size, 0),
        rounds: population.length,
      };
    },
  },
);

/** Takes members that stand at the first of the stops through all of them and scores what becomes of them; every stop is a state of its own. */
function* follow(ops: Ops, members: Handles, stops: readonly number[], since: number): Step<Life[]> {
  const pasts = new Map(members.map((member) => [member.id, [member]]));
  let front = members;
  for (const to of stops.slice(1)) {
    front = yield* ops.denoise(front, { to, eta: ops.eta, children: 1 });
    for (const child of front) pasts.set(child.id, [...pasts.get(child.parent!)!, child]);
  }
  const clean = yield* ops.score(front);
  return clean.map((last) => ({ since, states: pasts.get(last.id)!, clean: last }));
}
