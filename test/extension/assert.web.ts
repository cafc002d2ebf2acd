/** The part of `node:assert/strict` that the suites of the web extension host use, where there is no Node. */
const assert = {
  ok(value: unknown, message?: string): asserts value {
    if (!value) fail(message ?? `expected a truthy value, found ${text(value)}`);
  },
  equal(actual: unknown, expected: unknown, message?: string): void {
    if (!Object.is(actual, expected)) fail(message ?? `expected ${text(expected)}, found ${text(actual)}`);
  },
  /** Of values that JSON can say. */
  deepEqual(actual: unknown, expected: unknown, message?: string): void {
    if (text(actual) !== text(expected)) fail(message ?? `expected ${text(expected)}, found ${text(actual)}`);
  },
  match(actual: string, pattern: RegExp, message?: string): void {
    if (!pattern.test(actual)) fail(message ?? `expected ${String(pattern)}, found ${text(actual)}`);
  },
  async rejects(action: () => PromiseLike<unknown>, pattern: RegExp): Promise<void> {
    let outcome: unknown;
    try {
      outcome = await action();
    } catch (error) {
      assert.match(error instanceof Error ? error.message : String(error), pattern);
      return;
    }
    fail(`expected a rejection that matches ${String(pattern)}, found ${text(outcome)}`);
  },
  fail,
};

export default assert;

function fail(message: string): never {
  throw new Error(message);
}

const text = (value: unknown): string => JSON.stringify(value) ?? String(value);
