import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Suites of test/extension end in .suite.ts: they need a VS Code around them.
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Models and kernels use several threads each: more files at a time would only wait for one another.
    maxWorkers: 2,
    pool: "forks",
  },
});
