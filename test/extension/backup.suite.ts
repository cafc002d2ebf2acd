import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { encode } from "fast-png";
import { closeAll, run, show, shown, write } from "./notebooks.js";

suite("A notebook that VS Code can back up", () => {
  teardown(closeAll);

  test("stays one, whatever its cells show and its mode asks for", async () => {
    // Noise: nothing makes it smaller.
    const data = randomBytes(1000 * 1100);
    await write("noise.png", encode({ width: 1100, height: 1000, channels: 1, depth: 8, data }));
    const source = [
      'import { display, loadImage } from "dnb";',
      'const noise = await loadImage("noise.png");',
      "for (let i = 0; i < 6; i++) display(noise);",
    ];
    const cells = ["first", "second"].map((id) => ({ id, kind: "code", source, outputs: [] }));
    const uri = await write("large.dnb", JSON.stringify({ dnb: 1, meta: { outputs: "embed" }, cells }));
    const notebook = await show(uri);
    await run(notebook, 0, 2);
    const outputs = notebook.getCells().flatMap((cell) => cell.outputs);
    assert.equal(outputs.length, 12);
    const bytes = outputs.flatMap(({ items }) => items).reduce((sum, { data }) => sum + data.byteLength, 0);
    // notebook.backup.sizeLimit is 10 000 kB.
    assert.ok(bytes > 7_000_000 && bytes < 9_000_000, String(bytes));
    const notes = notebook
      .getCells()
      .map((cell) => shown(cell).filter(([, text]) => /not kept\. It holds/.test(text)).length);
    assert.deepEqual(notes, [0, 5], JSON.stringify(notes));
  });
});
