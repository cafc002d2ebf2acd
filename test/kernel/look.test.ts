import { resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MIME } from "../../src/kernel/protocol.js";
import { parseRequest } from "../../src/kernel/protocol/parseRequest.js";
import type { SearchOutput } from "../../src/search/record.js";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => (kernel = await TestKernel.open()), 60_000);
afterAll(() => kernel.close());

it("gives the pictures that a view asks for, and leaves out what cannot be had", async () => {
  const ran = await kernel.run(
    `import { openSession, randomSearch } from "dnb";
const session = await openSession("fashion");
const run = session.search(randomSearch({ candidates: 2 }), { condition: "Bag", seed: 1, steps: 4, verifier: "classifier", budget: { nfe: 64 } });
await run.run();
run`,
  );
  const item = ran.outputs.at(-1)!.find(({ mime }) => mime === MIME.search) as { json: SearchOutput };
  const run = item.json.record.id;
  const { notebook } = kernel;
  const looks = [
    { candidate: "r1-c0", level: 0.5 },
    { candidate: "r9-c9", level: 0.5 },
    { candidate: "r1-c1", level: 1 },
    { candidate: "r1-c1" },
  ];
  const answer = await kernel.client.request({ type: "look", notebook, run, looks });
  expect(answer).toMatchObject({ type: "look" });
  const { atlas } = answer as unknown as { atlas: { ids: string[]; tile: number[]; png: string }[] };
  expect(atlas.map(({ ids }) => ids)).toEqual([["r1-c0@0.5", "r1-c1@1"], ["r1-c1@full"]]);
  expect(atlas.every(({ tile, png }) => tile.join() === "28,28" && png.startsWith("iVBOR"))).toBe(true);
  await expect(kernel.client.request({ type: "look", notebook, run: "s0", looks })).rejects.toThrow(
    /does not know/,
  );
});

it("saves the best picture at full size beside the thumbnails where those are smaller", async () => {
  const folder = JSON.stringify(resolve("test/fixtures/pipelines/sd1"));
  const ran = await kernel.run(
    `import { openSession, randomSearch } from "dnb";
const large = await openSession(${folder}, { width: 96, height: 96 });
const run = large.search(randomSearch({ candidates: 2 }), { condition: "a bag", seed: 1, steps: 2, verifier: "sharpness", budget: { rounds: 1 } });
await run.run();
run`,
  );
  expect(ran.result).toMatchObject({ outcome: "ok" });
  const { record, atlas } = (
    ran.outputs.at(-1)!.find(({ mime }) => mime === MIME.search) as { json: SearchOutput }
  ).json;
  expect(atlas.map(({ ids, tile }) => [ids, tile])).toEqual([
    [
      ["r1-c0", "r1-c1"],
      [48, 48],
    ],
    [[record.best], [96, 96]],
  ]);
});

it.each([
  ["too many", Array.from({ length: 65 }, () => ({ candidate: "a" }))],
  ["a level that is none", [{ candidate: "a", level: 1.5 }]],
  ["no name", [{ level: 0 }]],
  ["no list", {}],
])("refuses looks that are malformed: %s", (_, looks) => {
  expect(() => parseRequest({ id: 1, type: "look", notebook: "n", run: "s", looks })).toThrow(/looks/);
});
