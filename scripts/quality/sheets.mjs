// The contact sheets of docs/: `node build.mjs && node scripts/quality/sheets.mjs`, half a minute. Things in all styles are drawn anew; what
// searches choose comes from out/quality.ndjson (`npm run quality`), and without that the sheet stays as it is.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { startKernel } from "../../bench/figures.mjs";
import { contactSheet } from "./contactSheet.mjs";
import { prompts } from "./jobs.mjs";

const KEPT = "out/quality.ndjson";
const THINGS = [
  ...[
    "red apple",
    "pizza",
    "grinning face",
    "blue heart",
    "cat face",
    "rocket",
    "soccer ball",
    "octopus",
    "cactus",
  ],
  ...[
    "house",
    "bicycle",
    "automobile",
    "birthday cake",
    "snowman",
    "guitar",
    "crown",
    "tropical fish",
    "sunflower",
  ],
];

const kernel = await startKernel();
const { styles, defaults } = await kernel.ask(`import { openSession } from "dnb";
  const session = await openSession("emoji");
  const { styles, defaults } = session.model;
  async function draw(steps: number, guidance: number) {
    const rows: string[][] = [];
    for (const label of ${JSON.stringify(THINGS)}) {
      const row: string[] = [];
      for (const style of styles!) {
        const { images } = await session.sample({ condition: { label, style }, seeds: [1], steps, guidance });
        row.push(Buffer.from(images[0]!.data).toString("base64"));
      }
      rows.push(row);
    }
    console.log(JSON.stringify(rows));
  }
  console.log(JSON.stringify({ styles, defaults }));`);
const pixelsOf = (base64) => Buffer.from(base64, "base64");
const blocks = [];
for (const [title, steps, guidance] of [
  [`by default: ${defaults.steps} steps, guidance ${defaults.guidance}`, defaults.steps, defaults.guidance],
  ["16 steps, guidance 2.5", 16, 2.5],
]) {
  const drawn = await kernel.ask(`await draw(${steps}, ${guidance});`);
  const rows = THINGS.map((name, k) => ({
    name,
    pictures: drawn[k].map((one) => ({ pixels: pixelsOf(one) })),
  }));
  blocks.push({ title: `${title}, seed 1`, columns: styles, rows });
}
await kernel.close();
writeFileSync("docs/images/emoji.svg", contactSheet(blocks));

if (existsSync(KEPT)) {
  const kept = readFileSync(KEPT, "utf8").split("\n").filter(Boolean);
  const found = new Map(
    kept
      .map((line) => JSON.parse(line))
      .filter(({ seed }) => seed === 1)
      .map((row) => [`${row.method} ${row.times} ${row.prompt}`, row.found]),
  );
  const shown = [
    ...["random search 1", "random search 32", "random search, two verifiers 32"],
    "two verifiers, guidance 2.5 32",
  ];
  const kinds = [...new Set(prompts.map(({ kind }) => kind))];
  const blocks = kinds.map((kind) => ({
    title: kind,
    columns: ["one sample", "random", "two verif.", "+ guidance"],
    rows: prompts.flatMap(({ label, style, kind: own }, prompt) => {
      if (own !== kind) return [];
      const pictures = shown.map((arm) => {
        const { pixels, scores } = found.get(`${arm} ${prompt}`);
        return { pixels: pixelsOf(pixels), marked: scores.top1 === 1 };
      });
      return [{ name: label, below: style, pictures }];
    }),
  }));
  writeFileSync("docs/images/emoji-search.svg", contactSheet(blocks));
}
