import { describe, expect, it } from "vitest";
import { packReply, packRequest, unpackReply, unpackRequest } from "../../../src/kernel/engine/scoreWire.js";
import type { ScoreJob, ScoreResult } from "../../../src/search/index.js";

const condition = { label: 3 };
const image = (width: number, height: number, channels: 1 | 3, from: number) => ({
  ...{ width, height, channels },
  data: Uint8Array.from({ length: width * height * channels }, (_, i) => (from + i) % 256),
});

/** As a port copies it. */
const sent = <T>(message: T): T => structuredClone(message);

describe("requests for scores", () => {
  const alike: ScoreJob[] = ["a", "b", "c"].map((name) => ({ verifier: "judge", image: name, condition }));

  it("comes out as it went in, with pictures of several sizes", () => {
    const images = [
      { id: "a", image: image(3, 2, 1, 7) },
      { id: "b", image: image(2, 5, 3, 200) },
      { id: "c", image: image(1, 1, 1, 9) },
    ];
    expect(unpackRequest(sent(packRequest(alike, images)))).toEqual([alike, images]);
  });

  it.each<[string, ScoreJob[]]>([
    ["without a condition", alike.map(({ verifier, image: name }) => ({ verifier, image: name }))],
    ["of two verifiers", [alike[0]!, { ...alike[1]!, verifier: "classifier" }]],
    ["of two conditions", [alike[0]!, { ...alike[1]!, condition: { label: 4 } }]],
    ["of which one has a reference", [alike[0]!, { ...alike[1]!, reference: "r" }]],
    ["of none", []],
  ])("comes out as it went in %s", (_, jobs) => {
    expect(unpackRequest(sent(packRequest(jobs)))).toEqual([jobs, []]);
  });

  it("sends what jobs share once", () => {
    const text = JSON.stringify(packRequest(alike).jobs);
    expect(text.split("judge")).toHaveLength(2);
    expect(text.split("label")).toHaveLength(2);
  });
});

describe("replies with scores", () => {
  it.each<[string, ScoreResult[]]>([
    [
      "when all are scored",
      [0.1, 1 / 3, -0].map((score, i) => ({ outcome: "scored", score, cached: i === 1 })),
    ],
    ["when all are cached", [1, 2].map((score) => ({ outcome: "scored", score, cached: true }))],
    [
      "when one failed and one was aborted",
      [
        { outcome: "scored", score: 2, cached: false },
        { outcome: "failed", failure: "its score was NaN", cached: false },
        { outcome: "aborted" },
      ],
    ],
    ["when there is none", []],
  ])("come out as they went in %s", (_, results) => {
    expect(unpackReply(sent(packReply(results)))).toEqual(results);
  });
});
