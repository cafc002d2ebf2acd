// What search adds on the embedded model `emoji`: `npm run quality -- [prompts] [candidates]`, about ten minutes on two cores.
// Writes docs/quality.md.
// One random search a prompt; its first n candidates are the search with n times the compute of one sample.
import { writeFileSync } from "node:fs";
import { startKernel } from "../bench/figures.mjs";

const PROMPTS = Number(process.argv[2] ?? 60);
const MOST = Number(process.argv[3] ?? 32);
const STEPS = 16;
const RESAMPLES = 2000;

const budgets = [1, 2, 4, 8, 16, 32, 64].filter((n) => n <= MOST);

const judges = ["judge-concept", "judge-alignment", "judge-foreign"];

const kernel = await startKernel();
await kernel.run(`import { openSession, randomSearch } from "dnb";
  const session = await openSession("emoji");
  const labels = session.model.labels!;
  const styles = session.model.styles!.slice(0, 8);
  const asked = Array.from({ length: ${PROMPTS} }, (_, k) => ({ label: labels[Math.floor((k * labels.length) / ${PROMPTS})]!, style: styles[k % styles.length]! }));
  const top = (vector: Float32Array) => vector.reduce((best, value, k) => (value > vector[best]! ? k : best), 0);`);
const rows = [];
for (let k = 0; k < PROMPTS; k++) {
  rows.push(
    await kernel.ask(`{
      const condition = asked[${k}]!;
      const own = labels.indexOf(condition.label);
      const problem = { condition, verifier: "alignment", heldOut: ${JSON.stringify(judges)}, seed: ${k + 1}, budget: { nfe: ${MOST * STEPS} }, steps: ${STEPS} };
            const run = await session.search(randomSearch({ perRound: 16 }), problem).run();
      const bestOf = (n: number) => run.candidates.slice(0, n).reduce((a, b) => (b.scores["alignment"]! > a.scores["alignment"]! ? b : a));
            const best = ${JSON.stringify(budgets)}.map(bestOf);
      const images = await Promise.all(best.map((one) => one.image()));
      const more = (await session.sample({ condition, seeds: [${k + 1}], steps: ${4 * STEPS} })).images;
            const logits = await session.features([...images, ...more], "judge-concept");
      const scores = await session.score(more, ["alignment", ...${JSON.stringify(judges)}], condition);
      const hit = logits!.vectors.map((vector) => Number(top(vector) === own));
            const steps = Object.fromEntries(Object.entries(scores).map(([name, [score]]) => [name, score]));
            console.log(JSON.stringify({ condition, arms: [...best.map(({ scores }, i) => ({ ...scores, top1: hit[i] })), { ...steps, top1: hit.at(-1) }] }));
        }`),
  );
  process.stdout.write(`\r${k + 1} of ${PROMPTS}`);
}
await kernel.close();

const names = ["alignment", "top1", ...judges];
const arms = [
  ...budgets.map((n) => (n === 1 ? "one sample" : `random search, ${n} candidates`)),
  `more steps (${4 * STEPS})`,
];
const compute = [...budgets, 4];
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
let state = 20261123;
const chance = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
/** Paired bootstrap over prompts: the 95 % percentile interval of the mean difference to one sample. */
function interval(differences) {
  const means = Array.from({ length: RESAMPLES }, () =>
    mean(differences.map(() => differences[Math.floor(chance() * differences.length)])),
  ).sort((a, b) => a - b);
  return [means[Math.floor(0.025 * RESAMPLES)], means[Math.floor(0.975 * RESAMPLES)]];
}
const lines = arms.map((arm, a) => {
  const of = (name) => rows.map(({ arms }) => arms[a][name]);
  const gain = rows.map(({ arms }) => arms[a].top1 - arms[0].top1);
  const [low, high] = interval(gain);
  const cells = names.map((name) => mean(of(name)).toFixed(3));
  const difference =
    a === 0 ? "" : `${(100 * mean(gain)).toFixed(1)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
  return `| ${arm} | ${compute[a]} | ${cells.join(" | ")} | ${difference} |`;
});
const page = `# What search adds on the embedded model

Made by \`npm run quality -- ${PROMPTS} ${MOST}\`: ${PROMPTS} classes spread evenly over the model's list, eight styles in turn, one seed each, ${STEPS} Euler steps
at guidance ${"2.5"}. Random search picks by \`alignment\`; the judges were trained on other pictures with another architecture, or (\`judge-foreign\`) elsewhere, and never picked. \`top-1\`: how often
\`judge-concept\` names the class that was asked for, of all 602. The last column: its gain over one sample in points, with the paired bootstrap interval of 95 % over the prompts.

| method | compute of one sample | alignment (searched) | top-1 (held out) | judge-concept | judge-alignment | judge-foreign | gain in top-1 |
|---|---|---|---|---|---|---|---|
${lines.join("\n")}
`;
writeFileSync("docs/quality.md", page);
console.log(`\n${page}`);
