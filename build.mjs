// Bundles everything that runs. `node build.mjs` once, `node build.mjs --watch` while working.
import { context, build } from "esbuild";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
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
/** Mocha's build for browsers is a script, which its package calls a module: it must not take the bundle's `module` for its own. */
const mochaScript = {
  name: "mocha-script",
  setup(build) {
    build.onLoad({ filter: /mocha[\\/]mocha\.js$/ }, ({ path }) => ({
      contents: `{ const module = undefined, exports = undefined;\n${readFileSync(path, "utf8")}\n}`,
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
  // For a window in a browser. Node's modules are not there, so that one that comes along fails here.
  {
    ...browser,
    format: "cjs",
    entryPoints: ["src/extension.web.ts"],
    outfile: "dist/extension.web.js",
    external: ["vscode"],
  },
  {
    ...node,
    entryPoints: ["src/editor/language/main.ts"],
    outfile: "dist/languageClient.js",
    external: ["vscode"],
  },
  {
    ...node,
    entryPoints: ["src/language/server/main.ts"],
    outfile: "dist/language.js",
    keepNames: false,
    plugins: [bareTypeScript],
  },
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
  { ...browser, format: "esm", entryPoints: ["webview/samples/renderer.ts"], outfile: "dist/samples.js" },
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
  {
    ...browser,
    format: "cjs",
    entryPoints: ["test/extension/index.web.ts"],
    outfile: "dist/test/extension.web.js",
    external: ["vscode"],
    minify: false,
    alias: {
      "node:assert/strict": "./test/extension/assert.web.ts",
      "node:timers/promises": "./test/extension/timers.web.ts",
    },
    plugins: [mochaScript, suitesPlugin("test/extension", { web: true })],
  },
].filter((bundle) => existsSync(bundle.entryPoints[0]));

mkdirSync("dist", { recursive: true });
// libwebp, read from beside dist/pictures.js when a cell loads its first WebP.
// What parameters cells may import types from, read from beside dist/parameters.js.
copyFileSync("src/language/dnb.d.ts", "dist/dnb.d.ts");
copyFileSync("node_modules/@jsquash/webp/codec/dec/webp_dec.wasm", "dist/webp_dec.wasm");
copyTypes();
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

/** What the language server knows of the world: TypeScript's libraries, Node, "dnb", and the package that cells have without installing it. */
function copyTypes() {
  const declarations = (source) => !/\.[cm]?[jt]sx?$/.test(source) || /\.d\.[cm]?ts$/.test(source);
  const lib = "node_modules/typescript/lib";
  mkdirSync("dist/types/lib", { recursive: true });
  for (const name of readdirSync(lib))
    if (/^lib\.(es|decorators).*\.d\.ts$/.test(name))
      copyFileSync(`${lib}/${name}`, `dist/types/lib/${name}`);
  for (const name of ["@types/node", "undici-types", "@observablehq/plot"])
    cpSync(`node_modules/${name}`, `dist/types/node_modules/${name}`, {
      recursive: true,
      filter: (source) => declarations(source) && !/[\\/](dist|node_modules)[\\/]?$/.test(source.slice(13)),
    });
  copyFileSync("src/language/dnb.d.ts", "dist/types/dnb.d.ts");
}
