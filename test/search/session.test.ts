import { expect, test } from "vitest";
import { analyticEngine } from "../../src/search/analytic/analyticEngine.js";
import {
  imageFrom,
  randomSearch,
  Session,
  verifier,
  zeroOrderSearch,
  type Image,
  type Verifier,
} from "../../src/search/index.js";
import { counted } from "./helpers/counted.js";

const base = { condition: "bright", verifier: "brightness", budget: { nfe: 64 } };

test("the session says what it runs", () => {
  const session = new Session(analyticEngine({ batch: 5 }));
  expect(session.model).toMatchObject({
    name: "gaussian",
    labels: ["dark", "middle", "bright"],
    image: [1, 8, 8],
    verifiers: ["brightness", "contrast"],
    textConditioned: false,
  });
  expect(session.device).toEqual({ provider: "cpu", fallbackOperators: [], batch: 5, threads: 1 });
  expect(Object.keys(session.verifiers)).toEqual([
    ...["brightness", "contrast", "sharpness", "colourfulness", "compressibility", "incompressibility"],
  ]);
});

test("samples: one image for each seed, in order, iterable, and billed once", async () => {
  const count = counted();
  const session = new Session(analyticEngine({ wrap: count.wrap }));
  const samples = await session.sample({
    condition: "Bright",
    seeds: [3, 1, 3],
    steps: 4,
    solver: "heun",
    guidance: 2,
  });
  expect(samples.seeds).toEqual([3, 1, 3]);
  expect(samples.images[0]!.data).toEqual(samples.images[2]!.data);
  expect(samples.images[0]!.data).not.toEqual(samples.images[1]!.data);
  const iterated = [];
  for await (const image of samples) iterated.push(image);
  expect(iterated).toEqual(samples.images);
  expect(session.ledger.forwards).toBe(count.forwards);
  expect(session.ledger.cold.nfe).toBe(3 * 7);
});

test("the interrupt signal ends sampling between two model calls, billed", async () => {
  const interrupt = new AbortController();
  const count = counted();
  count.before = (calls) => {
    if (calls === 2) interrupt.abort(new Error("Interrupted"));
  };
  const clock = { now: () => 0, after: () => () => undefined };
  const session = new Session(analyticEngine({ wrap: count.wrap }), {
    clock,
    signal: () => interrupt.signal,
  });
  await expect(session.sample({ seeds: [1, 2], steps: 6 })).rejects.toThrow("Interrupted");
  expect(session.ledger.forwards).toBe(count.forwards);
  expect(count.calls).toBe(3);
});

test("scores of images from samples, a search and elsewhere are those that the search recorded", async () => {
  const session = new Session(analyticEngine());
  const own = verifier("corner", ({ rgb }) => rgb[0]![0]!);
  const problem = { ...base, heldOut: ["contrast", own], seed: 4 };
  const run = await session.search(randomSearch({ candidates: 3 }), problem).run();
  const scores = await session.score(run, ["brightness", own]);
  expect(scores["brightness"]).toEqual(run.candidates.map((candidate) => candidate.scores["brightness"]));
  expect(scores["corner"]).toEqual(run.candidates.map((candidate) => candidate.scores["corner"]));
  const samples = await session.sample({ condition: "bright", seeds: [4] });
  expect((await session.score(samples, ["brightness"]))["brightness"]).toEqual([scores["brightness"]![0]]);
  const white = imageFrom(new Uint8Array(64).fill(255), 8, 8);
  expect(await session.score([white], ["brightness", "contrast"])).toEqual({
    brightness: [1],
    contrast: [0],
  });
  expect(await session.verifiers["brightness"]!.score([white])).toEqual([1]);
  await expect(session.score([imageFrom(new Uint8Array(4), 2, 2)], ["brightness"])).rejects.toThrow(
    "Verifier brightness takes images of 8 x 8 with 1 channel(s), but one is 2 x 2 with 1.",
  );
  await expect(session.score([imageFrom(new Uint8Array(192), 8, 8, 3)], ["brightness"])).rejects.toThrow(
    "Verifier brightness takes images of 8 x 8 with 1 channel(s), but one is 8 x 8 with 3.",
  );
});

