/**
 * As many pictures as have the pixels of one of 512 x 512, where attention and activations of one take gigabytes; 16 at most. A rule and not a
 * measurement, because it is memory that it guards, which is known only when it is used up; in time there is little to choose from (the fashion
 * model on one thread of a busy processor: 12.8 ms a picture alone, 10.0 in fours, 9.6 in sixteens).
 */
export function autoBatch([, height, width]: readonly [number, number, number]): number {
  return Math.max(1, Math.min(16, Math.floor(2 ** 18 / (height * width))));
}
