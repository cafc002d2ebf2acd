/**
 * One plane at another size as `torch.nn.functional.interpolate(mode="bilinear", align_corners=False, antialias=False)` makes it: two
 * neighbours along each axis whatever the ratio, so it aliases when the image shrinks. The Fréchet distance of pytorch-fid is defined with it.
 * Positions and weights in float32, as torch has them.
 */
export function torchBilinear(
  plane: Float32Array,
  width: number,
  height: number,
  toWidth: number,
  toHeight: number,
): Float32Array {
  const columns = neighbours(width, toWidth);
  const rows = neighbours(height, toHeight);
  const output = new Float32Array(toWidth * toHeight);
  for (let y = 0; y < toHeight; y++) {
    const upper = rows.first[y]! * width;
    const lower = rows.second[y]! * width;
    const down = rows.weight[y]!;
    for (let x = 0; x < toWidth; x++) {
      const left = columns.first[x]!;
      const right = columns.second[x]!;
      const across = columns.weight[x]!;
      const above = plane[upper + left]! * (1 - across) + plane[upper + right]! * across;
      const below = plane[lower + left]! * (1 - across) + plane[lower + right]! * across;
      output[y * toWidth + x] = above * (1 - down) + below * down;
    }
  }
  return output;
}

/** For each output position its two inputs and the weight of the second. */
function neighbours(
  inputs: number,
  outputs: number,
): { readonly first: Int32Array; readonly second: Int32Array; readonly weight: Float32Array } {
  const scale = Math.fround(inputs / outputs);
  const first = new Int32Array(outputs);
  const second = new Int32Array(outputs);
  const weight = new Float32Array(outputs);
  for (let output = 0; output < outputs; output++) {
    const position = Math.max(0, Math.fround(Math.fround(scale * (output + 0.5)) - 0.5));
    const before = Math.min(Math.floor(position), inputs - 1);
    first[output] = before;
    second[output] = Math.min(before + 1, inputs - 1);
    weight[output] = Math.min(1, Math.fround(position - before));
  }
  return { first, second, weight };
}
