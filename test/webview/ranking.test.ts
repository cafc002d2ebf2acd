import { expect, test } from "vitest";
import { modelOf, ranking } from "../../webview/state/model.js";
import { makeOutput } from "./fixtures/records.js";

function rankingOf(...scores: readonly (readonly [score: number, level: number])[]): number[] {
  const { record } = makeOutput({ algorithm: "random", rounds: 1, perRound: 8, pictures: false });
  const candidates = scores.map(([score, level], i) => ({
    ...record.candidates[i]!,
    level,
    scores: { alignment: score },
  }));
  const { best: _best, ...rest } = record;
  return ranking(modelOf({ ...rest, candidates }), 3).map(({ scores }) => scores["alignment"]!);
}

test("the best are those that are finished: a preview's score is of another picture", () => {
  expect(rankingOf([0.9, 0.4], [0.6, 0], [0.7, 0], [0.95, 0.2], [0.1, 0])).toEqual([0.7, 0.6, 0.1]);
  expect(rankingOf([0.9, 0.4], [0.6, 0], [0.95, 0.2])).toEqual([0.6, 0.95, 0.9]);
});

test("while none is finished they are the best previews", () => {
  expect(rankingOf([0.9, 0.4], [0.5, 0.4], [0.95, 0.2])).toEqual([0.95, 0.9, 0.5]);
});
