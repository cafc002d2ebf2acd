import { decode } from "fast-png";
import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  DeltaSource,
  encodePng,
  randomSearch,
  Session,
  zeroOrderSearch,
  type AtlasChunk,
  type CandidateRecord,
  type RoundRecord,
  type SearchDelta,
} from "../../../src/search/index.js";

const problem = {
  condition: "bright",
  verifier: "brightness",
  heldOut: ["contrast"],
  budget: { nfe: 96 },
  seed: 6,
};

/** What a view makes of deltas. */
function apply(deltas: readonly SearchDelta[]): {
  candidates: Map<string, CandidateRecord>;
  rounds: Map<number, RoundRecord>;
  drawn: string[];
} {
  const candidates = new Map<string, CandidateRecord>();
  const rounds = new Map<number, RoundRecord>();
  const drawn: string[] = [];
  for (const delta of deltas) {
    for (const candidate of delta.candidates) candidates.set(candidate.id, candidate);
    for (const round of delta.rounds) rounds.set(round.index, round);
    for (const chunk of delta.atlas) drawn.push(...chunk.ids);
  }
  return { candidates, rounds, drawn };
}

test("deltas without a gap add up to the record, each thumbnail once", async () => {
  const run = new Session(analyticEngine()).search(zeroOrderSearch(), problem);
  let told = 0;
  const source = new DeltaSource(run, encodePng, () => told++);
  expect(await source.take()).toBeUndefined();
  const deltas: SearchDelta[] = [];
  for await (const _ of run) {
    const delta = await source.take();
    if (delta) deltas.push(delta);
  }
  deltas.push(...[await source.take()].filter((delta) => delta !== undefined));
  expect(await source.take()).toBeUndefined();
  expect(told).toBeGreaterThan(3);
  expect(deltas.map(({ sequence }) => sequence)).toEqual(deltas.map((_, i) => i + 1));
  const record = run.record();
  const { candidates, rounds, drawn } = apply(deltas);
  expect([...candidates.values()]).toEqual(record.candidates);
  expect([...rounds.values()]).toEqual(record.rounds);
  expect(drawn.sort()).toEqual(
    record.candidates
      .map(({ id }) => id)
      .filter((id) => id !== "r0-c0")
      .sort(),
  );
  const { state, reason, best, spent, notices } = record;
  expect(deltas.at(-1)!.head).toEqual({ state, reason, best, spent, notices });
});

test("a snapshot holds everything and the number that the next delta follows; the same run gives the same bytes", async () => {
  const run = new Session(analyticEngine()).search(randomSearch(), problem);
  const source = new DeltaSource(run, encodePng);
  await run.step();
  await source.take();
  const { output, sequence, status } = await source.snapshot();
  expect(sequence).toBe(1);
  expect(status.live).toBe(true);
  expect(status.ends).toEqual([run.rounds[0]!.ledger.milliseconds]);
  expect(output.record).toEqual(run.record());
  await run.run();
  expect((await source.take())!.sequence).toBe(2);
  const whole = (await source.snapshot()).output;
  const twin = await new Session(analyticEngine({ batch: 1 })).search(randomSearch(), problem).run();
  expect(JSON.stringify((await new DeltaSource(twin, encodePng).snapshot()).output)).toBe(
    JSON.stringify(whole),
  );
  source.dispose();
});

test("tile i of the atlas is the image of candidate i", async () => {
  const run = await new Session(analyticEngine())
    .search(randomSearch({ candidates: 20 }), { ...problem, budget: {} })
    .run();
  const { output } = await new DeltaSource(run, encodePng).snapshot();
  expect(output.atlas).toHaveLength(1);
  const { ids, tile, columns, png } = output.atlas[0]!;
  expect([ids.length, tile, columns]).toEqual([20, [8, 8], 16]);
  const atlas = decode(Buffer.from(png, "base64"));
  expect([atlas.width, atlas.height]).toEqual([128, 16]);
  for (const [i, id] of ids.entries()) {
    const image = await run.candidate(id).image();
    const left = (i % columns) * 8;
    const top = Math.floor(i / columns) * 8;
    const cut = image.data.map((_, k) => atlas.data[(top + Math.floor(k / 8)) * 128 + left + (k % 8)]!);
    expect(cut).toEqual(image.data);
  }
});

test("large images shrink to thumbnails of at most 64, and many go into several PNGs", async () => {
  const large = await new Session(analyticEngine({ side: 130 }))
    .search(randomSearch({ candidates: 1 }), { ...problem, budget: {} })
    .run();
  const [chunk] = (await new DeltaSource(large, encodePng).snapshot()).output.atlas as [AtlasChunk];
  expect(chunk.tile).toEqual([43, 43]);
  const many = await new Session(analyticEngine({ side: 2 }))
    .search(randomSearch({ candidates: 300, perRound: 50 }), { ...problem, budget: {} })
    .run();
  const { atlas } = (await new DeltaSource(many, encodePng).snapshot()).output;
  expect(atlas.map(({ ids }) => ids.length)).toEqual([256, 44]);
});
