import { defineConfig } from "vitest/config";

// Suites of test/extension end in .suite.ts: they need a VS Code around them.
const all = ["test/**/*.test.ts"];
const harness = ["test/harness/**/*.test.ts"];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A condition that comes late on a busy machine has come; the default of one second tells of the machine.
    expect: { poll: { timeout: 10_000 } },
    pool: "forks",
    // What one test computes must not make another one cheaper.
    env: { DNB_CACHE: "none" },
    // Models and kernels use several threads each: more files at a time would only wait for one another.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "unit", include: all, exclude: harness, sequence: { groupOrder: 0 } } },
      // Starts whole VS Codes, so it waits until nothing beside it measures time.
      { extends: true, test: { name: "harness", include: harness, sequence: { groupOrder: 1 } } },
    ],
  },
});
