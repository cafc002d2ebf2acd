import { runCached } from "./codeCache.js";

// The bundle that this thread is for; cells need not see it.
const [script] = process.argv.splice(2, 1);
const folder = process.env["DNB_CODE_CACHE"];
delete process.env["DNB_CODE_CACHE"];

if (script !== undefined) runCached(script, folder);
