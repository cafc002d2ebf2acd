/** A picture as its file has it: 8 bit, row by row, 1 = grey, 2 = grey and alpha, 3 = RGB, 4 = RGB and alpha (not premultiplied). */
export interface RawPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly data: Uint8Array;
  /** EXIF block of the file, if it has one: a TIFF header and its entries. */
  readonly exif?: Uint8Array;
}

/** Pixels that a file may have: what Pillow refuses as a decompression bomb, 2^31 / 12 bytes of RGB. */
export const MOST_PIXELS = 178_956_970;

/** Before anything is decoded: a small file can claim to be a huge picture. */
export function checkPixels(width: number, height: number): void {
  if (width < 1 || height < 1) throw new Error(`its size is ${width} x ${height}`);
  if (width * height > MOST_PIXELS) {
    throw new Error(`${width} x ${height} are more than the ${MOST_PIXELS} pixels that are read`);
  }
}
