/** The part of `node:timers/promises` that the suites of the web extension host use. */
export const setTimeout = (milliseconds: number): Promise<void> =>
  new Promise((done) => void globalThis.setTimeout(done, milliseconds));
