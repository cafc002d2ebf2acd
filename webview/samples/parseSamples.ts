import type { SamplesOutput } from "../../src/kernel/protocol.js";
import { noOddities } from "../state/oddities.js";
import { parseAtlas } from "../state/parseAtlas.js";

/** More than this are no samples to be looked at. */
const MOST = 4096;
/** Characters of a seed: 64 bits have 20. */
const LONGEST = 24;

export class SamplesError extends Error {
  override readonly name = "SamplesError";
  constructor(what: string, expected: string) {
    super(`These images cannot be drawn: ${what} should be ${expected}.`);
  }
}

/** Throws SamplesError for what has no picture to show; what is odd beside that is left out. */
export function parseSamples(value: unknown): SamplesOutput {
  if (typeof value !== "object" || value === null) throw new SamplesError("the output", "an object");
  const { version, count, size, seeds, atlas } = value as Readonly<Record<string, unknown>>;
  if (version !== 1) throw new SamplesError("version", "1, the only version known here");
  const chunks = parseAtlas(atlas, noOddities());
  const shown = chunks.reduce((sum, { ids }) => sum + ids.length, 0);
  if (shown === 0 || shown > MOST) throw new SamplesError("atlas", `1 to ${MOST} PNG images`);
  const [width, height] = (Array.isArray(size) ? size : []).map((side) => (isCount(side) ? side : 0));
  return {
    version: 1,
    count: isCount(count) && count >= shown ? count : shown,
    size: [width || chunks[0]!.tile[0], height || chunks[0]!.tile[1]],
    ...(Array.isArray(seeds) && seeds.length === shown && seeds.every(isSeed) ? { seeds } : {}),
    atlas: chunks,
  };
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
const isSeed = (value: unknown): value is string =>
  typeof value === "string" && value.length <= LONGEST && /^-?\d+$/.test(value);
