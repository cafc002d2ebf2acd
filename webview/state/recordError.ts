/** A record lacks what nothing can be drawn without, or has more than can be. */
export class RecordError extends Error {
  override readonly name = "RecordError";
  constructor(path: string, expected: string) {
    super(`This result cannot be drawn: ${path} should be ${expected}.`);
  }
}
