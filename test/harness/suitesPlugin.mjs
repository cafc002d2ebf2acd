// The list of suites is made from the files on disk when the tests are bundled: none can be forgotten.
import { resolve } from "node:path";
import { isWeb, suiteFiles } from "./runs.mjs";

/**
 * Answers `import suites from "dnb:suites"` with a record from each `*.suite.ts` in `folder` to what loads it: those of the web extension host
 * when `web`, else all others.
 */
export function suitesPlugin(folder, { web = false } = {}) {
  return {
    name: "suites",
    setup(build) {
      build.onResolve({ filter: /^dnb:suites$/ }, () => ({ path: "suites", namespace: "dnb" }));
      build.onLoad({ filter: /^suites$/, namespace: "dnb" }, () => ({
        contents: `export default {${suiteFiles(folder)
          .filter((file) => isWeb(file) === web)
          .map((file) => `${JSON.stringify(file)}: () => require(${JSON.stringify(`./${file}`)})`)
          .join(",\n")}};`,
        resolveDir: resolve(folder),
        watchDirs: [resolve(folder)],
      }));
    },
  };
}