test("the same search has the same name, repetitions are numbered, another one has another", () => {
  const session = new Session(analyticEngine());
  const id = (seed: number): string => session.search(randomSearch(), { ...base, seed }).id;
  const first = id(1);
  expect(first).toMatch(/^s[0-9a-f]{8}$/);
  expect([id(1), id(1)]).toEqual([`${first}-2`, `${first}-3`]);
  expect(id(2)).not.toBe(first);
  expect(new Session(analyticEngine()).search(randomSearch(), { ...base, seed: 1 }).id).toBe(first);
});

test("searches by different functions of one name have different names, by the same function the same", () => {
  const session = new Session(analyticEngine());
  const id = (score: () => number): string =>
    session.search(randomSearch(), { ...base, verifier: verifier("mine", score) }).id;
  const one = id(() => 1);
  expect(id(() => 2)).not.toBe(one);
  expect(id(() => 1)).toBe(`${one}-2`);
});

test("with eta above 0 sampling is stochastic, one NFE a step, and a sample is the first candidate of a search", async () => {
  const session = new Session(analyticEngine());
  const wishes = { condition: "bright", steps: 4, eta: 1, solver: "heun" } as const;
  const { images } = await session.sample({ ...wishes, seeds: [4, 5] });
  expect(session.ledger.nfe).toBe(8);
  const run = await session.search(randomSearch({ candidates: 1 }), { ...base, ...wishes, seed: 4 }).run();
  expect((await run.best!.image()).data).toEqual(images[0]!.data);
  expect(run.ledger.nfe).toBe(0);
  expect(run.record().problem.eta).toBe(1);
  const ode = await session.sample({ condition: "bright", steps: 4, seeds: [4] });
  expect(ode.images[0]!.data).not.toEqual(images[0]!.data);
});

