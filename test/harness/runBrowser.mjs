// Runs the suites of test/extension in a VS Code shown by a browser. Arguments: names of runs (default: all but the extra ones).
import { browserRun } from "./browserRun.mjs";
import { runs } from "./runs.mjs";
import { runAll } from "./runAll.mjs";

const pictures = process.env.DNB_PICTURES ?? "out/test";
const names = process.argv.slice(2);
const chosen = names.length
  ? runs.filter((run) => names.includes(run.name))
  : runs.filter((run) => !run.extra);

await runAll({
  chosen,
  page: true,
  start: (run, expected) =>
    browserRun({
      run,
      expected,
      extension: ".",
      tests: run.tests ?? "dist/test/extension.js",
      pictures: run.name === "screenshots" ? "screenshots" : pictures,
    }),
});
