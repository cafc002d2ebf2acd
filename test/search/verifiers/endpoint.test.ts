import { describe, expect, test } from "vitest";
import { isKeyName as isStoredName } from "../../../src/editor/keyName.js";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  ensemble,
  Image,
  randomSearch,
  Session,
  systemClock,
  verifier,
  type Verifier,
} from "../../../src/search/index.js";
import { endpoint } from "../../../src/search/verifiers/endpoint/endpoint.js";
import type { EndpointOptions } from "../../../src/search/verifiers/endpoint/endpointOptions.js";
import { isKeyName } from "../../../src/search/verifiers/endpoint/keyName.js";
import { expectBalanced } from "../helpers/costs.js";
import { json, judging, serve, type Answer } from "../helpers/judgeServer.js";
import { picture } from "../pictures/helpers/patterns.js";

const quick: EndpointOptions = { backoff: 0.001, timeout: 5, name: "remote" };
const problem = { condition: "bright", seed: 5, steps: 4, budget: { nfe: 40 } } as const;
const begin = (verifier: Verifier) =>
  new Session(analyticEngine({ batch: 4 })).search(randomSearch({ perRound: 5 }), { ...problem, verifier });

test("a search by a judge behind an address is that by the same function in a cell", async () => {
  const { url, asked } = await serve(judging);
  const run = await begin(endpoint(url, { ...quick, batch: 3 })).run();
  const own = verifier("remote", ({ data }) => data.reduce((sum, value) => sum + value, 0) / data.length);
  expect(run.record().candidates).toEqual((await begin(own).run()).record().candidates);
  expect(run.ledger.verifierCalls).toEqual({ remote: 10 });
  expect(asked.map(({ images }) => images.length).sort()).toEqual([2, 2, 3, 3]);
  expect(asked[0]!.condition).toBe("bright");
  expectBalanced(run.record());
});

test("no more requests than allowed are under way at once, and the order of answers does not matter", async () => {
  let under = 0;
  let most = 0;
  const held: (() => void)[] = [];
  const { url } = await serve(async (response, asked, request) => {
    most = Math.max(most, ++under);
    // The first three are answered when all are there, the last of them first; a fourth would have had time to come.
    if (request <= 3) {
      await new Promise<void>((go) => {
        held.push(go);
        if (held.length === 3) setTimeout(() => held.reverse().forEach((one) => one()), 20);
      });
    } else await new Promise((resolve) => setTimeout(resolve, 5));
    under--;
    await judging(response, asked, request);
  });
  const images = [3, 5, 7, 9, 11, 13].map((width) => new Image(picture("noise", width, 4, 3)));
  const scores = await endpoint(url, { ...quick, batch: 1, parallel: 3 }).score(images);
  expect(most).toBe(3);
  most = 0;
  const shared = endpoint(url, { ...quick, batch: 1, parallel: 1 });
  await Promise.all([shared.score(images), shared.score(images)]);
  expect(most).toBe(1);
  const alone = await Promise.all(images.map((image) => endpoint(url, quick).score([image])));
  expect(scores).toEqual(alone.flat());
});

describe("asked again", () => {
  test.each<[string, Answer]>([
    ["is busy", (response) => json(response, {}, 503)],
    ["answers garbage", (response) => response.end("<html>hello")],
    ["gives the wrong count", (response) => json(response, { scores: [1, 2] })],
    ["gives null for a number", (response, { images }) => json(response, { scores: images.map(() => null) })],
    ["gives NaN as text", (response, { images }) => json(response, { scores: images.map(() => "NaN") })],
    ["has no scores", (response) => json(response, { values: [1] })],
    ["breaks off", (response) => response.destroy()],
  ])("when it %s at first", async (_, bad) => {
    const { url, asked } = await serve((response, one, request) =>
      request <= 2 ? bad(response, one, request) : judging(response, one, request),
    );
    const image = new Image(picture("noise", 8, 8, 3));
    const [score] = await endpoint(url, quick).score([image]);
    expect(score).toBeCloseTo(image.data.reduce((sum, value) => sum + value, 0) / image.data.length, 9);
    expect(asked).toHaveLength(3);
  });

  test("with waits that double, and as long as it asks to be left alone", async () => {
    const times: number[] = [];
    const { url } = await serve((response, one, request) => {
      times.push(performance.now());
      if (request === 4) return judging(response, one, request);
      if (request === 3) response.setHeader("retry-after", "0.4");
      return json(response, {}, 429);
    });
    await endpoint(url, { ...quick, backoff: 0.05 }).score([new Image(picture("noise", 4, 4, 1))]);
    const waits = times.slice(1).map((time, i) => time - times[i]!);
    expect(waits[0]).toBeGreaterThanOrEqual(49);
    expect(waits[1]).toBeGreaterThanOrEqual(99);
    expect(waits[2]).toBeGreaterThanOrEqual(399);
  });

  test.each([2.01, 4.02, 2_147_483])(
    "within %d seconds, of which the milliseconds need not be whole",
    async (timeout) => {
      const { url } = await serve(judging);
      await expect(
        endpoint(url, { timeout, retries: 0 }).score([new Image(picture("noise", 4, 4, 1))]),
      ).resolves.toHaveLength(1);
    },
  );

  test("but not when it says that the request is wrong", async () => {
    const { url, asked } = await serve((response) => json(response, { error: "no such model" }, 404));
    const failure = endpoint(url, quick).score([new Image(picture("noise", 4, 4, 1))]);
    await expect(failure).rejects.toThrow(/it answered 404 \{"error":"no such model"\}\.$/);
    expect(asked).toHaveLength(1);
  });
});

