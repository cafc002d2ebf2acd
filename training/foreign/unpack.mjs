// Writes the MobileNetV2 of nsfwjs as model.json and weights.bin into $DNB_TRAINING_DIR/foreign.
// In the package they are UMD scripts whose modules return the model's description and base64 shards.
//   npm install && node unpack.mjs
import { createRequire } from "node:module";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

const require = createRequire(import.meta.url);
const source = path.join(import.meta.dirname, "node_modules/nsfwjs/dist/models/mobilenet_v2_mid");
const plain = (loaded) => loaded.default ?? loaded;
const model = plain(require(path.join(source, "model.min.js")));
const shards = model.weightsManifest.flatMap((group) => group.paths);
const weights = Buffer.concat(
  shards.map((_, k) =>
    Buffer.from(plain(require(path.join(source, `group1-shard${k + 1}of${shards.length}.min.js`))), "base64"),
  ),
);
const root = process.env.DNB_TRAINING_DIR ?? path.join(import.meta.dirname, "..", ".work");
const folder = path.join(root, "foreign");
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, "model.json"), JSON.stringify(model));
writeFileSync(path.join(folder, "weights.bin"), weights);
console.log(`${model.modelTopology.node.length} nodes, ${weights.length} bytes of weights in ${folder}`);
