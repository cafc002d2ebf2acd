const base = process.cwd() + "/test/harness/";
const { browserRun } = await import(base + "browserRun.mjs");
const { runs } = await import(base + "runs.mjs");
const [name, ...expected] = process.argv.slice(2);
console.log(JSON.stringify(await browserRun({ run: runs.find((r) => r.name === name), expected, extension: ".", tests: runs.find((r) => r.name === name).tests ?? "dist/test/extension.js", pictures: "out/test" })).slice(0,1500));
