// `npm run bench [-- name ...]`: every file beside this one, or those named. Exit code 1 if a figure misses what is promised.
import { readdirSync } from "node:fs";

const all = readdirSync(new URL(".", import.meta.url))
  .filter((file) => file.endsWith(".mjs") && file !== "run.mjs" && file !== "figures.mjs")
  .map((file) => file.slice(0, -4));
const names = process.argv.slice(2);
const unknown = names.filter((name) => !all.includes(name));
if (unknown.length) {
  console.error(`There is no benchmark ${unknown.join(", ")}; there are: ${all.join(", ")}.`);
  process.exit(2);
}
let missed = 0;
for (const name of names.length ? names : all) {
  const { default: bench } = await import(`./${name}.mjs`);
  console.log(`\n${name}`);
  missed += await bench();
}
process.exit(missed ? 1 : 0);
