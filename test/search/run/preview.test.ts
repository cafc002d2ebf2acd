import { describe, expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  feynmanKac,
  randomSearch,
  searchOverPaths,
  Session,
  type Denoiser,
  type LocalEngine,
  type Problem,
} from "../../../src/search/index.js";
import type { TensorId } from "../../../src/search/engine/engine.js";
import { parseSampling } from "../../../src/search/sampling.js";
import { solverNamesFor } from "../../../src/search/solvers/namedSolvers.js";
import { preservingEngine } from "../helpers/preserving.js";

const problem = { condition: "bright", verifier: "brightness", seed: 3, steps: 8, budget: { nfe: 400 } };
const bytes = async (image: Promise<{ readonly data: Uint8Array }>): Promise<string> =>
  Buffer.from((await image).data).toString("hex");

describe("a preview on the way", () => {
  test("at level 0 it is the image; further up it comes nearer to it level by level", async () => {
    const run = new Session(analyticEngine({})).search(randomSearch({ candidates: 1 }), problem);
    await run.run();
    const [candidate] = run.candidates;
    const final = (await candidate!.image()).data;
    expect(await bytes(run.preview("r1-c0", 0))).toBe(Buffer.from(final).toString("hex"));
    const distances: number[] = [];
    for (const level of [1, 0.75, 0.5, 0.25, 0.125]) {
      const { data } = await run.preview("r1-c0", level);
      distances.push(data.reduce((sum, value, i) => sum + Math.abs(value - final[i]!), 0));
    }
    expect(distances).toEqual([...distances].sort((a, b) => b - a));
    expect(distances[0]).toBeGreaterThan(0);
  });

  test("its cost is the session's, never the search's, and the record stays", async () => {
    const session = new Session(analyticEngine({}));
    const run = session.search(randomSearch({ candidates: 2 }), problem);
    await run.run();
    const [record, spent, ledger] = [JSON.stringify(run.record()), run.ledger, session.ledger.nfe];
    await run.preview("r1-c0", 0.5);
    expect(run.ledger).toEqual(spent);
    expect(JSON.stringify(run.record())).toBe(record);
    // Four steps to level 0.5, and the evaluation there.
    expect(session.ledger.nfe - ledger).toBe(5);
    await run.preview("r1-c0", 0.5);
    expect(session.ledger.nfe - ledger).toBe(5);
  });

  test("of a path that was renoised it is the latest passage; before that, its ancestor's", async () => {
    const run = new Session(analyticEngine({})).search(searchOverPaths({ paths: 2, width: 2 }), problem);
    await run.run();
    const last = run.candidates.at(-1)!;
    const parent = run.candidate(last.parents[0]!);
    expect(await bytes(run.preview(last.id, 1))).toBe(await bytes(run.preview(parent.id, 1)));
    const { from } = last.toJSON();
    expect(from).toBeGreaterThan(parent.level);
    expect(await bytes(run.preview(last.id, from))).not.toBe(await bytes(run.preview(parent.id, from)));
  });

  test("levels that a lineage has not come to are refused; beside the levels of a stochastic way there is one step of Euler's", async () => {
    const session = new Session(analyticEngine({}));
    const run = session.search(feynmanKac({ particles: 4, temperature: 0.1 }), problem);
    await run.step();
    const { id, level } = run.candidates.at(-1)!;
    expect(level).toBeGreaterThan(0);
    await expect(run.preview(id, level / 2)).rejects.toThrow(`is not known at level ${level / 2}`);
    await run.run();
    const best = run.best!;
    expect(await bytes(run.preview(best.id, 0))).toBe(await bytes(best.image()));
    const before = session.ledger.nfe;
    await run.preview(best.id, 0.43);
    expect(session.ledger.nfe).toBeGreaterThan(before);
    await expect(run.preview(best.id, 2)).rejects.toThrow(/is not from 0 to 1/);
    await expect(run.preview("r9-c9", 0)).rejects.toThrow(/no candidate/);
  });
});

interface Call {
  readonly x: readonly number[];
  readonly out: readonly number[];
}

/** Notes what the network is given and gives. */
function recorded() {
  const calls: Call[] = [];
  const wrap = (denoiser: Denoiser): Denoiser => ({
    ...denoiser,
    async velocity(x, count, level, conditions) {
      const out = await denoiser.velocity(x, count, level, conditions);
      calls.push({ x: [...x], out: [...out] });
      return out;
    },
    dispose: () => denoiser.dispose(),
  });
  return { calls, wrap };
}