describe("when it is no use, the search pauses with the reason, loses nothing, and asks again when it goes on", () => {
  test.each<[string, Answer, string]>([
    ["down", (response) => response.destroy(), "it cannot be reached"],
    ["slow", () => undefined, "it gave no answer within 0.15 s"],
    ["talking garbage", (response) => response.end("ok"), "its answer is no JSON: ok"],
    ["miscounting", (response) => json(response, { scores: [] }), "it gave 0 scores for 5 images"],
    [
      "without numbers",
      (response, { images }) => json(response, { scores: images.map(() => null) }),
      "its score 0 is null instead of a finite number",
    ],
    ["forbidding", (response) => json(response, {}, 403), "it answered 403"],
  ])("%s", async (_, bad, why) => {
    let broken = false;
    const { url, asked } = await serve((response, one, request) =>
      broken ? bad(response, one, request) : judging(response, one, request),
    );
    // Only the slow one is to be late, however busy this machine is.
    const timeout = why.includes("0.15") ? 0.15 : 5;
    const options: EndpointOptions = { ...quick, timeout, retries: 1, batch: 5 };
    const another = await serve(judging);
    const whole = await begin(endpoint(another.url, { ...options, timeout: 5 })).run();
    const run = begin(endpoint(url, options));
    await run.step();
    broken = true;
    await run.run();
    expect(run.state).toBe("paused");
    expect(run.reason).toContain("Verifier remote does not answer: http://127.0.0.1");
    expect(run.reason).toContain(why);
    const paused = run.record();
    expect(paused.reason).toBe(run.reason);
    expect(paused.rounds).toHaveLength(1);
    expect(paused.candidates.map(({ status }) => status === "failed")).toEqual(
      paused.candidates.map((_, i) => i >= 5),
    );
    expect(paused.candidates[5]!.failure).toContain(why);
    expect(paused.spent.verifierCalls).toEqual({ remote: 5 });
    await expect(run.step()).rejects.toThrow(why);
    broken = false;
    const before = asked.length;
    while (run.state === "paused") await run.run();
    if (timeout > 1) expect(asked.length).toBe(before + 1);
    // Only the address is another one.
    expect({ ...run.record(), id: "" }).toEqual({ ...whole.record(), id: "" });
    expect(run.state).toBe("finished");
  });

  test("and those that had an answer are not asked for again, and are billed once", async () => {
    let broken = true;
    const { url, asked } = await serve((response, one, request) =>
      broken && request > 1 ? json(response, {}, 500) : judging(response, one, request),
    );
    const run = begin(endpoint(url, { ...quick, batch: 2, parallel: 1, retries: 0 }));
    await run.run();
    expect(run.state).toBe("paused");
    expect(run.ledger.verifierCalls).toEqual({});
    broken = false;
    await run.run();
    expect(run.state).toBe("finished");
    expect(run.ledger.verifierCalls).toEqual({ remote: 10 });
    expect(asked.map(({ images }) => images.length)).toEqual([2, 2, 2, 1, 2, 2, 1]);
    expectBalanced(run.record());
  });

  test("stopped while it waits, it ends with what it has", async () => {
    const { url } = await serve((response, one, request) =>
      request > 1 ? json(response, {}, 500) : judging(response, one, request),
    );
    const run = begin(endpoint(url, { ...quick, retries: 0 }));
    await run.run();
    run.stop();
    expect(run.state).toBe("stopped");
    expect(run.best!.round).toBe(1);
    expectBalanced(run.record());
  });

  test("a loop over its rounds ends with the reason", async () => {
    const run = begin(endpoint("http://127.0.0.1:9/score", { ...quick, retries: 0 }));
    await expect(
      (async () => {
        for await (const round of run) expect(round).toBeDefined();
      })(),
    ).rejects.toThrow("it cannot be reached");
  });
});

