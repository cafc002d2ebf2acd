import { readFileSync } from "node:fs";

export interface Reference {
  sets: { size: number; a: number; b: number; dead: number; frechet: number; kid: number }[];
  ranks: { a: number[]; b: number[]; rho: number | null; midranks: number[] }[];
  inception: { p: number[][]; score: number };
  distributions: {
    normalCdf: [number, number][];
    normalQuantile: [number, number][];
    studentCdf: [number, number, number][];
    studentQuantile: [number, number, number][];
  };
}

export const reference = JSON.parse(
  readFileSync("test/fixtures/evaluation/reference.json", "utf8"),
) as Reference;

/** The features of training/fixtures/evaluation.py. */
export function hashedFeatures(
  seed: number,
  count: number,
  size: number,
  mix: number,
  shift: number,
  dead = 0,
): Float64Array[] {
  return Array.from({ length: count }, (_, row) => {
    const raw = Float64Array.from({ length: size }, (_, i) => hash(row * size + i + seed * 7919) / 2 ** 32);
    return raw.map((value, i) => (i < dead ? 0.25 : value + mix * raw[(i + size - 1) % size]! + shift));
  });
}

function hash(index: number): number {
  let word = (Math.imul(index, 2654435761) + 12345) >>> 0;
  word = Math.imul(word ^ (word >>> 15), 2246822519) >>> 0;
  word = Math.imul(word ^ (word >>> 13), 3266489917) >>> 0;
  return (word ^ (word >>> 16)) >>> 0;
}
