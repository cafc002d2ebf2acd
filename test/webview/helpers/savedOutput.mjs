import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

/**
 * What the last output of a cell is after it was really run and saved; `node build.mjs` comes before.
 * @param {string} source of the cell
 * @param {object} meta of the notebook, e.g. { outputs: "embed" } to keep all thumbnails
 * @returns {Promise<{ items: { mime: string, json?: any, base64?: string }[] }>}
 */
export async function savedOutput(source, meta = {}) {
  const folder = mkdtempSync(join(tmpdir(), "dnb-saved-"));
  try {
    const cells = [{ id: "k3f9a2", kind: "code", source: source.split("\n"), outputs: [] }];
    const [input, output] = ["in.dnb", "out.dnb"].map((name) => join(folder, name));
    writeFileSync(input, JSON.stringify({ dnb: 1, meta, cells }));
    await promisify(execFile)(process.execPath, [resolve("dist/cli.js"), "run", input, "-o", output]);
    return JSON.parse(readFileSync(output, "utf8")).cells[0].outputs.at(-1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of such an output, the search: its record with lists in columns, and its thumbnails. */
export const searchOf = ({ items }) =>
  items.find(({ mime }) => mime.startsWith("application/vnd.dnb.search")).json;