test('unanswered: "fail" goes on without those candidates and says how many', async () => {
  const { url } = await serve((response, one, request) =>
    request === 1 ? json(response, {}, 500) : judging(response, one, request),
  );
  const run = await begin(endpoint(url, { ...quick, retries: 0, unanswered: "fail" })).run();
  expect(run.state).toBe("finished");
  expect(run.candidates.filter(({ status }) => status === "failed")).toHaveLength(5);
  expect(run.notices[0]).toContain("Verifier remote failed on 5 of 10 candidates: http://127.0.0.1");
});

test("as a member of an ensemble it pauses the search too", async () => {
  let broken = true;
  const { url } = await serve((response, one, request) =>
    broken ? json(response, {}, 500) : judging(response, one, request),
  );
  const run = begin(ensemble([endpoint(url, { ...quick, retries: 0 }), "brightness"]));
  await run.run();
  expect(run.state).toBe("paused");
  broken = false;
  await run.run();
  expect(run.state).toBe("finished");
  expect(Object.keys(run.best!.scores).sort()).toEqual(["brightness", "ensemble", "remote"]);
});

test("a stop cuts a request off, and a pause waits for it", async () => {
  const { url } = await serve(() => undefined);
  const run = begin(endpoint(url, { ...quick, timeout: 30 }));
  const running = run.run();
  await new Promise((resolve) => setTimeout(resolve, 80));
  const started = performance.now();
  run.stop();
  await running;
  expect(run.state).toBe("stopped");
  expect(performance.now() - started).toBeLessThan(2000);

  const answers: (() => void)[] = [];
  const slow = await serve((...asked) => answers.push(() => judging(...asked)));
  const patient = begin(endpoint(slow.url, quick));
  const waited = patient.run();
  await expect.poll(() => answers.length).toBe(1);
  patient.pause();
  answers[0]!();
  await waited;
  expect([patient.state, patient.rounds.length, slow.asked.length]).toEqual(["paused", 1, 1]);
});

test("what was answered is remembered by the address and the names, however the verifier was made", async () => {
  const { url, asked } = await serve(judging);
  const ran = async (options: EndpointOptions, problem?: string) => {
    const before = asked.length;
    const run = await begin(endpoint(`${url}${problem ?? ""}`, { ...quick, ...options })).run();
    expect(run.best!.scores["remote"] ?? run.best!.scores["other"]).toBeGreaterThan(100);
    return [asked.length - before, run.ledger.verifierCalls];
  };
  expect(await ran({})).toEqual([2, { remote: 10 }]);
  expect(await ran({ timeout: 4, batch: 3, parallel: 1 })).toEqual([0, {}]);
  expect(await ran({ name: "other" })).toEqual([2, { other: 10 }]);
  expect(await ran({}, "?version=2")).toEqual([2, { remote: 10 }]);
});

test("that needs a condition and has none is asked nothing, in a search, outside of one and in an ensemble", async () => {
  const { url, asked } = await serve(judging);
  const session = new Session(analyticEngine());
  const images = [new Image(picture("noise", 8, 8, 1))];
  const judge = endpoint(url, { ...quick, needsCondition: true });
  let calls = 0;
  const own = verifier("own", () => calls++, { needsCondition: true });
  const wanted = (name: string) => `Verifier ${name} scores against a condition, but there is none.`;
  const { condition: _, ...free } = problem;
  expect(() => session.search(randomSearch(), { ...free, verifier: judge })).toThrow(wanted("remote"));
  await expect(session.score(images, ["brightness", judge])).rejects.toThrow(wanted("remote"));
  await expect(session.score(images, [ensemble([own, "contrast"])])).rejects.toThrow(wanted("own"));
  await expect(judge.score(images)).rejects.toThrow(wanted("remote"));
  await expect(own.score(images)).rejects.toThrow(wanted("own"));
  expect([asked.length, calls, session.ledger.verifierCalls]).toEqual([0, 0, {}]);
  expect(await session.score(images, [own], "bright")).toEqual({ own: [0] });
});

