import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestKernel } from "./startKernel.js";

const folder = (name: string): string => JSON.stringify(resolve("test/fixtures/verifiers", name));
let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open({ DNB_CACHE: "none" });
  await kernel.shows(
    "import { openSession, openVerifier, randomSearch, ensemble, gaussianMixture, imageFrom, verifier } from 'dnb'; const session = await openSession('fashion')",
  );
}, 30_000);
afterAll(() => kernel.close());

const PROBLEM = "condition: 'Bag', steps: 2, guidance: 1, seed: 3, budget: { nfe: 8 }";
const failure = async (code: string): Promise<string | undefined> =>
  (await kernel.run(code)).result.error?.message;

describe("a verifier of a folder", () => {
  it("drives a search, is billed, and gives the candidates' images the scores that it gives them alone", async () => {
    await kernel.shows(
      `const clip = await openVerifier(${folder("clip-joint")}, { kind: 'cosine', name: 'clip' })`,
    );
    const shown = await kernel.shows(
      `const run = await session.search(randomSearch(), { ${PROBLEM}, verifier: clip, heldOut: ['classifier'] }).run();
       const alone = await clip.score(run, 'Bag');
       JSON.stringify([run.ledger.verifierCalls, run.candidates.every((one, i) => Math.abs(one.scores.clip - alone[i]!) < 1e-6), new Set(alone).size, run.record().verifiers[0]!.sha256 === (clip as any).sha256])`,
    );
    expect(shown).toBe(`'[{"clip":4,"classifier":4},true,4,true]'`);
  });

  it("asked for again on the same images, in another session of the model, costs nothing", async () => {
    const shown = await kernel.shows(
      `const again = await (await openSession('fashion')).search(randomSearch(), { ${PROBLEM}, verifier: clip }).run(); JSON.stringify([again.ledger.verifierCalls, again.ledger.cold, again.best!.id === run.best!.id])`,
    );
    expect(shown).toBe(`'[{},{"nfe":8,"forwards":8,"decodes":4},true]'`);
  });

  it("goes into an ensemble, and scores by another prompt what a session's model cannot be asked for", async () => {
    const shown = await kernel.shows(
      `const both = await session.search(randomSearch(), { ${PROBLEM}, verifier: ensemble([clip, 'sharpness']) }).run();
       const scores = await session.score(run, [clip], 'a photo of a cat');
       JSON.stringify([both.ledger.verifierCalls, scores.clip!.length])`,
    );
    expect(shown).toBe(`'[{"sharpness":4},4]'`);
  });

  it("scores images of any size from elsewhere, in order", async () => {
    const shown = await kernel.shows(
      `const taste = await openVerifier(${folder("aesthetic-v1")});
       const images = [30, 40, 50].map((side) => imageFrom(Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7919) % 256), side, side, 3));
       const forward = await taste.score(images), back = await taste.score([...images].reverse());
       JSON.stringify([taste.name, taste.needsCondition, forward.every((score, i) => Math.abs(score - back[2 - i]!) < 1e-6), new Set(forward).size])`,
    );
    expect(shown).toBe(`'["aesthetic-v1",false,true,3]'`);
  });

  it("says before anything runs what it does not know", async () => {
    await kernel.shows(`const shapes = await openVerifier(${folder("classifier")})`);
    expect(await failure(`session.search(randomSearch(), { ${PROBLEM}, verifier: shapes })`)).toBe(
      'Verifier shapes has no label "Bag". There is: cat, dog, tree, car.',
    );
    expect(
      await failure("session.search(randomSearch(), { budget: { nfe: 4 }, steps: 1, verifier: clip })"),
    ).toContain("Verifier clip scores against a condition, but there is none.");
    expect(await failure("await shapes.score(run, 'tre')")).toContain('Did you mean "tree"?');
    expect(
      await failure(
        `session.search(randomSearch(), { ${PROBLEM}, verifier: await openVerifier(${folder("dino")}) })`,
      ),
    ).toContain("Verifier dino compares an image with its preview at noise level 0.300");
    expect(await failure("await openVerifier('./nowhere')")).toContain("There is no verifier folder");
    expect(await failure(`await openVerifier(${folder("clip-joint")}, { kind: 'aesthetic' })`)).toContain(
      "needs its head",
    );
  });

  it("stays loaded when the cells start anew", async () => {
    await kernel.client.request({ type: "restart", notebook: kernel.notebook });
    await kernel.shows("import { openVerifier } from 'dnb'; 1");
    const started = performance.now();
    expect(
      await kernel.shows(
        `(await openVerifier(${folder("clip-joint")}, { kind: 'cosine', name: 'clip' })).name`,
      ),
    ).toBe("'clip'");
    expect(performance.now() - started).toBeLessThan(200);
  });
});
