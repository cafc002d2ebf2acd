import type { RunResult } from "../run/runCells.js";
import { escapeHtml } from "./escapeHtml.js";

/** JUnit's XML, as CI systems read it: a test case for each code cell. */
export function junitReport(name: string, { cells, milliseconds }: RunResult): string {
  const failed = cells.filter(({ outcome, allowed }) => outcome === "error" && !allowed).length;
  const broken = cells.filter(({ outcome }) =>
    ["interrupted", "timeout", "crashed"].includes(outcome),
  ).length;
  const skipped = cells.filter(({ outcome }) => outcome === "skipped").length;
  const cases = cells.map(({ cell, number, outcome, allowed, milliseconds: time, error }) => {
    const head = `<testcase classname="${xml(name)}" name="cell ${number} (${xml(cell)})" time="${seconds(time)}"`;
    if (outcome === "skipped") return `  ${head}><skipped/></testcase>`;
    if (!error || allowed) return `  ${head}/>`;
    const element = outcome === "error" ? "failure" : "error";
    const where = error.line === undefined ? "" : ` (line ${error.line})`;
    const text = xml(error.stack ?? error.message);
    return `  ${head}><${element} type="${xml(error.name)}" message="${xml(error.message + where)}">${text}</${element}></testcase>`;
  });
  const counts = `tests="${cells.length}" failures="${failed}" errors="${broken}" skipped="${skipped}" time="${seconds(milliseconds)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts}>
 <testsuite name="${xml(name)}" ${counts}>
${cases.join("\n")}
 </testsuite>
</testsuites>
`;
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

/** XML 1.0 has no place for most control characters and for halves of a surrogate pair, not even escaped. */
const xml = (text: string): string =>
  escapeHtml(text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd"));