test.each([
  [
    { condition: "brigth" },
    'The model has no label "brigth". Did you mean "bright"? There is: dark, middle, bright.',
  ],
  [{ condition: "zebra" }, 'The model has no label "zebra". There is: dark, middle, bright.'],
  [{ condition: { label: 3 } }, "condition: label is 3, but must be the name of a class."],
  [{ condition: { prompt: "a cat" } }, "The model takes no prompts, but condition has a prompt."],
  [{ steps: 0 }, "steps is 0, but must be a whole number from 1 to 10000."],
  [{ steps: -3 }, "steps is -3, but must be a whole number from 1 to 10000."],
  [{ steps: NaN }, "steps is NaN, but must be a whole number from 1 to 10000."],
  [{ steps: 2.5 }, "steps is 2.5, but must be a whole number from 1 to 10000."],
  [{ steps: "8" }, 'steps is "8", but must be a whole number from 1 to 10000.'],
  [{ guidance: NaN }, "guidance is NaN, but must be a number from 0 up."],
  [{ guidance: -1 }, "guidance is -1, but must be a number from 0 up."],
  [{ guidance: 2, condition: undefined }, "guidance is 2, but there is no condition to guide to."],
  [
    { solver: "ddim" },
    'solver "ddim" is not for a model that predicts the velocity of flow matching. There is: euler, heun, flow-euler, flow-heun, dpmpp-2m,',
  ],
  [{ solver: "eulr" }, 'solver "eulr" does not exist. There is: euler, heun, flow-euler,'],
  [{ solver: 3 }, "solver is 3, but must be a name or the object of a scheduler_config.json"],
  [
    { solver: { _class_name: "DDIMScheduler" } },
    "DDIMScheduler of this configuration is for a model that predicts the noise (epsilon), but this one predicts the velocity of flow matching.",
  ],
  [
    { solver: { _class_name: "EulerScheduler" } },
    '_class_name "EulerScheduler" is not a scheduler that is known.',
  ],
  [
    { solver: { _class_name: "FlowMatchEulerDiscreteScheduler", shfit: 3 } },
    "FlowMatchEulerDiscreteScheduler",
  ],
  [
    { solver: { _class_name: "DPMSolverMultistepScheduler", prediction_type: "flow_prediction" } },
    "A flow model needs both",
  ],
  [
    { solver: { _class_name: "FlowMatchEulerDiscreteScheduler", invert_sigmas: true } },
    "goes up to more noise on its way",
  ],
  [{ churn: { sChurn: 1 } }, 'churn: the solver "euler" of this model has none.'],
  [{ solver: "unipc", churn: { sChurn: 1 } }, "UniPCMultistepScheduler takes no sChurn"],
  [{ churn: { sChrun: 1 } }, 'churn has no "sChrun". It has: sChurn, sTmin, sTmax, sNoise.'],
  [{ eta: 1.5 }, "eta is 1.5, but must be a number from 0 to 1."],
  [{ noise: "torch" }, 'noise "torch" does not exist. There is: dnb, torch-cpu, torch-cuda.'],
  [
    { noise: { kind: "torch-cpu", convention: "webui" } },
    'noise.convention "webui" does not exist. There is: diffusers, whole-batch, a1111, comfyui.',
  ],
  [
    { noise: { kind: "torch-cpu", convention: "comfyui" } },
    'noise.convention "comfyui" draws all images of a batch in one piece',
  ],
  [{ noise: { kind: "torch-cpu", gpu: "A100" } }, 'noise.gpu is only for "torch-cuda".'],
  [{ noise: { kind: "torch-cuda", gpu: "B1" } }, 'noise.gpu "B1" does not exist. There is: A100,'],
  [{ seed: 1.5 }, "seed is 1.5, but must be a whole number from 0 up."],
  [{ seed: -1 }, "seed is -1, but must be a whole number from 0 up."],
  [
    { verifier: "brightnes" },
    'verifier "brightnes" does not exist. Did you mean "brightness"? There is: brightness, contrast, sharpness, colourfulness, compressibility, incompressibility.',
  ],
  [{ verifier: undefined }, "verifier is undefined, but must be a verifier made with verifier(…) or a name."],
  [{ heldOut: "contrast" }, 'heldOut is "contrast", but must be an array of verifiers.'],
  [
    { heldOut: ["beauty"] },
    'heldOut[0] "beauty" does not exist. There is: brightness, contrast, sharpness, colourfulness, compressibility, incompressibility.',
  ],
  [{ heldOut: ["brightness"] }, "Verifier brightness is searched and held out at once"],
  [{ heldOut: ["contrast", "contrast"] }, "Verifier contrast is held out twice."],
  [{ budget: { nfe: 7 } }, "The budget of 7 NFE does not pay for one candidate: 8 euler steps cost 8 NFE."],
  [
    { budget: { nfe: 14 }, solver: "heun" },
    "The budget of 14 NFE does not pay for one candidate: 8 heun steps cost 15 NFE.",
  ],
  [{ budget: {} }, "Nothing would end this search: zero-order goes on until a budget is used up."],
  [{ budget: { nfes: 64 } }, 'budget has no "nfes". It has: nfe, verifierCalls, seconds, rounds.'],
  [
    { step: 8 },
    'problem has no "step". It has: condition, solver, steps, guidance, guidanceRescale, trueGuidance, eta, churn, noise, seed, verifier, heldOut, budget.',
  ],
])("a problem with %o is refused before anything runs", (change, message) => {
  const count = counted();
  const session = new Session(analyticEngine({ wrap: count.wrap }));
  const attempt = (): unknown => session.search(zeroOrderSearch(), { ...base, ...change } as never);
  expect(attempt).toThrow(message);
  expect(attempt).toThrow(expect.objectContaining({ name: "InputError" }));
  expect(count.calls).toBe(0);
});

