// Bundles everything that runs. `node build.mjs` once, `node build.mjs --watch` while working.
import { context, build } from "esbuild";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { suitesPlugin } from "./test/harness/suitesPlugin.mjs";

const node = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  sourcemap: true,
  minify: true,
  keepNames: true,
};
/** Of ts-morph the kernel uses only the TypeScript inside it, which alone loads in half the time of the whole. */
const bareTypeScript = {
  name: "bare-typescript",
  setup(build) {
    build.onResolve({ filter: /^ts-morph$/ }, ({ path }) => ({ path, namespace: "bare-typescript" }));
    build.onLoad({ filter: /.*/, namespace: "bare-typescript" }, () => ({
      contents: `export { default as ts } from "@ts-morph/common/dist/typescript.js";`,
      resolveDir: process.cwd(),
    }));
  },
};
const browser = {
  bundle: true,
  platform: "browser",
  target: "es2022",
  sourcemap: true,
  minify: true,
  loader: { ".css": "text" },
};

/** Each bundle: where it starts, where it ends, and what it must find at run time. */
const bundles = [
  { ...node, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", external: ["vscode"] },
  { ...node, entryPoints: ["src/kernel/control/main.ts"], outfile: "dist/kernel.js" },
  { ...node, entryPoints: ["src/kernel/boot/main.ts"], outfile: "dist/boot.js" },
  { ...node, entryPoints: ["src/kernel/cells/main.ts"], outfile: "dist/cells.js" },
  {
    ...node,
    entryPoints: ["src/kernel/compiler/main.ts"],
    outfile: "dist/compiler.js",
    // The kernel's cold start waits for this bundle: names would be given back to thousands of functions, one call each.
    keepNames: false,
    plugins: [bareTypeScript],
  },
  { ...node, entryPoints: ["src/kernel/plot/main.ts"], outfile: "dist/plot.js" },
  {
    ...node,
    entryPoints: ["src/kernel/pictures/main.ts"],
    outfile: "dist/pictures.js",
    // The WebP decoder asks where it lies, to find its WebAssembly; it is given that, so it need not know.
    define: { "import.meta.url": '"file:///"' },
  },
  {
    ...node,
    entryPoints: ["src/kernel/engine/main.ts"],
    outfile: "dist/engine.js",
    external: ["onnxruntime-node"],
  },
  { ...node, entryPoints: ["src/cli/main.ts"], outfile: "dist/cli.js" },
  { ...node, entryPoints: ["src/language/parameters/main.ts"], outfile: "dist/parameters.js" },
  { ...browser, format: "esm", entryPoints: ["webview/renderer.ts"], outfile: "dist/renderer.js" },
  { ...browser, format: "esm", entryPoints: ["webview/report/renderer.ts"], outfile: "dist/report.js" },
  { ...browser, format: "iife", entryPoints: ["webview/ui/inspector.ts"], outfile: "dist/inspector.js" },
  {
    ...browser,
    format: "iife",
    globalName: "dnb",
    entryPoints: ["webview/page.ts"],
    outfile: "dist/page.js",
  },
  {
    ...node,
    entryPoints: ["test/extension/index.ts"],
    outfile: "dist/test/extension.js",
    external: ["vscode", "mocha"],
    minify: false,
    plugins: [suitesPlugin("test/extension")],
  },
].filter((bundle) => existsSync(bundle.entryPoints[0]));

mkdirSync("dist", { recursive: true });
// libwebp, read from beside dist/pictures.js when a cell loads its first WebP.
copyFileSync("node_modules/@jsquash/webp/codec/dec/webp_dec.wasm", "dist/webp_dec.wasm");
const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const chosen = names.length
  ? bundles.filter((bundle) => names.some((name) => bundle.outfile.endsWith(`/${name}.js`)))
  : bundles;
if (process.argv.includes("--watch")) {
  for (const bundle of chosen) await (await context({ ...bundle, logLevel: "info" })).watch();
} else {
  const results = await Promise.all(
    chosen.map((bundle) => build({ ...bundle, metafile: true, logLevel: "warning" })),
  );
  // The size test reads this: which files went into which bundle, and how large it became.
  const outputs = Object.assign({}, ...results.map((result) => result.metafile.outputs));
  if (!names.length) writeFileSync("dist/meta.json", JSON.stringify(outputs));
}
