import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel.close());

const chart = async (options: string): Promise<string> => {
  const { outputs, result } = await kernel.run(
    `import { plot } from "dnb"; import * as Plot from "@observablehq/plot"; plot(${options})`,
  );
  expect(result.error).toBeUndefined();
  const svg = outputs[0]!.find(({ mime }) => mime === "image/svg+xml");
  return svg && "text" in svg ? String(svg.text) : "";
};

describe("plot", () => {
  it("draws lines, bars, cells and facets as SVG in the theme's colours", async () => {
    const line = await chart("{ marks: [Plot.lineY([1, 3, 2])] }");
    expect(line).toMatch(/^<svg[^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(line).toContain('aria-label="line"');
    expect(line).toContain("currentColor");
    expect(await chart("{ marks: [Plot.barY([4, 5], { x: (_, i) => i, y: (d) => d })] }")).toContain(
      'aria-label="bar"',
    );
    expect(await chart("{ marks: [Plot.cell([{ a: 1, b: 2 }], { x: 'a', y: 'b' })] }")).toContain(
      'aria-label="cell"',
    );
    expect(await chart("{ marks: [Plot.dot([{ a: 1, b: 2 }], { x: 'a', y: 'a', fx: 'b' })] }")).toContain(
      'aria-label="dot"',
    );
  });

  it("has a text for those who cannot see it, and gives its SVG to the cell", async () => {
    const { outputs } = await kernel.run(
      `import { plot } from "dnb"; import * as Plot from "@observablehq/plot"; plot({ marks: [Plot.ruleY([0])] }).toSVG().slice(0, 4)`,
    );
    expect(outputs[0]).toContainEqual({ mime: "text/plain", text: "'<svg'" });
  });

  it("says what it takes when it gets something else", async () => {
    const { result } = await kernel.run('import { plot } from "dnb"; plot(7)');
    expect(result.error).toMatchObject({
      name: "TypeError",
      message: expect.stringMatching(/marks/) as string,
    });
  });
});
