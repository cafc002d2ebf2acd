// docs/quality.md from the rows that scripts/quality.mjs collected.
import { distancesFrom } from "./distances.mjs";
import { nearest } from "./pictures.mjs";

const RESAMPLES = 5000;
/** What a search has to add by the judge that was not searched. */
const BAR = { times: 32, gain: 0.1 };
const SCORES = ["alignment", "top1", "judge-concept", "judge-alignment", "judge-foreign"];

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** As `Map.groupBy`, which Node 20 lacks. */
function groupBy(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

/** Numbers from 0 to 1, the same each time. */
function uniforms(state = 20261123) {
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Mean gain over the same prompt's and seed's one sample, with the 95 % percentile interval of a bootstrap over prompts. */
function gainOf(rows, one, name) {
  const byPrompt = groupBy(rows, ({ prompt }) => prompt);
  const gains = [...byPrompt.values()].map((own) =>
    mean(own.map((row) => row.found.scores[name] - one.get(`${row.prompt} ${row.seed}`).found.scores[name])),
  );
  const chance = uniforms();
  const means = Array.from({ length: RESAMPLES }, () =>
    mean(gains.map(() => gains[Math.floor(chance() * gains.length)])),
  ).sort((a, b) => a - b);
  const [low, high] = [0.025, 0.975].map((share) => means[Math.floor(share * RESAMPLES)]);
  return { gain: mean(gains), low, high };
}

const points = (value) => `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(1)}`;
/** In points. */
const written = ({ gain, low, high }) => `${points(gain)} [${points(low)}, ${points(high)}]`;

/** What guidance does alone and with a search, which a search without it has to be seen beside. */
function guided(arms, one) {
  const named = (name) => arms.find(([{ method }]) => method === name);
  const alone = named("one sample, guidance 2.5");
  const searched = named("two verifiers, guidance 2.5");
  if (!alone || !searched) return "";
  const single = new Map(alone.map((row) => [`${row.prompt} ${row.seed}`, row]));
  return `**With guidance** 2.5 one sample, at twice the compute, gains ${written(gainOf(alone, one, "top1"))}, and two verifiers at
${BAR.times} times gain ${written(gainOf(searched, one, "top1"))}, which is ${written(gainOf(searched, single, "top1"))} over one sample with guidance. Its seeds differ less.`;
}

/** Which methods reach the bar at so many times the compute, and which do not. */
function verdict(arms, one) {
  const judged = arms
    .filter(([{ method, times }]) => times === BAR.times && !/more steps|guidance/.test(method))
    .map((own) => {
      const seeds = new Set(own.map(({ seed }) => seed)).size;
      return { method: `${own[0].method} (${seeds} seeds)`, ...gainOf(own, one, "top1") };
    });
  const list = (chosen) => chosen.map((found) => `${found.method} ${written(found)}`).join(", ") || "none";
  const reaches = ({ gain, low }) => gain >= BAR.gain && low > 0;
  const missed = judged.filter((found) => !reaches(found));
  return `**The bar** is a gain of ${100 * BAR.gain} points in top-1 at ${BAR.times} times the compute, with an interval above 0. Reached by: ${list(judged.filter(reaches))}. Not
reached by: ${list(missed)}. The intervals are of each method by itself, not corrected for their number.`;
}

const pixelsOf = ({ found }) => Buffer.from(found.pixels, "base64");

/** Mean root mean square difference of the winners that one prompt has with several seeds. */
function diversity(rows) {
  const all = [];
  for (const own of groupBy(rows, ({ prompt }) => prompt).values()) {
    const pictures = own.map(pixelsOf);
    pictures.forEach((a, i) => pictures.slice(0, i).forEach((b) => all.push(nearest(a, [b]))));
  }
  return all.length > 0 ? mean(all) : undefined;
}

/** Markdown. */
export async function page({ rows, prompts, training, kernel }) {
  const one = new Map(
    rows.filter(({ times }) => times === 1).map((row) => [`${row.prompt} ${row.seed}`, row]),
  );
  const armOf = ({ method, times }) => `${times === 1 ? "one sample" : method} ${times}`;
  // Of a study that was stopped, what was measured for every prompt.
  const arms = [...groupBy(rows, armOf).values()]
    .filter((own) => own.length >= prompts.length)
    .sort(([a], [b]) => a.times - b.times);
  const number = (value, digits = 3) => (value === undefined ? "" : value.toFixed(digits));
  const line = (all) => {
    const own = all.filter(({ seed }) => seed <= 2);
    const [{ method, times }] = own;
    const pictures = own.map(pixelsOf);
    const cells = [
      times === 1 ? "one sample" : method,
      times,
      mean(own.map(({ found }) => (found.forwards ?? found.nfe) / 8)).toFixed(1),
      own.length,
      ...SCORES.map((name) => number(mean(own.map(({ found }) => found.scores[name])))),
      times === 1 ? "" : written(gainOf(own, one, "top1")),
      number(diversity(own), 1),
      training ? number(mean(pictures.map((picture) => nearest(picture, training.seen))), 1) : "",
    ];
    return `| ${cells.join(" | ")} |`;
  };
  const kinds = [...new Set(prompts.map(({ kind }) => kind))];
  const apart = arms
    .filter(([{ method, times }]) => times <= 2 || (times === 32 && method !== "more steps"))
    .map((all) => {
      const own = all.filter(({ seed }) => seed <= 2);
      const [{ method, times }] = own;
      const cells = kinds.map((kind) => {
        const part = own.filter(({ prompt }) => prompts[prompt].kind === kind);
        const top = mean(part.map(({ found }) => found.scores.top1)).toFixed(3);
        return times === 1 ? top : `${top}, ${written(gainOf(part, one, "top1"))}`;
      });
      const name = times === 1 ? "one sample" : times === 2 ? method : `${method}, 32`;
      return `| ${name} | ${cells.join(" | ")} |`;
    });
  const whole = arms.every((all) => all.filter(({ seed }) => seed <= 2).length === 2 * prompts.length);
  const fiveSeeds = arms
    .filter((own) => own.length >= 5 * prompts.length && own[0].times > 1)
    .map((own) => {
      const names = ["top1", "judge-alignment", "judge-foreign"];
      const [top, aligned, foreign] = names.map((name) => written(gainOf(own, one, name)));
      const [{ method, times }] = own;
      return `With five seeds ${method} at ${times} times the compute gains: top-1 ${top}, judge-alignment ${aligned}, judge-foreign ${foreign} points.`;
    })
    .join("\n");
  const distances = training ? await distancesFrom(training.seen, arms.filter(isNear), kernel) : [];
  return `# What search adds on the embedded model

Made by \`npm run quality\`: ${prompts.length} prompts (scripts/quality/prompts.json: a third each of pairs of thing and style that the sampler was
trained on, of pairs that no network was trained on, and of things without a style; drawn by chance), 8 Euler steps, guidance 1 where nothing else is said (a step with more costs two). Searches pick by
\`alignment\`; "two verifiers" by the mean rank of it and \`concept\`. The judges were trained on other pictures with another architecture, or (\`judge-foreign\`) elsewhere, and never picked.

- **top-1**: how often \`judge-concept\` names the thing that was asked for first, of ${602}. **Gain**: in points over one sample of the same prompt and
  seed, with the 95 % interval of a paired bootstrap over prompts.
- **Spent**: the mean cost in samples without guidance; methods whose size comes in steps stay below their budget. **Runs**: prompts × seeds.
- **Diversity**: mean root mean square difference of a prompt's winners by two seeds, in 1/255. **Nearest**: of a winner from the nearest
  picture that the sampler was trained on${training ? `; a held-out picture of the set has ${mean(sampleOf(training.held, 200).map((picture) => nearest(picture, training.seen))).toFixed(1)}` : ""}. What is
  near was learned by heart.

| method | × one sample | spent | runs | alignment (searched) | top-1 | judge-concept | judge-alignment | judge-foreign | gain in top-1 | diversity | nearest |
|---|---|---|---|---|---|---|---|---|---|---|---|
${arms.map(line).join("\n")}

${verdict(arms, one)}

${guided(arms, one)}

![All 60 prompts: one sample, and what searches at 32 times the compute choose](images/emoji-search.svg)

Every prompt with seed 1: one sample, random search, two verifiers, two verifiers with guidance 2.5. A frame where \`judge-concept\` names the thing first.

Two seeds a prompt${whole ? "" : ", fewer where the runs say so"}.
${fiveSeeds}

## By kind of prompt

top-1, and its gain over one sample.

| method | ${kinds.join(" | ")} |
|---|${kinds.map(() => "---|").join("")}
${apart.join("\n")}
${distances.length > 0 ? `\n## Distance from the training pictures\n\nFrom ${training.seen.length} pictures of the set, in the 256 features of \`judge-foreign\` (MobileNetV2 of nsfwjs): FD-MobileNetV2 is a Fréchet distance, not FID, falls with\nthe number of pictures, and needs 257 of them; KID is the kernel distance times 1,000, and does not depend on their number.\n\n| method | × one sample | pictures | FD-MobileNetV2 | KID-MobileNetV2 × 1000 |\n|---|---|---|---|---|\n${distances.map(distanceLine).join("\n")}\n` : ""}`;
}

/** Of how many arms the distance is taken: one sample, and what 32 times its compute gives. */
const isNear = ([{ times }]) => times <= 2 || times === BAR.times;

const distanceLine = ({ arm: [{ method, times }], pictures, frechet, kernel }) =>
  `| ${times === 1 ? "one sample" : method} | ${times} | ${pictures} | ${frechet?.toFixed(3) ?? ""} | ${(1000 * kernel).toFixed(2)} |`;

const sampleOf = (pictures, count) =>
  pictures.filter((_, k) => k % Math.max(1, Math.floor(pictures.length / count)) === 0);
