/** How many entries of a record could not be read. */
export interface Oddities {
  candidates: number;
  scores: number;
  pictures: number;
}

export function noOddities(): Oddities {
  return { candidates: 0, scores: 0, pictures: 0 };
}
