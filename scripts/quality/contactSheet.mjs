// A contact sheet as SVG: pictures of 32 x 32 in blocks of rows and columns with their names, twice as large.
import { encode } from "fast-png";

const SIDE = 32;
const SCALE = 2;
const CELL = SIDE * SCALE;
const GAP = 8;
const HEAD = 40;
const MARGIN = 16;

/**
 * `blocks`, side by side: `title`, `columns` (their names) and `rows`, each with its `name`, what stands `below` it, and `pictures` (RGB bytes
 * with `marked`, for a frame).
 */
export function contactSheet(blocks) {
  const most = Math.max(...blocks.map(({ rows }) => rows.length));
  // Of the widest name, in whole pixels of the pictures.
  const names = blocks.map(
    ({ rows }) => SCALE * Math.ceil((10 + 6.6 * Math.max(...rows.map(({ name }) => name.length))) / SCALE),
  );
  const widths = blocks.map(({ columns }, b) => names[b] + columns.length * (CELL + GAP) + 2 * MARGIN);
  const width = widths.reduce((sum, one) => sum + one, 0);
  const height = HEAD + most * (CELL + GAP) + MARGIN;
  const sheet = { width: width / SCALE, height: height / SCALE, channels: 3, depth: 8 };
  const data = new Uint8Array(3 * sheet.width * sheet.height).fill(255);
  const drawn = [];
  blocks.forEach(({ title, columns, rows }, b) => {
    const left = widths.slice(0, b).reduce((sum, one) => sum + one, MARGIN);
    const xOf = (column) => left + names[b] + column * (CELL + GAP);
    drawn.push(text(left, 15, title, 'font-weight="600"'));
    columns.forEach((name, column) =>
      drawn.push(text(xOf(column) + CELL / 2, HEAD - 8, name, 'text-anchor="middle" fill="#555"')),
    );
    rows.forEach(({ name, below, pictures }, row) => {
      const y = HEAD + row * (CELL + GAP);
      drawn.push(text(left, y + CELL / 2 + (below ? -4 : 4), name));
      if (below) drawn.push(text(left, y + CELL / 2 + 12, below, 'fill="#555"'));
      pictures.forEach(({ pixels, marked }, column) => {
        paste(data, sheet.width, pixels, xOf(column) / SCALE, y / SCALE);
        if (marked)
          drawn.push(
            `<rect x="${xOf(column) - 1}" y="${y - 1}" width="${CELL + 2}" height="${CELL + 2}" fill="none" stroke="#1a7f37" stroke-width="2"/>`,
          );
      });
    });
  });
  const png = Buffer.from(encode({ ...sheet, data }, { zlib: { level: 9 } })).toString("base64");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2328">
<image width="${width}" height="${height}" style="image-rendering: pixelated" href="data:image/png;base64,${png}"/>
${drawn.join("\n")}
</svg>
`;
}

const text = (x, y, content, more = "") => `<text x="${x}" y="${y}" ${more}>${escaped(content)}</text>`;
const escaped = (content) => content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function paste(data, width, pixels, left, top) {
  for (let y = 0; y < SIDE; y++)
    data.set(pixels.subarray(3 * SIDE * y, 3 * SIDE * (y + 1)), 3 * ((top + y) * width + left));
}
