// Verifiers in a cell, through the kernel's engine, beside the bare loop of InferenceSession.run over the same batches in the same cell; and Pillow's resize.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { BARE, median, report, startKernel, timed } from "./figures.mjs";

const COUNT = 512;
const BATCH = 16;
const TURNS = 31;
/** Milliseconds of the judge for one request of eight images, and of the function for one image. */
const JUDGE = 40;
const FUNCTION = 4;
const OVERLAPS = 7;

export default async function bench() {
  const folder = join(process.env.DNB_MODELS || resolve("media/models"), "fashion");
  const card = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const judge = card.verifiers.find(({ name }) => name === "judge");
  const [channels, height, width] = card.image;
  const kernel = await startKernel();
  await kernel.run(BARE);
  await kernel.run(
    `import { openSession, imageFrom } from "dnb";
     const session = await openSession("fashion", { batch: ${BATCH}, device: "cpu", threads: 1 });
     const bare = await bareGraph(${JSON.stringify(join(folder, judge.file))});
     const feeds = { x: chance(${JSON.stringify([BATCH, ...card.image])}) };
     let next = 1;
     // New pictures each time: known ones cost nothing.
     const pictures = () => Array.from({ length: ${COUNT} }, () => { const seed = next++; return imageFrom(Uint8Array.from({ length: ${channels * height * width} }, (_, i) => Math.imul(i + seed, 2654435761) >>> 24), ${width}, ${height}, ${channels}); });`,
  );
  // In turns, so that whatever else the machine does burdens both; a bare loop before and after each.
  const times = await kernel.ask(`{
    const loop = () => bare(feeds, ${COUNT / BATCH});
    const score = () => {
      const given = pictures();
      return timed(() => session.verifiers.judge!.score(given, session.model.labels![3]!));
    };
    await score();
    await loop();
    const times = { bare: [await loop()], own: [] as number[] };
    for (let i = 0; i < ${TURNS}; i++) {
      times.own.push(await score());
      times.bare.push(await loop());
    }
    console.log(JSON.stringify(times));
  }`);
  const overlap = await overlapping(kernel);
  kernel.close();
  const rate = (milliseconds) => (COUNT / milliseconds) * 1000;
  const ratios = times.own.map((own, i) => (times.bare[i] + times.bare[i + 1]) / 2 / own);

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
    {
      name: "images a second by the judge, in a cell",
      value: rate(median(times.own)),
      unit: "/ s",
      beside: `bare loop ${rate(median(times.bare)).toFixed(0)} / s`,
    },
    {
      name: "throughput relative to the bare loop, median",
      value: median(ratios),
      unit: "",
      target: 0.95,
      at: "least",
    },
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
