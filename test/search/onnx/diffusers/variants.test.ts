import { cp, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Session, type LocalEngine } from "../../../../src/search/index.js";
import { openModel } from "../../../../src/search/onnx/openModel.js";
import { apart, BAR, casesOf, expectedOf, optionsOf, pipelines, requestOf, type Case } from "./reference.js";

// Folders that hold only what is other than in their base.
let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "dnb-variant-"))));
afterEach(() => rm(folder, { recursive: true }));

/** `more`: which of its schedulers, where it has several. */
async function open(name: string, request: Case, more = ""): Promise<Session> {
  return new Session(await engineOf(name, request, more));
}

async function engineOf(name: string, request: Case, more: string): Promise<LocalEngine> {
  const base = await readFile(join(pipelines, name, "base"), "utf8");
  await cp(join(pipelines, base), folder, { recursive: true });
  await cp(join(pipelines, name), folder, { recursive: true });
  if (more) {
    await rm(join(folder, "scheduler"), { recursive: true });
    await rename(join(folder, `scheduler${more}`), join(folder, "scheduler"));
  }
  return openModel(folder, { device: "cpu", threads: 1, ...optionsOf(request) });
}

test.each([
  ["playground", ""],
  ["playground", "_euler"],
  ["sigma", ""],
  // Of 304 x 208 pixels, brought to 80 x 56; prompts cleaned.
  ["binned", ""],
])("%s%s: its images are those of diffusers, by a session", async (name, more) => {
  const cases = await casesOf(name, `expected${more}`);
  for (const [number, request] of cases.entries()) {
    const session = await open(name, request, more);
    const { images } = await session.sample(requestOf(request, session.model));
    expect(apart(images, await expectedOf(name, number, `expected${more}`)), `case ${number}`).toBeLessThan(
      BAR,
    );
    await session.dispose();
  }
  expect(cases.length).toBeGreaterThanOrEqual(2);
});

test("a prompt that is cleaned is told as it goes in, unless cleaning is off", async () => {
  const [request] = (await casesOf("binned")) as [Case];
  for (const [cleaning, told] of [
    [
      request,
      [
        'The prompt was cleaned, as by diffusers: "a photo of a cat a dog, , : .". With cleanCaption: false in openSession it stays.',
      ],
    ],
    [{ ...request, clean_caption: false }, []],
  ] as const) {
    const engine = await engineOf("binned", cleaning, "");
    expect(await engine.remarks({ prompt: request.prompt! })).toEqual(told);
    expect(await engine.remarks({ prompt: "A photo of a cat" })).toEqual([]);
    await engine.dispose();
  }
});

test("FLUX schnell takes no guidance: by default it has four steps of one pass, and its images are those of diffusers", async () => {
  const cases = await casesOf("schnell");
  const session = await open("schnell", cases[0]!);
  expect(session.model.defaults).toMatchObject({ steps: 4, guidance: 1 });
  for (const [number, request] of cases.entries()) {
    const { steps: _, guidance, ...asked } = requestOf(request, session.model);
    // As its makers write it, and by default.
    const { images } = await session.sample(number === 0 ? { ...asked, guidance: guidance! } : asked);
    expect(apart(images, await expectedOf("schnell", number)), `case ${number}`).toBeLessThan(BAR);
  }
  // A pass for each step of each image.
  expect(session.ledger.forwards).toBe(cases.length * 4 * 2);
  await session.dispose();
});
