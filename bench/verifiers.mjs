// Verifiers through a cell, the kernel and its engine, beside the bare loop of InferenceSession.run over the same batches; and Pillow's resize.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { build } from "esbuild";
import { median, report, startKernel, timed } from "./figures.mjs";

const COUNT = 512;
const BATCH = 16;
const TURNS = 9;

export default async function bench() {
  const folder = join(process.env.DNB_MODELS || resolve("media/models"), "fashion");
  const card = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const judge = card.verifiers.find(({ name }) => name === "judge");
  const session = await InferenceSession.create(readFileSync(join(folder, judge.file)), {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  const size = card.image.reduce((product, side) => product * side, BATCH);
  const feeds = {
    x: new Tensor(
      "float32",
      Float32Array.from({ length: size }, () => Math.random() * 2 - 1),
      [BATCH, ...card.image],
    ),
  };
  const bare = async () => {
    for (let i = 0; i < COUNT / BATCH; i++) await session.run(feeds);
  };

  const kernel = await startKernel();
  const [channels, height, width] = card.image;
  await kernel.run(
    `import { openSession, imageFrom } from 'dnb'; const session = await openSession('fashion', { batch: ${BATCH} }); let next = 1;
     // New pictures each time: known ones cost nothing.
     const pictures = () => Array.from({ length: ${COUNT} }, () => { const seed = next++; return imageFrom(Uint8Array.from({ length: ${channels * height * width} }, (_, i) => Math.imul(i + seed, 2654435761) >>> 24), ${width}, ${height}, ${channels}); });
     let given = pictures()`,
  );
  const prepare = () => kernel.run("given = pictures(); void 0");
  const score = () =>
    kernel.run("await session.verifiers.judge.score(given, session.model.labels![3]!); void 0");
  await bare();
  await score();
  const times = { bare: [], kernel: [] };
  // In turns, so that whatever else the machine does burdens both.
  for (let i = 0; i < TURNS; i++) {
    await prepare();
    times.bare.push(await timed(bare));
    times.kernel.push(await timed(score));
  }
  kernel.close();
  await session.release();
  const rate = (milliseconds) => (COUNT / milliseconds) * 1000;
  const ratios = times.bare.map((milliseconds, i) => milliseconds / times.kernel[i]);

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
      value: rate(median(times.kernel)),
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
    {
      name: "Pillow's bicubic 512 to 224, input",
      value: source.data.length / 1000 / median(resizes),
      unit: "MB/s",
      target: 40,
      at: "least",
    },
  ]);
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