test("scores outside of a search are billed too, and Interrupt cuts them off", async () => {
  const { url } = await serve((response, one, request) =>
    request > 1 ? undefined : judging(response, one, request),
  );
  const interrupt = new AbortController();
  const session = new Session(analyticEngine(), { clock: systemClock, signal: () => interrupt.signal });
  const images = [new Image(picture("noise", 8, 8, 1)), new Image(picture("noise", 8, 8, 1))];
  const own = verifier("own", () => 1);
  const judge = endpoint(url, { ...quick, timeout: 60, parallel: 1, batch: 2 });
  await session.score(images, [judge, "brightness", ensemble([own, "contrast"])]);
  expect(session.ledger.verifierCalls).toEqual({ remote: 2, brightness: 2, own: 2, contrast: 2 });
  const waiting = [session.score(images, [judge]), session.score(images, [judge])];
  setTimeout(() => interrupt.abort(new Error("Interrupted.")), 20);
  for (const one of await Promise.allSettled(waiting)) expect(one).toMatchObject({ status: "rejected" });
  expect(session.ledger.verifierCalls).toMatchObject({ remote: 2 });
});

describe("the key", () => {
  const secret = "s3cr3t-k3y-0001";
  const keys = (name: string) => (name === "JUDGE_KEY" ? secret : undefined);

  test("is sent, by its name, and is in no record, error or description, even if the judge repeats it", async () => {
    let broken = false;
    const { url, asked } = await serve((response, one, request) =>
      broken
        ? json(response, { error: `bad key ${one.headers.authorization}` }, 401)
        : judging(response, one, request),
    );
    const judge = endpoint(url, { ...quick, key: "JUDGE_KEY" }, keys);
    const run = begin(judge);
    await run.step();
    expect(asked[0]!.headers.authorization).toBe(`Bearer ${secret}`);
    broken = true;
    await run.run();
    expect(run.reason).toContain("bad key Bearer ***");
    expect(JSON.stringify([run.record(), judge])).not.toContain(secret);
  });

  test("that is missing is named before anything is sent", async () => {
    const { url, asked } = await serve(judging);
    const failure = endpoint(url, { ...quick, key: "OTHER" }, keys).score([
      new Image(picture("noise", 4, 4, 1)),
    ]);
    await expect(failure).rejects.toThrow("has no key OTHER");
    expect(asked).toHaveLength(0);
  });

  test("is never sent in the clear to another machine, nor followed to another address", async () => {
    expect(() => endpoint("http://example.com/score", { key: "JUDGE_KEY" })).toThrow(
      "in the clear to example.com",
    );
    const target = await serve(judging);
    const { url } = await serve((response) => {
      response.writeHead(307, { location: target.url });
      response.end();
    });
    const failure = endpoint(url, { ...quick, key: "JUDGE_KEY" }, keys).score([
      new Image(picture("noise", 4, 4, 1)),
    ]);
    await expect(failure).rejects.toThrow(`it redirects to ${target.url}; give that address`);
    expect(target.asked).toHaveLength(0);
  });
});

test.each<[unknown, EndpointOptions, string]>([
  ["ftp://host/score", {}, "speaks http and https"],
  ["file:///etc/passwd", {}, "speaks http and https"],
  ["not an address", {}, 'needs an address like "http://localhost:8000/score"'],
  ["http://user:pass@host/", {}, "has a user or password in it"],
  ["http://localhost/", { key: "sk-1234 5678" }, "not the key itself"],
  // Keys as services give them, all of letters that a name may have.
  ["http://localhost/", { key: "sk_live_abcdef" }, "not the key itself"],
  ["http://localhost/", { key: "hf_abcdefghijkl" }, "not the key itself"],
  ["http://localhost/", { key: "ghp_abcdefghijkl" }, "not the key itself"],
  ["http://localhost/", { key: "A".repeat(65) }, "not the key itself"],
  ["http://localhost/", { retries: -1 }, "retries is -1"],
  ["http://localhost/", { timeout: 0 }, "timeout is 0"],
  ["http://localhost/", { timeout: 3e6 }, "timeout is 3000000, but must be a number from 0.001 to 2147483"],
  ["http://localhost/", { needsCondition: 1 as never }, "needsCondition is 1, but must be true or false"],
  ["http://localhost/", { tries: 1 } as EndpointOptions, 'has no "tries"'],
])("%s %o is refused", (url, options, why) => {
  expect(() => endpoint(url, options)).toThrow(why);
});

test.each([
  ...["JUDGE_KEY", "a", "_x.y-z", "A".repeat(64), "skill", "hfx_1"],
  ...[
    "",
    "1a",
    "a b",
    "A".repeat(65),
    "sk-1",
    "sk_1",
    "hf_a",
    "gsk_a",
    "xai-1",
    "AIza1",
    "ghp_a",
    "gho_a",
    "ä",
  ],
])("%s can be stored as the name of a key if it can be given", (name) => {
  expect(isStoredName(name)).toBe(isKeyName(name));
  if (isKeyName(name)) expect(() => endpoint("http://localhost/", { key: name })).not.toThrow();
  else expect(() => endpoint("http://localhost/", { key: name })).toThrow("not the key itself");
});
