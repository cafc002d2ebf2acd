import type { ServerResponse } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { randomSearch, Session, type Verifier } from "../../../src/search/index.js";
import { compare } from "../../../src/search/evaluation/compare.js";
import type { CompareRequest } from "../../../src/search/evaluation/comparison/request.js";
import type { Report } from "../../../src/search/evaluation/report.js";
import { endpoint } from "../../../src/search/verifiers/endpoint/endpoint.js";
import type { EndpointOptions } from "../../../src/search/verifiers/endpoint/endpointOptions.js";
import { json, judging, serve, type Asked } from "../helpers/judgeServer.js";

const quick: EndpointOptions = { name: "remote", retries: 1, backoff: 0.001, timeout: 10 };
const request = (judge: Verifier): CompareRequest => ({
  session: new Session(analyticEngine({ batch: 4 })),
  algorithms: { random: randomSearch({ perRound: 4 }) },
  problems: ["dark", "bright"].map((condition) => ({
    ...{ condition, steps: 2, verifier: judge, heldOut: ["contrast"] },
  })),
  seeds: [1, 2],
  budgets: [16],
  resamples: 1000,
});
const told = ({ rows, notes }: Report) => [rows.map(({ seconds: _, ...row }) => row), notes];
const imagesIn = (asked: readonly Asked[]) => asked.flatMap(({ images }) => images);

let undisturbed: { readonly told: unknown; readonly images: readonly string[] };
beforeAll(async () => {
  const { url, asked } = await serve(judging);
  const report = await compare(request(endpoint(url, quick)));
  undisturbed = { told: told(report), images: imagesIn(asked).sort() };
});

describe("a judge that falls silent in the middle of a comparison ends it with the reason; run again it goes on where it stopped", () => {
  const bad: [string, (response: ServerResponse) => unknown, string, number][] = [
    ["down", (response) => response.destroy(), "it cannot be reached \\(\\w+\\)", 10],
    ["slow", () => undefined, "it gave no answer within 0.2 s", 0.2],
    ["talking garbage", (response) => response.end("<html>"), "its answer is no JSON: <html>", 10],
    [
      "without numbers",
      (response) => json(response, { scores: [null] }),
      "it gave 1 scores for 4 images",
      10,
    ],
  ];
  test.each(bad)("%s", async (_, answer, why, timeout) => {
    let broken = true;
    const good: Asked[] = [];
    const { url } = await serve((response, asked, requests) => {
      if (broken && requests > 2 && asked.images.length === 4) return answer(response);
      good.push(asked);
      return judging(response, asked, requests);
    });
    const first = request(endpoint(url, { ...quick, timeout }));
    const failure = await compare(first).catch((error: unknown) => error);
    expect(String(failure)).toMatch(
      /^ComparisonPaused: The comparison stopped at random: Verifier remote does not answer: http:\/\/127[^ ]+: /,
    );
    expect(String(failure)).toMatch(new RegExp(`${why}; asked 2 times`));
    expect(String(failure)).toMatch(/Run it again to go on: what is done is kept\.$/);
    const before = imagesIn(good).length;
    expect(before).toBeGreaterThan(0);

    // As a cell that is run again: the verifier is made anew.
    broken = false;
    const report = await compare({ ...first, problems: request(endpoint(url, quick)).problems });
    expect(told(report)).toEqual(undisturbed.told);
    expect(imagesIn(good).sort()).toEqual(undisturbed.images);
    expect(imagesIn(good).length).toBeGreaterThan(before);
  });

  test("also when it is asked for the second evaluation of a winner", async () => {
    let broken = true;
    const known = new Set<string>();
    const good: Asked[] = [];
    const { url } = await serve((response, asked, requests) => {
      const again = asked.images.every((image) => known.has(image));
      if (broken && again) return json(response, {}, 503);
      for (const image of asked.images) known.add(image);
      good.push(asked);
      return judging(response, asked, requests);
    });
    const first = request(endpoint(url, quick));
    await expect(compare(first)).rejects.toThrow(
      /^The comparison stopped at random: A winner could not be evaluated after its search: http:.*it answered 503 \{\}; asked 2 times\. Run it again/,
    );
    broken = false;
    expect(told(await compare(first))).toEqual(undisturbed.told);
    // A winner that nothing chose is not evaluated again: of four winners by this judge, four.
    const count = new Map<string, number>();
    for (const image of imagesIn(good)) count.set(image, (count.get(image) ?? 0) + 1);
    expect([...count.values()].filter((times) => times > 1)).toEqual([2, 2, 2, 2]);
    expect(imagesIn(good).sort()).toEqual(undisturbed.images);
  });
});

test("Interrupt ends a comparison that waits for a judge, and its request", async () => {
  const interrupt = new AbortController();
  let cutOff: Promise<unknown> | undefined;
  const { url } = await serve((response) => {
    cutOff = new Promise((resolve) => response.on("close", resolve));
    setTimeout(() => interrupt.abort(new Error("Interrupted.")), 1);
  });
  const waiting = request(endpoint(url, { ...quick, timeout: 3600 }));
  await expect(compare(waiting, { signal: interrupt.signal })).rejects.toThrow(/^Interrupted\.$/);
  await cutOff;
});

test('with unanswered: "fail" it is a failure of those runs, in their rows and in a sentence', async () => {
  const { url } = await serve((response, asked, requests) =>
    asked.condition === "dark" ? json(response, {}, 500) : judging(response, asked, requests),
  );
  const report = await compare(request(endpoint(url, { ...quick, retries: 0, unanswered: "fail" })));
  const [row] = report.rows.filter(({ algorithm, role }) => algorithm === "random" && role === "searched");
  expect(row).toMatchObject({ failures: 2, better: expect.any(Number) });
  expect(row!.mean).toBeGreaterThan(128);
  expect(report.notes.join("\n")).toMatch(
    /random at 16 NFE: 2 of 4 runs had a failure, the first: .*http:\/\/127.*it answered 500/,
  );
});
