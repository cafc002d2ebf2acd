// How far pictures are from those of the training set, in the features of `judge-foreign`.
import { build } from "esbuild";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Of each arm (rows with base64 `found.pixels`): the Fréchet distance where there are enough pictures for one, and the kernel distance. */
export async function distancesFrom(training, arms, kernel) {
  const folder = mkdtempSync(join(tmpdir(), "dnb-quality-"));
  const [from, to] = [join(folder, "pictures.rgb"), join(folder, "features.f32")];
  const featuresOf = async (pictures) => {
    writeFileSync(from, Buffer.concat(pictures));
    const length = await kernel.ask(`await writeFeatures(${JSON.stringify(from)}, ${JSON.stringify(to)});`);
    const values = new Float32Array(Uint8Array.from(readFileSync(to)).buffer);
    return pictures.map((_, k) => values.subarray(length * k, length * (k + 1)));
  };
  try {
    const { frechetDistance, kernelDistance } = await evaluation(folder);
    const reference = await featuresOf(training);
    const found = [];
    for (const arm of arms) {
      const own = await featuresOf(arm.map((row) => Buffer.from(row.found.pixels, "base64")));
      const enough = own.length > own[0].length;
      found.push({
        ...{ arm, pictures: own.length, kernel: kernelDistance(own, reference).distance },
        ...(enough ? { frechet: frechetDistance(own, reference).distance } : {}),
      });
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As the package has them, bundled for this process. */
async function evaluation(folder) {
  const outfile = join(folder, "evaluation.mjs");
  const contents = `export * from "./frechet.js"; export * from "./kernelDistance.js";`;
  const stdin = { contents, resolveDir: "src/search/evaluation", loader: "ts" };
  await build({ stdin, outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
  return import(pathToFileURL(outfile).href);
}
