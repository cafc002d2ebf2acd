import { plainObject, wholeNumber } from "../check.js";
import { defineAlgorithm } from "./defineAlgorithm.js";

export interface BeamSearchOptions {
  /** B: states that are kept at each selection. Default 4. */
  readonly beams: number;
  /** K: children of each beam. Default 4. */
  readonly branches: number;
  /** L: deterministic steps to the clean sample that a child is judged by; 1 is the x0-prediction. Default 1. */
  readonly lookahead: number;
  /** Steps from one selection to the next. Default 1. */
  readonly every: number;
}

/**
 * Diffusion latent beam search with lookahead (Oshima et al. 2025, arXiv 2501.19252): each of B beams has K children by the stochastic kernel;
 * every child is judged by where L steps of the ODE take it, and of all B K the best B go on, so that one good beam may take over. With `every`
 * b above 1 the children are b steps away: blockwise best-of-K, as in CoDe (Singh et al. 2025, arXiv 2502.00968), across beams. A last stretch of
 * one step is taken without children: the posterior at level 0 has no noise left, and K times the same image would be scored.
 * The paper's advice is to spend on L and on B K before more denoising steps.
 * Cost: a step is B evaluations to branch from and K B L to look ahead. Those to branch from are the first ones of the lookaheads before, and
 * are billed once; a child at level 0 needs none: B + (S - 1) K B L NFE and (S - 1) K B + B calls of each verifier at b = 1,
 * B + (n - 1) K B L + (S - n) K B NFE for n = ceil(S / b) selections. Without that sharing it is S (B + K B L).
 * Published code (diffusion-tts) looks the parent of a chosen child up at the wrong index; here a child goes on from its own state.
 */
export const beamSearch = defineAlgorithm<BeamSearchOptions>(
  "beam",
  function* (ops, { beams, branches, lookahead, every }) {
    let kept = yield* ops.noise({ count: beams });
    for (const { to, steps } of stretches(ops.levels, every)) {
      const isBare = to === 0 && steps === 1;
      const children = yield* ops.denoise(kept, {
        ...{ to, eta: ops.eta },
        ...(isBare ? {} : { children: branches }),
      });
      const scored = yield* ops.score(yield* ops.preview(children, { lookahead }));
      kept = yield* ops.keep(scored, { best: to === 0 ? 1 : beams });
      yield* ops.endRound();
    }
  },
  {
    parse(given) {
      const { beams, branches, lookahead, every } = plainObject(given, "beamSearch", [
        ...["beams", "branches", "lookahead", "every"],
      ]);
      return {
        beams: wholeNumber(beams ?? 4, "beamSearch: beams", 1),
        branches: wholeNumber(branches ?? 4, "beamSearch: branches", 1),
        lookahead: wholeNumber(lookahead ?? 1, "beamSearch: lookahead", 1),
        every: wholeNumber(every ?? 1, "beamSearch: every", 1),
      };
    },
    ends: () => true,
    quote({ beams, branches, lookahead, every }, { levels, steps }) {
      const rounds = stretches(levels, every);
      const all = beams * branches;
      const last = rounds.at(-1)!.steps === 1 ? beams : all;
      return {
        nfe: beams + (rounds.length - 1) * all * lookahead + (steps - rounds.length) * all,
        scored: (rounds.length - 1) * all + last,
        rounds: rounds.length,
      };
    },
  },
);

interface Stretch {
  readonly to: number;
  /** Of the schedule; the last stretch may be shorter. */
  readonly steps: number;
}

function stretches(levels: readonly number[], every: number): readonly Stretch[] {
  const last = levels.length - 1;
  return Array.from({ length: Math.ceil(last / every) }, (_, i) => {
    const end = Math.min(last, (i + 1) * every);
    return { to: levels[end]!, steps: end - i * every };
  });
}
