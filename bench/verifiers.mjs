// Verifiers in a cell, through the kernel's engine, beside the bare loop of InferenceSession.run over the same batches in the same cell; and Pillow's resize.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { BARE, besideBare, median, report, startKernel, timed } from "./figures.mjs";

const COUNT = 512;
const BATCH = 16;
const TURNS = 15;
/** Milliseconds of the judge for one request of eight images, and of the function for one image. */
const JUDGE = 40;
const FUNCTION = 4;
const OVERLAPS = 7;

/** Networks that see pixels: of the default model, and the smallest there is, where what comes beside the network weighs most. */
const VERIFIERS = [
  ["emoji", "alignment"],
  ["emoji", "concept"],
  ["emoji", "judge-concept"],
  ["fashion", "judge"],
];

export default async function bench() {
  const kernel = await startKernel();
  await kernel.run(`${BARE}
    import { openSession, imageFrom } from "dnb";
    let next = 1;`);
  const throughput = [];
  for (const [model, verifier] of VERIFIERS)
    throughput.push(...(await throughputOf(kernel, model, verifier)));
  await kernel.run(
    `const session = await openSession("fashion", { batch: ${BATCH}, device: "cpu", threads: 1 });`,
  );
  const share = await shareOf(kernel);
  const overlap = await overlapping(kernel);
  kernel.close();
  const resize = await resizing();
  const source = {
    width: 512,
    height: 512,
    channels: 3,
    data: new Uint8Array(512 * 512 * 3).map((_, i) => (i * 7919) >> 3),
  };
  const resizes = [];
  for (let i = 0; i < 60; i++) resizes.push(await timed(() => resize(source, 224, 224)));
  return report([
    ...throughput,
    share,
    ...overlap,
    {
      name: "Pillow's bicubic 512 to 224, input",
      value: source.data.length / 1000 / median(resizes),
      unit: "MB/s",
      target: 40,
      at: "least",
    },
  ]);
}

/** What `verifier` scores in a cell, beside the bare loop. */
async function throughputOf(kernel, model, verifier) {
  const folder = join(process.env.DNB_MODELS || resolve("media/models"), model);
  const card = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const { file } = card.verifiers.find(({ name }) => name === verifier);
  const [channels, height, width] = card.image;
  const times = await kernel.ask(`{
    const session = await openSession(${JSON.stringify(model)}, { batch: ${BATCH}, device: "cpu", threads: 1 });
    const bare = await bareGraph(${JSON.stringify(join(folder, file))});
    const feeds = { x: chance(${JSON.stringify([BATCH, ...card.image])}) };
    // New pictures each time: known ones cost nothing.
    const pictures = () => Array.from({ length: ${COUNT} }, () => { const seed = next++; return imageFrom(Uint8Array.from({ length: ${channels * height * width} }, (_, i) => Math.imul(i + seed, 2654435761) >>> 24), ${width}, ${height}, ${channels}); });
    const loop = () => bare(feeds, ${COUNT / BATCH});
    const score = () => {
      const given = pictures();
      return timed(() => session.verifiers[${JSON.stringify(verifier)}]!.score(given, session.model.labels![3]!));
    };
    const times = await inTurns(score, loop, ${TURNS});
    await session.dispose();
    console.log(JSON.stringify(times));
  }`);
  const rate = (milliseconds) => ((COUNT / milliseconds) * 1000).toFixed(0);
  return [
    {
      name: `${model}, ${verifier}: throughput beside the bare loop`,
      value: besideBare(times),
      unit: "",
      target: 0.95,
      at: "least",
      beside: `${rate(median(times.own))} images a second beside ${rate(median(times.bare))}`,
    },
  ];
}

/** How much of a search's time goes into scores by the model's own network, which runs in turns with the sampler. */
async function shareOf(kernel) {
  const { sampling, scoring } = await kernel.ask(`{
    const session = await openSession("emoji", { batch: ${BATCH}, device: "cpu", threads: 1 });
    const times = { sampling: [] as number[], scoring: [] as number[] };
    for (let i = 0; i < 5; i++) {
      const seeds = Array.from({ length: ${BATCH} }, () => next++);
      let samples: any;
      times.sampling.push(await timed(async () => void (samples = await session.sample({ condition: "octopus", seeds }))));
      times.scoring.push(await timed(() => session.verifiers.alignment!.score(samples, "octopus")));
    }
    await session.dispose();
    console.log(JSON.stringify(times));
  }`);
  const [drawn, scored] = [median(sampling), median(scoring)];
  return {
    name: "share of scores in a search by alignment on emoji",
    value: scored / (drawn + scored),
    unit: "",
    beside: `${scored.toFixed(0)} ms beside ${drawn.toFixed(0)} ms for ${BATCH} images at the default steps`,
  };
}

/** A round of four batches with a judge behind an address and with a function: searches whose scores overlap with sampling, beside those that wait. */
async function overlapping(kernel) {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      const scores = JSON.parse(body).images.map((image) => image.length);
      setTimeout(() => response.end(JSON.stringify({ scores })), JUDGE);
    });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const times = await kernel.ask(`{
    const { defineAlgorithm, endpoint, randomSearch, verifier } = await import("dnb");
    const waiting = defineAlgorithm("waiting", function* (ops) { yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 64 }))); yield* ops.endRound(); })();
    const busy = (image: any) => { let sum = 0; for (const end = performance.now() + ${FUNCTION}; performance.now() < end;) sum += image.data[0]; return sum; };
    const judges = { address: endpoint("http://127.0.0.1:${server.address().port}/", { name: "judge behind an address" }), function: verifier("function", busy) };
    let seed = 0;
    const search = async (algorithm: any, by: any) => {
      const run = session.search(algorithm, { condition: session.model.labels![0]!, steps: 6, guidance: 1, seed: ++seed, verifier: by, budget: { rounds: 1 } });
      return timed(() => run.run());
    };
    const times: any = {};
    for (const [name, by] of Object.entries(judges)) {
      times[name] = { ahead: [], waiting: [] };
      for (let i = 0; i < ${OVERLAPS}; i++) {
        times[name].ahead.push(await search(randomSearch({ perRound: 64 }), by));
        times[name].waiting.push(await search(waiting, by));
      }
    }
    console.log(JSON.stringify(times));
  }`);
  server.close();
  return Object.entries(times).map(([name, { ahead, waiting }]) => ({
    name: `search by ${name === "address" ? "an address" : "a function"}, time beside one that waits`,
    value: median(ahead.map((time, i) => time / waiting[i])),
    unit: "",
    beside: `${median(ahead).toFixed(0)} ms beside ${median(waiting).toFixed(0)} ms`,
  }));
}

/** The resize of the source, bundled for this process. */
async function resizing() {
  const { outputFiles } = await build({
    entryPoints: ["src/search/pictures/resize.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
  });
  const url = `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`;
  return (await import(url)).resize;
}
