// Adds to `emoji`'s card what its networks say of things that its sampler draws, so that a test can measure it again without the art:
// `npm run build && node training/emoji/drawn.mjs`, after `python -m emoji.export`, which says what they are worth on the held-out pictures.
import { readFileSync, writeFileSync } from "node:fs";
import { startKernel } from "../../bench/figures.mjs";

const CARD = "media/models/emoji/model.json";
const EVERY = 15;
const SEED = 1;

const kernel = await startKernel();
const drawn = await kernel.ask(`import { openSession } from "dnb";
  const session = await openSession("emoji");
  const { labels, defaults } = session.model;
  const things = labels.filter((_, k) => k % ${EVERY} === 0);
  const totals = { top1: 0, concept: 0, alignment: 0, "judge-concept": 0, "judge-alignment": 0, "judge-foreign": 0 };
  for (const label of things) {
    const { images } = await session.sample({ condition: { label }, seeds: [${SEED}] });
    const [logits] = (await session.features(images, "judge-concept")).vectors;
    const guess = logits.reduce((best, value, k) => (value > logits[best] ? k : best), 0);
    totals.top1 += Number(labels[guess] === label);
    const names = Object.keys(totals).slice(1);
    const scores = await session.score(images, names, { label });
    for (const name of names) totals[name] += scores[name][0];
  }
  const means = Object.entries(totals).map(([name, total]) => [name, Number((total / things.length).toFixed(4))]);
  console.log(JSON.stringify({ every: ${EVERY}, seed: ${SEED}, ...defaults, ...Object.fromEntries(means) }));`);
await kernel.close();
const card = JSON.parse(readFileSync(CARD, "utf8"));
card.measured.drawn = drawn;
writeFileSync(CARD, `${JSON.stringify(card, null, 2)}\n`);
console.log(drawn);
