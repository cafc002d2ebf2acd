/** As many pictures as have the pixels of one of 512 x 512, where attention and activations of one take gigabytes; 16 at most. */
export function autoBatch([, height, width]: readonly [number, number, number]): number {
  return Math.max(1, Math.min(16, Math.floor(2 ** 18 / (height * width))));
}
