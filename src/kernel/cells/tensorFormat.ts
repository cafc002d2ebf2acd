import { imageFrom, type Image } from "../../search/index.js";
import { MIME, type WireItem } from "../protocol.js";
import { contactSheet } from "./contactSheet.js";
import { pngItem } from "./imageFormats.js";

/** Larger planes are drawn from every nth value; as many planes as a contact sheet has room for. */
const LARGEST = 256;
const MOST_PLANES = 64;
/** Values of a small tensor are written out. */
const FEW = 16;

/** Anything with `data` and `shape` (or `dims`, as onnxruntime has it) that fit: shape, least, largest and mean value, and a picture of its planes. */
export function formatTensor(value: unknown): readonly WireItem[] | undefined {
  const tensor = tensorIn(value);
  if (!tensor) return undefined;
  const range = rangeOf(tensor.data);
  const sheet = range.count ? contactSheet(planes(tensor, range)) : undefined;
  const plain = { mime: MIME.plain, text: describe(tensor, range) };
  return sheet ? [pngItem(sheet), plain] : [plain];
}

type Values = ArrayLike<number | bigint>;

interface Shaped {
  readonly type: string;
  readonly data: Values;
  readonly shape: readonly number[];
}

interface Range {
  /** Of the finite values. */
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

function tensorIn(value: unknown): Shaped | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { data, shape, dims } = value as Record<string, unknown>;
  const sizes = shape ?? dims;
  if (!ArrayBuffer.isView(data) || data instanceof DataView || !Array.isArray(sizes)) return undefined;
  if (!sizes.every((size) => Number.isInteger(size) && size >= 0)) return undefined;
  const values = data as unknown as Values;
  const fits = (sizes as number[]).reduce((product, size) => product * size, 1) === values.length;
  const type = data.constructor.name
    .replace(/Array$/, "")
    .replace("Clamped", "")
    .toLowerCase();
  return fits ? { type, data: values, shape: sizes as number[] } : undefined;
}

function rangeOf(data: Values): Range {
  let [min, max, sum, count] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { count, min, max, mean: sum / count };
}

function describe({ type, data, shape }: Shaped, { count, min, max, mean }: Range): string {
  const short = (value: number): string => String(Number(value.toPrecision(6)));
  const strange = data.length - count;
  const parts = [
    `Tensor ${type} [${shape.join(", ")}]`,
    ...(count ? [`min ${short(min)}, max ${short(max)}, mean ${short(mean)}`] : []),
    ...(strange ? [`${strange} not finite`] : []),
  ];
  const few = data.length > 0 && data.length <= FEW;
  const values = few ? `: ${Array.from(data, (value) => short(Number(value))).join(", ")}` : "";
  return parts.join(", ") + values;
}

/** Last two sizes are height and width; three planes before them are red, green and blue, others are drawn one by one, from least to largest. */
function planes({ data, shape }: Shaped, { min, max }: Range): readonly Image[] {
  const [height = 0, width = 0] = shape.slice(-2);
  if (shape.length < 2 || height < 2 || width < 2) return [];
  const channels = shape.at(-3) === 3 ? 3 : 1;
  const count = Math.min(MOST_PLANES, data.length / (height * width * channels));
  const step = Math.ceil(Math.max(height, width) / LARGEST);
  const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)];
  const scale = max > min ? 255 / (max - min) : 0;
  return Array.from({ length: count }, (_, plane) => {
    const pixels = new Uint8Array(rows * columns * channels);
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++)
        for (let c = 0; c < channels; c++) {
          const at = ((plane * channels + c) * height + y * step) * width + x * step;
          // What is not finite is black.
          pixels[(y * columns + x) * channels + c] = Math.round((Number(data[at]) - min) * scale);
        }
    return imageFrom(pixels, columns, rows, channels);
  });
}
