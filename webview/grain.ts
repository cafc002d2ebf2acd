import type { Pen } from "./pen.js";

/**
 * What stands for a picture that there is not: noise before its first step. The same each time, so that two views agree to the pixel.
 */
export function drawGrain(context: Pen, x: number, y: number, size: number, colour: string): void {
  const grains = 9;
  const edge = size / grains;
  context.save();
  context.fillStyle = colour;
  for (let i = 0; i < grains * grains; i++) {
    context.globalAlpha = 0.65 * scatter(i + 1);
    context.fillRect(x + (i % grains) * edge, y + Math.floor(i / grains) * edge, edge, edge);
  }
  context.restore();
}

/** An integer hash (Wellons' lowbias32) as 0..1. */
function scatter(n: number): number {
  n = Math.imul(n ^ (n >>> 16), 0x7feb352d);
  n = Math.imul(n ^ (n >>> 15), 0x846ca68b);
  return ((n ^ (n >>> 16)) >>> 0) / 2 ** 32;
}
