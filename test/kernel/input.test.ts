import { afterAll, beforeAll, expect, it } from "vitest";
import type { ClientEvent } from "../../src/kernel/client/kernelClient.js";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
const asked: Extract<ClientEvent, { type: "input" }>[] = [];
let answers: (string | undefined)[] = [];

beforeAll(async () => {
  kernel = await TestKernel.open();
  const { notebook, client } = kernel;
  client.onEvent((event) => {
    if (event.type !== "input") return;
    asked.push(event);
    if (!answers.length) return;
    const text = answers.shift();
    const { question } = event;
    void client.request({ type: "answer", notebook, question, ...(text !== undefined && { text }) });
  });
});
afterAll(() => kernel.close());

it("input() gives what the person answers, and null when it was dismissed", async () => {
  answers = ["Ada", "", undefined];
  expect(
    await kernel.shows(
      "import { input } from 'dnb'; [await input('Name?', { value: 'Eve' }), await input(), await input('Key', { secret: true })]",
    ),
  ).toBe("[ 'Ada', '', null ]");
  expect(asked.map(({ prompt, value, secret }) => [prompt, value, secret])).toEqual([
    ["Name?", "Eve", undefined],
    ["", undefined, undefined],
    ["Key", undefined, true],
  ]);
});

it("several questions at once are told apart, whatever the order of their answers", async () => {
  answers = [];
  const from = asked.length;
  const running = kernel.shows(
    "import { input } from 'dnb'; await Promise.all(['a', 'b'].map((q) => input(q)))",
  );
  while (asked.length < from + 2) await new Promise((resolve) => setTimeout(resolve, 10));
  const { notebook, client } = kernel;
  for (const { question, prompt } of asked.slice(from).reverse())
    await client.request({ type: "answer", notebook, question, text: prompt.toUpperCase() });
  await client.request({ type: "answer", notebook, question: "nobody's", text: "x" });
  expect(await running).toBe("[ 'A', 'B' ]");
});

it("an interrupt ends a cell that waits for an answer, and keeps the variables", async () => {
  const from = asked.length;
  const running = kernel.run("import { input } from 'dnb'; var before = 1; await input('never')");
  while (asked.length < from + 1) await new Promise((resolve) => setTimeout(resolve, 10));
  const begun = performance.now();
  await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
  expect((await running).result.outcome).toBe("interrupted");
  expect(performance.now() - begun).toBeLessThan(1000);
  expect(await kernel.shows("before")).toBe("1");
});
