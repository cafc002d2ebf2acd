import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestKernel } from "./startKernel.js";

const secret = "handed-over-4711";
const seen: (string | undefined)[] = [];
const server = createServer((request, response) => {
  seen.push(request.headers.authorization);
  request.resume();
  request.on("end", () => response.end(JSON.stringify({ scores: [0.5] })));
});
let kernel: TestKernel;
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  kernel = await TestKernel.open({
    DNB_KEYS: JSON.stringify({ HANDED: secret }),
    FROM_ENVIRONMENT: "plain-0815",
  });
  await kernel.shows(
    "import { endpoint, ensemble, imageFrom } from 'dnb'; const image = imageFrom(new Uint8Array(4), 2, 2)",
  );
}, 30_000);
afterAll(() => {
  kernel.close();
  server.close();
});

it("a key that was handed over is sent, and a cell finds it neither in the environment nor in the verifier", async () => {
  expect(
    await kernel.shows(
      `const judge = endpoint('${url}', { key: 'HANDED' }); (await judge.score([image]))[0]`,
    ),
  ).toBe("0.5");
  expect(seen.at(-1)).toBe(`Bearer ${secret}`);
  const { outputs, stdout } = await kernel.run(
    "import { execSync } from 'node:child_process'; console.log(JSON.stringify(process.env), execSync('env').toString()); judge",
  );
  expect(JSON.stringify([outputs, stdout])).not.toContain(secret);
});

it("else it is an environment variable, and one that is neither is named", async () => {
  await kernel.shows(`await endpoint('${url}', { key: 'FROM_ENVIRONMENT' }).score([image]); 1`);
  expect(seen.at(-1)).toBe("Bearer plain-0815");
  const { result } = await kernel.run(`await endpoint('${url}', { key: 'NOWHERE' }).score([image])`);
  expect(result.error?.message).toContain("has no key NOWHERE. Store it with the command");
});

it("technical verifiers go by name, and an ensemble of names in a search", async () => {
  await kernel.shows(
    "import { openSession, randomSearch } from 'dnb'; const session = await openSession('fashion')",
  );
  const shown = await kernel.shows(
    "const run = await session.search(randomSearch({ candidates: 3 }), { condition: 'Bag', steps: 2, verifier: ensemble(['classifier', 'sharpness']), heldOut: ['judge', 'incompressibility'], budget: { nfe: 6 } }).run(); JSON.stringify(run.ledger.verifierCalls)",
  );
  expect(shown).toBe(`'{"classifier":3,"sharpness":3,"judge":3,"incompressibility":3}'`);
});

it("a function of a cell looks at the first candidates of a round while the engine samples the others", async () => {
  const shown = await kernel.shows(
    `import { verifier } from 'dnb';
     const clean: number[] = [];
     const watching = verifier('watching', ({ data }) => { clean.push(round.candidates.filter(({ level }) => level === 0).length); return data[0]!; });
     const round = session.search(randomSearch({ perRound: 40 }), { condition: 'Bag', steps: 1, guidance: 1, verifier: watching, budget: { rounds: 1 } });
     await round.run();
     JSON.stringify([clean[0], clean.at(-1), clean.length, round.ledger.verifierCalls])`,
  );
  const [first, last, calls, billed] = JSON.parse(shown!.slice(1, -1)) as [number, number, number, object];
  // Of three batches.
  expect(first).toBeLessThan(40);
  expect([last, calls, billed]).toEqual([40, 40, { watching: 40 }]);
});
