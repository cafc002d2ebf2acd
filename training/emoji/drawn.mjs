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
  const { labels, styles, defaults } = session.model;
  const largest = (values) => values.reduce((best, value, k) => (value > values[best] ? k : best), 0);
  const cosine = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0) / Math.hypot(...a) / Math.hypot(...b);
  const things = labels.filter((_, k) => k % ${EVERY} === 0);
  const totals = { top1: 0, concept: 0, alignment: 0, "judge-concept": 0, "judge-alignment": 0, "judge-foreign": 0 };
  const plain = [], styled = [];
  let right = 0, score = 0;
  for (const [k, label] of things.entries()) {
    const { images } = await session.sample({ condition: { label }, seeds: [${SEED}] });
    const [logits] = (await session.features(images, "judge-concept")).vectors;
    totals.top1 += Number(labels[largest(logits)] === label);
    plain.push((await session.features(images, "features")).vectors[0]);
    // Each in another style and of another seed.
    const condition = { label, style: styles[k % styles.length] };
    const other = await session.sample({ condition, seeds: [${SEED + 1}] });
    right += Number(largest((await session.features(other.images, "style")).vectors[0]) === k % styles.length);
    score += (await session.score(other.images, ["style"], condition)).style[0];
    styled.push((await session.features(other.images, "features")).vectors[0]);
    const names = Object.keys(totals).slice(1);
    const scores = await session.score(images, names, { label });
    for (const name of names) totals[name] += scores[name][0];
  }
  // The nearest picture without a style of one with a style: how often is it of the same thing?
  const same = styled.filter((one, k) => largest(plain.map((each) => cosine(one, each))) === k).length;
  const share = (total) => Number((total / things.length).toFixed(4));
  const means = Object.entries(totals).map(([name, total]) => [name, share(total)]);
  const inStyle = { seed: ${SEED + 1}, top1: share(right), style: share(score), neighbour: share(same) };
  console.log(JSON.stringify({ every: ${EVERY}, seed: ${SEED}, ...defaults, ...Object.fromEntries(means), styled: inStyle }));`);
await kernel.close();
const card = JSON.parse(readFileSync(CARD, "utf8"));
card.measured.drawn = drawn;
writeFileSync(CARD, `${JSON.stringify(card, null, 2)}\n`);
console.log(drawn);