/** Notes which states are made pictures of. */
function decodedBy(engine: LocalEngine): TensorId[] {
  const states: TensorId[] = [];
  const decode = engine.decode.bind(engine);
  engine.decode = (jobs, signal) => {
    states.push(...jobs.map(({ from }) => from));
    return decode(jobs, signal);
  };
  return states;
}

type Wrap = (denoiser: Denoiser) => Denoiser;
const flowEngine = (wrap: Wrap): LocalEngine => analyticEngine({ side: 4, wrap });
const epsilonEngine = (wrap: Wrap): LocalEngine => preservingEngine({ wrap });
const FLOW = "FlowMatchEulerDiscreteScheduler";

const ways: [string, typeof flowEngine, Partial<Problem>][] = [
  ...solverNamesFor({ prediction: "epsilon" }).map((solver): (typeof ways)[number] => [
    `epsilon, ${solver}`,
    epsilonEngine,
    { solver },
  ]),
  ["epsilon, ddim with eta", epsilonEngine, { solver: "ddim", eta: 1 }],
  ["epsilon, Euler with churn", epsilonEngine, { solver: "euler", churn: { sChurn: 3 } }],
  ["epsilon, Heun with churn", epsilonEngine, { solver: "heun", churn: { sChurn: 3 } }],
  ["epsilon, the bridge", epsilonEngine, { solver: "dpmpp-2m", eta: 0.7 }],
  ["epsilon, PyTorch's noise", epsilonEngine, { solver: "euler-ancestral", noise: "torch-cpu" }],
  ...solverNamesFor({ prediction: "flow" }).map((solver): (typeof ways)[number] => [
    `flow, ${solver}`,
    flowEngine,
    { solver },
  ]),
  ["flow, the bridge", flowEngine, { solver: "euler", eta: 0.5 }],
  ["flow, stochastic sampling", flowEngine, { solver: { _class_name: FLOW, stochastic_sampling: true } }],
];

describe("between the ends of a way", () => {
  test.each(ways)(
    "%s: at each level the prediction is that which the run itself had, bit for bit, for what the way as far as there costs",
    async (_, engineOf, wishes) => {
      const { calls, wrap } = recorded();
      const engine = engineOf(wrap);
      const decoded = decodedBy(engine);
      const session = new Session(engine);
      const asked = { verifier: "brightness", seed: 3, steps: 6, budget: {}, ...wishes };
      const run = await session.search(randomSearch({ candidates: 1 }), asked).run();
      const [spent, forward] = [JSON.stringify(run.ledger), calls.splice(0)];
      const { course, levels, eta, methodAt } = parseSampling({ steps: 6, ...wishes }, engine.model);
      const isBridge = methodAt(eta).bridge !== undefined;
      const evaluations = (upTo: number): number =>
        isBridge ? upTo : course.evaluations(levels.slice(0, upTo + 1));
      for (const index of levels.keys()) {
        if (index === 0 || index === levels.length - 1) continue;
        const level = levels[index]!;
        const before = session.ledger.nfe;
        await run.preview("r1-c0", level);
        // The network is shown the very same states.
        const again = calls.splice(0);
        expect(again).toEqual(forward.slice(0, again.length));
        expect(again).toHaveLength(evaluations(index + 1));
        expect(session.ledger.nfe - before).toBe(again.length);
        const predict = course.clean(level);
        const { x, out } = forward[evaluations(index)]!;
        const { data } = await engine.read(decoded.at(-1)!);
        expect(data).toEqual(Float32Array.from(x, (value, i) => predict(value, out[i]!)));
      }
      // Those above were kept on the way.
      await run.preview("r1-c0", levels[1]!);
      expect(calls).toEqual([]);
      expect(JSON.stringify(run.ledger)).toBe(spent);
    },
  );

  test("whoever looks from the end to the beginning pays the way once", async () => {
    const session = new Session(preservingEngine());
    const asked = { seed: 3, steps: 8, verifier: "brightness", solver: "dpmpp-2m-sde", budget: {} };
    const run = await session.search(randomSearch({ candidates: 1 }), asked).run();
    const before = session.ledger.nfe;
    for (const level of run.record().levels.slice(1, -1).toReversed()) await run.preview("r1-c0", level);
    expect(session.ledger.nfe - before).toBe(8);
  });
});