test("a verifier that needs a condition is refused without one", async () => {
  const needy = verifier("needy", () => 1, { needsCondition: true });
  const session = new Session(analyticEngine());
  expect(() => session.search(randomSearch(), { verifier: needy, budget: { nfe: 64 } })).toThrow(
    "Verifier needy scores against a condition, but there is none.",
  );
  expect(() =>
    session.search(randomSearch(), { verifier: "contrast", heldOut: [needy], budget: { nfe: 64 } }),
  ).toThrow("Verifier needy scores against a condition");
});

test("what is no algorithm, or one that was not called, is refused", () => {
  const session = new Session(analyticEngine());
  for (const algorithm of [randomSearch, "random", undefined]) {
    expect(() => session.search(algorithm as never, base)).toThrow("must be one like randomSearch()");
  }
});

test.each([
  [{ seeds: 3 }, "seeds is 3, but must be an array of whole numbers."],
  [{ seeds: [1, -2] }, "seeds[1] is -2, but must be a whole number from 0 to 2^64 - 1."],
  [
    { seeds: [2n ** 64n] },
    "seeds[0] is 18446744073709551616, but must be a whole number from 0 to 2^64 - 1.",
  ],
  [{ seeds: [2 ** 60] }, "Write it as a bigint: 1152921504606846976n."],
  [{ seeds: [1], steps: 0 }, "steps is 0"],
  [{ seeds: [1], condition: "none" }, 'The model has no label "none"'],
  [
    { seed: 1 },
    'sample has no "seed". It has: condition, solver, steps, guidance, guidanceRescale, trueGuidance, eta, churn, noise, seeds.',
  ],
])("a sample request %o is refused", async (request, message) => {
  await expect(new Session(analyticEngine()).sample(request as never)).rejects.toThrow(message);
});

test("a verifier needs a name and a function", () => {
  expect(() => verifier("", () => 1)).toThrow("A verifier needs a name");
  expect(() => verifier("x", 3 as never)).toThrow("Verifier x needs a function of an image, but got 3.");
  expect(() => verifier("x", () => 1, { direction: "up" as never })).toThrow("There is: higher, lower.");
  expect(() => verifier("x", () => 1, { needsCondition: "no" as never })).toThrow(
    'Verifier x: needsCondition is "no", but must be true or false.',
  );
});

test("what is computed anew is judged anew by functions too, and verify tells a score that is chance", async () => {
  let calls = 0;
  const counting = verifier("counting", () => ++calls);
  const session = new Session(analyticEngine());
  const problem = { ...base, verifier: counting, seed: 1 };
  const algorithm = randomSearch({ candidates: 2 });
  const run = await session.search(algorithm, problem).run();
  await session.search(algorithm, problem).run();
  expect(calls).toBe(2);
  await session.beside("timed").search(algorithm, problem).run();
  expect(calls).toBe(4);
  await session.beside("timed").search(algorithm, problem).run();
  expect(calls).toBe(4);
  expect((await session.verify(run)).most).toBe(4);
});

test("a verifier that is an object gets the images of a batch at once, and one that it throws on costs the others nothing", async () => {
  const sizes: number[] = [];
  const mean = ({ data }: Image): number => data.reduce((sum, value) => sum + value, 0) / data.length;
  const strict = (limit: number): Verifier => ({
    name: "strict",
    direction: "higher",
    needsCondition: false,
    score: async (images) => {
      const list = images as readonly Image[];
      sizes.push(list.length);
      if (list.some((image) => mean(image) < limit)) throw new Error("too dark");
      return list.map(mean);
    },
  });
  const session = new Session(analyticEngine({ batch: 8 }));
  const searched = (limit: number) =>
    session
      .search(randomSearch({ candidates: 8, perRound: 8 }), { ...base, verifier: strict(limit), seed: 1 })
      .run();
  const all = await searched(0);
  expect(sizes).toEqual([8]);
  const scores = all.candidates.map((one) => one.scores["strict"]!).sort((a, b) => a - b);
  const some = await searched(scores[3]!);
  expect(some.candidates.filter(({ status }) => status === "failed")).toHaveLength(3);
});
