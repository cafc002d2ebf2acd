import { expect, test } from "vitest";
import { loadingBar } from "../../src/kernel/cells/loadingBar.js";

const MB = 2 ** 20;

function shownBy(total: number): string[] {
  const shown: string[] = [];
  const bar = loadingBar((value) => {
    shown.push(String(value));
    return { update: (later) => void shown.push(String(later)) };
  });
  for (const part of [0, 0.5, 1]) bar(part * total, total);
  return shown;
}

test("a large model's loading is one line that fills", () => {
  const shown = shownBy(800 * MB);
  expect(shown).toHaveLength(3);
  expect(shown[0]).toMatch(/^Loading MB ░{24} 0 of 800/);
  expect(shown[1]).toMatch(/^Loading MB █{12}░{12} 400 of 800/);
  expect(shown[2]).toMatch(/^Loading MB █{24} 800 of 800/);
});

test("a small one is there too soon: nothing is shown, however busy the machine is", () => {
  expect(shownBy(5 * MB)).toEqual([]);
});
