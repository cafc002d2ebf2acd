import { expect, it } from "vitest";
import { outputsOf, workbench } from "./workbench.js";

const { dnb, write, read } = workbench();

it("answers input() with lines of standard input, in order, and null at its end", async () => {
  write("asks.dnb", [
    "import { input } from 'dnb'; const name = await input('Who?', { value: 'Eve' }); name",
    "[await input('Empty means', { value: 'default' }), await input('Last'), await input('Over')]",
  ]);
  const { code, stderr } = await dnb(["run", "asks.dnb", "-o", "out.dnb"], ({ type }) => {
    type("Ada\n\nlast\n");
    type("");
  });
  expect(code).toBe(0);
  expect(stderr).toContain("Who? [Eve] \n");
  const notebook = read("out.dnb");
  expect(outputsOf(notebook, 0)).toEqual([[["text/plain", "'Ada'"]]]);
  expect(outputsOf(notebook, 1)?.[0]?.at(-1)).toEqual(["text/plain", "[ 'default', 'last', null ]"]);
});

it("ends without an answer when it is interrupted", async () => {
  write("waits.dnb", ["import { input } from 'dnb'; await input('Anybody?')"]);
  const begun = performance.now();
  const { code, stderr } = await dnb(["run", "waits.dnb"], ({ kill, stderr }) => {
    const watch = setInterval(() => {
      if (!stderr().includes("Anybody?")) return;
      clearInterval(watch);
      kill("SIGINT");
    }, 20);
  });
  expect([code, /Interrupted/.test(stderr)]).toEqual([130, true]);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

it("goes on after a cell tagged allow-error", async () => {
  write("tagged.dnb", [{ source: "null.x", tags: ["allow-error"] }, "'after'"]);
  const { code, stdout } = await dnb(["run", "tagged.dnb"]);
  expect([code, stdout]).toEqual([0, "'after'\n"]);
});
