// Draws every emoji of every icon package at one size, flattened on white, and writes
//   emoji32.u8   the pictures, uint8 RGB [N, size, size, 3] in the order of index.json
//   index.json   styles, concepts with captions, and (concept, style) per picture
// into $DNB_TRAINING_DIR/emoji (or training/.work/emoji).
//   npm install && npm run build [-- --size 64]
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { concepts, pictures } from "./match.mjs";
import { SOURCES } from "./sources.mjs";

const { values } = parseArgs({ options: { size: { type: "string", default: "32" } } });
const size = Number(values.size);
const root = process.env.DNB_TRAINING_DIR ?? path.join(import.meta.dirname, "..", ".work");
const folder = path.join(root, "emoji");
mkdirSync(folder, { recursive: true });
sharp.concurrency(1);

/** One picture, drawn large and reduced, so that thin lines survive. */
async function draw(picture) {
  const input = picture.file ?? Buffer.from(picture.svg);
  const large = await sharp(input)
    .resize(256, 256, { fit: "contain", background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .png()
    .toBuffer();
  const out = sharp(large).flatten({ background: "#fff" }).toColourspace("srgb").removeAlpha();
  return out.resize(size, size, { kernel: "mitchell" }).raw().toBuffer();
}

const began = performance.now();
const all = concepts();
const found = SOURCES.map((source) => pictures(source, all));
const kept = all.map((_, index) => index).filter((index) => found.some((list) => list[index]));
const pixels = [];
const images = [];
const failures = [];
for (const [at, index] of kept.entries()) {
  for (const [style, list] of found.entries()) {
    if (!list[index]) continue;
    try {
      const data = await draw(list[index]);
      if (data.length !== size * size * 3) throw new Error(`${data.length} bytes`);
      pixels.push(data);
      images.push([at, style]);
    } catch (error) {
      failures.push(`${SOURCES[style].style} ${all[index].label}: ${error.message}`);
    }
  }
}
const write = (name, data) => {
  writeFileSync(path.join(folder, `${name}.tmp`), data);
  renameSync(path.join(folder, `${name}.tmp`), path.join(folder, name));
};
const index = {
  size,
  styles: SOURCES.map(({ style, family, art, licence, package: source }) => ({
    style,
    family,
    art,
    licence,
    source,
  })),
  concepts: kept.map((k) => {
    const { label, emoji, hex, group, subgroup, words, tags } = all[k];
    return { label, emoji, hex, group, subgroup, words, tags };
  }),
  images,
};
write(`emoji${size}.u8`, Buffer.concat(pixels));
write("index.json", JSON.stringify(index));
for (const failure of failures) console.error(failure);
SOURCES.forEach((source, style) =>
  console.log(`${source.style.padEnd(11)} ${images.filter(([, s]) => s === style).length}`),
);
console.log(
  `${images.length} pictures, ${kept.length} concepts, ${failures.length} failures, ${((performance.now() - began) / 1000).toFixed(0)} s`,
);
process.exitCode = failures.length ? 1 : 0;
