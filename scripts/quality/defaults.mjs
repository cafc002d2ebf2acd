// What guidance and the number of steps do to `emoji`: `node build.mjs && node scripts/quality/defaults.mjs [prompts] [seeds]`. The table of docs/emoji.md.
import { startKernel } from "../../bench/figures.mjs";

const PROMPTS = Number(process.argv[2] ?? 40);
const SEEDS = Number(process.argv[3] ?? 8);

const kernel = await startKernel();
await kernel.run(`import { openSession } from "dnb";
  const session = await openSession("emoji");
  const { labels, styles } = session.model;
  /** Of samples with several seeds: whether judge-concept names the thing, and the scores. */
  async function measure(k, styled, steps, guidance) {
    const label = labels[Math.floor(((k + 0.5) * labels.length) / ${PROMPTS})];
    const condition = styled ? { label, style: styles[k % 8] } : { label };
    const seeds = Array.from({ length: ${SEEDS} }, (_, i) => 100 * k + i + 1);
    const { images } = await session.sample({ condition, seeds, steps, guidance });
    const { vectors } = await session.features(images, "judge-concept");
    const guess = (logits) => logits.reduce((best, value, i) => (value > logits[best] ? i : best), 0);
    const named = vectors.map((logits) => Number(labels[guess(logits)] === label));
    const scores = await session.score(images, ["alignment", "judge-foreign"], condition);
    const differences = images.flatMap((a, i) => images.slice(0, i).map((b) =>
      Math.sqrt(a.data.reduce((sum, value, q) => sum + (value - b.data[q]) ** 2, 0) / a.data.length)));
    console.log(JSON.stringify({ named, ...scores, differences }));
  }`);

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const number = (value) => value.toFixed(3);
console.log(
  "| prompt | guidance | steps | top-1 | top-1, best of 8 by alignment | judge-foreign | the same, best of 8 | difference of seeds |",
);
console.log("|---|---|---|---|---|---|---|---|");
for (const styled of [true, false])
  for (const guidance of [1, 1.5, 2.5])
    for (const steps of [8, 16]) {
      const all = [];
      for (let k = 0; k < PROMPTS; k++)
        all.push(await kernel.ask(`await measure(${k}, ${styled}, ${steps}, ${guidance});`));
      const best = ({ alignment }) => alignment.indexOf(Math.max(...alignment));
      const cells = [
        styled ? "with a style" : "without",
        guidance,
        steps,
        number(mean(all.map(({ named }) => mean(named)))),
        number(mean(all.map((one) => one.named[best(one)]))),
        number(mean(all.map((one) => mean(one["judge-foreign"])))),
        number(mean(all.map((one) => one["judge-foreign"][best(one)]))),
        mean(all.map(({ differences }) => mean(differences))).toFixed(1),
      ];
      console.log(`| ${cells.join(" | ")} |`);
    }
await kernel.close();
