import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cellPictures } from "../../../src/cli/report/cellPictures.js";
import { markdownPage } from "../../../src/cli/report/markdownPage.js";

const root = realpathSync(mkdtempSync(join(tmpdir(), "dnb-pictures-")));
const folder = join(root, "lab");
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bytes: Readonly<Record<string, string>> = {
  "a.png": "\x89PNG\r\n\x1a\nrest",
  "my photo.jpg": "\xff\xd8\xffrest",
  "b.gif": "GIF89a",
  "c.webp": "RIFF\0\0\0\0WEBPVP8 ",
  "d.svg": '<?xml version="1.0"?>\n<!-- made -->\n<!DOCTYPE svg>\n<svg xmlns="x"/>',
  "notes.png": "SECRET=1",
  ".cache/e.png": "\x89PNG\r\n\x1a\n",
  "page.svg": "<html><svg></svg></html>",
};
beforeAll(() => {
  mkdirSync(join(folder, ".cache"), { recursive: true });
  for (const [name, content] of Object.entries(bytes))
    writeFileSync(join(folder, name), Buffer.from(content, "latin1"));
  writeFileSync(join(root, "outside.png"), "\x89PNG\r\n\x1a\n");
  symlinkSync(join(root, "outside.png"), join(folder, "link.png"));
});

const cell = (attachments: unknown = {}) => ({
  ...{ id: "a", kind: "markdown" as const, source: ["![x](attachment:a%20b.png) ![y](attachment:none.png)"] },
  ...{ outputs: [], extra: { "x-ipynb": { attachments } } },
});
const picture = (address: string) => cellPictures(cell(), folder)(address);

test.each([
  ["a.png", "image/png"],
  ["./a.png?raw=1#top", "image/png"],
  ["my%20photo.jpg", "image/jpeg"],
  ["b.gif", "image/gif"],
  ["c.webp", "image/webp"],
  ["d.svg", "image/svg+xml"],
  [".cache/e.png", "image/png"],
])("%s is in the page as %s", (address, mime) => {
  expect(picture(address)).toEqual({
    data: expect.stringMatching(`^data:${mime.replace("+", "\\+")};base64,`),
  });
});

test.each([
  ["../outside.png", "outside of the notebook's folder"],
  ["link.png", "outside of the notebook's folder"],
  ["/etc/passwd", "outside of the notebook's folder"],
  ["none.png", "there was no file none.png"],
  [".", "there was no file"],
  ["notes.png", "no PNG, JPEG, GIF, WebP or SVG file"],
  ["page.svg", "no PNG, JPEG, GIF, WebP or SVG file"],
  ["https://x.invalid/a.png", "asks nothing of the network"],
  ["//x.invalid/a.png", "asks nothing of the network"],
  ["a\u0000.png", "there was no file"],
])("%s is not in the page, which says why", (address, why) => {
  expect(picture(address)).toEqual({ missing: expect.stringContaining(why) });
});

test("attachments of a Jupyter notebook are in the page, and in Markdown, unless they are no pictures", () => {
  const attached = cell({ "a b.png": { "image/png": "iVBO\nRw0K" }, "bad.png": { "text/html": "<script>" } });
  const find = cellPictures(attached, folder);
  expect(find("attachment:a%20b.png")).toEqual({ data: "data:image/png;base64,iVBORw0K" });
  for (const name of ["bad.png", "none.png", "__proto__"])
    expect(find(`attachment:${name}`)).toEqual({ missing: `the cell has no attachment ${name}` });
  expect(markdownPage({ dnb: 1, meta: {}, cells: [attached], extra: {} })).toBe(
    "![x](data:image/png;base64,iVBORw0K) ![y](attachment:none.png)\n",
  );
});

test("a picture with many words is in Markdown with them as a text before it, and its first line stands for it", () => {
  const drawn = (plain: string) =>
    markdownPage({
      ...{ format: 1, metadata: {}, extra: {} },
      cells: [
        {
          ...{ id: "a", kind: "code", source: [""], extra: {} },
          outputs: [
            {
              items: [
                { mime: "image/svg+xml", text: "<svg/>", extra: {} },
                { mime: "text/plain", text: plain, extra: {} },
              ],
              extra: {},
            },
          ],
        },
      ],
    } as never);
  const image = (alt: string) => `![${alt}](data:image/svg+xml;base64,${btoa("<svg/>")})\n`;
  expect(drawn("a chart")).toBe(image("a chart"));
  const table = "Comparison: [2] seeds\n\nat 8 NFE  judge\nrandom    0.5";
  expect(drawn(table)).toBe(`\`\`\`text\n${table}\n\`\`\`\n\n${image("Comparison: \\[2\\] seeds")}`);
});
